"""The one patient who walks through both apps: what she answers, and which questions she is asked."""

from __future__ import annotations

import random
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
def answers(lists: int = 0) -> QuestionnaireResponse:
    """The first random patient whose answers raise no gentle check, with empty lists: each page is one step in both
    apps. She is shown so many lists at least."""
    questionnaire = catalogue.shipped().active
    for seed in count():
        response = random_response(questionnaire, seed, words=synthetic.invented_words, blank=0.3)
        for rows in questionnaire.lists:
            for entry in response.rows(rows.link_id):
                response = response.without_entry(rows.link_id, entry.id)
        if sum(Shown(questionnaire, response).is_shown(rows) for rows in questionnaire.lists) < lists:
            continue
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
def typed(lists: int = 0) -> dict[str, Data]:
    """What she types, by question."""
    said = answers(lists).answers
    return {link_id: form_data(catalogue.shipped().active.item(link_id), said[link_id]) for link_id in said}


@cache
def typed_in_entries() -> dict[str, Data]:
    """What she types into the fields of lists, the same in each entry."""
    chance = random.Random(7)
    fields = (field for rows in catalogue.shipped().active.lists for field in rows.walk() if field.is_question)
    return {
        field.link_id: form_data(field, synthetic.random_answer(field, chance, synthetic.invented_words))
        for field in fields
    }


def said_of(link_ids: Iterator[str], lists: int = 0) -> Data:
    """What she types into these questions."""
    said = typed(lists) | typed_in_entries()
    return [pair for link_id in link_ids for pair in said.get(link_id, [])]
