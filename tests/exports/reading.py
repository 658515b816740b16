"""Exports read back as other people read them: Python's csv, pandas, and LibreOffice."""

from __future__ import annotations

import csv
import io
import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas

from intake.answers import flat
from intake.exports.archive import Rows, Spool, export_csv, export_zip
from intake.exports.columns import Selection
from intake.exports.table import ExportRow
from intake.questionnaire.absence import PagesVisited
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import QuestionnaireResponse

Line = dict[str, str]
STARTED = datetime(2026, 11, 22, 9, 30, 5, 123456, tzinfo=UTC)
SENT = datetime(2026, 11, 22, 10, 1, 0, tzinfo=UTC)


def export_row(
    questionnaire: Questionnaire,
    response: QuestionnaireResponse,
    reference: str = "7KQ4-M2XD",
    way: PagesVisited | None = None,
    **counts: object,
) -> ExportRow:
    """A sent response as the records hand it over: its answers as they are kept, what was hidden not in it any more."""
    answers = flat.write_answers(questionnaire, response.answers)
    entries = flat.write_entries(questionnaire, response.entries)
    return ExportRow(
        reference=reference,
        status="completed",
        review_status="new",
        questionnaire=questionnaire,
        language="en",
        started_at=STARTED,
        submitted_at=SENT,
        response=flat.kept_response(questionnaire, answers, entries),
        counts=counts,
        way=way or PagesVisited(),
    )


class Held:
    """A spool that holds its bytes as they are."""

    def __init__(self) -> None:
        self.held: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.held.append(data)

    def pieces(self) -> Iterator[bytes]:
        yield from self.held

    def close(self) -> None:
        self.held.clear()


def stream(
    questionnaire: Questionnaire,
    rows: Rows,
    *,
    groups: Iterable[str] = (),
    for_people: bool = False,
    not_asked: bool = False,
    spool: Callable[[], Spool] = Held,
) -> Iterator[bytes]:
    """The zip, piece by piece."""
    about = {"for": "people" if for_people else "programs"}
    return export_zip(
        questionnaire, rows, Selection(frozenset(groups), for_people, not_asked), about=lambda: about, spool=spool
    )


def csv_stream(
    questionnaire: Questionnaire, rows: Rows, *, groups: Iterable[str] = (), for_people: bool = False
) -> Iterator[bytes]:
    """`responses.csv` alone, piece by piece."""
    return export_csv(questionnaire, rows, Selection(frozenset(groups), for_people))


def members(data: bytes) -> dict[str, bytes]:
    """The files of a zip by name."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


def zipped(questionnaire: Questionnaire, rows: Sequence[ExportRow], **wanted: Any) -> dict[str, bytes]:
    """The files that responses fill, by name: `responses.csv`, the lists, `absent.csv`."""
    found = members(b"".join(stream(questionnaire, lambda: rows, **wanted)))
    return {name: content for name, content in found.items() if name not in ("codebook.csv", "manifest.json")}


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


_AS_TEXT = "/".join(f"{column}/2" for column in range(1, 401))
"""LibreOffice's token for “this column is text”, for more columns than any file has."""

IMPORT = f"Text - txt - csv (StarCalc):44,34,76,1,{_AS_TEXT},0,false,false"
EXPORT = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false"
"""Comma, quote, UTF-8, from line 1; nothing guessed on the way in, every text quoted on the way out."""


def by_libreoffice(files: dict[str, bytes], folder: Path) -> dict[str, list[Line]]:
    """The files opened as spreadsheets, every column text, and what then stands in the cells. A line break in a cell is
    LF there."""
    given, made = folder / "given", folder / "made"
    given.mkdir()
    for name, content in files.items():
        (given / name).write_bytes(content)
    command = [
        "soffice",
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        f"--infilter={IMPORT}",
    ]
    paths = [str(given / name) for name in files]
    subprocess.run(
        [*command, "--convert-to", EXPORT, "--outdir", str(made), *paths], check=True, capture_output=True, timeout=300
    )
    return {name: by_csv((made / name).read_bytes()) for name in files}
