"""Pregnancies and embryo transfers, oldest first, each at the precision that the patient gave (clinical.md 3.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from intake.consultations.nk_intake.pregnancies import (
    Pregnancy,
    Transfer,
    pregnancies_of,
    transfers_of,
    weeks_in_words,
)
from intake.consultations.nk_intake.words import counted
from intake.questionnaire.response import Entry
from intake.questionnaire.values import PartialDate
from intake.summary.model import NOW, Event, Timeline
from intake.summary.patient_answers import NOT_KNOWN, PatientAnswers
from intake.summary.statement import Sentence, joined, optional, sentence

PREGNANCY = "Pregnancy"
TRANSFER = "Embryo transfer"
ABOUT = "Pregnancies and embryo transfers"
_SEE_ANSWERS = sentence("details in full answers")
_WITHOUT_DETAIL = frozenset({"ended-by-choice", "other", "not-sure", "declined"})
"""Outcomes of which the timeline says the same, whatever else the row holds, so that the line gives nothing away."""


def timeline_of(answers: PatientAnswers) -> Timeline:
    """All lines, oldest first: a transfer stands where its date begins, a pregnancy where it ends (clinical.md 3.4)."""
    events = [*_transfers(answers), *_pregnancies(answers)]
    dated = sorted((event for event in events if event.date not in (None, NOW)), key=_in_order)
    now = (event for event in events if event.date == NOW)
    return Timeline(ABOUT, (*dated, *now), tuple(event for event in events if event.date is None))


def _in_order(event: Event) -> tuple[int, int, int]:
    """A year or a month as a whole comes before what lies in it for a transfer, and after it for a pregnancy. The sort
    is stable, and transfers come first into it: on the same date they stay first."""
    when, open_part = PartialDate.parse(event.date or ""), 99 if event.kind == PREGNANCY else 0
    return when.year, when.month or open_part, when.day or open_part


def _event(
    when: PartialDate | None,
    kind: str,
    outcome: Sentence,
    weeks: str,
    details: Iterable[Sentence],
    link_id: str,
    row: Entry | None,
) -> Event:
    said = joined(", ", (detail for detail in details if detail))
    return Event(
        when.iso if when else None,
        when.words if when else "",
        kind,
        outcome,
        sentence(weeks),
        said,
        link_id,
        row.id if row else None,
    )


def _transfers(answers: PatientAnswers) -> Iterator[Event]:
    for one in transfers_of(answers):
        when, outcome = answers.answer("transfer-date", one.row).date, answers.known("transfer-result", one.row)
        yield _event(when, TRANSFER, outcome, "", _transfer_details(answers, one), "transfers", one.row)


def _transfer_details(answers: PatientAnswers, one: Transfer) -> Iterator[Sentence]:
    row = one.row
    yield sentence(f"to a {one.to}" if one.to in ("partner", "surrogate") else "")
    if one.result != "cancelled":
        yield sentence("embryos not given" if one.embryos is None else counted(one.embryos, "embryo"))
    yield from (answers.known(link_id, row) for link_id in ("transfer-egg", "transfer-kind"))
    yield optional("eggs collected {value}", answers.words("transfer-collected", row))
    yield answers.known("transfer-day", row)
    yield optional("PGT-A: {value}", answers.known("transfer-pgt", row))
    yield optional("with {value}", answers.words("transfer-medicines", row, without=NOT_KNOWN))


def _pregnancies(answers: PatientAnswers) -> Iterator[Event]:
    found = pregnancies_of(answers)
    for one in found.rows:
        when = answers.answer("preg-ended", one.row).date
        if one.outcome in _WITHOUT_DETAIL:
            yield _event(when, PREGNANCY, (), "", (_SEE_ANSWERS,), "pregnancies", one.row)
            continue
        is_now, weeks = one.outcome == "ongoing", weeks_in_words(answers, one.row)
        weeks = "" if is_now and one.weeks is None else weeks
        outcome = answers.words("preg-outcome", one.row)
        event = _event(when, PREGNANCY, outcome, weeks, _pregnancy_details(answers, one), "pregnancies", one.row)
        yield replace(event, date=NOW, date_in_words=NOW) if is_now else event
    if found.extra:
        number = answers.number("pregnant-weeks")
        weeks = "" if number is None else counted(number, "week")
        event = _event(None, PREGNANCY, sentence("going on now"), weeks, (), "pregnant-now", None)
        yield replace(event, date=NOW, date_in_words=NOW)


def _pregnancy_details(answers: PatientAnswers, one: Pregnancy) -> Iterator[Sentence]:
    row = one.row
    yield sentence(f"carried by a {one.carrier}" if one.carrier in ("partner", "surrogate") else "")
    yield sentence(counted(one.babies, "baby") if one.babies and one.babies > 1 else "")
    yield sentence("" if one.born_alive is None else f"{one.born_alive} born alive")
    yield answers.known("preg-conception", row)
    donors = set(answers.answer("preg-donor", row).codes) - NOT_KNOWN
    in_order = (code for code in answers.questionnaire.item("preg-donor").option_by_code if code in donors)
    yield sentence(", ".join(answers.option("preg-donor", code) for code in in_order))
    yield optional("reported: {value}", answers.words("preg-complications", row, without=NOT_KNOWN))
    yield optional(
        "chromosome test: {value}", answers.known("preg-loss-told", row) or answers.known("preg-loss-tests", row)
    )
    yield optional("scan: {value}", answers.known("preg-scan", row))
    growth = answers.number("preg-scan-weeks", row)
    yield sentence("" if growth is None else f"by scan, growth to about {counted(growth, 'week')}")
    yield optional("care: {value}", answers.words("preg-loss-care", row, without=NOT_KNOWN))
    yield sentence("" if one.living is None else f"{one.living} living")
    yield sentence("note in full answers" if answers.answer("preg-notes", row).answered else "")
