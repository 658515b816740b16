"""`codebook.csv`: what every column of an export means, code by code, and which columns this export leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from intake.consultations.rules import Folding
from intake.exports.columns import GROUPS, Column, Selection
from intake.exports.folding import folded_codes, folding_for
from intake.exports.table import Table, tables
from intake.questionnaire.invariants import EXPORT_GROUPS
from intake.questionnaire.model import Questionnaire

CODEBOOK = "codebook.csv"
LEFT_OUT = "left-out"
"""Stands in `type` for a column that is not in this export; `code` is then the group that is off, one line for each
such group."""

_COLUMNS = (
    Column("file", "The file that the column stands in"),
    Column("column", "The column’s name"),
    Column("linkId", "The question that it belongs to"),
    Column("type", f"What its cells hold, or {LEFT_OUT}: the column is not in this export"),
    Column("text", "The question as the patient reads it, or what the column holds"),
    Column(
        "code",
        "A code that can stand in the column; for an option with a column of its own, that option; the group "
        "that is off",
    ),
    Column("display", "What the code means"),
)
HEADER = tuple(column.name for column in _COLUMNS)


def codebook(questionnaire: Questionnaire, selection: Selection) -> Iterator[list[str]]:
    """The lines of the codebook: every column there can be, file by file, those of groups that are off marked as left
    out."""
    folding = folding_for(questionnaire, selection)
    for table in tables(questionnaire, replace(selection, groups=GROUPS)):
        for line in _table_lines(table, selection, folding):
            yield [selection.typed(text) for text in line]
    for column in _COLUMNS:
        yield [CODEBOOK, column.name, "", column.type, column.text, "", ""]


def _table_lines(table: Table, selection: Selection, folding: Folding | None) -> Iterator[list[str]]:
    for column in table.columns:
        if selection.includes(column.groups):
            yield from _column_lines(table.name, column, folding)
        else:
            for group in (name for name in EXPORT_GROUPS if name in column.groups and name not in selection.groups):
                note = f"Not in this export: the group {group} is off."
                yield [table.name, column.name, column.link_id, LEFT_OUT, column.text, group, note]


def _column_lines(file: str, column: Column, folding: Folding | None) -> Iterator[list[str]]:
    about = [file, column.name, column.link_id, column.type, column.text]
    codes = folded_codes(folding, column.codes) if folding and column.name == folding.question else column.codes
    if (
        column.name != column.link_id and column.link_id
    ):  # one option's own column: the line that names it names its code
        yield from ([*about, code, display] for code, display in codes)
        return
    yield [*about, "", ""]
    yield from ([*about, code, display] for code, display in codes)
