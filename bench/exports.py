"""The export beside the bare loop: decrypt, parse, guard, write, over the same rows and members. Each in its
own process.

What no loop may leave out is in the bare one too: nothing readable is put on disk, so that members that wait for their
turn go through a sealed spool, and the manifest promises a hash of each member.

`python -m bench.exports zip|csv|bare FOLDER` measures one of them and prints what it took as JSON.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from io import BytesIO, StringIO, TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol
from zipfile import ZIP_DEFLATED, ZipFile

import psutil
from sqlalchemy import select, tuple_

from bench.installation import filled, opened
from bench.table import number, show, times
from intake.admin.request import ExportRequest
from intake.admin.stream import Format, export
from intake.exports.archive import MANIFEST, Pipe
from intake.exports.spreadsheet import guard
from intake.exports.table import RESPONSES as RESPONSES_FILE
from intake.records import data_keys
from intake.records.audit import COMMAND_LINE
from intake.records.database import reading
from intake.records.sealed import CONTENT, SUMMARY
from intake.records.spool import SealedSpool
from intake.records.tables import DATA_KEYS, RESPONSES, SUMMARIES
from intake.web.extensions import Installation

WAYS: Final = ("zip", "csv", "bare")
FEW: Final = 1_000
ROWS: Final = int(os.environ.get("BENCH_ROWS", "2000"))
BATCH: Final = 500

Took = dict[str, Any]


def measure() -> None:
    """Print the table: export.zip and responses.csv beside the bare loop, and a row at many beside a row at few."""
    with filled(FEW) as folder:
        few = {way: _in_its_own_process(way, folder) for way in WAYS}
    with filled(ROWS) as folder:
        many = {way: _in_its_own_process(way, folder) for way in WAYS}
    head = (
        "",
        "wall s",
        "× bare",
        f"CPU µs a row at {ROWS:,}",
        f"at {FEW:,}",
        "×",
        "first byte s",
        "memory +MB",
        "MB written",
    )
    show(f"Export of {ROWS:,} responses", head, [_row(way, many[way], few[way], many["bare"]) for way in WAYS])


def _row(way: str, many: Took, few: Took, bare: Took) -> tuple[str, ...]:
    row, row_of_few = many["cpu"] / many["rows"] * 1e6, few["cpu"] / few["rows"] * 1e6
    return (
        way,
        number(many["wall"]),
        times(many["wall"], bare["wall"]),
        number(row, 0),
        number(row_of_few, 0),
        times(row, row_of_few),
        number(many["first"], 3),
        number(many["grown"], 1),
        number(many["bytes"] / 1e6, 1),
    )


def _in_its_own_process(way: str, folder: Path) -> Took:
    done = subprocess.run(
        [sys.executable, "-m", "bench.exports", way, str(folder)], check=True, capture_output=True, text=True
    )
    took: Took = json.loads(done.stdout)
    return took


# -- one of them, measured ---------------------------------------------------------------------------------------------


def main(way: str, folder: str) -> None:
    """Measure one way and print it."""
    intake = opened(Path(folder))
    members = sample(intake) if way == "bare" else None
    seen: list[float] = []
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(seen, over), daemon=True)
    watcher.start()
    before, began = time.process_time(), time.perf_counter()
    first, written = None, 0
    for piece in pieces(way, intake, members):
        first = time.perf_counter() - began if first is None else first
        written += len(piece)
    wall, cpu = time.perf_counter() - began, time.process_time() - before
    over.set()
    watcher.join()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    with reading(intake.engine) as sql:
        rows = len(sql.execute(select(RESPONSES.c.id).where(RESPONSES.c.authored_at.is_not(None))).all())
    print(
        json.dumps(
            {
                "rows": rows,
                "wall": wall,
                "cpu": cpu,
                "first": first,
                "bytes": written,
                "grown": peak - seen[0],
                "seen": seen,
            }
        )
    )


def _watch(seen: list[float], over: threading.Event) -> None:
    """What this process holds, in MB, at the start and then once a second."""
    process = psutil.Process()
    while True:
        seen.append(process.memory_info().rss / 1e6)
        if over.wait(1):
            return


def pieces(way: str, intake: Installation, members: dict[str, Lines] | None = None) -> Iterator[bytes]:
    """What is written, piece by piece."""
    if members is not None:
        return bare(intake, members)
    return export(intake, ExportRequest(), Format(way), COMMAND_LINE)


Lines = list[list[list[str]]]
"""The lines that one member has of each response of the sample."""


def sample(intake: Installation) -> dict[str, Lines]:
    """What an export writes of the first responses, member by member."""
    archive = ZipFile(BytesIO(b"".join(pieces("zip", intake))))
    tables = {
        name: csv.reader(TextIOWrapper(archive.open(name), "utf-8", newline="")) for name in archive.namelist()[:-2]
    }
    first = list(islice(tables[RESPONSES_FILE], 1 + FEW))[1:]
    numbers = {line[0]: number for number, line in enumerate(first)}
    found: dict[str, Lines] = {RESPONSES_FILE: [[line] for line in first]}
    for name, lines in tables.items():
        if name != RESPONSES_FILE:
            found[name] = [[] for _ in first]
            for line in lines:
                if line[0] in numbers:
                    found[name][numbers[line[0]]].append(line)
    return found


def bare(intake: Installation, members: dict[str, Lines]) -> Iterator[bytes]:
    """The loop: answers and counts of each response decrypted and parsed, texts guarded, and as many lines as an export
    has written to the same members of a zip, hashed on the way and sealed while they wait for their turn.

    It knows nothing: not which questions were shown, no codes, no reasons, no groups. Its lines are the sample's, again
    and again.
    """
    out = {name: StringIO(newline="") for name in members}
    hashes = {name: hashlib.sha256() for name in members}
    spools = {name: SealedSpool(intake.settings.instance) for name in members if name != RESPONSES_FILE}
    write = {name: csv.writer(text).writerows for name, text in out.items()}
    pipe = Pipe()
    with ZipFile(pipe, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open(RESPONSES_FILE, "w") as member:
            for number, (document, summary) in enumerate(_opened_rows(intake)):
                for text in _texts(document), _texts(summary["summary"]["counts"]):
                    for one in text:
                        guard(one)
                for name, lines in members.items():
                    write[name](lines[number % len(lines)])
                for name, text in out.items():
                    if text.tell() > 32 * 1024:
                        piece = _taken(text, hashes[name])
                        spools[name].write(piece) if name in spools else member.write(piece)
                        yield pipe.taken()
            member.write(_taken(out[RESPONSES_FILE], hashes[RESPONSES_FILE]))
        for name, spool in spools.items():
            spool.write(_taken(out[name], hashes[name]))
            with archive.open(name, "w") as member:
                for piece in spool.pieces():
                    member.write(piece)
                    yield pipe.taken()
        archive.writestr(MANIFEST, json.dumps({name: found.hexdigest() for name, found in hashes.items()}))
    yield pipe.taken()


def _taken(text: StringIO, found: Hash) -> bytes:
    written = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    found.update(written)
    return written


class Hash(Protocol):
    """A hash in the making."""

    def update(self, data: bytes, /) -> None:
        """Add these bytes."""


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    else:
        for below in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            yield from _texts(below)


def _opened_rows(intake: Installation) -> Iterator[tuple[Any, Any]]:
    columns = (
        RESPONSES.c.id,
        RESPONSES.c.reference,
        RESPONSES.c.status,
        RESPONSES.c.revision,
        RESPONSES.c.authored_at,
        RESPONSES.c.content,
    )
    held = (DATA_KEYS.c.response_id == RESPONSES.c.id) & (DATA_KEYS.c.holder == data_keys.KEYRING)
    wanted = (
        select(*columns, DATA_KEYS.c.wrapped, SUMMARIES.c.content.label("summary"))
        .join(DATA_KEYS, held)
        .join(SUMMARIES, SUMMARIES.c.response_id == RESPONSES.c.id)
        .order_by(RESPONSES.c.authored_at, RESPONSES.c.id)
        .limit(BATCH)
    )
    page = wanted
    while True:
        with reading(intake.engine) as sql:
            rows = sql.execute(page).all()
        for row in rows:
            key = data_keys.by_keyring(row.wrapped, row.id, intake.keyring)
            yield CONTENT.unseal(key, row.content, row), SUMMARY.unseal(key, row.summary, row)
        if len(rows) < BATCH:
            return
        page = wanted.where(tuple_(RESPONSES.c.authored_at, RESPONSES.c.id) > (rows[-1].authored_at, rows[-1].id))


if __name__ == "__main__":
    main(*sys.argv[1:])
