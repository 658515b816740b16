"""Why a question has no answer: one of six reasons, the same on every page, in the summary, in CSV and in FHIR."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from intake.questionnaire.enable_when import Shown
from intake.questionnaire.journey import is_reached
from intake.questionnaire.model import Item, Places
from intake.questionnaire.response import Entry
from intake.questionnaire.values import AbsentReason, Answer, Coding


class NoAnswer(StrEnum):
    """The six reasons (docs/interfaces.md, Answers)."""

    NOT_ASKED = "not-asked"
    NOT_REACHED = "not-reached"
    LEFT_BLANK = "left-blank"
    ASKED_UNKNOWN = "asked-unknown"
    ASKED_DECLINED = "asked-declined"
    IN_PERSON = "in-person"


_TICKED = {AbsentReason.ASKED_UNKNOWN: NoAnswer.ASKED_UNKNOWN, AbsentReason.ASKED_DECLINED: NoAnswer.ASKED_DECLINED}
CODED = {"unknown": NoAnswer.ASKED_UNKNOWN, "declined": NoAnswer.ASKED_DECLINED}
"""The codes that say why there is no answer, where they stand alone."""


@dataclass(frozen=True, slots=True)
class PagesVisited:
    """How far the patient came: the linkIds of the pages that were saved, and of those to be told about in person.

    `done` is None where nothing is known of it: then every page counts as reached.
    """

    done: Collection[str] | None = None
    in_person: Collection[str] = ()


class Absence(NamedTuple):
    """A question without an answer, or a list without an entry, and why; `entry` is that of a list's field."""

    item: Item
    entry: Entry | None
    reason: NoAnswer


class Absences:
    """Why what one response leaves out is left out. Ask it; it looks each page up once."""

    def __init__(self, shown: Shown, way: PagesVisited) -> None:
        self.shown = shown
        self.way = way
        self._blank: dict[str, NoAnswer] = {}

    def blank(self, item: Item) -> NoAnswer:
        """Why something on this item's page that was shown says nothing at all."""
        questionnaire = self.shown.questionnaire
        page = questionnaire.page_names[item.link_id]
        known = self._blank.get(page)
        if known is None:
            known = self._blank[page] = self._of_page(questionnaire.item(page))
        return known

    def reasons(self, answers: Mapping[str, Answer]) -> Mapping[str, NoAnswer]:
        """The reasons that these answers themselves give, by linkId."""
        return {link_id: reason for link_id, answer in answers.items() if (reason := said_reason(answer)) is not None}

    def every(self, *, not_asked: bool = False) -> list[Absence]:
        """All of them, in the questionnaire's order: row fields row by row at the place of their list, a list without
        entries itself.

        What was not asked is left out unless wanted. A ticked reason counts beside a value too, as both were kept; so
        does a coded “I don't know” or “I'd rather not say” that stands alone, though it is an answer as well
        (docs/interfaces.md, Answers).
        """
        found: list[Absence] = []
        self._look_over(self.shown.questionnaire.places, self.shown.response.answers, None, not_asked, found)
        return found

    def _look_over(
        self, places: Places, answers: Mapping[str, Answer], entry: Entry | None, not_asked: bool, into: list[Absence]
    ) -> None:
        """Those of one level of the form. Whether one is shown is asked only where that makes a difference."""
        said = self.reasons(answers)
        rows, opens, blank = self.shown.response.entries, self.shown.opens, self.blank
        last, is_shown = None, True  # side by side mostly stands what is shown or hidden together
        for link_id, item, gate in places:
            if link_id in answers and link_id not in said and not not_asked:
                continue
            if rows.get(link_id):
                fields = self.shown.questionnaire.field_places[link_id]
                for one in rows[link_id]:
                    self._look_over(fields, one.answers, one, not_asked, into)
                continue
            if gate is not last:
                last, is_shown = gate, gate is None or opens(gate, entry)
            if not is_shown:
                if not_asked:
                    into.append(Absence(item, entry, NoAnswer.NOT_ASKED))
            elif link_id not in answers:
                into.append(Absence(item, entry, blank(item)))
            elif link_id in said:
                into.append(Absence(item, entry, said[link_id]))

    def _of_page(self, page: Item) -> NoAnswer:
        if page.link_id in self.way.in_person:
            return NoAnswer.IN_PERSON
        reached = self.way.done is None or is_reached(self.shown, page, self.way.done)
        return NoAnswer.LEFT_BLANK if reached else NoAnswer.NOT_REACHED


def said_reason(answer: Answer) -> NoAnswer | None:
    """The reason that an answer itself gives: ticked beside the box, or the one option chosen and nothing else."""
    if answer.absent is not None:
        return _TICKED[answer.absent]
    alone = answer.values[0] if len(answer.values) == 1 else None
    return CODED.get(alone.code) if isinstance(alone, Coding) else None
