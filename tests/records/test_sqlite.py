"""What is SQLite's alone: its file and its folder, the pragmas that answers rest on, its write lock, its journal."""

import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from intake.records import database, drafts
from intake.records.database import journal_mode, open_database, reading, transaction
from intake.records.errors import DatabaseFull, DatabaseUnreachable, DatabaseUnsafe, DatabaseUnusable
from tests.databases import DatabaseIn, Sqlite
from tests.records import clinic
from tests.records.clinic import NOW, Patient, Records
from tests.records.test_sealed import blobs_of


@pytest.fixture(scope="module")
def database_in() -> DatabaseIn:
    return Sqlite.made


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folder_database_keyring_and_journal_are_for_this_user_only_whatever_the_umask(records: Records):
    clinic.begin(records)
    modes = {path.name: mode_of(path) for path in [records.folder, *records.folder.iterdir()]}
    assert modes.pop("instance") == 0o700
    assert {"intake.sqlite3", "keyring.json"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_a_database_file_that_others_could_read_is_closed_at_a_start(records: Records):
    path = records.folder / "intake.sqlite3"
    url = f"sqlite:///{path}"
    assert database.make_private(url) == []
    path.chmod(0o644)
    assert database.make_private(url) == [f"Others on this machine could read the database {path}; now they cannot."]
    assert mode_of(path) == 0o600
    assert database.make_private("postgresql+psycopg://x@127.0.0.1/x") == database.make_private("nonsense") == []


def test_the_pragmas_that_answers_rest_on_are_set(records: Records):
    with reading(records.engine) as session:
        got = {
            name: session.execute(text(f"PRAGMA {name}")).scalar_one() for name in [*database.PRAGMAS, "journal_mode"]
        }
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
    with pytest.raises(DatabaseUnusable, match=r"^The database .*/file/db.sqlite3 cannot be opened; check [^\n]*\.$"):
        open_database(f"sqlite:///{tmp_path}/file/db.sqlite3")


def test_a_file_that_is_no_database_is_one_named_line(tmp_path: Path):
    (tmp_path / "db.sqlite3").write_text("these are no pages" * 100)
    with pytest.raises(DatabaseUnusable):
        open_database(f"sqlite:///{tmp_path}/db.sqlite3")


def test_a_writer_holds_the_lock_from_its_first_moment(records: Records):
    other = sqlite3.connect(records.folder / "intake.sqlite3", timeout=0)
    with closing(other), transaction(records.engine), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")


def test_a_commit_that_finds_a_reader_in_its_way_is_tried_again(impatient: None, records: Records, patient: Patient):
    """With a rollback journal a reader holds a commit up; the transaction is still whole and commits once the reader is
    gone."""
    records.engine.dispose()
    reader = sqlite3.connect(records.folder / "intake.sqlite3", isolation_level=None, check_same_thread=False)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM questionnaire_response").fetchone()
    release = threading.Timer(0.08, lambda: reader.execute("COMMIT"))
    release.start()
    clinic.save(records, patient, {"answer": "kept"})
    release.join()
    reader.close()
    assert clinic.draft_of(records, patient).document["answer"] == "kept"


def test_a_full_disk_has_a_name_and_works_again_when_there_is_room(records: Records, patient: Patient):
    with transaction(records.engine) as session:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
    with pytest.raises(DatabaseFull), transaction(records.engine) as sql:
        sql.execute(text(f"PRAGMA max_page_count={pages}"))
        drafts.save(sql, drafts.open(sql, patient.token, now=NOW), {"answer": "x" * 100_000}, now=NOW)
    records.engine.dispose()
    assert clinic.draft_of(records, patient).document["answer"] == "mine"
    assert clinic.save(records, patient, {"answer": "x" * 100_000}) == 2


def test_a_connection_that_is_opened_while_the_file_is_away_makes_no_empty_one(records: Records, patient: Patient):
    for work in (clinic.draft_of, lambda *who: clinic.save(*who, {"answer": "lost?"})):
        records.engine.dispose()
        with records.database.away():
            with pytest.raises(DatabaseUnreachable):
                work(records, patient)
            assert not records.database.file.exists()
    assert clinic.draft_of(records, patient).document["answer"] == "mine"


def test_what_only_reads_is_kept_from_writing_by_sqlite_itself(records: Records):
    with reading(records.engine) as sql:
        assert sql.execute(text("PRAGMA query_only")).scalar_one() == 1
    with transaction(records.engine) as sql:
        got = {name: sql.execute(text(f"PRAGMA {name}")).scalar_one() for name in [*database.PRAGMAS, "query_only"]}
    assert got == {name: expected for name, (_, expected) in database.PRAGMAS.items()} | {
        "busy_timeout": 0,
        "query_only": 0,
    }


def test_a_transaction_sets_nothing_that_its_connection_has_set_already(records: Records, patient: Patient):
    ran: list[str] = []
    clinic.save(records, patient, {})
    opened = records.engine.raw_connection()
    opened.set_trace_callback(ran.append)
    opened.close()  # back into the pool
    clinic.save(records, patient, {})
    assert [one.split()[0] for one in ran] == ["BEGIN", "SELECT", "UPDATE", "COMMIT"]


def test_a_database_in_use_at_the_start_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(database.PRAGMAS, "busy_timeout", ("1", 1))
    with closing(sqlite3.connect(tmp_path / "db.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseUnreachable, match="in use by another program"):
            open_database(f"sqlite:///{tmp_path}/db.sqlite3")


def test_what_is_dropped_or_overwritten_is_zeroed_in_the_files(records: Records):
    """Sending takes the wraps away for good: not even the free pages of the database hold them, nor the draft's older
    contents."""
    patient = clinic.begin(records, {"answer": "first"})
    before = [blob for blob, _ in blobs_of(records, patient.id)]
    at_first = b"".join(path.read_bytes() for path in records.folder.iterdir())
    assert all(blob[10:42] in at_first for blob in before)
    clinic.send(records, patient)
    records.engine.dispose()
    afterwards = b"".join(path.read_bytes() for path in records.folder.iterdir())
    assert not any(blob[10:42] in afterwards for blob in before)


def test_replacing_an_event_is_stopped_too(records: Records):
    """INSERT OR REPLACE takes a row away without asking the trigger for DELETE."""
    clinic.begin(records)
    before = records.database.sql("SELECT * FROM audit_event")
    with pytest.raises(IntegrityError, match="never changed"), transaction(records.engine) as session:
        session.execute(text("CREATE TEMP TABLE altered AS SELECT * FROM audit_event"))
        session.execute(text("UPDATE altered SET agent_name = 'x'"))
        session.execute(text("INSERT OR REPLACE INTO audit_event SELECT * FROM altered"))
    assert records.database.sql("SELECT * FROM audit_event") == before
