"""Exports read back as other people read them: Python's csv, and pandas."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import pandas

from intake.exports.table import ExportRow, export_zip
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import QuestionnaireResponse

Line = dict[str, str]
STARTED = datetime(2026, 11, 22, 9, 30, 5, 123456, tzinfo=UTC)
SENT = datetime(2026, 11, 22, 10, 1, 0, tzinfo=UTC)


def export_row(questionnaire: Questionnaire, response: QuestionnaireResponse, reference: str = "7KQ4-M2XD", **counts: object) -> ExportRow:
    """A sent response as the records hand it over: what was hidden is not in it any more."""
    return ExportRow(
        reference=reference,
        status="completed",
        review_status="new",
        questionnaire=questionnaire.canonical,
        language="en",
        started_at=STARTED,
        submitted_at=SENT,
        response=response,
        counts=counts,
    )


def zipped(
    questionnaire: Questionnaire, rows: Sequence[ExportRow], *, groups: Iterable[str] = (), for_people: bool = False
) -> dict[str, bytes]:
    """The files of the export by name."""
    stream = export_zip(questionnaire, lambda: rows, groups=frozenset(groups), for_people=for_people)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(stream)))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


def by_csv(content: bytes) -> list[Line]:
    """The lines as Python's csv reads them; a column name that stands twice is numbered, as pandas does."""
    header, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    seen: Counter[str] = Counter()
    names = []
    for name in header:
        names.append(f"{name}.{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return [dict(zip(names, line, strict=True)) for line in lines]


def by_pandas(content: bytes) -> list[Line]:
    """The lines as pandas reads them."""
    frame = pandas.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    return [dict(zip(frame.columns, line, strict=True)) for line in frame.itertuples(index=False, name=None)]
