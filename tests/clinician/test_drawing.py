"""The timeline's drawing: in per cent of whole years, as precise as what was given, a mark for each dated line."""

from __future__ import annotations

from datetime import date

import pytest

from intake.consultations.nk_intake.timeline import ABOUT, TRANSFER
from intake.summary.drawing import MOST_YEARS, Drawing, Mark, drawing_of
from intake.summary.model import Event, Timeline

SENT = date(2026, 11, 22)


def drawn(*dates: str | None) -> Drawing | None:
    events = tuple(Event(when, when or "", TRANSFER, (), (), (), "x", "y") for when in dates)
    return drawing_of(Timeline(ABOUT, events), SENT)


def marks(*dates: str | None) -> list[Mark]:
    drawing = drawn(*dates)
    assert drawing is not None
    return [drawing.marks[place] for place in sorted(drawing.marks)]


def test_a_year_is_as_wide_as_its_year_a_month_as_its_month_a_day_is_a_dot() -> None:
    year, month, day = marks("2021", "2023-03", "2024-12-31")
    assert (year.x, year.width, year.kind) == (0, pytest.approx(365 / 1461 * 100, abs=0.01), "span")
    assert month.width == pytest.approx(31 / 1461 * 100, abs=0.01)
    assert (month.kind, day.kind) == ("span", "day")
    assert day.x + day.width == pytest.approx(100, abs=0.01)


def test_the_last_year_that_can_be_typed_is_drawn_too() -> None:
    """Out of range is asked about and never refused, so a slip of the pen comes as far as here."""
    year, day = marks("9999", "9999-12-31")
    assert (year.x, year.width) == (0, 100)
    assert day.x + day.width == pytest.approx(100, abs=0.01)


def test_what_goes_on_now_is_drawn_at_the_day_of_sending() -> None:
    drawing = drawn("2021", "now")
    assert drawing is not None
    now = drawing.marks[1]
    assert (now.kind, drawing.first, drawing.last) == ("now", 2021, 2026)
    assert now.middle == marks("2021", "2026-11-22")[1].middle


def test_what_has_no_date_has_no_mark_and_shifts_no_other() -> None:
    drawing = drawn("2021", None, "2022")
    assert drawing is not None
    assert set(drawing.marks) == {0, 2}
    assert drawn(None, None) is None


def test_each_year_begins_with_a_line_unless_there_are_very_many() -> None:
    few, many = drawn("2018", "2021"), drawn("1900", "2026")
    assert few is not None
    assert many is not None
    assert len(few.years) == 4
    assert few.years[0] == 0
    assert len(many.years) <= MOST_YEARS
