"""PostgreSQL stops, crashes and comes back under a served app: no acknowledged answer is lost, and nobody has to type
anything twice."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.databases import Postgresql
from tests.patient.visitor import Visitor
from tests.postgresql import ROOM, PostgresqlServer
from tests.serving import Server, serving
from tests.waiting import wait_until
from tests.walker import browser

PATIENTS = 3
TYPED = "“Siobhán” Ní <b>Bhriain</b> & Co"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    """A server that nobody else needs."""
    with tempfile.TemporaryDirectory(prefix="intake-pg-", dir=ROOM) as folder:
        Path(folder).chmod(0o711)
        own = PostgresqlServer(Path(folder) / "pg")
        own.make()
        own.start()
        yield own
        own.stop("immediate")


@pytest.fixture
def served(server: PostgresqlServer, tmp_path: Path) -> Iterator[Server]:
    """An app on it."""
    with Postgresql.made(tmp_path, empty=True, server=server) as database, serving(database) as running:
        yield running


def kill_a_backend(server: PostgresqlServer, _patients: list[Patient]) -> None:
    """kill -9 of one connection's process: the server then starts all of itself anew, by itself."""
    ((pid,), *_) = server.run_sql(
        "SELECT pid FROM pg_stat_activity WHERE datname LIKE 'test_%' OR pid = pg_backend_pid() ORDER BY datname DESC"
    )
    os.kill(pid, signal.SIGKILL)


def stop_and_start(mode: str) -> Callable[[PostgresqlServer, list[Patient]], None]:
    def both(server: PostgresqlServer, patients: list[Patient]) -> None:
        server.stop(mode)
        before = [patient.unavailable for patient in patients]
        wait_until(
            lambda: all(now.unavailable > then for now, then in zip(patients, before, strict=True)),
            what="a patient did not notice that it is away",
        )
        server.start()

    return both


DEEDS = {"crash": stop_and_start("immediate"), "restart": stop_and_start("fast"), "killed": kill_a_backend}


@dataclass
class Patient:
    """Saves her name again and again, numbered; remembers the last number she was told is saved, and the last she
    tried."""

    base: str
    over: threading.Event
    acknowledged: int = 0
    tried: int = 0
    stored: int = 0
    unavailable: int = 0
    statuses: set[int] = field(default_factory=set)

    def live(self) -> None:
        with browser(self.base) as client:
            visitor = Visitor(client).begin()
            while not self.over.is_set():
                self.save(visitor)
            visitor.go("page-you")
            self.stored = int(visitor.value("full-name")[0].split()[-1])

    def save(self, visitor: Visitor) -> None:
        visitor.go("page-you")
        self.note(visitor)
        if visitor.status != 200:
            self.over.wait(0.05)
            return
        self.tried += 1
        visitor.fill(**{"full-name": f"Name {self.tried}"})
        self.note(visitor)
        if visitor.response.history and visitor.response.history[0].status_code == 303:
            self.acknowledged = self.tried
        elif f"Name {self.tried}" not in visitor.response.text:
            raise AssertionError(f"what was typed is not on the page: {visitor.status} {visitor.text[:300]}")

    def note(self, visitor: Visitor) -> None:
        self.statuses.add(visitor.status)
        self.unavailable += visitor.status == 503


def wait_for_all(holds: Callable[[], bool], threads: list[threading.Thread]) -> None:
    """Wait for what happens only as long as nobody was turned away."""
    wait_until(lambda: not all(thread.is_alive() for thread in threads) or holds(), seconds=90)
    assert all(thread.is_alive() for thread in threads), "a patient was turned away"


@pytest.mark.timeout(400)
@pytest.mark.parametrize("deed", DEEDS)
def test_no_acknowledged_answer_is_lost_and_saving_goes_on(server: PostgresqlServer, served: Server, deed: str):
    over = threading.Event()
    patients = [Patient(served.base, over) for _ in range(PATIENTS)]
    threads = [threading.Thread(target=patient.live) for patient in patients]
    for thread in threads:
        thread.start()
    try:
        wait_for_all(lambda: all(patient.acknowledged > 2 for patient in patients), threads)
        for _ in range(2):
            DEEDS[deed](server, patients)
            before = [patient.acknowledged for patient in patients]
            wait_for_all(
                lambda before=before: all(
                    now.acknowledged > then + 1 for now, then in zip(patients, before, strict=True)
                ),
                threads,
            )
    finally:
        over.set()
        for thread in threads:
            thread.join(60)
    assert [patient for patient in patients if not patient.acknowledged <= patient.stored <= patient.tried] == []
    assert set().union(*(patient.statuses for patient in patients)) <= {200, 503}
    assert "Traceback" not in served.output()


def test_while_it_is_away_pages_say_so_and_keep_what_was_typed(server: PostgresqlServer, served: Server):
    with browser(served.base) as client:
        visitor = Visitor(client).begin().go("page-you")
        server.stop("immediate")
        try:
            visitor.fill(**{"full-name": TYPED})
            assert visitor.status == 503
            held = visitor.standing(next(form for form in visitor.soup.select("main form") if form.find("button")))
            assert held["full-name"] == [TYPED]
            assert httpx.get(f"{served.base}/healthz").status_code == 200
            assert httpx.get(f"{served.base}/readyz").status_code == 503
        finally:
            server.start()
        wait_until(lambda: httpx.get(f"{served.base}/readyz").status_code == 200)
        visitor.press(visitor.soup.select_one("main form button"))
        assert visitor.status == 200
        assert visitor.go("page-you").value("full-name") == [TYPED]
