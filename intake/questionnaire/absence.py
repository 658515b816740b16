"""Why a question has no answer: one of six reasons, the same on every page, in the summary, in CSV and in FHIR."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from intake.questionnaire.enable_when import Shown
from intake.questionnaire.journey import is_reached
from intake.questionnaire.model import Item
from intake.questionnaire.response import Entry
from intake.questionnaire.values import AbsentReason, Answer


class NoAnswer(StrEnum):
    """The six reasons (docs/interfaces.md, Answers)."""

    NOT_ASKED = "not-asked"
    NOT_REACHED = "not-reached"
    LEFT_BLANK = "left-blank"
    ASKED_UNKNOWN = "asked-unknown"
    ASKED_DECLINED = "asked-declined"
    IN_PERSON = "in-person"


_TICKED = {AbsentReason.ASKED_UNKNOWN: NoAnswer.ASKED_UNKNOWN, AbsentReason.ASKED_DECLINED: NoAnswer.ASKED_DECLINED}
_CODED = {"unknown": NoAnswer.ASKED_UNKNOWN, "declined": NoAnswer.ASKED_DECLINED}


@dataclass(frozen=True, slots=True)
class Way:
    """How far the patient came: the linkIds of the pages that were saved, and of those to be told about in person.

    `done` is None where nothing is known of it: then every page counts as reached.
    """

    done: Collection[str] | None = None
    in_person: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Absence:
    """A question without an answer, or a list without an entry, and why; `entry` is that of a list's field."""

    item: Item
    entry: Entry | None
    reason: NoAnswer


class Absences:
    """Why what one response leaves out is left out. Ask it; it looks each page up once."""

    def __init__(self, shown: Shown, way: Way) -> None:
        self.shown = shown
        self.way = way
        self._blank: dict[str, NoAnswer] = {}

    def reason(self, item: Item, entry: Entry | None = None) -> NoAnswer | None:
        """Why this question has no answer or this list no entry; None if it has one.

        A ticked reason counts beside a value too, as both were kept; so does a coded “I don't know” or “I'd rather not
        say” that stands alone, though it is an answer as well (docs/interfaces.md, Answers).
        """
        if not self.shown.is_shown(item, entry):
            return NoAnswer.NOT_ASKED
        if item.is_rows:
            return None if self.shown.response.rows(item.link_id) else self.blank(item)
        answer = self.shown.response.answer(item.link_id, entry)
        return self.blank(item) if answer.is_empty else said_reason(answer)

    def blank(self, item: Item) -> NoAnswer:
        """Why something on this item's page that was shown says nothing at all."""
        page = self.shown.questionnaire.page_of(item.link_id)
        if page.link_id not in self._blank:
            self._blank[page.link_id] = self._of_page(page)
        return self._blank[page.link_id]

    def every(self, *, not_asked: bool = False) -> Iterator[Absence]:
        """All of them, in the questionnaire's order: row fields row by row at the place of their list, a list without
        entries itself.

        What was not asked is left out unless wanted.
        """
        for item, entry in self._places():
            reason = self.reason(item, entry)
            if reason is not None and (not_asked or reason is not NoAnswer.NOT_ASKED):
                yield Absence(item, entry, reason)

    def _of_page(self, page: Item) -> NoAnswer:
        if page.link_id in self.way.in_person:
            return NoAnswer.IN_PERSON
        reached = self.way.done is None or is_reached(self.shown, page, self.way.done)
        return NoAnswer.LEFT_BLANK if reached else NoAnswer.NOT_REACHED

    def _places(self) -> Iterator[tuple[Item, Entry | None]]:
        for item, fields in self.shown.questionnaire.places:
            entries = self.shown.response.rows(item.link_id) if fields else ()
            if not entries:
                yield item, None
            for entry in entries:
                for field in fields:
                    yield field, entry


def said_reason(answer: Answer) -> NoAnswer | None:
    """The reason that an answer itself gives: ticked beside the box, or the one option chosen and nothing else."""
    if answer.absent is not None:
        return _TICKED[answer.absent]
    return _CODED.get(answer.codes[0]) if len(answer.values) == 1 and answer.codes else None
