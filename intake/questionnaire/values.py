"""One answer's value: a chosen option, a text, a number, a yes, or a date as precise as it was given."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from intake.questionnaire.unseen import can_be_seen

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SHORT_MONTHS = tuple(name[:3] for name in MONTHS)
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True, slots=True)
class Coding:
    """A chosen answerOption, by its code in our own code system."""

    code: str


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A FHIR `date`: a year, a year and month, or a full day. Nothing is ever padded (clinical.md 2.1, Dates)."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise ValueError("a day needs its month")
        date(self.year, self.month or 1, self.day or 1)

    @classmethod
    def parse(cls, iso: str) -> PartialDate:
        """Read `2021`, `2021-03` or `2021-03-14`. Raises ValueError for anything else, also for no real day."""
        match = _ISO.fullmatch(iso)
        if match is None:
            raise ValueError(f"not a date: {iso!r}")
        return cls(*(int(part) if part else None for part in match.groups()))  # type: ignore[arg-type]

    @classmethod
    def from_date(cls, day: date) -> PartialDate:
        """The full date of a calendar day."""
        return cls(day.year, day.month, day.day)

    @property
    def iso(self) -> str:
        """ISO 8601 at the precision given: for JSON, CSV and FHIR."""
        parts = [f"{self.year:04}"] + [f"{part:02}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)

    @property
    def words(self) -> str:
        """For people: `2021`, `Jun 2024`, `14 Jan 2026` (clinical.md 3.6, Dates)."""
        if self.month is None:
            return f"{self.year}"
        month = _SHORT_MONTHS[self.month - 1]
        return f"{month} {self.year}" if self.day is None else f"{self.day} {month} {self.year}"

    @property
    def first(self) -> date:
        """The earliest day that this date can mean."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last(self) -> date:
        """The latest day that this date can mean."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])


Value = Coding | str | bool | int | PartialDate


class AbsentReason(StrEnum):
    """Why a question beside which a reason can be ticked has no value (FHIR data-absent-reason)."""

    ASKED_UNKNOWN = "asked-unknown"
    ASKED_DECLINED = "asked-declined"


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands in one question: its values, in the order of the question's options, and a ticked reason for none.

    Own words of an open-choice stand as a `str` after the chosen codings. A value and a reason may stand together when
    the patient was asked and kept both (docs/interfaces.md, Answers): then the value is the answer. A text of which
    nothing can be seen is no value, also where one was stored before that was so.
    """

    values: tuple[Value, ...] = ()
    absent: AbsentReason | None = None

    def __post_init__(self) -> None:
        seen = tuple([value for value in self.values if not isinstance(value, str) or can_be_seen(value)])
        object.__setattr__(self, "values", seen)

    @property
    def answered(self) -> bool:
        """Whether there is a value; a ticked reason alone is no answer (clinical.md 2.1, x-unknown)."""
        return bool(self.values)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was said: neither a value nor a reason."""
        return not self.values and self.absent is None

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the chosen options."""
        return tuple([value.code for value in self.values if isinstance(value, Coding)])

    @property
    def own_words(self) -> str | None:
        """The typed text: of a string or text question, or the own words of an open-choice."""
        return next((value for value in self.values if isinstance(value, str)), None)

    @property
    def number(self) -> int | None:
        """The whole number given, if this is a number."""
        return next((value for value in self.values if isinstance(value, int) and not isinstance(value, bool)), None)

    @property
    def date(self) -> PartialDate | None:
        """The date given, if this is a date."""
        return next((value for value in self.values if isinstance(value, PartialDate)), None)

    def has(self, codes: Iterable[str]) -> bool:
        """Whether any of the codes was chosen."""
        return not set(codes).isdisjoint(self.codes)


NO_ANSWER = Answer()
