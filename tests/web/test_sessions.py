"""A browser's session: a random token in a cookie, a row once it means something, and an end that holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from intake.accounts.staff import Role
from tests.databases import Database
from tests.staffroom import House, build

COOKIE = "intake-staff"


def cookie_of(browser) -> str:
    found = browser.client.get_cookie(COOKIE)
    return found.value if found else ""


def test_the_cookie_is_for_this_site_and_for_no_script(house: House):
    answer = house.browser().get("/account/login")
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("intake-staff=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_over_https_the_cookie_is_bound_to_the_host_and_secure(database: Database):
    house = build(database, INTAKE_PUBLIC_URL="https://intake.example.org")
    (cookie,) = house.browser().get("/account/login").headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-intake-staff=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_pages_that_need_none_set_no_cookie(house: House):
    for path in ("/healthz", "/static/css/tokens.css", "/favicon.ico"):
        assert "Set-Cookie" not in house.browser().get(path, buffered=True).headers


def test_signing_in_gives_a_new_token_and_the_old_one_opens_nothing(house: House):
    house.add_staff("a@example.org", Role.CLINICIAN)
    browser = house.browser()
    browser.get("/account/login")
    before = cookie_of(browser)
    assert browser.sign_in("a@example.org").status_code == 303
    assert cookie_of(browser) not in ("", before)
    stranger = house.browser()
    stranger.client.set_cookie(COOKIE, before)
    assert stranger.get("/account/").status_code == 303


def test_a_cookie_copied_before_signing_out_opens_nothing_after(house: House):
    browser = house.signed_in(Role.CLINICIAN)
    kept = cookie_of(browser)
    browser.get("/account/")
    answer = browser.post("/account/logout")
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    thief = house.browser()
    thief.client.set_cookie(COOKIE, kept)
    assert thief.get("/account/").status_code == 303
    assert house.rows("SELECT count(*) FROM web_session") == [(0,)]


def test_the_database_does_not_hold_the_token(house: House):
    browser = house.signed_in(Role.CLINICIAN)
    token = cookie_of(browser)
    ((stored,),) = house.rows("SELECT token_sha256 FROM web_session")
    assert token.encode() not in bytes(stored)
    assert len(stored) == 32


@pytest.mark.parametrize(
    "broken", ["", "x", "a" * 42, "a" * 44, "é" * 43, "a" * 5000, "../../etc", '"; DROP TABLE web_session']
)
def test_a_broken_cookie_makes_a_new_visitor(house: House, broken: str):
    browser = house.browser()
    answer = browser.client.get("/account/login", headers={"Cookie": f"{COOKIE}={broken}".encode().decode("latin-1")})
    assert answer.status_code == 200
    assert answer.headers["Set-Cookie"].startswith(f"{COOKIE}=")


def test_a_staff_session_ends_after_15_idle_minutes(house: House):
    start = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        browser = house.signed_in(Role.CLINICIAN)
        for _ in range(3):
            clock.shift(timedelta(minutes=14))
            assert browser.get("/account/").status_code == 200
        clock.shift(timedelta(minutes=15, seconds=1))
        assert browser.get("/account/").status_code == 303


def test_a_staff_session_ends_after_8_hours_however_busy(house: House):
    start = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        browser = house.signed_in(Role.CLINICIAN)
        for _ in range(48):
            assert browser.get("/account/").status_code == 200
            clock.shift(timedelta(minutes=10))
        assert browser.get("/account/").status_code == 200
        clock.shift(timedelta(minutes=1))
        assert browser.get("/account/").status_code == 303


def test_a_patients_cookie_is_none_for_staff(house: House):
    browser = house.signed_in(Role.CLINICIAN)
    stranger = house.browser()
    stranger.client.set_cookie("intake-patient", cookie_of(browser))
    assert stranger.get("/account/").status_code == 303
