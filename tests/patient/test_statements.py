"""What a patient's request costs the database: each row read once, written at most once, and nothing beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.patient.visitor import Fields, Visitor
from tests.staffroom import House

MOST = 6
BEGIN_TO_WRITE = {"sqlite": ["BEGIN IMMEDIATE"], "postgresql": []}  # PostgreSQL's driver begins and commits by itself
BEGIN_TO_READ = {"sqlite": ["BEGIN"], "postgresql": ["SET TRANSACTION"]}
COMMIT = {"sqlite": ["COMMIT"], "postgresql": []}
OPEN = "SELECT questionnaire_response"


def beginnings(ran: list[str], expected: list[str]) -> list[str]:
    """The statements, each as far as the one expected in its place says."""
    return [one[: len(expected[at])] if at < len(expected) else one for at, one in enumerate(ran)]


def reads_of_the_response(ran: list[str]) -> list[str]:
    return [one for one in ran if one.startswith("SELECT") and "FROM" in one and "questionnaire_response" in one]


def press(visitor: Visitor, fields: Fields) -> None:
    """Send what stands on the page with these fields, and do not go where the answer leads."""
    data: dict[str, list[str]] = {}
    for name, value in visitor.sent(fields):
        data.setdefault(name, []).append(value)
    answer = visitor.client.post(str(visitor.form["action"]), data=data, follow_redirects=False)
    assert answer.status_code == 303


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        yield clock


def test_saving_a_page_reads_the_response_once_and_writes_it_once(
    house: House, visitor: Visitor, clock: time_machine.Coordinates
):
    visitor.start()
    kind = house.database.kind
    with house.statements() as ran:
        press(visitor, {"respondent": "self"})
    expected = [*BEGIN_TO_READ[kind], OPEN, *BEGIN_TO_WRITE[kind], "UPDATE questionnaire_response", *COMMIT[kind]]
    assert beginnings(ran, expected) == expected
    assert len(reads_of_the_response(ran)) == 1
    assert len(ran) <= MOST


def test_once_a_minute_a_save_also_notes_that_the_session_is_in_use(
    house: House, visitor: Visitor, clock: time_machine.Coordinates
):
    visitor.start()
    clock.shift(timedelta(seconds=61))
    kind = house.database.kind
    with house.statements() as ran:
        press(visitor, {"respondent": "self"})
    written = ["UPDATE web_session", "UPDATE questionnaire_response"]
    expected = [*BEGIN_TO_READ[kind], OPEN, *BEGIN_TO_WRITE[kind], *written, *COMMIT[kind]]
    assert beginnings(ran, expected) == expected
    assert len(ran) <= MOST


@pytest.mark.parametrize(
    ("steps", "path"),
    [("start", "/questionnaire/page-you"), ("begin", "/check"), ("start", "/resume-code"), ("start", "/")],
)
def test_showing_a_page_reads_the_response_once_and_writes_nothing(
    house: House, visitor: Visitor, clock: time_machine.Coordinates, steps: str, path: str
):
    go: Callable[[], object] = getattr(visitor, steps)
    go()
    with house.statements() as ran:
        visitor.client.get(path)
    expected = [*BEGIN_TO_READ[house.database.kind], OPEN]
    assert beginnings(ran, expected) == expected


def test_a_visitor_who_holds_nothing_costs_no_statement(house: House, visitor: Visitor):
    with house.statements() as ran:
        visitor.client.get("/")
    assert ran == []


def test_sending_reads_the_response_once(house: House, visitor: Visitor, clock: time_machine.Coordinates):
    visitor.begin()
    while visitor.path != "/check":
        visitor.fill()
    with house.statements() as ran:
        press(visitor, {"declare": "true"})
    assert len(reads_of_the_response(ran)) == 1
    assert [one.split()[:3] for one in ran if one.startswith("UPDATE")] == [["UPDATE", "questionnaire_response", "SET"]]
