"""The six reasons for no answer differ in FHIR JSON, for a question and for a list; and the clinic's address serves
them."""

from __future__ import annotations

from typing import Any

import pytest

from intake.accounts.staff import Role
from intake.questionnaire.absence import NoAnswer, PagesVisited
from intake.questionnaire.fhir_json import response_to_json
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from intake.questionnaire.values import AbsentReason, Answer, Coding
from tests.factories import scenarios
from tests.fhir.test_faults import every_item, found
from tests.staffroom import House

Json = dict[str, Any]
STANDARD = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
OURS = "https://example.org/fhir/StructureDefinition/nk-intake-absent-reason"
UNKNOWN, DECLINED = ({"url": STANDARD, "valueCode": code} for code in ("asked-unknown", "asked-declined"))
NOT_REACHED = [{"url": STANDARD, "valueCode": "unknown"}, {"url": OURS, "valueCode": "not-reached"}]
IN_PERSON = [{"url": STANDARD, "valueCode": "temp-unknown"}, {"url": OURS, "valueCode": "in-person"}]

PAGE, QUESTION = "page-more-health", "cancer-status"
CANCER = {"health-checklist": Answer((Coding("cancer"),))}
SAVED = PagesVisited(done=["page-health", PAGE])


def chosen(code: str, display: str) -> Json:
    """An answer that is an option of ours."""
    return {
        "answer": [
            {
                "valueCoding": {
                    "system": "https://example.org/fhir/CodeSystem/nk-intake",
                    "code": code,
                    "display": display,
                }
            }
        ]
    }


SIX: dict[NoAnswer, tuple[dict[str, Answer], PagesVisited, list[Json]]] = {
    NoAnswer.NOT_ASKED: ({"health-checklist": Answer((Coding("none"),))}, SAVED, []),
    NoAnswer.NOT_REACHED: (CANCER, PagesVisited(done=["page-health"]), [{"extension": NOT_REACHED}]),
    NoAnswer.LEFT_BLANK: (CANCER, SAVED, [{}]),
    NoAnswer.ASKED_UNKNOWN: (
        CANCER | {QUESTION: Answer((Coding("unknown"),))},
        SAVED,
        [chosen("unknown", "I don't know")],
    ),
    NoAnswer.ASKED_DECLINED: (
        CANCER | {QUESTION: Answer((Coding("declined"),))},
        SAVED,
        [chosen("declined", "I'd rather not say")],
    ),
    NoAnswer.IN_PERSON: (CANCER, PagesVisited(done=SAVED.done, in_person=[PAGE]), [{"extension": IN_PERSON}]),
}


def items_of(questionnaire: Questionnaire, link_id: str, answers: dict[str, Answer], way: PagesVisited) -> list[Json]:
    """The items of that linkId."""
    response = QuestionnaireResponse(questionnaire.canonical).with_answers(answers)
    return [
        item
        for item in every_item(response_to_json(questionnaire, response, blanks=True, way=way))
        if item["linkId"] == link_id
    ]


def test_all_six_are_here() -> None:
    assert set(SIX) == set(NoAnswer)


@pytest.mark.parametrize("reason", SIX)
def test_each_reason_has_its_own_form(questionnaire: Questionnaire, reason: NoAnswer) -> None:
    answers, way, written = SIX[reason]
    head = {"linkId": QUESTION, "text": questionnaire.item(QUESTION).text}
    assert items_of(questionnaire, QUESTION, answers, way) == [head | one for one in written]


LISTS = {
    NoAnswer.NOT_ASKED: ("other", PagesVisited(), []),
    NoAnswer.NOT_REACHED: ("infection", PagesVisited(done=["page-health"]), [{"extension": NOT_REACHED}]),
    NoAnswer.LEFT_BLANK: ("infection", PagesVisited(done=["page-infections"]), [{}]),
    NoAnswer.IN_PERSON: (
        "infection",
        PagesVisited(done=["page-infections"], in_person=["page-infections"]),
        [{"extension": IN_PERSON}],
    ),
}


@pytest.mark.parametrize("reason", LISTS)
def test_a_list_without_entries_says_why(questionnaire: Questionnaire, reason: NoAnswer) -> None:
    ticked, way, written = LISTS[reason]
    head = {"linkId": "infections", "text": questionnaire.item("infections").text}
    answers = {"health-checklist": Answer((Coding(ticked),))}
    assert items_of(questionnaire, "infections", answers, way) == [head | one for one in written]


IVF = {"visit-reasons": Answer((Coding("trying"),)), "fertility-treatments": Answer((Coding("ivf"),))}


@pytest.mark.parametrize(
    ("ticked", "written"), [(AbsentReason.ASKED_UNKNOWN, UNKNOWN), (AbsentReason.ASKED_DECLINED, DECLINED)]
)
def test_a_reason_that_was_ticked_stands_as_it_is_whatever_its_page_says(
    questionnaire: Questionnaire, ticked: AbsentReason, written: Json
) -> None:
    way = PagesVisited(done=["page-treatment"], in_person=["page-treatment"])
    [alone] = items_of(questionnaire, "embryos-stored", IVF | {"embryos-stored": Answer((), ticked)}, way)
    assert alone == {
        "linkId": "embryos-stored",
        "text": questionnaire.item("embryos-stored").text,
        "extension": [written],
    }
    [beside] = items_of(questionnaire, "embryos-stored", IVF | {"embryos-stored": Answer((2,), ticked)}, way)
    assert beside == alone | {"answer": [{"valueInteger": 2}]}


def test_the_address_serves_how_far_the_patient_came(house: House, questionnaire: Questionnaire) -> None:
    whole = scenarios()[0].response(questionnaire)
    free = ("page-treatment", "page-family")
    empty = {item.link_id: Answer() for page in free for item in questionnaire.item(page).walk()}
    done = {page.link_id for page in questionnaire.pages} - {"page-family"}
    id = house.send(whole.with_answers(empty), way=PagesVisited(done=done, in_person=["page-treatment"]))
    served = house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id}.json").json
    assert found(served, "fertility-treatments")["extension"] == IN_PERSON
    assert found(served, "family-history")["extension"] == NOT_REACHED
    assert "extension" not in found(served, "pregnancy-count")
