"""Names and addresses as they are kept, whatever was typed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from intake.accounts import staff
from intake.accounts.staff import Role
from intake.records.database import transaction
from tests.staffroom import House, password_hash


@pytest.mark.parametrize(
    ("email", "typed", "kept"),
    [
        ("a@example.org", " Dr\0 \x1b Moss\r\n\x7f", "Dr Moss"),
        ("a@example.org", "Ñ é 中文 \U0001f600", "Ñ é 中文 \U0001f600"),
        ("a@example.org", "x" * 300, "x" * 200),
        ("a@example.org", "\0", "a@example.org"),
        (f"{'a' * 240}@example.org", "", "a" * 200),
    ],
)
def test_a_name_is_one_line_that_both_databases_take(house: House, email: str, typed: str, kept: str):
    with transaction(house.intake.engine) as sql:
        member = staff.add(sql, email=email, name=typed, roles=[Role.CLINICIAN], password_hash=password_hash(), now=datetime.now(UTC))
    assert member.name == kept
    assert house.rows("SELECT name FROM staff_user") == [(kept,)]
