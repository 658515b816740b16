"""The second factor: set up at the first sign-in, asked for at each one after, each code once, reset when a phone is
lost; and an installation that requires one waits for its first admin."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from sqlalchemy import Connection, text
from werkzeug.test import TestResponse

from intake.accounts import second_factor, staff
from intake.accounts.staff import Role
from intake.consultations import catalogue
from intake.records.database import transaction
from tests.databases import Database
from tests.factories import scenarios
from tests.staffroom import PASSWORD, Browser, House, build, password_hash

MORNING = datetime(2026, 11, 24, 9, 0, 5, tzinfo=UTC)
STEP = timedelta(seconds=30)
FACTOR = "/account/second-factor"
SET_UP = f"{FACTOR}/set-up"


@pytest.fixture
def required(database: Database) -> House:
    """An installation that requires a second factor."""
    return build(database, INTAKE_TWO_FACTOR="required")


def secret_on(page: str) -> str:
    """The secret that a set-up page offers."""
    found = re.search(r'data-totp-secret="([A-Z2-7]{32})"[^>]*>([^<]*)<', page)
    assert found and found[1] == found[2]
    return found[1]


def code_of(secret: str, steps: int = 0) -> str:
    """The code of an app that holds this secret, of this moment or some steps away from it."""
    return pyotp.TOTP(secret).at(datetime.now(UTC) + steps * STEP)


def enter(browser: Browser, code: str, path: str = FACTOR) -> TestResponse:
    """Type a code into a page."""
    browser.get(path)
    return browser.post(path, {"code": code})


def set_up(house: House, email: str, *roles: Role) -> tuple[Browser, str, list[str]]:
    """Somebody who has set a second factor up and is signed in: browser, secret, recovery codes."""
    house.add_staff(email, *roles, name=email.partition("@")[0].title())
    browser = house.browser()
    assert browser.sign_in(email).headers["Location"] == SET_UP
    secret = secret_on(browser.get(SET_UP).text)
    answer = enter(browser, code_of(secret), SET_UP)
    assert answer.status_code == 200, answer.text
    return browser, secret, re.findall(r"data-recovery-code>([^<]+)<", answer.text)


def half_way(house: House, email: str) -> Browser:
    """A browser in which the password was given."""
    browser = house.browser()
    assert browser.sign_in(email).headers["Location"] == FACTOR
    return browser


def actions(house: House) -> list[str]:
    """What the trail holds, in order."""
    return [action for (action,) in house.rows("SELECT action FROM audit_event ORDER BY n")]


def test_the_first_sign_in_sets_it_up_and_each_one_after_asks_for_a_code(required: House):
    with time_machine.travel(MORNING, tick=False) as clock:
        browser, secret, recovery = set_up(required, "ada@example.org", Role.ADMIN)
        assert len(set(recovery)) == 8
        assert browser.post("/account/sessions/end").status_code == 303  # the form of that very page
        assert browser.get("/admin/staff").status_code == 200
        clock.shift(STEP)
        again = half_way(required, "ada@example.org")
        assert again.get("/admin/staff").headers["Location"].startswith("/account/login")
        assert enter(again, code_of(secret)).headers["Location"] == "/admin/"
        assert again.get("/admin/staff").status_code == 200
    assert [one for one in actions(required) if one.startswith(("sign-in", "second"))] == [
        "second-factor-set",
        "sign-in",
        "sign-in",
    ]


def test_the_page_asked_for_is_reached_after_the_code(required: House):
    with time_machine.travel(MORNING, tick=False) as clock:
        _, secret, _ = set_up(required, "ada@example.org", Role.ADMIN)
        clock.shift(STEP)
        browser = required.browser()
        onward = browser.sign_in("ada@example.org", after="?next=/admin/trail").headers["Location"]
        assert onward == f"{FACTOR}?next=/admin/trail"
        assert enter(browser, code_of(secret), onward).headers["Location"] == "/admin/trail"


@pytest.mark.parametrize("steps", [-3, -2, -1, 1, 2])
def test_a_code_of_another_moment_opens_nothing_and_the_next_right_one_does(required: House, steps: int):
    with time_machine.travel(MORNING, tick=False) as clock:
        _, secret, _ = set_up(required, "ada@example.org", Role.ADMIN)
        clock.shift(10 * STEP)
        browser = half_way(required, "ada@example.org")
        answer = enter(browser, code_of(secret, steps))
        assert answer.status_code == 422
        assert "wait for the next one" in answer.text
        assert browser.get("/admin/staff").status_code == 303
        assert enter(browser, code_of(secret)).status_code == 303


def test_a_code_works_once(required: House):
    with time_machine.travel(MORNING, tick=False) as clock:
        _, secret, _ = set_up(required, "ada@example.org", Role.ADMIN)
        assert enter(half_way(required, "ada@example.org"), code_of(secret)).status_code == 422  # used to set it up
        clock.shift(STEP)
        assert enter(half_way(required, "ada@example.org"), code_of(secret)).status_code == 303
        assert enter(half_way(required, "ada@example.org"), code_of(secret)).status_code == 422


def test_a_code_of_another_account_opens_nothing(required: House):
    with time_machine.travel(MORNING, tick=False) as clock:
        _, _, _ = set_up(required, "ada@example.org", Role.ADMIN)
        _, others, recovery = set_up(required, "bea@example.org", Role.CLINICIAN)
        clock.shift(STEP)
        browser = half_way(required, "ada@example.org")
        assert [enter(browser, code).status_code for code in (code_of(others), recovery[0])] == [422, 422]


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "1234567", "٠١٢٣٤٥", "0" * 60, "\x00", "½½½½½½"])
def test_whatever_is_no_code_is_refused_in_a_sentence(required: House, typed: str):
    with time_machine.travel(MORNING, tick=False):
        set_up(required, "ada@example.org", Role.ADMIN)
        assert enter(half_way(required, "ada@example.org"), typed).status_code == 422


def test_a_code_may_be_typed_with_spaces_or_full_width(required: House):
    with time_machine.travel(MORNING, tick=False) as clock:
        _, secret, _ = set_up(required, "ada@example.org", Role.ADMIN)
        clock.shift(STEP)
        code = code_of(secret)
        assert enter(half_way(required, "ada@example.org"), f" {code[:3]} {code[3:]} ").status_code == 303
        clock.shift(STEP)
        wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code_of(secret))
        assert enter(half_way(required, "ada@example.org"), wide).status_code == 303


def test_a_recovery_code_works_once_and_is_counted(required: House):
    with time_machine.travel(MORNING, tick=False):
        _, _, recovery = set_up(required, "ada@example.org", Role.ADMIN)
        browser = half_way(required, "ada@example.org")
        assert enter(browser, recovery[3].lower().replace("-", " ")).status_code == 303
        assert "7 recovery codes left" in browser.get("/account/").text
        assert enter(half_way(required, "ada@example.org"), recovery[3]).status_code == 422
        assert enter(half_way(required, "ada@example.org"), recovery[4]).status_code == 303
    assert actions(required).count("recovery-code-used") == 2


def test_new_recovery_codes_end_the_older_ones(required: House):
    with time_machine.travel(MORNING, tick=False):
        browser, _, older = set_up(required, "ada@example.org", Role.ADMIN)
        browser.get("/account/")
        page = browser.post(f"{FACTOR}/recovery-codes").text
        newer = re.findall(r"data-recovery-code>([^<]+)<", page)
        assert "These are your new recovery codes." in page
        assert "is set up" not in page
        assert len(newer) == 8
        assert not set(newer) & set(older)
        assert enter(half_way(required, "ada@example.org"), older[0]).status_code == 422
        assert enter(half_way(required, "ada@example.org"), newer[0]).status_code == 303


def test_guesses_at_codes_are_slowed(database: Database):
    house = build(database, INTAKE_TWO_FACTOR="required", INTAKE_RATE_LIMIT="1")
    with time_machine.travel(MORNING, tick=False):
        set_up(house, "ada@example.org", Role.ADMIN)
        browser = half_way(house, "ada@example.org")
        answers = [enter(browser, f"{n:06}") for n in range(8)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429] * 3
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert house.rows("SELECT count(*) FROM audit_event WHERE action = 'sign-in-declined' AND detail = 'code'")[0][0]


def test_the_set_up_page_shows_one_secret_and_its_picture_and_keeps_a_mistyped_code_harmless(required: House):
    with time_machine.travel(MORNING, tick=False):
        required.add_staff("ada@example.org", Role.ADMIN)
        browser = required.browser()
        browser.sign_in("ada@example.org")
        secret = secret_on(browser.get(SET_UP).text)
        assert browser.get(f"{SET_UP}.svg").mimetype == "image/svg+xml"
        wrong = enter(browser, "000000", SET_UP)
        assert wrong.status_code == 422
        assert secret_on(wrong.text) == secret
        assert enter(browser, code_of(secret), SET_UP).status_code == 200
        assert b"".join(required.database.files().values()).find(secret.encode()) == -1
        other = required.browser()
        assert [other.get(path).status_code for path in (SET_UP, f"{SET_UP}.svg", FACTOR)] == [303] * 3


def test_whoever_has_the_password_alone_cannot_set_up_another_one(required: House):
    with time_machine.travel(MORNING, tick=False):
        set_up(required, "ada@example.org", Role.ADMIN)
        browser = half_way(required, "ada@example.org")
        assert browser.get(SET_UP).headers["Location"] == FACTOR
        browser.get(FACTOR)
        assert browser.post(SET_UP, {"code": "000000"}).headers["Location"] == FACTOR
        assert "data-totp-secret" not in browser.get(SET_UP).text


def test_the_way_between_password_and_code_ends_after_a_quarter_of_an_hour(required: House):
    with time_machine.travel(MORNING, tick=False) as clock:
        _, secret, _ = set_up(required, "ada@example.org", Role.ADMIN)
        browser = half_way(required, "ada@example.org")
        browser.get(FACTOR)
        clock.shift(timedelta(minutes=16))
        assert browser.post(FACTOR, {"code": code_of(secret)}).headers["Location"].startswith("/account/login")
        assert browser.get("/admin/staff").status_code == 303


def test_another_phone_asks_for_the_password_again_and_ends_the_other_sessions(required: House):
    with time_machine.travel(MORNING, tick=False) as clock:
        browser, secret, _ = set_up(required, "ada@example.org", Role.ADMIN)
        clock.shift(STEP)
        other = half_way(required, "ada@example.org")
        enter(other, code_of(secret))
        clock.shift(timedelta(minutes=6))
        assert browser.get(SET_UP).headers["Location"].startswith("/account/confirm")
        browser.get("/account/confirm")
        browser.post("/account/confirm", {"password": PASSWORD})
        newer = secret_on(browser.get(SET_UP).text)
        assert newer != secret
        assert enter(browser, code_of(newer), SET_UP).status_code == 200
        assert browser.get("/admin/staff").status_code == 200
        assert other.get("/admin/staff").status_code == 303
        clock.shift(STEP)
        assert enter(half_way(required, "ada@example.org"), code_of(secret)).status_code == 422
        assert enter(half_way(required, "ada@example.org"), code_of(newer)).status_code == 303


def test_an_admin_resets_the_factor_of_a_lost_phone_and_nobody_their_own(required: House):
    with time_machine.travel(MORNING, tick=False):
        admin, _, _ = set_up(required, "ada@example.org", Role.ADMIN)
        clinician, _, _ = set_up(required, "bea@example.org", Role.CLINICIAN)
        (own,), (bea,) = required.rows("SELECT id FROM staff_user ORDER BY email")
        admin.get(f"/admin/staff/{bea}")
        assert admin.post(f"/admin/staff/{bea}/second-factor/reset").status_code == 303
        assert clinician.get("/clinician/").status_code == 303
        assert required.browser().sign_in("bea@example.org").headers["Location"] == SET_UP
        assert admin.post(f"/admin/staff/{own}/second-factor/reset").status_code == 422
        assert admin.get("/admin/staff").status_code == 200
    assert "second-factor-reset" in actions(required)


def test_a_password_by_a_link_keeps_the_second_factor(required: House):
    with time_machine.travel(MORNING, tick=False) as clock:
        admin, _, _ = set_up(required, "ada@example.org", Role.ADMIN)
        _, secret, _ = set_up(required, "bea@example.org", Role.CLINICIAN)
        bea = required.rows("SELECT id FROM staff_user WHERE email = 'bea@example.org'")[0][0]
        admin.get(f"/admin/staff/{bea}")
        link = re.search(r"/account/link/[\w-]+", admin.post(f"/admin/staff/{bea}/link").text)[0]
        browser = required.browser()
        browser.get(link)
        new = "harrow tin lantern mist"
        assert browser.post(link, {"new-password": new, "new-password-again": new}).status_code == 303
        clock.shift(STEP)
        assert browser.sign_in("bea@example.org", new).headers["Location"] == FACTOR
        assert enter(browser, code_of(secret)).status_code == 303


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE staff_user SET totp = NULL, totp_step = NULL, recovery = NULL",
        "UPDATE staff_user SET totp_step = 1",
        "UPDATE staff_user SET recovery = NULL",
        "UPDATE staff_user SET totp = (SELECT totp FROM staff_user WHERE email = 'bea@example.org')",
    ],
)
def test_a_factor_that_somebody_changed_in_the_database_opens_nothing(required: House, statement: str):
    with time_machine.travel(MORNING, tick=False) as clock:
        _, secret, _ = set_up(required, "ada@example.org", Role.ADMIN)
        set_up(required, "bea@example.org", Role.CLINICIAN)
        with transaction(required.intake.engine) as sql:
            sql.execute(text(f"{statement} WHERE email = 'ada@example.org'"))
        clock.shift(STEP)
        browser = required.browser()
        assert browser.sign_in("ada@example.org").status_code == 422
        browser.get("/account/login")
        assert browser.post(FACTOR, {"code": code_of(secret)}).headers["Location"].startswith("/account/login")
        assert browser.get("/admin/staff").status_code in (303, 503)


def test_the_row_from_before_a_recovery_code_was_used_does_not_bring_it_back(required: House):
    with time_machine.travel(MORNING, tick=False):
        _, _, recovery = set_up(required, "ada@example.org", Role.ADMIN)
        before = required.rows("SELECT totp_step, recovery, event, mac FROM staff_user")[0]
        assert enter(half_way(required, "ada@example.org"), recovery[0]).status_code == 303
        with transaction(required.intake.engine) as sql:
            names = ("totp_step", "recovery", "event", "mac")
            put = text("UPDATE staff_user SET totp_step = :totp_step, recovery = :recovery, event = :event, mac = :mac")
            sql.execute(put, dict(zip(names, before, strict=True)))
        assert required.browser().sign_in("ada@example.org").status_code == 422


def test_until_the_first_admin_has_one_the_site_waits(required: House):
    with time_machine.travel(MORNING, tick=False) as clock:
        visitor = required.browser()
        for path in ("/", "/resume", "/privacy", "/clinician/", "/admin/staff", "/nothing-here"):
            answer = visitor.get(path)
            assert answer.status_code == 503, path
            assert "not open yet" in answer.text
        for path in ("/account/login", "/healthz", "/static/css/page.css"):
            assert visitor.get(path).status_code in (200, 404), path
        set_up(required, "bea@example.org", Role.CLINICIAN)
        assert visitor.get("/").status_code == 503
        clock.shift(STEP)
        admin, _, _ = set_up(required, "ada@example.org", Role.ADMIN)
        assert visitor.get("/").status_code == 200
        assert admin.get("/admin/staff").status_code == 200


def test_patients_of_an_installation_with_responses_go_on_while_staff_pages_wait(required: House):
    required.send(scenarios()[1].response(catalogue.shipped().active))
    browser = required.browser()
    assert browser.get("/").status_code == 200
    assert browser.post("/start").headers["Location"] == "/resume-code"
    assert browser.get("/clinician/").status_code == 503


def test_where_it_is_optional_whoever_wants_one_sets_it_up(house: House):
    with time_machine.travel(MORNING, tick=False) as clock:
        browser = house.signed_in(Role.CLINICIAN, email="bea@example.org")
        assert "not set up" in browser.get("/account/").text
        secret = secret_on(browser.get(SET_UP).text)
        assert enter(browser, code_of(secret), SET_UP).status_code == 200
        clock.shift(STEP)
        assert enter(half_way(house, "bea@example.org"), code_of(secret)).status_code == 303


def test_an_account_from_before_there_was_a_second_factor_opens_as_it_did(house: House):
    house.add_staff("bea@example.org", Role.CLINICIAN)
    with transaction(house.intake.engine) as sql:
        assert second_factor.without_one(sql) == ["bea@example.org"]
        assert not second_factor.an_admin_has_one(sql)
    assert house.browser().sign_in("bea@example.org").status_code == 303


def test_a_password_that_was_reset_meanwhile_ends_a_sign_in_that_is_half_way(
    required: House, monkeypatch: pytest.MonkeyPatch
):
    with time_machine.travel(MORNING, tick=False) as clock:
        _, secret, _ = set_up(required, "ada@example.org", Role.ADMIN)
        clock.shift(STEP)
        browser = half_way(required, "ada@example.org")
        browser.get(FACTOR)
        hold = staff.hold

        def reset_just_before(sql: Connection) -> None:
            monkeypatch.setattr(staff, "hold", hold)
            staff.set_password(sql, "ada@example.org", password_hash(), now=datetime.now(UTC))

        monkeypatch.setattr(staff, "hold", reset_just_before)
        answer = browser.post(FACTOR, {"code": code_of(secret)})
        assert answer.status_code == 422
        assert "Begin again with your password" in answer.text
        assert browser.get("/admin/staff").status_code == 303


def test_of_parallel_tries_of_one_code_one_goes_through(required: House):
    with time_machine.travel(MORNING, tick=False) as clock:
        _, secret, _ = set_up(required, "ada@example.org", Role.ADMIN)
        clock.shift(STEP)
        browsers = [half_way(required, "ada@example.org") for _ in range(6)]
        for browser in browsers:
            browser.get(FACTOR)
        code = code_of(secret)
        with ThreadPoolExecutor(6) as pool:
            statuses = list(pool.map(lambda browser: browser.post(FACTOR, {"code": code}).status_code, browsers))
    assert sorted(statuses) == [303] + [422] * 5
