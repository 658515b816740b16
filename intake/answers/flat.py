"""Answers flat by linkId, as JSON: the shape in which they are kept, made to be read and written quickly.

One value stands as it is: a code, a text, a number, a date in ISO 8601, or true. Own words beside a question's options
stand as `{"own": …}`, so that they are never taken for a code. Several values are a list. Where a reason was ticked,
the answer is `{"absent": …, "values": […]}`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from intake.questionnaire.absence import CODED, Absences, NoAnswer
from intake.questionnaire.enable_when import Shown
from intake.questionnaire.model import Item, ItemType, Questionnaire
from intake.questionnaire.response import Entry, QuestionnaireResponse
from intake.questionnaire.values import AbsentReason, Answer, Coding, PartialDate, Value

Json = Any

_READ: Mapping[ItemType, Callable[[Json], Value]] = {
    ItemType.BOOLEAN: bool,
    ItemType.INTEGER: int,
    ItemType.DATE: lru_cache(maxsize=4096)(PartialDate.parse),
    ItemType.STRING: str,
    ItemType.TEXT: str,
}


@dataclass(frozen=True, slots=True)
class _Reader:
    """How the answer to one question is read: one of its options alone, which most answers are, is looked up in
    `alone`; `kind` is the type of JSON that needs no check. `read` raises KeyError, TypeError or ValueError for JSON
    that is no answer to the question."""

    alone: Mapping[str, Answer]
    kind: type | None
    read: Callable[[Json], Answer]


@lru_cache(maxsize=64)
def _readers(questionnaire: Questionnaire) -> Mapping[str, _Reader]:
    """By linkId; made once a version."""
    return {item.link_id: _reader(item) for item in questionnaire.walk() if item.is_question}


def _reader(item: Item) -> _Reader:
    codings = {code: Coding(code) for code in item.option_by_code}
    read_value = _READ.get(item.type) or (lambda raw: raw["own"] if isinstance(raw, dict) else codings[raw])

    def read(raw: Json) -> Answer:
        if isinstance(raw, list):
            return Answer(tuple([read_value(one) for one in raw]))
        if isinstance(raw, dict) and "absent" in raw:
            return Answer(tuple([read_value(one) for one in raw.get("values", ())]), AbsentReason(raw["absent"]))
        return Answer((read_value(raw),))

    alone = {code: Answer((coding,)) for code, coding in codings.items()}
    return _Reader(alone, read_value if isinstance(read_value, type) else None, read)


def read_answers(questionnaire: Questionnaire, written: Mapping[str, Json]) -> Mapping[str, Answer]:
    """Stand-alone answers, or those of one entry; empty ones are none. Raises KeyError, TypeError, ValueError."""
    readers = _readers(questionnaire)
    found: dict[str, Answer] = {}
    for link_id, raw in written.items():
        reader = readers[link_id]
        answer = (reader.alone.get(raw) if type(raw) is str else None) or reader.read(raw)
        if not answer.is_empty:
            found[link_id] = answer
    return MappingProxyType(found)


def kept_response(
    questionnaire: Questionnaire, answers: Mapping[str, Json], entries: Mapping[str, Json]
) -> QuestionnaireResponse:
    """Checked answers that are left as they are kept: an export writes most of them as they stand. Look at them with
    `ShownAsKept` and `AbsencesAsKept`. Raises KeyError, TypeError, ValueError."""
    readers = _readers(questionnaire)
    lists = {name: tuple([Entry(id, kept) for id, kept in listed]) for name, listed in entries.items()}
    for kept in (answers, *[entry.answers for listed in lists.values() for entry in listed]):
        for link_id, raw in kept.items():
            reader, kind = readers[link_id], type(raw)
            if kind is not reader.kind and not (kind is str and raw in reader.alone):
                reader.read(raw)
    return QuestionnaireResponse(questionnaire.canonical, answers=answers, entries=lists)


def values_in(raw: Json) -> Sequence[Json]:
    """What stands in an answer as it is kept: codes, texts, numbers, dates, true, and own words as `{"own": …}`."""
    if type(raw) is list:
        return raw
    return raw.get("values", ()) if type(raw) is dict and "absent" in raw else (raw,)


def has_code(raw: Json, codes: frozenset[str]) -> bool:
    """Whether an answer to a choice has one of these codes, as it is kept."""
    return not codes.isdisjoint([one for one in values_in(raw) if type(one) is str])


class ShownAsKept(Shown):
    """What a response shows whose answers are left as they are kept."""

    def chose(self, answer: Json, codes: frozenset[str]) -> bool:
        return answer in codes if type(answer) is str else has_code(answer, codes)

    def values(self, link_id: str, answer: Json) -> tuple[Value, ...]:
        return _readers(self.questionnaire)[link_id].read(answer).values


class AbsencesAsKept(Absences):
    """Why such a response leaves out what it leaves out."""

    def reasons(self, answers: Mapping[str, Json]) -> Mapping[str, NoAnswer]:
        may = {
            link_id: raw for link_id, raw in answers.items() if type(raw) is dict or (type(raw) is str and raw in CODED)
        }
        return super().reasons(read_answers(self.shown.questionnaire, may))


def read_entries(questionnaire: Questionnaire, written: Mapping[str, Json]) -> Mapping[str, tuple[Entry, ...]]:
    """The entries of each list. Raises KeyError, TypeError, ValueError."""
    return MappingProxyType(
        {
            questionnaire.item(name).link_id: tuple(
                [Entry(id, read_answers(questionnaire, one)) for id, one in entries]
            )
            for name, entries in written.items()
        }
    )


def write_answers(questionnaire: Questionnaire, answers: Mapping[str, Answer]) -> Json:
    """The inverse of `read_answers`."""
    by_link_id = questionnaire.by_link_id
    return {link_id: _written(by_link_id[link_id], answer) for link_id, answer in answers.items()}


def write_entries(questionnaire: Questionnaire, entries: Mapping[str, tuple[Entry, ...]]) -> Json:
    """The inverse of `read_entries`."""
    return {
        name: [[entry.id, write_answers(questionnaire, entry.answers)] for entry in listed]
        for name, listed in entries.items()
    }


def _written(item: Item, answer: Answer) -> Json:
    values = [_value(item, value) for value in answer.values]
    if answer.absent is not None:
        return {"absent": answer.absent.value} | ({"values": values} if values else {})
    return values[0] if len(values) == 1 else values


def _value(item: Item, value: Value) -> Json:
    if isinstance(value, Coding):
        return value.code
    if isinstance(value, PartialDate):
        return value.iso
    return {"own": value} if item.is_choice else value
