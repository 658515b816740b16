"""The timeline's drawing: in per cent of whole years, as precise as what was given, nothing on top of another."""

from __future__ import annotations

import pytest

from intake.clinician.drawing import Mark, drawing_of
from intake.consultations.nk_intake.timeline import ABOUT, LANES, PREGNANCY, TRANSFER
from intake.summary.model import Event, Timeline


def event(date: str | None, kind: str = TRANSFER) -> Event:
    return Event(date, date or "", kind, (), "x", "y")


def timeline(*events: Event) -> Timeline:
    return Timeline(ABOUT, LANES, events)


def marks(*dates: str) -> list[Mark]:
    drawing = drawing_of(timeline(*(event(date) for date in dates)))
    assert drawing is not None
    return sorted((mark for lane in drawing.lanes for mark in lane.marks), key=lambda mark: mark.number)


def test_a_year_is_as_wide_as_its_year_a_month_as_its_month_a_day_is_a_dot():
    year, month, day = marks("2021", "2023-03", "2024-12-31")
    assert (year.x, year.width, year.is_day) == (0, pytest.approx(365 / 1461 * 100, abs=0.01), False)
    assert month.width == pytest.approx(31 / 1461 * 100, abs=0.01)
    assert not month.is_day
    assert day.is_day
    assert day.x + day.width == pytest.approx(100, abs=0.01)


def test_the_last_year_that_can_be_typed_is_drawn_too():
    """Out of range is asked about and never refused, so a slip of the pen comes as far as here."""
    year, day = marks("9999", "9999-12-31")
    assert (year.x, year.width) == (0, 100)
    assert day.x + day.width == pytest.approx(100, abs=0.01)


def test_the_numbers_are_those_of_the_list_and_what_has_no_date_is_not_drawn():
    drawing = drawing_of(timeline(event("2021"), event(None), event("2022", PREGNANCY), event("now", PREGNANCY)))
    assert drawing is not None
    assert [(lane.name, [mark.number for mark in lane.marks]) for lane in drawing.lanes] == [
        ("Pregnancies", [3]),
        ("Embryo transfers", [1]),
    ]
    assert drawing_of(timeline(event(None), event("now"))) is None


def test_what_would_touch_stands_in_a_row_of_its_own():
    first, second, third = marks("2021", "2021", "2024")
    assert first.y != second.y
    assert third.y == first.y
    close = marks("2021-01-05", "2021-01-06", "2029")
    assert close[0].y != close[1].y


def test_two_whole_years_side_by_side_share_a_row():
    first, second = marks("2021", "2022")
    assert first.y == second.y


def test_at_most_thirteen_years_are_labelled():
    drawing = drawing_of(timeline(event("1990"), event("2026")))
    assert drawing is not None
    labels = [year.label for year in drawing.years if year.label]
    assert len(drawing.years) == 38
    assert labels[0] == "1990"
    assert len(labels) <= 13


def test_lanes_never_mix():
    drawing = drawing_of(timeline(event("2021", PREGNANCY), event("2021", PREGNANCY), event("2021")))
    assert drawing is not None
    pregnancies, transfers = drawing.lanes
    assert max(mark.y for mark in pregnancies.marks) < transfers.y < min(mark.y for mark in transfers.marks)
    assert drawing.axis > max(mark.y for mark in transfers.marks)
