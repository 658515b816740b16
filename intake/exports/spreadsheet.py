"""Texts that a spreadsheet program would take for a formula, made harmless and brought back exactly.

A program that splits cells at `;` or at tabs, or that takes a line break for the end of a row, begins a cell in the
middle of a text: what stands there is looked at like its beginning.
"""

from __future__ import annotations

import re
from typing import Final

_GUARD: Final = "'"
_FORMULA: Final = "=+\\-@＝＋－＠" + _GUARD
_AT_RISK: Final = re.compile(rf"\A(?=[{_FORMULA}\t\r\n])|(?<=[;\t\r\n])(?=[{_FORMULA}])")
_GUARDED: Final = re.compile(rf"\A{_GUARD}|(?<=[;\t\r\n]){_GUARD}")
BYTE_ORDER_MARK = "\ufeff"
"""Tells spreadsheet programs that the file is UTF-8."""


def guard(text: str) -> str:
    """The text with a `'` wherever it or a part of it starts like a formula, or with `'` itself (docs/interfaces.md,
    Export files)."""
    return _AT_RISK.sub(_GUARD, text)


def unguard(text: str, *, parts: bool = True) -> str:
    """The exact inverse of `guard`; without `parts` that of before 0.6, which looked at the beginning alone."""
    return _GUARDED.sub("", text) if parts else text.removeprefix(_GUARD)
