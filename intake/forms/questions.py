"""One question as a macro draws it: plain data, made from the item, what stands in its controls, and what was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from intake.forms.form import Problem
from intake.forms.page_form import ParsedPage
from intake.forms.typed import NOTHING_TYPED, Typed, first_control, reasons, typed_from
from intake.questionnaire.model import AnswerOption, Item, ItemType
from intake.questionnaire.values import AbsentReason, Answer

REASON_WORDS = {AbsentReason.ASKED_UNKNOWN: "I don't know", AbsentReason.ASKED_DECLINED: "I'd rather not say"}
MANY, SHORT = 6, 30
"""How many options, of how many characters at most, stand in two columns."""
APART = frozenset({"unknown", "declined", "not-sure"})
"""The codes of "I don't know", "I'd rather not say" and "I'm not sure": they stand apart, in the same size and ink."""


@dataclass(frozen=True)
class Question:
    """One question on a page. `heading`: its legend holds the page's title; `focus`: the page opens at it; `own`: who
    fills it in answers for herself, so that a browser may offer what it knows of her."""

    item: Item
    typed: Typed = NOTHING_TYPED
    problem: Problem | None = None
    heading: bool = False
    focus: bool = False
    described_by: tuple[str, ...] = ()
    own: bool = True

    @property
    def name(self) -> str:
        """The linkId: the name of its control."""
        return self.item.link_id

    @property
    def kind(self) -> str:
        """The name of the macro that draws it."""
        return self.item.type.value

    @property
    def is_required(self) -> bool:
        """Whether the page says "(required)"."""
        return self.item.required or self.item.row_required or self.item.must_be_true

    @cached_property
    def options(self) -> tuple[AnswerOption, ...]:
        """The options that stand together."""
        return tuple(option for option in self.item.options if not self._apart(option))

    @cached_property
    def options_apart(self) -> tuple[AnswerOption, ...]:
        """The exclusive ones and those that give no answer, after "or"."""
        return tuple(option for option in self.item.options if self._apart(option))

    def _apart(self, option: AnswerOption) -> bool:
        return option.code in APART or option.code in self.item.exclusive

    @property
    def in_columns(self) -> bool:
        """Whether there are many options, all short, so that a wide page shows them in two columns."""
        return len(self.options) >= MANY and all(len(one.display) <= SHORT for one in self.options)

    @property
    def wants(self) -> str:
        """The name of the one control without which the question has no answer, where there is one; of a date it is
        the year. Empty where nothing is required."""
        if not self.is_required or (self.item.is_choice and self.item.repeats):
            return ""
        return f"{self.name}.year" if self.item.type is ItemType.DATE else self.name

    @property
    def is_open(self) -> bool:
        """Whether own words may be written."""
        return self.item.type is ItemType.OPEN_CHOICE

    @property
    def reasons(self) -> tuple[tuple[str, str], ...]:
        """The tick boxes for no answer: value and words."""
        return tuple((reason.value, REASON_WORDS[reason]) for reason in reasons(self.item))

    @property
    def describing(self) -> str:
        """The ids of what describes its controls: what was shown with it, its hint, its error."""
        ids = list(self.described_by)
        if self.item.help:
            ids.append(f"{self.name}-hint")
        if self.problem is not None:
            ids.append(f"{self.name}-error")
        return " ".join(ids)

    @property
    def is_filled(self) -> bool:
        """Whether anything stands in it or is wrong with it: then its fold is open."""
        return self.problem is not None or self.holds_something

    @property
    def holds_something(self) -> bool:
        """Whether anything stands in its controls."""
        return any(value.strip() for values in self.typed.values.values() for value in values)

    def focused(self, name: str) -> bool:
        """Whether the page opens at this control."""
        return self.focus and name == first_control(self.item)

    def is_wrong(self, name: str) -> bool:
        """Whether this control could not be read."""
        return self.problem is not None and self.problem.control == name


def stored_question(item: Item, answer: Answer) -> Question:
    """A question with its stored answer."""
    return Question(item, typed_from(item, answer))


def typed_question(item: Item, parsed: ParsedPage) -> Question:
    """A question as it was sent, with what was wrong."""
    problem = next((problem for problem in parsed.problems if problem.field == item.link_id), None)
    return Question(item, parsed.typed.get(item.link_id, NOTHING_TYPED), problem)
