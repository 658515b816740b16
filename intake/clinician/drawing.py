"""The timeline as a drawing (DESIGN.md 8): where each mark stands, in per cent and px. The list says the same.

A day is a dot, a month or a year a bar exactly as wide. Each kind of event has a lane of its own; one ink.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from intake.questionnaire.values import PartialDate
from intake.summary.model import NOW, Timeline

ROW: Final = 29
LANE_HEAD: Final = 26
ROOM: Final = 6.0
"""Per cent of the width that a mark takes at least: its number needs it."""
YEAR_LABELS: Final = 13


@dataclass(frozen=True, slots=True)
class Mark:
    """One event: its number in the list, where it begins and how wide it is (per cent), and the y of its row (px)."""

    number: int
    x: float
    width: float
    y: int
    is_day: bool

    @property
    def middle(self) -> float:
        """Where its number stands."""
        return round(self.x + self.width / 2, 3)


@dataclass(frozen=True, slots=True)
class Lane:
    """One kind of event: its name, where that stands, and its marks."""

    name: str
    y: int
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Year:
    """One hairline, with a label or without."""

    x: float
    label: str
    odd: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole picture; `axis` is the y of its base line."""

    lanes: tuple[Lane, ...]
    years: tuple[Year, ...]
    axis: int


def drawing_of(timeline: Timeline) -> Drawing | None:
    """The drawing of the dated events, numbered as listed; None if there is none with a date."""
    dated = [
        (number, event.kind, PartialDate.parse(event.date))
        for number, event in enumerate(timeline.events, 1)
        if event.date and event.date != NOW
    ]
    if not dated:
        return None
    first, last = min(when.year for _, _, when in dated), max(when.year for _, _, when in dated)
    span = _Span(date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal() + 1)
    lanes, y = [], 0
    for kind, name in timeline.lanes:
        marks = [(number, when) for number, of_kind, when in dated if of_kind == kind]
        if marks:
            placed, rows = _placed(span, marks, y + LANE_HEAD)
            lanes.append(Lane(name, y + 20, placed))
            y += LANE_HEAD + rows * ROW
    return Drawing(tuple(lanes), _years(span, first, last), y + 8)


@dataclass(frozen=True, slots=True)
class _Span:
    """From a day to the one behind the last, as numbers: no date stands behind the year 9999."""

    first: int
    end: int

    def x(self, day: int) -> float:
        return round((day - self.first) / (self.end - self.first) * 100, 3)


def _placed(span: _Span, marks: list[tuple[int, PartialDate]], y: int) -> tuple[tuple[Mark, ...], int]:
    """Each mark in the first row where it touches no other; sorted by start, the longest first."""
    ends: list[float] = []
    placed: list[Mark] = []
    for number, when in sorted(marks, key=lambda mark: (mark[1].first, -(mark[1].last - mark[1].first).days)):
        x = span.x(when.first.toordinal())
        width = span.x(when.last.toordinal() + 1) - x
        left, right = min(x, x + width / 2 - ROOM / 2), max(x + width, x + width / 2 + ROOM / 2)
        row = next((row for row, end in enumerate(ends) if end <= left), len(ends))
        ends[row : row + 1] = [right]
        placed.append(Mark(number, x, round(width, 3), y + row * ROW + 16, when.day is not None))
    return tuple(placed), len(ends)


def _years(span: _Span, first: int, last: int) -> tuple[Year, ...]:
    """A hairline a year, every n-th labelled so that at most thirteen are; the line that closes the last has none."""
    every = -(-(last - first + 1) // YEAR_LABELS)
    places = ((year, *divmod(year - first, every)) for year in range(first, last + 1))
    lines = (
        Year(span.x(date(year, 1, 1).toordinal()), "" if rest else f"{year}", nth % 2 == 1)
        for year, nth, rest in places
    )
    return (*lines, Year(100.0, "", False))
