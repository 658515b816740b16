"""Where a line of the page leads, and what is said where a form's file is gone."""

from __future__ import annotations

from intake.consultations.catalogue import FormMissing
from intake.consultations.rules import summarise
from intake.questionnaire.model import Questionnaire
from intake.summary.model import SummarySettings
from intake.summary.text import as_text
from tests.factories import SENT_ON, response_of
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


def test_that_more_than_one_had_the_transfers_stands_on_the_page_beside_what_is_listed(
    questionnaire: Questionnaire,
) -> None:
    rows = [{"transfer-result": "negative", "transfer-carrier": "me", "transfer-embryos": 1}] * 2
    said = {
        "visit-reasons": ["ivf-not-worked"],
        "fertility-treatments": ["ivf"],
        "ever-pregnant": "no",
        "transfers-who": "more",
        "transfers": rows,
    }
    made = summarise(questionnaire, response_of(questionnaire, said), settings=SummarySettings(), today=SENT_ON)
    assert "more than one person" in as_text(made, "7KQ4-M2XD", SENT_ON)
