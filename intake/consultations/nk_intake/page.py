"""The one page of this form, in its order (clinical.md 3.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date

from intake.consultations.nk_intake.checks import RULES
from intake.consultations.nk_intake.counts import box_of, counts_of, without_switched_off
from intake.consultations.nk_intake.highlights import HighlightInput, highlights_of
from intake.consultations.nk_intake.timeline import timeline_of
from intake.consultations.nk_intake.words import agreeing
from intake.questionnaire.absence import PagesVisited
from intake.questionnaire.model import Item
from intake.summary.checks import CheckInput, open_checks
from intake.summary.model import CheckLine, LabelledLine, Section, Summary, SummarySettings, SummaryTable
from intake.summary.not_answered import NoGap, not_answered
from intake.summary.patient_answers import PatientAnswers, age_on
from intake.summary.plain import header_of, name_of, shown_in_header
from intake.summary.statement import CUT_AT, Sentence, filled

WANTS_HEADING, TESTS_HEADING, REST_HEADING = "What the patient wants", "Tests", "Health, medicines, family, daily life"
WANTS = ("visit-reasons", "hopes", "top-questions", "own-words", "nk-knowledge", "nk-goals")
TESTS = ("tests-had", "tests-told")
TESTS_TABLE = {
    "Test": "test-kind",
    "Date": "test-date",
    "Told": "test-told",
    "As written": "test-value",
    "Lab": "test-place",
}
_IN_BOX = frozenset({"transfer-count", "egg-collections", "embryos-stored"})
_WITHOUT_QUOTES = frozenset({"respondent-name", "email", "phone"})
"""Typed texts that stand without quotation marks (clinical.md 2.1, x-phrase), those of the header apart."""
_SAYS_LITTLE = frozenset({"Reports", "Adds"})
"""Beginnings of a phrase that name nothing by themselves."""
NO_GAP = NoGap(
    fine=frozenset({"address-as", "preg-weeks-band"}),
    answered_by={"preg-weeks": "preg-weeks-band"},
    closed_by_declining=frozenset({"pregnancies"}),
)


def one_page(answers: PatientAnswers, settings: SummarySettings, today: date, way: PagesVisited) -> Summary:
    """The summary of a response. `today` is the day of sending at the clinic."""
    checks = open_checks(RULES, CheckInput(answers, settings, today))
    birth = answers.answer("birth-date").date
    age = age_on(birth.first, today) if birth else None
    counts = counts_of(answers, viability_weeks=settings.viability_weeks, age=age)
    groups = highlights_of(HighlightInput(answers, counts, checks, settings))
    missing = not_answered(answers, way, NO_GAP)
    box = box_of(answers.questionnaire, counts, settings)
    elsewhere = {
        *shown_in_header(answers.questionnaire),
        *WANTS,
        *TESTS,
        *(link_id for group in groups for highlight in group.highlights for link_id in highlight.tells),
        *(one.link_id for one in missing.said if one.entry_id is None),
        *(_IN_BOX if box else ()),
    }
    return Summary(
        questionnaire=answers.questionnaire.canonical,
        name=name_of(answers),
        header=tuple(header_of(answers, age)),
        not_answered=missing,
        wants=Section(WANTS_HEADING, tuple(_lines(answers, WANTS, limit=CUT_AT))),
        groups=groups,
        box=box,
        timeline=timeline_of(answers),
        sections=tuple(_sections(answers, elsewhere)),
        checks=tuple(CheckLine(check.rule, check.clinician) for check in checks if check.clinician is not None),
        counts=without_switched_off(counts, settings),
    )


def _sections(answers: PatientAnswers, elsewhere: Collection[str]) -> Iterator[Section]:
    """Each stand-alone answer that stands nowhere else has a line in the last."""
    rows = answers.rows("immune-tests")
    cells = tuple(tuple(answers.words(link_id, row) for link_id in TESTS_TABLE.values()) for row in rows)
    tests = Section(
        TESTS_HEADING, tuple(_lines(answers, TESTS)), SummaryTable(tuple(TESTS_TABLE), cells) if cells else None
    )
    asked = (item.link_id for page in answers.questionnaire.pages for item in page.questions())
    lines = tuple(_lines(answers, (link_id for link_id in asked if link_id not in elsewhere)))
    rest = Section(REST_HEADING, lines, two_columns=True)
    return (section for section in (tests, rest) if section.lines or section.table)


def _lines(answers: PatientAnswers, link_ids: Iterable[str], limit: int | None = None) -> Iterator[LabelledLine]:
    """One line for each of these questions that was answered."""
    for link_id in link_ids:
        if answers.answer(link_id).answered:
            item = answers.questionnaire.item(link_id)
            yield LabelledLine(link_id, _head(item), _phrase(answers, item, limit))


def _head(item: Item) -> str:
    """What stands beside a line: the beginning of its phrase, `Reports trying for`, or else the item's label."""
    head, _, rest = item.phrase.partition(": ")
    return head if rest in ("{value}", "“{value}”") and head not in _SAYS_LITTLE else item.label


def _phrase(answers: PatientAnswers, item: Item, limit: int | None) -> Sentence:
    """The item's x-phrase with the answer in words; typed text is in quotation marks once, an option never (2.1)."""
    number = answers.number(item.link_id)
    phrase = item.phrase if number is None else agreeing(item.phrase, number)
    if answers.answer(item.link_id).own_words is None:
        phrase = phrase.replace("“{value}”", "{value}")
    quotes = item.link_id not in _WITHOUT_QUOTES and "“{value}”" not in phrase
    return filled(phrase, value=answers.words(item.link_id, quotes=quotes, limit=limit))
