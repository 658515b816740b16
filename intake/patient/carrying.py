"""What was typed on a page that nobody could save: carried along by the code's page, opened by its own code alone; or
told, to be copied, where its page is gone."""

from __future__ import annotations

import hmac
import re
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
from intake.patient.finding import step_at
from intake.patient.steps import carry
from intake.questionnaire.journey import NotOnTheWay
from intake.questionnaire.response import QuestionnaireResponse
from intake.questionnaire.unseen import can_be_seen
from intake.summary.statement import Sentence, sentence, typed
from intake.web import extensions

PREFIX: Final = "carried."
PATH: Final = "carried"
"""The name of the hidden field that holds the page's address; those of the page's fields have the prefix."""
_MAC: Final = re.compile(r"[0-9a-f]{16,32}-([0-9a-fqsuv]{16,1000})-([0-9a-f]{32})")

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
        mark = _MAC.fullmatch(sent.get("seen", ""))
        if mark is None or not hmac.compare_digest(mark[2], _mac(response_id, mark[1])):
            return None
        return cls(path, sent)

    def kept_in(self, draft: StoredDocument, addresses: Map) -> tuple[StoredDocument, str] | None:
        """The draft with it, kept as it was typed, and the address of its page; None where that page is not part of
        this form now."""
        try:
            step = step_at(draft, self.sent, self.path, addresses)
            return carry(draft, step, self.sent, extensions.today()), step.here
        except (HTTPException, BadForm, NotOnTheWay, NoSuchEntry):
            return None


def told(document: StoredDocument, sent: MultiDict[str, str]) -> list[tuple[str, Sentence]]:
    """What was typed on a page that takes it no more, question by question, where it is not what is kept."""
    form = worded(document.questionnaire, QuestionnaireResponse(document.questionnaire.canonical))
    stored = {
        as_it_reads(form.item(link_id), typed_from(form.item(link_id), answer))
        for link_id, _, answer in document.response.said()
    }
    found = []
    for item in form.by_link_id.values():
        values = {name: tuple(sent.getlist(name)) for name in control_names(item) if name in sent}
        text = as_it_reads(item, Typed(values)) if values else ""
        if can_be_seen(text) and text not in stored:
            found.append((item.text, sentence(typed(text))))
    return found
