"""The one page of a form without rules of its own: who answered, every answer by section, what was not answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from intake.questionnaire.model import Item, Questionnaire
from intake.questionnaire.roles import ItemRole
from intake.summary.model import LabelledLine, Section, Summary, SummarySettings
from intake.summary.not_answered import NoGap, not_answered
from intake.summary.patient_answers import PatientAnswers
from intake.summary.statement import Sentence, filled, joined, sentence

_BESIDE_THE_NAME = (ItemRole.ADDRESS_AS, ItemRole.BIRTH_DATE, ItemRole.COUNTRY, ItemRole.RESPONDENT)
_LANGUAGES = {"en": "English", "es": "Spanish", "fr": "French"}


def plain_page(answers: PatientAnswers, _settings: SummarySettings, _today: date) -> Summary:
    """The summary of answers about which no rule says anything."""
    return Summary(
        questionnaire=answers.questionnaire.canonical,
        name=name_of(answers),
        header=tuple(_header(answers)),
        not_answered=not_answered(answers, NoGap()),
        sections=tuple(_sections(answers)),
    )


def name_of(answers: PatientAnswers) -> Sentence:
    """The patient's name as it was typed; empty where the form does not ask for it."""
    item = answers.questionnaire.by_role.get(ItemRole.NAME)
    return answers.words(item.link_id, quotes=False) if item else ()


def _header(answers: PatientAnswers) -> Iterator[LabelledLine]:
    """What stands beside the name, the form and its language last."""
    questionnaire = answers.questionnaire
    for role in _BESIDE_THE_NAME:
        item = questionnaire.by_role.get(role)
        if item and (words := answers.words(item.link_id, quotes=False)):
            yield LabelledLine(item.link_id, item.label, words)
    yield LabelledLine(None, "Form", sentence(f"{questionnaire.id} {questionnaire.version}"))
    language = answers.response.language
    yield LabelledLine(None, "Form language", sentence(_LANGUAGES.get(language, language)))


def _shown_in_header(questionnaire: Questionnaire) -> frozenset[str]:
    """The questions whose answers stand there: the name, and what is beside it."""
    roles = (questionnaire.by_role.get(role) for role in (ItemRole.NAME, *_BESIDE_THE_NAME))
    return frozenset(item.link_id for item in roles if item)


def _sections(answers: PatientAnswers) -> Iterator[Section]:
    above = _shown_in_header(answers.questionnaire)
    for section in answers.questionnaire.sections:
        lines = [line for line in _lines(answers, section) if line.link_id not in above]
        if lines:
            yield Section(section.text, tuple(lines), two_columns=True)


def _lines(answers: PatientAnswers, section: Item) -> Iterator[LabelledLine]:
    """Each answer, and each entry of a list in one line; names, addresses and numbers stand without quotation marks."""
    for together in answers.shown.groups_in([section]):
        given = ((one.item, answers.words(one.item.link_id, one.entry, quotes=not one.item.role)) for one in together)
        said = [(item, words) for item, words in given if words]
        if (rows := together[0].rows) is None:
            yield from (LabelledLine(item.link_id, item.label, words) for item, words in said)
        else:
            fields = (filled("{label}: {words}", label=item.label, words=words) for item, words in said)
            yield LabelledLine(rows.link_id, f"{together[0].entry_name}", joined(". ", fields))
