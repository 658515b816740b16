"""How a clinician reads one response: the event recorded first, then what is stored, opened and made into typed objects
again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy.orm import Session

from intake.accounts.staff import Member
from intake.consultations.rules import worded
from intake.consultations.stored import stored_summary
from intake.questionnaire.absence import Way
from intake.questionnaire.enable_when import as_sent
from intake.questionnaire.fhir_json import UnreadableResponse, response_from_json, response_to_json
from intake.questionnaire.fhir_questionnaire import Json
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from intake.records import audit, responses
from intake.records.audit import AuditAction, Entity
from intake.records.errors import CannotOpen
from intake.records.responses import Review, Sent
from intake.summary.document import UnreadableDocument
from intake.summary.model import Summary
from intake.web import errors
from intake.web.extensions import current, now

for unreadable in (UnreadableResponse, UnreadableDocument):
    errors.add(unreadable, errors.EXCEPTIONS[CannotOpen])


@dataclass(frozen=True)
class Opened:
    """One sent response, opened for somebody whose look at it is in the trail."""

    sent: Sent
    review: Review | None

    @cached_property
    def questionnaire(self) -> Questionnaire:
        """The version that it was filled in with, in the words that the patient read."""
        return worded(self.published, self.response)

    @cached_property
    def response(self) -> QuestionnaireResponse:
        """The answers as they were sent."""
        stored = response_from_json(self.published, self.sent.document["response"])
        sent = replace(stored, status=self.sent.status, language=self.sent.language, authored=self.sent.authored_at)
        return as_sent(self.published, sent)

    @property
    def published(self) -> Questionnaire:
        """The version that it was filled in with, as it was published."""
        return current().forms.published[self.sent.questionnaire]

    @property
    def way(self) -> Way:
        """How far the patient came, and what they will tell in person."""
        return Way(frozenset(self.sent.document.get("done", ())), frozenset(self.sent.document.get("in_person", ())))

    @property
    def fhir(self) -> Json:
        """The FHIR R4 QuestionnaireResponse, what was shown and not answered included, with the reason."""
        written = response_to_json(self.questionnaire, self.response, blanks=True, way=self.way)
        identifier = {
            "system": self.questionnaire.url.replace("/Questionnaire/", "/NamingSystem/"),
            "value": self.sent.reference,
        }
        return {"resourceType": written.pop("resourceType"), "id": self.sent.id, "identifier": identifier} | written


def open_response(sql: Session, id: str, action: AuditAction, member: Member) -> Opened:
    """Record who looks, then open. Raises NoSuchResponse and CannotOpen; then nothing is recorded, as nothing was
    seen."""
    _record(sql, id, action, member)
    keyring = current().keyring
    return Opened(responses.read_sent(sql, keyring, id), responses.read_review(sql, keyring, id))


def open_summary(sql: Session, opened: Opened) -> Summary:
    """The summary stored when it was sent; after `open_response` in the same transaction. Raises UnreadableDocument."""
    return stored_summary(responses.read_summary(sql, current().keyring, opened.sent.id), opened.published)


def _record(sql: Session, id: str, action: AuditAction, member: Member) -> None:
    audit.record(
        sql,
        action,
        agent_id=member.id,
        agent_name=member.name,
        role="clinician",
        entity_type=Entity.RESPONSE,
        entity_id=id,
        now=now(),
    )
