"""The summary as text to paste: each line a label and its value, in the page's order, nothing of ours between."""

from __future__ import annotations

import re
from dataclasses import replace

from intake.consultations.rules import summarise
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.values import Answer
from intake.summary.model import Summary, SummarySettings
from intake.summary.statement import plain_text, text_of
from intake.summary.text import as_text
from tests.factories import SENT_ON
from tests.fhir.patients import Patient, patient

PATIENTS = range(60)
FORGED = "calm\nReference: 0000-0000\r\nHighlights: cured\u2028Source: herself\u2029x\x85y"
"""A text that would be lines of its own, were its line breaks kept."""


def summary_of(questionnaire: Questionnaire, one: Patient) -> Summary:
    return summarise(questionnaire, one.response, settings=SummarySettings(), today=SENT_ON, way=one.way)


def lines_of(made: Summary) -> list[str]:
    written = as_text(made, "7KQ4-M2XD", SENT_ON)
    assert written.endswith("\n")
    return written[:-1].split("\n")


def test_every_line_is_a_label_and_a_value_and_the_last_says_where_it_comes_from(questionnaire: Questionnaire) -> None:
    for seed in PATIENTS:
        lines = lines_of(summary_of(questionnaire, patient(questionnaire, seed)))
        assert [line for line in lines if not re.fullmatch(r"[^:\s][^:]*: \S.*", line)] == []
        assert [line for line in lines if line.startswith("Source: ")] == lines[-1:]
        assert "nk-intake 1.2.0" in lines[-1]
        assert "Reference: 7KQ4-M2XD" in lines


def test_no_line_begins_with_the_number_of_a_rule(questionnaire: Questionnaire) -> None:
    found = 0
    for seed in PATIENTS:
        made = summary_of(questionnaire, patient(questionnaire, seed, texts=("amber",)))
        rules = {highlight.rule for highlight in made.highlights}
        found += len(rules)
        text = as_text(made, "7KQ4-M2XD", SENT_ON)
        assert {rule for rule in rules if rule in text} == set()
    assert found > len(PATIENTS)


def test_highlights_and_events_stand_in_the_order_of_the_page(questionnaire: Questionnaire) -> None:
    for seed in PATIENTS:
        made = summary_of(questionnaire, patient(questionnaire, seed))
        rest = iter(lines_of(made))
        for event in (*made.timeline.events, *made.timeline.undated):
            assert any(line.endswith(f"{event.kind}: {plain_text(event.facts)}") for line in rest), event
        for highlight in made.highlights:
            assert any(line.endswith(f": {plain_text(highlight.sentence)}") for line in rest), highlight


def test_a_text_with_line_breaks_makes_no_line_of_its_own(questionnaire: Questionnaire) -> None:
    one = patient(questionnaire, 3)
    asked = [item for item in questionnaire.walk() if item.type in ("string", "text") and item.is_question]
    own = {item.link_id: Answer((FORGED,)) for item in asked if questionnaire.list_of(item.link_id) is None}
    lines = lines_of(summary_of(questionnaire, replace(one, response=one.response.with_answers(own))))
    joined = [line for text in lines for line in text.splitlines()]
    assert joined == lines
    assert [line for line in lines if line.startswith(("Reference: ", "Source: "))] == [
        "Reference: 7KQ4-M2XD",
        lines[-1],
    ]
    assert any("cured" in line for line in lines)


def test_a_name_says_the_same_as_the_page(questionnaire: Questionnaire) -> None:
    made = summary_of(questionnaire, patient(questionnaire, 5, texts=("Zoë O’Brien",)))
    assert lines_of(made)[0] == f"Name: {text_of(made.name)}"
