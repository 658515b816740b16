"""The clinician's pages: the queue from its first page to its last, and a summary; processor time in one process,
without a network."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from statistics import median
from typing import Final

from bench.exports import FEW, ROWS
from bench.installation import filled
from bench.table import Row, number, show
from intake.accounts import staff
from intake.accounts.staff import Role
from intake.app import create_app
from intake.config import Settings
from intake.records.database import transaction
from tests.staffroom import Browser, password_hash

EMAIL: Final = "bench@example.org"
SAMPLE: Final = 40
"""How many pages each number is the median of, where there are so many."""
_OLDER: Final = re.compile(r'href="(/clinician/\?[^"]*older=[^"]*)"')
_RESPONSE: Final = re.compile(r'href="(/clinician/responses/[0-9a-f]{32})"')


def measure() -> None:
    """Print the table."""
    rows = [row for sent in sorted({FEW, ROWS}) for row in _rows(sent)]
    show("The desk: CPU ms a page", ("", "first pages", "last pages"), rows)


def _rows(sent: int) -> Iterator[Row]:
    with filled(sent) as folder:
        app = create_app(Settings.from_environment({"INTAKE_ENV": "tryout", "INTAKE_INSTANCE": str(folder)}))
        with transaction(app.extensions["intake"].engine) as sql:
            roles, kept = [Role.CLINICIAN], password_hash()
            staff.add(sql, email=EMAIL, name="Bench", roles=roles, password_hash=kept, now=datetime.now(UTC))
        desk = Browser(app.test_client())
        desk.sign_in(EMAIL)
        for name, query in (("all", ""), ("new", "?show=new"), ("reviewed", "?show=reviewed")):
            yield f"queue, {name}, {sent:,} responses", *_first_and_last(desk, f"/clinician/{query}")
        links = _RESPONSE.findall(desk.get("/clinician/").text)[:SAMPLE]
        yield f"a summary, {sent:,} responses", number(median([_open(desk, link)[0] for link in links][1:]) * 1000), ""


def _first_and_last(desk: Browser, path: str | None) -> tuple[str, str]:
    """The queue followed from page to page to its end; the very last page, which is not full, left out."""
    spent: list[float] = []
    while path is not None:
        seconds, text = _open(desk, path)
        spent.append(seconds)
        older = _OLDER.search(text)
        path = unescape(older[1]) if older else None
    full = spent[:-1] or spent
    half = min(SAMPLE, len(full) // 2 or 1)
    return number(median(full[:half]) * 1000), number(median(full[-half:]) * 1000)


def _open(desk: Browser, path: str) -> tuple[float, str]:
    """The seconds of processor time that a page takes, and the page."""
    before = time.process_time()
    text = desk.get(path).text
    return time.process_time() - before, text
