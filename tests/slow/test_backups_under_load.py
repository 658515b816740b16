"""Fifty backups of a clinic in which four write all the time: each is whole, and nobody waits for long."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from zipfile import ZipFile

import pytest

from intake.records import backup
from tests.records import clinic
from tests.records.clinic import NOW, Records
from tests.records.conftest import records

__all__ = ["records"]

BACKUPS = 50
WRITERS = 4
THINKING = 0.05
"""Seconds between two forms of a writer: without them the last backups hold thousands, and take minutes to check."""


def create(lived: Records, name: str) -> Path:
    out = lived.folder / name
    backup.create(lived.engine, lived.keyring, out, now=NOW)
    return out


@pytest.mark.timeout(300)
def test_each_backup_under_load_is_whole_and_holds_what_was_acknowledged_before(records: Records) -> None:
    acknowledged: list[str] = []
    failed: list[BaseException] = []
    waits: list[float] = []
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(THINKING):
            begun = time.monotonic()
            try:
                patient = clinic.begin(records, {"answer": "x" * 2000})
                clinic.send(records, patient)
            except BaseException as error:  # noqa: BLE001 - whatever it is, the test names it
                failed.append(error)
                return
            waits.append(time.monotonic() - begun)
            acknowledged.append(patient.reference)

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    made: list[tuple[Path, int]] = []
    for number in range(BACKUPS):
        before = len(acknowledged)
        made.append((create(records, f"backup-{number}.zip"), before))
    stop.set()
    for thread in threads:
        thread.join()
    assert failed == []
    for path, before in made:
        report = backup.verify(path, records.keyring, records.folder)
        assert report.wrong == ()
        with ZipFile(path) as archive:
            held = archive.read("questionnaire_response.jsonl").decode()
        assert [one for one in acknowledged[:before] if one not in held] == []
    print(f"{BACKUPS} backups; the longest wait of a writer: {max(waits):.2f} s of {len(waits)} forms")
