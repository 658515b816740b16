"""Values: dates stay as precise as they were given, and responses survive their JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.consultations import catalogue
from intake.questionnaire.absence import PagesVisited
from intake.questionnaire.fhir_json import UnreadableResponse, response_from_json, response_to_json
from intake.questionnaire.fhir_questionnaire import questionnaire_to_json
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from intake.questionnaire.values import AbsentReason, Answer, Coding, PartialDate
from tests.factories import random_response


@pytest.mark.parametrize(
    ("iso", "words", "first", "last"),
    [
        ("2021", "2021", date(2021, 1, 1), date(2021, 12, 31)),
        ("2024-02", "Feb 2024", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-01-14", "14 Jan 2026", date(2026, 1, 14), date(2026, 1, 14)),
    ],
)
def test_a_date_keeps_its_precision(iso: str, words: str, first: date, last: date) -> None:
    day = PartialDate.parse(iso)
    assert (day.iso, day.words, day.first, day.last) == (iso, words, first, last)


@pytest.mark.parametrize("text", ["", "21", "2021-1", "2021-13", "2021-02-30", "2021-03-01T00:00", " 2021", "0000"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        PartialDate.parse(text)


def test_a_day_needs_its_month() -> None:
    with pytest.raises(ValueError, match="month"):
        PartialDate(2021, None, 3)


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_a_response_survives_its_json(seed: int) -> None:
    questionnaire = catalogue.shipped().active
    response = random_response(questionnaire, seed)
    assert response_from_json(questionnaire, response_to_json(questionnaire, response)) == response


def test_time_of_sending_and_reasons_survive_the_json(questionnaire: Questionnaire) -> None:
    both = Answer((3,), AbsentReason.ASKED_UNKNOWN)
    response = QuestionnaireResponse(
        questionnaire.canonical, "completed", authored=datetime(2026, 11, 22, 8, 51, 7, tzinfo=UTC)
    ).with_answers({"pregnancy-count": both, "loss-count": Answer((), AbsentReason.ASKED_DECLINED)})
    written = response_to_json(questionnaire, response)
    assert written["authored"] == "2026-11-22T08:51:07Z"
    assert response_from_json(questionnaire, written) == response


def test_blank_questions_are_items_without_answer_and_hidden_ones_are_no_items(questionnaire: Questionnaire) -> None:
    written = response_to_json(questionnaire, QuestionnaireResponse(questionnaire.canonical), blanks=True)
    found = {item["linkId"]: item for item in _walk(written)}
    assert found["full-name"] == {"linkId": "full-name", "text": "What is your full name?"}
    assert "respondent-name" not in found


def test_a_blank_on_a_page_not_reached_says_so_and_is_no_answer_when_read_back(questionnaire: Questionnaire) -> None:
    response = QuestionnaireResponse(questionnaire.canonical).with_answers({"stress": Answer((Coding("little"),))})
    written = response_to_json(questionnaire, response, blanks=True, way=PagesVisited(done=["page-you"]))
    found = {item["linkId"]: item.get("extension") for item in _walk(written)}
    own = "https://example.org/fhir/StructureDefinition/nk-intake-absent-reason"
    absent = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    assert found["allergies"] == [{"url": absent, "valueCode": "unknown"}, {"url": own, "valueCode": "not-reached"}]
    assert found["full-name"] is None, "its page was saved"
    assert found["habits"] is None, "its page holds an answer"
    assert response_from_json(questionnaire, written) == response


def _walk(resource: dict) -> list[dict]:  # type: ignore[type-arg]
    below = [item for child in resource.get("item", []) for item in _walk(child)]
    return ([resource] if "linkId" in resource else []) + below


@pytest.mark.parametrize(
    "spoil",
    [
        lambda it: it.update(questionnaire="https://example.org/other|1"),
        lambda it: it.update(item=[{"linkId": "unheard-of", "answer": [{"valueString": "x"}]}]),
        lambda it: it.update(item=[{"linkId": "full-name", "answer": [{"valueWhatever": "x"}]}]),
    ],
)
def test_json_of_something_else_is_refused_without_its_answers(questionnaire: Questionnaire, spoil) -> None:
    written = response_to_json(questionnaire, random_response(questionnaire, 1))
    spoil(written)
    with pytest.raises(UnreadableResponse):
        response_from_json(questionnaire, written)


def test_the_questionnaire_as_fhir_names_every_item(questionnaire: Questionnaire) -> None:
    written = questionnaire_to_json(questionnaire)
    helps = {f"{item.link_id}-help" for item in questionnaire.walk() if item.help}
    assert {item["linkId"] for item in _walk(written)} == set(questionnaire.by_link_id) | helps
    assert written["status"] == "active"


def test_an_entry_keeps_its_id_when_another_is_removed(questionnaire: Questionnaire) -> None:
    response = QuestionnaireResponse(questionnaire.canonical)
    for entry_id in ("a", "b", "c"):
        response = response.with_entry("medicines", entry_id, {"med-name": Answer((entry_id,))})
    response = response.without_entry("medicines", "b").with_entry("medicines", "c", {"med-name": Answer(("changed",))})
    assert [(row.id, row.answers["med-name"].own_words) for row in response.rows("medicines")] == [
        ("a", "a"),
        ("c", "changed"),
    ]


@pytest.mark.parametrize(
    ("month", "words"),
    list(enumerate(("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1)),
)
def test_every_month_has_its_name(month: int, words: str) -> None:
    assert PartialDate(2024, month, 3).words == f"3 {words} 2024"
