"""Placeholders are filled in all in one go: what is filled in is never read again, and what is not known stays."""

from __future__ import annotations

from intake.questionnaire.placeholders import filled, names_in, split


def test_a_text_is_filled_in_once_and_an_unknown_name_stays() -> None:
    assert filled("Call {a}, or {b}.", {"a": "{b}"}) == "Call {b}, or {b}."
    assert filled("Nothing here.", {"a": "x"}) == "Nothing here."


def test_names_and_the_words_between_them_are_told_in_order() -> None:
    assert names_in("{a} and {b_c}") == ["a", "b_c"]
    assert split("x{a}y") == ["x", "a", "y"]
