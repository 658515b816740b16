"""Pregnancies and embryo transfers, oldest first, each at the precision that the patient gave (clinical.md 3.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from intake.consultations.nk_intake.counts import outcome, pregnancies_of, weeks_in_words
from intake.consultations.nk_intake.words import counted
from intake.questionnaire.response import Entry
from intake.questionnaire.values import PartialDate
from intake.summary.model import NOW, Event, Timeline
from intake.summary.patient_answers import NOT_KNOWN, PatientAnswers
from intake.summary.statement import Sentence, joined, optional, sentence

PREGNANCY = "Pregnancy"
TRANSFER = "Embryo transfer"
ABOUT = "Pregnancies and embryo transfers"
LANES = ((PREGNANCY, "Pregnancies"), (TRANSFER, "Embryo transfers"))
_SEE_ANSWERS = sentence("details in full answers")
_WITHOUT_DETAIL = frozenset({"ended-by-choice", "other", "not-sure", "declined"})
"""Outcomes of which the timeline says the same, whatever else the row holds, so that the line gives nothing away."""


def timeline_of(answers: PatientAnswers) -> Timeline:
    """All lines: a year before its months, a month before its days, on equal dates a transfer first, then as listed."""
    events = [*_transfers(answers), *_pregnancies(answers)]
    dated = sorted((event for event in events if event.date not in (None, NOW)), key=_age_first)
    now = (event for event in events if event.date == NOW)
    return Timeline(ABOUT, LANES, (*dated, *now), tuple(event for event in events if event.date is None))


def _age_first(event: Event) -> tuple[int, int, int]:
    """The sort is stable, and transfers come first into it."""
    when = PartialDate.parse(event.date or "")
    return when.year, when.month or 0, when.day or 0


def _event(when: PartialDate | None, kind: str, facts: Iterator[Sentence], link_id: str, row: Entry) -> Event:
    said = joined(", ", (fact for fact in facts if fact))
    return Event(when.iso if when else None, when.words if when else "", kind, said, link_id, row.id)


def _transfers(answers: PatientAnswers) -> Iterator[Event]:
    for row in answers.rows("transfers"):
        when = answers.answer("transfer-date", row).date
        yield _event(when, TRANSFER, _transfer_facts(answers, row), "transfers", row)


def _transfer_facts(answers: PatientAnswers, row: Entry) -> Iterator[Sentence]:
    yield answers.known("transfer-result", row)
    embryos = answers.number("transfer-embryos", row)
    if answers.code("transfer-result", row) != "cancelled":
        yield sentence("embryos not given" if embryos is None else counted(embryos, "embryo"))
    yield from (answers.known(link_id, row) for link_id in ("transfer-egg", "transfer-kind", "transfer-day"))
    yield optional("PGT-A: {value}", answers.known("transfer-pgt", row))
    yield optional("with {value}", answers.words("transfer-medicines", row, without=NOT_KNOWN))


def _pregnancies(answers: PatientAnswers) -> Iterator[Event]:
    for row in answers.rows("pregnancies"):
        when = answers.answer("preg-ended", row).date
        event = _event(when, PREGNANCY, _pregnancy_facts(answers, row), "pregnancies", row)
        yield replace(event, date=NOW, date_in_words=NOW) if outcome(answers, row) == "ongoing" else event
    if pregnancies_of(answers).now:
        weeks = answers.number("pregnant-weeks")
        facts = sentence("going on now", "" if weeks is None else f", {counted(weeks, 'week')}")
        yield Event(NOW, NOW, PREGNANCY, facts, "pregnant-now", None)


def _pregnancy_facts(answers: PatientAnswers, row: Entry) -> Iterator[Sentence]:
    ended = outcome(answers, row)
    if ended in _WITHOUT_DETAIL:
        yield _SEE_ANSWERS
        return
    yield answers.words("preg-outcome", row)
    carrier = answers.code("preg-carrier", row)
    yield sentence(f"carried by a {carrier}" if carrier in ("partner", "surrogate") else "")
    weeks = weeks_in_words(answers, row)
    yield sentence("" if ended == "ongoing" and weeks == "weeks not given" else weeks)
    babies = answers.number("preg-babies", row) or 0
    yield sentence(counted(babies, "baby") if babies > 1 else "")
    yield answers.known("preg-conception", row)
    donors = set(answers.answer("preg-donor", row).codes) - NOT_KNOWN
    in_order = (code for code in answers.questionnaire.item("preg-donor").option_by_code if code in donors)
    yield sentence(", ".join(answers.option("preg-donor", code) for code in in_order))
    yield optional(
        "chromosome test: {value}", answers.known("preg-loss-told", row) or answers.known("preg-loss-tests", row)
    )
    yield optional("scan: {value}", answers.known("preg-scan", row))
    living = answers.number("preg-living", row)
    yield sentence("" if living is None else f"{living} living")
    yield sentence("note in full answers" if answers.answer("preg-notes", row).answered else "")
