"""The one patient who walks through both apps: what she answers, and which questions she is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Final

from intake.consultations import catalogue
from intake.consultations.rules import open_checks
from intake.questionnaire import synthetic
from intake.questionnaire.enable_when import Shown
from intake.questionnaire.model import Item
from intake.questionnaire.response import QuestionnaireResponse
from intake.summary.model import SummarySettings
from tests.factories import form_data, random_response

FORM: Final = "questionnaire"
Data = list[tuple[str, str]]


@cache
def answers() -> QuestionnaireResponse:
    """The first random patient whose answers raise no gentle check, with empty lists: each page is one step in both
    apps."""
    questionnaire = catalogue.shipped().active
    for seed in count():
        response = random_response(questionnaire, seed, words=synthetic.invented_words, blank=0.3)
        for rows in questionnaire.lists:
            for entry in response.rows(rows.link_id):
                response = response.without_entry(rows.link_id, entry.id)
        if not open_checks(questionnaire, response, settings=SummarySettings(), today=datetime.now(UTC).date()):
            return response
    raise AssertionError("count() never ends")


def pages_asked() -> list[tuple[Item, list[Item]]]:
    """The pages that ask her something, with the stand-alone questions that she is asked there."""
    questionnaire = catalogue.shipped().active
    shown = Shown(questionnaire, answers())
    asked = (
        (page, [item for item in page.questions() if shown.is_shown(item)]) for page in catalogue.shipped().active.pages
    )
    return [(page, items) for page, items in asked if items]


@cache
def typed() -> dict[str, Data]:
    """What she types, by question."""
    return {
        item.link_id: form_data(item, answers().answer(item.link_id)) for _, items in pages_asked() for item in items
    }


def said_of(link_ids: Iterator[str]) -> Data:
    """What she types into these questions."""
    return [pair for link_id in link_ids for pair in typed().get(link_id, [])]
