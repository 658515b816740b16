"""`copy`: every row of every table arrives as it was, on whichever database it came from and goes to, or nothing
arrives."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Engine, Table, event, insert, select, text, update

from intake.records import drafts
from intake.records.copy import copy
from intake.records.database import Base, open_database, reading, transaction, upgrade
from intake.records.errors import CannotCopy, DatabaseIsNewer, DatabaseUnreachable, RecordsError
from intake.records.keyring import open_keyring
from intake.records.tables import DATA_KEYS, RESPONSES
from tests.databases import KINDS, Database
from tests.migrations.rows import a_row
from tests.records import clinic
from tests.records.clinic import Patient, Records


@pytest.fixture(params=list(KINDS))
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database on each kind."""
    with KINDS[request.param].made(tmp_path / "other", empty=True) as made:
        yield made


@pytest.fixture
def target(other: Database) -> Engine:
    engine = open_database(other.url)
    other.engines.append(engine)
    return engine


@pytest.fixture
def lived(records: Records, patient: Patient) -> Records:
    """Drafts, sent and reviewed responses, and rows of every other table."""
    sent = clinic.begin(records, {"answer": "“Ñ é 中文 \U0001f600”\0\r\n'; --"})
    clinic.send(records, sent, header={"name": "Ottilie", "birth_date": "1988-04-02"})
    clinic.review(records, sent.id, "seen")
    with transaction(records.engine) as session:
        for table in Base.metadata.sorted_tables:
            if session.execute(select(table).limit(1)).first() is None:
                own = {"response_id": sent.id} if "response_id" in table.c else {}
                session.execute(insert(table), [a_row(table, number) | own for number in range(3)])
    return records


def content(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with reading(engine) as session:
        return {table.name: sorted(map(tuple, session.execute(select(table)))) for table in Base.metadata.sorted_tables}


def test_every_row_of_every_table_arrives_as_it_was(lived: Records, target: Engine):
    before = content(lived.engine)
    assert all(before.values())
    assert copy(lived.engine, target) == {name: len(rows) for name, rows in before.items()}
    assert content(target) == before
    assert content(lived.engine) == before


def test_work_goes_on_there_with_the_same_keyring(lived: Records, patient: Patient, target: Engine, other: Database):
    copy(lived.engine, target)
    moved = Records(target, open_keyring(target, lived.folder / "keyring.json"), other)
    assert clinic.draft_of(moved, patient).document["answer"] == "mine"
    assert clinic.save(moved, patient, {"more": "there"}) == 2
    assert clinic.send(moved, patient) == patient.reference
    assert clinic.sent_of(moved, patient.id).document == {"answer": "mine", "more": "there"}
    assert {row.readable for row in clinic.queue_of(moved)} == {True}
    with reading(moved.engine) as session:
        assert drafts.find_by_code(session, moved.keyring, patient.code) is not None


def test_events_keep_their_numbers_and_the_next_has_a_new_one(lived: Records, target: Engine, other: Database):
    lived.database.sql(
        "INSERT INTO audit_event (n, recorded_at, action, agent_id, agent_name, role, entity_type, entity_id, outcome, "
        "detail) "
        "SELECT 4711, recorded_at, action, agent_id, agent_name, role, entity_type, entity_id, outcome, detail FROM "
        "audit_event WHERE n = 1"
    )
    numbers = other_numbers(lived.engine)
    copy(lived.engine, target)
    assert other_numbers(target) == numbers
    clinic.begin(Records(target, open_keyring(target, lived.folder / "keyring.json")))
    assert other_numbers(target) == [*numbers, 4712]


def other_numbers(engine: Engine) -> list[int]:
    with reading(engine) as session:
        return list(session.scalars(text("SELECT n FROM audit_event ORDER BY n")))


def test_an_empty_trail_begins_with_one(records: Records, target: Engine):
    copy(records.engine, target)
    clinic.begin(Records(target, open_keyring(target, records.folder / "keyring.json")))
    assert other_numbers(target) == [1]


def test_our_tables_without_a_row_are_empty_enough(lived: Records, target: Engine):
    upgrade(target)
    copy(lived.engine, target)
    assert content(target) == content(lived.engine)


@pytest.mark.parametrize(
    "there",
    [
        "CREATE TABLE of_somebody_else (id INTEGER)",
        "INSERT INTO throttle (key_hash, ends_at, tries) VALUES ('\\x00', '2026-11-22 00:00:00', 1)",
    ],
    ids=["a table", "a row"],
)
def test_a_database_with_something_in_it_is_left_as_it_is(lived: Records, target: Engine, other: Database, there: str):
    upgrade(target)
    other.sql(there)
    tables = other.tables()
    with pytest.raises(CannotCopy, match="is not empty"):
        copy(lived.engine, target)
    assert other.tables() == tables
    assert other.sql("SELECT count(*) FROM questionnaire_response") == [(0,)]


def test_a_newer_database_is_left_as_it_is(lived: Records, target: Engine, other: Database):
    upgrade(target)
    other.sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseIsNewer):
        copy(lived.engine, target)
    assert other.sql("SELECT count(*) FROM questionnaire_response") == [(0,)]


def test_a_database_is_not_copied_onto_itself(lived: Records):
    before = content(lived.engine)
    same = open_database(lived.database.url.replace("/instance/", "/instance/../instance/"))
    with pytest.raises(CannotCopy, match="is this one"):
        copy(lived.engine, same)
    same.dispose()
    assert content(lived.engine) == before


ALTERED = {
    "a byte of a sealed blob": (
        RESPONSES,
        lambda row: {"content": row.content[:-1] + bytes([row.content[-1] ^ 1])},
    ),
    "a number": (RESPONSES, lambda row: {"revision": row.revision + 1}),
    "a key": (DATA_KEYS, lambda row: {"wrapped": b""}),
}


@pytest.mark.parametrize("altered", ALTERED)
def test_what_does_not_arrive_as_it_was_is_noticed_and_nothing_is_kept(
    lived: Records, target: Engine, other: Database, altered: str
):
    table, change = ALTERED[altered]

    def spoil(deed: str, name: str, done: int, whole: int) -> None:
        if (deed, name, done) == ("copied", table.name, whole):
            _alter_first(connections[-1], table, change)

    connections: list[Any] = []
    event.listen(target, "begin", connections.append)
    with pytest.raises(CannotCopy, match=f"table {table.name} did not arrive"):
        copy(lived.engine, target, spoil)
    assert other.tables() == set()


def _alter_first(connection: Any, table: Table, change: Any) -> None:
    row = connection.execute(select(table)).first()
    key = [column == row._mapping[column] for column in table.primary_key.columns]
    assert connection.execute(update(table).where(*key).values(change(row))).rowcount == 1


def test_a_row_that_was_lost_or_came_twice_is_noticed(lived: Records, target: Engine, other: Database):
    connections: list[Any] = []
    event.listen(target, "begin", connections.append)

    def lose(deed: str, name: str, done: int, whole: int) -> None:
        if (deed, name, done) == ("copied", "data_key", whole):
            connections[-1].execute(text("DELETE FROM data_key"))

    with pytest.raises(CannotCopy):
        copy(lived.engine, target, lose)
    assert other.tables() == set()


def test_a_copy_that_is_stopped_keeps_nothing(lived: Records, target: Engine, other: Database):
    def stop(deed: str, name: str, *_: int) -> None:
        if (deed, name) == ("compared", "questionnaire_response"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy(lived.engine, target, stop)
    assert other.tables() == set()


def test_a_target_that_goes_away_has_a_name_and_keeps_nothing(lived: Records, target: Engine, other: Database):
    """On SQLite the file is open still: the copy ends well or has a name, and never half."""
    gone = Event()

    def go(deed: str, name: str, *_: int) -> None:
        if not gone.is_set() and (deed, name) == ("copied", "questionnaire_response"):
            gone.set()
            if other.kind == "postgresql":
                other.cut_off()
            else:
                raise DatabaseUnreachable("as if")

    with pytest.raises(RecordsError):
        copy(lived.engine, target, go)
    assert other.tables() == set()


def test_what_is_written_meanwhile_is_there_whole_or_not_at_all(lived: Records, target: Engine):
    """Somebody sends in the middle of it: the copy is of the moment it began at."""
    before = content(lived.engine)
    with ThreadPoolExecutor(1) as pool:
        sent: list[Any] = []

        def send(deed: str, *_: Any) -> None:
            if not sent:
                sent.append(pool.submit(clinic.begin, lived, {"answer": "meanwhile"}))

        copy(lived.engine, target, send)
        sent[0].result(20)
    assert content(target) == before
    assert content(lived.engine) != before


def test_text_that_the_other_database_does_not_take_is_one_line(lived: Records, tmp_path: Path):
    """PostgreSQL takes no text that is longer than its column, SQLite does not look."""
    lived.database.sql(
        "UPDATE staff_user SET name = :long" if lived.database.kind == "sqlite" else "SELECT 1", long="x" * 201
    )
    with KINDS["postgresql"].made(tmp_path / "other", empty=True) as other:
        engine = open_database(other.url)
        other.engines.append(engine)
        if lived.database.kind == "sqlite":
            with pytest.raises(
                CannotCopy,
                match=r"^The other database does not take a row of the table staff_user; nothing was copied\.$",
            ):
                copy(lived.engine, engine)
            assert other.tables() == set()
        else:
            copy(lived.engine, engine)
