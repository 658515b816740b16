"""Staff passwords: hashed with argon2id, long rather than odd; an address nobody has costs the same work.

A password is kept and compared in one Unicode form, so that it is the same one from every keyboard.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import threading
import unicodedata
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import BoundedSemaphore
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY
from zxcvbn import zxcvbn

T = TypeVar("T")

SHORTEST: Final = 15
LONGEST: Final = 256
LOOKED_AT: Final = 72  # characters that zxcvbn is given: its work grows with the square
GOOD: Final = 3  # of zxcvbn's 0 to 4: ten to the eighth guesses and more
OURS: Final = (
    *("intake", "clinic", "clinician", "admin", "auditor", "staff", "nurse", "doctor", "patient", "hospital"),
    *("fertility", "pregnancy", "miscarriage", "implantation", "immunology", "natural", "killer", "cells", "cell"),
    *("before", "visit", "summary", "questionnaire", "password"),
)
"""Words that whoever guesses at a clinic's passwords tries first."""

COST: Final = RFC_9106_LOW_MEMORY  # argon2id, 64 MiB, 3 passes
HASHER = PasswordHasher.from_parameters(COST)
NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$Iw9HNrPoZCimbGtksKxUxQ$Ze8SLcTvTAcGXuMTrCzKGXYLw+dTVqyMa23829fMhIQ"
WAITING: Final = 2
_ROOM: Final = BoundedSemaphore(1 + WAITING)  # one is hashed, so many wait: of eight threads of a process at most three


class WeakPassword(Exception):
    """A password that will not do; its one line says what to do."""


class HashingBusy(Exception):
    """Too many passwords are being compared at this moment; `seconds` says when to try again."""

    seconds: Final = 3


def hash_password(password: str, about: Collection[str] = ()) -> str:
    """The hash to keep; `about` is what others know of whoever it is for. Raises WeakPassword, HashingBusy."""
    check_strength(password, about)
    return _in_turn(lambda: HASHER.hash(normal(password)))


def fits(password: str, kept: str | None) -> bool:
    """Whether a password is the one whose hash was kept. Without one (nobody has that address) the same work: False.
    Raises HashingBusy."""
    forms = dict.fromkeys((normal(password), password))  # before 0.6 it was kept as it was typed
    found = _in_turn(lambda: True in [_verified(form, kept) for form in forms])
    return found and kept is not None and len(normal(password)) <= LONGEST


def normal(password: str) -> str:
    """A password in the one form that is kept and compared (NIST SP 800-63B: NFKC)."""
    return unicodedata.normalize("NFKC", password)


def check_strength(password: str, about: Collection[str] = ()) -> None:
    """See that a password is long, and hard to guess also for who knows the account and the clinic. Raises
    WeakPassword."""
    password = normal(password)
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"Choose a password of {SHORTEST} to {LONGEST} characters.")
    known = sorted({*OURS, *words_of(about)}, key=len, reverse=True)
    left = password.casefold()[:LOOKED_AT]
    for word in known:
        left = left.replace(word, "")
    bare = re.sub(r"[\W_]+", "", left)
    if not bare or min(zxcvbn(text, known)["score"] for text in (password[:LOOKED_AT], bare)) < GOOD:
        raise WeakPassword(
            "Choose a password that is harder to guess: no common words, names, years or rows of keys. Four unusual "
            "words do well."
        )


def words_of(about: Collection[str]) -> list[str]:
    """The words of four letters and more in what is known of somebody."""
    return [word for text in about for word in re.split(r"[\W_]+", normal(text).casefold()) if len(word) >= 4]


def new_password() -> str:
    """A random password of 120 bits, to be handed over once and then changed."""
    return secrets.token_urlsafe(15)


def _verified(password: str, kept: str | None) -> bool:
    try:
        return HASHER.verify(kept or NOBODYS, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False


def _in_turn(work: Callable[[], T]) -> T:
    """Hash in the one thread of this process that does so, behind everybody's pages. Raises HashingBusy."""
    if not _ROOM.acquire(blocking=False):
        raise HashingBusy
    try:
        return _hasher().submit(work).result()
    finally:
        _ROOM.release()


@cache
def _hasher() -> ThreadPoolExecutor:
    """Made when first needed."""
    return ThreadPoolExecutor(1, "hashing", initializer=_stand_back)


os.register_at_fork(after_in_child=_hasher.cache_clear)  # its thread does not outlive a fork: work would wait for ever


def _stand_back() -> None:
    """Let this thread, and those that argon2 starts from it, have the processor when nobody else wants it: on Linux a
    thread has a priority of its own."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
