"""Texts that look like formulas are made harmless for spreadsheets, and come back exactly."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.exports.spreadsheet import guard, unguard

FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
SEPARATORS = (";", "\t", "\r", "\n", "\r\n")
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
texts = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.tuples(st.sampled_from(STARTS), st.text(max_size=9)).map("".join)
    | st.lists(st.sampled_from([*FORMULAS, *SEPARATORS, "'", "a", '"', ","]), max_size=12).map("".join)
)


@pytest.mark.parametrize("start", STARTS)
def test_a_text_that_a_spreadsheet_would_run_starts_with_an_apostrophe(start: str) -> None:
    assert guard(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "1+1=2", "a'b", " =1", "Siobhán Ní Bhriain", "👩‍👩‍👧", "“quoted”", "＂"])
def test_any_other_text_stays_as_it_was_typed(text: str) -> None:
    assert guard(text) == text


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a\t+1", "a\t'+1"),
        ("first\n- second\n- third", "first\n'- second\n'- third"),
        ("a;'b", "a;''b"),
        ("=1;=2", "'=1;'=2"),
        ("a; =1", "a; =1"),
        ("a;b\n\nc", "a;b\n\nc"),
        ("a;;=1", "a;;'=1"),
    ],
)
def test_a_part_that_some_programs_take_for_a_cell_is_looked_at_too(text: str, guarded: str) -> None:
    assert guard(text) == guarded


@given(texts)
def test_no_part_of_a_guarded_text_starts_like_a_formula(text: str) -> None:
    for part in re.split(r"[;\t\r\n]", guard(text))[1:]:
        assert not part.startswith(FORMULAS)


@given(texts)
def test_taking_one_apostrophe_off_gives_back_every_text(text: str) -> None:
    assert unguard(guard(text)) == text


@given(texts)
def test_no_guarded_text_starts_like_a_formula(text: str) -> None:
    assert not guard(text).startswith(STARTS[:-1])
