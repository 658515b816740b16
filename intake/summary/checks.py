"""Gentle consistency checks C-01 to C-14 (clinical.md 2.5): what does not fit together is asked about, never blocked.

One row of the table `RULES` is one check: its texts, the questions it reads, and the function that finds where it is
open. A decline, “I don't know” or a blank never opens one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from intake.questionnaire.model import Item, ItemType, Questionnaire
from intake.questionnaire.response import Entry, QuestionnaireResponse
from intake.questionnaire.values import PartialDate
from intake.summary.counts import (
    ENDED,
    UNCLEAR,
    Pregnancies,
    loss_rows,
    outcome,
    pregnancies_of,
    weeks_in_words,
    weeks_of,
)
from intake.summary.reading import Reading, age_on
from intake.summary.statement import Sentence, Voice, filled, text_of
from intake.summary.wording import counted


@dataclass(frozen=True, slots=True)
class Place:
    """A question or list, and the entry if it is a row's field."""

    link_id: str
    entry_id: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One open check. `places` stand on the page where the note is shown; `clinician` is None if only the patient sees
    it.

    `link_ids` are all questions it was made from, `tells` the stand-alone ones whose answer the clinician's line
    states.
    """

    rule: str
    heading: str
    patient: Sentence
    clinician: Sentence | None
    places: tuple[Place, ...]
    link_ids: tuple[str, ...]
    tells: tuple[str, ...] = ()
    variant: str = ""

    @property
    def key(self) -> str:
        """The same for the same note however its numbers change: remembers that the patient has seen it."""
        places = (f"{place.link_id}/{place.entry_id}" if place.entry_id else place.link_id for place in self.places)
        return " ".join(part for part in (self.rule, self.variant, *places) if part)


@dataclass(frozen=True)
class Case:
    """What the checks read: the answers, who carried, the clinic's weeks setting and the day."""

    reading: Reading
    pregnancies: Pregnancies
    viability_weeks: int
    today: date

    @classmethod
    def of(cls, reading: Reading, *, viability_weeks: int, today: date) -> Case:
        """The case of one reading."""
        return cls(reading, pregnancies_of(reading), viability_weeks, today)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a check is open, and the words that its texts are filled with."""

    places: tuple[Place, ...]
    words: Mapping[str, str] = field(default_factory=dict)
    link_ids: tuple[str, ...] = ()
    variant: str = ""


@dataclass(frozen=True, slots=True)
class CheckRule:
    """One check: the note's heading and text, the clinician's line, the questions it reads, and where it is open."""

    id: str
    heading: str
    patient: str
    clinician: str | None
    link_ids: tuple[str, ...]
    find: Callable[[Case], Iterable[Found]]
    tells: tuple[str, ...] = ()

    def checks(self, case: Case) -> Iterator[Check]:
        """The notes of this rule for one patient."""
        for found in self.find(case):
            yield Check(
                rule=self.id,
                heading=text_of(filled(self.heading, **found.words)),
                patient=filled(self.patient, **found.words),
                clinician=None if self.clinician is None else filled(self.clinician, **found.words),
                places=found.places,
                link_ids=self.link_ids or found.link_ids,
                tells=self.tells,
                variant=found.variant,
            )


# -- C-01 to C-04: stated and listed -----------------------------------------------------------------------------------


def _pregnancies_stated(case: Case) -> Iterator[Found]:
    stated, listed = case.reading.number("pregnancy-count"), case.pregnancies.listed
    if stated is not None and stated != listed:
        yield Found((Place("pregnancies"),), {"a": counted(stated, "pregnancy"), "b": f"{listed}"})


def _losses_stated(case: Case) -> Iterator[Found]:
    stated, rows = case.reading.number("loss-count"), case.pregnancies.rows
    listed = len(loss_rows(case.reading, rows))
    perhaps = sum(outcome(case.reading, row) in (*ENDED, *UNCLEAR) for row in rows)
    if stated is not None and not listed <= stated <= listed + perhaps:
        yield Found((Place("pregnancies"),), {"a": counted(stated, "loss"), "b": f"{listed}"})


def _transfers_stated(case: Case) -> Iterator[Found]:
    stated, listed = case.reading.number("transfer-count"), len(_transfer_results(case))
    if stated is not None and stated != listed:
        yield Found((Place("transfers"),), {"a": counted(stated, "embryo transfer"), "b": f"{listed}"})


def _transfer_results(case: Case) -> list[str | None]:
    results = (case.reading.code("transfer-result", row) for row in case.reading.rows("transfers"))
    return [result for result in results if result != "cancelled"]


_PREGNANT = ("very-early-loss", "miscarriage", "ectopic", "stillbirth", "live-birth", "other-end", "ongoing")


def _transfers_and_pregnancies(case: Case) -> Iterator[Found]:
    results = _transfer_results(case)
    if not results or case.reading.code("ever-pregnant") not in ("me", "both", "other", "no"):
        return
    led = sum(result in _PREGNANT for result in results)
    led_at_most = led + sum(result in ("unknown", "declined") for result in results)
    starts = [case.reading.code("preg-conception", row) for row in case.pregnancies.rows]
    started = starts.count("ivf") + (case.pregnancies.now if "ongoing" in results else 0)
    started_at_most = started + sum(start in (None, "unknown", "declined") for start in starts)
    if led > started_at_most or started > led_at_most:
        yield Found((Place("transfers"),), {"a": f"{led}", "b": f"{started}"})


# -- C-05 to C-09: one pregnancy, its dates, and pregnant now ----------------------------------------------------------


def _of_pregnancy(case: Case, fits: Callable[[Entry], bool]) -> Iterator[tuple[Entry, dict[str, str]]]:
    for number, row in enumerate(case.pregnancies.rows, 1):
        if fits(row):
            yield row, {"i": f"{number}", "weeks": weeks_in_words(case.reading, row)}


def _weeks_place(case: Case, row: Entry) -> Place:
    by_number = case.reading.number("preg-weeks", row) is not None
    return Place("preg-weeks" if by_number else "preg-weeks-band", row.id)


def _late_miscarriages(case: Case) -> Iterator[Found]:
    def is_late(row: Entry) -> bool:
        weeks = weeks_of(case.reading, row)
        return (
            outcome(case.reading, row) == "miscarriage" and weeks is not None and weeks.lowest >= case.viability_weeks
        )

    for row, words in _of_pregnancy(case, is_late):
        yield Found((_weeks_place(case, row),), words | {"V": f"{case.viability_weeks}"})


EARLIEST_LIVE_BIRTH = 22
"""A live birth whose highest week is below this is asked about (C-05b)."""


def _early_live_births(case: Case) -> Iterator[Found]:
    def is_early(row: Entry) -> bool:
        weeks = weeks_of(case.reading, row)
        return outcome(case.reading, row) == "live-birth" and weeks is not None and weeks.highest < EARLIEST_LIVE_BIRTH

    for row, words in _of_pregnancy(case, is_early):
        yield Found((_weeks_place(case, row),), words)


def _dates_out_of_range(case: Case) -> Iterator[Found]:
    birth = case.reading.answer("birth-date").date
    for item in case.reading.questionnaire.walk():
        if item.type is ItemType.DATE and item.partial_date:
            for prefix, entry in _entries_of(case.reading, item):
                given = case.reading.answer(item.link_id, entry).date
                if given is not None and _is_out_of_range(given, item, birth, case.today):
                    place = Place(item.link_id, entry.id if entry else None)
                    yield Found((place,), {"place": prefix or item.text, "date": given.words}, (item.link_id,))


def _is_out_of_range(given: PartialDate, item: Item, birth: PartialDate | None, today: date) -> bool:
    """Whether every day that the date can mean lies outside `x-min` to `x-max`."""
    earliest, latest = (_bound(bound, birth, today) for bound in (item.minimum, item.maximum))
    return (earliest is not None and given.last < earliest) or (latest is not None and given.first > latest)


_AFTER_BIRTH = re.compile(r"birth-date(?: \+ (\d+) years)?")


def _bound(bound: str | None, birth: PartialDate | None, today: date) -> date | None:
    """A limit of `x-min` or `x-max` as a day; None if there is none, or if it needs a birth date that is not there."""
    if bound is None:
        return None
    if bound == "today":
        return today
    after_birth = _AFTER_BIRTH.fullmatch(bound)
    if after_birth is None:
        return date.fromisoformat(bound)
    if birth is None:
        return None
    return _years_later(birth.first, int(after_birth[1] or 0))


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February in a year that has none: the birthday is kept on 1 March, as for the age
        return date(day.year + years, 3, 1)


def _living_and_babies(case: Case) -> Iterator[Found]:
    for number, row in enumerate(case.pregnancies.rows, 1):
        living, babies = case.reading.number("preg-living", row), case.reading.number("preg-babies", row)
        if living is not None and babies is not None and living > babies:
            words = {"i": f"{number}", "a": counted(living, "living child"), "b": counted(babies, "baby")}
            yield Found((Place("preg-living", row.id), Place("preg-babies", row.id)), words)


def _ongoing_yet_not_pregnant(case: Case) -> Iterator[Found]:
    now = case.reading.code("pregnant-now")
    ongoing = [row for row in case.pregnancies.own if outcome(case.reading, row) == "ongoing"]
    if now in ("no", "not-applicable") and ongoing:
        yield Found(tuple(Place("preg-outcome", row.id) for row in ongoing), _both_voices(case, "pregnant-now", now))


def _pregnant_yet_never(case: Case) -> Iterator[Found]:
    ever = case.reading.code("ever-pregnant")
    if case.reading.code("pregnant-now") == "yes" and ever in ("no", "other"):
        yield Found((Place("ever-pregnant"),), _both_voices(case, "ever-pregnant", ever))


def _both_voices(case: Case, link_id: str, code: str) -> dict[str, str]:
    return {"display": case.reading.option(link_id, code, Voice.PATIENT), "words": case.reading.option(link_id, code)}


# -- C-10 to C-14: options, lists and contact --------------------------------------------------------------------------


def _exclusive_with_others(case: Case) -> Iterator[Found]:
    for item in case.reading.questionnaire.walk():
        if item.exclusive:
            for prefix, entry in _entries_of(case.reading, item):
                answer = case.reading.answer(item.link_id, entry)
                chosen = answer.codes
                exclusive = next(
                    (code for code in item.option_by_code if code in item.exclusive and code in chosen), None
                )
                if exclusive is not None and len(set(answer.values)) > 1:
                    named = f"{prefix}: " if prefix else ""
                    names = {"label": f"{named}{item.label}", "question": f"{named}{item.text}"}
                    words = names | _both_voices(case, item.link_id, exclusive)
                    yield Found((Place(item.link_id, entry.id if entry else None),), words, (item.link_id,), exclusive)


def _entries_of(reading: Reading, item: Item) -> Iterator[tuple[str, Entry | None]]:
    """Where the item is asked: once with no name, or in each entry of its list, named as `Pregnancy 2`."""
    rows = reading.questionnaire.list_of(item.link_id)
    if rows is None:
        yield "", None
    else:
        yield from ((f"{rows.row_label} {number}", row) for number, row in enumerate(reading.rows(rows.link_id), 1))


_IN_BOTH = ("autoimmune", "infection", "weak-immune", "cancer")


def _reason_not_in_checklist(case: Case) -> Iterator[Found]:
    checklist = case.reading.answer("health-checklist")
    if not checklist.answered or checklist.has(("not-sure", "declined")):
        return
    for code in _IN_BOTH:
        if case.reading.has("visit-reasons", code) and not checklist.has((code,)):
            yield Found((Place("health-checklist"),), _both_voices(case, "visit-reasons", code), variant=code)


def _nothing_listed(case: Case) -> Iterator[Found]:
    reading = case.reading
    if reading.rows("medicines"):
        return
    open_codes = {"prescribed", "otc"} | (set() if reading.answer("supplements").answered else {"supplements"})
    others = set(reading.questionnaire.item("takes-now").option_by_code) - open_codes
    those = text_of(reading.words("takes-now", without=others))
    if those:
        yield Found((Place("medicines"),), {"those": those})


def _under_18(case: Case) -> Iterator[Found]:
    birth = case.reading.answer("birth-date").date
    if birth is not None and age_on(birth.first, case.today) < 18:
        yield Found((Place("birth-date"),))


_CONTACT = {
    "email-only": ("email", "email", "an email address", "email address"),
    "phone-messages": ("phone", "the phone", "a phone number", "phone number"),
    "phone-no-messages": ("phone", "the phone", "a phone number", "phone number"),
}


def _contact_missing(case: Case) -> Iterator[Found]:
    code = case.reading.code("contact-safe")
    if code is None or code not in _CONTACT:
        return
    link_id, way, with_article, thing = _CONTACT[code]
    if not case.reading.answer(link_id).answered:
        words = {
            "way": way,
            "with_article": with_article,
            "thing": thing,
            "words": case.reading.option("contact-safe", code),
        }
        yield Found((Place(link_id),), words)


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
    CheckRule("C-06", "{place}: {date}", "Please check the year.", None, (), _dates_out_of_range),
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
    CheckRule(
        "C-10",
        "{question}",
        "You chose “{display}” and something else. Which is right?",
        "{label}: chose {words}, together with other answers.",
        (),
        _exclusive_with_others,
    ),
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


def checks_of(reading: Reading, *, viability_weeks: int, today: date) -> tuple[Check, ...]:
    """All open checks of one reading: by check number, then by row or as listed (clinical.md 2.5)."""
    case = Case.of(reading, viability_weeks=viability_weeks, today=today)
    return tuple(check for rule in RULES for check in rule.checks(case))


def open_checks(
    questionnaire: Questionnaire, response: QuestionnaireResponse, *, viability_weeks: int, today: date
) -> tuple[Check, ...]:
    """All open checks of a draft, for the patient's notices. `today` is the day at the clinic."""
    return checks_of(Reading(questionnaire, response), viability_weeks=viability_weeks, today=today)
