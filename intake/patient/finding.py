"""Which step an address of the patients' pages means, in a draft and with what was sent there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound
from werkzeug.routing import Map

from intake.answers.document import StoredDocument
from intake.forms.fields import BadForm
from intake.patient.addresses import ORIGINS
from intake.patient.blueprint import NoSuchEntry
from intake.patient.step import Step, list_on

ENTRY_ID: Final = re.compile(r"[0-9a-f]{16}")

Sent = MultiDict[str, str]


def origin(sent: Sent) -> str:
    """Where this page was opened from and leads back to: `check`, `list` (one opened from there), or empty."""
    given = sent.get("from", "")
    return given if given in ORIGINS else ""


def page_step(draft: StoredDocument, sent: Sent, page_id: str) -> Step:
    """The step of a page. Raises NotOnTheWay."""
    return Step(draft.journey.page(page_id), opened_from=origin(sent))


def new_entry(draft: StoredDocument, sent: Sent, page_id: str) -> Step:
    """The step of a new entry of a list. Raises NotOnTheWay, NoSuchEntry, BadForm."""
    list_link_id, entry_id = sent.get("list", ""), sent.get("entry", "")
    on = draft.journey.page(page_id)
    rows = list_on(draft, on, list_link_id)
    if rows is None:
        raise NoSuchEntry
    found = draft.response.entry(entry_id)
    if not ENTRY_ID.fullmatch(entry_id) or (found is not None and found[0] != list_link_id):
        raise BadForm("the id of the new entry is missing or altered")
    return Step(on, rows, entry_id, first=True, opened_from=origin(sent), adding=True)


def entry_start(draft: StoredDocument, sent: Sent, page_id: str, entry_id: str, *, first: bool = True) -> Step:
    """The step of the first field of an entry that is in its list. Raises NotOnTheWay, NoSuchEntry."""
    on = draft.journey.page(page_id)
    found = draft.response.entry(entry_id)
    rows = list_on(draft, on, found[0]) if found else None
    if rows is None:
        raise NoSuchEntry
    return Step(on, rows, entry_id, first, opened_from=origin(sent))


def entry_rest(draft: StoredDocument, sent: Sent, page_id: str, entry_id: str) -> Step:
    """The step of the rest of such an entry. Raises NotOnTheWay, NoSuchEntry."""
    return entry_start(draft, sent, page_id, entry_id, first=False)


STEPS: Final[Mapping[str, Callable[..., Step]]] = {
    "patient.question_page": page_step,
    "patient.add_entry": new_entry,
    "patient.start_of_entry": entry_start,
    "patient.rest_of_entry": entry_rest,
}
"""By the name of the view at an address; called with the draft, what was sent, and the parts of the address."""


def step_at(draft: StoredDocument, sent: Sent, path: str, addresses: Map) -> Step:
    """The step whose page is at a path. Raises NotOnTheWay, NoSuchEntry, BadForm, and an HTTPException where there is
    no page of questions."""
    endpoint, parts = addresses.bind("").match(path, method="POST")
    if endpoint not in STEPS:
        raise NotFound
    return STEPS[endpoint](draft, sent, **parts)
