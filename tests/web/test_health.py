"""Probes: whether a process is alive, and whether it can work, asked by any host name."""

from __future__ import annotations

import threading

import pytest

from intake.records.errors import DatabaseBusy, DatabaseFull
from intake.web import health
from tests.databases import Database
from tests.staffroom import House, build


@pytest.mark.parametrize("host", ["10.0.0.7:8000", "localhost", "intake.example.org", "[::1]:8000", "x"])
def test_probes_answer_to_any_host_name_and_nothing_else_does(database: Database, host: str):
    house = build(database, INTAKE_TRUSTED_HOSTS="intake.example.org")
    client = house.app.test_client()
    assert client.get("/healthz", headers={"Host": host}).text == "ok\n"
    assert client.get("/readyz", headers={"Host": host}).text == "ready\n"
    assert client.get("/", headers={"Host": host}).status_code == (200 if host == "intake.example.org" else 400)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DatabaseFull(), "no room left to write\n"),
        (DatabaseBusy(), "the database is in use by another program\n"),
    ],
)
def test_why_it_is_not_ready_is_said_in_fixed_words(
    house: House, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
):
    def fail() -> None:
        raise error

    monkeypatch.setattr(health, "_write", fail)
    answer = house.app.test_client().get("/readyz")
    assert (answer.status_code, answer.text) == (503, words)
    assert answer.mimetype == "text/plain"


def test_an_answer_holds_five_seconds_and_the_disk_is_tried_once_in_ten(house: House, monkeypatch: pytest.MonkeyPatch):
    clock = [1000.0]
    monkeypatch.setattr(health.time, "monotonic", lambda: clock[0])
    client = house.app.test_client()

    def writes_at(moment: float) -> tuple[int, int]:
        clock[0] = 1000 + moment
        with house.statements() as ran:
            assert client.get("/readyz").status_code == 200
        return len([one for one in ran if one == "SELECT 1"]), len([one for one in ran if one.startswith("UPDATE")])

    assert [writes_at(moment) for moment in (0, 4, 6, 9, 12, 18)] == [(1, 1), (0, 0), (1, 0), (0, 0), (1, 1), (1, 0)]


def test_a_probe_that_waits_for_the_database_holds_nobody_else_up(house: House, monkeypatch: pytest.MonkeyPatch):
    begun, go = threading.Event(), threading.Event()
    readiness = health.Readiness(words=health.READY)

    def look() -> str:
        begun.set()
        assert go.wait(20)
        return "the database cannot be read or written"

    monkeypatch.setattr(readiness, "_look", look, raising=False)
    slow = threading.Thread(target=readiness.now)
    slow.start()
    assert begun.wait(20)
    assert readiness.now() == health.READY
    go.set()
    slow.join(20)
    assert readiness.now() == "the database cannot be read or written"
