"""Staff sign in by email and password; what is declined tells nothing; an account that is closed is out at once."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import text

from intake.accounts import passwords, staff
from intake.accounts.staff import Role, StaffError
from intake.records.database import transaction
from tests.staffroom import PASSWORD, House, password_hash


def trail(house: House) -> list[tuple[str, str, str]]:
    return [
        tuple(row)
        for row in house.rows(
            "SELECT action, agent_name, outcome FROM audit_event WHERE action LIKE 'sign%' ORDER BY n"
        )
    ]


@pytest.mark.parametrize(
    ("roles", "home"), [((Role.CLINICIAN,), "/clinician/"), ((Role.ADMIN,), "/admin/"), (tuple(Role), "/clinician/")]
)
def test_signing_in_leads_to_the_first_page_of_the_role(house: House, roles: tuple[Role, ...], home: str):
    house.add_staff("a@example.org", *roles)
    assert house.browser().sign_in("a@example.org").headers["Location"] == home


def test_the_address_is_taken_in_any_case_and_with_spaces_around(house: House):
    house.add_staff("A.Person@Example.org", Role.CLINICIAN)
    assert house.browser().sign_in("  a.person@EXAMPLE.ORG ").status_code == 303


def test_signing_in_leads_back_to_the_page_asked_for(house: House):
    house.add_staff("a@example.org", Role.CLINICIAN)
    browser = house.browser()
    first = browser.get("/clinician/?q=7KQ4-M2XD")
    assert first.status_code == 303
    assert first.headers["Location"] == "/account/login?next=/clinician/%3Fq%3D7KQ4-M2XD"
    answer = browser.sign_in("a@example.org", after="?next=/clinician/%3Fq%3D7KQ4-M2XD")
    assert answer.headers["Location"] == "/clinician/?q=7KQ4-M2XD"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/clinician/../evil",
        "/",
        "/resume",
        "javascript:alert(1)",
        "/clinician\r\nX: y",
    ],
)
def test_signing_in_never_leads_elsewhere(house: House, elsewhere: str):
    house.add_staff("a@example.org", Role.CLINICIAN)
    browser = house.browser()
    browser.get("/account/login")
    answer = browser.post(
        "/account/login", {"email": "a@example.org", "password": PASSWORD}, query_string={"next": elsewhere}
    )
    assert answer.headers["Location"] == "/clinician/"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("a@example.org", "not this one"),
        ("a@example.org", ""),
        ("nobody@example.org", PASSWORD),
        ("", ""),
        ("a@example.org", PASSWORD + " "),
        ("x" * 5000, "y" * 5000),
    ],
)
def test_what_is_declined_is_the_same_page_whatever_was_wrong(house: House, email: str, password: str):
    house.add_staff("a@example.org", Role.CLINICIAN)
    answer = house.browser().sign_in(email, password)
    assert answer.status_code == 422
    assert "That email and password do not open an account." in answer.text
    assert "<title>Error: " in answer.text
    assert password not in answer.text or len(password) < 2
    assert house.rows("SELECT count(*) FROM web_session") == [(0,)]


def test_an_address_that_is_none_is_not_even_looked_for(house: House):
    """PostgreSQL takes no NUL: looking for one would end in an error page before anybody signed in. Other unseen
    characters go with it."""
    house.add_staff("odd@example.org", Role.ADMIN)
    with transaction(house.intake.engine) as sql:
        sql.execute(
            text("UPDATE staff_user SET email = :odd WHERE email = 'odd@example.org'"), {"odd": "a\x7f@example.org"}
        )
        assert staff.by_email(sql, "a\x7f@example.org") is None
    assert house.browser().sign_in("a\0@example.org").status_code == 422


def test_a_closed_account_cannot_sign_in_and_its_open_sessions_end(house: House):
    browser = house.signed_in(Role.CLINICIAN, email="a@example.org")
    assert browser.get("/clinician/").status_code == 200
    with transaction(house.intake.engine) as sql:
        staff.set_active(sql, "a@example.org", False, now=datetime.now(UTC))
    assert browser.get("/clinician/").status_code == 303
    assert house.browser().sign_in("a@example.org").status_code == 422
    with transaction(house.intake.engine) as sql:
        staff.set_active(sql, "a@example.org", True, now=datetime.now(UTC))
    assert browser.get("/clinician/").status_code == 303
    assert house.browser().sign_in("a@example.org").status_code == 303


def test_another_password_ends_open_sessions(house: House):
    browser = house.signed_in(Role.CLINICIAN, email="a@example.org")
    with transaction(house.intake.engine) as sql:
        staff.set_password(
            sql, "a@example.org", passwords.hash_password("unlike the one before 7"), now=datetime.now(UTC)
        )
    assert browser.get("/clinician/").status_code == 303
    assert house.browser().sign_in("a@example.org").status_code == 422
    assert house.browser().sign_in("a@example.org", "unlike the one before 7").status_code == 303


def test_signing_in_declining_and_signing_out_are_in_the_trail_without_what_was_typed(house: House):
    browser = house.signed_in(Role.CLINICIAN, email="a@example.org")
    browser.get("/account/")
    browser.post("/account/logout")
    house.browser().sign_in("a@example.org", "wrong-word-typed")
    house.browser().sign_in("my-password-in-the-wrong-box", "x")
    assert trail(house) == [
        ("sign-in", "Dr Okafor", "done"),
        ("sign-out", "Dr Okafor", "done"),
        ("sign-in-declined", "not signed in", "declined"),
    ]
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1)):
        house.browser().sign_in("b@example.org", "x")
    assert trail(house)[-2:] == [("sign-in-declined", "not signed in", "declined")] * 2
    house.intake.engine.dispose()
    kept = b"".join(path.read_bytes() for path in (house.folder / "instance").iterdir())
    assert b"wrong-word-typed" not in kept
    assert b"my-password-in-the-wrong-box" not in kept


def test_an_unknown_address_takes_as_much_work_as_a_known_one(house: House):
    house.add_staff("a@example.org", Role.CLINICIAN)

    def work(email: str) -> float:
        """Seconds of this process's own work, whatever else the machine does."""
        began = time.process_time()
        assert house.browser().sign_in(email, "not this one").status_code == 422
        return time.process_time() - began

    pairs = [(work("a@example.org"), work("nobody@example.org")) for _ in range(5)]
    known, unknown = (statistics.median(pair[at] for pair in pairs) for at in (0, 1))
    assert unknown > known / 2


def test_nobody_signed_in_may_sign_out(house: House):
    browser = house.browser()
    browser.get("/account/login")
    assert browser.post("/account/logout").headers["Location"] == "/account/login"
    assert trail(house) == []


def test_signing_out_needs_a_form_of_ours(house: House):
    browser = house.signed_in(Role.CLINICIAN)
    assert browser.client.post("/account/logout").status_code == 400
    assert browser.client.get("/account/logout").status_code == 405
    assert browser.get("/clinician/").status_code == 200


def test_the_account_page_says_who_is_signed_in(house: House):
    page = house.signed_in(*Role, email="a@example.org", name="<b>Dr Okafor</b>").get("/account/").text
    assert "&lt;b&gt;Dr Okafor&lt;/b&gt;" in page
    assert "a@example.org" in page
    assert "clinician and admin" in page


def test_the_password_again_makes_a_session_fresh_for_five_minutes(house: House):
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC), tick=False) as clock:
        browser = house.signed_in(Role.ADMIN, email="a@example.org")
        clock.shift(timedelta(minutes=5, seconds=1))
        answer = browser.get("/admin/export.csv")
        assert answer.headers["Location"] == "/account/confirm?next=/admin/export.csv"
        browser.get(answer.headers["Location"])
        assert browser.post("/account/confirm?next=/admin/export.csv", {"password": "not this one"}).status_code == 422
        assert browser.get("/admin/export.csv").status_code == 303
        browser.get("/account/confirm?next=/admin/export.csv")
        answer = browser.post("/account/confirm?next=/admin/export.csv", {"password": PASSWORD})
        assert answer.headers["Location"] == "/admin/export.csv"
        assert browser.get("/admin/export.csv").status_code == 200


def test_an_address_stands_once_and_needs_a_role(house: House):
    house.add_staff("a@example.org", Role.CLINICIAN)
    for email, roles in (("A@EXAMPLE.org", [Role.ADMIN]), ("b@example.org", []), ("no address", [Role.ADMIN])):
        with pytest.raises(StaffError), transaction(house.intake.engine) as sql:
            staff.add(sql, email=email, name="", roles=roles, password_hash=password_hash(), now=datetime.now(UTC))
    assert house.rows("SELECT count(*) FROM staff_user") == [(1,)]


@pytest.mark.parametrize("roles", [tuple(Role), (Role.CLINICIAN, Role.AUDITOR), (Role.ADMIN, Role.AUDITOR)])
def test_whatever_roles_somebody_holds_fit_into_the_trail(house: House, roles: tuple[Role, ...]):
    house.signed_in(*roles, email="a@example.org")
    ((role,),) = house.rows("SELECT role FROM audit_event WHERE action = 'sign-in'")
    assert len(role) <= 20
    assert role == "every role" or all(one.value in role for one in roles)


def test_an_address_copied_with_signs_that_nobody_sees_signs_in(house: House) -> None:
    house.add_staff("ada@example.org", Role.CLINICIAN)
    assert house.browser().sign_in("\u200bada@exam\u00adple.org\u202c", PASSWORD).status_code == 303
