"""Two thousand random responses, whose patients type nothing but forbidden sentences: what we say about them stays
neutral."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from intake.consultations import catalogue
from intake.consultations.nk_intake import checks, highlights
from intake.consultations.rules import open_checks, summarise
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.values import Answer, Coding, PartialDate
from intake.summary.model import SummarySettings
from tests.fhir.patients import Patient, patient
from tests.neutrality.patterns import FORBIDDEN, Text, scan
from tests.neutrality.places import SENT_ON, in_statements, in_summary
from tests.neutrality.test_our_words import YAML, copied, planted

RESPONSES = 2000
BATCH = 250
TYPED = tuple(FORBIDDEN.values())

STEERED: tuple[dict[str, Answer], ...] = (
    {"birth-date": Answer((PartialDate(2010, 5, 14),))},
    {"email": Answer(), "contact-safe": Answer((Coding("email-only"),))},
)
"""Answers that chance gives too seldom: a patient under 18, for whom many dates are too early; one way of contact only,
and it is not given."""

SETTINGS = (
    SummarySettings(),
    SummarySettings(viability_weeks=24, infection_names=False, gtpal_line=False, medical_reasons=False),
)


def respondent(questionnaire: Questionnaire, seed: int) -> Patient:
    """A random patient who types what we must not say; every tenth is steered."""
    one = patient(questionnaire, seed, texts=TYPED)
    steered = STEERED[seed // 10 % len(STEERED)] if seed % 10 == 0 else {}
    return replace(one, response=one.response.with_answers(steered))


def our_words(questionnaire: Questionnaire, seed: int) -> Iterator[Text]:
    """All that we say about one response: the clinician's page, the gentle checks, every answer beside its question."""
    one = respondent(questionnaire, seed)
    yield from in_summary(questionnaire, one.response, way=one.way, settings=SETTINGS[seed % len(SETTINGS)])
    yield from in_statements(questionnaire, one.response, one.way)


@pytest.mark.parametrize("first", range(0, RESPONSES, BATCH))
def test_what_we_say_is_neutral_whatever_is_answered(questionnaire: Questionnaire, first: int) -> None:
    texts = {text for seed in range(first, first + BATCH) for text in our_words(questionnaire, seed)}
    assert len(texts) > 1000, "the texts were found"
    assert [str(finding) for finding in scan(texts)] == []


def test_every_rule_speaks_of_somebody_among_them(questionnaire: Questionnaire) -> None:
    silent = {rule.id for rule in highlights.RULES} | {rule.id for rule in checks.RULES}
    for seed in range(RESPONSES):
        one = respondent(questionnaire, seed)
        response = one.response
        summary = summarise(questionnaire, response, settings=SETTINGS[0], today=SENT_ON, way=one.way)
        open_now = open_checks(questionnaire, response, settings=SummarySettings(viability_weeks=20), today=SENT_ON)
        silent -= {one.rule for one in summary.highlights} | {one.rule for one in open_now}
        if not silent:
            break
    assert silent == set()


def test_every_option_is_chosen_by_somebody_among_them(questionnaire: Questionnaire) -> None:
    never = {(item.link_id, code) for item in questionnaire.walk() for code in item.option_by_code}
    for seed in range(RESPONSES):
        never -= {
            (link_id, code)
            for link_id, _, answer in respondent(questionnaire, seed).response.said()
            for code in answer.codes
        }
        if not never:
            break
    assert never == set()


def test_what_is_planted_where_few_come_is_found_among_them(tmp_path: Path) -> None:
    folder = copied("questionnaires", tmp_path)
    planted(folder / YAML, "x-short: molar pregnancy", f'x-short: "{FORBIDDEN["N-02"]}"')
    questionnaire = catalogue.load(folder / YAML)
    texts = {
        text for seed in range(400) for text in in_summary(questionnaire, respondent(questionnaire, seed).response)
    }
    assert {finding.pattern for finding in scan(texts)} == {"N-02"}
