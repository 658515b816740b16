"""Texts that a spreadsheet program would take for a formula, made harmless and brought back exactly."""

from __future__ import annotations

_GUARD = "'"
_GUARDED = tuple("=+-@\t\r\n＝＋－＠" + _GUARD)
BYTE_ORDER_MARK = "\ufeff"
"""Tells spreadsheet programs that the file is UTF-8."""


def guard(text: str) -> str:
    """The text with a leading `'` if it starts like a formula, or with `'` itself (docs/interfaces.md, Export
    files)."""
    return _GUARD + text if text.startswith(_GUARDED) else text


def unguard(text: str) -> str:
    """The exact inverse of `guard`: one leading `'` taken off."""
    return text.removeprefix(_GUARD)
