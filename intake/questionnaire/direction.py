"""Typed text in plain text of ours, such as a page's title: its writing direction moves nothing round it."""

from __future__ import annotations

import unicodedata
from typing import Final

FIRST_STRONG_ISOLATE: Final = "\u2068"
POP_ISOLATE: Final = "\u2069"
_ISOLATES: Final = frozenset("\u2066\u2067\u2068")
_MOVES: Final = frozenset({"R", "AL", "AN", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Unicode's bidirectional classes of what is written from right to left, and of what says how to write."""


def isolated(text: str) -> str:
    """The text between U+2068 and U+2069, as in a `<bdi>`; as it is where all of it is written left to right."""
    moves = any(unicodedata.bidirectional(sign) in _MOVES for sign in text)
    return f"{FIRST_STRONG_ISOLATE}{balanced(text)}{POP_ISOLATE}" if moves else text


def balanced(text: str) -> str:
    """The text with every isolate in it closed that it opens, and opened that it closes: else the one that it stands in
    would end too early, or never, also that of a `<bdi>`. Nothing is taken out.

    Isolates alone need it: the end of one ends every embedding and override in it (Unicode's annex 9, X6a).
    """
    opened = closed = 0
    for sign in text:
        if sign in _ISOLATES:
            opened += 1
        elif sign == POP_ISOLATE:
            opened, closed = (opened - 1, closed) if opened else (0, closed + 1)
    return FIRST_STRONG_ISOLATE * closed + text + POP_ISOLATE * opened
