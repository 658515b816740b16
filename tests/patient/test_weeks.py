"""Weeks typed with days, as many people know them: the weeks are kept, the patient is told once, and nothing waits."""

from __future__ import annotations

import pytest

from intake.consultations import catalogue
from intake.consultations.rules import rules_for
from intake.questionnaire.model import ItemType
from tests.patient.visitor import Visitor, page_of

SAID = "We wrote 8 weeks."


@pytest.fixture
def miscarriage(visitor: Visitor) -> Visitor:
    """At the rest of an entry that asks for weeks, twice."""
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill()
    return visitor.add("pregnancies", **{"preg-outcome": "miscarriage"})


def test_the_patient_is_told_on_the_next_page_and_not_again(miscarriage: Visitor) -> None:
    miscarriage.fill(**{"preg-weeks": "8+3"})
    assert miscarriage.path == "/questionnaire/page-pregnancies"
    assert [one.get_text() for one in miscarriage.soup.select(".aside[role=status]")] == [SAID]
    assert (miscarriage.errors, miscarriage.notices) == ([], [])
    assert "Weeks: 8" in miscarriage.text
    assert SAID not in miscarriage.fill().text


def test_what_is_told_is_of_the_last_save(miscarriage: Visitor) -> None:
    miscarriage.fill(**{"preg-weeks": "8+3"})
    miscarriage.go(page_of("pregnant-now")).fill(**{"pregnant-now": "yes"}).fill(**{"pregnant-weeks": "12 + 1"})
    assert [one.get_text() for one in miscarriage.soup.select(".aside[role=status]")] == ["We wrote 12 weeks."]


def test_it_is_told_where_the_save_opens_more_questions_too(miscarriage: Visitor) -> None:
    place = miscarriage.path
    miscarriage.fill(**{"preg-weeks": "8+3", "preg-conception": "ivf"})
    assert (miscarriage.path, miscarriage.value("preg-weeks")) == (place, ["8"])
    assert SAID in miscarriage.text
    assert miscarriage.focus is not None
    assert SAID not in miscarriage.fill().text


def test_beside_what_was_not_accepted_what_was_saved_is_told(miscarriage: Visitor) -> None:
    miscarriage.fill(**{"preg-weeks": "8+3", "preg-ended.year": "20"})
    assert (SAID in miscarriage.text, miscarriage.value("preg-weeks")) == (True, ["8"])
    assert miscarriage.errors == ["Type the year with four digits, such as 2021"]
    assert SAID not in miscarriage.fill(**{"preg-ended.year": "2020"}).text


def test_saved_for_later_it_is_told_when_the_patient_is_back(miscarriage: Visitor) -> None:
    place = miscarriage.path
    miscarriage.fill(button={"then": "later"}, **{"preg-weeks": "8+3"}).get(place)
    assert SAID in miscarriage.text


def test_beside_what_was_not_accepted_after_it_nothing_is_said_of_it(miscarriage: Visitor) -> None:
    place = miscarriage.path
    miscarriage.fill(**{"preg-weeks": "8+3"}).get(place).fill(**{"preg-ended.year": "20"})
    assert miscarriage.errors
    assert SAID not in miscarriage.text


def test_on_the_check_page_it_goes_with_the_next_answer_there(miscarriage: Visitor) -> None:
    miscarriage.fill(**{"preg-weeks": "30"}).fill().to_check()
    change = miscarriage.soup.select_one('[data-link-id="preg-weeks"] a')
    miscarriage.press(change).fill(**{"preg-weeks": "30+2"})
    assert (miscarriage.path, miscarriage.notices) == ("/check", ["C-05a"])
    assert "We wrote 30 weeks." in miscarriage.text
    miscarriage.act("continue")
    assert (miscarriage.path, miscarriage.notices) == ("/check", [])
    assert "We wrote" not in miscarriage.text


def test_what_is_asked_in_weeks_is_a_number_of_the_form() -> None:
    form = catalogue.shipped().active
    asked = rules_for(form).weeks & form.by_link_id.keys()
    assert {"preg-weeks", "pregnant-weeks"} <= asked
    assert {form.item(link_id).type for link_id in asked} == {ItemType.INTEGER}
