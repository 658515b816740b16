"""Every sentence that a form shows for what it could not accept: each says what to do (design language, section 5)."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from types import MappingProxyType

from intake.questionnaire.direction import isolated
from intake.questionnaire.model import Item, ItemType
from intake.questionnaire.values import MONTHS
from intake.summary.statement import tidied

ONE_LINE = "Write this on one line"
ONE_REASON = "Tick one of the two, not both"
WORDS_MISSING = "Write your own words, or choose another answer"
WORDS_BESIDE = "Choose one answer: one from the list, or “Something else” with your own words"
DAY = "Type the day as a number from 1 to 31"
DAY_MISSING = "Add the day"
MONTH = "Type the month as a number from 1 to 12, or as a name, such as March"
MONTH_MISSING = "Add the month"
MONTH_FOR_DAY = "Add the month, or take the day out"
YEAR = "Type the year with four digits, such as 2021"
YEAR_MISSING = "Add the year, or leave all three boxes blank"
YEAR_REQUIRED = "Add the year"
BIRTH_PAST = "Type a date of birth that is in the past"
BIRTH_EARLIEST = "Type a date of birth from 1900 on"

_WORDS, _LETTERS = 3, 30
"""How much of a typed text is quoted at most."""
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def number(item: Item) -> str:
    """For letters in a number, and for a whole number outside x-min to x-max."""
    span = "" if item.minimum is None or item.maximum is None else f" from {item.minimum} to {item.maximum}"
    return f"Type a whole number{span}, or leave it blank"


def weeks_written(weeks: int) -> str:
    """For weeks that were typed with days: what is kept (clinical.md 2.1, Only these block)."""
    return f"We wrote {weeks} week{'' if weeks == 1 else 's'}."


def too_long(limit: int, length: int) -> str:
    """For a text longer than maxLength, both in code points."""
    return f"Shorten this to {limit:,} characters. It has {length:,} now"


def unshown(before: str, count: int, after: str) -> str:
    """For so many characters that no page can show, by the words before and after them, as nobody sees them."""
    what = f"Remove the character{'' if count == 1 else 's'} that cannot be shown"
    last, first = (" ".join(words) for words in (tidied(before).split()[-_WORDS:], tidied(after).split()[:_WORDS]))
    last, first = isolated(last[-_LETTERS:].strip()), isolated(first[:_LETTERS].strip())
    if last and first:
        return f"{what}, between “{last}” and “{first}”"
    return f"{what}, at the end, after “{last}”" if last else f"{what}, at the beginning, before “{first}”"


def no_such_day(year: int, month: int) -> str:
    """For a day that the month does not have."""
    return f"Check the day: {MONTHS[month - 1]} {year} has {calendar.monthrange(year, month)[1]} days"


_MISSING: Mapping[ItemType, str] = {
    ItemType.BOOLEAN: "Tick the box to go on",
    ItemType.STRING: "Write an answer",
    ItemType.TEXT: "Write an answer",
    ItemType.DATE: "Type the date",
    ItemType.INTEGER: "Type a number",
    ItemType.CHOICE: "Choose an answer",
    ItemType.OPEN_CHOICE: "Choose an answer",
}
NONE_PLAINER: Mapping[str, str] = MappingProxyType({})


def missing(item: Item, instead: Item | None = None, plainer: Mapping[str, str] = NONE_PLAINER) -> str:
    """For a required question without an answer; `instead` is the question that would do as well (x-required-unless),
    `plainer` holds a form's own sentences by linkId, where plainer words are known than the table of types has."""
    if instead is not None:
        return f"Fill in one of these two, or both: {item.text}, {instead.text}"
    if item.link_id in plainer:
        return plainer[item.link_id]
    wanted = "Choose at least one answer" if item.repeats and item.is_choice else _MISSING[item.type]
    return f"{wanted}: {item.text}"


def title(count: int) -> str:
    """The heading of the error summary."""
    words = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    return f"{words} answer needs another look" if count == 1 else f"{words} answers need another look"
