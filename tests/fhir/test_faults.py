"""Each validator finds what is planted: our own check everything, the two others what this table says, which is why
there are three."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from intake.questionnaire.absence import PagesVisited
from intake.questionnaire.enable_when import as_sent
from intake.questionnaire.fhir_questionnaire import questionnaire_to_json
from intake.questionnaire.model import Questionnaire
from tests.factories import scenarios
from tests.fhir.own_check import check
from tests.fhir.patients import SENT_AT, Patient
from tests.fhir.validators import by_fhirkit, by_schema

Json = dict[str, Any]
SCHEMA, FHIRKIT = "schema", "fhirkit"


def found(written: Json, link_id: str) -> Json:
    """The first item of that linkId."""
    return next(item for item in every_item(written) if item["linkId"] == link_id)


def every_item(element: Json) -> list[Json]:
    """All items, in document order."""
    return [one for item in element.get("item", []) for one in (item, *every_item(item))]


def above(written: Json, link_id: str) -> list[Json]:
    """The list in which the first item of that linkId stands."""
    items: list[Json] = next(
        one["item"]
        for one in (written, *every_item(written))
        if any(item["linkId"] == link_id for item in one.get("item", []))
    )
    return items


def answered(link_id: str, *answers: Json) -> Callable[[Json], None]:
    """The item with these answers instead of its own."""
    return lambda written: found(written, link_id).update(answer=list(answers))


def changed(link_id: str, **elements: Any) -> Callable[[Json], None]:
    """The item with other elements; None takes one away."""

    def change(written: Json) -> None:
        item = found(written, link_id)
        item.update(elements)
        for name in [name for name, value in elements.items() if value is None]:
            del item[name]

    return change


def without(link_id: str) -> Callable[[Json], None]:
    """The item taken away."""
    return lambda written: above(written, link_id).remove(found(written, link_id))


def added(beside: str, **item: Any) -> Callable[[Json], None]:
    """Another item behind that one."""

    def add(written: Json) -> None:
        items = above(written, beside)
        items.insert(items.index(found(written, beside)) + 1, item)

    return add


def moved(link_id: str, below: str) -> Callable[[Json], None]:
    """The item below another group."""

    def move(written: Json) -> None:
        item = found(written, link_id)
        above(written, link_id).remove(item)
        found(written, below)["item"].append(item)

    return move


def twice(link_id: str) -> Callable[[Json], None]:
    """The item once more."""
    return lambda written: above(written, link_id).append(found(written, link_id))


def reason(link_id: str, code: str) -> Callable[[Json], None]:
    """The item with a reason for no answer."""
    url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    return changed(link_id, extension=[{"url": url, "valueCode": code}])


OTHER_SYSTEM = {"system": "https://example.org/else", "code": "GB", "display": "United Kingdom"}
OURS = "https://example.org/fhir/CodeSystem/nk-intake"

FAULTS: dict[str, tuple[Callable[[Json], None], str, set[str]]] = {
    "a value of another type": (answered("full-name", {"valueInteger": 5}), "type of value", set()),
    "a number as text": (answered("pregnancy-count", {"valueInteger": "4"}), "type of value", {SCHEMA, FHIRKIT}),
    "two values in one": (answered("full-name", {"valueString": "a", "valueInteger": 5}), "one value each", {FHIRKIT}),
    "a code that is no option": (
        answered("country", {"valueCoding": {"system": OURS, "code": "XX", "display": "X"}}),
        "no such option",
        set(),
    ),
    "a code of another system": (answered("country", {"valueCoding": OTHER_SYSTEM}), "no such option", set()),
    "own words where none are asked for": (answered("country", {"valueString": "Wales"}), "type of value", set()),
    "two answers to one question": (
        answered("full-name", {"valueString": "a"}, {"valueString": "b"}),
        "several answers",
        set(),
    ),
    "an empty text": (answered("full-name", {"valueString": ""}), "length of the text", {SCHEMA, FHIRKIT}),
    "a text too long": (answered("full-name", {"valueString": "a" * 161}), "length of the text", set()),
    "a number out of range": (answered("pregnancy-count", {"valueInteger": 31}), "out of range", set()),
    "a month that does not exist": (
        answered("birth-date", {"valueDate": "1992-13-01"}),
        "no such date",
        {SCHEMA, FHIRKIT},
    ),
    "a day that does not exist": (answered("birth-date", {"valueDate": "1992-02-30"}), "no such date", set()),
    "a year where a day is asked for": (answered("birth-date", {"valueDate": "1992"}), "no such date", set()),
    "a day before what is allowed": (answered("birth-date", {"valueDate": "1899-12-31"}), "out of range", set()),
    "what is required left blank": (changed("full-name", answer=None), "required", set()),
    "an entry without its first field": (changed("preg-outcome", answer=None), "required", set()),
    "neither email nor phone": (changed("email", answer=None), "constraint email-unless", set()),
    "a statement not ticked": (answered("declare", {"valueBoolean": False}), "constraint declare-true", set()),
    "a disabled question": (
        added("respondent", linkId="respondent-name", text="What is your name?"),
        "not enabled",
        set(),
    ),
    "a disabled group": (
        answered("health-checklist", {"valueCoding": {"system": OURS, "code": "none", "display": "None of these"}}),
        "not enabled",
        set(),
    ),
    "an enabled question left out": (without("own-words"), "enabled, and has no item", set()),
    "an enabled page left out": (without("page-family"), "enabled, and has no item", set()),
    "a question twice": (twice("declare"), "too many items", set()),
    "an unknown linkId": (added("full-name", linkId="nick-name", text="?"), "unknown linkId", set()),
    "no linkId": (changed("full-name", linkId=None), "unknown linkId", {FHIRKIT}),
    "a question below another page": (moved("full-name", "page-contact"), "stands below the wrong group", set()),
    "questions in another order": (lambda written: above(written, "full-name").reverse(), "order", set()),
    "another wording": (changed("full-name", text="Name"), "text", set()),
    "an entry without id": (changed("pregnancies", id=None), "an entry without id", set()),
    "an answer on a group": (changed("page-you", answer=[{"valueBoolean": True}]), "a group has no answer", set()),
    "a reason that is not offered": (reason("full-name", "asked-declined"), "reason", set()),
    "a reason of ours without ours": (reason("own-words", "unknown"), "reason", set()),
    "an unknown element": (changed("full-name", value="x"), "unknown element", {SCHEMA, FHIRKIT}),
    "an unknown status": (lambda written: written.update(status="sent"), "status", {SCHEMA}),
    "no status": (lambda written: written.pop("status"), "status", {FHIRKIT}),
    "no time of sending": (lambda written: written.pop("authored"), "authored", set()),
    "a day as the time of sending": (
        lambda written: written.update(authored="22/11/2026"),
        "authored",
        {SCHEMA, FHIRKIT},
    ),
    "another questionnaire": (
        lambda written: written.update(questionnaire="https://example.org/q|1"),
        "no response to this questionnaire",
        set(),
    ),
}


@pytest.fixture(scope="module")
def asked(questionnaire: Questionnaire) -> Json:
    """The Questionnaire, as other tools read it."""
    return questionnaire_to_json(questionnaire)


@pytest.fixture
def written(questionnaire: Questionnaire) -> Json:
    """A right response."""
    response = as_sent(questionnaire, scenarios()[0].response(questionnaire))
    sent = replace(response, status="completed", authored=SENT_AT)
    read: Json = json.loads(json.dumps(Patient(questionnaire, sent, PagesVisited()).as_json))
    return read


def caught_by_others(written: Json) -> set[str]:
    """Which of the others find anything."""
    found = {SCHEMA: by_schema(written, "QuestionnaireResponse"), FHIRKIT: by_fhirkit(written)}
    return {name for name, errors in found.items() if errors}


def test_the_response_is_right_before_anything_is_planted(asked: Json, written: Json) -> None:
    assert check(asked, written) == []
    assert caught_by_others(written) == set()


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_planted_is_found(asked: Json, written: Json, fault: str) -> None:
    plant, what, others = FAULTS[fault]
    plant(written)
    assert what in [finding.what for finding in check(asked, written)]
    assert caught_by_others(written) == others
