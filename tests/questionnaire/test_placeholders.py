"""Placeholders are filled in all in one go: what is filled in is never read again, and what is not known stays."""

from __future__ import annotations

from intake.questionnaire.placeholders import filled, names_in, split, with_texts_filled
from tests.questionnaire.forms import page, question, tiny


def test_a_text_is_filled_in_once_and_an_unknown_name_stays() -> None:
    assert filled("Call {a}, or {b}.", {"a": "{b}"}) == "Call {b}, or {b}."
    assert filled("Nothing here.", {"a": "x"}) == "Nothing here."


def test_names_and_the_words_between_them_are_told_in_order() -> None:
    assert names_in("{a} and {b_c}") == ["a", "b_c"]
    assert split("x{a}y") == ["x", "a", "y"]


def test_titles_questions_and_help_are_filled_in_and_texts_between_them_are_not() -> None:
    asked = question("q", x_help="Of {loss_words}.") + "- linkId: said\n  type: display\n  text: On {loss_words}.\n"
    form = tiny(page("page-a", asked).replace("text: q", "text: What of {loss_words}?"))
    worded = with_texts_filled(form, {"loss_words": "it"})
    assert (worded.item("q").text, worded.item("q").help) == ("What of it?", "Of it.")
    assert worded.item("said").text == "On {loss_words}."
    assert form.item("q").text == "What of {loss_words}?"
