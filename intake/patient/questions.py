"""The pages of questions and of list entries: one topic a page, saved before the next shows."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final

from flask import current_app, request
from werkzeug.wrappers import Response

from intake.answers.document import StoredDocument
from intake.forms.page_form import check_names
from intake.patient import addresses, pages
from intake.patient.addresses import FROM_CHECK
from intake.patient.blueprint import NoSuchEntry, door, go, page
from intake.patient.carrying import owner_of, whose
from intake.patient.coming_back import left_quickly
from intake.patient.current_draft import about_how_long, change, consent_text, gentle_checks, open_draft, overdue, words
from intake.patient.finding import STEPS, entry_start, origin, step_at
from intake.patient.step import Step
from intake.patient.steps import HOUSEKEEPING, StepContext, StepOutcome, as_typed, keep_half_typed, take_step
from intake.questionnaire.journey import NotOnTheWay
from intake.questionnaire.response import new_entry_id
from intake.records.errors import AlreadySent, NoSuchDraft
from intake.records.sessions import LIMITS, SessionKind
from intake.web import extensions, sessions

SHOW_AND_SAVE: Final = ("GET", "POST")

IDLE_MINUTES: Final = int(LIMITS[SessionKind.PATIENT].idle.total_seconds() // 60)
"""After which the page is closed, so that its script can warn before."""

Reply = str | Response | tuple[str, int]
"""What a view answers with: a page, a redirect, or a page with another status than 200."""


@door.route("/questionnaire/<page_id>", methods=SHOW_AND_SAVE)
def question_page(page_id: str) -> Reply:
    """One page of questions."""
    return answer(page_id=page_id)


@door.route("/questionnaire/<page_id>/add", methods=SHOW_AND_SAVE)
def add_entry(page_id: str) -> Reply:
    """The first field of a new entry, which exists once that is answered. Its id stands in the address, so that Back
    and on again makes one entry."""
    list_link_id = request.values.get("list", "")
    if request.method != "POST" and not (list_link_id and "entry" in request.args):
        open_draft()  # who holds none learns that first
        # the address of the form alone, opened by itself: the list is the place to begin again
        query = {"list": list_link_id, "entry": new_entry_id()}
        return go(addresses.page(page_id, "add", **query) if list_link_id else addresses.page(page_id))
    return answer(page_id=page_id)


@door.route("/questionnaire/<page_id>/<entry_id>/start", methods=SHOW_AND_SAVE)
def start_of_entry(page_id: str, entry_id: str) -> Reply:
    """The first field of an entry, to change it."""
    return answer(page_id=page_id, entry_id=entry_id)


@door.route("/questionnaire/<page_id>/<entry_id>", methods=SHOW_AND_SAVE)
def rest_of_entry(page_id: str, entry_id: str) -> Reply:
    """The rest of an entry."""
    return answer(page_id=page_id, entry_id=entry_id)


@door.get("/questionnaire/<page_id>/<entry_id>/remove")
def ask_before_removing(page_id: str, entry_id: str) -> str:
    """Ask before an entry is removed."""
    draft, _ = open_draft()
    step = entry_start(draft, request.values, page_id, entry_id)
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
        rows = entry_start(draft, request.values, page_id, entry_id).rows
        assert rows is not None, "an entry stands in a list"
        opened_from = FROM_CHECK if origin(request.values) == FROM_CHECK else ""
        to = addresses.page(on.link_id, at=rows.link_id, opened_from=opened_from)
        return draft.without_entry(rows.link_id, entry_id), to

    return go(change(remove))


@door.post("/questionnaire/<page_id>/typed")
@door.post("/questionnaire/<page_id>/add/typed")
@door.post("/questionnaire/<page_id>/<entry_id>/typed")
@door.post("/questionnaire/<page_id>/<entry_id>/start/typed")
def keep_typed(**parts: str) -> Response:
    """What stands half-typed on an open page, sent by the page's script, kept as it was typed, for an entry that was
    removed meanwhile too: it may be put back. Nobody looks at the answer, so that what comes after sending, or after
    the end of the session, is met with silence."""
    path = request.path.removesuffix("/typed")

    def keep(draft: StoredDocument) -> tuple[StoredDocument, None]:
        there = draft.with_removed_again(parts.get("entry_id", ""))
        step = step_at(there, request.form, path, current_app.url_map)
        kept = keep_half_typed(there, step, request.form, extensions.today())
        if there is not draft:
            kept = draft.with_half_typed(step.key, kept.as_typed.get(step.key))
        return kept, None

    with suppress(AlreadySent, NoSuchDraft, NoSuchEntry, NotOnTheWay):
        change(keep)
    return Response(status=204)


# -- one step ----------------------------------------------------------------------------------------------------------


def answer(**parts: str) -> Reply:
    """Show the step of this address, or save what was sent at it."""
    return save(parts) if request.method == "POST" else show(parts)


def find(draft: StoredDocument, parts: Mapping[str, str]) -> Step:
    """The step of this request's address."""
    sent = request.form if request.method == "POST" else request.args
    return STEPS[str(request.endpoint)](draft, sent, **parts)


def show(parts: Mapping[str, str]) -> Reply:
    """A step's page as it stands; where nothing can be asked now, on to what follows."""
    draft, handle = open_draft()
    step = find(draft, parts)
    if step.rows is not None and not (step.has_room(draft) and step.shown(draft)):
        return go(step.onward(draft))
    return drawn(draft, step, also=overdue(handle))


def save(parts: Mapping[str, str]) -> Reply:
    """Save what was sent at a step, then go where it leads; what is typed there and what another window saved are shown
    side by side."""

    def take(draft: StoredDocument) -> tuple[StoredDocument, tuple[Step, StepOutcome]]:
        step = find(draft, parts)
        context = StepContext(extensions.now(), consent_text().version, gentle_checks())
        outcome = take_step(draft, step, request.form, context)
        return outcome.draft, (step, outcome)

    step, outcome = change(take)
    if outcome.to == addresses.LEAVE:
        return left_quickly()
    return go(outcome.to) if outcome.to is not None else (drawn(outcome.draft, step, conflict=True), 409)


def drawn(draft: StoredDocument, step: Step, *, conflict: bool = False, also: tuple[str, ...] = ()) -> str:
    """The page as it stands, with what is `also` to be said; a section's first says about how long that takes."""
    notices, typed = gentle_checks().waiting(draft, step), as_typed(draft, step, extensions.today())
    made = pages.question_page(draft, step, words(draft), request.args.get("at", ""), notices, typed)
    made = replace(made, remarks=(*also, *made.remarks))
    takes = about_how_long(draft, step.page, made.progress) if step.rows is None else ""
    mine = whose(owner_of(draft, sessions.current().owner or ""))
    return page("question", page=made, whose=mine, takes=takes, conflict=conflict, idle_minutes=IDLE_MINUTES)
