"""A text of which nothing can be seen is no answer; a text with something to see keeps every character."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.questionnaire.unseen import DEFAULT_IGNORABLE, can_be_seen
from intake.questionnaire.values import AbsentReason, Answer, Coding

IGNORABLE = [chr(code) for first, last in DEFAULT_IGNORABLE for code in range(first, last + 1)]
WHITE = [chr(code) for code in range(0x110000) if chr(code).isspace()]
CONTROLS = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cc"]


def test_the_table_is_unicodes() -> None:
    """As DerivedCoreProperties.txt counts it: 4174 code points, every one of Python's invisible ones among them."""
    assert len(IGNORABLE) == len(set(IGNORABLE)) == 4174
    names = " ".join(unicodedata.name(sign, "") for sign in IGNORABLE)
    for name in ("SOFT HYPHEN", "ZERO WIDTH SPACE", "ZERO WIDTH JOINER", "RIGHT-TO-LEFT OVERRIDE", "WORD JOINER"):
        assert name in names
    for name in ("COMBINING GRAPHEME JOINER", "HANGUL FILLER", "VARIATION SELECTOR-16", "TAG LATIN SMALL LETTER A"):
        assert name in names
    formats = {sign for sign in map(chr, range(0x110000)) if unicodedata.category(sign) == "Cf"}
    shown = re.compile(
        "SIGN|ANNOTATION|ABBREVIATION|FOOTNOTE|END OF AYAH|POUND MARK|PIASTRE MARK|NUMBER MARK|EGYPTIAN|DISPUTED"
    )
    assert [
        unicodedata.name(sign) for sign in sorted(formats - set(IGNORABLE)) if not shown.search(unicodedata.name(sign))
    ] == []


@pytest.mark.parametrize(
    "unseen", [*(chr(first) for first, _ in DEFAULT_IGNORABLE), *(chr(last) for _, last in DEFAULT_IGNORABLE)]
)
def test_each_invisible_character_alone_shows_nothing(unseen: str) -> None:
    assert not can_be_seen(unseen)
    assert not can_be_seen(f" {unseen}\n{unseen}\t")
    assert can_be_seen(f"{unseen}a")


@given(
    st.text(st.sampled_from([*IGNORABLE[:200], *WHITE, *CONTROLS, "\u2800"])),
    st.characters(categories=["L", "N", "P", "S"]),
)
def test_any_number_of_them_shows_nothing_and_one_sign_between_them_is_seen(unseen: str, sign: str) -> None:
    assert not can_be_seen(unseen)
    if sign not in {*IGNORABLE, "\u2800"}:
        assert can_be_seen(unseen + sign + unseen)


@pytest.mark.parametrize(
    "seen", ["\u0301", "\ufffd", "\ue000", "\u2801", "👩\u200d👩\u200d👧", "می\u200cخواهم", "\ufff9"]
)
def test_marks_private_signs_and_joined_letters_are_seen(seen: str) -> None:
    assert can_be_seen(seen)


def test_an_answer_holds_no_text_that_shows_nothing() -> None:
    assert Answer(("\u200b",)).is_empty
    assert Answer(("\u2800 ",), AbsentReason.ASKED_UNKNOWN) == Answer((), AbsentReason.ASKED_UNKNOWN)
    assert Answer((Coding("other"), "\u3164")).values == (Coding("other"),)
    assert Answer(("a\u200b",)).own_words == "a\u200b"
