"""What was typed on a page whose session is gone: carried along by the code's page, opened by its own code alone."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from typing import Final

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

from intake.answers.document import StoredDocument
from intake.forms.fields import BadForm
from intake.patient.blueprint import NoSuchEntry
from intake.patient.finding import step_at
from intake.patient.steps import carry
from intake.questionnaire.journey import NotOnTheWay
from intake.web import extensions

PREFIX: Final = "carried."
PATH: Final = "carried"
"""The name of the hidden field that holds the page's address; those of the page's fields have the prefix."""
_MAC: Final = re.compile(r"[0-9a-f]{32}-([0-9a-fq]{16,120})-([0-9a-f]{32})")

Fields = list[tuple[str, str]]


def mark_of(response_id: str, seen: str) -> str:
    """`Step.seen` with the mark of the response whose page it is: another response's code opens nothing of it."""
    return f"{seen}-{_mac(response_id, seen.partition('-')[2])}"


def _mac(response_id: str, drawn: str) -> str:
    return extensions.current().keyring.mac("carried", response_id, drawn).hex()[:32]


def packed(path: str, sent: MultiDict[str, str]) -> Fields:
    """The hidden fields that carry what was sent to a page."""
    fields = ((name, value) for name, value in sent.items(multi=True) if name not in ("csrf_token", "then"))
    return [(PATH, path), *((f"{PREFIX}{name}", value) for name, value in fields)]


def held_by(sent: MultiDict[str, str]) -> Fields:
    """The hidden fields that a code's page carried here, to be carried on."""
    return [(name, value) for name, value in sent.items(multi=True) if name == PATH or name.startswith(PREFIX)]


def unpacked(
    draft: StoredDocument, response_id: str, fields: Iterable[tuple[str, str]], addresses: Map
) -> tuple[StoredDocument, str] | None:
    """The draft with what was carried, kept as it was typed, and the address of its page; None where nothing was, or it
    is another response's, or its page is not part of this form now."""
    carried = list(fields)
    path = next((value for name, value in carried if name == PATH), "")
    sent = MultiDict((name.removeprefix(PREFIX), value) for name, value in carried if name != PATH)
    mark = _MAC.fullmatch(sent.get("seen", ""))
    if mark is None or not hmac.compare_digest(mark[2], _mac(response_id, mark[1])):
        return None
    try:
        step = step_at(draft, sent, path, addresses)
        return carry(draft, step, sent, extensions.today()), step.here
    except (HTTPException, BadForm, NotOnTheWay, NoSuchEntry):
        return None
