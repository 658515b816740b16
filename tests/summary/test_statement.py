"""Answers in words: options in the questionnaire's order, typed text tidied and quoted once, and verbatim where it is
asked for."""

from __future__ import annotations

import pytest

from intake.consultations.nk_intake.words import agreeing, counted
from intake.questionnaire.absence import NoAnswer
from intake.questionnaire.enable_when import Asked
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import Entry
from intake.questionnaire.values import AbsentReason, Answer, Coding, PartialDate, Value
from intake.summary.statement import (
    Author,
    Part,
    Voice,
    filled,
    in_words,
    joined,
    reason_in_words,
    sentence,
    statement,
    text_of,
    tidied,
    typed,
)

OURS, PATIENT = Author.OURS, Author.PATIENT


def words(questionnaire: Questionnaire, link_id: str, *values: Value, **options: object) -> str:
    return text_of(in_words(questionnaire.item(link_id), Answer(values), **options))  # type: ignore[arg-type]


def test_options_stand_in_the_questionnaires_order_and_own_words_last(questionnaire: Questionnaire) -> None:
    values = ("a chair", Coding("more-time"), Coding("interpreter"))
    assert words(questionnaire, "access-needs", *values) == "interpreter; extra time; “a chair”"
    assert words(questionnaire, "access-needs", *values, voice=Voice.PATIENT) == "An interpreter; Extra time; “a chair”"


def test_options_can_be_left_out(questionnaire: Questionnaire) -> None:
    values = (Coding("none"), Coding("more-time"))
    assert words(questionnaire, "access-needs", *values, without={"none"}) == "extra time"
    assert in_words(questionnaire.item("access-needs"), Answer(values), without={"none", "more-time"}) == ()


@pytest.mark.parametrize(
    ("link_id", "value", "text"),
    [
        ("consent", True, "Yes"),
        ("consent", False, "No"),
        ("pregnant-weeks", 12, "12"),
        ("embryos-stored", 0, "0"),
        ("birth-date", PartialDate(1990, 6, 5), "5 Jun 1990"),
        ("preg-ended", PartialDate(2021), "2021"),
        ("full-name", "  Siobhán\u00a0\n Ní   Bhriain ", "“Siobhán Ní Bhriain”"),
        ("own-words", "He said “no”.\r\n\r\nI left — 👩‍👩‍👧", "“He said ‘no’. I left — 👩‍👩‍👧”"),
        ("stress", Coding("very"), "Very"),
    ],
)
def test_every_kind_of_answer_in_words(questionnaire: Questionnaire, link_id: str, value: Value, text: str) -> None:
    assert words(questionnaire, link_id, value) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a" * 400, "a" * 400),
        ("a" * 401, "a" * 400 + " […]"),
        ("  " + "a" * 400 + " \n ", "a" * 400),
        ("a" * 398 + "  bcd", "a" * 398 + " b […]"),
        ("a" * 399 + " bcd", "a" * 399 + " […]"),
        ("é" * 401, "é" * 400 + " […]"),
        ("👩" * 401, "👩" * 400 + " […]"),
    ],
)
def test_a_long_quote_is_cut_after_tidying_and_marked(questionnaire: Questionnaire, text: str, shown: str) -> None:
    assert words(questionnaire, "own-words", text, limit=400) == f"“{shown}”"


def test_what_marks_a_cut_is_ours(questionnaire: Questionnaire) -> None:
    assert in_words(questionnaire.item("own-words"), Answer(("a" * 401,)), limit=400) == (
        Part("“", OURS),
        Part("a" * 400, PATIENT),
        Part(" […]”", OURS),
    )


def test_only_white_space_and_curly_double_quotes_are_changed() -> None:
    assert tidied("\t<b>“x”</b> &amp; {value} %s 'y' \"z\" ’ –\u2003") == "<b>‘x’</b> &amp; {value} %s 'y' \"z\" ’ –"


@pytest.mark.parametrize(
    ("number", "thing", "text"),
    [
        (0, "week", "0 weeks"),
        (1, "week", "1 week"),
        (2, "baby", "2 babies"),
        (2, "living child", "2 living children"),
        (2, "waiting for test", "2 waiting for test"),
        (1, "result not said", "1 result not said"),
        (3, "pregnancy of unknown location", "3 pregnancies of unknown location"),
    ],
)
def test_numbers_agree_with_their_word(number: int, thing: str, text: str) -> None:
    assert counted(number, thing) == text


@pytest.mark.parametrize(
    ("template", "number", "result"),
    [
        ("States {value} losses", 1, "States {value} loss"),
        ("States {value} losses", 2, "States {value} losses"),
        ("States {value} pregnancies in all", 1, "States {value} pregnancy in all"),
        ("States {value} embryo transfers", 1, "States {value} embryo transfer"),
        ("Reports {value} weeks", 0, "Reports {value} weeks"),
    ],
)
def test_a_template_agrees_with_its_number(template: str, number: int, result: str) -> None:
    assert agreeing(template, number) == result


# -- sentences ---------------------------------------------------------------------------------------------------------


def test_neighbours_by_the_same_hand_become_one_part() -> None:
    assert sentence("a", "", "b", typed("c"), typed(""), (Part("d", PATIENT), Part("e", OURS)), "f") == (
        Part("ab", OURS),
        Part("cd", PATIENT),
        Part("ef", OURS),
    )
    assert sentence("", typed("")) == ()


def test_what_a_patient_types_is_never_read_as_a_template() -> None:
    assert filled("Says {value}.", value=typed("{value} {other}")) == (
        Part("Says ", OURS),
        Part("{value} {other}", PATIENT),
        Part(".", OURS),
    )


def test_a_template_needs_its_values() -> None:
    with pytest.raises(KeyError):
        filled("Says {value}.")


def test_pieces_are_joined_with_our_separator() -> None:
    assert joined("; ", ["a", typed("b"), "c"]) == (Part("a; ", OURS), Part("b", PATIENT), Part("; c", OURS))
    assert joined("; ", []) == ()


# -- statements --------------------------------------------------------------------------------------------------------


def test_a_statement_is_verbatim_with_line_breaks_and_without_quotes(questionnaire: Questionnaire) -> None:
    text = " He said “no”.\n\n  I left. "
    made = statement(Asked(questionnaire.item("own-words")), Answer((text,)), Voice.CLINICIAN)
    assert made.lines == ((Part(text, PATIENT),),)
    assert (made.link_id, made.entry_id, made.label) == ("own-words", None, "In the patient's words")
    assert made.question == questionnaire.item("own-words").text
    assert (made.reason, made.reason_text) == (None, "")


def test_a_statement_has_one_line_a_value(questionnaire: Questionnaire) -> None:
    item = questionnaire.item("access-needs")
    answer = Answer((Coding("more-time"), Coding("interpreter"), "a chair"))
    assert [text_of(line) for line in statement(Asked(item), answer, Voice.PATIENT).lines] == [
        "An interpreter",
        "Extra time",
        "a chair",
    ]
    assert [text_of(line) for line in statement(Asked(item), answer, Voice.CLINICIAN).lines] == [
        "interpreter",
        "extra time",
        "a chair",
    ]


def test_a_statement_names_its_entry(questionnaire: Questionnaire) -> None:
    asked = Asked(questionnaire.item("preg-weeks"), Entry("e1"), 1, questionnaire.item("pregnancies"))
    assert statement(asked, Answer((8,)), Voice.PATIENT).entry_id == "e1"


@pytest.mark.parametrize(
    ("answer", "blank", "reason", "patient", "clinician"),
    [
        (Answer(), "left-blank", "left-blank", "Left blank", "left blank"),
        (Answer(), "not-reached", "not-reached", "Page not opened yet", "not reached"),
        (Answer(), "in-person", "in-person", "I will tell you in person", "will say in person"),
        (Answer((), AbsentReason.ASKED_UNKNOWN), "in-person", "asked-unknown", "I don't know", "does not know"),
        (
            Answer((), AbsentReason.ASKED_DECLINED),
            "not-reached",
            "asked-declined",
            "I'd rather not say",
            "prefers not to say",
        ),
    ],
)
def test_a_statement_says_why_there_is_no_answer(
    questionnaire: Questionnaire, answer: Answer, blank: str, reason: str, patient: str, clinician: str
) -> None:
    asked = Asked(questionnaire.item("pregnancy-count"))
    for voice, text in ((Voice.PATIENT, patient), (Voice.CLINICIAN, clinician)):
        made = statement(asked, answer, voice, blank=NoAnswer(blank))
        assert (made.lines, made.reason, made.reason_text) == ((), reason, text)


@pytest.mark.parametrize("voice", Voice)
def test_each_of_the_six_reasons_reads_otherwise(voice: Voice) -> None:
    assert len({reason_in_words(reason, voice).lower() for reason in NoAnswer}) == 6


def test_a_value_beside_a_ticked_reason_is_shown_with_it(questionnaire: Questionnaire) -> None:
    made = statement(
        Asked(questionnaire.item("pregnancy-count")), Answer((3,), AbsentReason.ASKED_UNKNOWN), Voice.PATIENT
    )
    assert ([text_of(line) for line in made.lines], made.reason_text) == (["3"], "I don't know")
