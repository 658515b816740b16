"""The export as files: `responses.csv` and one CSV for each list, streamed, alone or in a zip."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from intake.exports.columns import Selection, derived_columns, question_columns, standalone
from intake.exports.endings import fold_endings
from intake.exports.spreadsheet import BYTE_ORDER_MARK
from intake.questionnaire.model import Item, Questionnaire
from intake.questionnaire.response import QuestionnaireResponse

RESPONSES = "responses.csv"
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One sent response: what stands before its answers, the answers as they were sent, and the stored summary's counts.

    Times are aware. `questionnaire` is the canonical `url|version` that the response is bound to.
    """

    reference: str
    status: str
    review_status: str
    questionnaire: str
    language: str
    started_at: datetime
    submitted_at: datetime
    response: QuestionnaireResponse
    counts: Mapping[str, Any] = field(default_factory=dict)


Rows = Callable[[], Iterable[ExportRow]]
"""Reads the rows from the start, each time it is called: every file of the zip is written in a reading of its own."""


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file: its name, its header, and the lines that one response gives."""

    name: str
    header: tuple[str, ...]
    lines: Callable[[ExportRow], Iterable[list[str]]]


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_ABOUT: tuple[tuple[str, Callable[[ExportRow], str]], ...] = (
    ("reference", lambda row: row.reference),
    ("status", lambda row: row.status),
    ("review_status", lambda row: row.review_status),
    ("questionnaire", lambda row: row.questionnaire),
    ("form_language", lambda row: row.language),  # not `language`: that is a question, and its column bears its linkId
    ("started_at", lambda row: _time(row.started_at)),
    ("submitted_at", lambda row: _time(row.submitted_at)),
)


def responses_table(questionnaire: Questionnaire, selection: Selection) -> Table:
    """`responses.csv`: one line a response, the stand-alone questions in their order, then the derived counts."""
    questions = question_columns(standalone(questionnaire), selection)
    derived = derived_columns(questionnaire, selection)

    def lines(row: ExportRow) -> Iterator[list[str]]:
        line = [read(row) for _, read in _ABOUT]
        for columns in questions:
            line.extend(columns.of(row.response.answers))
        line.extend(column.of(row.counts) for column in derived)
        yield line

    names = (name for columns in questions for name in columns.names)
    return Table(RESPONSES, (*(name for name, _ in _ABOUT), *names, *(column.name for column in derived)), lines)


def list_table(questionnaire: Questionnaire, rows: Item, selection: Selection) -> Table:
    """`<list>.csv`: one line an entry, by the entry's stable id; `position` counts from 1 in the order listed."""
    fields = question_columns((item for item in rows.walk() if item.is_question), selection)
    written = (lambda answers: answers) if "endings" in selection.groups else fold_endings(questionnaire, rows)

    def lines(row: ExportRow) -> Iterator[list[str]]:
        for position, entry in enumerate(row.response.rows(rows.link_id), 1):
            answers = written(entry.answers)
            line = [row.reference, entry.id, str(position)]
            for columns in fields:
                line.extend(columns.of(answers))
            yield line

    names = (name for columns in fields for name in columns.names)
    return Table(f"{rows.link_id}.csv", ("reference", "entry", "position", *names), lines)


def tables(questionnaire: Questionnaire, selection: Selection) -> tuple[Table, ...]:
    """All files of an export, in order."""
    lists = (list_table(questionnaire, rows, selection) for rows in questionnaire.lists)
    return (responses_table(questionnaire, selection), *lists)


def _csv(table: Table, rows: Iterable[ExportRow], *, for_people: bool) -> Iterator[bytes]:
    """The bytes of one file, RFC 4180: the header at once, then piece by piece."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if for_people:
        text.write(BYTE_ORDER_MARK)
    writer.writerow(table.header)
    yield _taken(text)
    for row in rows:
        writer.writerows(table.lines(row))
        if text.tell() > _CHUNK:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    piece = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return piece


def export_csv(questionnaire: Questionnaire, rows: Rows, *, groups: Collection[str] = (), for_people: bool = True) -> Iterator[bytes]:
    """`responses.csv` alone, as a stream of bytes; `groups` are those of `columns.GROUPS` to include."""
    return _csv(responses_table(questionnaire, Selection(frozenset(groups), for_people)), rows(), for_people=for_people)


class _Pipe(io.RawIOBase):
    """Takes what the zip writer writes until it is fetched. It cannot go back, so the zip is written in one go."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """All that was written since the last time."""
        pieces, self.pieces = self.pieces, []
        return b"".join(pieces)


def export_zip(questionnaire: Questionnaire, rows: Rows, *, groups: Collection[str] = (), for_people: bool = True) -> Iterator[bytes]:
    """The whole export as a stream of bytes; `groups` are those of `columns.GROUPS` to include.

    `rows` is called once a file and must give the same responses each time; nothing is held in memory or put on disk.
    """
    pipe = _Pipe()
    with ZipFile(pipe, "w", ZIP_DEFLATED) as archive:
        for table in tables(questionnaire, Selection(frozenset(groups), for_people)):
            with archive.open(_member(table.name), "w") as member:
                for piece in _csv(table, rows(), for_people=for_people):
                    member.write(piece)
                    yield pipe.taken()
    yield pipe.taken()


def _member(name: str) -> ZipInfo:
    member = ZipInfo(name)
    member.compress_type = ZIP_DEFLATED
    member.external_attr = 0o600 << 16
    return member
