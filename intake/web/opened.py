"""One sent response as whoever may read it reads it: what is stored, opened as typed objects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from intake.answers.document import StoredDocument
from intake.consultations.rules import worded
from intake.consultations.stored import stored_summary
from intake.questionnaire.fhir_json import response_to_json
from intake.questionnaire.fhir_questionnaire import Json
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.roles import ItemRole
from intake.records.errors import CannotOpen
from intake.records.sent import Sent
from intake.summary.document import UnreadableDocument
from intake.summary.model import Summary
from intake.summary.statement import Sentence, sentence, text_of, tidied, typed
from intake.web import errors

errors.add(UnreadableDocument, errors.EXCEPTIONS[CannotOpen])


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose response it is: what stands in the heading and on every printed sheet. The birth date is in words; both
    are empty where the form does not ask for them."""

    name: Sentence
    born: str


@dataclass(frozen=True)
class OpenedResponse:
    """One sent response, opened once the trail says for whom, and the version of its form."""

    sent: Sent
    published: Questionnaire

    @cached_property
    def summary(self) -> Summary:
        """The summary that was stored when it was sent. Raises CannotOpen, UnreadableDocument."""
        return stored_summary(self.sent.summary, self.published)

    @cached_property
    def document(self) -> StoredDocument:
        """The answers as sent, with the questionnaire in the words that the patient read. Raises UnreadableResponse."""
        sent = self.sent
        stored = StoredDocument.from_document(sent.document, self.published)
        response = replace(
            stored.shown.without_hidden().response,
            status=sent.status,
            language=sent.language,
            authored=sent.answered_at,
        )
        return stored.changed(questionnaire=worded(stored.questionnaire, response), response=response)

    @property
    def whose_summary(self) -> Whose:
        """Whose it is, by the summary. Raises CannotOpen, UnreadableDocument."""
        item = self.published.by_role.get(ItemRole.BIRTH_DATE)
        born = (line.sentence for line in self.summary.header if item and line.link_id == item.link_id)
        return Whose(self.summary.name, text_of(next(born, ())))

    @property
    def whose_answers(self) -> Whose:
        """The same by the answers. Raises UnreadableResponse."""
        name, born = self.document.role(ItemRole.NAME).own_words, self.document.role(ItemRole.BIRTH_DATE).date
        return Whose(sentence(typed(tidied(name))) if name else (), born.words if born else "")

    @property
    def fhir(self) -> Json:
        """The FHIR R4 QuestionnaireResponse, what was shown and not answered included, with the reason."""
        questionnaire = self.document.questionnaire
        written = response_to_json(questionnaire, self.document.response, blanks=True, way=self.document.way)
        identifier = {
            "system": questionnaire.url.replace("/Questionnaire/", "/NamingSystem/"),
            "value": self.sent.reference,
        }
        return {"resourceType": written.pop("resourceType"), "id": self.sent.id, "identifier": identifier} | written
