"""The way through the real questionnaire, and what the six scenarios are shown on it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.consultations import catalogue
from intake.questionnaire.enable_when import Shown, hidden_answers
from intake.questionnaire.journey import Journey, NotOnTheWay, newly_shown
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from intake.questionnaire.values import Answer, Coding
from tests.factories import Scenario, random_response, scenarios


def chosen(*codes: str) -> Answer:
    return Answer(tuple(Coding(code) for code in codes))


@pytest.fixture
def empty(questionnaire: Questionnaire) -> QuestionnaireResponse:
    return QuestionnaireResponse(questionnaire.canonical)


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario.id)
def test_a_scenario_is_shown_as_many_questions_as_its_path_line_says(
    questionnaire: Questionnaire, scenario: Scenario
) -> None:
    asked = list(Shown(questionnaire, scenario.response(questionnaire)).questions())
    open_ones = [one for one in asked if not one.item.more]
    assert len([one for one in open_ones if one.entry is None]) == scenario.shown
    assert len([one for one in open_ones if one.entry is not None]) == scenario.row_questions
    assert len(asked) - len(open_ones) == scenario.in_folds


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario.id)
def test_a_scenario_reaches_the_check_page_with_nothing_hidden(
    questionnaire: Questionnaire, scenario: Scenario
) -> None:
    response = scenario.response(questionnaire)
    journey = Journey(questionnaire, response, [page.link_id for page in questionnaire.pages])
    assert journey.first_incomplete() is questionnaire.check
    assert hidden_answers(questionnaire, response) == 0


def test_the_start_page_and_the_check_page_are_not_on_the_way(
    questionnaire: Questionnaire, empty: QuestionnaireResponse
) -> None:
    pages = [page.link_id for page in Journey(questionnaire, empty).pages]
    assert pages[0] == "page-who"
    assert "page-welcome" not in pages
    assert "page-check" not in pages


def test_a_page_with_nothing_enabled_is_skipped(questionnaire: Questionnaire, empty: QuestionnaireResponse) -> None:
    response = empty.with_answers({"visit-reasons": chosen("trying"), "ever-pregnant": chosen("no")})
    pages = [page.link_id for page in Journey(questionnaire, response).pages]
    assert "page-pregnancies-intro" in pages
    assert "page-pregnancies" not in pages


def test_a_page_behind_something_required_cannot_be_visited(
    questionnaire: Questionnaire, empty: QuestionnaireResponse
) -> None:
    journey = Journey(questionnaire, empty)
    assert journey.page("page-who").link_id == "page-who"
    for name in ("page-consent", "page-hopes", "page-transfers", "page-check", "nowhere"):
        with pytest.raises(NotOnTheWay):
            journey.page(name)
    assert not journey.can_visit(questionnaire.check)
    assert journey.first_incomplete().link_id == "page-who"


def test_email_or_phone_is_enough_and_neither_is_not(
    questionnaire: Questionnaire, empty: QuestionnaireResponse
) -> None:
    page = questionnaire.item("page-contact")
    assert [item.link_id for item in Journey(questionnaire, empty).missing(page)] == ["email", "phone"]
    assert Journey(questionnaire, empty.with_answers({"phone": Answer(("1",))})).missing(page) == ()


def test_consent_must_be_true(questionnaire: Questionnaire, empty: QuestionnaireResponse) -> None:
    page = questionnaire.item("page-consent")
    assert Journey(questionnaire, empty.with_answers({"consent": Answer((False,))})).missing(page)
    assert not Journey(questionnaire, empty.with_answers({"consent": Answer((True,))})).missing(page)


def test_coming_back_lands_on_the_first_page_not_done(
    questionnaire: Questionnaire, empty: QuestionnaireResponse
) -> None:
    response = empty.with_answers({"respondent": chosen("self"), "consent": Answer((True,))})
    assert Journey(questionnaire, response, {"page-who", "page-consent"}).first_incomplete().link_id == "page-you"
    assert Journey(questionnaire, response, {"page-who"}).first_incomplete().link_id == "page-consent"


def test_the_same_page_shows_again_what_a_save_enabled_on_it(
    questionnaire: Questionnaire, empty: QuestionnaireResponse
) -> None:
    page = questionnaire.item("page-medicines")
    before = empty.with_answers({"takes-now": chosen("prescribed")})
    after = empty.with_answers({"takes-now": chosen("prescribed", "supplements")})
    first = newly_shown(Shown(questionnaire, empty), Shown(questionnaire, before), page)
    second = newly_shown(Shown(questionnaire, before), Shown(questionnaire, after), page)
    assert [item.link_id for item in first] == ["medicines-how", "medicines", "ask-first"]
    assert [item.link_id for item in second] == ["supplements"]
    assert newly_shown(Shown(questionnaire, after), Shown(questionnaire, after), page) == []


def test_parts_that_are_not_on_the_way_are_not_counted(
    questionnaire: Questionnaire, empty: QuestionnaireResponse
) -> None:
    infection = Journey(questionnaire, empty.with_answers({"visit-reasons": chosen("infection")}))
    trying = Journey(questionnaire, empty.with_answers({"visit-reasons": chosen("trying")}))
    assert infection.progress(questionnaire.check).count == 9
    assert trying.progress(questionnaire.check).count == 10
    where = trying.progress(questionnaire.item("page-now"))
    assert (where.number, where.section.link_id) == (4, "section-pregnancy")


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_next_and_previous_are_inverse_on_every_way(seed: int) -> None:
    questionnaire = catalogue.shipped().active
    journey = Journey(questionnaire, random_response(questionnaire, seed))
    way = [journey.pages[0]]
    for _ in journey.pages[1:]:
        page = journey.next_page(way[-1])
        assert journey.previous_page(page) is way[-1]
        way.append(page)
    assert journey.next_page(way[-1]) is questionnaire.check
    assert tuple(way) == journey.pages
    assert journey.previous_page(questionnaire.check) is way[-1]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), code=st.sampled_from(["trying", "infection", "nk-results", "cancer"]))
def test_changing_the_reasons_and_back_changes_nothing(seed: int, code: str) -> None:
    questionnaire = catalogue.shipped().active
    response = random_response(questionnaire, seed)
    detour = response.with_answers({"visit-reasons": chosen(code)}).with_answers(
        {"visit-reasons": response.answer("visit-reasons")}
    )
    assert detour == response
    assert hidden_answers(questionnaire, detour) == 0
