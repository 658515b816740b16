"""What was not answered, and why: the exact rule of clinical.md 3.6, Not answered."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from intake.questionnaire.journey import is_reached, page_leaves
from intake.questionnaire.model import Item, ItemType
from intake.questionnaire.response import Entry
from intake.questionnaire.values import AbsentReason, Answer
from intake.summary.reading import Reading
from intake.summary.statement import Reason

_NEVER_BLANK = frozenset({ItemType.TEXT, ItemType.BOOLEAN})
_BLANK_IS_FINE = frozenset({"address-as", "preg-weeks-band"})
_UNLESS_OTHER = {"email": "phone", "phone": "email", "preg-weeks": "preg-weeks-band"}
"""A blank field that is not listed when the other one was answered."""
_BY_ABSENT = {AbsentReason.ASKED_UNKNOWN: Reason.UNKNOWN, AbsentReason.ASKED_DECLINED: Reason.DECLINED}
_BY_CODE = {"unknown": Reason.UNKNOWN, "not-sure": Reason.UNKNOWN, "declined": Reason.DECLINED}


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


def not_answered(reading: Reading, done: Collection[str] | None = None) -> NotAnswered:
    """What this patient did not answer.

    With `done` (the linkIds of saved pages), a blank on a page that is neither done nor holds an answer is not reached.
    """
    found = list(_on_all_pages(reading, done))
    by_reason = {reason: tuple(missing for why, missing in found if why is reason) for reason in Reason}
    return NotAnswered(
        blank=by_reason[Reason.BLANK],
        unknown=by_reason[Reason.UNKNOWN],
        declined=by_reason[Reason.DECLINED],
        not_reached=by_reason[Reason.NOT_REACHED],
    )


def _on_all_pages(reading: Reading, done: Collection[str] | None) -> Iterator[tuple[Reason, Missing]]:
    for page in reading.questionnaire.pages:
        shown = [item for item in page_leaves(page) if reading.shown.is_shown(item)]
        blank = Reason.BLANK if done is None or is_reached(reading.shown, page, done) else Reason.NOT_REACHED
        for item in shown:
            for reason, missing in _of_list(reading, item) if item.is_rows else _of_question(reading, item):
                yield (blank if reason is Reason.BLANK else reason), missing


def _of_question(reading: Reading, item: Item) -> Iterator[tuple[Reason, Missing]]:
    if item.is_question and (reason := _reason(reading, item, None)):
        yield reason, Missing(item.link_id, item.label)


def _of_list(reading: Reading, rows: Item) -> Iterator[tuple[Reason, Missing]]:
    entries = reading.rows(rows.link_id)
    if not entries:
        yield Reason.BLANK, Missing(rows.link_id, rows.text)
    for number, entry in enumerate(entries, 1):
        for item in _fields(reading, rows, entry):
            if reason := _reason(reading, item, entry):
                yield reason, Missing(item.link_id, f"{rows.row_label} {number}: {item.label}", entry.id)


def _fields(reading: Reading, rows: Item, entry: Entry) -> list[Item]:
    """The fields shown in an entry; of a pregnancy whose outcome was declined only the outcome."""
    declined = reading.code("preg-outcome", entry) == "declined"
    fields = reading.shown.fields(rows, entry)
    return [item for item in fields if item.link_id == "preg-outcome"] if declined else fields


def _reason(reading: Reading, item: Item, entry: Entry | None) -> Reason | None:
    answer = reading.answer(item.link_id, entry)
    if answer.is_empty:
        return Reason.BLANK if _blank_counts(reading, item, entry) else None
    if not answer.answered:
        return _BY_ABSENT[answer.absent] if answer.absent else None
    return _BY_CODE.get(_only_choice(answer))


def _only_choice(answer: Answer) -> str:
    return answer.codes[0] if len(answer.values) == 1 and answer.codes else ""


def _blank_counts(reading: Reading, item: Item, entry: Entry | None) -> bool:
    if item.more or item.type in _NEVER_BLANK or item.link_id in _BLANK_IS_FINE:
        return False
    other = _UNLESS_OTHER.get(item.link_id)
    return other is None or not reading.answer(other, entry).answered
