"""Gentle consistency checks: what does not fit together is asked about, never blocked. The two that any form needs.

One row of a table of rules is one check: its texts, the questions it reads, and the function that finds where it is
open. A decline, “I don't know” or a blank never opens one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from intake.questionnaire.model import Item, ItemType
from intake.questionnaire.roles import ItemRole
from intake.questionnaire.values import Answer, PartialDate
from intake.summary.model import SummarySettings
from intake.summary.patient_answers import PatientAnswers
from intake.summary.statement import Sentence, Voice, filled, text_of


@dataclass(frozen=True, slots=True)
class QuestionRef:
    """A question or list, and the entry if it is a row's field."""

    link_id: str
    entry_id: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One open check. The note is shown on the page of its `places`; `clinician` holds what the clinician reads of it,
    nothing if only the patient sees it.

    `link_ids` are the questions it was made from, `tells` those alone whose answer the clinician's line states.
    """

    rule: str
    heading: str
    patient: Sentence
    clinician: tuple[Sentence, ...]
    places: tuple[QuestionRef, ...]
    link_ids: tuple[str, ...]
    tells: tuple[str, ...] = ()
    variant: str = ""

    @property
    def key(self) -> str:
        """The same for the same note however its numbers change: remembers that the patient has seen it."""
        places = (f"{place.link_id}/{place.entry_id}" if place.entry_id else place.link_id for place in self.places)
        return " ".join(part for part in (self.rule, self.variant, *places) if part)


@dataclass(frozen=True, slots=True)
class CheckInput:
    """What the checks read: the answers, what the clinic has set, and the day there."""

    answers: PatientAnswers
    settings: SummarySettings
    today: date


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Where a check is open, and the words that its texts are filled with; the clinician reads a line for each of
    `lines`, which are more words."""

    places: tuple[QuestionRef, ...]
    words: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[Mapping[str, str], ...] = ({},)
    link_ids: tuple[str, ...] = ()
    variant: str = ""


@dataclass(frozen=True, slots=True)
class CheckRule:
    """One check: the note's heading and text, the clinician's line, the questions it reads, and where it is open."""

    id: str
    heading: str
    patient: str
    clinician: str | None
    link_ids: tuple[str, ...]
    find: Callable[[CheckInput], Iterable[Occurrence]]
    tells: tuple[str, ...] = ()

    def checks(self, given: CheckInput) -> Iterator[Check]:
        """The notes of this rule for one patient."""
        for found in self.find(given):
            yield Check(
                rule=self.id,
                heading=text_of(filled(self.heading, **found.words)),
                patient=filled(self.patient, **found.words),
                clinician=tuple(filled(self.clinician, **{**found.words, **line}) for line in found.lines)
                if self.clinician
                else (),
                places=found.places,
                link_ids=self.link_ids or found.link_ids,
                tells=self.tells,
                variant=found.variant,
            )


def open_checks(rules: Iterable[CheckRule], given: CheckInput) -> tuple[Check, ...]:
    """All open checks: by rule, then by row or as listed (clinical.md 2.5).

    Nobody is asked why a list is short that will be told about in person.
    """
    found = (check for rule in rules for check in rule.checks(given))
    return tuple(check for check in found if not any(_told(given.answers, place.link_id) for place in check.places))


def _told(answers: PatientAnswers, link_id: str) -> bool:
    questionnaire = answers.questionnaire
    is_list = questionnaire.item(link_id).is_rows
    return is_list and answers.told_in_person(questionnaire.page_of(link_id).link_id, link_id)


def both_voices(answers: PatientAnswers, link_id: str, code: str) -> dict[str, str]:
    """An option as the patient reads it and as the clinician does."""
    return {"display": answers.option(link_id, code, Voice.PATIENT), "words": answers.option(link_id, code)}


# -- what any form needs -----------------------------------------------------------------------------------------------


def _asked(given: CheckInput, wanted: Callable[[Item], object]) -> Iterator[tuple[Item, str, Answer, QuestionRef]]:
    """Where such questions are asked, and what was answered: once, without a name, or entry by entry of a list."""
    answers = given.answers
    for _, item, _ in answers.questionnaire.places:
        if item.is_rows:
            for number, entry in enumerate(answers.rows(item.link_id), 1):
                for one in filter(wanted, item.fields):
                    place = QuestionRef(one.link_id, entry.id)
                    yield one, f"{item.row_label} {number}", answers.answer(one.link_id, entry), place
        elif wanted(item):
            yield item, "", answers.answer(item.link_id), QuestionRef(item.link_id)


def _dates_out_of_range(given: CheckInput) -> Iterator[Occurrence]:
    def is_only_asked_about(item: Item) -> bool:
        return item.type is ItemType.DATE and item.role is not ItemRole.BIRTH_DATE  # that one blocks

    for item, prefix, answer, place in _asked(given, is_only_asked_about):
        if answer.date is not None and _is_out_of_range(answer.date, item, given):
            words = {"place": prefix or item.text, "date": answer.date.words}
            yield Occurrence((place,), words, link_ids=(item.link_id,))


def _is_out_of_range(when: PartialDate, item: Item, given: CheckInput) -> bool:
    """Whether every day that the date can mean lies outside `x-min` to `x-max`."""
    earliest, latest = (_bound(bound, given) for bound in (item.minimum, item.maximum))
    return (earliest is not None and when.last < earliest) or (latest is not None and when.first > latest)


_AFTER_BIRTH = re.compile(r"birth-date(?: \+ (\d+) years)?")
"""A limit that is the patient's birth date, or so many years after it."""


def _bound(bound: str | None, given: CheckInput) -> date | None:
    """A limit of `x-min` or `x-max` as a day; None if there is none, or if it needs a date that was not given."""
    if bound is None:
        return None
    if bound == "today":
        return given.today
    after = _AFTER_BIRTH.fullmatch(bound)
    if after is None:
        return date.fromisoformat(bound)
    asked = given.answers.questionnaire.by_role.get(ItemRole.BIRTH_DATE)
    born = given.answers.answer(asked.link_id).date if asked is not None else None
    return None if born is None else _years_later(born.first, int(after[1] or 0))


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February in a year that has none: the birthday is kept on 1 March, as for the age
        return date(day.year + years, 3, 1)


def _exclusive_with_others(given: CheckInput) -> Iterator[Occurrence]:
    for item, prefix, answer, place in _asked(given, lambda one: one.exclusive):
        if len(set(answer.values)) < 2:
            continue
        if alone := [code for code in item.option_by_code if code in item.exclusive and code in answer.codes]:
            named = f"{prefix}: " if prefix else ""
            names = {"label": f"{named}{item.label}", "question": f"{named}{item.text}"}
            chosen = [both_voices(given.answers, item.link_id, code) for code in alone]
            words = {voice: "; ".join(one[voice] for one in chosen) for voice in chosen[0]}
            yield Occurrence((place,), names | words, link_ids=(item.link_id,), variant=" ".join(alone))


DATES_OUT_OF_RANGE = CheckRule("C-06", "{place}: {date}", "Please check the year.", None, (), _dates_out_of_range)
EXCLUSIVE_WITH_OTHERS = CheckRule(
    "C-10",
    "{question}",
    "You chose “{display}” and something else. Which is right?",
    "{label}: chose {words}, together with other answers.",
    (),
    _exclusive_with_others,
)
FOR_ANY_FORM = (DATES_OUT_OF_RANGE, EXCLUSIVE_WITH_OTHERS)
