"""What is PostgreSQL's alone: the server's settings that answers rest on, its passwords, its failures, its restart."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from intake.records import database
from intake.records.database import open_database, reading, transaction, upgrade
from intake.records.errors import (
    DatabaseBusy,
    DatabaseFull,
    DatabaseUnreachable,
    DatabaseUnsafe,
    DatabaseUnusable,
    RecordsError,
)
from tests.databases import DatabaseIn, Postgresql
from tests.postgresql import GUARDED
from tests.records import clinic
from tests.records.clinic import Patient, Records


@pytest.fixture(scope="module")
def database_in() -> DatabaseIn:
    return Postgresql.made


def test_the_settings_of_our_connections_are_set(records: Records):
    with reading(records.engine) as session:
        got = {name: session.execute(text(f"SHOW {name}")).scalar_one() for name in database.POSTGRESQL_SETTINGS}
        durable = session.execute(text("SHOW synchronous_commit")).scalar_one()
    assert got == database.POSTGRESQL_SETTINGS
    assert durable == "on"


def test_a_server_that_acknowledges_before_it_has_written_is_not_used(database: Postgresql):
    database.sql(f"ALTER DATABASE {database.name} SET synchronous_commit = off")
    with pytest.raises(DatabaseUnsafe, match="synchronous_commit=off; set it to on"):
        open_database(database.url)


def test_a_database_of_another_encoding_is_not_used(database: Postgresql):
    database.remove()
    database.server.run_sql(
        f"CREATE DATABASE {database.name} TEMPLATE template0 ENCODING LATIN1 LOCALE_PROVIDER libc LC_COLLATE 'C' "
        f"LC_CTYPE 'C'"
    )
    with pytest.raises(DatabaseUnsafe, match="LATIN1"):
        open_database(database.url)


@pytest.mark.parametrize("password", ["secret-word", "secret word/@:?", ""])
def test_a_wrong_password_is_one_line_that_does_not_hold_it(database: Postgresql, password: str):
    written = {"secret word/@:?": "secret%20word%2F%40%3A%3F"}.get(password, password)
    for url in (
        database.server.url(database.name, f"{GUARDED[0]}:{written}"),
        f"{database.server.url(database.name, GUARDED[0])}&password={written}",
    ):
        with pytest.raises(DatabaseUnusable) as caught:
            open_database(url)
        assert str(caught.value).count("\n") == 0
        assert ("does not know this user or password" if password else "asks for a password") in str(caught.value)
        assert "secret" not in str(caught.value)


def test_a_database_that_there_is_not_and_a_server_that_is_away_are_told_apart(database: Postgresql):
    with pytest.raises(DatabaseUnusable, match="or its user does not exist; make them, or check DATABASE_URL"):
        open_database(database.server.url("no_such_database"))
    with pytest.raises(DatabaseUnreachable, match="does not answer; start it, or check the host and the port"):
        open_database("postgresql+psycopg://nobody@127.0.0.1:1/none")


def test_somebody_who_may_make_no_tables_is_told_so(database_in: DatabaseIn, tmp_path):
    with database_in(tmp_path, empty=True) as empty:
        engine = open_database(empty.server.url(empty.name, f"{GUARDED[0]}:pass%20word%2F1"))
        empty.engines.append(engine)
        with pytest.raises(DatabaseUnreachable, match="this user may write it"):
            upgrade(engine)
        assert empty.tables() == set()


@pytest.mark.parametrize(
    ("state", "named"),
    [
        ("40001", DatabaseBusy),
        ("40P01", DatabaseBusy),
        ("55P03", DatabaseBusy),
        ("53300", DatabaseBusy),
        ("53100", DatabaseFull),
        ("57P01", DatabaseUnreachable),
        ("58030", DatabaseUnreachable),
        ("XX001", DatabaseUnreachable),
        ("23505", DBAPIError),
        ("P0001", DBAPIError),
    ],
)
def test_what_the_server_says_has_a_name_and_nothing_is_written(
    records: Records, patient: Patient, state: str, named: type[Exception]
):
    def save() -> int:
        return clinic.save(records, patient, {"answer": "x"})

    records.database.sql(
        f"CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stopped' USING ERRCODE "
        f"= '{state}'; END $$"
    )
    records.database.sql(
        "CREATE TRIGGER stop BEFORE UPDATE ON questionnaire_response FOR EACH ROW EXECUTE FUNCTION stop()"
    )
    with pytest.raises(named) as caught:
        save()
    assert isinstance(caught.value, RecordsError) is (named is not DBAPIError)
    records.database.sql("DROP FUNCTION stop() CASCADE")
    assert clinic.draft_of(records, patient).document["answer"] == "mine"
    assert save() == 2


def test_a_connection_that_was_cut_off_is_replaced_and_nothing_of_its_transaction_is_kept(
    records: Records, patient: Patient
):
    assert clinic.save(records, patient, {"answer": "kept"}) == 2
    with pytest.raises(DatabaseUnreachable), transaction(records.engine) as session:
        session.execute(text("UPDATE questionnaire_response SET language = 'xx'"))
        (pid,) = session.execute(text("SELECT pg_backend_pid()")).one()
        records.database.sql(f"SELECT pg_terminate_backend({pid}, 5000)")
        session.execute(text("SELECT 1"))
    assert clinic.draft_of(records, patient).language == "en"
    assert clinic.save(records, patient, {"answer": "again"}) == 3


def test_connections_at_rest_that_were_cut_off_are_not_noticed(records: Records, patient: Patient):
    for _ in range(3):
        records.database.cut_off()
        assert clinic.draft_of(records, patient).document["answer"] == "mine"


def test_the_clock_and_the_order_of_words_are_ours_whatever_the_server_has(records: Records):
    """The server of the tests keeps the time of Newfoundland and sorts as English does; neither may show."""
    with reading(records.engine) as session:
        assert session.execute(text("SHOW timezone")).scalar_one() == "America/St_Johns"
        assert session.execute(text("SELECT 'a' < 'B' AND 'B' < 'c'")).scalar_one()
    patient = clinic.begin(records)
    assert clinic.draft_of(records, patient).started_at == clinic.NOW
    assert clinic.draft_of(records, patient).started_at.utcoffset().total_seconds() == 0
