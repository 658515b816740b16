"""“Skip this part. I will tell you in person.”: on sensitive pages, saved like Continue, and taken back by an
answer."""

from __future__ import annotations

import json

import pytest

from intake.consultations import catalogue
from tests.patient.test_check import line, sent_document
from tests.patient.visitor import Visitor
from tests.staffroom import House

WORDS = "Skip this part. I will tell you in person."
CHOSEN = "You chose to tell us this part in person."
SKIP = {"then": "in-person"}


def offers(visitor: Visitor) -> bool:
    return any(one.get_text() == WORDS for one in visitor.soup.select('button.plain[name="then"][value="in-person"]'))


@pytest.fixture
def at_list(visitor: Visitor) -> Visitor:
    """On the page of the pregnancies, none listed."""
    return visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill()


def test_the_button_stands_on_the_pages_that_the_questionnaire_names(visitor: Visitor) -> None:
    told = {page.link_id: page.in_person for page in catalogue.shipped().active.pages}
    visitor.begin().go("page-health").fill(**{"health-checklist": "infection"})
    for name in (
        "page-you",
        "page-reason",
        "page-pregnancies-intro",
        "page-trying",
        "page-infections",
        "page-life",
        "page-last",
    ):
        assert offers(visitor.go(name)) is told[name], name


def test_what_was_typed_is_saved_and_the_way_goes_on(visitor: Visitor) -> None:
    visitor.begin().go("page-life").fill(button=SKIP, stress="little")
    assert visitor.path == "/questionnaire/page-last"
    visitor.get("/check")
    assert line(visitor, "stress") == "A little"
    assert line(visitor, "substances") == "I will tell you in person"


def test_nothing_that_this_enables_is_asked_first(visitor: Visitor) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(button=SKIP, **{"ever-pregnant": "me"})
    assert visitor.path == "/questionnaire/page-pregnancies"


def test_what_cannot_be_accepted_is_shown_again(visitor: Visitor) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill(
        button=SKIP, **{"pregnancy-count": "many"}
    )
    assert visitor.errors == ["Type a whole number from 0 to 30, or leave it blank"]
    assert visitor.value("pregnancy-count") == ["many"]
    assert CHOSEN not in visitor.text


def test_a_page_opened_again_says_so_and_an_answer_takes_it_back(visitor: Visitor) -> None:
    visitor.begin().go("page-life")
    assert CHOSEN not in visitor.text
    visitor.fill(button=SKIP).go("page-life")
    assert CHOSEN in visitor.text
    assert "fill in what you like and press Continue" in visitor.text
    visitor.fill(stress="little").go("page-life")
    assert CHOSEN not in visitor.text
    assert line(visitor.to_check(), "substances") == "Left blank"


def test_paging_back_and_forth_leaves_it_as_it_was(visitor: Visitor) -> None:
    visitor.begin().go("page-life").fill(button=SKIP).go("page-life").fill()
    assert CHOSEN in visitor.go("page-life").text
    visitor.fill(button={"then": "later"})
    assert CHOSEN in visitor.go("page-life").text
    assert line(visitor.to_check(), "substances") == "I will tell you in person"


def test_an_entry_that_is_added_afterwards_takes_it_back(at_list: Visitor) -> None:
    at_list.fill(button=SKIP).go("page-pregnancies").add("pregnancies", **{"preg-outcome": "miscarriage"}).go(
        "page-pregnancies"
    )
    assert CHOSEN not in at_list.text


def test_nobody_is_asked_why_a_list_that_is_told_in_person_is_short(visitor: Visitor) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill(
        **{"pregnancy-count": "3", "loss-count": "2"}
    )
    visitor.go("page-pregnancies").fill(button=SKIP).get("/check")
    assert not visitor.soup.select("[data-notice]")
    visitor.go("page-pregnancies").add("pregnancies", **{"preg-outcome": "miscarriage"}).get("/check")
    assert [one["data-notice"] for one in visitor.soup.select("[data-notice]")] == ["C-01", "C-02"]


def test_a_list_without_an_entry_is_told_in_person(at_list: Visitor) -> None:
    assert offers(at_list)
    at_list.fill(button=SKIP).get("/check")
    told = [
        row.get_text(" ", strip=True)
        for row in at_list.soup.select(".answers > div")
        if "Each pregnancy" in row.get_text()
    ]
    assert told == ["Each pregnancy I will tell you in person Change : Each pregnancy"]


def test_a_list_with_an_entry_keeps_it_and_the_rest_of_it_is_told_in_person(at_list: Visitor) -> None:
    at_list.add("pregnancies", **{"preg-outcome": "miscarriage"})
    assert not offers(at_list), "an entry is saved or removed; its list is what is left"
    at_list.fill(**{"preg-ended.year": "2019"}).fill(button=SKIP).get("/check")
    assert line(at_list, "preg-ended") == "2019"
    assert line(at_list, "preg-weeks") == "I will tell you in person"


def test_it_leads_back_to_the_check_page_from_there(visitor: Visitor) -> None:
    visitor.begin().to_check().press(visitor.soup.select_one('[data-link-id="stress"] [data-action="change"]'))
    assert visitor.fill(button=SKIP).path == "/check"
    assert line(visitor, "stress") == "I will tell you in person"


@pytest.mark.parametrize("page", ["page-you", "page-reason", "page-last"])
def test_a_page_without_the_button_does_not_take_it(visitor: Visitor, page: str) -> None:
    assert visitor.begin().go(page).fill(button=SKIP).status == 400


def test_an_entrys_page_does_not_take_it(at_list: Visitor) -> None:
    at_list.fill(button={"add": "pregnancies"}).fill(button=SKIP, **{"preg-outcome": "miscarriage"})
    assert at_list.status == 400


def test_it_is_sent_with_the_answers(visitor: Visitor, house: House) -> None:
    visitor.begin().go("page-life").fill(button=SKIP).get("/check")
    visitor.send()
    document = sent_document(house)
    assert document["in_person"] == ["page-life"]
    assert "page-life" in json.dumps(document["done"])
