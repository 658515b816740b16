"""One page as it was sent → what happens: saved, shown again with what could not be accepted, or two versions side by
side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from werkzeug.datastructures import MultiDict

from intake.consultations.nk_intake.messages import MISSING
from intake.forms.fields import BadForm
from intake.forms.page_form import ParsedPage, check_names, read_page, was_sent
from intake.forms.typed import typed_from
from intake.patient.draft import Draft, Focus
from intake.patient.places import Place, fingerprint
from intake.questionnaire.model import Item
from intake.questionnaire.values import NO_ANSWER, Answer

HOUSEKEEPING: Final = ("csrf_token", "seen", "from", "then", "add", "entry", "list", "keep", "change")
"""The names of a page's hidden fields and buttons."""
NOTICE_BUTTONS: Final = ("keep", "change")
LATER: Final = "later"
IN_PERSON: Final = "in-person"
FROM_CHECK: Final = "check"
FROM_LIST: Final = "list"
ORIGINS: Final = (FROM_CHECK, FROM_LIST)
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Saved:
    """The page is in the draft, to be kept. `newly` is what it enabled on itself."""

    draft: Draft
    newly: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Again:
    """Something could not be accepted; nothing is stored."""

    reading: ParsedPage


@dataclass(frozen=True)
class Conflict:
    """The page was saved in another window since it was drawn; nothing is stored. `stored` holds what stands there
    now."""

    reading: ParsedPage
    stored: Mapping[str, Answer]


def receive(draft: Draft, place: Place, sent: MultiDict[str, str], *, today: date) -> Saved | Again | Conflict:
    """Read what was sent for a place, and put it into the draft if nothing stands against it. Raises BadForm."""
    check_names(sent, place.questions, HOUSEKEEPING)
    check_buttons(sent, place)
    if not sent.keys().isdisjoint(NOTICE_BUTTONS) and not any(was_sent(item, sent) for item in place.questions):
        return Saved(draft)  # the notice alone was answered: what stands on the page is not taken away by that
    shown = place.shown(draft)
    items = [item for item in place.questions if item in shown or was_sent(item, sent)]
    reading = read_page(items, sent, today=today)
    stored = {item.link_id: place.answer(draft, item) for item in items}
    if not reading.problems and _changed_elsewhere(draft, place, sent, reading, stored):
        return Conflict(_with_unsent(reading, sent, stored), stored)
    opening = blank_opening(place, reading)
    after = draft if opening else draft.with_response(place.with_answers(draft.response, reading.answers))
    if goes_on(sent):
        reading = reading.with_missing([*place.missing(after), *([opening] if opening else [])], MISSING)
    if reading.problems:
        return Again(reading)
    newly = tuple(place.newly(draft, after))
    focus = Focus(place.key, tuple(item.link_id for item in newly))
    return Saved(replace(after, focus=focus), newly)


def _with_unsent(reading: ParsedPage, sent: MultiDict[str, str], stored: Mapping[str, Answer]) -> ParsedPage:
    """The reading with the stored answer in each question of which nothing was sent: it may not have stood on that
    page."""
    unsent = {
        item.link_id: typed_from(item, stored[item.link_id]) for item in reading.items if not was_sent(item, sent)
    }
    return replace(reading, typed={**reading.typed, **unsent})


def blank_opening(place: Place, reading: ParsedPage) -> Item | None:
    """The first field of an entry if it was left blank: without it no entry is made or changed (x-row-required)."""
    opening = next((item for item in place.questions if item.row_required), None)
    return opening if opening is not None and not reading.answers.get(opening.link_id, NO_ANSWER).answered else None


def goes_on(sent: MultiDict[str, str]) -> bool:
    """Whether Continue was pressed: what is required is asked for then, and not when somebody leaves or adds an
    entry."""
    return sent.get("then") != LATER and not sent.get("add")


def check_buttons(sent: MultiDict[str, str], place: Place) -> None:
    """Refuse a hidden field or a button with a value that this page does not have. Raises BadForm."""
    ways = ("", LATER, IN_PERSON) if place.may_be_told_in_person else ("", LATER)
    for name, allowed in {"then": ways, "from": ("", *ORIGINS)}.items():
        if sent.get(name, "") not in allowed:
            raise BadForm(f"{name} has a value that the page does not offer")
    if not _FINGERPRINT.fullmatch(sent.get("seen", "")):
        raise BadForm("the page's own mark is missing or altered")


def _changed_elsewhere(
    draft: Draft, place: Place, sent: MultiDict[str, str], reading: ParsedPage, stored: Mapping[str, Answer]
) -> bool:
    if sent["seen"] == fingerprint(place, draft):
        return False
    return any(reading.answers[link_id] != answer for link_id, answer in stored.items())
