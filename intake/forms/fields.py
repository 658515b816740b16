"""One WTForms field for each type of item: it reads the controls of one question and gives its Answer, or a sentence.

The fields only parse and check. Pages are drawn by Jinja macros from plain data, so no field has a widget.
"""

from __future__ import annotations

import calendar
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from wtforms import Field

from intake.forms import messages
from intake.forms.typed import DATE_PARTS, NOTHING_TYPED, OTHER, TICKED, Typed, control_names, first_control, reasons
from intake.questionnaire.model import OWN_WORDS_LENGTH, Item, ItemType
from intake.questionnaire.values import MONTHS, NO_ANSWER, AbsentReason, Answer, Coding, PartialDate, Value

BIRTH_DATE = "birth-date"
"""The one date that blocks outside its range (clinical.md 2.1); x-min names it by its linkId too."""
EARLIEST_BIRTH = date(1900, 1, 1)
LONGEST_NUMBER = 9
"""Digits read as a number: more are refused before they are counted."""

_MONTH_BY_NAME: Mapping[str, int] = {
    **{name.lower(): number for number, name in enumerate(MONTHS, 1)},
    **{name[:3].lower(): number for number, name in enumerate(MONTHS, 1)},
    "sept": 9,
}


class BadForm(Exception):
    """What was sent cannot come from our page: an unknown name or code, a doubled value, too many fields. Nothing is
    stored.

    The message is for the log and names no value.
    """


@dataclass
class Unreadable(Exception):
    """One answer that does not fit its question: the sentence to show and the control it is about."""

    sentence: str
    control: str


def kept_text(raw: str) -> str:
    """A text as it is kept: CRLF becomes LF, and nothing else is touched (docs/interfaces.md, Answers)."""
    return raw.replace("\r\n", "\n")


def is_blank(raw: str) -> bool:
    """White space alone is no answer."""
    return not raw.strip()


def read_text(raw: str, limit: int, control: str, *, lines: bool) -> str:
    """The text to keep. Raises Unreadable if it is too long or holds a sign that cannot be shown."""
    text = kept_text(raw)
    if any(sign not in "\n\t" and unicodedata.category(sign) in ("Cc", "Cs") for sign in text):
        raise Unreadable(messages.UNREADABLE_SIGN, control)
    if not lines and "\n" in text:
        raise Unreadable(messages.ONE_LINE, control)
    if len(text) > limit:
        raise Unreadable(messages.too_long(limit, len(text)), control)
    return text


def read_number(raw: str) -> int | None:
    """A whole number written in decimal digits of any script, None if it is none."""
    digits = raw.strip()
    return int(digits) if digits.isdecimal() and len(digits) <= LONGEST_NUMBER else None


def read_month(raw: str) -> int | None:
    """A month typed as a number or an English name, full or short; None if it is none."""
    month = read_number(raw) or _MONTH_BY_NAME.get(raw.strip().rstrip(".").lower())
    return month if month is not None and 1 <= month <= 12 else None


class QuestionField(Field):
    """One question. `typed` is what was sent, `answer` what was understood, `wrong` the control that could not be
    read."""

    widget = None  # type: ignore[assignment]  # drawn by a macro

    def __init__(self, item: Item, today: date, **kwargs: Any) -> None:
        super().__init__(item.text, **kwargs)
        self.item = item
        self.today = today
        self.typed = NOTHING_TYPED
        self.answer = NO_ANSWER
        self.wrong = ""

    # WTForms' signature
    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:  # noqa: ARG002
        """Read the question's controls. Raises BadForm for what no page of ours sends."""
        sent = {name: tuple(formdata.getlist(name)) for name in control_names(self.item)}
        self.typed = Typed(MappingProxyType({name: values for name, values in sent.items() if values}))
        self.process_errors = []
        reason = self._reason()
        try:
            self.answer = Answer(self.read_values(), reason[0] if reason else None)
            if len(reason) > 1:
                raise Unreadable(messages.ONE_REASON, f"{self.item.link_id}.absent")
        except Unreadable as unreadable:
            self.process_errors = [unreadable.sentence]
            self.wrong = unreadable.control

    def read_values(self) -> tuple[Value, ...]:
        """The values given, in order; none if nothing was said. Raises Unreadable, BadForm."""
        raise NotImplementedError

    def one(self, name: str) -> str:
        """The one value of a box, a radio or a tick box. Raises BadForm if it was sent doubled."""
        values = self.typed.all(name)
        if len(values) > 1:
            raise BadForm(f"{name} was sent {len(values)} times")
        return values[0] if values else ""

    def _reason(self) -> list[AbsentReason]:
        offered = {reason.value: reason for reason in reasons(self.item)}
        ticked = self.typed.all(f"{self.item.link_id}.absent")
        if len(set(ticked)) < len(ticked) or not offered.keys() >= set(ticked):
            raise BadForm(f"{self.item.link_id}.absent has a value that the page does not offer")
        return [reason for value, reason in offered.items() if value in ticked]


class TickField(QuestionField):
    """A statement to agree to: ticked or not."""

    def read_values(self) -> tuple[Value, ...]:
        ticked = self.one(self.item.link_id)
        if ticked not in ("", TICKED):
            raise BadForm(f"{self.item.link_id} has a value that the page does not offer")
        return (True,) if ticked else ()


class TextField(QuestionField):
    """A line or a few lines in the patient's own words, kept exactly as typed."""

    def read_values(self) -> tuple[Value, ...]:
        raw = self.one(self.item.link_id)
        if is_blank(raw):
            return ()
        assert self.item.max_length is not None, "every text has a longest length (invariants)"
        return (read_text(raw, self.item.max_length, self.item.link_id, lines=self.item.type is ItemType.TEXT),)


class NumberField(QuestionField):
    """A whole number from x-min to x-max."""

    def read_values(self) -> tuple[Value, ...]:
        raw = self.one(self.item.link_id)
        if is_blank(raw):
            return ()
        number = read_number(raw)
        low, high = (None if limit is None else int(limit) for limit in (self.item.minimum, self.item.maximum))
        if number is None or (low is not None and number < low) or (high is not None and number > high):
            raise Unreadable(messages.number(self.item), self.item.link_id)
        return (number,)


class DateField(QuestionField):
    """Three boxes, of which only the year must be filled unless the date must be full (x-partial-date)."""

    def read_values(self) -> tuple[Value, ...]:
        day, month, year = (self.one(self._box(part)).strip() for part in DATE_PARTS)
        if not (day or month or year):
            return ()
        self._check_which_are_given(day, month, year)
        found = self._date(self._year(year), self._month(month), self._day(day))
        self._check_birth(found)
        return (found,)

    def _box(self, part: str) -> str:
        return f"{self.item.link_id}.{part}"

    def _check_which_are_given(self, day: str, month: str, year: str) -> None:
        full = not self.item.partial_date
        if day and not month:
            raise Unreadable(messages.MONTH_MISSING if full else messages.MONTH_FOR_DAY, self._box("month"))
        if full and not day:
            raise Unreadable(messages.DAY_MISSING, self._box("day"))
        if not year:
            raise Unreadable(messages.YEAR_REQUIRED if self.item.required else messages.YEAR_MISSING, self._box("year"))

    def _day(self, raw: str) -> int | None:
        if not raw:
            return None
        day = read_number(raw)
        if day is None or not 1 <= day <= 31:
            raise Unreadable(messages.DAY, self._box("day"))
        return day

    def _month(self, raw: str) -> int | None:
        if not raw:
            return None
        month = read_month(raw)
        if month is None:
            raise Unreadable(messages.MONTH, self._box("month"))
        return month

    def _year(self, raw: str) -> int:
        year = read_number(raw)
        if year is None or len(raw) != 4 or year < 1:
            raise Unreadable(messages.YEAR, self._box("year"))
        return year

    def _date(self, year: int, month: int | None, day: int | None) -> PartialDate:
        if month is not None and day is not None and day > calendar.monthrange(year, month)[1]:
            raise Unreadable(messages.no_such_day(year, month), self._box("day"))
        return PartialDate(year, month, day)

    def _check_birth(self, found: PartialDate) -> None:
        if self.item.link_id != BIRTH_DATE:
            return
        if found.first >= self.today:
            raise Unreadable(messages.BIRTH_PAST, self._box("year"))
        if found.first < EARLIEST_BIRTH:
            raise Unreadable(messages.BIRTH_EARLIEST, self._box("year"))


class ChoiceField(QuestionField):
    """Radios, or tick boxes where several fit."""

    def read_values(self) -> tuple[Value, ...]:
        return self.codings(self.item.option_by_code)

    def codings(self, offered: Mapping[str, object]) -> tuple[Coding, ...]:
        """The chosen options in the questionnaire's order. Raises BadForm for doubled or unknown codes."""
        sent = self.typed.all(self.item.link_id)
        if len(set(sent)) < len(sent) or (len(sent) > 1 and not self.item.repeats):
            raise BadForm(f"{self.item.link_id} was sent doubled")
        if not offered.keys() >= set(sent):
            raise BadForm(f"{self.item.link_id} has a code that the page does not offer")
        return tuple(Coding(option.code) for option in self.item.options if option.code in sent)


class OpenChoiceField(ChoiceField):
    """The same with own words, which count whether or not their radio or tick box is chosen."""

    def read_values(self) -> tuple[Value, ...]:
        codings = self.codings({**self.item.option_by_code, OTHER: None})
        box = f"{self.item.link_id}.other"
        raw = self.one(box)
        if is_blank(raw):
            if self.typed.holds(self.item.link_id, OTHER):
                raise Unreadable(messages.WORDS_MISSING, box)
            return codings
        words = read_text(raw, OWN_WORDS_LENGTH, box, lines=False)
        if codings and not self.item.repeats:
            raise Unreadable(messages.WORDS_BESIDE, first_control(self.item))
        return (*codings, words)


FIELDS: Mapping[ItemType, type[QuestionField]] = {
    ItemType.BOOLEAN: TickField,
    ItemType.STRING: TextField,
    ItemType.TEXT: TextField,
    ItemType.INTEGER: NumberField,
    ItemType.DATE: DateField,
    ItemType.CHOICE: ChoiceField,
    ItemType.OPEN_CHOICE: OpenChoiceField,
}
"""Which field reads which type of item. A new type is one line here and one macro in
templates/macros/questions.html."""
