"""Staff passwords: hashed with argon2id, long rather than odd; an address nobody has costs the same work."""

from __future__ import annotations

import re
import secrets
from threading import Semaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

SHORTEST: Final = 15
LONGEST: Final = 256
LEFT_OVER: Final = 8  # how many characters must be left once the words everybody would try are taken out

COMMON: Final = (
    "administrator", "administration", "beforeyourvisit", "clinician", "password", "passwort", "passw0rd",
    "qwertyuiop", "letmein",
    "welcome", "iloveyou", "sunshine", "princess", "football", "superman", "trustno1", "changeme",
    "correcthorsebatterystaple",
    "fertility", "pregnancy", "miscarriage", "implantation", "immunology", "natural", "killer", "intake", "clinic",
    "doctor", "hospital",
    "patient", "summary", "secret", "qwerty", "azerty", "monkey", "dragon", "admin", "login", "staff", "nurse",
    "cells", "cell",
    "1234567890", "0987654321", "123456789", "987654321", "12345", "54321", "abcdefghij", "abcdef", "abc123",
)  # fmt: skip

COST: Final = RFC_9106_LOW_MEMORY  # argon2id, 64 MiB, 3 passes
HASHER = PasswordHasher.from_parameters(COST)
_AT_ONCE: Final = Semaphore(2)  # each takes 64 MiB: many sign-ins at once wait for one another
NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$Iw9HNrPoZCimbGtksKxUxQ$Ze8SLcTvTAcGXuMTrCzKGXYLw+dTVqyMa23829fMhIQ"


class WeakPassword(Exception):
    """A password that will not do; its one line says what to do."""


def hash_password(password: str) -> str:
    """The hash to keep. Raises WeakPassword."""
    check_strength(password)
    with _AT_ONCE:
        return HASHER.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Whether a password is the one whose hash was kept. Without one (nobody has that address) the same work: False."""
    try:
        with _AT_ONCE:
            HASHER.verify(kept or NOBODYS, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None and len(password) <= LONGEST


def check_strength(password: str) -> None:
    """See that a password is long and not made of words that everybody would try. Raises WeakPassword."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"Choose a password of {SHORTEST} to {LONGEST} characters.")
    left = re.sub(r"[\W_]+", "", password.casefold())
    for word in COMMON:
        left = left.replace(word, "")
    if len(left) < LEFT_OVER or len(set(left)) < LEFT_OVER // 2:
        raise WeakPassword(
            "Choose a password that is not made of common words or repeated characters; four unusual words do well."
        )


def new_password() -> str:
    """A random password of 120 bits, to be handed over once and then changed."""
    return secrets.token_urlsafe(15)
