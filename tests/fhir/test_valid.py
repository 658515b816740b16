"""What other systems get is FHIR R4: by HL7's schema, by a second validator, and by a check of the answers against
their questions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from intake.consultations import catalogue
from intake.questionnaire.absence import Absences, NoAnswer
from intake.questionnaire.enable_when import Shown
from intake.questionnaire.fhir_json import response_from_json
from intake.questionnaire.fhir_questionnaire import questionnaire_to_json
from intake.questionnaire.model import Questionnaire
from tests.fhir.own_check import check
from tests.fhir.patients import RESPONSES, Patient, patient
from tests.fhir.validators import by_fhirkit, by_schema

BATCH = 25


@pytest.mark.parametrize("canonical", catalogue.shipped().published)
def test_every_published_questionnaire_is_valid(canonical: str) -> None:
    written = questionnaire_to_json(catalogue.shipped().published[canonical])
    assert by_schema(written, "Questionnaire") == []
    assert by_fhirkit(written) == []


@pytest.mark.parametrize("first", range(0, RESPONSES, BATCH))
def test_every_response_is_valid(questionnaire: Questionnaire, first: int) -> None:
    asked = written_as_json(questionnaire_to_json(questionnaire))
    for seed in range(first, first + BATCH):
        one = patient(questionnaire, seed)
        written = written_as_json(one.as_json)
        assert by_schema(written, "QuestionnaireResponse") == []
        assert by_fhirkit(written) == []
        assert check(asked, written) == []
        assert response_from_json(questionnaire, written) == one.response
        assert reasons_in(written) == reasons_of(one)


@pytest.mark.parametrize("canonical", catalogue.shipped().published)
def test_responses_to_every_published_version_are_valid(canonical: str) -> None:
    questionnaire = catalogue.shipped().published[canonical]
    for seed in range(10):
        written = written_as_json(patient(questionnaire, seed).as_json)
        assert by_schema(written, "QuestionnaireResponse") + by_fhirkit(written) == []
        assert check(questionnaire_to_json(questionnaire), written) == []


def test_the_random_patients_are_of_every_kind(questionnaire: Questionnaire) -> None:
    patients = [patient(questionnaire, seed) for seed in range(RESPONSES)]
    reasons = Counter(
        one.reason
        for each in patients
        for one in Absences(Shown(questionnaire, each.response), each.way).every(not_asked=True)
    )
    lists = Counter(
        one.reason
        for each in patients
        for one in Absences(Shown(questionnaire, each.response), each.way).every()
        if one.item.is_rows
    )
    said = [answer for each in patients for _, _, answer in each.response.said()]
    assert set(reasons) == set(NoAnswer)
    assert set(lists) == {NoAnswer.NOT_REACHED, NoAnswer.LEFT_BLANK, NoAnswer.IN_PERSON}
    assert any(answer.answered and answer.absent for answer in said)
    assert any(len(answer.values) > 1 and answer.has({"none", "no"}) for answer in said)
    assert any(answer.codes == ("unknown",) for answer in said)
    assert {link_id for each in patients for link_id, _, _ in each.response.said()} == {
        item.link_id for item in questionnaire.walk() if item.is_question
    }


def written_as_json(resource: dict[str, Any]) -> dict[str, Any]:
    """What comes out of it at the other end."""
    read: dict[str, Any] = json.loads(json.dumps(resource))
    return read


# -- the reasons are those that stand everywhere -----------------------------------------------------------------------

_BY_CODES = {
    (): NoAnswer.LEFT_BLANK,
    ("asked-unknown",): NoAnswer.ASKED_UNKNOWN,
    ("asked-declined",): NoAnswer.ASKED_DECLINED,
    ("unknown", "not-reached"): NoAnswer.NOT_REACHED,
    ("temp-unknown", "in-person"): NoAnswer.IN_PERSON,
}


def reasons_in(element: dict[str, Any], entry: str = "") -> dict[tuple[str, str], NoAnswer]:
    """Why what has no answer has none, as the JSON says it, by linkId and entry."""
    found: dict[tuple[str, str], NoAnswer] = {}
    for item in element.get("item", []):
        codes = tuple(one["valueCode"] for one in item.get("extension", []))
        if codes or not set(item) & {"answer", "item", "id"}:
            found[item["linkId"], entry] = _BY_CODES[codes]
        found |= reasons_in(item, item.get("id", entry))
    return found


def reasons_of(one: Patient) -> dict[tuple[str, str], NoAnswer]:
    """The same as the one place for reasons gives it; an option such as “I don't know” is an answer here."""
    absences = Absences(Shown(one.questionnaire, one.response), one.way)
    return {
        (absence.item.link_id, absence.entry.id if absence.entry else ""): absence.reason
        for absence in absences.every()
        if not one.response.answer(absence.item.link_id, absence.entry).codes
    }


def test_each_constraint_says_in_words_what_it_asks_for(questionnaire: Questionnaire) -> None:
    def constraints(item: dict[str, Any]) -> Iterator[str]:
        for extension in item.get("extension", []):
            if extension["url"].endswith("questionnaire-constraint"):
                yield next(part["valueString"] for part in extension["extension"] if part["url"] == "human")
        for below in item.get("item", []):
            yield from constraints(below)

    said = sorted(constraints(questionnaire_to_json(questionnaire)))
    assert said == [
        "Must be given: email or phone.",
        "Must be given: phone or email.",
        "Must be ticked: Agreement to use of answers.",
        "Must be ticked: Statement.",
    ]
