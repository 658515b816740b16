"""One address may try so often; then it waits, is told how long, and loses nothing it typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from intake.accounts.staff import Role
from intake.web import addresses
from tests.databases import Database
from tests.staffroom import House, build


def test_the_twenty_first_sign_in_of_an_address_waits_even_with_the_right_password(database: Database):
    house = build(database, INTAKE_RATE_LIMIT="1")
    house.add_staff("a@example.org", Role.CLINICIAN)
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC), tick=False) as clock:
        browser = house.browser()
        for _ in range(20):
            assert browser.sign_in("a@example.org", "not this one").status_code == 422
        answer = browser.sign_in("a@example.org")
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "900"
        assert "Wait 15 minutes" in answer.text
        assert 'value="a@example.org"' in answer.text
        clock.shift(timedelta(minutes=15, seconds=1))
        assert browser.sign_in("a@example.org").status_code == 303


def test_other_addresses_are_not_held_up(database: Database):
    house = build(database, INTAKE_RATE_LIMIT="1")
    house.add_staff("a@example.org", Role.CLINICIAN)
    browser = house.browser()
    for _ in range(21):
        browser.get("/account/login")
        last = browser.post(
            "/account/login", {"email": "x", "password": "y"}, environ_base={"REMOTE_ADDR": "192.0.2.1"}
        )
    assert last.status_code == 429
    assert house.browser().sign_in("a@example.org").status_code == 303


def test_the_database_does_not_hold_the_address(database: Database):
    house = build(database, INTAKE_RATE_LIMIT="1")
    house.browser().sign_in("a@example.org")
    house.intake.engine.dispose()
    assert b"127.0.0.1" not in b"".join(database.files().values())


def test_a_try_out_counts_nothing(house: House):
    browser = house.browser()
    assert {browser.sign_in("a@example.org").status_code for _ in range(22)} == {422}
    assert house.rows("SELECT count(*) FROM throttle") == [(0,)]


def test_an_ipv6_household_is_one_address(house: House):
    def address_of(given: str) -> str:
        with house.app.test_request_context("/", environ_base={"REMOTE_ADDR": given}):
            return addresses.of_client()

    assert address_of("2001:db8::1") == address_of("2001:db8::ffff:2")
    assert address_of("2001:db8::1") != address_of("2001:db8:0:1::1")
    assert address_of("192.0.2.1") != address_of("192.0.2.2")


@pytest.mark.parametrize(("settings", "held"), [({}, True), ({"INTAKE_PROXY_HOPS": "1"}, False)])
def test_a_forwarded_address_counts_only_behind_a_proxy_of_ours(
    database: Database, settings: dict[str, str], held: bool
):
    house = build(database, INTAKE_RATE_LIMIT="1", **settings)
    browser = house.browser()
    for n in range(21):
        browser.get("/account/login")
        last = browser.post(
            "/account/login", {"email": "x", "password": "y"}, headers={"X-Forwarded-For": f"198.51.100.{n}"}
        )
    assert (last.status_code == 429) is held
