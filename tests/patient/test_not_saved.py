"""A save that the database does not take: the page says so, keeps what was typed, and sends it again."""

from __future__ import annotations

import pytest

from tests.patient.visitor import Visitor
from tests.staffroom import House

TYPED = "“Siobhán” Ní <b>Bhriain</b> & Co"


def held_fields(visitor: Visitor) -> dict[str, list[str]]:
    """What the button of the page shown sends."""
    form = next(form for form in visitor.soup.select("main form") if form.find("button"))
    return visitor.standing(form)


@pytest.fixture
def at_you(visitor: Visitor, house: House, impatient: None) -> Visitor:
    """A patient at “You”; locks are given up on at once."""
    visitor.begin().go("page-you")
    house.intake.engine.dispose()
    return visitor


def test_a_locked_database_keeps_what_was_typed_on_the_page_and_a_button_sends_it_again(at_you: Visitor, house: House):
    with house.database.held():
        at_you.fill(**{"full-name": TYPED})
        assert at_you.response.status_code == 503
        assert at_you.response.headers["Retry-After"] == "30"
        assert held_fields(at_you)["full-name"] == [TYPED]
        assert at_you.path == "/questionnaire/page-you"
    at_you.press(at_you.soup.select_one("main form button"))
    assert at_you.response.status_code == 200
    assert at_you.go("page-you").standing(at_you.form)["full-name"] == [TYPED]


def test_a_database_that_was_moved_away_is_said_and_nothing_is_taken(at_you: Visitor, house: House):
    at_you.go("page-you")
    with house.database.away():
        at_you.fill(**{"full-name": TYPED})
        assert at_you.response.status_code == 503
        assert held_fields(at_you)["full-name"] == [TYPED]
    at_you.press(at_you.soup.select_one("main form button"))
    assert at_you.go("page-you").standing(at_you.form)["full-name"] == [TYPED]


def test_a_page_of_the_staff_holds_nothing_that_was_typed(house: House, impatient: None):
    browser = house.browser()
    browser.get("/account/login")
    house.intake.engine.dispose()
    with house.database.held(readers_too=True):
        database_busy = browser.post("/account/login", {"email": "a@example.org", "password": "a password typed"})
    assert database_busy.status_code == 503
    assert "a password typed" not in database_busy.text
