"""Random patients of every kind that FHIR JSON must tell apart: pages never opened or left for the visit, and answers
kept beside their opposite."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from intake.questionnaire.absence import PagesVisited
from intake.questionnaire.enable_when import as_sent
from intake.questionnaire.fhir_json import response_to_json
from intake.questionnaire.journey import Journey
from intake.questionnaire.model import Item, Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from intake.questionnaire.values import AbsentReason, Answer, Coding
from tests.factories import TEXTS, in_option_order, random_response

RESPONSES = 500
SENT_AT = datetime(2026, 11, 22, 8, 51, 7, tzinfo=UTC)


@dataclass(frozen=True)
class Patient:
    """What somebody sent, and how far they came."""

    questionnaire: Questionnaire
    response: QuestionnaireResponse
    way: PagesVisited

    @property
    def as_json(self) -> dict[str, Any]:
        """The response as the clinic serves it."""
        return response_to_json(self.questionnaire, self.response, blanks=True, way=self.way)


def patient(questionnaire: Questionnaire, seed: int, *, texts: Sequence[str] = TEXTS) -> Patient:
    """The same seed, the same patient (ids of entries differ), who types from these texts."""
    chance = random.Random(seed)
    answered = random_response(questionnaire, seed, texts=texts, blank=(seed % 10) / 10)
    response = as_sent(questionnaire, with_both_kept(questionnaire, answered, chance))
    sent = replace(response, status="completed", authored=SENT_AT)
    return Patient(questionnaire, sent, _way(questionnaire, sent, chance))


def with_both_kept(
    questionnaire: Questionnaire, response: QuestionnaireResponse, chance: random.Random
) -> QuestionnaireResponse:
    """The same, with every tenth answer that can be kept beside its opposite kept so."""
    for link_id, entry, answer in list(response.said()):
        if chance.random() < 0.1:
            both = _both(questionnaire.item(link_id), answer)
            rows = questionnaire.list_of(link_id)
            if entry is None or rows is None:
                response = response.with_answers({link_id: both})
            else:
                response = response.with_entry(rows.link_id, entry.id, {link_id: both})
    return response


def _both(item: Item, answer: Answer) -> Answer:
    if answer.answered and (item.unknown or item.decline):
        return replace(answer, absent=AbsentReason.ASKED_UNKNOWN if item.unknown else AbsentReason.ASKED_DECLINED)
    if answer.answered and item.exclusive and not answer.has(item.exclusive):
        return Answer(in_option_order(item, [*answer.values, Coding(item.exclusive[0])]))
    return answer


def _way(questionnaire: Questionnaire, response: QuestionnaireResponse, chance: random.Random) -> PagesVisited:
    """Pages with something required were saved; of the others most, and some of them to be told about in person."""
    free = [page for page in Journey(questionnaire, response).pages if not any(one.required for one in page.walk())]
    left = {page.link_id for page in free if chance.random() < 0.3}
    in_person = {page.link_id for page in free if page.link_id not in left and chance.random() < 0.2}
    return PagesVisited(frozenset(page.link_id for page in questionnaire.pages) - left, frozenset(in_person))
