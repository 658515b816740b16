"""Where questions are answered: a page, the first field of a list's entry, the rest of that entry. All three are saved
in one way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from intake.forms.typed import typed_from
from intake.patient.draft import Draft
from intake.questionnaire.enable_when import Shown
from intake.questionnaire.journey import first_field, newly_shown, newly_shown_fields
from intake.questionnaire.model import Item
from intake.questionnaire.response import Entry, QuestionnaireResponse
from intake.questionnaire.values import Answer


class Place(Protocol):
    """What saving asks of a place. `key` names it in the draft."""

    @property
    def page(self) -> Item:
        """The page that it belongs to."""

    @property
    def key(self) -> str:
        """The page's linkId, or the entry's id."""

    @property
    def may_be_told_in_person(self) -> bool:
        """Whether the patient may skip it and tell the clinician instead (x-in-person)."""

    @property
    def questions(self) -> tuple[Item, ...]:
        """Every question that can ever stand here."""

    def shown(self, draft: Draft) -> tuple[Item, ...]:
        """The questions that stand here now."""

    def answer(self, draft: Draft, item: Item) -> Answer:
        """The stored answer to one of them."""

    def with_answers(self, response: QuestionnaireResponse, answers: Mapping[str, Answer]) -> QuestionnaireResponse:
        """The response with these answers."""

    def missing(self, draft: Draft) -> Iterable[Item]:
        """What is required here and has no answer."""

    def newly(self, before: Draft, after: Draft) -> list[Item]:
        """What a save enabled here: then the page is shown again, once."""


@dataclass(frozen=True)
class PagePlace:
    """The stand-alone questions of one page."""

    page: Item

    @property
    def key(self) -> str:
        """The page's linkId."""
        return self.page.link_id

    @property
    def may_be_told_in_person(self) -> bool:
        """As the questionnaire says of the page."""
        return self.page.in_person

    @cached_property
    def questions(self) -> tuple[Item, ...]:
        """Every stand-alone question of the page."""
        return tuple(self.page.questions())

    def shown(self, draft: Draft) -> tuple[Item, ...]:
        """Those shown now."""
        shown = Shown(draft.questionnaire, draft.response)
        return tuple(item for item in self.questions if shown.is_shown(item))

    def answer(self, draft: Draft, item: Item) -> Answer:
        """The stored answer."""
        return draft.response.answer(item.link_id)

    def with_answers(self, response: QuestionnaireResponse, answers: Mapping[str, Answer]) -> QuestionnaireResponse:
        """The response with these stand-alone answers."""
        return response.with_answers(answers)

    def missing(self, draft: Draft) -> Iterable[Item]:
        """What the journey finds missing on the page."""
        return draft.journey.missing(self.page)

    def newly(self, before: Draft, after: Draft) -> list[Item]:
        """Texts, questions and lists of this page that were not shown before."""
        return newly_shown(
            Shown(before.questionnaire, before.response), Shown(after.questionnaire, after.response), self.page
        )

    def leaves(self, draft: Draft) -> list[Item]:
        """All that stands on the page, in order: texts, questions, lists."""
        shown = Shown(draft.questionnaire, draft.response)
        return [item for item in self.page.leaves if shown.is_shown(item)]


@dataclass(frozen=True)
class EntryPlace:
    """One entry of a list. `first` is the page with the field that the entry is asked first, else the rest of its
    fields."""

    page: Item
    rows: Item
    entry_id: str
    first: bool

    @property
    def key(self) -> str:
        """The entry's id."""
        return self.entry_id

    @property
    def may_be_told_in_person(self) -> bool:
        """Never: of a list, its page is left, with what is in it."""
        return False

    @cached_property
    def questions(self) -> tuple[Item, ...]:
        """The first field, or every other."""
        opening = first_field(self.rows)
        return (
            (opening,)
            if self.first
            else tuple(item for item in self.rows.walk() if item.is_question and item is not opening)
        )

    def entry(self, response: QuestionnaireResponse) -> Entry:
        """The entry as it is stored; an empty one before its first field is answered."""
        return next((row for row in response.rows(self.rows.link_id) if row.id == self.entry_id), Entry(self.entry_id))

    def exists(self, response: QuestionnaireResponse) -> bool:
        """Whether the entry is in the list."""
        return any(row.id == self.entry_id for row in response.rows(self.rows.link_id))

    def number(self, response: QuestionnaireResponse) -> int:
        """Its number from 1; of a new entry, the one that it will have."""
        ids = [row.id for row in response.rows(self.rows.link_id)]
        return ids.index(self.entry_id) + 1 if self.entry_id in ids else len(ids) + 1

    def name(self, response: QuestionnaireResponse) -> str:
        """What it is called: “Pregnancy 2”."""
        return f"{self.rows.row_label} {self.number(response)}"

    def shown(self, draft: Draft) -> tuple[Item, ...]:
        """Those of its questions that are shown now."""
        fields = Shown(draft.questionnaire, draft.response).fields(self.rows, self.entry(draft.response))
        return tuple(item for item in fields if item in self.questions)

    def answer(self, draft: Draft, item: Item) -> Answer:
        """The stored answer."""
        return draft.response.answer(item.link_id, self.entry(draft.response))

    def with_answers(self, response: QuestionnaireResponse, answers: Mapping[str, Answer]) -> QuestionnaireResponse:
        """The response with these answers in the entry."""
        return response.with_entry(self.rows.link_id, self.entry_id, answers)

    def missing(self, draft: Draft) -> Iterable[Item]:  # noqa: ARG002
        """Nothing: the one field that an entry needs is asked first, and saving sees to it."""
        return ()

    def newly(self, before: Draft, after: Draft) -> list[Item]:
        """Fields of the entry that were not shown before. The first field enables the rest, which has its own page."""
        if self.first:
            return []
        old, new = (Shown(draft.questionnaire, draft.response) for draft in (before, after))
        return newly_shown_fields(old, new, self.rows, self.entry(before.response), self.entry(after.response))

    def rest(self) -> EntryPlace:
        """The page with the rest of its fields."""
        return EntryPlace(self.page, self.rows, self.entry_id, first=False)


def fingerprint(place: Place, draft: Draft) -> str:
    """Which questions stood here with which answers: a form carries it, so that no other save is overwritten unseen."""
    shown = [item.link_id for item in place.shown(draft)]
    held = {item.link_id: typed_from(item, place.answer(draft, item)).values for item in place.questions}
    mark = [shown, {name: {box: list(value) for box, value in boxes.items()} for name, boxes in held.items()}]
    written = json.dumps(mark, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:32]
