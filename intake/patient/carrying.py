"""What was typed on a page that nobody could save: carried along by the code's page, opened by its own code alone; or
told, to be copied, where its page is gone."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

from intake.answers.document import StoredDocument
from intake.consultations.rules import worded
from intake.forms.fields import BadForm
from intake.forms.typed import Typed, as_it_reads, control_names, typed_from
from intake.patient.blueprint import NoSuchEntry
from intake.patient.finding import ENTRY_ID, step_at
from intake.patient.steps import carry
from intake.questionnaire.journey import NotOnTheWay
from intake.questionnaire.model import Item
from intake.questionnaire.response import QuestionnaireResponse
from intake.questionnaire.unseen import can_be_seen
from intake.questionnaire.values import NO_ANSWER, Answer
from intake.summary.statement import Sentence, sentence, typed
from intake.web import extensions

PREFIX: Final = "carried."
PATH: Final = "carried"
"""The name of the hidden field that holds the page's address; those of the page's fields have the prefix."""
Fields = list[tuple[str, str]]


def whose(response_id: str) -> str:
    """What a page's form says of whose it is: another response's code opens nothing of it."""
    return extensions.current().keyring.mac("carried", response_id).hex()[:32]


def owner_of(draft: StoredDocument, draft_id: str) -> str:
    """The id of the response whose code brings carried words back: a correction's is what it corrects, whose code stays
    when the correction is sent."""
    return draft.correction.id if draft.correction is not None else draft_id


def packed(path: str, sent: MultiDict[str, str]) -> Fields:
    """The hidden fields that carry what was sent to a page."""
    fields = ((name, value) for name, value in sent.items(multi=True) if name not in ("csrf_token", "then"))
    return [(PATH, path), *((f"{PREFIX}{name}", value) for name, value in fields)]


def held_by(sent: MultiDict[str, str]) -> Fields:
    """The hidden fields that a code's page carried here, to be carried on."""
    return [(name, value) for name, value in sent.items(multi=True) if name == PATH or name.startswith(PREFIX)]


@dataclass(frozen=True)
class Carried:
    """What a code's page carried of one page of questions: the path of that page, and what was typed there."""

    path: str
    sent: MultiDict[str, str]

    @classmethod
    def of(cls, fields: Iterable[tuple[str, str]], response_id: str) -> Carried | None:
        """What these hidden fields hold; None where that is nothing, or of a page of another response."""
        held = list(fields)
        path = next((value for name, value in held if name == PATH), "")
        sent = MultiDict((name.removeprefix(PREFIX), value) for name, value in held if name != PATH)
        given = sent.get("whose", "")
        return cls(path, sent) if hmac.compare_digest(given.encode(), whose(response_id).encode()) else None

    def kept_in(self, draft: StoredDocument, addresses: Map) -> tuple[StoredDocument, str] | None:
        """The draft with it, kept as it was typed, and the address of its page; None where that page is not part of
        this form now."""
        try:
            step = step_at(draft, self.sent, self.path, addresses)
            return carry(draft, step, self.sent, extensions.today()), step.here
        except (HTTPException, BadForm, NotOnTheWay, NoSuchEntry):
            return None


def told(document: StoredDocument, sent: MultiDict[str, str], path: str) -> list[tuple[str, Sentence]]:
    """What was typed on a page that takes it no more, question by question, where it is not what is kept there."""
    form = worded(document.questionnaire, QuestionnaireResponse(document.questionnaire.canonical))
    entry = next((part for part in (sent.get("entry", ""), *path.split("/")) if ENTRY_ID.fullmatch(part)), None)
    found = []
    for item in form.by_link_id.values():
        names = [name for name in control_names(item) if name in sent]
        text = as_it_reads(item, Typed({name: tuple(sent.getlist(name)) for name in names})) if names else ""
        if can_be_seen(text) and text != as_it_reads(item, typed_from(item, _kept(document, item, entry))):
            found.append((item.text, sentence(typed(text))))
    return found


def _kept(document: StoredDocument, item: Item, entry_id: str | None) -> Answer:
    response, rows = document.response, document.questionnaire.list_of(item.link_id)
    if rows is None:
        return response.answer(item.link_id)
    entry = next((one for one in response.rows(rows.link_id) if one.id == entry_id), None)
    return response.answer(item.link_id, entry) if entry is not None else NO_ANSWER
