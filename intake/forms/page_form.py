"""One page of questions as it was sent: its answers, or what could not be accepted, with everything typed kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from werkzeug.datastructures import MultiDict
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta

from intake.forms import messages
from intake.forms.fields import FIELDS, BadForm, QuestionField
from intake.forms.typed import Typed, control_names, first_control
from intake.questionnaire.model import Item
from intake.questionnaire.values import Answer

MOST_FIELDS = 500
"""More fields than this in one body are refused: werkzeug does not count those of urlencoded bodies (security.md
3.7)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One question that could not be accepted: the sentence, and the control that the error summary links to."""

    link_id: str
    control: str
    sentence: str


@dataclass(frozen=True)
class Reading:
    """One page as it was read. `answers` holds every question of the page, also those left blank, but none with a
    problem."""

    items: tuple[Item, ...]
    answers: Mapping[str, Answer]
    typed: Mapping[str, Typed]
    problems: tuple[Problem, ...] = ()

    def with_missing(self, missing: Iterable[Item]) -> Reading:
        """The same, with a problem for each of these required questions that stood on the page and could be read.

        Of two questions of which either would do (x-required-unless) only the first is a problem, and none if the other
        one holds something that could not be read.
        """
        by_id = {item.link_id: item for item in self.items}
        asked = {problem.link_id for problem in self.problems}
        found = []
        for item in missing:
            instead = by_id.get(item.required_unless or "")
            if item.link_id in self.answers and (instead is None or instead.link_id not in asked):
                found.append(Problem(item.link_id, first_control(item), messages.missing(item, instead)))
                asked.add(item.link_id)
        return replace(self, problems=self._in_order([*self.problems, *found]))

    def _in_order(self, problems: Sequence[Problem]) -> tuple[Problem, ...]:
        position = {item.link_id: number for number, item in enumerate(self.items)}
        return tuple(sorted(problems, key=lambda problem: position[problem.link_id]))


def check_names(sent: MultiDict[str, str], items: Iterable[Item], housekeeping: Collection[str]) -> None:
    """Refuse a body that is too large or has names that the page does not have. Raises BadForm."""
    if sum(len(values) for values in sent.listvalues()) > MOST_FIELDS:
        raise BadForm(f"more than {MOST_FIELDS} fields were sent")
    known = {name for item in items for name in control_names(item)} | set(housekeeping)
    if not known >= set(sent.keys()):
        raise BadForm("a field was sent that the page does not have")
    for name in housekeeping:
        if len(sent.getlist(name)) > 1:
            raise BadForm(f"{name} was sent doubled")


def was_sent(item: Item, sent: MultiDict[str, str]) -> bool:
    """Whether any control of this question is in the body."""
    return any(name in sent for name in control_names(item))


def read_page(items: Sequence[Item], sent: MultiDict[str, str], *, today: date) -> Reading:
    """Read what was sent for these questions; `today` is the day in the clinic's time zone.

    What does not fit its question is a problem, never an exception. Raises BadForm for what no page of ours sends.
    """
    form = BaseForm(
        [(item.link_id, UnboundField(FIELDS[item.type], item, today)) for item in items], meta=DefaultMeta()
    )
    form.process(formdata=sent)
    form.validate()
    fields = [cast(QuestionField, field) for field in form]
    problems = (Problem(field.item.link_id, field.wrong, str(error)) for field in fields for error in field.errors)
    return Reading(
        items=tuple(items),
        answers={field.item.link_id: field.answer for field in fields if not field.errors},
        typed={field.item.link_id: field.typed for field in fields},
        problems=tuple(problems),
    )
