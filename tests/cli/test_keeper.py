"""What a server does once a day beside serving: erase what is due, and go on whatever goes wrong."""

from __future__ import annotations

import importlib
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from intake.records import purging
from intake.records.errors import DatabaseBusy
from intake.records.purging import Purge
from intake.web.server.processes import Chore, WorkerProcesses
from tests.staffroom import House

serve = importlib.import_module("intake.cli.serve")  # the package has the command under this name
BEGUN = datetime(2026, 11, 22, 9, tzinfo=UTC)


def counted(house: House) -> list[str]:
    return [row[0] for row in house.rows("SELECT action FROM audit_event WHERE action LIKE 'purge%' ORDER BY n")]


def test_what_is_due_is_looked_at_once_a_day(house: House) -> None:
    with time_machine.travel(BEGUN, tick=False) as clock:
        for _ in range(60):
            serve.keep(house.intake)
            clock.shift(timedelta(hours=1))
    assert counted(house) == [*["purge-counted"] * 3, "purged"]


def test_a_failure_is_logged_and_tried_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[datetime] = []

    def busy(*_: object, now: datetime, **__: object) -> Purge:
        tried.append(now)
        raise DatabaseBusy

    monkeypatch.setattr(purging, "purge", busy)
    for _ in range(3):
        serve.keep(house.intake)
    assert len(tried) == 3
    assert counted(house) == []


def processes(folder: Path, chore: Callable[[], None], seconds: float) -> WorkerProcesses:
    """Two workers that wait, a chore every tenth of a second, and an end."""
    import time

    begun = time.monotonic()

    def work() -> None:
        (folder / f"worker-{time.monotonic_ns()}").touch()
        time.sleep(60)

    class Ending(WorkerProcesses):
        def _wait_for_one(self) -> None:
            super()._wait_for_one()
            self.stopping = self.stopping or time.monotonic() - begun > seconds

    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        made = Ending(work, bound, 2, Chore(chore, 0.1, 0.2))
        made.run()
    return made


def test_a_chore_is_done_again_and_again_and_no_worker_is_replaced_for_it(tmp_path: Path) -> None:
    def chore() -> None:
        import time

        (tmp_path / f"chore-{time.monotonic_ns()}").touch()

    processes(tmp_path, chore, 1.5)
    names = [path.name.partition("-")[0] for path in tmp_path.iterdir()]
    assert names.count("worker") == 2
    assert names.count("chore") > 2


def test_a_chore_that_fails_ends_nothing(tmp_path: Path) -> None:
    def chore() -> None:
        raise RuntimeError

    processes(tmp_path, chore, 0.8)
    assert len(list(tmp_path.iterdir())) == 2
