"""A question as a WTForms field: the table says which field reads which type of item, and what is asked of its answer.

The fields parse and check. Pages are drawn by Jinja macros from plain data, so no field has a widget.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, ClassVar, Final

from wtforms import Field
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.validators import NumberRange, Optional, Regexp, StopValidation, ValidationError

from intake.forms import messages
from intake.forms.typed import NOTHING_TYPED, OTHER, TICKED, Typed, control_names, reasons
from intake.forms.words import MONTH_BY_WORD, NUMBER_BY_WORD, month_word, number_word, word
from intake.questionnaire.model import OWN_WORDS_LENGTH, Item, ItemType
from intake.questionnaire.roles import ItemRole
from intake.questionnaire.unseen import can_be_seen, without_unseen
from intake.questionnaire.values import AbsentReason, Answer, Coding, PartialDate, Value

EARLIEST_BIRTH: Final = date(1900, 1, 1)
LONGEST_NUMBER: Final = 9
"""Digits read as a number: more are refused before they are counted."""
DAYS_OF_A_WEEK: Final = 7

Validator = Callable[[Any, Any], object]


class BadForm(Exception):
    """What was sent cannot come from our page: an unknown name or code, a doubled value, too much. Nothing is stored.

    The message is for the log and names no value.
    """


# Vertical tab, next line, line and paragraph separator, and a carriage return alone: what office programs put there
_SOFT_BREAK: Final = re.compile("[\v\r\x85\u2028\u2029]")


def kept_text(raw: str, *, one_line: bool = False) -> str | None:
    """A text as it is kept: CRLF and the soft line breaks of office programs become LF, no more (docs/interfaces.md,
    Answers), and the soft ones, which a box of one line does not show, a space there; None if nothing of it is seen."""
    return _SOFT_BREAK.sub(" " if one_line else "\n", raw.replace("\r\n", "\n")) if can_be_seen(raw) else None


def read_number(raw: str) -> int | None:
    """A whole number written in decimal digits of any script, None if it is none. Signs that nobody sees, blanks and
    dots that came along do not matter."""
    digits = word(raw)
    return int(digits) if digits.isdecimal() and len(digits) <= LONGEST_NUMBER else None


def read_count(raw: str) -> int | None:
    """A whole number in digits or as one word, “two” or “dos”; None for anything else, “none” and “a few” among it."""
    digits = read_number(raw)
    return NUMBER_BY_WORD.get(number_word(raw)) if digits is None else digits


def read_weeks(raw: str) -> int | None:
    """The weeks of “8+3”, 8 weeks and 3 days; a whole number as it is; None for anything else."""
    weeks, plus, days = raw.partition("+")
    if not plus:
        return read_count(raw)
    return read_number(weeks) if read_number(days) in range(DAYS_OF_A_WEEK) else None


def read_month(raw: str) -> int | None:
    """A month typed as a number or a name in English, Spanish or French, full or short; None if it is none."""
    month = read_number(raw) or MONTH_BY_WORD.get(month_word(raw))
    return month if month is not None and 1 <= month <= 12 else None


# -- what is asked of an answer: WTForms' own validators where they say it ---------------------------------------------

# Unicode's control characters but for the line feed and the tab, and the halves of characters
_UNSHOWN: Final = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]+")
ONE_LINE: Final = Regexp(re.compile(r"[^\n]*\Z"), message=messages.ONE_LINE)
MAY_BE_BLANK: Final = Optional()


def shown(_form: BaseForm, field: Field) -> None:
    """A text whose every character can be shown; else it is said where the first that cannot stands."""
    if found := _UNSHOWN.search(field.data or ""):
        before, after = field.data[: found.start()], _UNSHOWN.sub("", field.data[found.end() :])
        raise ValidationError(messages.unshown(before, found.end() - found.start(), after))


def at_most(limit: int | None) -> Validator:
    """A text of at most so many code points; unlike WTForms' Length it tells how long the text is."""
    assert limit is not None, "every text has a longest length (invariants)"

    def check(_form: BaseForm, field: Field) -> None:
        if len(field.data or "") > limit:
            raise ValidationError(messages.too_long(limit, len(field.data)))

    return check


def birth(form: Any, field: PartialDateField) -> None:
    """The one date that blocks outside its range: in the past, from 1900 on (clinical.md 2.1)."""
    if field.data is not None and not EARLIEST_BIRTH <= field.data.first < form.today:
        past = field.data.first < form.today
        raise field.unfit(messages.BIRTH_EARLIEST if past else messages.BIRTH_PAST, "year")


# -- the fields --------------------------------------------------------------------------------------------------------


class QuestionField(Field):
    """One question. `typed` is what was sent, `data` what was understood, `wrong` the control that an error is about.

    What depends on the question alone stands in a class of its own (`field_for`), made once and not at every request.
    """

    widget = None  # type: ignore[assignment]  # drawn by a macro
    item: ClassVar[Item]
    controls: ClassVar[tuple[str, ...]]
    wrong: str
    typed: Typed = NOTHING_TYPED
    reasons: tuple[AbsentReason, ...] = ()
    remark: str = ""
    """What the patient is told once it is saved, where it was read as something else than what stood there."""

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:  # noqa: ARG002 - WTForms'
        """Read all controls of the question, where WTForms knows one. Raises BadForm for what no page of ours sends."""
        sent = {name: tuple(formdata.getlist(name)) for name in self.controls if name in formdata}
        self.typed = Typed(MappingProxyType(sent))
        self.raw_data = values = list(sent.get(self.name, ()))
        self.reasons = self._reasons()
        self.process_errors = []
        try:
            self.process_formdata(values)
        except ValidationError as unfit:
            self.process_errors = [str(unfit)]

    @property
    def values(self) -> tuple[Value, ...]:
        """The values given, in order; none if nothing was said."""
        return () if self.data is None else (self.data,)

    @property
    def answer(self) -> Answer:
        """What is kept, once nothing was found wrong."""
        return Answer(self.values, self.reasons[0] if self.reasons else None)

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002 - WTForms' signature
        """What could not be read is not checked any further."""
        if self.process_errors:
            raise StopValidation

    def post_validate(self, form: BaseForm, validation_stopped: bool) -> None:  # noqa: ARG002 - WTForms' signature
        """Of two reasons for no answer one can be true."""
        if len(self.reasons) > 1 and not self.errors:
            raise self.unfit(messages.ONE_REASON, "absent")

    def one(self, name: str) -> str:
        """The one value of a box, a radio or a tick box. Raises BadForm if it was sent doubled."""
        values = self.typed.all(name)
        if len(values) > 1:
            raise BadForm(f"{name} was sent {len(values)} times")
        return values[0] if values else ""

    def unfit(self, sentence: str, part: str) -> ValidationError:
        """The error about one part of the question, to be raised."""
        self.wrong = f"{self.name}.{part}"
        return ValidationError(sentence)

    def _reasons(self) -> tuple[AbsentReason, ...]:
        ticked = self.typed.all(f"{self.name}.absent")
        if not ticked:
            return ()
        offered = {reason.value: reason for reason in reasons(self.item)}
        if len(set(ticked)) < len(ticked) or not offered.keys() >= set(ticked):
            raise BadForm(f"{self.name}.absent has a value that the page does not offer")
        return tuple(reason for value, reason in offered.items() if value in ticked)


class TickField(QuestionField):
    """A statement to agree to: ticked or not."""

    def process_formdata(self, valuelist: list[str]) -> None:  # noqa: ARG002 - WTForms' signature
        ticked = self.one(self.name)
        if ticked not in ("", TICKED):
            raise BadForm(f"{self.name} has a value that the page does not offer")
        self.data = True if ticked else None


COPIED: Final = (ItemRole.EMAIL, ItemRole.PHONE)
"""Where a sign that nobody sees came along with a copy, and would keep somebody from being reached."""


class TextField(QuestionField):
    """A line or a few lines in the patient's own words, kept as typed."""

    def process_formdata(self, valuelist: list[str]) -> None:  # noqa: ARG002 - WTForms' signature
        typed = self.one(self.name)
        if self.item.role in COPIED and (plain := without_unseen(typed)).isascii():
            typed = plain
        self.data = kept_text(typed, one_line=self.item.type is ItemType.STRING)


class NumberField(QuestionField):
    """A whole number from x-min to x-max."""

    read: Callable[[str], int | None] = staticmethod(read_count)

    def process_formdata(self, valuelist: list[str]) -> None:  # noqa: ARG002 - WTForms' signature
        raw = self.one(self.name)
        self.data = self.read(raw)
        if self.data is None and raw.strip():
            raise ValidationError(messages.number(self.item))


class WeeksField(NumberField):
    """The same for weeks, which may be typed with days: those are left out, and the patient is told."""

    read = staticmethod(read_weeks)

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        self.remark = messages.weeks_written(self.data) if self.data and "+" in self.one(self.name) else ""


class PartialDateField(QuestionField):
    """Three boxes, of which only the year must be filled unless the date must be full (x-partial-date)."""

    def whole_year(self, typed: str) -> str:
        """The year that two digits mean, where bounds leave one reading; a date that may be any has none."""
        return typed

    def process_formdata(self, valuelist: list[str]) -> None:  # noqa: ARG002 - WTForms' signature
        day, month, year = typed = [word(self.one(control)) for control in self.controls[:3]]
        year = self.whole_year(year)
        self.data = None
        if not any(typed):
            return
        full = not self.item.partial_date
        for wrong, part, sentence in (
            (day and not month, "month", messages.MONTH_MISSING if full else messages.MONTH_FOR_DAY),
            (full and not day, "day", messages.DAY_MISSING),
            (not year, "year", messages.YEAR_REQUIRED if self.item.required else messages.YEAR_MISSING),
            (len(year) != 4 or not read_number(year), "year", messages.YEAR),
            (month and not read_month(month), "month", messages.MONTH),
            (day and not 1 <= (read_number(day) or 0) <= 31, "day", messages.DAY),
        ):
            if wrong:
                raise self.unfit(sentence, part)
        given = read_number(year) or 0, read_month(month), read_number(day)
        try:
            self.data = PartialDate(*given)
        except ValueError:  # all that is left: the month does not have this day
            raise self.unfit(messages.no_such_day(given[0], given[1] or 0), "day") from None


class BirthDateField(PartialDateField):
    """The patient's own: of a year's last two digits one century alone may be in the past and from 1900 on, as `birth`
    asks. Read only once today is known."""

    today: date

    def process_formdata(self, valuelist: list[str]) -> None:  # noqa: ARG002 - WTForms' signature
        self.data = None

    def pre_validate(self, form: Any) -> None:
        self.today = form.today
        super().process_formdata([])

    def whole_year(self, typed: str) -> str:
        """As said above; two digits of which both centuries fit stay as they are, and are asked back."""
        if len(typed) != 2 or (last := read_number(typed)) is None:
            return typed
        fit = [year for year in range(EARLIEST_BIRTH.year, self.today.year + 1) if year % 100 == last]
        return str(fit[0]) if len(fit) == 1 else typed


class ChoiceField(QuestionField):
    """Radios, or tick boxes where several fit."""

    own: tuple[str, ...] = ()
    """Codes beside those of the options."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if len(valuelist) > 1 and (len(set(valuelist)) < len(valuelist) or not self.item.repeats):
            raise BadForm(f"{self.name} was sent doubled")
        offered = self.item.option_by_code
        if any(code not in offered and code not in self.own for code in valuelist):
            raise BadForm(f"{self.name} has a code that the page does not offer")
        self.codes = tuple(code for code in offered if code in valuelist) if valuelist else ()

    @property
    def values(self) -> tuple[Value, ...]:
        """The options."""
        return tuple(Coding(code) for code in self.codes)


class OpenChoiceField(ChoiceField):
    """The same with own words (`data`), which count whether or not their radio or tick box is chosen."""

    own = (OTHER,)

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        self.wrong = f"{self.name}.other"
        self.data = kept_text(self.one(self.wrong), one_line=True)

    def post_validate(self, form: BaseForm, validation_stopped: bool) -> None:
        """Own words are missing, or stand beside the one option there can be."""
        if not self.errors and not self.data and self.typed.holds(self.name, OTHER):
            raise ValidationError(messages.WORDS_MISSING)
        if not self.errors and self.data and self.codes and not self.item.repeats:
            self.wrong = self.name
            raise ValidationError(messages.WORDS_BESIDE)
        super().post_validate(form, validation_stopped)

    @property
    def values(self) -> tuple[Value, ...]:
        """The options, then the words."""
        return (*super().values, *([self.data] if self.data else []))


# -- which field, and what is asked of it ------------------------------------------------------------------------------


def _in_range(item: Item) -> Validator:
    low, high = (None if limit is None else int(limit) for limit in (item.minimum, item.maximum))
    return NumberRange(low, high, message=messages.number(item))


FIELDS: Final[Mapping[ItemType, tuple[type[QuestionField], Callable[[Item], list[Validator]]]]] = {
    ItemType.BOOLEAN: (TickField, lambda _: []),
    ItemType.STRING: (TextField, lambda item: [MAY_BE_BLANK, shown, ONE_LINE, at_most(item.max_length)]),
    ItemType.TEXT: (TextField, lambda item: [MAY_BE_BLANK, shown, at_most(item.max_length)]),
    ItemType.INTEGER: (NumberField, lambda item: [MAY_BE_BLANK, _in_range(item)]),
    ItemType.DATE: (PartialDateField, lambda item: [birth] if item.role is ItemRole.BIRTH_DATE else []),
    ItemType.CHOICE: (ChoiceField, lambda _: []),
    ItemType.OPEN_CHOICE: (OpenChoiceField, lambda _: [shown, ONE_LINE, at_most(OWN_WORDS_LENGTH)]),
}
"""Which field reads which type, and its validators. A new type is a line here and a macro in macros/questions.html."""


def field_for(item: Item, *, weeks: bool = False) -> UnboundField[QuestionField]:
    """The field of a question, to be put into a form's class; `weeks` says that its number is one of weeks."""
    kind, validators = FIELDS[item.type]
    kind = WeeksField if weeks else BirthDateField if item.role is ItemRole.BIRTH_DATE else kind
    controls = control_names(item)
    of_this = {"item": item, "controls": controls, "wrong": controls[0], "validators": validators(item)}
    return UnboundField(type(kind.__name__, (kind,), of_this), item.text, name=item.link_id)
