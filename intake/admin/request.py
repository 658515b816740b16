"""What an export is asked for: dates, reader, groups and reason; read from a form, an address or a command line."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, SelectMultipleField
from wtforms.validators import AnyOf, Length, Optional, ValidationError

from intake.exports.columns import GROUPS, Selection
from intake.exports.decode import PEOPLE, PROGRAMS
from intake.forms.form import DayField, Form, LineField
from intake.questionnaire.invariants import EXPORT_GROUPS
from intake.records.trail import span_of

REASON_LENGTH: Final = 300


GROUP_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "names": ("Names", "Full name, what to call the patient, date of birth, who filled the form in."),
    "contact": ("Contact details", "Email, phone, and whether they are safe to use."),
    "free-text": ("Free text", "Everything typed in own words. It may also tell how a pregnancy ended."),
    "endings": ("How pregnancies ended", "The kinds told apart, and the counts that would tell them."),
    "sensitive": ("Sensitive health answers", "Names of infections, weak immune system, substances, partner’s health."),
    "private-talk": ("Wish for time alone", "Whether the patient would like time alone with the clinician."),
}
"""How the page offers a group: its name, and what it holds."""
assert set(GROUP_WORDS) == set(EXPORT_GROUPS) == GROUPS


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
        return span_of(self.since, self.until, zone)

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


class ExportForm(Form):
    """What an export is asked for, of one of these `forms`; `with_groups` is False for an address alone, which may not
    ask for groups."""

    of_form = LineField(name="form")
    since = DayField(validators=[Optional()])
    until = DayField(validators=[Optional()])
    reader = LineField(
        name="for",
        filters=[lambda typed: typed or PEOPLE],
        validators=[AnyOf((PEOPLE, PROGRAMS), "Choose people or programs.")],
    )
    include = SelectMultipleField(validate_choice=False, default=())
    not_asked = BooleanField(name="not-asked", false_values=())
    reason = LineField(
        filters=[lambda typed: " ".join(typed.split())],
        validators=[Length(max=REASON_LENGTH, message=f"Write the reason in at most {REASON_LENGTH} characters.")],
    )

    def __init__(self, asked: MultiDict[str, str], forms: Sequence[str] = (), *, with_groups: bool = True) -> None:
        self.forms = forms
        self.with_groups = with_groups
        super().__init__(formdata=asked, meta={"csrf": False})  # CSRFProtect has checked what was posted

    def validate_of_form(self, field: Field) -> None:
        """A form that there is; if none is named, the one that new responses get."""
        if field.data and field.data not in self.forms:
            raise ValidationError(f"{field.data[:40]!r} is not a form here; choose from {', '.join(self.forms)}.")

    def validate_until(self, field: Field) -> None:
        """Not before the first day."""
        if self.since.data and field.data and field.data < self.since.data:
            raise ValidationError("The last day is before the first; change one of them.")

    def validate_include(self, field: Field) -> None:
        """Groups that there are."""
        if field.data and not self.with_groups:
            raise ValidationError("Groups are included from this page only, where a reason is given.")
        if unknown := sorted(set(field.data) - GROUPS):
            raise ValidationError(f"{unknown[0][:40]!r} is not a group; choose from {', '.join(EXPORT_GROUPS)}.")

    def validate_reason(self, field: Field) -> None:
        """Needed for groups, and kept in the trail, where every character must be seen."""
        if self.include.data and self.with_groups and not any(character.isalnum() for character in field.data):
            raise ValidationError("Write why these are needed; the audit trail keeps it.")
        if any(unicodedata.category(character) in ("Cc", "Cf") for character in field.data):
            raise ValidationError("Write the reason in plain letters, without control characters.")

    def request(self) -> ExportRequest:
        """The request, once the form was found to fit."""
        return ExportRequest(
            for_people=self.reader.data == PEOPLE,
            groups=frozenset(self.include.data or ()),
            since=self.since.data,
            until=self.until.data,
            reason=self.reason.data if self.with_groups else "",
            not_asked=self.not_asked.data,
            form=self.of_form.data or None,
        )
