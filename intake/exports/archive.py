"""The export as a stream of bytes: `responses.csv` alone, or all files in a zip with a codebook and a manifest."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from itertools import islice
from typing import Any, Protocol
from zipfile import ZIP_DEFLATED, ZipFile

from intake.exports.codebook import CODEBOOK, HEADER, codebook
from intake.exports.columns import Selection
from intake.exports.spreadsheet import BYTE_ORDER_MARK
from intake.exports.table import ExportRow, responses_table, tables
from intake.questionnaire.model import Questionnaire

MANIFEST = "manifest.json"
_CHUNK = 32 * 1024
_TOGETHER = 25
"""So many responses are written with one call."""
_LEVEL = 1
"""Tables full of empty cells pack well at the least effort: a tenth more bytes for a third of the time."""

Rows = Callable[[], Iterable[ExportRow]]
"""Reads the rows; called once an export, when the first of them is wanted."""

About = Callable[[], Mapping[str, Any]]
"""What the manifest says beside the files; called once, when all rows were read."""


class Spool(Protocol):
    """Where a member's bytes wait for their turn: written once, then read once."""

    def write(self, data: bytes) -> None:
        """Add these bytes."""

    def pieces(self) -> Iterator[bytes]:
        """All of them, in order."""

    def close(self) -> None:
        """Give up what is held."""


class CsvFile:
    """One CSV file in the making, RFC 4180: lines go in, bytes come out, rows are counted and the bytes hashed on the
    way."""

    def __init__(self, name: str, header: Iterable[str], *, for_people: bool) -> None:
        self.name = name
        self.rows = 0
        self._sha256 = hashlib.sha256()
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text)
        if for_people:
            self._text.write(BYTE_ORDER_MARK)
        self._writer.writerow(header)

    def add(self, lines: Iterable[list[str]]) -> bool:
        """Take these lines; says whether enough has come together to be fetched."""
        if written := list(lines):
            self._writer.writerows(written)
            self.rows += len(written)
        return self._text.tell() > _CHUNK

    def taken(self) -> bytes:
        """All that was written since the last time."""
        piece = self._text.getvalue().encode()
        self._text.seek(0)
        self._text.truncate()
        self._sha256.update(piece)
        return piece

    @property
    def told(self) -> dict[str, object]:
        """What the manifest says of it, once it is whole."""
        return {"rows": self.rows, "sha256": self._sha256.hexdigest()}


def export_csv(questionnaire: Questionnaire, rows: Rows, selection: Selection) -> Iterator[bytes]:
    """`responses.csv` alone, as a stream of bytes."""
    table = responses_table(questionnaire, selection)
    file = CsvFile(table.name, table.header, for_people=selection.for_people)
    yield file.taken()
    for batch in _batches(rows()):
        if file.add([line for row in batch for line in table.lines(row)]):
            yield file.taken()
    yield file.taken()


def _batches(rows: Iterable[ExportRow]) -> Iterator[list[ExportRow]]:
    left = iter(rows)
    while batch := list(islice(left, _TOGETHER)):
        yield batch


def export_zip(
    questionnaire: Questionnaire, rows: Rows, selection: Selection, *, about: About, spool: Callable[[], Spool]
) -> Iterator[bytes]:
    """The whole export as a stream of bytes.

    The rows are read once, so every file holds the same responses. What cannot be written yet, as `responses.csv` comes
    first, waits in a spool each; raises whatever those raise.
    """
    every = tables(questionnaire, selection)
    files = [CsvFile(table.name, table.header, for_people=selection.for_people) for table in every]
    book = CsvFile(CODEBOOK, HEADER, for_people=selection.for_people)
    with ExitStack() as held:
        waiting = [
            (table, file, held.enter_context(closing(spool())))
            for table, file in zip(every[1:], files[1:], strict=True)
        ]

        def first() -> Iterator[bytes]:
            yield files[0].taken()
            for batch in _batches(rows()):
                for table, file, spooled in waiting:
                    if file.add([line for row in batch for line in table.lines(row)]):
                        spooled.write(file.taken())
                if files[0].add([line for row in batch for line in every[0].lines(row)]):
                    yield files[0].taken()
            yield files[0].taken()

        def later(file: CsvFile, spooled: Spool) -> Iterator[bytes]:
            yield from spooled.pieces()
            yield file.taken()

        def whole_codebook() -> Iterator[bytes]:
            book.add(codebook(questionnaire, selection))
            yield book.taken()

        members = (
            {files[0].name: first()}
            | {file.name: later(file, spooled) for _, file, spooled in waiting}
            | {CODEBOOK: whole_codebook()}
        )
        yield from zipped(members, lambda: manifest(about(), (*files, book)))


def manifest(about: Mapping[str, Any], files: Iterable[CsvFile]) -> bytes:
    """`manifest.json`: what the caller tells, then each file's rows and hash."""
    told = {**about, "files": {file.name: file.told for file in files}}
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()


def zipped(members: Mapping[str, Iterable[bytes]], last: Callable[[], bytes]) -> Iterator[bytes]:
    """A zip as a stream of bytes: these members in order, then the manifest, which is made when they are all
    written."""
    pipe = Pipe()
    with ZipFile(pipe, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name, pieces in members.items():
            with archive.open(name, "w") as member:
                for piece in pieces:
                    member.write(piece)
                    yield pipe.taken()
        archive.writestr(MANIFEST, last())
    yield pipe.taken()


class Pipe(io.RawIOBase):
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
