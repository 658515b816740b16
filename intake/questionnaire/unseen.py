"""Whether a text shows anything: one of white space, controls and invisible characters alone is no answer."""

from __future__ import annotations

import re
from string import whitespace
from typing import Final

WHITE_SPACE_AND_CONTROLS: Final = r"\s\0-\x1f\x7f-\x9f"
BRAILLE_BLANK: Final = "\u2800"
DEFAULT_IGNORABLE: Final = (
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
    *((0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
"""Unicode's Default_Ignorable_Code_Point, the same from 14.0 to 17.0, each range with its last code point
(https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt); Python's unicodedata does not have it."""

_IGNORABLE: Final = "".join(f"{chr(first)}-{chr(last)}" for first, last in DEFAULT_IGNORABLE)
_ROUND: Final = '.,;:<>()"“”'
_UNSEEN: Final = re.compile(f"[{_IGNORABLE}]")
_SEEN: Final = re.compile(f"[^{WHITE_SPACE_AND_CONTROLS}{BRAILLE_BLANK}{_IGNORABLE}]")


def without_unseen(text: str) -> str:
    """The same without signs that nobody sees: for what can only be a code, a reference or an address."""
    return _UNSEEN.sub("", text)


def pasted_email(text: str) -> str:
    """An email address that is looked for, in small letters: without what a copy brings along, signs that nobody sees,
    blanks, and the punctuation of the sentence or the address line round it."""
    return without_unseen(text).strip(f"{_ROUND}{whitespace}\x85\xa0\u2028\u2029").lower()


def can_be_seen(text: str) -> bool:
    """Whether a reader sees anything of it."""
    return _SEEN.search(text) is not None
