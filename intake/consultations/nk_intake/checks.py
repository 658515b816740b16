"""Gentle consistency checks C-01 to C-15 of this form (clinical.md 2.5), two of them those of any form."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from intake.consultations.nk_intake.pregnancies import (
    LISTED_ON,
    Pregnancy,
    pregnancies_of,
    transfers_of,
    weeks_in_words,
)
from intake.consultations.nk_intake.words import counted
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
        if stated is not None and numbers and stated not in numbers:
            words = {"a": counted(stated, thing)} | (_NONE if not numbers.start else _so_many(numbers.start))
            yield Occurrence((QuestionRef(reads[0]),), words)

    return CheckRule(
        id,
        "{a}, {listed}",
        f"You told us about {{a}} and have {{so_far}}. {end}",
        "Stated {a}{and_listed}.",
        (link_id, *reads),
        find,
        tells=(link_id,),
    )


_NONE = {"listed": "none listed yet", "so_far": "not listed any yet", "and_listed": ". None listed"}


def _so_many(listed: int) -> dict[str, str]:
    return {"listed": f"{listed} listed", "so_far": f"listed {listed}", "and_listed": f", listed {listed}"}


_CAN_CHANGE = "You can add more, change the number, or leave it."
_HARD = "We know some are hard to write about. You can leave it."


def _pregnancies_listed(answers: PatientAnswers) -> range:
    listed = pregnancies_of(answers).listed
    return range(listed, listed + 1)


def _transfers_listed(answers: PatientAnswers) -> range:
    listed = len(_transfer_results(answers))
    return range(listed, listed + 1)


def _losses_listed(answers: PatientAnswers) -> range:
    """Nothing where C-01 asks about an empty list already: one note is enough."""
    found = pregnancies_of(answers)
    if not found.rows and answers.number("pregnancy-count") not in (None, found.listed):
        return range(0)
    return range(found.losses, found.losses_at_most + 1)


def _transfer_results(answers: PatientAnswers) -> list[str]:
    return [one.result for one in transfers_of(answers) if one.result != "cancelled"]


def _transfers_and_pregnancies(given: CheckInput) -> Iterator[Occurrence]:
    answers, pregnancies = given.answers, pregnancies_of(given.answers)
    results = _transfer_results(answers)
    is_asked = answers.code("ever-pregnant") in ("me", "both", "other", "no")
    if not results or not is_asked or answers.told_in_person(LISTED_ON, "pregnancies"):
        return
    led = sum(one.led_to_pregnancy for one in transfers_of(answers))
    led_at_most = led + sum(result in ("unknown", "declined") for result in results)
    starts = [answers.code("preg-conception", one.row) for one in pregnancies.rows]
    started = starts.count("ivf") + (pregnancies.extra if "ongoing" in results else 0)
    started_at_most = started + sum(start in (None, "unknown", "declined") for start in starts)
    if led > started_at_most or started > led_at_most:
        yield Occurrence((QuestionRef("transfers"),), {"a": f"{led}", "b": f"{started}"})


# -- C-05 to C-09 and C-15: one pregnancy, its dates, and pregnant now -------------------------------------------------


EARLIEST_LIVE_BIRTH = 22
"""A live birth whose highest week is below this is asked about (C-05b)."""
LATE_FOR_VERY_EARLY = 10
"""A very early loss in this week or later is asked about (C-15)."""


def _numbered(answers: PatientAnswers) -> Iterator[tuple[str, Pregnancy]]:
    return ((f"{number}", one) for number, one in enumerate(pregnancies_of(answers).rows, 1))


def _weeks_ref(answers: PatientAnswers, one: Pregnancy) -> QuestionRef:
    """Where its weeks were given."""
    field = "preg-weeks-band" if answers.number("preg-weeks", one.row) is None else "preg-weeks"
    return QuestionRef(field, one.row.id)


def _weeks_and_outcome(
    id: str, ended: str, is_unusual: Callable[[Pregnancy, SummarySettings], bool], clinician: str
) -> CheckRule:
    """A pregnancy whose weeks are unusual for how it ended."""

    def find(given: CheckInput) -> Iterator[Occurrence]:
        for number, one in _numbered(given.answers):
            if one.outcome == ended and one.weeks is not None and is_unusual(one, given.settings):
                viability = f"{given.settings.viability_weeks}"
                words = {"i": number, "weeks": weeks_in_words(given.answers, one.row), "V": viability}
                yield Occurrence((_weeks_ref(given.answers, one),), words)

    reads = ("pregnancies", "preg-outcome", "preg-weeks", "preg-weeks-band")
    return CheckRule(id, "Pregnancy {i}: {weeks}", "You wrote {weeks}. Is that right?", clinician, reads, find)


def _from_week(first: int) -> Callable[[Pregnancy], bool]:
    return lambda one: one.weeks is not None and one.weeks.lowest >= first


_PARTS = (
    ("preg-living", "{} living children", "preg-babies", "{} babies"),
    ("preg-born-alive", "{} babies born alive", "preg-babies", "{} babies"),
    ("preg-living", "{} living children", "preg-born-alive", "{} babies born alive"),
)
"""Numbers of one pregnancy: none of the first can be more than the second."""
_OF_ONE = {
    "{} living children": "{} living child",
    "{} babies": "{} baby",
    "{} babies born alive": "{} baby born alive",
}


def _numbers_of_children(given: CheckInput) -> Iterator[Occurrence]:
    def said(number: int, words: str) -> str:
        return (_OF_ONE[words] if number == 1 else words).format(number)

    for number, one in _numbered(given.answers):
        places: dict[QuestionRef, None] = {}
        lines = []
        for part, of_part, whole, of_whole in _PARTS:
            few, many = (given.answers.number(link_id, one.row) for link_id in (part, whole))
            if few is not None and many is not None and few > many:
                places |= dict.fromkeys(QuestionRef(link_id, one.row.id) for link_id in (part, whole))
                lines.append({"few": said(few, of_part), "many": said(many, of_whole)})
        if lines:
            pairs = "; ".join(f"{line['few']}, {line['many']}" for line in lines)
            yield Occurrence(tuple(places), {"i": number, "pairs": pairs}, tuple(lines))


def _very_early_yet_late(given: CheckInput) -> Iterator[Occurrence]:
    answers, is_late = given.answers, _from_week(LATE_FOR_VERY_EARLY)
    for number, one in _numbered(answers):
        if one.outcome != "very-early-loss":
            continue
        seen = answers.code("preg-scan", one.row) in ("heartbeat", "seen")
        places = [_weeks_ref(answers, one)] if is_late(one) else []
        places += [QuestionRef("preg-scan", one.row.id)] if seen else []
        weeks = f" at {weeks_in_words(answers, one.row)}" if is_late(one) else ""
        scan = f"; scan: {text_of(answers.words('preg-scan', one.row))}" if seen else ""
        if places:
            yield Occurrence(tuple(places), {"i": number, "weeks": weeks, "scan": scan})


def _ongoing_yet_not_pregnant(given: CheckInput) -> Iterator[Occurrence]:
    now = given.answers.code("pregnant-now")
    ongoing = [one for one in pregnancies_of(given.answers).own if one.outcome == "ongoing"]
    if now in ("no", "not-applicable") and ongoing:
        places = tuple(QuestionRef("preg-outcome", one.row.id) for one in ongoing)
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
        lambda one, settings: _from_week(settings.viability_weeks)(one),
        "Pregnancy {i}: reported as miscarriage at {weeks}; counted by weeks (setting: {V} weeks).",
    ),
    _weeks_and_outcome(
        "C-05b",
        "live-birth",
        lambda one, _: one.weeks is not None and one.weeks.highest < EARLIEST_LIVE_BIRTH,
        "Pregnancy {i}: live birth reported at {weeks}.",
    ),
    DATES_OUT_OF_RANGE,
    CheckRule(
        "C-07",
        "Pregnancy {i}: {pairs}",
        "Please check these two numbers.",
        "Pregnancy {i}: {few} reported from {many}.",
        ("pregnancies", "preg-living", "preg-babies", "preg-born-alive"),
        _numbers_of_children,
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
    CheckRule(
        "C-15",
        "Pregnancy {i}: very early loss",
        "You chose very early loss. Is that right?",
        "Pregnancy {i}: reported as very early loss{weeks}{scan}.",
        ("pregnancies", "preg-outcome", "preg-weeks", "preg-weeks-band", "preg-scan"),
        _very_early_yet_late,
    ),
)
