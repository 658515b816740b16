"""Gentle consistency checks C-01 to C-14 of this form (clinical.md 2.5), two of them those of any form."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from intake.consultations.nk_intake.counts import (
    ENDED,
    UNCLEAR,
    loss_rows,
    outcome,
    pregnancies_of,
    weeks_in_words,
    weeks_of,
)
from intake.consultations.nk_intake.words import counted
from intake.questionnaire.response import Entry
from intake.summary.checks import (
    DATES_OUT_OF_RANGE,
    EXCLUSIVE_WITH_OTHERS,
    CheckInput,
    CheckRule,
    Occurrence,
    QuestionRef,
    both_voices,
)
from intake.summary.patient_answers import age_on
from intake.summary.statement import text_of

# -- C-01 to C-04: stated and listed -----------------------------------------------------------------------------------


def _pregnancies_stated(given: CheckInput) -> Iterator[Occurrence]:
    stated, listed = given.answers.number("pregnancy-count"), pregnancies_of(given.answers).listed
    if stated is not None and stated != listed:
        yield Occurrence((QuestionRef("pregnancies"),), {"a": counted(stated, "pregnancy"), "b": f"{listed}"})


def _losses_stated(given: CheckInput) -> Iterator[Occurrence]:
    stated, rows = given.answers.number("loss-count"), pregnancies_of(given.answers).rows
    listed = len(loss_rows(given.answers, rows))
    perhaps = sum(outcome(given.answers, row) in (*ENDED, *UNCLEAR) for row in rows)
    if stated is not None and not listed <= stated <= listed + perhaps:
        yield Occurrence((QuestionRef("pregnancies"),), {"a": counted(stated, "loss"), "b": f"{listed}"})


def _transfers_stated(given: CheckInput) -> Iterator[Occurrence]:
    stated, listed = given.answers.number("transfer-count"), len(_transfer_results(given))
    if stated is not None and stated != listed:
        yield Occurrence((QuestionRef("transfers"),), {"a": counted(stated, "embryo transfer"), "b": f"{listed}"})


def _transfer_results(given: CheckInput) -> list[str | None]:
    results = (given.answers.code("transfer-result", row) for row in given.answers.rows("transfers"))
    return [result for result in results if result != "cancelled"]


LED_TO_PREGNANCY = ("very-early-loss", "miscarriage", "ectopic", "stillbirth", "live-birth", "other-end", "ongoing")


def _transfers_and_pregnancies(given: CheckInput) -> Iterator[Occurrence]:
    results = _transfer_results(given)
    if not results or given.answers.code("ever-pregnant") not in ("me", "both", "other", "no"):
        return
    led = sum(result in LED_TO_PREGNANCY for result in results)
    led_at_most = led + sum(result in ("unknown", "declined") for result in results)
    starts = [given.answers.code("preg-conception", row) for row in pregnancies_of(given.answers).rows]
    started = starts.count("ivf") + (pregnancies_of(given.answers).now if "ongoing" in results else 0)
    started_at_most = started + sum(start in (None, "unknown", "declined") for start in starts)
    if led > started_at_most or started > led_at_most:
        yield Occurrence((QuestionRef("transfers"),), {"a": f"{led}", "b": f"{started}"})


# -- C-05 to C-09: one pregnancy, its dates, and pregnant now ----------------------------------------------------------


def _of_pregnancy(given: CheckInput, fits: Callable[[Entry], bool]) -> Iterator[tuple[Entry, dict[str, str]]]:
    for number, row in enumerate(pregnancies_of(given.answers).rows, 1):
        if fits(row):
            yield row, {"i": f"{number}", "weeks": weeks_in_words(given.answers, row)}


def _weeks_place(given: CheckInput, row: Entry) -> QuestionRef:
    by_number = given.answers.number("preg-weeks", row) is not None
    return QuestionRef("preg-weeks" if by_number else "preg-weeks-band", row.id)


def _late_miscarriages(given: CheckInput) -> Iterator[Occurrence]:
    def is_late(row: Entry) -> bool:
        weeks = weeks_of(given.answers, row)
        return (
            outcome(given.answers, row) == "miscarriage"
            and weeks is not None
            and weeks.lowest >= given.settings.viability_weeks
        )

    for row, words in _of_pregnancy(given, is_late):
        yield Occurrence((_weeks_place(given, row),), words | {"V": f"{given.settings.viability_weeks}"})


EARLIEST_LIVE_BIRTH = 22
"""A live birth whose highest week is below this is asked about (C-05b)."""


def _early_live_births(given: CheckInput) -> Iterator[Occurrence]:
    def is_early(row: Entry) -> bool:
        weeks = weeks_of(given.answers, row)
        return outcome(given.answers, row) == "live-birth" and weeks is not None and weeks.highest < EARLIEST_LIVE_BIRTH

    for row, words in _of_pregnancy(given, is_early):
        yield Occurrence((_weeks_place(given, row),), words)


def _living_and_babies(given: CheckInput) -> Iterator[Occurrence]:
    for number, row in enumerate(pregnancies_of(given.answers).rows, 1):
        living, babies = given.answers.number("preg-living", row), given.answers.number("preg-babies", row)
        if living is not None and babies is not None and living > babies:
            words = {"i": f"{number}", "a": counted(living, "living child"), "b": counted(babies, "baby")}
            yield Occurrence((QuestionRef("preg-living", row.id), QuestionRef("preg-babies", row.id)), words)


def _ongoing_yet_not_pregnant(given: CheckInput) -> Iterator[Occurrence]:
    now = given.answers.code("pregnant-now")
    ongoing = [row for row in pregnancies_of(given.answers).own if outcome(given.answers, row) == "ongoing"]
    if now in ("no", "not-applicable") and ongoing:
        yield Occurrence(
            tuple(QuestionRef("preg-outcome", row.id) for row in ongoing),
            both_voices(given.answers, "pregnant-now", now),
        )


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
            yield Occurrence(
                (QuestionRef("health-checklist"),), both_voices(given.answers, "visit-reasons", code), variant=code
            )


def _nothing_listed(given: CheckInput) -> Iterator[Occurrence]:
    answers = given.answers
    if answers.rows("medicines"):
        return
    open_codes = {"prescribed", "otc"} | (set() if answers.answer("supplements").answered else {"supplements"})
    others = set(answers.questionnaire.item("takes-now").option_by_code) - open_codes
    those = text_of(answers.words("takes-now", without=others))
    if those:
        yield Occurrence((QuestionRef("medicines"),), {"those": those})


def _under_18(given: CheckInput) -> Iterator[Occurrence]:
    birth = given.answers.answer("birth-date").date
    if birth is not None and age_on(birth.first, given.today) < 18:
        yield Occurrence((QuestionRef("birth-date"),))


_BY_PHONE = ("phone", "the phone", "a phone number", "phone number")
_CONTACT = {
    "email-only": ("email", "email", "an email address", "email address"),
    "phone-messages": _BY_PHONE,
    "phone-no-messages": _BY_PHONE,
}


def _contact_missing(given: CheckInput) -> Iterator[Occurrence]:
    code = given.answers.code("contact-safe")
    if code is None or code not in _CONTACT:
        return
    link_id, way, with_article, thing = _CONTACT[code]
    if not given.answers.answer(link_id).answered:
        asked = given.answers.option("contact-safe", code)
        words = {"way": way, "with_article": with_article, "thing": thing, "words": asked}
        yield Occurrence((QuestionRef(link_id),), words)


# -- the table ---------------------------------------------------------------------------------------------------------

RULES: tuple[CheckRule, ...] = (
    CheckRule(
        "C-01",
        "{a}, {b} listed",
        "You told us about {a} and have listed {b}. You can add more, change the number, or leave it.",
        "Stated {a}, listed {b}.",
        ("pregnancy-count", "pregnancies", "pregnant-now"),
        _pregnancies_stated,
        tells=("pregnancy-count",),
    ),
    CheckRule(
        "C-02",
        "{a}, {b} listed",
        "You told us about {a} and have listed {b}. We know some are hard to write about. You can leave it.",
        "Stated {a}, listed {b}.",
        ("loss-count", "pregnancies", "preg-outcome"),
        _losses_stated,
        tells=("loss-count",),
    ),
    CheckRule(
        "C-03",
        "{a}, {b} listed",
        "You told us about {a} and have listed {b}. You can add more, change the number, or leave it.",
        "Stated {a}, listed {b}.",
        ("transfer-count", "transfers", "transfer-result"),
        _transfers_stated,
        tells=("transfer-count",),
    ),
    CheckRule(
        "C-04",
        "Your embryo transfers and your pregnancies",
        "Your embryo transfers and your pregnancies do not seem to match. You can change them, or leave it.",
        "Transfers that led to a pregnancy: {a}. Pregnancies listed as starting with IVF: {b}.",
        ("transfers", "transfer-result", "pregnancies", "preg-conception", "pregnant-now", "ever-pregnant"),
        _transfers_and_pregnancies,
    ),
    CheckRule(
        "C-05a",
        "Pregnancy {i}: {weeks}",
        "You wrote {weeks}. Is that right?",
        "Pregnancy {i}: reported as miscarriage at {weeks}; counted by weeks (setting: {V} weeks).",
        ("pregnancies", "preg-outcome", "preg-weeks", "preg-weeks-band"),
        _late_miscarriages,
    ),
    CheckRule(
        "C-05b",
        "Pregnancy {i}: {weeks}",
        "You wrote {weeks}. Is that right?",
        "Pregnancy {i}: live birth reported at {weeks}.",
        ("pregnancies", "preg-outcome", "preg-weeks", "preg-weeks-band"),
        _early_live_births,
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
