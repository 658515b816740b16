"""Names and addresses as they are kept, whatever was typed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from werkzeug.test import TestResponse

from intake.accounts import staff
from intake.accounts.staff import Role
from intake.records.database import transaction
from tests.accounts.office import admin, invite
from tests.staffroom import Browser, House, password_hash


def invite_at(browser: Browser, email: str, name: str = "Ada") -> TestResponse:
    """Invite a clinician."""
    browser.get("/admin/staff/invite")
    return browser.post("/admin/staff/invite", {"email": email, "name": name, "role": "clinician"})


@pytest.mark.parametrize(
    ("email", "typed", "kept"),
    [
        ("a@example.org", " Dr\0 \x1b Moss\r\n\x7f", "Dr Moss"),
        ("a@example.org", "Ñ é 中文 \U0001f600", "Ñ é 中文 \U0001f600"),
        ("a@example.org", "x" * 300, "x" * 200),
        ("a@example.org", "\0", "a@example.org"),
        ("a@example.org", "\u200bAda\u200b \u202eM\u2066oss\x85\ufeff", "Ada M oss"),
        ("a@example.org", "\u200b\u202e", "a@example.org"),
        (f"{'a' * 240}@example.org", "", "a" * 200),
    ],
)
def test_a_name_is_one_line_that_both_databases_take(house: House, email: str, typed: str, kept: str):
    with transaction(house.intake.engine) as sql:
        member = staff.add(
            sql, email=email, name=typed, roles=[Role.CLINICIAN], password_hash=password_hash(), now=datetime.now(UTC)
        )
    assert member.name == kept
    assert house.rows("SELECT name FROM staff_user") == [(kept,)]


@pytest.mark.parametrize(
    "email",
    [
        "ada\u200b@example.org",
        "\u202eada@example.org",
        "ada@exam\u00adple.org",
        "ada\x85@example.org",
        "ad\u0430@example.org",
        "straße@example.org",
        "ada@exämple.org",
        "\u212aate@example.org",
    ],
)
def test_an_address_that_looks_or_counts_like_another_is_declined_in_a_sentence(house: House, email: str):
    """Invisible characters, letters of another alphabet, and letters that small letters would merge with others."""
    assert "letters a to z" in invite_at(admin(house), email).text
    assert house.rows("SELECT count(*) FROM staff_user") == [(1,)]


def test_an_address_is_found_under_no_other_one(house: House):
    house.add_staff("strasse@example.org", Role.CLINICIAN)
    with transaction(house.intake.engine) as sql:
        assert staff.by_email(sql, "straße@example.org") is None
        assert staff.by_email(sql, " STRASSE@Example.org ") is not None


def test_inviting_somebody_anew_is_said_on_the_page(house: House):
    ada = admin(house)
    assert "was invited before" not in invite(ada, "Bea", "clinician").text
    again = invite_at(ada, "BEA@example.org", name="Beatrix").text
    assert "bea@example.org was invited before, as Bea." in again
