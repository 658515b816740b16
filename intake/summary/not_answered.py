"""What was not answered, and why: the exact rule of clinical.md 3.6, Not answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from intake.questionnaire.absence import Absences, NoAnswer, said_reason
from intake.questionnaire.enable_when import Asked
from intake.questionnaire.model import Item, ItemType
from intake.questionnaire.response import Entry
from intake.questionnaire.values import Coding
from intake.summary.patient_answers import PatientAnswers

_NEVER_BLANK = frozenset({ItemType.TEXT, ItemType.BOOLEAN})
_NOT_SURE = Coding("not-sure")
"""Standing alone it reads “does not know” on the page; it is an answer and in exports no reason (clinical.md 3.6)."""


@dataclass(frozen=True, slots=True)
class NoGap:
    """Blanks that are nothing to ask about, as a form's rules know them.

    `fine` may always be left blank, `answered_by` where that other question was answered. In entries of the lists
    `closed_by_declining` nothing but the first field is listed where that one was declined.
    """

    fine: frozenset[str] = frozenset()
    answered_by: Mapping[str, str] = field(default_factory=dict)
    closed_by_declining: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Missing:
    """A question or an empty list by the clinician's label; `entry_id` names the entry of a row's field."""

    link_id: str
    label: str
    entry_id: str | None = None


@dataclass(frozen=True, slots=True)
class NotAnswered:
    """The labels by reason, each list in the questionnaire's order."""

    blank: tuple[Missing, ...] = ()
    unknown: tuple[Missing, ...] = ()
    declined: tuple[Missing, ...] = ()
    in_person: tuple[Missing, ...] = ()
    not_reached: tuple[Missing, ...] = ()

    def by_reason(self) -> Iterator[tuple[str, tuple[Missing, ...]]]:
        """The lists by their names in summary.json."""
        return ((reason, getattr(self, reason)) for reason in _REASONS)

    @property
    def said(self) -> Iterator[Missing]:
        """What the patient does not know or would rather not say."""
        yield from (*self.unknown, *self.declined)


_REASONS = {
    "blank": NoAnswer.LEFT_BLANK,
    "unknown": NoAnswer.ASKED_UNKNOWN,
    "declined": NoAnswer.ASKED_DECLINED,
    "in_person": NoAnswer.IN_PERSON,
    "not_reached": NoAnswer.NOT_REACHED,
}


def not_answered(answers: PatientAnswers, no_gap: NoGap) -> NotAnswered:
    """What this patient did not answer; by her way what was left blank, was not reached, or is to be told in person."""
    finder = _Finder(answers, Absences(answers.shown, answers.way), no_gap)
    groups = answers.shown.groups_in(answers.questionnaire.items)
    found = [(finder.reason(one), one) for together in groups for one in finder.looked_at(together)]
    return NotAnswered(
        **{name: tuple(_missing(one) for why, one in found if why is reason) for name, reason in _REASONS.items()}
    )


def _missing(asked: Asked) -> Missing:
    item = asked.item
    if asked.entry is None:
        return Missing(item.link_id, item.text if item.is_rows else item.label)
    return Missing(item.link_id, f"{asked.entry_name}: {item.label}", asked.entry.id)


@dataclass(frozen=True)
class _Finder:
    answers: PatientAnswers
    absences: Absences
    no_gap: NoGap

    def looked_at(self, together: list[Asked]) -> list[Asked]:
        """What can be missing of stand-alone questions, or of an entry."""
        first = together[0]
        closes = first.rows is not None and first.rows.link_id in self.no_gap.closed_by_declining
        declined = said_reason(self.answers.answer(first.item.link_id, first.entry)) is NoAnswer.ASKED_DECLINED
        return together[:1] if closes and declined else together

    def reason(self, asked: Asked) -> NoAnswer | None:
        """Why it has no answer; None if there is nothing to ask about."""
        item, entry = asked.item, asked.entry
        if item.is_rows:
            return self.absences.blank(item)
        answer = self.answers.answer(item.link_id, entry)
        if answer.is_empty:
            reason = self.absences.blank(item)
            return reason if self._blank_counts(item, entry, reason) else None
        if answer.answered and answer.absent:
            return None  # both were kept: the value is the answer
        return NoAnswer.ASKED_UNKNOWN if answer.values == (_NOT_SURE,) else said_reason(answer)

    def _blank_counts(self, item: Item, entry: Entry | None, reason: NoAnswer) -> bool:
        """Whether a blank is listed. A text to be told in person is: there is something to say (decision 0031)."""
        never = _NEVER_BLANK - {ItemType.TEXT} if reason is NoAnswer.IN_PERSON else _NEVER_BLANK
        if item.more or item.type in never or item.link_id in self.no_gap.fine:
            return False
        other = item.required_unless or self.no_gap.answered_by.get(item.link_id)
        return other is None or not self.answers.answer(other, entry).answered
