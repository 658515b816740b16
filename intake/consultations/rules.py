"""What only one form knows, looked up by its url; a form without rules of its own has those that any form needs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Protocol

from intake.questionnaire import synthetic
from intake.questionnaire.absence import PagesVisited
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.placeholders import Placeholder, with_texts_filled
from intake.questionnaire.response import QuestionnaireResponse
from intake.questionnaire.roles import Annotations
from intake.questionnaire.synthetic import Patient
from intake.summary.checks import FOR_ANY_FORM, Check, CheckInput, CheckRule
from intake.summary.checks import open_checks as open_checks_of
from intake.summary.chosen_words import WordsQuestion, in_a_text
from intake.summary.model import DerivedCount, Summary, SummarySettings
from intake.summary.patient_answers import PatientAnswers
from intake.summary.plain import plain_page
from intake.summary.statement import Sentence, plain_text

OnePage = Callable[[PatientAnswers, SummarySettings, date], Summary]


class InventedPatient(Protocol):
    """Fills in a form, sent or left on the way; the same chance gives the same answers."""

    def __call__(self, questionnaire: Questionnaire, chance: random.Random, /, *, sent: bool) -> Patient: ...


@dataclass(frozen=True, slots=True)
class Folding:
    """Codes of one question of a list that exports write alike, as `code`, while the export group `group` is off."""

    question: str
    codes: frozenset[str]
    code: str
    words: str
    group: str


@dataclass(frozen=True)
class Rules:
    """All that the program asks about a form beyond the form itself.

    `messages` are sentences for a required question without an answer, by linkId; `needs` says what a version lacks
    that its rules read, as (linkId, what is wrong); `annotations` are roles and meanings that a version's file lacks;
    `weeks` are the linkIds of numbers of weeks, which many people write with days, as “8+3”;
    `patient` fills it in as a patient who does not exist.
    """

    one_page: OnePage = plain_page
    checks: tuple[CheckRule, ...] = FOR_ANY_FORM
    words_question: WordsQuestion | None = None
    messages: Mapping[str, str] = field(default_factory=dict)
    derived: Callable[[Questionnaire], Iterable[DerivedCount]] = lambda _questionnaire: ()
    folding: Folding | None = None
    needs: Callable[[Questionnaire], Iterator[tuple[str, str]]] = lambda _questionnaire: iter(())
    annotations: Mapping[str, Annotations] = field(default_factory=dict)
    weeks: frozenset[str] = frozenset()
    patient: InventedPatient = synthetic.patient


_NONE = Rules()


@cache
def _by_url() -> Mapping[str, Rules]:
    from intake.consultations import nk_intake  # it is made of what stands here

    return {nk_intake.URL: nk_intake.RULES}


def rules_for(questionnaire: Questionnaire) -> Rules:
    """The rules of a form, whichever its version."""
    return _by_url().get(questionnaire.url, _NONE)


def summarise(
    questionnaire: Questionnaire,
    response: QuestionnaireResponse,
    *,
    settings: SummarySettings,
    today: date,
    way: PagesVisited | None = None,
) -> Summary:
    """The summary of a response, which may be a whole draft: answers to hidden questions play no part.

    `today` is the day of sending at the clinic. `way` says how far the patient came; with it, what was not
    reached and what is to be told in person are told from what was left blank.
    """
    answers = PatientAnswers(questionnaire, response, way or PagesVisited())
    return rules_for(questionnaire).one_page(answers, settings, today)


def open_checks(
    questionnaire: Questionnaire,
    response: QuestionnaireResponse,
    *,
    settings: SummarySettings,
    today: date,
    way: PagesVisited | None = None,
) -> tuple[Check, ...]:
    """All open checks of a draft, for the patient's notices. `today` is the day at the clinic, `way` as above."""
    given = CheckInput(PatientAnswers(questionnaire, response, way or PagesVisited()), settings, today)
    return open_checks_of(rules_for(questionnaire).checks, given)


def chosen_words(questionnaire: Questionnaire, response: QuestionnaireResponse) -> Sentence:
    """The words that the patient chose for a loss; empty if none were, or if the form does not ask."""
    question = rules_for(questionnaire).words_question
    return question.chosen(questionnaire, response) if question else ()


def worded(questionnaire: Questionnaire, response: QuestionnaireResponse) -> Questionnaire:
    """The questionnaire as this patient reads it: `{loss_words}` of titles, questions and help filled in."""
    if not questionnaire.holds_placeholders:  # asked at every request of a patient
        return questionnaire
    words = plain_text(in_a_text(chosen_words(questionnaire, response)))
    return with_texts_filled(questionnaire, {Placeholder.LOSS_WORDS: words})
