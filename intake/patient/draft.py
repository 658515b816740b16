"""A draft as typed objects: the response, the pages done or to be told, the notices seen, the agreement. Records keep
one document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from intake.consultations.catalogue import Catalogue
from intake.consultations.rules import worded
from intake.patient.consent import Agreement
from intake.questionnaire.absence import Way
from intake.questionnaire.fhir_json import response_from_json, response_to_json
from intake.questionnaire.journey import Journey
from intake.questionnaire.model import Item, Questionnaire
from intake.questionnaire.response import QuestionnaireResponse

Document = dict[str, Any]


@dataclass(frozen=True)
class Notices:
    """Which gentle checks were shown: each once on its page and once on the check page (clinical.md 2.5).

    `page` and `check` hold the keys of notices that need not be shown again, `waiting` those that stand on a page or on
    an entry's page until they are answered, by the page's linkId or the entry's id.
    """

    page: frozenset[str] = frozenset()
    check: frozenset[str] = frozenset()
    waiting: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def raised(self, place: str, keys: Iterable[str]) -> Notices:
        """The same with these notices waiting at a place, and counted as shown."""
        keys = tuple(keys)
        others = {name: held for name, held in self.waiting.items() if name != place}
        return replace(self, page=self.page | set(keys), waiting=others | ({place: keys} if keys else {}))

    def kept_on_check(self, key: str) -> Notices:
        """The same with one notice answered on the check page."""
        return replace(self, check=self.check | {key})

    def to_document(self) -> Document:
        """As JSON."""
        waiting = {place: list(keys) for place, keys in self.waiting.items()}
        return {"page": sorted(self.page), "check": sorted(self.check), "waiting": waiting}

    @classmethod
    def from_document(cls, document: Document) -> Notices:
        """The inverse of `to_document`."""
        waiting = {place: tuple(keys) for place, keys in document.get("waiting", {}).items()}
        return cls(frozenset(document.get("page", ())), frozenset(document.get("check", ())), waiting)


@dataclass(frozen=True, slots=True)
class Focus:
    """Where a page is to be opened when it is shown again: the place's key and the questions in question there."""

    place: str = ""
    link_ids: tuple[str, ...] = ()

    def at(self, place: str) -> tuple[str, ...]:
        """The questions, if the place is that one."""
        return self.link_ids if place == self.place else ()


@dataclass(frozen=True)
class Draft:
    """One patient's form while it is filled in. Every change is a new value."""

    questionnaire: Questionnaire
    response: QuestionnaireResponse
    done: frozenset[str] = frozenset()
    in_person: frozenset[str] = frozenset()
    notices: Notices = Notices()
    agreement: Agreement | None = None
    resume_code: str = ""
    focus: Focus = Focus()

    @classmethod
    def new(cls, questionnaire: Questionnaire) -> Draft:
        """An empty form of this version."""
        return cls(questionnaire, QuestionnaireResponse(questionnaire.canonical, language=questionnaire.language))

    @cached_property
    def journey(self) -> Journey:
        """This patient's way; looked up once, as a draft never changes."""
        return Journey(self.questionnaire, self.response, self.done)

    @property
    def way(self) -> Way:
        """How far the patient came."""
        return Way(self.done, self.in_person)

    def with_response(self, response: QuestionnaireResponse) -> Draft:
        """The same with other answers."""
        return replace(self, response=response)

    def with_done(self, page: Item) -> Draft:
        """The same with this page done."""
        return replace(self, done=self.done | {page.link_id})

    def told_in_person(self, page: Item) -> Draft:
        """The same with this page done, what it asks to be told in person."""
        return replace(self.with_done(page), in_person=self.in_person | {page.link_id})

    def answered_here(self, page: Item, before: Draft) -> Draft:
        """The same; if an answer is another than before, what this page asks is no longer told in person (decision
        0031)."""
        return self if self.response == before.response else replace(self, in_person=self.in_person - {page.link_id})

    def to_document(self) -> Document:
        """As JSON, hidden answers included."""
        document: Document = {
            "response": response_to_json(self.questionnaire, self.response),
            "done": sorted(self.done),
            "in_person": sorted(self.in_person),
            "notices": self.notices.to_document(),
            "resume_code": self.resume_code,
            "focus": [self.focus.place, list(self.focus.link_ids)],
        }
        if self.agreement is not None:
            agreement = self.agreement
            document["consent"] = {
                "version": agreement.version,
                "at": agreement.at.isoformat(),
                "language": agreement.language,
            }
        return document

    @classmethod
    def from_document(cls, document: Document, forms: Catalogue) -> Draft:
        """The inverse of `to_document`; the form is of the version it was begun with, in the patient's words for a
        loss."""
        published = forms.published[document["response"]["questionnaire"]]
        response = response_from_json(published, document["response"])
        return cls(
            questionnaire=worded(published, response),
            response=response,
            done=frozenset(document.get("done", ())),
            in_person=frozenset(document.get("in_person", ())),
            notices=Notices.from_document(document.get("notices", {})),
            agreement=_agreement(document.get("consent")),
            resume_code=document.get("resume_code", ""),
            focus=_focus(document.get("focus", ["", []])),
        )


def _agreement(document: Document | None) -> Agreement | None:
    if document is None:
        return None
    return Agreement(document["version"], datetime.fromisoformat(document["at"]), document["language"])


def _focus(document: list[Any]) -> Focus:
    place, link_ids = document
    return Focus(place, tuple(link_ids))
