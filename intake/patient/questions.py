"""The pages of questions and of list entries: one topic a page, saved before the next shows."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from flask import request
from werkzeug.wrappers import Response

from intake.forms.fields import BadForm
from intake.forms.page_form import check_names
from intake.patient import pages
from intake.patient.door import NoSuchEntry, changing, door, go, open_draft, page, scene
from intake.patient.draft import Draft
from intake.patient.places import EntryPlace
from intake.patient.saving import HOUSEKEEPING
from intake.patient.turns import EntryTurn, PageTurn, Reply, from_check, list_on
from intake.questionnaire.response import new_entry_id

_ENTRY_ID: Final = re.compile(r"[0-9a-f]{16}")


@door.get("/questionnaire/<page_id>")
def show_page(page_id: str) -> str:
    """One page of questions."""
    draft, _ = open_draft()
    return PageTurn.of(draft, page_id, request.args.get("at", "")).show(draft)


@door.post("/questionnaire/<page_id>")
def save_page(page_id: str) -> Reply:
    """Save one page, then show the next."""
    with changing() as work:
        return PageTurn.of(work.draft, page_id).take(work)


@door.get("/questionnaire/<page_id>/add")
def add_entry(page_id: str) -> str | Response:
    """The first field of a new entry. Its id stands in the address, so that Back and on again makes one entry."""
    draft, _ = open_draft()
    list_link_id, entry_id = request.args.get("list", ""), request.args.get("entry")
    if (
        not list_link_id
    ):  # a refused first field stands at the bare address: opened once more, the list is the place to begin again
        return go("show_page", page_id=page_id)
    if entry_id is None:
        return go("add_entry", page_id=page_id, list=list_link_id, entry=new_entry_id())
    turn = new_entry(draft, page_id, list_link_id, entry_id)
    return turn.show(draft) if has_room(draft, turn.place) else turn.onward(draft)


@door.post("/questionnaire/<page_id>/add")
def save_new_entry(page_id: str) -> Reply:
    """Begin an entry: it exists once its first field is answered."""
    with changing() as work:
        turn = new_entry(work.draft, page_id, request.form.get("list", ""), request.form.get("entry", ""))
        return turn.take(work) if has_room(work.draft, turn.place) else turn.onward(work.draft)


@door.get("/questionnaire/<page_id>/<entry_id>/start")
def start_entry(page_id: str, entry_id: str) -> str:
    """The first field of an entry, to change it."""
    draft, _ = open_draft()
    return EntryTurn(entry_place(draft, page_id, entry_id, first=True)).show(draft)


@door.post("/questionnaire/<page_id>/<entry_id>/start")
def save_start_of_entry(page_id: str, entry_id: str) -> Reply:
    """Save the first field of an entry."""
    with changing() as work:
        return EntryTurn(entry_place(work.draft, page_id, entry_id, first=True)).take(work)


@door.get("/questionnaire/<page_id>/<entry_id>")
def show_entry(page_id: str, entry_id: str) -> str | Response:
    """The rest of an entry."""
    draft, _ = open_draft()
    turn = EntryTurn(entry_place(draft, page_id, entry_id, first=False))
    return turn.show(draft) if turn.place.shown(draft) else turn.onward(draft)


@door.post("/questionnaire/<page_id>/<entry_id>")
def save_entry(page_id: str, entry_id: str) -> Reply:
    """Save the rest of an entry."""
    with changing() as work:
        return EntryTurn(entry_place(work.draft, page_id, entry_id, first=False)).take(work)


@door.get("/questionnaire/<page_id>/<entry_id>/remove")
def ask_before_removing(page_id: str, entry_id: str) -> str:
    """Ask before an entry is removed."""
    draft, _ = open_draft()
    place = entry_place(draft, page_id, entry_id, first=True)
    listed = pages.list_block(scene(draft), place.rows, opened=False, titled=False).entries
    entry = next(one for one in listed if one.id == entry_id)
    return page("remove", entry=entry, place=place, progress=draft.journey.progress(place.page))


@door.post("/questionnaire/<page_id>/<entry_id>/remove")
def remove_entry(page_id: str, entry_id: str) -> Response:
    """Remove an entry; the others keep their ids. Doing it twice is doing it once."""
    check_names(request.form, (), HOUSEKEEPING)
    with changing() as work:
        on = work.draft.journey.page(page_id)
        found = work.draft.response.entry(entry_id)
        if found is None:
            return go("show_page", page_id=page_id)
        place = entry_place(work.draft, page_id, entry_id, first=True)
        work.draft = replace(work.draft, response=work.draft.response.without_entry(place.rows.link_id, entry_id))
        return go("show_page", page_id=on.link_id, at=place.rows.link_id, origin=from_check())


def new_entry(draft: Draft, page_id: str, list_link_id: str, entry_id: str) -> EntryTurn:
    """The turn at a new entry of a list. Raises NotOnTheWay, NoSuchEntry, BadForm."""
    on = draft.journey.page(page_id)
    rows = list_on(draft, on, list_link_id)
    if rows is None:
        raise NoSuchEntry
    found = draft.response.entry(entry_id)
    if not _ENTRY_ID.fullmatch(entry_id) or (found is not None and found[0] != list_link_id):
        raise BadForm("the id of the new entry is missing or altered")
    return EntryTurn(EntryPlace(on, rows, entry_id, first=True), adding=True)


def has_room(draft: Draft, place: EntryPlace) -> bool:
    """Whether the list takes this entry: it is in it already, or x-max-rows is not reached."""
    most = place.rows.max_rows
    return place.exists(draft.response) or most is None or len(draft.response.rows(place.rows.link_id)) < most


def entry_place(draft: Draft, page_id: str, entry_id: str, *, first: bool) -> EntryPlace:
    """The place of an entry that is in its list. Raises NotOnTheWay, NoSuchEntry."""
    on = draft.journey.page(page_id)
    found = draft.response.entry(entry_id)
    rows = list_on(draft, on, found[0]) if found else None
    if rows is None:
        raise NoSuchEntry
    return EntryPlace(on, rows, entry_id, first)
