"""Patients save and send beside a running export: each response sent before the cut-off is there once, and nobody is
turned away."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from intake.admin.request import ExportRequest
from intake.admin.stream import Format, export
from intake.records import drafts
from intake.records.audit import Agent
from intake.records.database import transaction
from tests.admin.test_cut_off import begin, fill, prepared, send
from tests.exports.reading import by_csv, members
from tests.staffroom import House
from tests.waiting import wait_until

ADA = Agent("a1", "Ada", "admin")
THINKING = 0.05
"""Seconds between two saves of a patient: twenty a second from each, far more than anybody types."""

THERE = 2000
"""Responses that are there before the export begins: ten batches."""


@dataclass
class Busy:
    """What goes on meanwhile, on threads of its own, until told to stop."""

    house: House
    stop: threading.Event = field(default_factory=threading.Event)
    sent: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    """Reference, when it was sent, when that was acknowledged."""

    waits: list[float] = field(default_factory=list)
    refused: list[BaseException] = field(default_factory=list)

    def patient(self) -> None:
        """Begins, saves three pages, sends; and again."""
        intake, what = self.house.intake, prepared()[0]
        while not self.stop.is_set():
            with self.timed(), transaction(intake.engine) as sql:
                started, token = begin(sql, intake, what, datetime.now(UTC))
            for page in range(3):
                with self.timed(), transaction(intake.engine) as sql:
                    draft = drafts.open(sql, token, now=datetime.now(UTC))
                    drafts.save(sql, draft, {**draft.document, "page": page}, now=datetime.now(UTC))
            with self.timed(), transaction(intake.engine) as sql:
                moment = send(sql, intake, token, what)
            self.sent.append((started.reference, moment, datetime.now(UTC)))

    @contextmanager
    def timed(self) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.waits.append(time.monotonic() - began)
        self.stop.wait(THINKING)

    def guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.refused.append(error)

    @contextmanager
    def running(self, *works: Callable[[], None]) -> Iterator[None]:
        threads = [threading.Thread(target=self.guarded, args=[work]) for work in works]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()


def test_each_response_sent_before_the_cut_off_is_there_once_and_no_save_is_turned_away(
    house: House, capsys: pytest.CaptureFixture[str]
):
    there = fill(house, THERE)
    busy = Busy(house)
    with busy.running(busy.patient, busy.patient, busy.patient):
        wait_until(lambda: len(busy.sent) > 5)
        data = b"".join(export(house.intake, ExportRequest(), Format.ZIP, ADA))
        ended = len(busy.sent)
        wait_until(lambda: len(busy.sent) > ended + 5)
    assert busy.refused == []
    files = members(data)
    manifest = json.loads(files["manifest.json"])
    cut_off = datetime.fromisoformat(manifest["cut_off"])
    exported = Counter(line["reference"] for line in by_csv(files["responses.csv"]))
    assert set(exported.values()) == {1}
    before = {reference for reference, _, acknowledged in busy.sent if acknowledged <= cut_off}
    after = {reference for reference, moment, _ in busy.sent if moment >= cut_off}
    assert len(before) > 5
    assert len(after) > 5
    assert before <= set(exported)
    assert after.isdisjoint(exported)
    assert len(exported) == len(there) + sum(1 for _, moment, _ in busy.sent if moment < cut_off)
    assert manifest["responses"] == {"at_cut_off": len(exported), "written": len(exported)}
    with capsys.disabled():
        kind = house.intake.engine.dialect.name
        print(
            f"\n{kind}: {len(busy.waits)} saves beside an export of {len(exported)}, the longest took "
            f"{max(busy.waits):.3f} s"
        )
