"""The eight acceptance cases give the highlights and counts that were set by hand, word for word."""

from __future__ import annotations

import pytest

from intake.consultations.rules import summarise
from intake.questionnaire.model import Questionnaire
from intake.summary.model import Summary, SummarySettings
from intake.summary.statement import text_of
from tests.consultations.patients import wants_of
from tests.factories import SENT_ON, Scenario, scenarios

CASES = scenarios()
ids = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)


def summary_of(questionnaire: Questionnaire, case: Scenario, *, reverse_rows: bool = False) -> Summary:
    response = case.response(questionnaire, reverse_rows=reverse_rows)
    return summarise(questionnaire, response, settings=SummarySettings(), today=SENT_ON)


def test_there_are_eight_cases() -> None:
    assert [case.id for case in CASES] == [f"open-{number}" for number in range(1, 9)]


@ids
def test_highlights_are_equal_word_for_word_and_in_order(questionnaire: Questionnaire, case: Scenario) -> None:
    made = summary_of(questionnaire, case)
    assert tuple((one.rule, text_of(one.sentence)) for one in made.highlights) == case.highlights


@ids
def test_counts_are_equal(questionnaire: Questionnaire, case: Scenario) -> None:
    assert summary_of(questionnaire, case).counts == case.counts | {"age": case.age, "viability_weeks": 20}


@ids
def test_rows_entered_in_reversed_order_give_equal_counts(questionnaire: Questionnaire, case: Scenario) -> None:
    assert summary_of(questionnaire, case, reverse_rows=True).counts == summary_of(questionnaire, case).counts


def test_the_timelines_of_open_2_and_open_6_are_those_of_clinical_md(questionnaire: Questionnaire) -> None:
    def lines(case_id: str) -> list[tuple[str, str, str]]:
        made = summary_of(questionnaire, next(case for case in CASES if case.id == case_id))
        return [
            (event.date_in_words, event.kind, text_of(event.facts))
            for event in (*made.timeline.events, *made.timeline.undated)
        ]

    assert lines("open-2") == [
        ("2021", "Embryo transfer", "negative test, 1 embryo, own egg, fresh, day 2 or 3, PGT-A: not tested"),
        (
            "2022",
            "Embryo transfer",
            "negative test, 2 embryos, own egg, frozen, eggs collected 2021, day 5 or 6, PGT-A: not tested",
        ),
        ("Jun 2024", "Embryo transfer", "negative test, 1 embryo, donor egg, fresh, day 5 or 6"),
        (
            "14 Jan 2026",
            "Embryo transfer",
            "very early loss, 1 embryo, donor egg, frozen, day 5 or 6, with steroids; Intralipid",
        ),
        (
            "Jan 2026",
            "Pregnancy",
            "very early loss, 5 weeks, with IVF or an embryo transfer, donor egg, chromosome test: no",
        ),
    ]
    assert lines("open-6") == [
        ("2016", "Pregnancy", "miscarriage, weeks not given"),
        ("", "Pregnancy", "miscarriage, about 6 to 9 weeks"),
        ("", "Pregnancy", "details in full answers"),
    ]


def test_the_patients_words_of_open_5_stand_only_in_a_quote(questionnaire: Questionnaire) -> None:
    words = "I am scared of losing this baby too."
    made = summary_of(questionnaire, CASES[4])
    assert [(part.text, part.by) for line in wants_of(made) for part in line.sentence if words in part.text] == [
        (words, "patient")
    ]
    assert all(words not in text_of(one.sentence) for one in made.highlights)


def test_open_3_is_never_called_she() -> None:
    made = " ".join(text for _, text in CASES[2].highlights).lower().split()
    assert not {"she", "her", "woman", "mother", "female"} & set(made)
