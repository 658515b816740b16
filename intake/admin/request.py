"""What an export is asked for: dates, who will read it, which groups to include and why. Read from a form, an address or a command line."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from intake.exports.columns import GROUPS
from intake.questionnaire.invariants import EXPORT_GROUPS

PEOPLE: Final = "people"
PROGRAMS: Final = "programs"
REASON_LENGTH: Final = 300
GROUP_WORDS: Final[Mapping[str, str]] = {
    "names": "Names",
    "contact": "Contact details",
    "free-text": "Free text, which may also tell how a pregnancy ended",
    "endings": "How pregnancies ended, the kinds told apart",
    "sensitive": "Infections, weak immune system, substances, partner’s health",
    "private-talk": "Wish for time alone",
}
assert set(GROUP_WORDS) == set(EXPORT_GROUPS) == GROUPS


class ExportError(Exception):
    """What keeps an export from being made; `field` is the control it is about, the text says what to do."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """A sound request. Dates are days on the clinic's calendar, both included; None is open."""

    for_people: bool = True
    groups: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None
    reason: str = ""

    def moments(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """From when, and until before when, responses were sent: midnights of the clinic's zone."""
        start = datetime.combine(self.since, time(), zone) if self.since else None
        end = datetime.combine(self.until + timedelta(days=1), time(), zone) if self.until else None
        return start, end

    @property
    def detail(self) -> str:
        """What the audit trail keeps of it."""
        groups = ",".join(name for name in EXPORT_GROUPS if name in self.groups) or "none"
        spans = f"{self.since or ''}..{self.until or ''}"
        return f"for {PEOPLE if self.for_people else PROGRAMS}; sent {spans}; included: {groups}; reason: {self.reason or 'none'}"


def read_request(
    *, who: str | None = None, include: Collection[str] = (), since: str | None = None, until: str | None = None, reason: str | None = None
) -> ExportRequest:
    """A request from typed texts. Raises ExportError for the first that does not fit."""
    if (who or PEOPLE) not in (PEOPLE, PROGRAMS):
        raise ExportError("for", "Choose people or programs.")
    if unknown := sorted(set(include) - GROUPS):
        raise ExportError("include", f"{unknown[0][:40]!r} is no group; choose from {', '.join(EXPORT_GROUPS)}.")
    first, last = _day("since", since), _day("until", until)
    if first and last and last < first:
        raise ExportError("until", "The last day is before the first; change one of them.")
    why = " ".join((reason or "").split())
    if include and not why:
        raise ExportError("reason", "Write why these are needed; the audit trail keeps it.")
    if any(unicodedata.category(sign) == "Cc" for sign in why):
        raise ExportError("reason", "Write the reason in plain letters, without control characters.")
    if len(why) > REASON_LENGTH:
        raise ExportError("reason", f"Write the reason in at most {REASON_LENGTH} characters.")
    return ExportRequest((who or PEOPLE) == PEOPLE, frozenset(include), first, last, why)


def _day(field: str, typed: str | None) -> date | None:
    if not (typed or "").strip():
        return None
    try:
        found = datetime.strptime((typed or "").strip(), "%Y-%m-%d").date()  # noqa: DTZ007 - a day, not a moment
    except ValueError:
        raise ExportError(field, "Write the day as year-month-day, such as 2026-03-01.") from None
    if not 1900 < found.year < 9000:
        raise ExportError(field, "Write a day between 1901 and 8999.")
    return found
