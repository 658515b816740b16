"""Passwords are long rather than odd, and kept as argon2id."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from intake.accounts import passwords
from intake.accounts.passwords import WeakPassword


@pytest.mark.parametrize(
    "password",
    ["sturdy lantern orbit 9", "x7!" + "Qr-kP0zvMn" * 2, "čtyři žluté ponožky", "ö" * 3 + "kxwqzvjmnb rt"],
)
def test_a_long_one_of_any_kind_is_taken(password: str):
    kept = passwords.hash_password(password)
    assert kept.startswith("$argon2id$")
    assert passwords.fits(password, kept)
    assert not passwords.fits(password + "x", kept)
    assert not passwords.fits(password.upper(), kept)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "fourteen chars",
        "natural-killer-cells",
        "passwordpassword",
        "aaaaaaaaaaaaaaaaaaaa",
        "ababababababababab",
        "1234567890123456",
        "clinic admin intake",
        "x" * 257,
    ],
)
def test_a_short_or_common_one_is_not(password: str):
    with pytest.raises(WeakPassword):
        passwords.check_strength(password)


def test_a_made_one_is_taken_and_never_the_same():
    made = {passwords.new_password() for _ in range(20)}
    assert len(made) == 20
    for password in made:
        passwords.check_strength(password)


def test_nobodys_password_fits_nothing():
    assert not passwords.fits("sturdy lantern orbit 9", None)
    assert not passwords.fits("", None)
    assert not passwords.fits("x", "no hash at all")


def test_outside_these_tests_a_hash_costs_what_a_thief_has_to_pay():
    kept = PasswordHasher.from_parameters(passwords.COST).hash("sturdy lantern orbit 9")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.fits("sturdy lantern orbit 9", kept)
