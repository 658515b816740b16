"""A form without rules of its own has its one page all the same: who, every answer by section, and what was not
answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

from intake.consultations.rules import open_checks, rules_for, summarise
from intake.questionnaire.absence import PagesVisited
from intake.questionnaire.response import QuestionnaireResponse
from intake.summary.model import Summary, SummarySettings
from intake.summary.statement import text_of
from tests.factories import SENT_ON, as_answer, random_response
from tests.questionnaire.forms import page, question, tiny
from tests.summary.forms import plain_form

FORM = plain_form()
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "summary.schema.json").read_text(encoding="utf-8"))
ANSWERS: dict[str, Any] = {"who": " Ada  “A” Example", "born": "1990-06-15", "town": "Cork", "coming": ["walk", "bus"]}
TAKING = [{"what": "Iron", "since": "2020-03"}, {"what": "Tea", "since": {"absent": "asked-unknown"}}]


def said(*rows: dict[str, Any], **answers: Any) -> QuestionnaireResponse:
    response = QuestionnaireResponse(FORM.canonical)
    for link_id, written in answers.items():
        response = response.with_answers({link_id: as_answer(FORM.item(link_id), written)})
    for number, row in enumerate(rows, 1):
        fields = {name: as_answer(FORM.item(name), value) for name, value in row.items()}
        response = response.with_entry("taking", f"e{number}", fields)
    return response


def summary(*rows: dict[str, Any], way: PagesVisited | None = None, **answers: Any) -> Summary:
    return summarise(FORM, said(*rows, **answers), settings=SummarySettings(), today=SENT_ON, way=way)


def test_who_it_is_stands_at_its_head_and_nothing_is_derived() -> None:
    made = summary(**ANSWERS)
    assert (text_of(made.name), [part.by.value for part in made.name]) == ("Ada ‘A’ Example", ["patient"])
    assert [(line.label, text_of(line.sentence)) for line in made.header] == [
        ("Born", "15 Jun 1990"),
        ("Form", "first-visit-test 2.3.4"),
        ("Form language", "English"),
    ]
    assert (made.wants, made.groups, made.box, dict(made.counts)) == (None, (), None, {})
    assert (made.timeline.events, made.timeline.undated, made.checks) == ((), (), ())


def test_every_answer_stands_in_its_section_with_a_line_for_each_entry() -> None:
    made = summary(*TAKING, **ANSWERS, more="Nothing\nelse", sure="true")
    assert [
        (section.heading, [(line.label, text_of(line.value)) for line in section.lines]) for section in made.sections
    ] == [
        ("About you", [("Town", "“Cork”"), ("Comes", "By bus; walking")]),
        (
            "Medicines",
            [
                ("Medicine 1", "Called: “Iron”. Since: Mar 2020"),
                ("Medicine 2", "Called: “Tea”"),
                ("Else", "“Nothing else”"),
            ],
        ),
        ("Finish", [("Statement", "Yes")]),
    ]


def test_what_was_not_answered_stands_under_its_reason() -> None:
    made = summary(TAKING[1], who="Ada", coming="declined", way=PagesVisited(("p1", "p2"))).not_answered
    assert [one.label for one in made.blank] == ["Born", "Town"]
    assert [(one.label, one.entry_id) for one in made.unknown] == [("Medicine 1: Since", "e1")]
    assert [one.label for one in made.declined] == ["Comes"]
    assert [one.label for one in summary(who="Ada", way=PagesVisited(("p1",))).not_answered.not_reached] == [
        "What do you take?"
    ]


def test_it_is_kept_exactly_and_its_json_keeps_to_the_schema() -> None:
    for seed in range(30):
        response = random_response(FORM, seed)
        made = summarise(FORM, response, settings=SummarySettings(), today=SENT_ON)
        assert Summary.from_document(json.loads(json.dumps(made.to_document()))) == made
        jsonschema.validate(made.as_json("7KQ4-M2XD"), SCHEMA, cls=jsonschema.Draft202012Validator)


def test_its_patient_is_asked_about_what_any_form_can_get_wrong() -> None:
    found = open_checks(
        FORM, said({"what": "Iron", "since": "2030"}, coming=["none", "bus"]), settings=SummarySettings(), today=SENT_ON
    )
    assert [(check.rule, check.heading, text_of(check.patient)) for check in found] == [
        ("C-06", "Medicine 1: 2030", "Please check the year."),
        ("C-10", "How do you come?", "You chose “None of these” and something else. Which is right?"),
    ]


def test_no_rule_of_another_form_is_its_own() -> None:
    rules = rules_for(FORM)
    assert (rules.words_question, dict(rules.messages), list(rules.derived(FORM)), rules.folding) == (
        None,
        {},
        [],
        None,
    )
    assert list(rules.needs(FORM)) == []


def test_dates_are_measured_by_the_birth_date_whatever_its_question_is_called() -> None:
    form = tiny(
        page(
            "page-a",
            question("born", "date", x_role="birth-date")
            + question("moved", "date", x_min="birth-date + 10 years", x_max="today", x_partial_date="true")
            + question("looked", "date", x_min="'2020-01-01'", x_max="today"),
        )
    )

    def asked_about(**answers: str) -> list[str]:
        response = QuestionnaireResponse(form.canonical)
        for link_id, written in answers.items():
            response = response.with_answers({link_id: as_answer(form.item(link_id), written)})
        found = open_checks(form, response, settings=SummarySettings(), today=SENT_ON)
        return [place.link_id for check in found for place in check.places]

    assert asked_about(born="1990-06-15", moved="1999", looked="2019-12-31") == ["moved", "looked"]
    assert asked_about(born="1990-06-15", moved="2000", looked="2020-01-01") == []
    assert asked_about(moved="1999", looked="2126-01-01") == ["looked"]
