"""The stored document: what is written is read again, earlier formats open as they did, and nothing else opens."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.answers.document import Agreement, Focus, Notices, StoredDocument, UnknownFormat
from intake.consultations import catalogue
from intake.questionnaire.absence import NoAnswer
from intake.questionnaire.enable_when import as_sent
from intake.questionnaire.fhir_json import UnreadableResponse, response_to_json
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from intake.questionnaire.roles import ItemRole, Meaning
from intake.questionnaire.values import AbsentReason, Answer, Coding, PartialDate
from tests.factories import random_response

SENT_AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
EARLIER = sorted((Path(__file__).parent / "documents").glob("*.json"))


@pytest.fixture
def form() -> Questionnaire:
    return catalogue.shipped().active


def as_stored(document: dict[str, Any]) -> Any:
    """The document as it comes out of the database."""
    return json.loads(json.dumps(document))


@given(
    seed=st.integers(0, 10_000),
    done=st.sets(st.sampled_from(["page-who", "page-you"])),
    keys=st.lists(st.text(max_size=20), max_size=3),
)
def test_a_draft_comes_back_from_its_document_as_it_was(seed: int, done: set[str], keys: list[str]) -> None:
    questionnaire = catalogue.shipped().active
    draft = StoredDocument(
        questionnaire,
        random_response(questionnaire, seed),
        frozenset(done),
        frozenset(sorted(done)[:1]),
        Notices().raised("page-you", keys).kept_on_check("C-01"),
        Agreement("abc", SENT_AT, "en"),
        "CODE",
        Focus("page-you", ("country",)),
    )
    assert StoredDocument.from_document(as_stored(draft.to_document()), questionnaire) == draft


@given(seed=st.integers(0, 10_000))
def test_what_is_sent_holds_the_shown_answers_and_nothing_of_how_it_was_filled_in(seed: int) -> None:
    questionnaire = catalogue.shipped().active
    response = random_response(questionnaire, seed)
    draft = StoredDocument(questionnaire, response, frozenset({"page-who"}), resume_code="CODE")
    document = as_stored(draft.to_sent_document(SENT_AT))
    assert document.keys().isdisjoint({"resume_code", "notices", "focus", "remarks"})
    opened = StoredDocument.from_document(document, questionnaire)
    assert opened.response.answers == as_sent(questionnaire, response).answers
    assert opened.response.entries == as_sent(questionnaire, response).entries
    assert (opened.response.status, opened.response.authored, opened.done) == ("completed", SENT_AT, {"page-who"})


@pytest.mark.parametrize(
    ("link_id", "answer", "written"),
    [
        ("country", Answer((Coding("GB"),)), "GB"),
        ("full-name", Answer(("GB",)), "GB"),
        ("loss-words", Answer(("GB",)), {"own": "GB"}),
        ("visit-reasons", Answer((Coding("trying"), Coding("other"))), ["trying", "other"]),
        ("consent", Answer((True,)), True),
        ("birth-date", Answer((PartialDate(1992, 4, 18),)), "1992-04-18"),
        ("pregnancy-count", Answer((3,)), 3),
        ("pregnancy-count", Answer(absent=AbsentReason.ASKED_DECLINED), {"absent": "asked-declined"}),
        ("pregnancy-count", Answer((3,), AbsentReason.ASKED_UNKNOWN), {"absent": "asked-unknown", "values": [3]}),
    ],
)
def test_each_kind_of_answer_stands_as_plainly_as_it_can(
    form: Questionnaire, link_id: str, answer: Answer, written: Any
) -> None:
    draft = StoredDocument(form, QuestionnaireResponse(form.canonical).with_answers({link_id: answer}))
    document = as_stored(draft.to_document())
    assert document["answers"] == {link_id: written}
    assert StoredDocument.from_document(document, form).response.answer(link_id) == answer


# -- what was stored before --------------------------------------------------------------------------------------------


def nested(response: QuestionnaireResponse, **more: Any) -> dict[str, Any]:
    """A document of format 1: FHIR nested, without a number."""
    return as_stored({"response": response_to_json(catalogue.shipped().active, response)} | more)


@given(seed=st.integers(0, 10_000))
def test_a_document_of_format_1_opens_as_it_did(seed: int) -> None:
    questionnaire = catalogue.shipped().active
    response = random_response(questionnaire, seed)
    document = nested(response, done=["page-who"], in_person=["page-life"], focus=["page-who", ["consent"]])
    opened = StoredDocument.from_document(document, questionnaire)
    assert (opened.response, opened.done, opened.in_person) == (response, {"page-who"}, {"page-life"})
    assert opened.focus.at("page-who") == ("consent",)


@pytest.mark.parametrize("file", EARLIER, ids=lambda file: file.stem)
def test_a_document_that_was_really_stored_opens_and_says_the_same_in_todays_format(file: Path) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    questionnaire = catalogue.shipped().published[document["response"]["questionnaire"]]
    opened = StoredDocument.from_document(document, questionnaire)
    assert response_to_json(questionnaire, opened.response) == document["response"]
    assert sorted(opened.done) == document["done"]
    assert opened.notices.to_document() == document.get("notices", Notices().to_document())
    again = StoredDocument.from_document(as_stored(opened.to_document()), questionnaire)
    assert again.response.answers == opened.response.answers
    assert again.response.entries == opened.response.entries
    assert again.agreement == opened.agreement


def test_some_of_each_earlier_format_is_kept() -> None:
    assert {file.stem for file in EARLIER} >= {"draft-of-format-1", "sent-of-format-1"}


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("unseen", [" ", "\u200b\u2060", "\u2800", "\u3164"])
def test_a_text_stored_earlier_of_which_nothing_can_be_seen_reads_as_blank(
    form: Questionnaire, unseen: str, number: int
) -> None:
    draft = StoredDocument.new(form)
    draft = draft.changed(
        response=draft.response.with_answers(
            {"full-name": Answer(("Z",)), "email": Answer(("Z",), AbsentReason.ASKED_DECLINED)}
        )
    )
    draft = draft.changed(response=draft.response.with_entry("infections", "e1", {"infection-name": Answer(("Z",))}))
    document = draft.to_document()
    if number == 1:
        document = {"response": response_to_json(form, draft.response)}
    opened = StoredDocument.from_document(json.loads(json.dumps(document).replace('"Z"', json.dumps(unseen))), form)
    assert not opened.role(ItemRole.NAME).answered
    assert opened.response.answers == {"email": Answer((), AbsentReason.ASKED_DECLINED)}
    assert [one.answers for one in opened.response.rows("infections")] == [{}]
    assert form.item("full-name") in opened.journey.missing(form.item("page-you"))
    assert opened.to_document()["answers"] == {"email": {"absent": "asked-declined"}}


def test_of_a_sent_document_that_does_not_say_which_pages_were_saved_every_page_counts_as_reached(
    form: Questionnaire,
) -> None:
    sent = QuestionnaireResponse(form.canonical, status="completed", authored=SENT_AT)
    reasons = {one.reason for one in StoredDocument.from_document(nested(sent), form).absences.every()}
    assert reasons == {NoAnswer.LEFT_BLANK}
    draft = StoredDocument.from_document(nested(QuestionnaireResponse(form.canonical)), form)
    assert draft.done == frozenset()


# -- what does not open ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 3, "2", None])
def test_a_format_that_is_not_known_is_named(form: Questionnaire, number: Any) -> None:
    with pytest.raises(UnknownFormat):
        StoredDocument.from_document(StoredDocument.new(form).to_document() | {"format": number}, form)


@pytest.mark.parametrize(
    "wrong",
    [
        {"questionnaire": "http://example.org/another|1"},
        {"answers": {"no-such-question": "yes"}},
        {"answers": {"country": "Atlantis"}},
        {"answers": {"birth-date": "soon"}},
        {"answers": {"pregnancy-count": {"absent": "bored"}}},
        {"answers": ["country"]},
        {"entries": {"pregnancies": [["id", {"no-such-question": 1}]]}},
        {"entries": {"no-such-list": []}},
        {"focus": ["page-who"]},
        {"consent": {"version": "abc"}},
    ],
)
def test_what_is_no_answer_to_the_questionnaire_does_not_open(form: Questionnaire, wrong: dict[str, Any]) -> None:
    document = as_stored(StoredDocument.new(form).to_document())
    assert StoredDocument.from_document(document, form) == StoredDocument.new(form)
    with pytest.raises(UnreadableResponse):
        StoredDocument.from_document(document | wrong, form)


@pytest.mark.parametrize(
    "wrong", [{"done": 7}, {"in_person": None}, {"done": [["page-who"]]}, {"entries": None}, {"answers": 3}]
)
def test_what_an_export_cannot_read_is_named(form: Questionnaire, wrong: dict[str, Any]) -> None:
    document = as_stored(StoredDocument.new(form).to_sent_document(SENT_AT))
    StoredDocument.as_kept(document, form)
    with pytest.raises(UnreadableResponse, match="cannot be read"):
        StoredDocument.as_kept(document | wrong, form)


def test_each_page_that_is_told_in_person_stays_told_and_done(form: Questionnaire) -> None:
    document, pages = StoredDocument.new(form), (form.page_of("stress"), form.page_of("allergies"))
    for page in pages:
        document = document.told_in_person(page)
    assert document.in_person == document.done == {page.link_id for page in pages}


def test_roles_give_the_answer_and_the_option_that_was_chosen(form: Questionnaire) -> None:
    given = QuestionnaireResponse(form.canonical).with_answers({"respondent": Answer((Coding("other"),))})
    document = StoredDocument(form, given)
    option = document.option(ItemRole.RESPONDENT)
    assert option is not None
    assert (option.code, option.means) == ("other", Meaning.HELPER)
    assert document.option(ItemRole.COUNTRY) is None
    assert not document.role(ItemRole.NAME).answered


@pytest.mark.parametrize(
    "wrong", [{"valueDate": "2021-13"}, {"valueCoding": {}}, {"valueUnknown": 1}, {"valueDate": 7}]
)
def test_an_answer_of_the_first_format_that_is_none_is_named(form: Questionnaire, wrong: dict[str, Any]) -> None:
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": form.canonical,
        "status": "completed",
        "item": [{"linkId": "birth-date", "answer": [wrong]}],
    }
    with pytest.raises(UnreadableResponse, match="the answer to birth-date cannot be read"):
        StoredDocument.from_document({"response": response}, form)
