"""What was not answered, and why: the exact rule of clinical.md 3.6, Not answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from intake.questionnaire.absence import Absences, NoAnswer, Way, said_reason
from intake.questionnaire.model import Item, ItemType
from intake.questionnaire.response import Entry
from intake.questionnaire.values import Answer
from intake.summary.reading import Reading

_NEVER_BLANK = frozenset({ItemType.TEXT, ItemType.BOOLEAN})
_BLANK_IS_FINE = frozenset({"address-as", "preg-weeks-band"})
_UNLESS_OTHER = {"email": "phone", "phone": "email", "preg-weeks": "preg-weeks-band"}
"""A blank field that is not listed when the other one was answered."""
_NOT_SURE = "not-sure"
"""Standing alone it reads “does not know” on the page; it is an answer and in exports no reason (clinical.md 3.6)."""


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


def not_answered(reading: Reading, way: Way) -> NotAnswered:
    """What this patient did not answer; `way` tells what was left blank from what was not reached or is to be told in
    person."""
    found = list(_on_all_pages(reading, Absences(reading.shown, way)))
    by_reason = {reason: tuple(missing for why, missing in found if why is reason) for reason in NoAnswer}
    return NotAnswered(
        blank=by_reason[NoAnswer.LEFT_BLANK],
        unknown=by_reason[NoAnswer.ASKED_UNKNOWN],
        declined=by_reason[NoAnswer.ASKED_DECLINED],
        in_person=by_reason[NoAnswer.IN_PERSON],
        not_reached=by_reason[NoAnswer.NOT_REACHED],
    )


def _on_all_pages(reading: Reading, absences: Absences) -> Iterator[tuple[NoAnswer, Missing]]:
    for page in reading.questionnaire.pages:
        for item in page.leaves:
            if reading.shown.is_shown(item):
                yield from _of_list(reading, absences, item) if item.is_rows else _of_question(reading, absences, item)


def _of_question(reading: Reading, absences: Absences, item: Item) -> Iterator[tuple[NoAnswer, Missing]]:
    if item.is_question and (reason := _reason(reading, absences, item, None)):
        yield reason, Missing(item.link_id, item.label)


def _of_list(reading: Reading, absences: Absences, rows: Item) -> Iterator[tuple[NoAnswer, Missing]]:
    entries = reading.rows(rows.link_id)
    if not entries:
        yield absences.blank(rows), Missing(rows.link_id, rows.text)
    for number, entry in enumerate(entries, 1):
        for item in _fields(reading, rows, entry):
            if reason := _reason(reading, absences, item, entry):
                yield reason, Missing(item.link_id, f"{rows.row_label} {number}: {item.label}", entry.id)


def _fields(reading: Reading, rows: Item, entry: Entry) -> list[Item]:
    """The fields shown in an entry; of a pregnancy whose outcome was declined only the outcome."""
    declined = reading.code("preg-outcome", entry) == "declined"
    fields = reading.shown.fields(rows, entry)
    return [item for item in fields if item.link_id == "preg-outcome"] if declined else fields


def _reason(reading: Reading, absences: Absences, item: Item, entry: Entry | None) -> NoAnswer | None:
    answer = reading.answer(item.link_id, entry)
    if answer.is_empty:
        reason = absences.blank(item)
        return reason if _blank_counts(reading, item, entry, reason) else None
    if answer.answered and answer.absent:
        return None  # both were kept: the value is the answer
    return NoAnswer.ASKED_UNKNOWN if _says_only(answer, _NOT_SURE) else said_reason(answer)


def _says_only(answer: Answer, code: str) -> bool:
    return len(answer.values) == 1 and answer.codes == (code,)


def _blank_counts(reading: Reading, item: Item, entry: Entry | None, reason: NoAnswer) -> bool:
    """Whether a blank is listed. A text to be told in person is: the patient has something to say there (decision
    0031)."""
    never = _NEVER_BLANK - {ItemType.TEXT} if reason is NoAnswer.IN_PERSON else _NEVER_BLANK
    if item.more or item.type in never or item.link_id in _BLANK_IS_FINE:
        return False
    other = _UNLESS_OTHER.get(item.link_id)
    return other is None or not reading.answer(other, entry).answered
