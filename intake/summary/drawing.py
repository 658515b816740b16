"""The timeline as a drawing (DESIGN.md 8): where each mark stands on a strip of whole years, in per cent.

Each line of the list has its own strip, so that a mark stands beside its outcome. A day is a dot, a month or a year a
bar exactly as wide, and what goes on now a ring at the day of sending. The list says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from intake.questionnaire.values import PartialDate
from intake.summary.model import NOW, Timeline


@dataclass(frozen=True, slots=True)
class Mark:
    """One event: where it begins and how wide it is (per cent); `kind` is day, span or now."""

    x: float
    width: float
    kind: str

    @property
    def middle(self) -> float:
        """Where a dot or a ring stands."""
        return round(self.x + self.width / 2, 3)


@dataclass(frozen=True, slots=True)
class Drawing:
    """The marks by the place of their event in the list, the line that begins each year, and the first and last
    year."""

    marks: Mapping[int, Mark]
    years: tuple[float, ...]
    first: int
    last: int


def drawing_of(timeline: Timeline, sent: date) -> Drawing | None:
    """The drawing of the events that have a date or go on at the day of sending; None if there are none."""
    dates = {
        place: PartialDate.from_date(sent) if event.date == NOW else PartialDate.parse(event.date)
        for place, event in enumerate(timeline.events)
        if event.date
    }
    if not dates:
        return None
    first, last = (find(when.year for when in dates.values()) for find in (min, max))
    begin = date(first, 1, 1).toordinal()
    days = date(last, 12, 31).toordinal() + 1 - begin

    def x(day: int) -> float:
        return round((day - begin) / days * 100, 3)

    def mark(place: int, when: PartialDate) -> Mark:
        start, end = x(when.first.toordinal()), x(when.last.toordinal() + 1)
        is_now = timeline.events[place].date == NOW
        return Mark(start, round(end - start, 3), "now" if is_now else "span" if when.day is None else "day")

    years = range(first, last + 1, -(-(last - first + 1) // MOST_YEARS))
    return Drawing(
        {place: mark(place, when) for place, when in dates.items()},
        tuple(x(date(year, 1, 1).toordinal()) for year in years),
        first,
        last,
    )


MOST_YEARS = 40
"""More lines than this would be a grey block: then every second year has one, or every third."""
