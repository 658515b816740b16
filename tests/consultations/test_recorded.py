"""What is made of random patients is what was made of them before: no rule, word or seed changes unnoticed.

It says nothing about what is right, which the tests beside it do; it says that something changed. Then look at what,
and if it was meant, record it anew (`tests/consultations/recorded.py`) and say so in the changelog.
"""

from __future__ import annotations

import json
from functools import cache

import pytest

from tests.consultations import recorded


@cache
def before() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(recorded.FILE.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(("kind", "first"), list(recorded.batches()))
def test_what_is_made_of_patients_is_as_it_was(kind: str, first: int) -> None:
    made = recorded.digests(kind, first)
    changed = [
        first + at
        for at, (was, now) in enumerate(zip(before()[f"{kind}, from {first}"], made, strict=True))
        if was != now
    ]
    assert changed == [], f"{kind}: of these seeds something else is made than was recorded"


def test_nothing_is_recorded_that_is_not_made() -> None:
    assert set(before()) == {f"{kind}, from {first}" for kind, first in recorded.batches()}


def test_a_changed_word_changes_the_digest() -> None:
    one, other = (recorded.digest(iter(pieces)) for pieces in (["a", "b"], ["a", "c"]))
    assert one != other
    assert recorded.digest(iter(["ab", "c"])) != recorded.digest(iter(["a", "bc"]))
