"""How the database is opened and worked in: what holds on SQLite and on PostgreSQL alike, and what can go wrong."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import psutil
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, StatementError

from intake.records.database import journal_mode, open_database, reading, transaction
from intake.records.errors import CannotStart, DatabaseBusy, DatabaseUnreachable, DatabaseUnsafe, DatabaseUnusable
from tests.databases import Database
from tests.records import clinic
from tests.records.clinic import NOW, Patient, Records
from tests.waiting import wait_until


def test_an_address_that_is_none_is_one_named_line_without_the_address():
    with pytest.raises(DatabaseUnusable) as caught:
        open_database("secret-password")
    assert "secret-password" not in str(caught.value)


def test_every_refusal_to_start_shares_one_base():
    assert issubclass(DatabaseUnreachable, CannotStart)
    assert issubclass(DatabaseUnsafe, CannotStart)


def test_what_a_block_wrote_is_gone_when_it_raises(records: Records, patient: Patient):
    with pytest.raises(ZeroDivisionError), transaction(records.engine) as session:
        session.execute(text("UPDATE questionnaire_response SET language = 'xx'"))
        _ = 1 // 0
    assert clinic.draft_of(records, patient).language == "en"


def test_readers_read_while_a_writer_has_not_committed(records: Records, patient: Patient):
    with transaction(records.engine) as session:
        session.execute(text("UPDATE questionnaire_response SET language = 'xx'"))
        assert clinic.draft_of(records, patient).language == "en"


def test_reading_cannot_write(records: Records):
    with pytest.raises(DatabaseUnreachable) as caught, reading(records.engine) as session:
        session.execute(text("DELETE FROM throttle"))
    assert "read-only" in str(caught.value.__cause__).replace("readonly", "read-only")
    with transaction(records.engine) as session:
        session.execute(text("DELETE FROM throttle"))


def test_a_lock_that_is_let_go_soon_is_waited_for(records: Records, patient: Patient):
    with ThreadPoolExecutor(1) as pool, records.database.lock_watch(records.engine) as somebody_waits:
        with records.database.held():
            saved = pool.submit(clinic.save, records, patient, {"answer": "waited"})
            wait_until(somebody_waits)
            assert not saved.done()
        assert saved.result(10) == 2


def test_a_lock_that_is_never_let_go_has_a_name_and_nothing_is_written(
    impatient: None, records: Records, patient: Patient
):
    records.engine.dispose()
    with records.database.held(), pytest.raises(DatabaseBusy):
        clinic.save(records, patient, {"answer": "lost?"})
    assert clinic.draft_of(records, patient).document["answer"] == "mine"
    assert clinic.save(records, patient, {"answer": "again"}) == 2


def test_no_exception_of_the_database_shows_a_value(records: Records):
    with pytest.raises(DBAPIError) as caught, transaction(records.engine) as session:
        session.execute(text("INSERT INTO no_such_table VALUES (:v)"), {"v": "what was typed"})
    assert "what was typed" not in str(caught.value)


def test_a_database_that_is_moved_away_while_open_has_a_name_and_takes_nothing(records: Records, patient: Patient):
    clinic.draft_of(records, patient)
    with records.database.away(), pytest.raises(DatabaseUnreachable):
        clinic.save(records, patient, {"answer": "lost?"})
    assert clinic.draft_of(records, patient).document["answer"] == "mine"


def test_times_come_back_aware_in_utc_from_whatever_zone_they_were_given_in(records: Records):
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-7)))
    patient = clinic.begin(records, now=elsewhere)
    started = clinic.draft_of(records, patient).started_at
    assert started == NOW
    assert started.tzinfo is UTC


def test_a_time_without_a_zone_is_not_taken(records: Records):
    with pytest.raises((ValueError, StatementError), match="time zone"):
        clinic.begin(records, now=datetime(2026, 11, 22))


def test_opening_leaves_no_connection_behind_for_a_fork_to_share(database: Database):
    script = (
        "import sys, psutil; from intake.records.database import open_database, reading; from sqlalchemy import text; "
        "engine = open_database(sys.argv[1]); print('opened', flush=True); input(); "
        "session = reading(engine); session.__enter__().execute(text('SELECT 1')); print('reading', flush=True); "
        "input(); "
        "session.__exit__(None, None, None); engine.dispose()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, database.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        for said, holds in (("opened", False), ("reading", True)):
            assert process.stdout.readline().strip() == said
            assert database.opened_by(psutil.Process(process.pid)) is holds
            process.stdin.write("\n")
    assert process.returncode == 0


def test_reading_sees_one_state_from_its_first_statement_to_its_last(records: Records, patient: Patient):
    count = text("SELECT count(*) FROM questionnaire_response")
    statements: list[str] = []
    event.listen(records.engine, "before_cursor_execute", lambda *values: statements.append(values[2]))
    # SQLite with a rollback journal lets the writer wait at its commit; with WAL, and on PostgreSQL, it goes ahead
    waits = records.database.kind == "sqlite" and journal_mode(sqlite3.sqlite_version_info) == "truncate"
    with ThreadPoolExecutor(1) as pool, reading(records.engine) as session:
        before = session.execute(count).scalar_one()
        written = pool.submit(clinic.begin, records)
        wait_until(lambda: statements[-1:] == ["COMMIT"] if waits else written.done())
        assert session.execute(count).scalar_one() == before
        session.rollback()
        written.result(10)
    with reading(records.engine) as session:
        assert session.execute(count).scalar_one() == before + 1
