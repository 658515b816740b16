"""Typed text made fit for a sentence: the small forms of clinical.md 3.6."""

from __future__ import annotations

CUT_AT = 400
"""The longest quote, in characters, where a quote may be cut at all (clinical.md 3.6, In words)."""

_CURLY = str.maketrans("“”", "‘’")


def tidied(text: str) -> str:
    """Typed text for a sentence: white space in single spaces, ends trimmed, curly double quotes made single."""
    return " ".join(text.split()).translate(_CURLY)


def cut(text: str, limit: int) -> tuple[str, str]:
    """Tidied text within `limit` characters, and what marks that some was left out (clinical.md 3.6, In words)."""
    return (text, "") if len(text) <= limit else (text[:limit].rstrip(), " […]")
