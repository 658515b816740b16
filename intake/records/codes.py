"""Codes that people copy by hand, in Crockford's base32 without I, L, O, U: the resume code and the short reference."""

import re
import secrets
import unicodedata
from typing import Final

from intake.questionnaire.unseen import without_unseen

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH: Final = 24
REFERENCE_LENGTH: Final = 8
GROUP: Final = 4
LONGEST: Final = 500
"""No more of what was typed is looked at."""
_BETWEEN: Final = re.compile(r"[\W_]+")
_MISREAD: Final = str.maketrans("OIL", "011")


def new_id() -> str:
    """A random 128-bit id as 32 hex digits, for rows and addresses."""
    return secrets.token_hex(16)


def new_code() -> str:
    """A resume code: 24 characters, 120 random bits (security.md 3.3). Shown to people by `shown`."""
    return _random(CODE_LENGTH)


def new_reference() -> str:
    """A short reference such as “7KQ4-M2XD”: names a response to people and opens nothing."""
    return shown(_random(REFERENCE_LENGTH))


def shown(code: str) -> str:
    """A code in groups of four: “7KQ4-M2XD-…”."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def normalise(typed: str) -> str | None:
    """The resume code that was meant, or None.

    Case, spaces, dashes, other punctuation and signs that nobody sees do not matter, nor do words before or after it; O
    is 0, I and L are 1.
    """
    return _meant(typed, CODE_LENGTH)


def normalise_reference(typed: str) -> str | None:
    """The reference that was meant, as it is stored and shown, or None if this can be none."""
    meant = _meant(typed, REFERENCE_LENGTH)
    return None if meant is None else shown(meant)


def _meant(typed: str, length: int) -> str | None:
    folded = unicodedata.normalize("NFKC", without_unseen(typed[:LONGEST])).upper()
    words = _BETWEEN.sub(" ", folded).split()
    after_colon = _BETWEEN.sub(" ", folded.rpartition(":")[2]).split() if ":" in folded else []
    # as it stands; else what begins after a colon; else what stands at the end, then at the beginning, of more words
    tries = [words, *(after_colon[:at] for at in range(len(after_colon), 0, -1))]
    tries += [*(words[at:] for at in range(1, len(words))), *(words[:at] for at in range(len(words) - 1, 0, -1))]
    codes = ("".join(one).translate(_MISREAD) for one in tries)
    return next((code for code in codes if len(code) == length and all(sign in ALPHABET for sign in code)), None)


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
