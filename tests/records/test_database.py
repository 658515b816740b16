"""The database keeps its promises: durable, private, exclusive writers, named failures."""

import os
import sqlite3
import stat
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, StatementError

from intake.records import database, responses
from intake.records.database import journal_mode, open_database, reading, transaction
from intake.records.errors import CannotStart, DatabaseBusy, DatabaseFull, DatabaseUnreachable, DatabaseUnsafe
from tests.records import clinic
from tests.records.clinic import NOW, Patient, Records


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folder_database_keyring_and_journal_are_for_this_user_only_whatever_the_umask(records: Records):
    clinic.begin(records)
    modes = {path.name: mode_of(path) for path in [records.folder, *records.folder.iterdir()]}
    assert modes.pop("instance") == 0o700
    assert {"intake.sqlite3", "keyring.json"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_the_pragmas_that_answers_rest_on_are_set(records: Records):
    with reading(records.engine) as session:
        got = {name: session.execute(text(f"PRAGMA {name}")).scalar_one() for name in [*database.PRAGMAS, "journal_mode"]}
    assert got == {
        "busy_timeout": 10000,
        "foreign_keys": 1,
        "secure_delete": 1,
        "synchronous": 2,
        "temp_store": 2,
        "trusted_schema": 0,
        "journal_mode": journal_mode(sqlite3.sqlite_version_info),
    }


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "truncate"),
        ((3, 44, 5), "truncate"),
        ((3, 44, 6), "wal"),
        ((3, 45, 0), "truncate"),
        ((3, 50, 6), "truncate"),
        ((3, 50, 7), "wal"),
        ((3, 51, 0), "truncate"),
        ((3, 51, 2), "truncate"),
        ((3, 51, 3), "wal"),
        ((3, 54, 0), "wal"),
    ],
)
def test_wal_is_used_only_where_it_no_longer_loses_commits(version: tuple[int, int, int], mode: str):
    assert journal_mode(version) == mode


def test_a_database_that_does_not_accept_a_pragma_is_not_used():
    with pytest.raises(DatabaseUnsafe, match=r"journal_mode=(truncate|wal)"):
        open_database("sqlite://")  # in memory the journal stays in memory


def test_a_folder_that_cannot_be_made_is_one_named_line(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseUnreachable, match=r"^The database .*/file/db.sqlite3 cannot be opened; check [^\n]*\.$"):
        open_database(f"sqlite:///{tmp_path}/file/db.sqlite3")


def test_a_file_that_is_no_database_is_one_named_line(tmp_path: Path):
    (tmp_path / "db.sqlite3").write_text("these are no pages" * 100)
    with pytest.raises(DatabaseUnreachable):
        open_database(f"sqlite:///{tmp_path}/db.sqlite3")


def test_an_address_that_is_none_is_one_named_line_without_the_address():
    with pytest.raises(DatabaseUnreachable) as caught:
        open_database("secret-password")
    assert "secret-password" not in str(caught.value)


def test_a_postgresql_nobody_answers_at_is_one_named_line_without_the_password():
    with pytest.raises(DatabaseUnreachable) as caught:
        open_database("postgresql+psycopg://intake:secret-password@127.0.0.1:9/intake")
    assert "secret-password" not in str(caught.value)
    assert "127.0.0.1:9" in str(caught.value)


def test_every_refusal_to_start_shares_one_base():
    assert issubclass(DatabaseUnreachable, CannotStart)
    assert issubclass(DatabaseUnsafe, CannotStart)


def test_what_a_block_wrote_is_gone_when_it_raises(records: Records, patient: Patient):
    with pytest.raises(ZeroDivisionError), transaction(records.engine) as session:
        session.execute(text("UPDATE questionnaire_response SET language = 'xx'"))
        _ = 1 // 0
    assert clinic.draft_of(records, patient).language == "en"


def test_a_writer_holds_the_lock_from_its_first_moment(records: Records):
    other = sqlite3.connect(records.folder / "intake.sqlite3", timeout=0)
    with closing(other), transaction(records.engine), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")


def test_readers_read_while_a_writer_has_not_committed(records: Records, patient: Patient):
    with transaction(records.engine) as session:
        session.execute(text("UPDATE questionnaire_response SET language = 'xx'"))
        assert clinic.draft_of(records, patient).language == "en"


def test_reading_cannot_write(records: Records):
    with pytest.raises(DatabaseUnreachable) as caught, reading(records.engine) as session:
        session.execute(text("DELETE FROM throttle"))
    assert "readonly" in str(caught.value.__cause__)
    with transaction(records.engine) as session:
        session.execute(text("DELETE FROM throttle"))


def test_a_lock_that_is_let_go_soon_is_waited_for(records: Records, patient: Patient):
    other = sqlite3.connect(records.folder / "intake.sqlite3", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.5, lambda: other.execute("COMMIT"))
    release.start()
    began = time.monotonic()
    assert clinic.save(records, patient, {"answer": "waited"}) == 2
    assert time.monotonic() - began >= 0.4
    release.join()
    other.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch, records: Records) -> Records:
    """The same records with a short patience, so that a test need not wait for half a minute."""
    monkeypatch.setitem(database.PRAGMAS, "busy_timeout", ("20", 20))
    records.engine.dispose()
    return records


def test_a_lock_that_is_never_let_go_has_a_name_and_nothing_is_written(hasty: Records, patient: Patient):
    with closing(sqlite3.connect(hasty.folder / "intake.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy):
            clinic.save(hasty, patient, {"answer": "lost?"})
    assert clinic.draft_of(hasty, patient).document["answer"] == "mine"
    assert clinic.save(hasty, patient, {"answer": "again"}) == 2


def test_a_commit_that_finds_a_reader_in_its_way_is_tried_again(hasty: Records, patient: Patient):
    """With a rollback journal a reader holds a commit up; the transaction is still whole and commits once the reader is gone."""
    reader = sqlite3.connect(hasty.folder / "intake.sqlite3", isolation_level=None, check_same_thread=False)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM questionnaire_response").fetchone()
    release = threading.Timer(0.08, lambda: reader.execute("COMMIT"))
    release.start()
    clinic.save(hasty, patient, {"answer": "kept"})
    release.join()
    reader.close()
    assert clinic.draft_of(hasty, patient).document["answer"] == "kept"


def test_a_full_disk_has_a_name_and_works_again_when_there_is_room(records: Records, patient: Patient):
    with transaction(records.engine) as session:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
    with pytest.raises(DatabaseFull), transaction(records.engine) as session:
        session.execute(text(f"PRAGMA max_page_count={pages}"))
        responses.save_draft(session, patient.id, patient.token, {"answer": "x" * 100_000}, seen_revision=1, now=NOW)
    records.engine.dispose()
    assert clinic.draft_of(records, patient).document["answer"] == "mine"
    assert clinic.save(records, patient, {"answer": "x" * 100_000}) == 2


def test_no_exception_of_the_database_shows_a_value(records: Records):
    with pytest.raises(OperationalError) as caught, transaction(records.engine) as session:
        session.execute(text("INSERT INTO no_such_table VALUES (:v)"), {"v": "what was typed"})
    assert "what was typed" not in str(caught.value)


def test_a_database_that_is_moved_away_while_open_has_a_name_and_takes_nothing(records: Records, patient: Patient):
    clinic.draft_of(records, patient)
    (records.folder / "intake.sqlite3").rename(records.folder / "away")
    with pytest.raises(DatabaseUnreachable):
        clinic.save(records, patient, {"answer": "lost?"})
    (records.folder / "away").rename(records.folder / "intake.sqlite3")
    assert clinic.draft_of(records, patient).document["answer"] == "mine"


def test_a_database_in_use_at_the_start_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(database.PRAGMAS, "busy_timeout", ("1", 1))
    with closing(sqlite3.connect(tmp_path / "db.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseUnreachable, match="in use by another program"):
            open_database(f"sqlite:///{tmp_path}/db.sqlite3")


def test_times_come_back_aware_in_utc_from_whatever_zone_they_were_given_in(records: Records):
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-7)))
    patient = clinic.begin(records, now=elsewhere)
    started = clinic.draft_of(records, patient).started_at
    assert started == NOW
    assert started.tzinfo is UTC


def test_a_time_without_a_zone_is_not_taken(records: Records):
    with pytest.raises((ValueError, StatementError), match="time zone"):
        clinic.begin(records, now=datetime(2026, 11, 22))


def test_opening_leaves_no_connection_behind_for_a_fork_to_share(url: str):
    def held() -> list[str]:
        links = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
        return [link for link in links if link.endswith("intake.sqlite3")]

    engine = open_database(url)
    assert held() == []
    with reading(engine) as session:
        session.execute(text("SELECT 1"))
        assert len(held()) == 1
    engine.dispose()
