"""Typed text in plain text of ours, such as a page's title: its writing direction moves nothing round it."""

from __future__ import annotations

import unicodedata
from typing import Final

FIRST_STRONG_ISOLATE: Final = "\u2068"
POP_ISOLATE: Final = "\u2069"
_ISOLATES: Final = frozenset({"LRI", "RLI", "FSI"})
_EMBEDDINGS: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF"})
_MOVES: Final = frozenset({"R", "AL", "AN", "PDI"}) | _ISOLATES | _EMBEDDINGS
"""Unicode's bidirectional classes of what is written from right to left, and of what says how to write."""


def isolated(text: str) -> str:
    """The text between U+2068 and U+2069, as `<bdi>` would have it; as it is where all of it is written left to right.

    Nothing is taken out. What the text itself opens is closed, and what it closes was opened: isolates alone need that,
    as the end of one ends every embedding and override in it (Unicode's annex 9, X6a).
    """
    classes = [unicodedata.bidirectional(sign) for sign in text]
    if _MOVES.isdisjoint(classes):
        return text
    opened = closed = 0
    for one in classes:
        if one in _ISOLATES:
            opened += 1
        elif one == "PDI":
            opened, closed = (opened - 1, closed) if opened else (0, closed + 1)
    return FIRST_STRONG_ISOLATE * (1 + closed) + text + POP_ISOLATE * (1 + opened)
