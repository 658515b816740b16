"""An export for people turned back into the exact bytes that programs would have been given."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from intake.exports.archive import MANIFEST, CsvFile, manifest, zipped
from intake.exports.spreadsheet import BYTE_ORDER_MARK, unguard

PEOPLE = "people"
PROGRAMS = "programs"
_CHUNK = 64 * 1024


class NotForPeople(Exception):
    """The file is no export for people, or no longer the one that was made."""

    def __init__(self) -> None:
        super().__init__("This is no export for people as it was made; give the file that was downloaded, unchanged.")


def decode_csv(file: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a CSV file of 0.6 or newer without its mark, each guarding `'` taken off. Raises NotForPeople."""
    decoded, lines = _opened("", file)
    return _pieces(decoded, lines, parts=True)


def decode_zip(file: IO[bytes]) -> Iterator[bytes]:
    """The zip with each CSV file decoded, and the manifest with the hashes of what they are now. Raises
    NotForPeople."""
    try:
        with ZipFile(file) as archive:
            told = json.loads(archive.read(MANIFEST))
            if told["for"] != PEOPLE:
                raise NotForPeople
            decoded: list[CsvFile] = []

            def member(name: str, wanted: Mapping[str, Any]) -> Iterator[bytes]:
                if _sha256(archive.open(name)) != wanted["sha256"]:
                    raise NotForPeople
                found, lines = _opened(name, archive.open(name))
                decoded.append(found)
                yield from _pieces(found, lines, parts=not _guards_beginnings_alone(told))

            members = {name: member(name, wanted) for name, wanted in told["files"].items()}
            yield from zipped(members, lambda: manifest({**told, "for": PROGRAMS}, decoded))
    except (BadZipFile, KeyError, ValueError, TypeError, AttributeError):
        raise NotForPeople from None


def _guards_beginnings_alone(told: Mapping[str, Any]) -> bool:
    """Whether an export was made before 0.6 (`spreadsheet`), by the version that its manifest names."""
    made_by = str(told.get("versions", {}).get("intake", "0.6"))
    return made_by.startswith(tuple(f"0.{minor}." for minor in range(6)))


def _opened(name: str, file: IO[bytes]) -> tuple[CsvFile, Iterator[list[str]]]:
    text = io.TextIOWrapper(file, "utf-8", newline="")
    try:
        if text.read(1) != BYTE_ORDER_MARK:
            raise NotForPeople
        lines = csv.reader(text, strict=True)
        return CsvFile(name, next(lines), for_people=False), lines
    except (ValueError, csv.Error, StopIteration):
        raise NotForPeople from None


def _pieces(decoded: CsvFile, lines: Iterator[list[str]], *, parts: bool) -> Iterator[bytes]:
    yield decoded.taken()
    try:
        for line in lines:
            if decoded.add([[unguard(cell, parts=parts) for cell in line]]):
                yield decoded.taken()
    except (ValueError, csv.Error):
        raise NotForPeople from None
    yield decoded.taken()


def _sha256(file: IO[bytes]) -> str:
    found = hashlib.sha256()
    while piece := file.read(_CHUNK):
        found.update(piece)
    return found.hexdigest()
