"""The pages of questions and of list entries: one topic a page, saved before the next shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from flask import request
from werkzeug.wrappers import Response

from intake.answers.document import StoredDocument
from intake.forms.fields import BadForm
from intake.forms.page_form import check_names
from intake.patient import addresses, pages
from intake.patient.addresses import FROM_CHECK, ORIGINS
from intake.patient.blueprint import NoSuchEntry, door, go, page
from intake.patient.current_draft import about_how_long, change, consent_text, gentle_checks, open_draft, words
from intake.patient.step import Step, list_on
from intake.patient.steps import HOUSEKEEPING, StepContext, StepOutcome, as_typed, take_step
from intake.questionnaire.response import new_entry_id
from intake.web import extensions

SHOW_AND_SAVE: Final = ("GET", "POST")
_ENTRY_ID: Final = re.compile(r"[0-9a-f]{16}")

Reply = str | Response | tuple[str, int]
"""What a view answers with: a page, a redirect, or a page with another status than 200."""
FindStep = Callable[[StoredDocument], Step]


@door.route("/questionnaire/<page_id>", methods=SHOW_AND_SAVE)
def question_page(page_id: str) -> Reply:
    """One page of questions."""
    return answer(lambda draft: Step(draft.journey.page(page_id), opened_from=origin()))


@door.route("/questionnaire/<page_id>/add", methods=SHOW_AND_SAVE)
def add_entry(page_id: str) -> Reply:
    """The first field of a new entry, which exists once that is answered. Its id stands in the address, so that Back
    and on again makes one entry."""
    sent = request.form if request.method == "POST" else request.args
    list_link_id, entry_id = sent.get("list", ""), sent.get("entry", "")
    if request.method != "POST" and not (list_link_id and "entry" in sent):
        open_draft()  # who holds none learns that first
        # a refused first field stands at the bare address: opened once more, the list is the place to begin again
        query = {"list": list_link_id, "entry": new_entry_id()}
        return go(addresses.page(page_id, "add", **query) if list_link_id else addresses.page(page_id))
    return answer(lambda draft: new_entry(draft, page_id, list_link_id, entry_id))


@door.route("/questionnaire/<page_id>/<entry_id>/start", methods=SHOW_AND_SAVE)
def start_of_entry(page_id: str, entry_id: str) -> Reply:
    """The first field of an entry, to change it."""
    return answer(lambda draft: entry_step(draft, page_id, entry_id, first=True))


@door.route("/questionnaire/<page_id>/<entry_id>", methods=SHOW_AND_SAVE)
def rest_of_entry(page_id: str, entry_id: str) -> Reply:
    """The rest of an entry."""
    return answer(lambda draft: entry_step(draft, page_id, entry_id, first=False))


@door.get("/questionnaire/<page_id>/<entry_id>/remove")
def ask_before_removing(page_id: str, entry_id: str) -> str:
    """Ask before an entry is removed."""
    draft, _ = open_draft()
    step = entry_step(draft, page_id, entry_id, first=True)
    return page(
        "remove",
        entry=pages.listed_entry(draft, step),
        back=addresses.page(page_id, at=entry_id, opened_from=step.opened_from and FROM_CHECK),
        opened_from=step.opened_from and FROM_CHECK,
        progress=draft.journey.progress(step.page),
    )


@door.post("/questionnaire/<page_id>/<entry_id>/remove")
def remove_entry(page_id: str, entry_id: str) -> Response:
    """Remove an entry; the others keep their ids. Doing it twice is doing it once."""
    check_names(request.form, (), HOUSEKEEPING)

    def remove(draft: StoredDocument) -> tuple[StoredDocument, str]:
        on = draft.journey.page(page_id)
        if draft.response.entry(entry_id) is None:
            return draft, addresses.page(page_id)
        rows = entry_step(draft, page_id, entry_id, first=True).rows
        assert rows is not None, "an entry stands in a list"
        opened_from = FROM_CHECK if origin() == FROM_CHECK else ""
        to = addresses.page(on.link_id, at=rows.link_id, opened_from=opened_from)
        return draft.without_entry(rows.link_id, entry_id), to

    return go(change(remove))


# -- one step ----------------------------------------------------------------------------------------------------------


def answer(find: FindStep) -> Reply:
    """Show a step, or save what was sent at it."""
    return save(find) if request.method == "POST" else show(find)


def show(find: FindStep) -> Reply:
    """A step's page as it stands; where nothing can be asked now, on to what follows."""
    draft, _ = open_draft()
    step = find(draft)
    if step.rows is not None and not (step.has_room(draft) and step.shown(draft)):
        return go(step.onward(draft))
    return drawn(draft, step)


def save(find: FindStep) -> Reply:
    """Save what was sent at a step, then go where it leads; what is typed there and what another window saved are shown
    side by side."""

    def take(draft: StoredDocument) -> tuple[StoredDocument, tuple[Step, StepOutcome]]:
        step = find(draft)
        if not step.has_room(draft):
            return draft, (step, StepOutcome(draft, step.onward(draft)))
        context = StepContext(extensions.now(), consent_text().version, gentle_checks())
        outcome = take_step(draft, step, request.form, context)
        return outcome.draft, (step, outcome)

    step, outcome = change(take)
    return go(outcome.to) if outcome.to is not None else (drawn(outcome.draft, step, conflict=True), 409)


def drawn(draft: StoredDocument, step: Step, *, conflict: bool = False) -> str:
    """The page as it stands; the one with which a section begins says about how long that takes."""
    notices, typed = gentle_checks().waiting(draft, step), as_typed(draft, step, extensions.today())
    made = pages.question_page(draft, step, words(draft), request.args.get("at", ""), notices, typed)
    takes = about_how_long(draft, step.page) if step.rows is None else ""
    return page("question", page=made, takes=takes, conflict=conflict or bool(made.differences))


def origin() -> str:
    """Where this page was opened from and leads back to: `check`, `list` (one opened from there), or empty."""
    given = request.values.get("from", "")
    return given if given in ORIGINS else ""


def new_entry(draft: StoredDocument, page_id: str, list_link_id: str, entry_id: str) -> Step:
    """The step of a new entry of a list. Raises NotOnTheWay, NoSuchEntry, BadForm."""
    on = draft.journey.page(page_id)
    rows = list_on(draft, on, list_link_id)
    if rows is None:
        raise NoSuchEntry
    found = draft.response.entry(entry_id)
    if not _ENTRY_ID.fullmatch(entry_id) or (found is not None and found[0] != list_link_id):
        raise BadForm("the id of the new entry is missing or altered")
    return Step(on, rows, entry_id, first=True, opened_from=origin(), adding=True)


def entry_step(draft: StoredDocument, page_id: str, entry_id: str, *, first: bool) -> Step:
    """The step of an entry that is in its list. Raises NotOnTheWay, NoSuchEntry."""
    on = draft.journey.page(page_id)
    found = draft.response.entry(entry_id)
    rows = list_on(draft, on, found[0]) if found else None
    if rows is None:
        raise NoSuchEntry
    return Step(on, rows, entry_id, first, opened_from=origin())
