"""The one page of this form, in its order (clinical.md 3.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from intake.consultations.nk_intake.box import box_of
from intake.consultations.nk_intake.checks import RULES
from intake.consultations.nk_intake.counts import counts_of, without_switched_off
from intake.consultations.nk_intake.highlights import HighlightInput, highlights_of
from intake.consultations.nk_intake.timeline import timeline_of
from intake.consultations.nk_intake.words import agreeing
from intake.questionnaire.model import Item
from intake.questionnaire.values import Answer
from intake.summary.checks import CheckInput, open_checks
from intake.summary.model import CheckLine, LabelledLine, Section, Summary, SummarySettings, SummaryTable
from intake.summary.not_answered import NoGap, not_answered
from intake.summary.patient_answers import PatientAnswers, age_on
from intake.summary.plain import name_of
from intake.summary.statement import CUT_AT, Sentence, filled, sentence

WANTS_HEADING: Final = "What the patient wants"
TESTS_HEADING: Final = "Tests"
REST_HEADING: Final = "Health, medicines, family, daily life"
ALSO_HEADING: Final = "Also answered"
HEADER = {"address-as": "Called", "birth-date": "Date of birth"}
"""What stands beside the name, with its label."""
WANTS = ("hopes", "top-questions", "own-words", "nk-knowledge", "nk-goals")
TESTS_HAD: Final = "tests-had"
TESTS_TABLE = {
    "Test": "test-kind",
    "Date": "test-date",
    "Told": "test-told",
    "As written": "test-value",
    "Lab": "test-place",
}
TICK_OF: Final[Mapping[str, str]] = {
    "nk-blood-number": "nk-blood",
    "nk-blood-activity": "nk-blood",
    **dict.fromkeys(("cytokines", "hla-kir", "ana", "lymphocytes"), "other-immune"),
}
"""The tick of `tests-had` that a kind of test belongs to, where it has another code."""
COUNTED: Final = ("egg-collections", "embryos-stored")
"""What the box says of these, it says whole."""
FRONT_DESK: Final = frozenset(
    ("consent", "declare", "email", "phone", "country", "respondent", "respondent-name", "respondent-relationship")
) | frozenset(("respondent-permission", "pregnancy-count", "loss-count", "transfer-count"))
"""Answers that stand in the fold whatever they are: for the front desk, or stated numbers that the box compares."""
NEGATIVE: Final = frozenset({"none", "no", "not-now", "not-applicable", "no-preference", "0", "none-tried"})
"""Codes of “none”, “no”, “not now” and “does not apply”: what is denied is folded, never lost."""
NOT_SAID: Final = frozenset({"unknown", "not-sure", "declined"})
ANY_WAY: Final = ("contact-safe", "any")
_WITHOUT_QUOTES = frozenset({"respondent-name", "email", "phone", "address-as"})
"""Typed texts that stand without quotation marks (clinical.md 2.1, x-phrase)."""
_SAYS_LITTLE = frozenset({"Reports", "Adds"})
"""Beginnings of a phrase that name nothing by themselves."""
NO_GAP = NoGap(
    fine=frozenset({"address-as", "preg-weeks-band"}),
    answered_by={"preg-weeks": "preg-weeks-band"},
    closed_by_declining=frozenset({"pregnancies"}),
)


def one_page(answers: PatientAnswers, settings: SummarySettings, today: date) -> Summary:
    """The summary of a response. `today` is the day of sending at the clinic."""
    checks = open_checks(RULES, CheckInput(answers, settings, today))
    birth = answers.answer("birth-date").date
    age = age_on(birth.first, today) if birth else None
    counts = counts_of(answers, viability_weeks=settings.viability_weeks, age=age)
    printed = without_switched_off(counts, settings)
    groups = highlights_of(HighlightInput(answers, printed, checks, settings))
    box = box_of(answers, counts, settings)
    told = {link_id for group in groups for highlight in group.highlights for link_id in highlight.tells}
    told |= _told_by_box(answers, counts) if box else set()
    rows = answers.rows("immune-tests")
    tests = Section(TESTS_HEADING, tuple(_other_tests(answers)), _table(answers) if rows else None)
    rest = Section(REST_HEADING, tuple(_lines(answers, _affirmed(answers, told))), two_columns=True)
    return Summary(
        questionnaire=answers.questionnaire.canonical,
        name=name_of(answers),
        header=tuple(_header(answers, age)),
        not_answered=not_answered(answers, NO_GAP),
        wants=Section(WANTS_HEADING, tuple(_lines(answers, _wanted(answers), limit=CUT_AT))),
        groups=groups,
        box=box,
        timeline=timeline_of(answers),
        sections=tuple(section for section in (tests, rest) if section.lines or section.table),
        also=Section(ALSO_HEADING, tuple(_also(answers)), two_columns=True),
        checks=tuple(CheckLine(check.rule, line) for check in checks for line in check.clinician),
        counts=printed,
    )


def _told_by_box(answers: PatientAnswers, counts: Mapping[str, Any]) -> set[str]:
    """What the box says whole: who had the transfers too, if one person is named for all and some are listed."""
    listed = counts.get("transfers", {}).get("listed")
    one_person = listed and not answers.has("transfers-who", "more")
    return {*COUNTED, *(["transfers-who"] if one_person else [])}


def _header(answers: PatientAnswers, age: int | None) -> Iterator[LabelledLine]:
    for link_id, label in HEADER.items():
        if words := answers.words(link_id, quotes=False):
            yield LabelledLine(link_id, label, words)
    if age is not None:
        yield LabelledLine(None, "Age on the day of sending", sentence(f"{age}"))


def _wanted(answers: PatientAnswers) -> Iterator[str]:
    """An answer that says nothing yet stands elsewhere: “not sure” among what is not known."""
    return (link_id for link_id in WANTS if not _only(answers.answer(link_id), NOT_SAID))


def _table(answers: PatientAnswers) -> SummaryTable:
    cells = (
        tuple(answers.words(link_id, row) for link_id in TESTS_TABLE.values()) for row in answers.rows("immune-tests")
    )
    return SummaryTable(tuple(TESTS_TABLE), tuple(cells), "immune-tests")


def _other_tests(answers: PatientAnswers) -> Iterator[LabelledLine]:
    """The ticks without a row, in one line."""
    kinds = {answers.code("test-kind", row) or "" for row in answers.rows("immune-tests")}
    without = NEGATIVE | NOT_SAID | kinds | {TICK_OF[kind] for kind in kinds if kind in TICK_OF}
    if words := answers.words(TESTS_HAD, without=without):
        yield LabelledLine(TESTS_HAD, answers.questionnaire.item(TESTS_HAD).label, words)


def _asked(answers: PatientAnswers) -> Iterator[str]:
    """The stand-alone questions that were answered, in order."""
    pages = answers.questionnaire.pages
    return (item.link_id for page in pages for item in page.questions() if answers.answer(item.link_id).answered)


def _affirmed(answers: PatientAnswers, told: Collection[str]) -> Iterator[str]:
    """What has a line of its own: it was affirmed, and neither a highlight nor the box states it whole."""
    elsewhere = {"full-name", *HEADER, *WANTS, TESTS_HAD, *FRONT_DESK, *told}
    for link_id in _asked(answers):
        answer = answers.answer(link_id)
        if link_id not in elsewhere and not _only(answer, NEGATIVE | NOT_SAID) and (link_id, *answer.codes) != ANY_WAY:
            yield link_id


def _also(answers: PatientAnswers) -> Iterator[LabelledLine]:
    """What was answered besides, each with its label before it, so that no “No” stands alone."""
    for link_id in _asked(answers):
        answer = answers.answer(link_id)
        denied = _only(answer, NEGATIVE | NOT_SAID) and not _only(answer, NOT_SAID) and link_id not in WANTS
        if link_id in FRONT_DESK or denied or (link_id, *answer.codes) == ANY_WAY:
            words = answers.words(link_id, quotes=link_id not in _WITHOUT_QUOTES)
            yield LabelledLine(link_id, answers.questionnaire.item(link_id).label, words)


def _only(answer: Answer, codes: Collection[str]) -> bool:
    """Whether nothing but these options was chosen."""
    return answer.answered and len(answer.codes) == len(answer.values) and set(answer.codes) <= set(codes)


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
