"""A trail that somebody meddled with is found out: six ways of six, on either database."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from intake.records import chain
from intake.records.database import reading
from intake.records.verify import Verdict, verify
from tests.databases import Database
from tests.records import clinic
from tests.records.clinic import Patient, Records

COLUMNS = "recorded_at, action, agent_id, agent_name, role, entity_type, entity_id, outcome, detail, mac"


@pytest.fixture
def lived(records: Records, noise: list[Patient]) -> Records:
    """A dozen events."""
    for one in noise[2:]:
        clinic.sent_of(records, one.id)
        clinic.review(records, one.id, "read")
        clinic.queue_of(records)
    return records


def verdict(records: Records) -> Verdict:
    with reading(records.engine) as sql:
        assert records.keyring.trail_head is not None
        return verify(sql, records.keyring, chain.noted(records.keyring.trail_head))


def meddle(database: Database, *statements: str) -> None:
    """What somebody does who may do everything in the database: the triggers off, the deed, the triggers on."""
    off, on = (
        (["DROP TRIGGER audit_event_no_update", "DROP TRIGGER audit_event_no_delete"], [])
        if database.kind == "sqlite"
        else (
            ["ALTER TABLE audit_event DISABLE TRIGGER ALL"],
            ["ALTER TABLE audit_event ENABLE TRIGGER ALL"],
        )
    )
    for statement in (*off, *statements, *on):
        database.sql(statement)


MEDDLING: dict[str, tuple[str, ...]] = {
    "change": ("UPDATE audit_event SET agent_name = 'Dr Nobody' WHERE n = 5",),
    "delete": ("DELETE FROM audit_event WHERE n = 5",),
    "cut tail": ("DELETE FROM audit_event WHERE n > 8",),
    "reorder": (
        "UPDATE audit_event SET n = 9000 WHERE n = 5",
        "UPDATE audit_event SET n = 5 WHERE n = 6",
        "UPDATE audit_event SET n = 6 WHERE n = 9000",
    ),
    "insert": (f"INSERT INTO audit_event (n, {COLUMNS}) SELECT 9000, {COLUMNS} FROM audit_event WHERE n = 5",),
    "swap": (
        "UPDATE audit_event SET entity_id = (SELECT entity_id FROM audit_event WHERE n = 1) WHERE n = 6",
        "UPDATE audit_event SET entity_id = (SELECT entity_id FROM audit_event WHERE n = 2) WHERE n = 5",
    ),
}
FIRST = {"change": 5, "delete": 6, "cut tail": 9, "reorder": 5, "insert": 9000, "swap": 5}


def test_a_trail_that_nobody_touched_is_whole(lived: Records) -> None:
    with reading(lived.engine) as sql:
        count = sql.scalar(text("SELECT count(*) FROM audit_event"))
    assert verdict(lived) == Verdict(count)
    assert count > 10


@pytest.mark.parametrize("how", MEDDLING)
def test_each_kind_of_meddling_is_found_and_the_first_event_named(lived: Records, how: str) -> None:
    assert lived.database is not None
    meddle(lived.database, *MEDDLING[how])
    fault = verdict(lived).fault
    assert fault is not None
    assert fault.n == FIRST[how]


def test_the_whole_trail_taken_away_is_found(lived: Records) -> None:
    assert lived.database is not None
    meddle(lived.database, "DELETE FROM audit_event")
    fault = verdict(lived).fault
    assert fault is not None
    assert "is missing" in fault.what


def test_an_event_without_a_seal_is_found(lived: Records) -> None:
    assert lived.database is not None
    meddle(lived.database, "UPDATE audit_event SET mac = NULL WHERE n = 3")
    fault = verdict(lived).fault
    assert fault is not None
    assert (fault.n, "bears no seal" in fault.what) == (3, True)


def test_looking_writes_nothing(lived: Records) -> None:
    assert lived.database is not None
    tables = sorted(lived.database.tables())
    rows = {name: lived.database.sql(f"SELECT * FROM {name}") for name in tables}
    head = lived.keyring.trail_head
    assert head is not None
    noted, changed = head.read_bytes(), head.stat().st_mtime_ns
    verdict(lived)
    assert {name: lived.database.sql(f"SELECT * FROM {name}") for name in tables} == rows
    assert (head.read_bytes(), head.stat().st_mtime_ns) == (noted, changed)


def test_the_note_outside_is_of_the_newest_event_and_never_goes_back(lived: Records) -> None:
    path = lived.keyring.trail_head
    assert path is not None
    head = chain.noted(path)
    with reading(lived.engine) as sql:
        newest = sql.execute(text("SELECT n, mac FROM audit_event ORDER BY n DESC LIMIT 1")).one()
    assert head == chain.Head(newest.n, bytes(newest.mac))
    chain.note(path, chain.Head(1, b"older"))
    assert chain.noted(path) == head
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_note_that_stayed_behind_is_right(lived: Records) -> None:
    path = lived.keyring.trail_head
    assert path is not None
    behind = path.read_bytes()
    clinic.begin(lived)
    path.write_bytes(behind)
    assert verdict(lived).fault is None


def test_a_deed_is_done_though_the_note_cannot_be_written(lived: Records) -> None:
    path = lived.keyring.trail_head
    assert path is not None
    path.unlink()
    path.mkdir()
    assert clinic.begin(lived).reference
    path.rmdir()
    assert verdict(lived).fault is None


@pytest.mark.parametrize("block", [clinic.begin, clinic.queue_of])
def test_events_of_one_moment_are_told_apart_by_their_order(lived: Records, block: Callable[..., object]) -> None:
    for _ in range(3):
        block(lived)
    assert verdict(lived).fault is None
