"""Each type of item reads its controls: numbers, dates, choices, own words, reasons for no answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from intake.consultations import catalogue
from intake.consultations.nk_intake.questions import MISSING
from intake.forms.fields import FIELDS, BadForm
from intake.forms.page_form import _CLASSES, PageForm, ParsedPage, _form_class, check_names, read_page
from intake.forms.questions import stored_question, typed_question
from intake.forms.typed import control_names, typed_from
from intake.forms.words import MONTH_BY_WORD, MONTH_WORDS, NUMBER_BY_WORD, NUMBER_WORDS, month_word, number_word
from intake.questionnaire.model import Item, ItemType
from intake.questionnaire.values import MONTHS, AbsentReason, Answer, Coding, PartialDate
from tests.factories import form_data, random_response

TODAY = date(2026, 11, 22)
QUESTIONNAIRE = catalogue.shipped().active


def read(link_id: str, *sent: tuple[str, str]) -> ParsedPage:
    return read_page([QUESTIONNAIRE.item(link_id)], MultiDict(list(sent)), today=TODAY)


def answer(link_id: str, *sent: tuple[str, str]) -> Answer:
    reading = read(link_id, *sent)
    assert not reading.problems
    return reading.answers[link_id]


def problem(link_id: str, *sent: tuple[str, str]) -> tuple[str, str]:
    reading = read(link_id, *sent)
    assert link_id not in reading.answers
    assert len(reading.problems) == 1
    return reading.problems[0].control, reading.problems[0].sentence


def boxes(link_id: str, day: str = "", month: str = "", year: str = "") -> list[tuple[str, str]]:
    return [(f"{link_id}.day", day), (f"{link_id}.month", month), (f"{link_id}.year", year)]


def test_every_type_that_takes_an_answer_has_its_field() -> None:
    assert set(FIELDS) == set(ItemType) - {ItemType.GROUP, ItemType.DISPLAY}


@pytest.mark.parametrize("seed", range(40))
def test_every_answer_that_is_typed_is_read_and_shown_again_as_it_is(seed: int) -> None:
    response = random_response(QUESTIONNAIRE, seed)
    for link_id, _, held in response.said():
        item = QUESTIONNAIRE.item(link_id)
        assert answer(link_id, *form_data(item, held)) == held
        shown = typed_from(item, held).values
        again = [(name, value) for name in control_names(item) for value in shown.get(name, ())]
        assert answer(link_id, *again) == held


# -- numbers -----------------------------------------------------------------------------------------------------------


@given(st.integers(1, 44))
def test_a_whole_number_in_its_range_is_read(number: int) -> None:
    assert answer("preg-weeks", ("preg-weeks", f" {number} ")).number == number


@pytest.mark.parametrize(
    "typed",
    [
        "0",
        "45",
        "-3",
        "+5",
        "5.0",
        "5 weeks",
        "two or three",
        "a few",
        "once",
        "none",
        "ninguno",
        "très",
        "1e1",
        "٣-",
        "9" * 5000,
        "²",
    ],
)
def test_what_is_no_whole_number_in_the_range_is_asked_for_again(typed: str) -> None:
    assert problem("preg-weeks", ("preg-weeks", typed)) == (
        "preg-weeks",
        "Type a whole number from 1 to 44, or leave it blank",
    )


AROUND = ("{}", " {} ", "{}.", "\u200e{}\u200b", "{}\x85", "\v{}. ")


@given(st.sampled_from(sorted(NUMBER_BY_WORD)), st.sampled_from(AROUND), st.sampled_from([str.upper, str.title, str]))
def test_a_number_may_be_a_word_in_three_languages(word: str, around: str, cased: Callable[[str], str]) -> None:
    reading = read("preg-weeks", ("preg-weeks", around.format(cased(word))))
    assert (
        reading.problems if NUMBER_BY_WORD[word] == 0 else reading.answers["preg-weeks"].number == NUMBER_BY_WORD[word]
    )


@given(st.sampled_from(AROUND))
def test_what_nobody_sees_around_a_number_makes_no_difference(around: str) -> None:
    assert answer("preg-weeks", ("preg-weeks", around.format("12"))).number == 12


@pytest.mark.parametrize(
    ("lists", "compared"), [(MONTH_WORDS, month_word), (NUMBER_WORDS, number_word)], ids=["months", "numbers"]
)
def test_no_word_has_two_readings(lists: Mapping[str, tuple[str, ...]], compared: Callable[[str], str]) -> None:
    assert len({len(words) for words in lists.values()}) == 1, "each language has them all"
    readings: dict[str, set[int]] = {}
    for words in lists.values():
        for at, names in enumerate(words):
            for name in names.split():
                readings.setdefault(compared(name), set()).add(at)
    assert {name: found for name, found in readings.items() if len(found) > 1} == {}


def test_decimal_digits_of_any_script_are_a_number() -> None:
    assert answer("preg-weeks", ("preg-weeks", "١٢")).number == 12


WEEKS = frozenset({"preg-weeks"})


def read_weeks(typed: str, weeks: frozenset[str] = WEEKS) -> ParsedPage:
    return read_page([QUESTIONNAIRE.item("preg-weeks")], MultiDict({"preg-weeks": typed}), today=TODAY, weeks=weeks)


@pytest.mark.parametrize("typed", ["8+3", " 8 + 3 ", "8+0", "8\u00a0+6", "٨+٣", "8+٦", "８+3"])
def test_weeks_may_be_typed_with_days_which_are_left_out_and_the_patient_is_told(typed: str) -> None:
    reading = read_weeks(typed)
    assert (reading.problems, reading.answers["preg-weeks"].number) == ((), 8)
    assert reading.remarks == ("We wrote 8 weeks.",)
    assert read_weeks("1+2").remarks == ("We wrote 1 week.",)


@pytest.mark.parametrize("typed", ["8+7", "8+10", "8+", "+3", "8+3+1", "8++3", "45+2", "0+5", "8+-1", "8+3 days"])
def test_what_is_no_weeks_and_days_in_the_range_is_asked_for_again(typed: str) -> None:
    reading = read_weeks(typed)
    assert [one.sentence for one in reading.problems] == ["Type a whole number from 1 to 44, or leave it blank"]
    assert (reading.remarks, reading.typed["preg-weeks"].text("preg-weeks")) == ((), typed)


def test_whole_weeks_are_kept_without_a_word_and_other_numbers_take_no_days() -> None:
    assert (read_weeks("8").answers["preg-weeks"].number, read_weeks("8").remarks) == (8, ())
    assert read_weeks("8+3", frozenset()).problems


# -- dates -------------------------------------------------------------------------------------------------------------


@given(st.integers(1, 9999), st.none() | st.integers(1, 12))
def test_a_year_alone_or_with_its_month_is_a_date(year: int, month: int | None) -> None:
    typed = boxes("preg-ended", month=str(month or ""), year=f"{year:04}")
    assert answer("preg-ended", *typed).date == PartialDate(year, month)


@pytest.mark.parametrize("number", range(1, 13))
def test_a_month_may_be_a_number_or_a_name(number: int) -> None:
    name = MONTHS[number - 1]
    for typed in (str(number), f"{number:02}", name, name.upper(), name.lower(), name[:3], f"{name[:3]}.", f" {name} "):
        assert answer("preg-ended", *boxes("preg-ended", "", typed, "2021")).date == PartialDate(2021, number)
    assert answer("preg-ended", *boxes("preg-ended", "", "Sept", "2021")).date == PartialDate(2021, 9)


@given(st.sampled_from(sorted(MONTH_BY_WORD)), st.sampled_from(AROUND), st.sampled_from([str.upper, str.title, str]))
def test_a_month_may_be_named_in_three_languages(name: str, around: str, cased: Callable[[str], str]) -> None:
    typed = boxes("preg-ended", "", around.format(cased(name)), "2021")
    assert answer("preg-ended", *typed).date == PartialDate(2021, MONTH_BY_WORD[name])


@pytest.mark.parametrize("typed", ["août", "aout", "AOÛT", "aou\u0302t", "Agosto", "ago."])
def test_an_accent_makes_no_difference_to_a_month(typed: str) -> None:
    assert answer("preg-ended", *boxes("preg-ended", "", typed, "2021")).date == PartialDate(2021, 8)


@pytest.mark.parametrize(
    ("day", "month", "year", "control", "words"),
    [
        ("3", "", "2021", "month", "Add the month, or take the day out"),
        ("", "", "21", "year", "Type the year with four digits, such as 2021"),
        ("", "", "0000", "year", "Type the year with four digits, such as 2021"),
        ("", "May", "", "year", "Add the year, or leave all three boxes blank"),
        ("", "13", "2021", "month", "Type the month as a number from 1 to 12, or as a name, such as March"),
        ("", "Maio", "2021", "month", "Type the month as a number from 1 to 12, or as a name, such as March"),
        ("32", "5", "2021", "day", "Type the day as a number from 1 to 31"),
        ("x", "5", "2021", "day", "Type the day as a number from 1 to 31"),
        ("31", "6", "2021", "day", "Check the day: June 2021 has 30 days"),
        ("29", "Feb", "2023", "day", "Check the day: February 2023 has 28 days"),
    ],
)
def test_a_date_that_cannot_be_read_says_what_to_do_at_its_box(
    day: str, month: str, year: str, control: str, words: str
) -> None:
    assert problem("preg-ended", *boxes("preg-ended", day, month, year)) == (f"preg-ended.{control}", words)


@given(st.integers(0, 99))
def test_two_digits_of_a_birth_year_are_read_where_one_century_alone_fits(last: int) -> None:
    typed = boxes("birth-date", "18", "4", f"{last:02}")
    if last > TODAY.year % 100:
        assert answer("birth-date", *typed).date == PartialDate(1900 + last, 4, 18)
    else:
        asked = ("birth-date.year", "Type the year with four digits, such as 2021")
        assert problem("birth-date", *typed) == asked


@given(st.integers(0, 99))
def test_two_digits_of_any_other_year_may_be_two_and_are_asked_back(last: int) -> None:
    asked = ("preg-ended.year", "Type the year with four digits, such as 2021")
    assert problem("preg-ended", *boxes("preg-ended", year=f"{last:02}")) == asked


def test_a_leap_day_is_a_day() -> None:
    assert answer("preg-ended", *boxes("preg-ended", "29", "2", "2024")).date == PartialDate(2024, 2, 29)


@pytest.mark.parametrize("year", ["1901", "2999"])
def test_a_readable_date_never_blocks(year: str) -> None:
    assert answer("preg-ended", *boxes("preg-ended", year=year)).date == PartialDate(int(year))


@pytest.mark.parametrize(
    ("day", "month", "year", "control", "words"),
    [
        ("", "", "1984", "day", "Add the day"),
        ("3", "", "1984", "month", "Add the month"),
        ("3", "5", "", "year", "Add the year"),
        ("22", "11", "2026", "year", "Type a date of birth that is in the past"),
        ("1", "1", "2030", "year", "Type a date of birth that is in the past"),
        ("31", "12", "1899", "year", "Type a date of birth from 1900 on"),
    ],
)
def test_a_date_of_birth_is_full_past_and_not_before_1900(
    day: str, month: str, year: str, control: str, words: str
) -> None:
    assert problem("birth-date", *boxes("birth-date", day, month, year)) == (f"birth-date.{control}", words)


def test_the_first_and_the_last_date_of_birth_are_taken() -> None:
    assert answer("birth-date", *boxes("birth-date", "1", "Jan", "1900")).date == PartialDate(1900, 1, 1)
    assert answer("birth-date", *boxes("birth-date", "21", "11", "2026")).date == PartialDate(2026, 11, 21)


# -- choices -----------------------------------------------------------------------------------------------------------


def test_several_options_are_kept_in_the_questionnaires_order() -> None:
    assert answer("visit-reasons", ("visit-reasons", "other"), ("visit-reasons", "pregnancy-loss")).codes == (
        "pregnancy-loss",
        "other",
    )


def test_exclusive_options_beside_others_are_kept_as_sent() -> None:
    assert answer("tests-had", ("tests-had", "none"), ("tests-had", "thyroid")).codes == ("thyroid", "none")


def test_own_words_count_with_and_without_their_tick() -> None:
    assert answer("hopes", ("hopes", "other"), ("hopes.other", "Rest")).values == ("Rest",)
    assert answer("hopes", ("hopes.other", "Rest")).values == ("Rest",)
    assert answer("hopes", ("hopes", "listened"), ("hopes.other", "Rest")).values == (Coding("listened"), "Rest")
    assert answer("loss-words", ("loss-words.other", "Bean")).values == ("Bean",)


def test_own_words_that_are_missing_are_asked_for() -> None:
    assert problem("loss-words", ("loss-words", "other"), ("loss-words.other", " ")) == (
        "loss-words.other",
        "Write your own words, or choose another answer",
    )


def test_of_radios_and_own_words_only_one_can_be_the_answer_and_both_stay_typed() -> None:
    reading = read("loss-words", ("loss-words", "baby"), ("loss-words.other", "Bean"))
    assert "loss-words" not in reading.answers
    question = typed_question(QUESTIONNAIRE.item("loss-words"), reading)
    assert question.typed.holds("loss-words", "baby")
    assert question.typed.text("loss-words.other") == "Bean"


@pytest.mark.parametrize(
    ("link_id", "sent"),
    [
        ("country", [("country", "GB"), ("country", "IE")]),
        ("country", [("country", "GB"), ("country", "GB")]),
        ("country", [("country", "XX")]),
        ("country", [("country", "")]),
        ("country", [("country", "other"), ("country", "IE")]),
        ("visit-reasons", [("visit-reasons", "trying"), ("visit-reasons", "trying")]),
        ("full-name", [("full-name", "A"), ("full-name", "B")]),
        ("hopes", [("hopes.other", "A"), ("hopes.other", "B")]),
        ("consent", [("consent", "yes")]),
        ("preg-weeks", [("preg-weeks.absent", "asked-declined")]),
        ("preg-weeks", [("preg-weeks.absent", "asked-unknown"), ("preg-weeks.absent", "asked-unknown")]),
        ("birth-date", [("birth-date.year", "1984"), ("birth-date.year", "1985")]),
    ],
)
def test_what_no_page_of_ours_sends_is_a_bad_form(link_id: str, sent: list[tuple[str, str]]) -> None:
    with pytest.raises(BadForm):
        read(link_id, *sent)


@pytest.mark.parametrize(
    "name", ["country.other", "full-name.absent", "preg-weeks", "respondent", "nothing", "country.year"]
)
def test_a_name_that_the_page_does_not_have_is_a_bad_form(name: str) -> None:
    items = [QUESTIONNAIRE.item("country"), QUESTIONNAIRE.item("full-name")]
    with pytest.raises(BadForm):
        check_names(MultiDict([(name, "x")]), items, ("csrf_token",))


def test_more_than_five_hundred_fields_are_a_bad_form() -> None:
    item = QUESTIONNAIRE.item("visit-reasons")
    check_names(MultiDict([(item.link_id, str(number)) for number in range(500)]), [item], ())
    with pytest.raises(BadForm):
        check_names(MultiDict([(item.link_id, str(number)) for number in range(501)]), [item], ())


# -- reasons for no answer ---------------------------------------------------------------------------------------------


def test_a_ticked_reason_is_kept_without_a_value() -> None:
    assert answer("preg-weeks", ("preg-weeks", ""), ("preg-weeks.absent", "asked-unknown")) == Answer(
        (), AbsentReason.ASKED_UNKNOWN
    )


def test_a_value_beside_a_ticked_reason_drops_neither() -> None:
    both = answer("preg-weeks", ("preg-weeks", "5"), ("preg-weeks.absent", "asked-unknown"))
    assert both == Answer((5,), AbsentReason.ASKED_UNKNOWN)


def test_two_reasons_at_once_are_asked_about() -> None:
    sent = [("loss-count.absent", "asked-unknown"), ("loss-count.absent", "asked-declined")]
    assert problem("loss-count", *sent) == ("loss-count.absent", "Tick one of the two, not both")


# -- what is required --------------------------------------------------------------------------------------------------


def test_what_is_missing_is_said_in_the_pages_order_with_what_cannot_be_read() -> None:
    items = list(QUESTIONNAIRE.item("page-you").questions())
    reading = read_page(items, MultiDict(boxes("birth-date", "30", "13", "1983")), today=TODAY)
    reading = reading.with_missing([QUESTIONNAIRE.item("country"), QUESTIONNAIRE.item("full-name")], MISSING)
    assert [problem.control for problem in reading.problems] == ["full-name", "birth-date.month", "country"]
    assert reading.problems[2].sentence == "Choose where you live now"


def test_of_two_that_would_do_one_is_asked_for_once() -> None:
    items = [QUESTIONNAIRE.item("email"), QUESTIONNAIRE.item("phone")]
    reading = read_page(items, MultiDict(), today=TODAY).with_missing(items)
    assert [problem.sentence for problem in reading.problems] == [
        "Fill in one of these two, or both: Email address, Phone number"
    ]
    too_long = read_page(items, MultiDict({"email": "a" * 300}), today=TODAY).with_missing(items)
    assert [problem.field for problem in too_long.problems] == ["email"]


def test_options_that_give_no_answer_stand_apart() -> None:
    question = stored_question(QUESTIONNAIRE.item("health-checklist"), Answer())
    assert [option.code for option in question.options_apart] == ["none", "not-sure", "declined"]
    assert "not-sure" not in [option.code for option in question.options]


# -- the form of a page ------------------------------------------------------------------------------------------------


def page_form(*items: Item) -> type[PageForm]:
    """The class of the form that reads these questions."""
    read_page(items, MultiDict(), today=TODAY)
    return _form_class(items)


def test_a_form_is_made_once_for_its_questions_and_anew_for_others_of_the_same_names() -> None:
    name, country = QUESTIONNAIRE.item("full-name"), QUESTIONNAIRE.item("country")
    made = page_form(name, country)
    assert page_form(name, country) is made
    assert page_form(country, name) is not made
    shorter = replace(name, max_length=3)
    assert [one.sentence for one in read_page([shorter], MultiDict({"full-name": "Ada L"}), today=TODAY).problems] == [
        "Shorten this to 3 characters. It has 5 now"
    ]
    assert not read_page([name], MultiDict({"full-name": "Ada L"}), today=TODAY).problems


def test_no_more_than_so_many_forms_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends a form says which questions are in it."""
    monkeypatch.setattr("intake.forms.page_form._MOST_CLASSES", 3)
    for number in range(5):
        page_form(replace(QUESTIONNAIRE.item("full-name"), link_id=f"name-{number}"))
    assert len(_CLASSES) <= 3


@pytest.mark.parametrize(
    "link_id", ["data", "errors", "validate", "process", "meta", "problems", "question_0", "today"]
)
def test_a_question_may_be_named_like_a_part_of_a_form(link_id: str) -> None:
    items = [replace(QUESTIONNAIRE.item(name), link_id=at) for name, at in (("full-name", link_id), ("email", "other"))]
    parsed = read_page(items, MultiDict({link_id: "Ada", "other": "a\nb"}), today=TODAY)
    assert parsed.answers[link_id].own_words == "Ada"
    assert [problem.field for problem in parsed.problems] == ["other"]


def test_the_date_of_birth_is_known_by_its_role() -> None:
    born = replace(QUESTIONNAIRE.item("birth-date"), link_id="born")
    sent = MultiDict(boxes("born", "1", "1", "1899"))
    assert [one.control for one in read_page([born], sent, today=TODAY).problems] == ["born.year"]
    assert not read_page([replace(born, role=None)], sent, today=TODAY).problems


def test_a_form_has_its_own_words_for_what_is_missing_or_those_of_the_type() -> None:
    item = QUESTIONNAIRE.item("full-name")
    parsed = read_page([item], MultiDict(), today=TODAY)
    assert [one.sentence for one in parsed.with_missing([item]).problems] == [f"Write an answer: {item.text}"]
    assert [one.sentence for one in parsed.with_missing([item], {"full-name": "Write it"}).problems] == ["Write it"]
