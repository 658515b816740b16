"""What an export is asked for: dates, who will read it, which groups to include and why. Read from a form, an address
or a command line."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from intake.exports.columns import GROUPS, Selection
from intake.exports.decode import PEOPLE, PROGRAMS
from intake.questionnaire.invariants import EXPORT_GROUPS

REASON_LENGTH: Final = 300


@dataclass(frozen=True, slots=True)
class GroupWords:
    """How the page offers a group: its name, and what it holds."""

    name: str
    holds: str


GROUP_WORDS: Final[Mapping[str, GroupWords]] = {
    "names": GroupWords("Names", "Full name, what to call the patient, date of birth, who filled the form in."),
    "contact": GroupWords("Contact details", "Email, phone, and whether they are safe to use."),
    "free-text": GroupWords("Free text", "Everything typed in own words. It may also tell how a pregnancy ended."),
    "endings": GroupWords("How pregnancies ended", "The kinds told apart, and the counts that would tell them."),
    "sensitive": GroupWords(
        "Sensitive health answers", "Names of infections, weak immune system, substances, partner’s health."
    ),
    "private-talk": GroupWords("Wish for time alone", "Whether the patient would like time alone with the clinician."),
}
assert set(GROUP_WORDS) == set(EXPORT_GROUPS) == GROUPS


class ExportError(Exception):
    """What keeps an export from being made; `field` is the control it is about, the text says what to do."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """A sound request. Dates are days on the clinic's calendar, both included; None is open. `form` is a form's name;
    None is the one that new responses get."""

    for_people: bool = True
    groups: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None
    reason: str = ""
    not_asked: bool = False
    form: str | None = None

    def moments(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """From when, and until before when, responses were sent: midnights of the clinic's zone."""
        start = datetime.combine(self.since, time(), zone) if self.since else None
        end = datetime.combine(self.until + timedelta(days=1), time(), zone) if self.until else None
        return start, end

    @property
    def selection(self) -> Selection:
        """What the files hold."""
        return Selection(self.groups, self.for_people, self.not_asked)

    @property
    def included(self) -> list[str]:
        """The groups, in the order in which they are always named."""
        return [name for name in EXPORT_GROUPS if name in self.groups]

    @property
    def reader(self) -> str:
        """Who will read it."""
        return PEOPLE if self.for_people else PROGRAMS

    @property
    def detail(self) -> str:
        """What the audit trail keeps of it."""
        spans = f"{self.since or ''}..{self.until or ''}"
        groups = ",".join(self.included) or "none"
        more = "; with not-asked" if self.not_asked else ""
        return f"for {self.reader}; sent {spans}; included: {groups}{more}; reason: {self.reason or 'none'}"


def read_request(
    forms: Sequence[str] = (),
    *,
    form: str | None = None,
    who: str | None = None,
    include: Collection[str] = (),
    since: str | None = None,
    until: str | None = None,
    reason: str | None = None,
    not_asked: bool = False,
) -> ExportRequest:
    """A request from typed texts, for one of these forms, the one that new responses get if none is named. Raises
    ExportError for the first that does not fit."""
    if form and form not in forms:
        raise ExportError("form", f"{form[:40]!r} is not a form here; choose from {', '.join(forms)}.")
    if (who or PEOPLE) not in (PEOPLE, PROGRAMS):
        raise ExportError("for", "Choose people or programs.")
    if unknown := sorted(set(include) - GROUPS):
        raise ExportError("include", f"{unknown[0][:40]!r} is no group; choose from {', '.join(EXPORT_GROUPS)}.")
    first, last = _day("since", since), _day("until", until)
    if first and last and last < first:
        raise ExportError("until", "The last day is before the first; change one of them.")
    why = " ".join((reason or "").split())
    if include and not any(sign.isalnum() for sign in why):
        raise ExportError("reason", "Write why these are needed; the audit trail keeps it.")
    if any(unicodedata.category(sign) in ("Cc", "Cf") for sign in why):
        raise ExportError("reason", "Write the reason in plain letters, without control characters.")
    if len(why) > REASON_LENGTH:
        raise ExportError("reason", f"Write the reason in at most {REASON_LENGTH} characters.")
    return ExportRequest((who or PEOPLE) == PEOPLE, frozenset(include), first, last, why, not_asked, form or None)


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
