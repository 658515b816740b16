"""What was not answered, and why: the exact rule of clinical.md 3.6, Not answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from intake.questionnaire.absence import Absences, NoAnswer, Way, said_reason
from intake.questionnaire.model import Item, ItemType
from intake.questionnaire.response import Entry
from intake.questionnaire.values import Answer
from intake.summary.patient_answers import PatientAnswers

_NEVER_BLANK = frozenset({ItemType.TEXT, ItemType.BOOLEAN})
_NOT_SURE = "not-sure"
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


def not_answered(answers: PatientAnswers, way: Way, no_gap: NoGap) -> NotAnswered:
    """What this patient did not answer; `way` tells what was left blank from what was not reached or is to be told in
    person."""
    finder = _Finder(answers, Absences(answers.shown, way), no_gap)
    found = [one for page in answers.questionnaire.pages for item in page.leaves for one in finder.of(item)]
    return NotAnswered(**{name: tuple(one for why, one in found if why is reason) for name, reason in _REASONS.items()})


@dataclass(frozen=True)
class _Finder:
    answers: PatientAnswers
    absences: Absences
    no_gap: NoGap

    def of(self, item: Item) -> Iterator[tuple[NoAnswer, Missing]]:
        if not self.answers.shown.is_shown(item):
            return
        if item.is_rows:
            yield from self._of_list(item)
        elif item.is_question and (reason := self._reason(item, None)):
            yield reason, Missing(item.link_id, item.label)

    def _of_list(self, rows: Item) -> Iterator[tuple[NoAnswer, Missing]]:
        entries = self.answers.rows(rows.link_id)
        if not entries:
            yield self.absences.blank(rows), Missing(rows.link_id, rows.text)
        for number, entry in enumerate(entries, 1):
            for item in self._fields(rows, entry):
                if reason := self._reason(item, entry):
                    yield reason, Missing(item.link_id, f"{rows.row_label} {number}: {item.label}", entry.id)

    def _fields(self, rows: Item, entry: Entry) -> list[Item]:
        fields = self.answers.shown.fields(rows, entry)
        closes = rows.link_id in self.no_gap.closed_by_declining
        declined = said_reason(self.answers.answer(fields[0].link_id, entry)) is NoAnswer.ASKED_DECLINED
        return fields[:1] if closes and declined else fields

    def _reason(self, item: Item, entry: Entry | None) -> NoAnswer | None:
        answer = self.answers.answer(item.link_id, entry)
        if answer.is_empty:
            reason = self.absences.blank(item)
            return reason if self._blank_counts(item, entry, reason) else None
        if answer.answered and answer.absent:
            return None  # both were kept: the value is the answer
        return NoAnswer.ASKED_UNKNOWN if _says_only(answer, _NOT_SURE) else said_reason(answer)

    def _blank_counts(self, item: Item, entry: Entry | None, reason: NoAnswer) -> bool:
        """Whether a blank is listed. A text to be told in person is: the patient has something to say there (decision
        0031)."""
        never = _NEVER_BLANK - {ItemType.TEXT} if reason is NoAnswer.IN_PERSON else _NEVER_BLANK
        if item.more or item.type in never or item.link_id in self.no_gap.fine:
            return False
        other = item.required_unless or self.no_gap.answered_by.get(item.link_id)
        return other is None or not self.answers.answer(other, entry).answered


def _says_only(answer: Answer, code: str) -> bool:
    return len(answer.values) == 1 and answer.codes == (code,)
