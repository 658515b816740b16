"""What anybody signed in does to their own account: another password, and ending their other sessions."""

from __future__ import annotations

import pytest

from intake.accounts.staff import Role
from tests.accounts.office import CHOSEN, NEW_PASSWORD, admin, deed, link_in, trail
from tests.databases import Database
from tests.staffroom import PASSWORD, Browser, House, build


def change(browser: Browser, present: str = PASSWORD, new: str = CHOSEN, once_more: str | None = None):
    browser.get("/account/password")
    fields = {
        "present-password": present,
        "new-password": new,
        "new-password-again": new if once_more is None else once_more,
    }
    return browser.post("/account/password", fields)


def token_of(browser: Browser) -> str:
    cookie = browser.client.get_cookie("intake-staff")
    assert cookie is not None
    return cookie.value


def test_a_changed_password_ends_every_other_session_and_this_one_goes_on_under_another_token(house: House):
    here, there = (house.signed_in(Role.CLINICIAN, email="bea@example.org", name="Bea") for _ in range(2))
    before = token_of(here)
    answer = change(here)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/?done=changed")
    assert here.get("/clinician/").status_code == 200
    assert there.get("/clinician/").status_code == 303
    assert token_of(here) != before
    thief = house.browser()
    thief.client.set_cookie("intake-staff", before)
    assert thief.get("/clinician/").status_code == 303
    assert house.browser().sign_in("bea@example.org").status_code == 422
    assert house.browser().sign_in("bea@example.org", CHOSEN).status_code == 303
    assert trail(house, "Bea")[1:] == [("password-changed", "Bea")]


@pytest.mark.parametrize(
    ("typed", "control"),
    [
        ({"present": "not this one"}, "present-password"),
        ({"present": ""}, "present-password"),
        ({"new": "short"}, "new-password"),
        ({"new": "natural-killer-cells"}, "new-password"),
        ({"new": PASSWORD}, "new-password"),
        ({"once_more": CHOSEN + " "}, "new-password"),
    ],
)
def test_what_does_not_fit_changes_nothing(house: House, typed: dict[str, str], control: str):
    here, there = (house.signed_in(Role.CLINICIAN, email="bea@example.org", name="Bea") for _ in range(2))
    answer = change(here, **typed)
    assert answer.status_code == 422
    assert f'href="#{control}"' in answer.text
    assert not any(word in answer.text for word in (PASSWORD, CHOSEN))
    assert there.get("/clinician/").status_code == 200
    assert house.browser().sign_in("bea@example.org").status_code == 303


def test_guessing_the_present_password_is_slowed_and_recorded(database: Database):
    house = build(database, INTAKE_RATE_LIMIT="1")
    bea = house.signed_in(Role.CLINICIAN, email="bea@example.org", name="Bea")
    answers = [change(bea, present="a guess") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) == 5
    assert house.rows("SELECT count(*) FROM audit_event WHERE action = 'sign-in-declined'") == [(5,)]


def test_a_password_of_ones_own_choice_ends_a_link_that_was_still_open(house: House):
    bea = house.signed_in(Role.CLINICIAN, email="bea@example.org", name="Bea")
    link = link_in(deed(house, admin(house), "Bea", "link"))
    change(bea)
    assert house.browser().get(link).status_code == 404
    browser = house.browser()
    browser.get("/account/login")
    assert browser.post(link, NEW_PASSWORD).status_code == 404


def test_other_sessions_of_ones_own_are_ended_and_this_one_stays(house: House):
    here, there, elsewhere = (house.signed_in(Role.CLINICIAN, email="bea@example.org", name="Bea") for _ in range(3))
    other = house.signed_in(Role.CLINICIAN, email="cleo@example.org", name="Cleo")
    assert "<dd>2</dd>" in here.get("/account/").text
    answer = here.post("/account/sessions/end")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/?done=ended")
    assert here.get("/clinician/").status_code == 200
    assert {browser.get("/clinician/").status_code for browser in (there, elsewhere)} == {303}
    assert other.get("/clinician/").status_code == 200
    assert "<dd>none</dd>" in here.get("/account/").text
    assert trail(house, "Bea")[1:] == [("sessions-ended", "Bea")]
