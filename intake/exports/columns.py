"""The columns of one question, one list and the derived counts: names and cells, decided by the questionnaire alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from intake.exports.spreadsheet import guard
from intake.questionnaire.invariants import EXPORT_GROUPS
from intake.questionnaire.model import Item, ItemType, Questionnaire
from intake.questionnaire.values import Answer, Coding, PartialDate, Value
from intake.summary.counts import LOSSES

GROUPS = frozenset(EXPORT_GROUPS)
"""What an export leaves out unless it is asked for: names, contact, free-text, private-talk, sensitive, endings."""

OWN_WORDS = "other"
"""Stands in a single open-choice's cell when the answer is own words, as in the page's own radio button."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one question: their names, and how an answer fills them."""

    link_id: str
    names: tuple[str, ...]
    cells: Callable[[Answer], Iterable[str]]

    def of(self, answers: Mapping[str, Answer]) -> Iterable[str]:
        """The cells of this question: all empty if it was not answered."""
        answer = answers.get(self.link_id)
        return self.cells(answer) if answer is not None and answer.answered else ("",) * len(self.names)


def _text_as_it_is(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Selection:
    """What an export was asked for: the groups that are included, and whether spreadsheet programs will read it."""

    groups: Collection[str] = frozenset()
    for_people: bool = False

    @property
    def own_words(self) -> bool:
        """Whether typed texts are included."""
        return "free-text" in self.groups

    @property
    def typed(self) -> Callable[[str], str]:
        """How a typed text is written."""
        return guard if self.for_people else _text_as_it_is

    def includes(self, item: Item) -> bool:
        """Whether a question is included; what is typed belongs to free-text if the item names no other group."""
        group = item.export_group or ("free-text" if item.type in (ItemType.STRING, ItemType.TEXT) else None)
        return group is None or group in self.groups


def cell(value: Value) -> str:
    """One value as it stands in a cell: a code, `true` or `false`, digits, a date as precise as it was given, a text as typed."""
    match value:
        case Coding(code):
            return code
        case bool():
            return "true" if value else "false"
        case PartialDate():
            return value.iso
        case _:
            return str(value)


def _plain(item: Item, _selection: Selection) -> Columns:
    return Columns(item.link_id, (item.link_id,), lambda answer: (cell(answer.values[0]),))


def _typed(item: Item, selection: Selection) -> Columns:
    typed = selection.typed
    return Columns(item.link_id, (item.link_id,), lambda answer: (typed(answer.own_words or ""),))


def _options(item: Item, selection: Selection) -> Columns:
    return _several(item, selection) if item.repeats else _single(item, selection)


def _single(item: Item, selection: Selection) -> Columns:
    def chosen(answer: Answer) -> tuple[str, ...]:
        return (next(iter(answer.codes), OWN_WORDS),)

    return _with_own_words(Columns(item.link_id, (item.link_id,), chosen), item, selection)


def _several(item: Item, selection: Selection) -> Columns:
    codes = tuple(option.code for option in item.options)

    def ticked(answer: Answer) -> list[str]:
        chosen = set(answer.codes)
        return ["1" if code in chosen else "0" for code in codes]

    return _with_own_words(Columns(item.link_id, tuple(f"{item.link_id}___{code}" for code in codes), ticked), item, selection)


def _with_own_words(columns: Columns, item: Item, selection: Selection) -> Columns:
    """Own words are typed, so they need free-text beside the group of their question."""
    if item.type is not ItemType.OPEN_CHOICE or not selection.own_words:
        return columns
    typed, cells = selection.typed, columns.cells
    names = (*columns.names, f"{item.link_id}___{OWN_WORDS}")
    return Columns(item.link_id, names, lambda answer: (*cells(answer), typed(answer.own_words or "")))


COLUMNS: dict[ItemType, Callable[[Item, Selection], Columns]] = {
    ItemType.BOOLEAN: _plain,
    ItemType.INTEGER: _plain,
    ItemType.DATE: _plain,
    ItemType.STRING: _typed,
    ItemType.TEXT: _typed,
    ItemType.CHOICE: _options,
    ItemType.OPEN_CHOICE: _options,
}
"""Every kind of question has its columns; groups and display texts have none."""


def question_columns(items: Iterable[Item], selection: Selection) -> tuple[Columns, ...]:
    """The columns of these questions, those of groups that are switched off left out."""
    return tuple(COLUMNS[item.type](item, selection) for item in items if selection.includes(item))


def standalone(questionnaire: Questionnaire) -> list[Item]:
    """The questions outside lists, in the questionnaire's order."""
    return [item for item in questionnaire.walk() if item.is_question and questionnaire.list_of(item.link_id) is None]


@dataclass(frozen=True, slots=True)
class Derived:
    """One derived count: its path in the summary's `counts`, and what a part that names only what is there leaves out."""

    path: tuple[str, ...]
    left_out: str = ""

    @property
    def name(self) -> str:
        """`derived.` and the path."""
        return ".".join(("derived", *self.path))

    def of(self, counts: Mapping[str, Any]) -> str:
        """The cell: empty where the count does not apply (clinical.md 3.3, Keys and types of `counts`)."""
        part: Any = counts
        for key in self.path[:-1]:
            part = part.get(key)
            if part is None:
                return ""
        value = part.get(self.path[-1], self.left_out)
        return "" if value is None else cell(value)


_TELL_ENDINGS = frozenset({"gtpal", "ended_for_medical_reasons", "not_placed"})
"""With weeks and outcomes beside them these tell how a pregnancy ended (docs/decisions/0013-endings-in-exports.md)."""


def derived_columns(questionnaire: Questionnaire, selection: Selection) -> tuple[Derived, ...]:
    """Every derived count that there can be, in the order of clinical.md 3.3; words and codes come from the questionnaire."""
    outcomes, results = (questionnaire.item(name).option_by_code for name in ("preg-outcome", "transfer-result"))
    kinds = [outcomes[code].words for code in LOSSES]
    codes = [code for code in results if code != "cancelled"]
    every = (
        *(Derived((name,)) for name in ("gtpal", "not_placed", "unlisted")),
        Derived(("losses", "total")),
        *(Derived(("losses", "by_kind", kind), left_out="0") for kind in kinds),
        *(Derived(("losses", "by_weeks", weeks)) for weeks in ("before_14", "14_to_27", "28_or_later", "weeks_not_given")),
        Derived(("ended_for_medical_reasons",)),
        *(Derived(("carried_by_partner_or_surrogate", name)) for name in ("pregnancies", "losses", "living_children")),
        *(Derived(("carrier_not_given", name)) for name in ("pregnancies", "losses")),
        *(Derived(("transfers", name)) for name in ("listed", "stated", "cancelled", "embryos", "embryos_at_least")),
        *(Derived(("transfers", "results", code), left_out="0") for code in codes),
        *(Derived((name,)) for name in ("egg_collections", "embryos_stored", "age", "viability_weeks")),
    )
    return tuple(column for column in every if "endings" in selection.groups or column.path[0] not in _TELL_ENDINGS)
