"""What is typed and accepted comes back byte for byte, but for the newline rule."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from intake.consultations import catalogue
from intake.forms import messages
from intake.forms.page_form import ParsedPage, read_page
from intake.forms.typed import typed_from
from intake.questionnaire.model import OWN_WORDS_LENGTH
from intake.questionnaire.unseen import can_be_seen

TODAY = date(2026, 11, 22)
QUESTIONNAIRE = catalogue.shipped().active
TEXT = QUESTIONNAIRE.item("own-words")
LINE = QUESTIONNAIRE.item("full-name")
OPEN = QUESTIONNAIRE.item("hopes")

shown = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
lines = st.text(alphabet=st.one_of(shown, st.sampled_from("\n\t")), max_size=300)
one_line = st.text(alphabet=st.one_of(shown, st.just("\t")), max_size=150)


def read(link_id: str, *sent: tuple[str, str]) -> ParsedPage:
    return read_page([QUESTIONNAIRE.item(link_id)], MultiDict(list(sent)), today=TODAY)


def sentence(reading: ParsedPage) -> str:
    assert len(reading.problems) == 1
    return reading.problems[0].sentence


@given(lines)
@settings(max_examples=200)
def test_a_text_comes_back_byte_for_byte(text: str) -> None:
    reading = read("own-words", ("own-words", text))
    answer = reading.answers["own-words"]
    assert answer.own_words == (text if can_be_seen(text) else None)
    assert typed_from(TEXT, answer).text("own-words") == (text if can_be_seen(text) else "")


@given(lines)
def test_a_browsers_line_breaks_are_kept_as_single_line_feeds(text: str) -> None:
    sent = text.replace("\n", "\r\n")
    assert (
        read("own-words", ("own-words", sent)).answers["own-words"]
        == read("own-words", ("own-words", text)).answers["own-words"]
    )


@given(one_line)
def test_a_line_and_own_words_come_back_byte_for_byte(text: str) -> None:
    assert read("full-name", ("full-name", text)).answers["full-name"].own_words == (
        text if can_be_seen(text) else None
    )
    assert read("hopes", ("hopes.other", text)).answers["hopes"].own_words == (text if can_be_seen(text) else None)


SOFT_BREAKS = ["\v", "\u2028", "\u2029", "\x85", "\r"]


@pytest.mark.parametrize("soft", SOFT_BREAKS)
def test_a_soft_line_break_is_a_line_break_in_a_text_and_a_space_in_a_line(soft: str) -> None:
    typed = f"pain in the{soft}left side"
    assert read("own-words", ("own-words", typed)).answers["own-words"].own_words == "pain in the\nleft side"
    assert read("full-name", ("full-name", typed)).answers["full-name"].own_words == "pain in the left side"
    assert read("hopes", ("hopes.other", typed)).answers["hopes"].own_words == "pain in the left side"


@pytest.mark.parametrize("soft", SOFT_BREAKS)
def test_a_browsers_own_line_break_beside_a_soft_one_stays(soft: str) -> None:
    kept = read("own-words", ("own-words", f"a\r\n{soft}b")).answers["own-words"].own_words
    assert kept == "a\n\nb"


@given(
    st.text(alphabet=st.characters(categories=("Cc", "Cs"), exclude_characters="\t\n\v\r\x85"), min_size=1, max_size=5)
)
def test_control_characters_and_halves_of_characters_are_not_taken_and_said_where(signs: str) -> None:
    for link_id, box in (("own-words", "own-words"), ("full-name", "full-name"), ("hopes", "hopes.other")):
        reading = read(link_id, (box, f"a{signs}b"))
        these = "character" if len(signs) == 1 else "characters"
        assert sentence(reading) == f"Remove the {these} that cannot be shown, between “a” and “b”"
        assert reading.typed[link_id].text(box) == f"a{signs}b"


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ("I have pain in the\x03 left side of my back", "between “pain in the” and “left side of”"),
        ("pain in the le\x7fft side", "between “in the le” and “ft side”"),
        ("\ud800  first words of a text", "at the beginning, before “first words of”"),
        ("  \x01first", "at the beginning, before “first”"),
        ("the last words of it \x02 \n", "at the end, after “words of it”"),
        ("one\nline\x01\nand two", "between “one line” and “and two”"),
        ("a\x01b\x02c\ud800", "between “a” and “bc”"),
        (f"{'漢' * 50}\x01{'字' * 50}", f"between “{'漢' * 30}” and “{'字' * 30}”"),
        ("she said “no”\x01 <b>", "between “she said ‘no’” and “<b>”"),
        ("כאב\x01 in the", "between “\u2068כאב\u2069” and “in the”"),
    ],
)
def test_the_words_round_what_cannot_be_shown_say_where_it_is(typed: str, where: str) -> None:
    assert sentence(read("own-words", ("own-words", typed))) == f"Remove the character that cannot be shown, {where}"


def test_nothing_is_normalised() -> None:
    decomposed = "Nı\u0301 Bhriain e\u0301 \u212b"
    assert unicodedata.normalize("NFC", decomposed) != decomposed
    assert read("full-name", ("full-name", decomposed)).answers["full-name"].own_words == decomposed


def test_spaces_round_a_text_stay() -> None:
    assert read("full-name", ("full-name", "  Ada \t")).answers["full-name"].own_words == "  Ada \t"


@pytest.mark.parametrize(
    "blank", ["", " ", "\t", "\r\n", "\u00a0", "\u3000 ", "\u200b", "\u200d\u202e", "\u2800", "\0", "\x1f"]
)
def test_a_text_that_shows_nothing_is_no_answer(blank: str) -> None:
    for link_id, box in (("own-words", "own-words"), ("full-name", "full-name"), ("hopes", "hopes.other")):
        assert read(link_id, (box, blank)).answers[link_id].is_empty
    assert sentence(read("loss-words", ("loss-words", "other"), ("loss-words.other", blank))) == messages.WORDS_MISSING


@pytest.mark.parametrize(
    ("link_id", "box", "limit"),
    [("full-name", "full-name", 160), ("own-words", "own-words", 2000), ("hopes", "hopes.other", 200)],
)
def test_length_is_counted_in_code_points(link_id: str, box: str, limit: int) -> None:
    assert read(link_id, (box, "😀" * limit)).answers[link_id].own_words == "😀" * limit
    assert f"{limit:,} characters. It has {limit + 1:,} now" in sentence(read(link_id, (box, "😀" * (limit + 1))))
    assert OWN_WORDS_LENGTH == 200


def test_a_line_break_counts_as_one_character() -> None:
    assert not read("own-words", ("own-words", "a\r\n" * 1000)).problems


def test_a_line_break_in_one_line_is_asked_to_be_taken_out() -> None:
    assert sentence(read("full-name", ("full-name", "Ada\nLovelace"))) == "Write this on one line"
