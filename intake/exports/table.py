"""The export as files: `responses.csv` and one CSV for each list, streamed, alone or in a zip."""

from __future__ import annotations

import csv
import io
import zlib
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
"""Reads the rows; called once an export, when the first of them is wanted."""


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


class _Lines:
    """One file in the making, RFC 4180: lines go in, bytes come out."""

    def __init__(self, table: Table, *, for_people: bool) -> None:
        self.table = table
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text)
        if for_people:
            self._text.write(BYTE_ORDER_MARK)
        self._writer.writerow(table.header)

    def add(self, row: ExportRow) -> bool:
        """Take the lines of one response; says whether enough has come together to be fetched."""
        self._writer.writerows(self.table.lines(row))
        return self._text.tell() > _CHUNK

    def taken(self) -> bytes:
        """All that was written since the last time."""
        piece = self._text.getvalue().encode()
        self._text.seek(0)
        self._text.truncate()
        return piece


class _Waiting(_Lines):
    """A file whose turn in the zip comes after the one that is being written: packed small until then."""

    def __init__(self, table: Table, *, for_people: bool) -> None:
        super().__init__(table, for_people=for_people)
        self._packed: list[bytes] = []

    def add(self, row: ExportRow) -> bool:
        """Take the lines of one response."""
        if super().add(row):
            self._packed.append(zlib.compress(self.taken()))
        return False

    def pieces(self) -> Iterator[bytes]:
        """The whole file, piece by piece."""
        yield from (zlib.decompress(piece) for piece in self._packed)
        yield self.taken()


def _written(file: _Lines, rows: Rows, others: Iterable[_Lines] = ()) -> Iterator[bytes]:
    """The bytes of a file: the header at once, then piece by piece; the other files take the same rows meanwhile."""
    yield file.taken()
    for row in rows():
        for other in others:
            other.add(row)
        if file.add(row):
            yield file.taken()
    yield file.taken()


def export_csv(questionnaire: Questionnaire, rows: Rows, *, groups: Collection[str] = (), for_people: bool = True) -> Iterator[bytes]:
    """`responses.csv` alone, as a stream of bytes; `groups` are those of `columns.GROUPS` to include."""
    table = responses_table(questionnaire, Selection(frozenset(groups), for_people))
    return _written(_Lines(table, for_people=for_people), rows)


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

    The rows are read once, so every file holds the same responses. Nothing is put on disk: the files of the lists wait in memory,
    packed, until `responses.csv` is written (about 70 bytes a response, so 7 MB for 100,000).
    """
    pipe = _Pipe()
    first, *others = tables(questionnaire, Selection(frozenset(groups), for_people))
    waiting = [_Waiting(table, for_people=for_people) for table in others]
    with ZipFile(pipe, "w", ZIP_DEFLATED) as archive:
        files = {first.name: _written(_Lines(first, for_people=for_people), rows, waiting)}
        files |= {file.table.name: file.pieces() for file in waiting}
        for name, pieces in files.items():
            with archive.open(_member(name), "w") as member:
                for piece in pieces:
                    member.write(piece)
                    yield pipe.taken()
    yield pipe.taken()


def _member(name: str) -> ZipInfo:
    member = ZipInfo(name)
    member.compress_type = ZIP_DEFLATED
    member.external_attr = 0o600 << 16
    return member
