"""Gentle consistency checks C-01 to C-14 of this form (clinical.md 2.5), two of them those of any form."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from intake.consultations.nk_intake.counts import (
    ENDED,
    UNCLEAR,
    Weeks,
    outcome,
    pregnancies_of,
    weeks_in_words,
    weeks_of,
)
from intake.consultations.nk_intake.words import LOSSES, counted
from intake.summary.checks import (
    DATES_OUT_OF_RANGE,
    EXCLUSIVE_WITH_OTHERS,
    CheckInput,
    CheckRule,
    Occurrence,
    QuestionRef,
    both_voices,
)
from intake.summary.model import SummarySettings
from intake.summary.patient_answers import PatientAnswers, age_on
from intake.summary.statement import text_of

# -- C-01 to C-04: stated and listed -----------------------------------------------------------------------------------


def _stated(
    id: str, link_id: str, thing: str, reads: tuple[str, ...], listed: Callable[[PatientAnswers], range], end: str
) -> CheckRule:
    """A number that was stated against the rows of the list that is read first: all numbers that they can mean."""

    def find(given: CheckInput) -> Iterator[Occurrence]:
        stated, numbers = given.answers.number(link_id), listed(given.answers)
        if stated is not None and stated not in numbers:
            yield Occurrence((QuestionRef(reads[0]),), {"a": counted(stated, thing), "b": f"{numbers.start}"})

    return CheckRule(
        id,
        "{a}, {b} listed",
        f"You told us about {{a}} and have listed {{b}}. {end}",
        "Stated {a}, listed {b}.",
        (link_id, *reads),
        find,
        tells=(link_id,),
    )


_CAN_CHANGE = "You can add more, change the number, or leave it."
_HARD = "We know some are hard to write about. You can leave it."


def _pregnancies_listed(answers: PatientAnswers) -> range:
    listed = pregnancies_of(answers).listed
    return range(listed, listed + 1)


def _transfers_listed(answers: PatientAnswers) -> range:
    listed = len(_transfer_results(answers))
    return range(listed, listed + 1)


def _losses_listed(answers: PatientAnswers) -> range:
    outcomes = [outcome(answers, row) for row in answers.rows("pregnancies")]
    listed, perhaps = (sum(one in some for one in outcomes) for some in (LOSSES, (*ENDED, *UNCLEAR)))
    return range(listed, listed + perhaps + 1)


def _transfer_results(answers: PatientAnswers) -> list[str | None]:
    results = (answers.code("transfer-result", row) for row in answers.rows("transfers"))
    return [result for result in results if result != "cancelled"]


LED_TO_PREGNANCY = ("very-early-loss", "miscarriage", "ectopic", "stillbirth", "live-birth", "other-end", "ongoing")


def _transfers_and_pregnancies(given: CheckInput) -> Iterator[Occurrence]:
    answers, pregnancies = given.answers, pregnancies_of(given.answers)
    results = _transfer_results(answers)
    if not results or answers.code("ever-pregnant") not in ("me", "both", "other", "no"):
        return
    led = sum(result in LED_TO_PREGNANCY for result in results)
    led_at_most = led + sum(result in ("unknown", "declined") for result in results)
    starts = [answers.code("preg-conception", row) for row in pregnancies.rows]
    started = starts.count("ivf") + (pregnancies.now if "ongoing" in results else 0)
    started_at_most = started + sum(start in (None, "unknown", "declined") for start in starts)
    if led > started_at_most or started > led_at_most:
        yield Occurrence((QuestionRef("transfers"),), {"a": f"{led}", "b": f"{started}"})


# -- C-05 to C-09: one pregnancy, its dates, and pregnant now ----------------------------------------------------------


EARLIEST_LIVE_BIRTH = 22
"""A live birth whose highest week is below this is asked about (C-05b)."""


def _weeks_and_outcome(
    id: str, ended: str, fits: Callable[[Weeks, SummarySettings], bool], clinician: str
) -> CheckRule:
    """A pregnancy whose weeks are unusual for how it ended."""

    def find(given: CheckInput) -> Iterator[Occurrence]:
        answers, viability = given.answers, f"{given.settings.viability_weeks}"
        for number, row in enumerate(answers.rows("pregnancies"), 1):
            weeks = weeks_of(answers, row)
            if outcome(answers, row) == ended and weeks is not None and fits(weeks, given.settings):
                field = "preg-weeks-band" if answers.number("preg-weeks", row) is None else "preg-weeks"
                words = {"i": f"{number}", "weeks": weeks_in_words(answers, row), "V": viability}
                yield Occurrence((QuestionRef(field, row.id),), words)

    reads = ("pregnancies", "preg-outcome", "preg-weeks", "preg-weeks-band")
    return CheckRule(id, "Pregnancy {i}: {weeks}", "You wrote {weeks}. Is that right?", clinician, reads, find)


def _living_and_babies(given: CheckInput) -> Iterator[Occurrence]:
    for number, row in enumerate(given.answers.rows("pregnancies"), 1):
        living, babies = given.answers.number("preg-living", row), given.answers.number("preg-babies", row)
        if living is not None and babies is not None and living > babies:
            words = {"i": f"{number}", "a": counted(living, "living child"), "b": counted(babies, "baby")}
            yield Occurrence((QuestionRef("preg-living", row.id), QuestionRef("preg-babies", row.id)), words)


def _ongoing_yet_not_pregnant(given: CheckInput) -> Iterator[Occurrence]:
    now = given.answers.code("pregnant-now")
    ongoing = [row for row in pregnancies_of(given.answers).own if outcome(given.answers, row) == "ongoing"]
    if now in ("no", "not-applicable") and ongoing:
        places = tuple(QuestionRef("preg-outcome", row.id) for row in ongoing)
        yield Occurrence(places, both_voices(given.answers, "pregnant-now", now))


def _pregnant_yet_never(given: CheckInput) -> Iterator[Occurrence]:
    ever = given.answers.code("ever-pregnant")
    if given.answers.code("pregnant-now") == "yes" and ever in ("no", "other"):
        yield Occurrence((QuestionRef("ever-pregnant"),), both_voices(given.answers, "ever-pregnant", ever))


# -- C-11 to C-14: options, lists and contact --------------------------------------------------------------------------


REASONS_IN_CHECKLIST = ("autoimmune", "infection", "weak-immune", "cancer")


def _reason_not_in_checklist(given: CheckInput) -> Iterator[Occurrence]:
    checklist = given.answers.answer("health-checklist")
    if not checklist.answered or checklist.has(("not-sure", "declined")):
        return
    for code in REASONS_IN_CHECKLIST:
        if given.answers.has("visit-reasons", code) and not checklist.has((code,)):
            words = both_voices(given.answers, "visit-reasons", code)
            yield Occurrence((QuestionRef("health-checklist"),), words, variant=code)


def _nothing_listed(given: CheckInput) -> Iterator[Occurrence]:
    answers = given.answers
    if answers.rows("medicines"):
        return
    open_codes = {"prescribed", "otc"} | (set() if answers.answer("supplements").answered else {"supplements"})
    others = set(answers.questionnaire.item("takes-now").option_by_code) - open_codes
    if those := text_of(answers.words("takes-now", without=others)):
        yield Occurrence((QuestionRef("medicines"),), {"those": those})


def _under_18(given: CheckInput) -> Iterator[Occurrence]:
    birth = given.answers.answer("birth-date").date
    if birth is not None and age_on(birth.first, given.today) < 18:
        yield Occurrence((QuestionRef("birth-date"),))


_BY_PHONE = ("phone", {"way": "the phone", "with_article": "a phone number", "thing": "phone number"})
_CONTACT = {
    "email-only": ("email", {"way": "email", "with_article": "an email address", "thing": "email address"}),
    "phone-messages": _BY_PHONE,
    "phone-no-messages": _BY_PHONE,
}


def _contact_missing(given: CheckInput) -> Iterator[Occurrence]:
    code = given.answers.code("contact-safe") or ""
    link_id, words = _CONTACT.get(code, (None, {}))
    if link_id and not given.answers.answer(link_id).answered:
        asked = given.answers.option("contact-safe", code)
        yield Occurrence((QuestionRef(link_id),), {**words, "words": asked})


# -- the table ---------------------------------------------------------------------------------------------------------

RULES: tuple[CheckRule, ...] = (
    _stated("C-01", "pregnancy-count", "pregnancy", ("pregnancies", "pregnant-now"), _pregnancies_listed, _CAN_CHANGE),
    _stated("C-02", "loss-count", "loss", ("pregnancies", "preg-outcome"), _losses_listed, _HARD),
    _stated(
        "C-03", "transfer-count", "embryo transfer", ("transfers", "transfer-result"), _transfers_listed, _CAN_CHANGE
    ),
    CheckRule(
        "C-04",
        "Your embryo transfers and your pregnancies",
        "Your embryo transfers and your pregnancies do not seem to match. You can change them, or leave it.",
        "Transfers that led to a pregnancy: {a}. Pregnancies listed as starting with IVF: {b}.",
        ("transfers", "transfer-result", "pregnancies", "preg-conception", "pregnant-now", "ever-pregnant"),
        _transfers_and_pregnancies,
    ),
    _weeks_and_outcome(
        "C-05a",
        "miscarriage",
        lambda weeks, settings: weeks.lowest >= settings.viability_weeks,
        "Pregnancy {i}: reported as miscarriage at {weeks}; counted by weeks (setting: {V} weeks).",
    ),
    _weeks_and_outcome(
        "C-05b",
        "live-birth",
        lambda weeks, _: weeks.highest < EARLIEST_LIVE_BIRTH,
        "Pregnancy {i}: live birth reported at {weeks}.",
    ),
    DATES_OUT_OF_RANGE,
    CheckRule(
        "C-07",
        "Pregnancy {i}: {a}, {b}",
        "Please check these two numbers.",
        "Pregnancy {i}: {a} reported from {b}.",
        ("pregnancies", "preg-living", "preg-babies"),
        _living_and_babies,
    ),
    CheckRule(
        "C-08",
        "Pregnant now: “{display}”",
        "One pregnancy is marked as going on now. Is that right?",
        "Pregnant now: {words}; a listed pregnancy is marked as going on now.",
        ("pregnant-now", "pregnancies", "preg-outcome"),
        _ongoing_yet_not_pregnant,
        tells=("pregnant-now",),
    ),
    CheckRule(
        "C-09",
        "Pregnant now, and “{display}”",
        "You told us that you are pregnant now. Please check if your answer here includes it.",
        "Pregnant now: yes; ever pregnant: {words}.",
        ("pregnant-now", "ever-pregnant"),
        _pregnant_yet_never,
        tells=("pregnant-now", "ever-pregnant"),
    ),
    EXCLUSIVE_WITH_OTHERS,
    CheckRule(
        "C-11",
        "“{display}” is not ticked here",
        "You came about “{display}”. Would you like to add it here?",
        "Wants to talk about: {words}. Not chosen in the health checklist.",
        ("visit-reasons", "health-checklist"),
        _reason_not_in_checklist,
    ),
    CheckRule(
        "C-12",
        "Nothing is listed yet",
        "Would you like to add what you take?",
        "Reports taking: {those}. None listed.",
        ("takes-now", "medicines", "supplements"),
        _nothing_listed,
    ),
    CheckRule(
        "C-13", "Under 18", "The clinic may need to talk with a parent or guardian.", None, ("birth-date",), _under_18
    ),
    CheckRule(
        "C-14",
        "No {thing} yet",
        "You asked us to use {way} only. Would you like to add {with_article}?",
        "Asks to be contacted {words}; no {thing} given.",
        ("contact-safe", "email", "phone"),
        _contact_missing,
        tells=("contact-safe",),
    ),
)
