"""What a server does once a day beside serving: erase what is due, and go on whatever goes wrong."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from intake.records import purging
from intake.records.errors import DatabaseBusy
from intake.records.purging import Purge
from tests.staffroom import House

serve = importlib.import_module("intake.cli.serve")  # the package has the command under this name


class Over(Exception):
    """The test has seen enough."""


def sleeping(clock: time_machine.Coordinates, until: datetime) -> Callable[[float], None]:
    """Time passes at once, and is over at this moment."""

    def sleep(seconds: float) -> None:
        clock.shift(timedelta(seconds=seconds))
        if datetime.now(UTC) > until:
            raise Over

    return sleep


def counted(house: House) -> list[tuple[str]]:
    return house.rows("SELECT action FROM audit_event WHERE action LIKE 'purge%' ORDER BY n")


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute between two looks: time that passes at once costs a look each."""
    monkeypatch.setattr(serve, "LOOK_EVERY", 60.0)


def test_what_is_due_is_looked_at_once_a_day(house: House) -> None:
    begun = datetime(2026, 11, 22, 9, tzinfo=UTC)
    with time_machine.travel(begun, tick=False) as clock:
        with pytest.raises(Over):
            serve.keep(house.intake, sleeping(clock, begun + timedelta(minutes=8)))
        assert counted(house) == []
        with pytest.raises(Over):
            serve.keep(house.intake, sleeping(clock, begun + timedelta(hours=60)))
    assert [action for (action,) in counted(house)] == [*["purge-counted"] * 3, "purged"]


def test_a_failure_is_logged_and_tried_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[datetime] = []

    def busy(*_: object, now: datetime, **__: object) -> Purge:
        tried.append(now)
        raise DatabaseBusy

    monkeypatch.setattr(purging, "purge", busy)
    begun = datetime(2026, 11, 22, 9, tzinfo=UTC)
    with time_machine.travel(begun, tick=False) as clock, pytest.raises(Over):
        serve.keep(house.intake, sleeping(clock, begun + timedelta(hours=4)))
    assert len(tried) == 4


def test_it_ends_with_its_parent(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    parents = iter([7, 7, 7, 1])
    monkeypatch.setattr(os, "getppid", lambda: next(parents))
    slept: list[float] = []
    serve.keep(house.intake, slept.append)
    assert len(slept) == 2
