"""Gentle checks as notices on a page: which stand there, each shown once, never in the way (clinical.md 2.5)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from intake.consultations.rules import open_checks
from intake.forms.questions import REASON_WORDS
from intake.patient.draft import Draft
from intake.patient.places import EntryPlace, PagePlace, Place
from intake.questionnaire.model import Item
from intake.summary.checks import Check
from intake.summary.model import SummarySettings
from intake.summary.statement import Sentence, Voice, in_words, sentence

BOTH = "both"
"""The id of the notice about a value beside a ticked "I don't know": it has the look of a check and is none of 2.5."""


@dataclass(frozen=True, slots=True)
class Where:
    """A question that a notice is about: its linkId, and its entry if it is a row's field."""

    link_id: str
    entry_id: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice: what it says, how the draft remembers it, and what to change if somebody wants to."""

    id: str
    key: str
    heading: str
    text: Sentence
    where: tuple[Where, ...]

    @classmethod
    def of(cls, check: Check) -> Notice:
        """The notice of an open check."""
        places = tuple(Where(place.link_id, place.entry_id) for place in check.places)
        return cls(check.rule, check.key, check.heading, check.patient, places)


@dataclass(frozen=True)
class Asking:
    """What finding open checks needs beside the draft: what the clinic has set and the day there."""

    settings: SummarySettings
    today: date

    def checks(self, draft: Draft) -> tuple[Check, ...]:
        """Every check that is open in a draft, but those about a list that the patient will tell about in person."""
        found = open_checks(draft.questionnaire, draft.response, settings=self.settings, today=self.today)
        return tuple(
            check for check in found if not any(_told_in_person(draft, place.link_id) for place in check.places)
        )

    def after_saving(self, draft: Draft, place: Place) -> list[Notice]:
        """The notices that this save brings up: about this place, with every other page they read done, and not shown
        before."""
        found = [Notice.of(check) for check in self.checks(draft) if _concerns(draft, place, check)]
        return [notice for notice in [*both(draft, place), *found] if notice.key not in draft.notices.page]

    def waiting(self, draft: Draft, place: Place) -> list[Notice]:
        """The notices that stand at a place until they are answered, those left out that no longer hold."""
        keys = draft.notices.waiting.get(place.key, ())
        if not keys:
            return []
        now = [*both(draft, place), *(Notice.of(check) for check in self.checks(draft))]
        return [notice for notice in now if notice.key in keys and _stands(notice, place)]

    def on_check(self, draft: Draft) -> list[Notice]:
        """The notices of the check page."""
        return [Notice.of(check) for check in self.checks(draft) if check.key not in draft.notices.check]


def raise_notices(draft: Draft, place: Place, notices: Iterable[Notice]) -> Draft:
    """The draft with these notices standing at the place."""
    return replace(draft, notices=draft.notices.raised(place.key, (notice.key for notice in notices)))


def both(draft: Draft, place: Place) -> list[Notice]:
    """A notice for each question here that holds a value and a ticked reason for none: nothing is dropped, we ask."""
    return [_both(draft, place, item) for item in place.shown(draft) if _is_doubtful(draft, place, item)]


def _is_doubtful(draft: Draft, place: Place, item: Item) -> bool:
    answer = place.answer(draft, item)
    return answer.answered and answer.absent is not None


def _both(draft: Draft, place: Place, item: Item) -> Notice:
    answer = place.answer(draft, item)
    assert answer.absent is not None, "only called for a value beside a reason"
    reason = REASON_WORDS[answer.absent]
    words = in_words(item, answer, Voice.PATIENT, quotes=False)
    text = sentence(
        "You wrote “",
        *words,
        f"” and ticked “{reason}”. Which is right? If you keep both, your clinician reads what you wrote.",
    )
    mark = hashlib.sha256(repr(answer).encode()).hexdigest()[:12]
    entry_id = place.entry_id if isinstance(place, EntryPlace) else None
    return Notice(BOTH, f"{BOTH} {place.key} {item.link_id} {mark}", item.text, text, (Where(item.link_id, entry_id),))


def _told_in_person(draft: Draft, link_id: str) -> bool:
    """Whether this is a list on a page that is told in person: then nobody is asked why it is short."""
    return draft.questionnaire.item(link_id).is_rows and draft.questionnaire.page_of(link_id).link_id in draft.in_person


def _stands(notice: Notice, place: Place) -> bool:
    """Whether a notice belongs here: an entry has two pages, and a notice stands on the one with its question."""
    return isinstance(place, PagePlace) or any(
        where.link_id == item.link_id for where in notice.where for item in place.questions
    )


def _concerns(draft: Draft, place: Place, check: Check) -> bool:
    if isinstance(place, EntryPlace):
        here = {item.link_id for item in place.questions}
        about = any(at.entry_id == place.entry_id and at.link_id in here for at in check.places)
    else:
        about = any(page is place.page for page in _pages(draft, check))
    return about and all(page is place.page or page.link_id in draft.done for page in _pages(draft, check))


def _pages(draft: Draft, check: Check) -> list[Item]:
    """The pages that a check reads, those left out that are not on this patient's way."""
    link_ids = {*check.link_ids, *(at.link_id for at in check.places)}
    return [page for page in draft.journey.pages if any(item.link_id in link_ids for item in page.walk())]
