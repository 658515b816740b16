"""Passwords are long rather than odd, and kept as argon2id."""

from __future__ import annotations

import os
import random
import signal
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from intake.accounts import passwords
from intake.accounts.passwords import HashingBusy, WeakPassword
from intake.accounts.staff import Role
from tests.staffroom import PASSWORD, House


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
        "1qaz2wsx3edc4rfv",
        "Summer2026Summer2026",
        "qwertyuiopasdfghjkl",
        "natural-killer-cells-natural-killer-cells-natural-killer-cells-natural-killer-cells",
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


ABOUT = ("siobhan.fitzgerald@example.org", "Siobhán Fitzgerald", "Harbourside Clinic")


@pytest.mark.parametrize(
    "password",
    ["siobhan.fitzgerald@example.org", "Harbourside Clinic 2026", "fitzgerald-Harbourside-1", "SIOBHÁN FITZGERALD 1"],
)
def test_what_others_know_of_the_account_and_the_clinic_does_not_count(password: str):
    with pytest.raises(WeakPassword):
        passwords.check_strength(password, ABOUT)


def test_a_word_of_the_clinic_among_others_does_no_harm():
    passwords.check_strength("harbourside tin lantern mist", ABOUT)


def test_a_password_is_the_same_from_every_keyboard():
    composed = "čtyři žluté ponožky"
    kept = passwords.hash_password(composed)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert passwords.fits(unicodedata.normalize(form, composed), kept)
    assert not passwords.fits("ctyri zlute ponozky", kept)


def test_a_long_one_is_as_long_as_in_the_one_form_whatever_the_keyboard_sends():
    chosen = "".join(random.Random(7).choices([chr(code) for code in range(0xAC00, 0xD7A3)], k=200))
    decomposed = unicodedata.normalize("NFD", chosen)
    assert len(decomposed) > passwords.LONGEST
    assert passwords.fits(decomposed, passwords.hash_password(decomposed))
    assert passwords.fits(chosen, passwords.hash_password(decomposed))


def test_a_password_that_was_kept_as_typed_by_an_earlier_version_fits():
    typed = unicodedata.normalize("NFD", "čtyři žluté ponožky")
    assert passwords.fits(typed, passwords.HASHER.hash(typed))


class Slow:
    """Hashes once it is let."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def verify(self, _kept: str, _password: str) -> bool:
        assert self.go.wait(20)
        return True


def test_at_most_two_wait_for_the_one_that_is_hashed_and_the_rest_are_told_so(monkeypatch: pytest.MonkeyPatch):
    slow = Slow()
    monkeypatch.setattr(passwords, "HASHER", slow)
    with ThreadPoolExecutor(3) as pool:
        begun = [pool.submit(passwords.fits, PASSWORD, "kept") for _ in range(3)]
        while passwords._ROOM._value:  # type: ignore[attr-defined]
            threading.Event().wait(0.01)
        with pytest.raises(HashingBusy):
            passwords.fits(PASSWORD, "kept")
        slow.go.set()
        assert [one.result(20) for one in begun] == [True] * 3
    assert passwords.fits(PASSWORD, "kept")


def test_a_sign_in_that_finds_no_room_is_told_when_and_keeps_its_email(house: House, monkeypatch: pytest.MonkeyPatch):
    house.add_staff("bea@example.org", Role.CLINICIAN)
    monkeypatch.setattr(passwords, "_ROOM", threading.BoundedSemaphore(1))
    with passwords._ROOM:
        answer = house.browser().sign_in("bea@example.org")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "3"
        assert 'value="bea@example.org"' in answer.text
        assert PASSWORD not in answer.text
        assert house.browser().get("/").status_code == 200
    assert house.browser().sign_in("bea@example.org").status_code == 303
    assert house.rows("SELECT count(*) FROM audit_event WHERE action = 'sign-in-declined'") == [(0,)]


def test_a_process_that_was_forked_after_a_hash_hashes_too():
    """As the workers of a try-out are, whose accounts are made before."""
    kept = passwords.hash_password(PASSWORD)
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)
        os._exit(0 if passwords.fits(PASSWORD, kept) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
