"""The one renderer of “question: answer in words”: for the check page, the clinician's page and every other output.

A sentence is a list of parts, each ours or the patient's. That a text was typed by a patient is never lost on its way,
so escaping and the test of our own words rest on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from intake.questionnaire.absence import Absences, NoAnswer, said_reason
from intake.questionnaire.direction import isolated
from intake.questionnaire.enable_when import Asked
from intake.questionnaire.model import Item
from intake.questionnaire.placeholders import split
from intake.questionnaire.values import Answer, Coding, PartialDate, Value

CUT_AT = 400
"""The longest quote, in characters, where a quote may be cut at all (clinical.md 3.6, In words)."""


class Author(StrEnum):
    """Whose words a part holds."""

    OURS = "ours"
    PATIENT = "patient"


class Part(NamedTuple):
    """A piece of a sentence. Quotation marks round typed text are ours, what stands between them is the patient's."""

    text: str
    by: Author


Sentence = tuple[Part, ...]
Piece = str | Part | Sentence
_CURLY = str.maketrans("“”", "‘’")


def typed(text: str) -> Part:
    """Words that the patient typed."""
    return Part(text, Author.PATIENT)


def sentence(*pieces: Piece) -> Sentence:
    """The pieces one after the other; a `str` is ours. Neighbours by the same hand become one part, empty ones none."""
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return (Part(pieces[0], Author.OURS),) if pieces[0] else ()
    parts: list[Part] = []
    for piece in pieces:
        new = (Part(piece, Author.OURS),) if isinstance(piece, str) else (piece,) if isinstance(piece, Part) else piece
        for part in new:
            if parts and parts[-1].by is part.by:
                parts[-1] = Part(parts[-1].text + part.text, part.by)
            elif part.text:
                parts.append(part)
    return tuple(parts)


def joined(separator: str, pieces: Iterable[Piece]) -> Sentence:
    """The pieces with our separator between them."""
    between: list[Piece] = []
    for piece in pieces:
        between += [separator, piece] if between else [piece]
    return sentence(*between)


def filled(template: str, **values: Piece) -> Sentence:
    """Our template with each `{name}` replaced by its value. Raises KeyError if a value is missing."""
    return sentence(*(values[piece] if position % 2 else piece for position, piece in enumerate(split(template))))


def optional(template: str, value: Sentence) -> Sentence:
    """Our template filled with the value, or nothing without one: what stands in [..] in clinical.md 3.6."""
    return filled(template, value=value) if value else ()


def text_of(parts: Sentence) -> str:
    """The plain text of a sentence."""
    return "".join(part.text for part in parts)


def plain_text(parts: Sentence) -> str:
    """The same where people read it beside other words and markup has no place: typed text moves nothing round it."""
    return "".join(isolated(part.text) if part.by is Author.PATIENT else part.text for part in parts)


class Voice(StrEnum):
    """Who reads: the patient sees an option's `display`, the clinician its `x-short` where there is one."""

    PATIENT = "patient"
    CLINICIAN = "clinician"


def option_words(item: Item, code: str, voice: Voice = Voice.CLINICIAN) -> str:
    """One option, exactly as written in the questionnaire."""
    option = item.option_by_code[code]
    return option.display if voice is Voice.PATIENT else option.words


def in_words(
    item: Item,
    answer: Answer,
    voice: Voice = Voice.CLINICIAN,
    *,
    without: Collection[str] = (),
    quotes: bool = True,
    limit: int | None = None,
) -> Sentence:
    """An answer in words (clinical.md 3.6): options in the questionnaire's order, own words last, joined by `; `.

    Typed text is tidied and stands in “…” unless `quotes` is off; with `limit` it is cut after so many characters.
    Options whose code is in `without` are left out. Empty if nothing is left.
    """
    kept = [value for value in _in_order(item, answer) if not (isinstance(value, Coding) and value.code in without)]
    return joined("; ", (_value_in_words(item, value, voice, quotes, limit) for value in kept))


def _in_order(item: Item, answer: Answer) -> list[Value]:
    chosen = set(answer.codes)
    codings: list[Value] = [Coding(code) for code in item.option_by_code if code in chosen]
    return codings + [value for value in answer.values if not isinstance(value, Coding)]


def tidied(text: str) -> str:
    """Typed text for a sentence: white space in single spaces, ends trimmed, curly double quotes made single."""
    return " ".join(text.split()).translate(_CURLY)


def cut(text: str, limit: int) -> tuple[str, str]:
    """Tidied text within `limit` characters, and what marks that some was left out (clinical.md 3.6, In words)."""
    return (text, "") if len(text) <= limit else (text[:limit].rstrip(), " […]")


def _value_in_words(item: Item, value: Value, voice: Voice, quotes: bool, limit: int | None) -> Sentence:
    if not isinstance(value, str):
        return sentence(_plain(item, value, voice))
    text, more = cut(tidied(value), limit) if limit is not None else (tidied(value), "")
    return sentence("“", typed(text), more, "”") if quotes else sentence(typed(text), more)


def _plain(item: Item, value: Coding | bool | int | PartialDate, voice: Voice) -> str:
    match value:
        case Coding(code):
            return option_words(item, code, voice)
        case bool():
            return "Yes" if value else "No"
        case PartialDate():
            return value.words
        case int():
            return f"{value}"


_REASON_TEXTS = {
    NoAnswer.LEFT_BLANK: ("Left blank", "left blank"),
    NoAnswer.ASKED_UNKNOWN: ("I don't know", "does not know"),
    NoAnswer.ASKED_DECLINED: ("I'd rather not say", "prefers not to say"),
    NoAnswer.IN_PERSON: ("I will tell you in person", "will say in person"),
    NoAnswer.NOT_REACHED: ("Page not opened yet", "not reached"),
    NoAnswer.NOT_ASKED: ("Not asked", "not asked"),
}
"""To the patient, and to the clinician."""


def reason_in_words(reason: NoAnswer, voice: Voice) -> str:
    """Why there is no answer: one sentence for each of the six reasons."""
    to_patient, to_clinician = _REASON_TEXTS[reason]
    return to_patient if voice is Voice.PATIENT else to_clinician


@dataclass(frozen=True, slots=True)
class Statement:
    """One question as the patient was asked it, with the answer verbatim: one line a value, or the reason for none.

    Lines and a ticked reason stand together when the patient kept both (docs/interfaces.md, Answers).
    """

    link_id: str
    entry_id: str | None
    question: str
    label: str
    lines: tuple[Sentence, ...]
    reason: NoAnswer | None
    reason_text: str


def statement(asked: Asked, answer: Answer, voice: Voice, *, blank: NoAnswer = NoAnswer.LEFT_BLANK) -> Statement:
    """One question and its answer for the check page or the full answers.

    Typed text is verbatim, without quotation marks. `blank` is why nothing at all was said (`Absences.blank`).
    """
    item = asked.item
    said = (typed(value) if isinstance(value, str) else _plain(item, value, voice) for value in _in_order(item, answer))
    reason = blank if answer.is_empty else said_reason(answer) if answer.absent else None
    return Statement(
        link_id=item.link_id,
        entry_id=asked.entry.id if asked.entry else None,
        question=item.text,
        label=item.label,
        lines=tuple(map(sentence, said)),
        reason=reason,
        reason_text=reason_in_words(reason, voice) if reason else "",
    )


def statement_of(absences: Absences, asked: Asked, voice: Voice) -> Statement:
    """The same of what was asked in one response; of a list without an entry, why there is none."""
    answer = Answer() if asked.item.is_rows else absences.shown.response.answer(asked.item.link_id, asked.entry)
    return statement(asked, answer, voice, blank=absences.blank(asked.item))
