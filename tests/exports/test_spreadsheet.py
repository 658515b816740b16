"""Texts that look like formulas are made harmless for spreadsheets, and come back exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.exports.spreadsheet import guard, unguard

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.tuples(
    st.sampled_from(STARTS), st.text(max_size=9)
).map("".join)


@pytest.mark.parametrize("start", STARTS)
def test_a_text_that_a_spreadsheet_would_run_starts_with_an_apostrophe(start: str) -> None:
    assert guard(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "1+1=2", "a'b", " =1", "Siobhán Ní Bhriain", "👩‍👩‍👧", "“quoted”", "＂"])
def test_any_other_text_stays_as_it_was_typed(text: str) -> None:
    assert guard(text) == text


@given(texts)
def test_taking_one_apostrophe_off_gives_back_every_text(text: str) -> None:
    assert unguard(guard(text)) == text


@given(texts)
def test_no_guarded_text_starts_like_a_formula(text: str) -> None:
    assert not guard(text).startswith(STARTS[:-1])
