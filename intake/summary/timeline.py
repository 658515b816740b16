"""Pregnancies and embryo transfers, oldest first, each at the precision that the patient gave (clinical.md 3.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from intake.questionnaire.response import Entry
from intake.questionnaire.values import PartialDate
from intake.summary.counts import outcome, pregnancies_of, weeks_in_words
from intake.summary.reading import NOT_KNOWN, Reading
from intake.summary.statement import Sentence, filled, joined, sentence
from intake.summary.wording import counted

NOW = "now"
PREGNANCY = "Pregnancy"
TRANSFER = "Embryo transfer"
_SEE_ANSWERS = sentence("details in full answers")
_WITHOUT_DETAIL = frozenset({"ended-by-choice", "other", "not-sure", "declined"})
"""Outcomes of which the timeline says the same, whatever else the row holds, so that the line gives nothing away."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line. `date` is ISO at the precision given, "now", or None; `date_in_words` is what people read."""

    date: str | None
    date_in_words: str
    kind: str
    facts: Sentence
    link_id: str
    entry_id: str | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The dated lines and then those of now; and the lines without a date."""

    events: tuple[Event, ...]
    undated: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    when: PartialDate | None
    now: bool
    kind: str
    facts: Sentence
    link_id: str
    entry_id: str | None

    def event(self) -> Event:
        date = NOW if self.now else self.when.iso if self.when else None
        words = NOW if self.now else self.when.words if self.when else ""
        return Event(date, words, self.kind, self.facts, self.link_id, self.entry_id)


def timeline_of(reading: Reading) -> Timeline:
    """All lines: a year before its months, a month before its days, on equal dates a transfer first, then as listed."""
    lines = [*_transfers(reading), *_pregnancies(reading)]
    now = [line for line in lines if line.now]
    dated = sorted((line for line in lines if line.when and not line.now), key=_age_first)
    undated = [line for line in lines if not line.when and not line.now]
    return Timeline(tuple(line.event() for line in (*dated, *now)), tuple(line.event() for line in undated))


def _age_first(line: _Line) -> tuple[int, int, int]:
    """The sort is stable, and transfers come first into it."""
    assert line.when is not None, "only dated lines are sorted"
    return line.when.year, line.when.month or 0, line.when.day or 0


def _transfers(reading: Reading) -> Iterator[_Line]:
    for row in reading.rows("transfers"):
        facts = joined(", ", (fact for fact in _transfer_facts(reading, row) if fact))
        yield _Line(reading.answer("transfer-date", row).date, False, TRANSFER, facts, "transfers", row.id)


def _transfer_facts(reading: Reading, row: Entry) -> Iterator[Sentence]:
    yield reading.known("transfer-result", row)
    embryos = reading.number("transfer-embryos", row)
    if reading.code("transfer-result", row) != "cancelled":
        yield sentence("embryos not given" if embryos is None else counted(embryos, "embryo"))
    yield from (reading.known(link_id, row) for link_id in ("transfer-egg", "transfer-kind", "transfer-day"))
    yield _named("PGT-A: {value}", reading.known("transfer-pgt", row))
    yield _named("with {value}", reading.words("transfer-medicines", row, without=NOT_KNOWN))


def _pregnancies(reading: Reading) -> Iterator[_Line]:
    for row in reading.rows("pregnancies"):
        facts = joined(", ", (fact for fact in _pregnancy_facts(reading, row) if fact))
        is_now = outcome(reading, row) == "ongoing"
        yield _Line(reading.answer("preg-ended", row).date, is_now, PREGNANCY, facts, "pregnancies", row.id)
    if pregnancies_of(reading).now:
        weeks = reading.number("pregnant-weeks")
        facts = sentence("going on now", "" if weeks is None else f", {counted(weeks, 'week')}")
        yield _Line(None, True, PREGNANCY, facts, "pregnant-now", None)


def _pregnancy_facts(reading: Reading, row: Entry) -> Iterator[Sentence]:
    ended = outcome(reading, row)
    if ended in _WITHOUT_DETAIL:
        yield _SEE_ANSWERS
        return
    yield reading.words("preg-outcome", row)
    carrier = reading.code("preg-carrier", row)
    yield sentence(f"carried by a {carrier}" if carrier in ("partner", "surrogate") else "")
    weeks = weeks_in_words(reading, row)
    yield sentence("" if ended == "ongoing" and weeks == "weeks not given" else weeks)
    babies = reading.number("preg-babies", row) or 0
    yield sentence(counted(babies, "baby") if babies > 1 else "")
    yield reading.known("preg-conception", row)
    donors = (code for code in reading.answer("preg-donor", row).codes if code not in NOT_KNOWN)
    yield sentence(", ".join(reading.option("preg-donor", code) for code in _in_option_order(reading, donors)))
    yield _named(
        "chromosome test: {value}", reading.known("preg-loss-told", row) or reading.known("preg-loss-tests", row)
    )
    yield _named("scan: {value}", reading.known("preg-scan", row))
    living = reading.number("preg-living", row)
    yield sentence("" if living is None else f"{living} living")
    yield sentence("note in full answers" if reading.answer("preg-notes", row).answered else "")


def _in_option_order(reading: Reading, donors: Iterator[str]) -> list[str]:
    chosen = set(donors)
    return [code for code in reading.questionnaire.item("preg-donor").option_by_code if code in chosen]


def _named(template: str, value: Sentence) -> Sentence:
    return filled(template, value=value) if value else ()
