"""Answers flat by linkId, as JSON: the shape in which they are kept, made to be read and written quickly.

One value stands as it is: a code, a text, a number, a date in ISO 8601, or true. Own words beside a question's options
stand as `{"own": …}`, so that they are never taken for a code. Several values are a list. Where a reason was ticked,
the answer is `{"absent": …, "values": […]}`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from intake.questionnaire.model import Item, ItemType, Questionnaire
from intake.questionnaire.response import Entry
from intake.questionnaire.values import AbsentReason, Answer, Coding, PartialDate, Value

Json = Any
ReadAnswer = Callable[[Json], Answer]

_READ: Mapping[ItemType, Callable[[Json], Value]] = {
    ItemType.BOOLEAN: bool,
    ItemType.INTEGER: int,
    ItemType.DATE: PartialDate.parse,
    ItemType.STRING: str,
    ItemType.TEXT: str,
}


@lru_cache(maxsize=64)
def readers(questionnaire: Questionnaire) -> Mapping[str, ReadAnswer]:
    """What reads the answer to each question, by linkId; made once a version. Each raises KeyError, TypeError or
    ValueError for JSON that is no answer to its question."""
    return {item.link_id: _reader(item) for item in questionnaire.walk() if item.is_question}


def _reader(item: Item) -> ReadAnswer:
    alone = {code: Answer((Coding(code),)) for code in item.option_by_code}  # what most answers are, made once
    read_value = _READ.get(item.type) or (lambda raw: raw["own"] if isinstance(raw, dict) else alone[raw].values[0])

    def read(raw: Json) -> Answer:
        if isinstance(raw, str) and raw in alone:
            return alone[raw]
        if isinstance(raw, dict) and "absent" in raw:
            return Answer(tuple([read_value(one) for one in raw.get("values", ())]), AbsentReason(raw["absent"]))
        return Answer(tuple([read_value(one) for one in raw]) if isinstance(raw, list) else (read_value(raw),))

    return read


def read_answers(questionnaire: Questionnaire, written: Mapping[str, Json]) -> Mapping[str, Answer]:
    """Stand-alone answers, or those of one entry. Raises KeyError, TypeError, ValueError."""
    by_link_id = readers(questionnaire)
    return MappingProxyType({link_id: by_link_id[link_id](raw) for link_id, raw in written.items()})


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
