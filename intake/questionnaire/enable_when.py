"""Which items are shown: FHIR R4 enableWhen, looked up in an item's own list entry first and then in the whole form."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from types import MappingProxyType
from typing import Any

from intake.questionnaire.model import EnableBehavior, EnableWhen, Gate, Item, Operator, Questionnaire
from intake.questionnaire.response import Entry, QuestionnaireResponse
from intake.questionnaire.values import Answer, Coding, PartialDate, Value

_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.GREATER: operator.gt,
    Operator.LESS: operator.lt,
    Operator.GREATER_OR_EQUAL: operator.ge,
    Operator.LESS_OR_EQUAL: operator.le,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as this patient was asked it: the item and, for a row field, its entry and the entry's number from
    1."""

    item: Item
    entry: Entry | None = None
    number: int | None = None
    rows: Item | None = None

    @property
    def entry_name(self) -> str | None:
        """What its entry is called: “Pregnancy 2”."""
        return f"{self.rows.row_label} {self.number}" if self.rows is not None else None

    @property
    def _together(self) -> tuple[str, str]:
        """The same for what stands together: stand-alone questions, or those of an entry."""
        rows = self.item if self.item.is_rows else self.rows
        return rows.link_id if rows is not None else "", self.entry.id if self.entry is not None else ""


class Shown:
    """What one response shows of its questionnaire. Ask it; it looks each thing up once."""

    def __init__(self, questionnaire: Questionnaire, response: QuestionnaireResponse) -> None:
        self.questionnaire = questionnaire
        self.response = response
        self._gates = questionnaire.gates
        self._lists = questionnaire.list_by_field
        self._known: dict[str | tuple[str, str], bool] = {}

    def is_shown(self, item: Item, entry: Entry | None = None) -> bool:
        """Whether the item is on this patient's form; a field of a list is asked about with its entry.

        A hidden group hides all its children, and a hidden question counts as unanswered (clinical.md 2.1).
        """
        gate = self._gates[item.link_id]
        return gate is None or self.opens(gate, entry)

    def answer(self, link_id: str, entry: Entry | None = None) -> Answer:
        """The answer to a question if it is shown, else no answer."""
        item = self.questionnaire.item(link_id)
        return self.response.answer(link_id, entry) if self.is_shown(item, entry) else Answer()

    def questions(self) -> Iterator[Asked]:
        """Every question shown, in the questionnaire's order; row fields row by row at the place of their list."""
        for item in self.questionnaire.items:
            yield from self.questions_in(item)

    def questions_in(self, item: Item) -> Iterator[Asked]:
        """The questions shown in one item, in order."""
        if not self.is_shown(item):
            return
        if item.is_question:
            yield Asked(item)
        elif item.is_rows:
            for number, entry in enumerate(self.response.rows(item.link_id), 1):
                yield from (Asked(asked, entry, number, item) for asked in self.fields(item, entry))
        else:
            for child in item.items:
                yield from self.questions_in(child)

    def groups_in(self, items: Iterable[Item]) -> Iterator[list[Asked]]:
        """What is shown in these items, in order: stand-alone questions together, each entry of a list by itself, and a
        list without an entry in its place."""
        asked = (one for item in items for leaf in item.leaves for one in self._asked(leaf))
        for _, group in groupby(asked, key=lambda one: one._together):
            yield list(group)

    def _asked(self, leaf: Item) -> Iterator[Asked]:
        if leaf.is_rows and not self.response.rows(leaf.link_id):
            yield from (Asked(leaf),) if self.is_shown(leaf) else ()
        else:
            yield from self.questions_in(leaf)

    def fields(self, rows: Item, entry: Entry) -> list[Item]:
        """The questions shown in one entry of a list, in order."""
        return [item for item in rows.fields if self.is_shown(item, entry)]

    def lists_in(self, item: Item) -> list[Item]:
        """The repeating lists shown in one item."""
        return [rows for rows in item.lists() if self.is_shown(rows)]

    def without_hidden(self) -> Shown:
        """The same look at the same response without its hidden answers: these count as unanswered already, so it shows
        the same."""
        by_id = self.questionnaire.by_link_id
        answers = {
            link_id: answer for link_id, answer in self.response.answers.items() if self.is_shown(by_id[link_id])
        }
        entries = {
            name: tuple(self._without_hidden(entry) for entry in rows)
            for name, rows in self.response.entries.items()
            if self.is_shown(by_id[name])
        }
        visible = Shown(
            self.questionnaire,
            replace(self.response, answers=MappingProxyType(answers), entries=MappingProxyType(entries)),
        )
        visible._known = self._known
        return visible

    def _without_hidden(self, entry: Entry) -> Entry:
        by_id = self.questionnaire.by_link_id
        answers = {name: answer for name, answer in entry.answers.items() if self.is_shown(by_id[name], entry)}
        return Entry(entry.id, MappingProxyType(answers))

    def opens(self, gate: Gate, entry: Entry | None) -> bool:
        """Whether an item that has conditions is shown: all behind it are, up to the next such item
        (`Questionnaire.gates`)."""
        key: str | tuple[str, str] = gate.item.link_id
        if gate.rows is None:
            entry = None
        elif entry is not None:
            key = (gate.item.link_id, entry.id)
        known = self._known.get(key)
        if known is None:
            self._known[key] = False  # a condition that leads back to itself holds for nobody
            known = self._known[key] = self._look(gate, entry)
        return known

    def _look(self, gate: Gate, entry: Entry | None) -> bool:
        if gate.outer is not None and not self.opens(gate.outer, entry):
            return False
        item = gate.item
        if item.one_of is not None:
            question, codes = item.one_of
            return any(self.chose(answer, codes) for answer in self._answers(question, gate.rows, entry))
        results = (self._holds(condition, gate.rows, entry) for condition in item.enable_when)
        return any(results) if item.enable_behavior is EnableBehavior.ANY else all(results)

    def chose(self, answer: Answer, codes: frozenset[str]) -> bool:
        """Whether an answer has one of these codes."""
        return any(isinstance(value, Coding) and value.code in codes for value in answer.values)

    def values(self, _link_id: str, answer: Answer) -> tuple[Value, ...]:
        """What stands in an answer to this question."""
        return answer.values

    def _holds(self, condition: EnableWhen, own: Item | None, entry: Entry | None) -> bool:
        question = condition.question
        values = [value for answer in self._answers(question, own, entry) for value in self.values(question, answer)]
        if condition.operator is Operator.EXISTS:
            return bool(values) is condition.answer
        return any(_compare(condition.operator, value, condition.answer) for value in values)

    def _answers(self, link_id: str, own: Item | None, entry: Entry | None) -> Sequence[Answer]:
        """The answers to a question that count: its own, that of the same entry, or those of every entry."""
        rows = self._lists.get(link_id)
        if rows is None:
            places: Iterable[tuple[Mapping[str, Answer], Entry | None]] = ((self.response.answers, None),)
        elif rows is own:
            places = ((entry.answers, entry),) if entry is not None else ()
        else:
            places = [(row.answers, row) for row in self.response.rows(rows.link_id)]
        gate = self._gates[link_id]
        return [
            answers[link_id]
            for answers, row in places
            if link_id in answers and (gate is None or self.opens(gate, row))
        ]


def _compare(by: Operator, value: Value, wanted: Value) -> bool:
    """One R4 comparison. Of a partial date only what is certain counts: 2021 is before March 2022, not before March
    2021."""
    if by is Operator.EQUAL:
        return type(value) is type(wanted) and value == wanted
    if by is Operator.NOT_EQUAL:
        return not _compare(Operator.EQUAL, value, wanted)
    if isinstance(value, PartialDate) and isinstance(wanted, PartialDate):
        if by in (Operator.GREATER, Operator.GREATER_OR_EQUAL):
            return _COMPARE[by](value.first, wanted.last if by is Operator.GREATER else wanted.first)
        return _COMPARE[by](value.last, wanted.first if by is Operator.LESS else wanted.last)
    if type(value) is type(wanted) and isinstance(value, int | str):
        return _COMPARE[by](value, wanted)
    return False


def as_sent(questionnaire: Questionnaire, response: QuestionnaireResponse) -> QuestionnaireResponse:
    """The response with the answers of shown questions only: what is sent, summarised and exported (clinical.md
    2.1)."""
    return Shown(questionnaire, response).without_hidden().response


def hidden_answers(questionnaire: Questionnaire, response: QuestionnaireResponse) -> int:
    """How many answers are kept in the draft and will not be sent, as their questions are hidden now."""
    return sum(1 for _ in response.said()) - sum(1 for _ in as_sent(questionnaire, response).said())
