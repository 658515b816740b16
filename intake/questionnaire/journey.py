"""The way through the form as a value: this patient's pages, the next, the one before, and which may be visited."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from intake.questionnaire.enable_when import Shown
from intake.questionnaire.model import GroupKind, Item, Questionnaire
from intake.questionnaire.response import Entry, QuestionnaireResponse


class NotOnTheWay(Exception):
    """The page is not on this patient's way, or not yet."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a page stands: in the `number`-th (from 1) of `count` sections on this patient's way, which may begin with
    it."""

    number: int
    count: int
    section: Item
    begins: bool


class Journey:
    """One patient's way: the pages between the start page and the check page that show something to this patient.

    `done` holds the linkIds of the pages that were saved. The engine answers with items; the views make addresses.
    """

    def __init__(
        self,
        questionnaire: Questionnaire,
        response: QuestionnaireResponse,
        done: Collection[str] = (),
        shown: Shown | None = None,
    ) -> None:
        self.questionnaire = questionnaire
        self.response = response
        self.done = frozenset(done)
        self.shown = shown or Shown(questionnaire, response)

    @cached_property
    def pages(self) -> tuple[Item, ...]:
        """The pages of this way, in order."""
        return tuple(page for page in self.questionnaire.pages if self._leads_over(page))

    def page(self, link_id: str) -> Item:
        """The page of this linkId. Raises NotOnTheWay if it is not on the way or may not be visited yet."""
        page = self.questionnaire.by_link_id.get(link_id)
        if page is None or page is self.questionnaire.check or not self.can_visit(page):
            raise NotOnTheWay(link_id)
        return page

    def can_visit(self, page: Item) -> bool:
        """Whether all that is required on the pages before is there."""
        if page is not self.questionnaire.check and not self._leads_over(page):
            return False
        return not any(self.missing(earlier) for earlier in self._before(page))

    def next_page(self, page: Item) -> Item:
        """The page after this one: in the end the check page."""
        return next((other for other in self._after(page) if self._leads_over(other)), self.questionnaire.check)

    def previous_page(self, page: Item) -> Item | None:
        """The page before this one; None before the first."""
        return next((other for other in reversed(self._before(page)) if self._leads_over(other)), None)

    def first_incomplete(self) -> Item:
        """Where to go on: the first page not saved yet or with something required missing, else the check page."""
        return next((page for page in self.pages if not self.is_done(page)), self.questionnaire.check)

    def first_undone_after(self, page: Item) -> Item:
        """The first page after this one that was not saved yet, else the check page."""
        later = (other for other in self._after(page) if self._leads_over(other) and not self.is_done(other))
        return next(later, self.questionnaire.check)

    def is_done(self, page: Item) -> bool:
        """Whether a page was saved and holds all that is required on it."""
        return page.link_id in self.done and not self.missing(page)

    def missing(self, page: Item) -> tuple[Item, ...]:
        """The required questions of a page that have no answer (required, x-required-unless, x-must-be-true)."""
        return tuple(item for item in page.needed if self.shown.is_shown(item) and self._is_missing(item))

    def progress(self, page: Item) -> Progress:
        """The page's section among those on this patient's way; the start page's is not counted apart."""
        check = self.questionnaire.check
        sections = [
            section
            for section, pages in self.questionnaire.pages_by_section
            if any(other is check or self._leads_over(other) for other in pages)
        ]
        section = self.questionnaire.parents[page.link_id]
        number = next(number for number, other in enumerate(sections, 1) if other is section)
        before = self.previous_page(page)
        begins = before is None or self.questionnaire.parents[before.link_id] is not section
        return Progress(number, len(sections), section, begins)

    def _before(self, page: Item) -> tuple[Item, ...]:
        return self.questionnaire.pages[: self.questionnaire.page_numbers[page.link_id]]

    def _after(self, page: Item) -> tuple[Item, ...]:
        return self.questionnaire.pages[self.questionnaire.page_numbers[page.link_id] + 1 :]

    def _leads_over(self, page: Item) -> bool:
        """Whether a page stands between the start page and the check page, and shows something."""
        if page.kind is not GroupKind.PAGE or page is self.questionnaire.check or page is self.questionnaire.welcome:
            return False
        return any(self.shown.is_shown(item) for item in page.leaves)

    def _is_missing(self, item: Item) -> bool:
        answer = self.response.answer(item.link_id)
        if item.must_be_true:
            return True not in answer.values
        if item.required_unless is not None:
            return not answer.answered and not self.shown.answer(item.required_unless).answered
        return item.required and not answer.answered


def newly_shown(
    before: Shown, after: Shown, page: Item, old: Entry | None = None, new: Entry | None = None
) -> list[Item]:
    """What a save enabled on its own page: the page is then shown again, once (docs/interfaces.md, Hooks in the pages).

    For a list in place of a page, and an entry of it as it was and as it is, the fields that it enabled there.
    """
    items = page.fields if page.is_rows else page.leaves
    return [item for item in items if after.is_shown(item, new) and not before.is_shown(item, old)]


def is_reached(shown: Shown, page: Item, done: Collection[str]) -> bool:
    """Whether the patient came to a page: it was saved (then it is in `done`) or holds an answer (decision 0019)."""
    if page.link_id in done:
        return True
    response = shown.response
    asked = shown.questions_in(page)
    return any(one.item.link_id in (one.entry.answers if one.entry else response.answers) for one in asked)


def first_field(rows: Item) -> Item:
    """The field that an entry is asked first: without it none is kept (x-row-required)."""
    return rows.items[0]
