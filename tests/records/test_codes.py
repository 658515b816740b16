"""Resume codes and references as people copy them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.records import codes


def test_a_code_has_24_crockford_characters_and_is_never_given_twice():
    given = {codes.new_code() for _ in range(2000)}
    assert len(given) == 2000
    assert all(re.fullmatch("[0-9A-HJKMNP-TV-Z]{24}", code) for code in given)


def test_a_code_is_shown_in_six_groups_of_four():
    assert re.fullmatch("(.{4}-){5}.{4}", codes.shown(codes.new_code()))


def test_a_reference_looks_like_two_groups_of_four():
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", codes.new_reference())


@given(st.text(alphabet=codes.ALPHABET, min_size=24, max_size=24), st.data())
def test_case_spaces_dashes_and_look_alikes_do_not_matter(code: str, data: st.DataObject):
    look_alikes = {"0": "0oO", "1": "1iIlL"}
    typed = "".join(
        data.draw(st.sampled_from(look_alikes.get(c, c + c.lower())))
        + data.draw(st.sampled_from(["", "-", " ", "–", "\u00a0", "\n"]))
        for c in code
    )
    assert codes.normalise(typed) == code


@given(st.text())
def test_whatever_is_typed_gives_a_whole_code_or_none(typed: str):
    meant = codes.normalise(typed)
    assert meant is None or re.fullmatch("[0-9A-HJKMNP-TV-Z]{24}", meant)


def test_too_short_too_long_and_the_letter_u_are_no_code():
    code = codes.new_code()
    assert codes.normalise(code[:-1]) is None
    assert codes.normalise(code + "A") is None
    assert codes.normalise("U" + code[1:]) is None


def test_a_reference_is_found_however_it_is_typed():
    assert codes.normalise_reference(" 7kq4 m2xd") == "7KQ4-M2XD"
    assert codes.normalise_reference("7kq4m2x") is None


@pytest.mark.parametrize(
    "write",
    [
        "\u200b{}",
        "\u202a{}\u202c",
        "\ufeff{}\u2060",
        "{}.",
        "({}),",
        "Code: {}",
        "My code is {}",
        "My code is: {}, thank you",
        "{} please",
        "“{}”!",
        "\n\t{}\u00a0\n",
        "\u200e{}\u200f",
    ],
)
def test_what_a_copy_brings_along_makes_no_difference(write: str) -> None:
    for _ in range(50):
        code, reference = codes.new_code(), codes.new_reference()
        assert codes.normalise(write.format(codes.shown(code))) == code
        assert codes.normalise_reference(write.format(reference)) == reference


def test_a_part_of_a_code_and_a_code_with_a_part_too_many_are_none() -> None:
    code = codes.shown(codes.new_code())
    assert codes.normalise(code[:-1]) is None
    assert codes.normalise(f"{code[:8]}*{code[9:]}") is None
    assert codes.normalise("x" * 100_000) is None
