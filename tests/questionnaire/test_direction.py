"""Typed text in plain text of ours: kept whole, and closed, so that what follows stands as it would alone."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.questionnaire.direction import balanced, isolated

FSI, PDI, RLI, LRI, RLO, RLE, PDF = "\u2068", "\u2069", "\u2067", "\u2066", "\u202e", "\u202b", "\u202c"
ISOLATES = {FSI, RLI, LRI}


@pytest.mark.parametrize("text", ["", "Amelia Hart", "Zoë 12, “x” (3)", "漢字", "и кириллица"])
def test_a_text_written_left_to_right_stands_as_it_is(text: str) -> None:
    assert isolated(text) == text


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("أمل", 1, 1),
        ("שרה Hart", 1, 1),
        ("١٢", 1, 1),
        (f"{RLO}abc", 1, 1),
        (f"{RLE}{RLE}abc{PDF}", 1, 1),
        (f"{RLI}abc", 1, 2),
        (f"{RLI}a{FSI}b{LRI}c{PDI}", 1, 3),
        (f"{RLI}abc{PDI}", 1, 1),
        (f"abc{PDI}def", 2, 1),
        (f"{PDI}{PDI}{RLI}a", 3, 2),
        (f"{PDI}{RLO}a", 2, 1),
    ],
)
def test_what_a_text_opens_is_closed_and_what_it_closes_was_opened(text: str, before: int, after: int) -> None:
    assert isolated(text) == FSI * before + text + PDI * after


@given(st.text(st.sampled_from([*ISOLATES, PDI, RLO, RLE, PDF, "a", "א", "1", " "]), max_size=30))
def test_every_text_stands_in_a_pair_of_its_own(text: str) -> None:
    assert balanced(text).count(PDI) == sum(sign in ISOLATES for sign in balanced(text))
    made = isolated(text)
    assert text in made
    depth = 0
    for place, sign in enumerate(made):
        depth += (sign in ISOLATES) - (sign == PDI)
        assert depth > 0 or place == len(made) - 1 or made == text
    assert depth == 0
    assert made != text or all(unicodedata.bidirectional(sign) in ("L", "EN", "WS") for sign in text)
