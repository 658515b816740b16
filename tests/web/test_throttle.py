"""Whoever guesses is slowed, and nobody else: not the account's owner at the own desk, not the waiting room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from intake.accounts.staff import Role
from intake.web import addresses
from tests.databases import Database
from tests.staffroom import Browser, House, build

MORNING = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def guess(browser: Browser, email: str, n: int, address: str | None = None) -> int:
    """The status of a wrong sign-in, the n-th, from an address of its own unless one is given."""
    browser.get("/account/login")
    return browser.post(
        "/account/login",
        {"email": email, "password": f"wrong {n}"},
        environ_base={"REMOTE_ADDR": address or f"198.51.100.{n}"},
    ).status_code


def test_sixty_guesses_at_one_account_from_sixty_addresses_are_slowed(database: Database):
    house = build(database, INTAKE_RATE_LIMIT="1")
    house.add_staff("a@example.org", Role.CLINICIAN)
    statuses = [guess(house.browser(), "a@example.org", n) for n in range(60)]
    assert statuses[:5] == [422] * 5
    assert statuses.count(429) >= 50


def test_an_address_that_nobody_has_is_slowed_the_same(database: Database):
    house = build(database, INTAKE_RATE_LIMIT="1")
    house.add_staff("a@example.org", Role.CLINICIAN)
    with time_machine.travel(MORNING, tick=False):
        one, other = (
            [guess(house.browser(), email, n) for n in range(9)] for email in ("a@example.org", "nobody@example.org")
        )
    assert one == other


def test_a_device_that_signed_in_before_does_not_feel_guesses_from_elsewhere(database: Database):
    house = build(database, INTAKE_RATE_LIMIT="1")
    house.add_staff("a@example.org", Role.CLINICIAN)
    desk, elsewhere = house.browser(), house.browser()
    assert desk.sign_in("a@example.org").status_code == 303
    desk.get("/account/")
    desk.post("/account/logout")
    for n in range(9):
        guess(house.browser(), "a@example.org", n)
        guess(house.browser(), "b@example.org", n, "127.0.0.1")
    assert desk.sign_in("a@example.org").status_code == 303
    answer = elsewhere.sign_in("a@example.org")
    assert answer.status_code == 429
    assert 5 <= int(answer.headers["Retry-After"]) <= 300
    assert f"Wait {answer.headers['Retry-After']} seconds" in answer.text
    assert 'value="a@example.org"' in answer.text


def test_guesses_on_a_known_device_are_slowed_too(database: Database):
    house = build(database, INTAKE_RATE_LIMIT="1")
    house.add_staff("a@example.org", Role.CLINICIAN)
    desk = house.browser()
    desk.sign_in("a@example.org")
    desk.get("/account/")
    desk.post("/account/logout")
    with time_machine.travel(MORNING, tick=False) as clock:
        assert [guess(desk, "a@example.org", n) for n in range(7)] == [422] * 5 + [429] * 2
        assert house.browser().sign_in("a@example.org").status_code == 303
        clock.shift(timedelta(seconds=5))
        assert desk.sign_in("a@example.org").status_code == 303


def test_a_known_device_is_known_to_its_own_account_only(database: Database):
    house = build(database, INTAKE_RATE_LIMIT="1")
    for email in ("a@example.org", "b@example.org"):
        house.add_staff(email, Role.CLINICIAN)
    desk = house.browser()
    desk.sign_in("a@example.org")
    desk.get("/account/")
    desk.post("/account/logout")
    for n in range(6):
        guess(house.browser(), "b@example.org", n)
    assert desk.sign_in("b@example.org").status_code == 429


def test_two_hundred_right_sign_ins_from_one_address_go_through(database: Database):
    house = build(database, INTAKE_RATE_LIMIT="1")
    house.add_staff("a@example.org", Role.CLINICIAN)
    assert {house.browser().sign_in("a@example.org").status_code for _ in range(200)} == {303}


def test_an_address_that_guesses_at_many_accounts_waits(database: Database):
    house = build(database, INTAKE_RATE_LIMIT="1")
    house.add_staff("a@example.org", Role.CLINICIAN)
    with time_machine.travel(MORNING, tick=False) as clock:
        statuses = [guess(house.browser(), f"{n}@example.org", n, "192.0.2.1") for n in range(21)]
        assert statuses == [422] * 20 + [429]
        assert guess(house.browser(), "x@example.org", 1, "192.0.2.2") == 422
        clock.shift(timedelta(minutes=15, seconds=1))
        assert guess(house.browser(), "y@example.org", 1, "192.0.2.1") == 422


def test_a_waiting_room_starts_and_resumes_forms_all_day(database: Database):
    house = build(database, INTAKE_RATE_LIMIT="1")
    for _ in range(300):
        patient = house.browser()
        patient.get("/")
        assert patient.post("/start").headers["Location"] == "/resume-code"
    code = "".join(char for char in patient.get("/resume-code").text.split("data-resume-code>")[1].split("</p>")[0])
    code = "".join(part.split("<")[0] for part in code.split("<span>"))
    for n in range(25):
        guesser = house.browser()
        guesser.get("/resume")
        last = guesser.post("/resume", {"code": f"0000-0000-0000-0000-0000-{n:04}"})
    assert last.status_code == 429
    assert int(last.headers["Retry-After"]) > 0
    own = house.browser()
    own.get("/resume")
    assert own.post("/resume", {"code": code}).status_code == 303


def test_the_database_does_not_hold_the_address_and_the_cookie_not_the_account(database: Database):
    house = build(database, INTAKE_RATE_LIMIT="1")
    house.add_staff("a@example.org", Role.CLINICIAN)
    answer = house.browser().sign_in("a@example.org")
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("intake-device="))
    assert "HttpOnly" in cookie
    assert "a@example.org" not in cookie
    assert house.rows("SELECT id FROM staff_user")[0][0] not in cookie
    house.intake.engine.dispose()
    assert b"127.0.0.1" not in b"".join(database.files().values())


def test_a_try_out_counts_nothing(house: House):
    browser = house.browser()
    assert {browser.sign_in("a@example.org").status_code for _ in range(22)} == {422}
    assert house.rows("SELECT count(*) FROM throttle") == [(0,)]


@pytest.mark.parametrize(
    ("given", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:50123", "192.0.2.1"),
        (" 192.0.2.1 ", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("[::ffff:192.0.2.1]:443", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("[2001:db8::1]:8080", "2001:db8::/64"),
        ("[2001:db8::1]", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_a_client_is_one_address_however_it_is_written(given: str, network: str):
    assert addresses.network_of(given) == network


@pytest.mark.parametrize(("settings", "held"), [({}, True), ({"INTAKE_PROXY_HOPS": "1"}, False)])
def test_a_forwarded_address_counts_only_behind_a_proxy_of_ours(
    database: Database, settings: dict[str, str], held: bool
):
    house = build(database, INTAKE_RATE_LIMIT="1", **settings)
    browser = house.browser()
    for n in range(21):
        browser.get("/account/login")
        last = browser.post(
            "/account/login", {"email": f"{n}", "password": "y"}, headers={"X-Forwarded-For": f"198.51.100.{n}:5{n:03}"}
        )
    assert (last.status_code == 429) is held
