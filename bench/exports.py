"""The export beside the bare loop: decrypt, parse, guard, write, over the same rows. Each in a process of its own.

`python -m bench.exports zip|csv|bare FOLDER` measures one of them and prints what it took as JSON.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, Final

import psutil
from sqlalchemy import select, tuple_

from bench.installation import filled, opened
from bench.table import number, show, times
from intake.admin.request import ExportRequest
from intake.admin.stream import Format, export
from intake.consultations import catalogue
from intake.exports.spreadsheet import guard
from intake.records import data_keys
from intake.records.audit import COMMAND_LINE
from intake.records.cipher import unseal_document
from intake.records.database import reading
from intake.records.tables import DATA_KEYS, RESPONSES, SUMMARIES
from intake.web.extensions import Intake

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
    catalogue.shipped()
    seen: list[float] = []
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(seen, over), daemon=True)
    watcher.start()
    before, began = time.process_time(), time.perf_counter()
    first, written = None, 0
    for piece in pieces(way, intake):
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


def pieces(way: str, intake: Intake) -> Iterator[bytes]:
    """What is written, piece by piece."""
    if way == "bare":
        return bare(intake)
    return export(intake, ExportRequest(), Format(way), COMMAND_LINE)


def bare(intake: Intake) -> Iterator[bytes]:
    """The loop: answers and counts of each response decrypted and parsed, texts guarded, a line in the table of its
    list or its own.

    It knows nothing: not which questions were shown, no codes, no reasons, no groups, no zip.
    """
    questionnaire = catalogue.shipped().active
    columns = [item.link_id for item in questionnaire.walk() if item.is_question]
    out = StringIO()
    write = csv.writer(out, lineterminator="\r\n").writerow
    for reference, document, summary in _opened_rows(intake):
        said: dict[str, str] = {
            "reference": reference,
            **{name: str(value) for name, value in summary["summary"]["counts"].items()},
        }
        said |= {link_id: _cell(answer) for link_id, answer in document["answers"].items()}
        for _, entry in (one for listed in document["entries"].values() for one in listed):
            write([guard(_cell(answer)) for answer in entry.values()])
        write([guard(said.get(name, "")) for name in ("reference", *columns, "gtpal", "age")])
        if out.tell() > 64 * 1024:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def _cell(answer: Any) -> str:
    """One stored answer as a cell."""
    values = answer.get("values", ()) if isinstance(answer, dict) and "absent" in answer else answer
    values = values if isinstance(values, list | tuple) else (values,)
    return ";".join(str(value["own"] if isinstance(value, dict) else value) for value in values)


def _opened_rows(intake: Intake) -> Iterator[tuple[str, Any, Any]]:
    columns = (
        RESPONSES.c.id,
        RESPONSES.c.reference,
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
            document = unseal_document(
                key, row.content, associated_data=("questionnaire_response", "content", row.id, str(row.revision))
            )
            yield (
                row.reference,
                document,
                unseal_document(key, row.summary, associated_data=("response_summary", "content", row.id)),
            )
        if len(rows) < BATCH:
            return
        page = wanted.where(tuple_(RESPONSES.c.authored_at, RESPONSES.c.id) > (rows[-1].authored_at, rows[-1].id))


if __name__ == "__main__":
    main(*sys.argv[1:])
