"""How much a clinician has to read: the words of the first screen of the one page, facts a line, and the patient's own
words, for each of the acceptance stories. A model, no measurement of people."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.table import Row, show
from intake.consultations import catalogue
from intake.consultations.rules import summarise
from intake.summary.model import LabelledLine, Summary, SummarySettings
from intake.summary.statement import Author, Sentence
from tests.browser.desk import Desk, open_desk
from tests.browser.first_screen import words
from tests.browser.walker import launch
from tests.factories import SENT_ON, Scenario, scenarios

SECONDS = 60 / 238
"""For one word: what a reader of 238 words a minute needs."""


def measure() -> None:
    """Print the table."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with (
        sync_playwright() as driver,
        tempfile.TemporaryDirectory() as folder,
        open_desk(Path(folder), launch(driver)) as desk,
    ):
        rows = [_row(desk, case) for case in scenarios()]
    columns = ("", "words on it", "seconds", "lines of the page", "facts a line", "patient's words")
    show("The first screen of the one page, 1280 × 800 (a model: 238 words a minute)", columns, rows)


def _row(desk: Desk, case: Scenario) -> Row:
    form = catalogue.shipped().active
    response = case.response(form)
    found = words(desk.summary_of(case))
    made = summarise(form, response, settings=SummarySettings(), today=SENT_ON)
    lines = list(_lines(made))
    facts = len(response.answers) + sum(len(row.answers) for rows in response.entries.values() for row in rows)
    own = sum(len(part.text.split()) for line in lines for part in line if part.by is Author.PATIENT)
    return (
        case.id,
        f"{len(found)}",
        f"{len(found) * SECONDS:.0f}",
        f"{len(lines)}",
        f"{facts / len(lines):.1f}",
        f"{own}",
    )


def _lines(made: Summary) -> Iterator[Sentence]:
    """Every line of the page that says something of the patient."""
    labelled: list[LabelledLine] = [*made.header]
    for section in (made.wants, *made.sections, made.also):
        labelled += section.lines if section else ()
        yield from (sum(row, ()) for row in (section.table.rows if section and section.table else ()))
    yield from (line.sentence for line in labelled)
    yield from (one.sentence for one in made.highlights)
    yield from (event.facts for event in (*made.timeline.events, *made.timeline.undated))
