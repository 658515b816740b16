"""The columns of one question, one list and the derived counts: names, meanings and cells, decided by the questionnaire
alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from intake.answers.flat import Json, values_in
from intake.consultations.rules import rules_for
from intake.exports.spreadsheet import guard
from intake.questionnaire.invariants import EXPORT_GROUPS
from intake.questionnaire.model import TYPED, Item, ItemType, Questionnaire
from intake.summary.model import DerivedCount

GROUPS = frozenset(EXPORT_GROUPS)
"""What an export leaves out unless it is asked for: names, contact, free-text, private-talk, sensitive, endings."""

FREE_TEXT = "free-text"
OWN_WORDS = "other"
"""Stands in a single open-choice's cell when the answer is own words, as in the page's own radio button."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column as the codebook tells it. `groups` are those that must all be included for it to be there."""

    name: str
    text: str
    type: str = "string"
    link_id: str = ""
    codes: tuple[tuple[str, str], ...] = ()
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Selection:
    """What an export was asked for: the groups that are included, whether spreadsheet programs will read it, and
    not-asked rows."""

    groups: Collection[str] = frozenset()
    for_people: bool = False
    not_asked: bool = False

    @property
    def typed(self) -> Callable[[str], str]:
        """How a typed text is written."""
        return guard if self.for_people else _text_as_it_is

    def includes(self, groups: Iterable[str]) -> bool:
        """Whether all of these groups are included."""
        return all(group in self.groups for group in groups)


def _text_as_it_is(text: str) -> str:
    return text


def groups_of(item: Item) -> frozenset[str]:
    """The groups a question belongs to; what is typed belongs to free-text if the item names no other group."""
    group = item.export_group or (FREE_TEXT if item.type in TYPED else None)
    return frozenset() if group is None else frozenset({group})


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of one question that stand side by side, and how an answer fills them."""

    link_id: str
    columns: tuple[Column, ...]
    cells: Callable[[Sequence[Json]], Sequence[str]]


def cell(value: Json) -> str:
    """One value as it stands in a cell: a code, `true` or `false`, digits, a date as precise as it was given."""
    return str(value) if value is not True and value is not False else "true" if value else "false"


def _column(item: Item, name: str = "", codes: Iterable[tuple[str, str]] = ()) -> Column:
    return Column(name or item.link_id, item.text, item.type.value, item.link_id, tuple(codes), groups_of(item))


def _plain(item: Item, _typed: Callable[[str], str]) -> list[Columns]:
    return [Columns(item.link_id, (_column(item),), lambda values: (cell(values[0]),))]


def _text(item: Item, typed: Callable[[str], str]) -> list[Columns]:
    return [Columns(item.link_id, (_column(item),), lambda values: (typed(values[0]),))]


def _options(item: Item, typed: Callable[[str], str]) -> list[Columns]:
    options = _several(item) if item.repeats else _single(item)
    return [options, _own_words(item, typed)] if item.type is ItemType.OPEN_CHOICE else [options]


def _single(item: Item) -> Columns:
    codes = [(option.code, option.display) for option in item.options]
    if item.type is ItemType.OPEN_CHOICE:
        codes.append((OWN_WORDS, "Own words"))
    return Columns(item.link_id, (_column(item, codes=codes),), _chosen)


def _chosen(values: Sequence[Json]) -> Sequence[str]:
    first = values[0]  # own words stand behind an option
    return (first if type(first) is str else OWN_WORDS,)


def _several(item: Item) -> Columns:
    columns = tuple(
        _column(item, f"{item.link_id}___{option.code}", [(option.code, option.display)]) for option in item.options
    )
    place = {option.code: number for number, option in enumerate(item.options)}
    none = ["0"] * len(columns)

    def ticked(values: Sequence[Json]) -> list[str]:
        cells = none.copy()
        for value in values:
            if type(value) is str and value in place:  # an option of another version has no column
                cells[place[value]] = "1"
        return cells

    return Columns(item.link_id, columns, ticked)


def _own_words(item: Item, typed: Callable[[str], str]) -> Columns:
    """Own words are typed, so they need free-text beside the group of their question."""
    name = f"{item.link_id}___{OWN_WORDS}"
    column = Column(
        name, item.text, ItemType.STRING.value, item.link_id, ((OWN_WORDS, "Own words"),), groups_of(item) | {FREE_TEXT}
    )

    def own(values: Sequence[Json]) -> Sequence[str]:
        return (next((typed(value["own"]) for value in values if type(value) is dict), ""),)

    return Columns(item.link_id, (column,), own)


COLUMNS: dict[ItemType, Callable[[Item, Callable[[str], str]], list[Columns]]] = {
    ItemType.BOOLEAN: _plain,
    ItemType.INTEGER: _plain,
    ItemType.DATE: _plain,
    ItemType.STRING: _text,
    ItemType.TEXT: _text,
    ItemType.CHOICE: _options,
    ItemType.OPEN_CHOICE: _options,
}
"""Every kind of question has its columns; groups and display texts have none."""


class Answers:
    """The columns of these questions that a selection includes, and the cells of a response or an entry in them."""

    def __init__(self, items: Iterable[Item], selection: Selection) -> None:
        self.columns: list[Column] = []
        self._places: dict[str, list[tuple[slice, Callable[[Sequence[Json]], Sequence[str]]]]] = {}
        for item in items:
            for part in COLUMNS[item.type](item, selection.typed):
                if selection.includes(part.columns[0].groups):
                    place = slice(len(self.columns), len(self.columns) + len(part.columns))
                    self._places.setdefault(part.link_id, []).append((place, part.cells))
                    self.columns.extend(part.columns)
        self._blank = [""] * len(self.columns)

    def cells(self, answers: Mapping[str, Json]) -> list[str]:
        """One line of cells: all empty for a question that was not answered. Costs what was answered, not what could
        be."""
        line = self._blank.copy()
        for link_id, raw in answers.items():
            places = self._places.get(link_id)
            if places is not None and (values := values_in(raw)):
                for place, cells in places:
                    line[place] = cells(values)
        return line


def standalone(questionnaire: Questionnaire) -> list[Item]:
    """The questions outside lists, in the questionnaire's order."""
    return [item for item in questionnaire.walk() if item.is_question and questionnaire.list_of(item.link_id) is None]


class Derived:
    """The columns of the derived counts that a selection includes, and their cells: `derived.` and the path in
    `counts`."""

    def __init__(self, questionnaire: Questionnaire, selection: Selection) -> None:
        counts = [
            count
            for count in rules_for(questionnaire).derived(questionnaire)
            if selection.includes((count.group,) if count.group else ())
        ]
        self.columns = [
            Column(
                f"derived.{count.path}", count.text, count.type, groups=frozenset((count.group,) if count.group else ())
            )
            for count in counts
        ]
        self._parts = [
            (way, [(one.last, one.left_out or None) for one in part])
            for way, part in groupby(counts, key=lambda count: count.way)
        ]

    def cells(self, counts: Mapping[str, Any]) -> list[str]:
        """One line of cells: empty where a count does not apply."""
        cells: list[str] = []
        for way, names in self._parts:
            part = DerivedCount.part(counts, way)
            if part is None:
                cells += [""] * len(names)
            else:
                values = [part.get(name, left_out) for name, left_out in names]
                cells += ["" if value is None else cell(value) for value in values]
        return cells
