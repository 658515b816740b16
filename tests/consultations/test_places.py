"""Where a line of the page leads, and what is said where a form's file is gone."""

from __future__ import annotations

from intake.consultations.catalogue import FormMissing
from intake.consultations.rules import summarise
from intake.questionnaire.model import Questionnaire
from intake.summary.model import SummarySettings
from tests.factories import SENT_ON
from tests.fhir.patients import patient


def test_every_line_of_the_box_leads_to_a_question_or_a_list(questionnaire: Questionnaire) -> None:
    names = {item.link_id for item in questionnaire.walk()}
    led = set[str | None]()
    for seed in range(60):
        one = patient(questionnaire, seed)
        made = summarise(questionnaire, one.response, settings=SummarySettings(), today=SENT_ON, way=one.way)
        led |= {line.link_id for line in made.box.lines} if made.box else set()
    assert led - {None} <= names
    assert {"pregnancies", "transfers"} <= led


def test_a_form_that_is_missing_is_named_with_the_folder_for_it() -> None:
    assert str(FormMissing("https://example.org/form|1.0.0")) == (
        "There is no file of the form https://example.org/form|1.0.0; put it back into the folder questionnaires."
    )
