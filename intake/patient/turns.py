"""One request at a place where questions are answered: save, ask about what does not fit together, and go on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from flask import redirect, request
from werkzeug.wrappers import Response

from intake.forms.fields import BadForm
from intake.forms.page_form import ParsedPage
from intake.patient import names, pages
from intake.patient.consent import Agreement
from intake.patient.door import Work, address, asking, consent_text, go, page, scene, today
from intake.patient.draft import Draft, Focus
from intake.patient.notices import Notice, raise_notices
from intake.patient.pages import Page, differences
from intake.patient.places import EntryPlace, PagePlace, Place
from intake.patient.saving import FROM_CHECK, FROM_LIST, IN_PERSON, LATER, ORIGINS, Again, Conflict, Saved, receive
from intake.questionnaire.enable_when import Shown
from intake.questionnaire.journey import newly_shown
from intake.questionnaire.model import Item
from intake.questionnaire.response import new_entry_id
from intake.web import extensions

P = TypeVar("P", bound=Place)
Reply = str | Response | tuple[str, int]
"""What a view answers with: a page, a redirect, or a page with another status than 200."""


def origin() -> str:
    """Where this page was opened from and leads back to: `check` for the check page, `list` for a list that was, else
    empty."""
    given = request.values.get("from", "")
    return given if given in ORIGINS else ""


def from_check() -> str:
    """`check` if this page was opened to change an answer on the check page."""
    return FROM_CHECK if origin() == FROM_CHECK else ""


def to_page(draft: Draft, target: Item) -> Response:
    """To a page of the way, or to the check page at its end."""
    if target is draft.questionnaire.check:
        return go("check")
    return go("show_page", page_id=target.link_id, origin=from_check())


def after_page(draft: Draft, done: Item) -> Response:
    """The next page; on the way back to the check page only those that are not done yet."""
    journey = draft.journey
    return to_page(draft, journey.first_undone_after(done) if from_check() else journey.next_page(done))


class Turn(ABC, Generic[P]):
    """What happens at one place. A page and an entry differ in how they are drawn and in what follows."""

    place: P

    @abstractmethod
    def draw(self, draft: Draft, reading: ParsedPage | None = None) -> Page:
        """The page, with what was sent if something was."""

    @abstractmethod
    def here(self) -> Response:
        """To this place again."""

    @abstractmethod
    def onward(self, draft: Draft) -> Response:
        """To what follows."""

    def finished(self, draft: Draft) -> Draft:
        """The draft once nothing is left to ask here."""
        return draft

    def added(self, draft: Draft, list_link_id: str) -> Response:  # noqa: ARG002
        """To the page of a new entry. Raises BadForm where no list stands."""
        raise BadForm("add was sent where no list stands")

    def show(self, draft: Draft) -> str:
        """The page as it stands."""
        return rendered(
            draft, self.place, replace(self.draw(draft), notices=tuple(asking().waiting(draft, self.place)))
        )

    def take(self, work: Work) -> Reply:
        """Answer what was sent; what is to be kept stands in `work.draft` afterwards. Raises BadForm."""
        outcome = receive(work.draft, self.place, request.form, today=today())
        if not isinstance(outcome, Saved):
            return self.decline(work.draft, outcome)
        saved = outcome.draft.answered_here(self.place.page, work.draft)
        work.draft = with_reopened(with_agreement(saved, self.place), work.draft, self.place)
        if request.form.get("then") == LATER:
            return go("resume_code")
        if list_link_id := request.form.get("add"):
            return self.added(work.draft, list_link_id)
        if request.form.get("then") == IN_PERSON:
            work.draft = work.draft.told_in_person(self.place.page)
            return self.onward(work.draft)
        if outcome.newly:
            return self.here()
        work.draft = self.finished(work.draft)
        notices = [*self.unanswered(work.draft), *asking().after_saving(work.draft, self.place)]
        about = self.to_change(work.draft)
        work.draft = raise_notices(work.draft, self.place, notices)
        if about is not None:
            work.draft = replace(work.draft, focus=Focus(self.place.key, tuple(where.link_id for where in about.where)))
        return self.here() if notices or "change" in request.form else self.onward(work.draft)

    def unanswered(self, draft: Draft) -> list[Notice]:
        """The notices that stand here still when one of them was answered. Continue answers them all."""
        answered = request.form.get("keep", request.form.get("change"))
        return (
            []
            if answered is None
            else [notice for notice in asking().waiting(draft, self.place) if notice.key != answered]
        )

    def to_change(self, draft: Draft) -> Notice | None:
        """The notice about which somebody wants to change an answer."""
        chosen = request.form.get("change")
        return next((notice for notice in asking().waiting(draft, self.place) if notice.key == chosen), None)

    def decline(self, draft: Draft, outcome: Again | Conflict) -> Reply:
        """What could not be accepted, or both versions side by side; everything typed still stands there."""
        drawn = self.draw(draft, outcome.reading)
        if isinstance(outcome, Conflict):
            return rendered(
                draft, self.place, replace(drawn, differences=differences(outcome.stored, outcome.reading))
            ), 409
        return rendered(draft, self.place, replace(drawn, seen=request.form["seen"]))


@dataclass(frozen=True)
class PageTurn(Turn[PagePlace]):
    """At a page of stand-alone questions and lists. `at` is an entry or a list to open the page at."""

    place: PagePlace
    at: str = ""

    @classmethod
    def of(cls, draft: Draft, page_id: str, at: str = "") -> PageTurn:
        """At this page. Raises NotOnTheWay."""
        return cls(PagePlace(draft.journey.page(page_id)), at)

    def draw(self, draft: Draft, reading: ParsedPage | None = None) -> Page:
        """The page."""
        return pages.stand_alone(
            scene(draft, self.at), self.place, back=self._back(draft), origin=from_check(), reading=reading
        )

    def _back(self, draft: Draft) -> str:
        if from_check():
            return address("check")
        before = draft.journey.previous_page(self.place.page)
        return address("show_page", page_id=before.link_id) if before else address("resume_code")

    def here(self) -> Response:
        """To this page again."""
        return go("show_page", page_id=self.place.key, origin=from_check())

    def onward(self, draft: Draft) -> Response:
        """To the next page."""
        return after_page(draft, self.place.page)

    def finished(self, draft: Draft) -> Draft:
        """The draft with this page done."""
        return draft.with_done(self.place.page)

    def added(self, draft: Draft, list_link_id: str) -> Response:
        """To the page of a new entry; its id stands in the address, so that going back and on again makes one entry."""
        if not any(rows.link_id == list_link_id for rows in self.place.page.lists()):
            raise BadForm("add names no list of this page")
        if list_on(draft, self.place.page, list_link_id) is None:  # this very save took the list away
            return self.here()
        return go(
            "add_entry",
            page_id=self.place.key,
            list=list_link_id,
            entry=new_entry_id(),
            origin=from_check() and FROM_LIST,
        )


@dataclass(frozen=True)
class EntryTurn(Turn[EntryPlace]):
    """At one entry of a list: its first field, or the rest. `adding` says that its address is the one where entries
    begin."""

    place: EntryPlace
    adding: bool = False

    def draw(self, draft: Draft, reading: ParsedPage | None = None) -> Page:
        """The entry's page."""
        first = self._url("start_entry")
        drawn = pages.entry(
            scene(draft), self.place, back=self._back(draft), origin=origin(), opening_href=first, reading=reading
        )
        begun = {"list": self.place.rows.link_id, "entry": self.place.entry_id} if self.adding else {}
        return replace(drawn, hidden=begun)

    def _back(self, draft: Draft) -> str:
        if from_check():
            return address("check")
        if not self.place.first:
            return self._url("start_entry")
        at = self.place.entry_id if self.place.exists(draft.response) else None
        return address("show_page", page_id=self.place.page.link_id, at=at, origin=origin() and FROM_CHECK)

    def _url(self, endpoint: str) -> str:
        return address(endpoint, page_id=self.place.page.link_id, entry_id=self.place.entry_id, origin=origin())

    def here(self) -> Response:
        """To this entry again."""
        return redirect(self._url("start_entry" if self.place.first else "show_entry"), 303)

    def onward(self, draft: Draft) -> Response:
        """From the first field to the rest, from there back to the list, or to the check page if the entry was opened
        there."""
        if self.place.first and self.place.exists(draft.response) and self.place.rest().shown(draft):
            return redirect(self._url("show_entry"), 303)
        if from_check():
            return after_page(draft, self.place.page)
        at = self.place.entry_id if self.place.exists(draft.response) else self.place.rows.link_id
        return go("show_page", page_id=self.place.page.link_id, at=at, origin=origin() and FROM_CHECK)


def list_on(draft: Draft, on: Item, list_link_id: str) -> Item | None:
    """The list of this linkId if it stands on the page now."""
    lists = Shown(draft.questionnaire, draft.response).lists_in(on)
    return next((rows for rows in lists if rows.link_id == list_link_id), None)


def with_reopened(after: Draft, before: Draft, place: Place) -> Draft:
    """The draft with those other pages not done any more on which this save enabled something that has no answer yet.

    A page that comes back as a whole was seen before, and stays done.
    """
    old, new = (Shown(draft.questionnaire, draft.response) for draft in (before, after))
    others = (page for page in before.journey.pages if page.link_id in after.done and page is not place.page)
    return replace(
        after, done=after.done - {page.link_id for page in others if _opened(after, newly_shown(old, new, page))}
    )


def _opened(draft: Draft, newly: Iterable[Item]) -> bool:
    return any(
        not draft.response.rows(item.link_id)
        if item.is_rows
        else item.is_question and draft.response.answer(item.link_id).is_empty
        for item in newly
    )


def with_agreement(draft: Draft, place: Place) -> Draft:
    """The draft with the record of what was agreed to, when the page of consent is saved (clinical.md 2.3)."""
    if not any(item.link_id == names.CONSENT for item in place.questions):
        return draft
    if not draft.response.answer(names.CONSENT).answered:
        return replace(draft, agreement=None)
    version = consent_text().version
    if draft.agreement is not None and draft.agreement.version == version:
        return draft
    return replace(draft, agreement=Agreement(version, extensions.now(), draft.response.language))


def rendered(draft: Draft, place: Place, drawn: Page) -> str:
    """The page as HTML, with whom it is about where a helper agrees for the patient."""
    agrees = any(item.link_id == names.CONSENT for item in place.questions)
    return page("question", page=replace(drawn, helper=helper_line(draft) if agrees else None))


def helper_line(draft: Draft) -> str | None:
    """Whom a helper answers for; None where the patient answers (clinical.md 2.1, Who is "I")."""
    if names.HELPER not in draft.response.answer(names.RESPONDENT).codes:
        return None
    name = draft.response.answer(names.FULL_NAME).own_words
    return f"You are answering for {' '.join(name.split()) if name else 'the patient'}."
