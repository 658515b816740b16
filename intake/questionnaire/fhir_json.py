"""QuestionnaireResponse ↔ FHIR R4 JSON: what other systems read, and the shape in which a response is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from intake.questionnaire.absence import Absences, NoAnswer, PagesVisited
from intake.questionnaire.enable_when import Shown
from intake.questionnaire.fhir_questionnaire import Json, code_system, element, own_extension
from intake.questionnaire.model import Item, ItemType, Questionnaire
from intake.questionnaire.response import Entry, QuestionnaireResponse
from intake.questionnaire.values import AbsentReason, Answer, Coding, PartialDate, Value

DATA_ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
OF_A_PAGE = {NoAnswer.NOT_REACHED: "unknown", NoAnswer.IN_PERSON: "temp-unknown"}
"""FHIR's data-absent-reason where nobody ticked one and our own extension says more: the whole page was left so."""


class UnreadableResponse(Exception):
    """Stored JSON that is no response to this questionnaire; the message names the linkId, never an answer."""


# -- Response → JSON ---------------------------------------------------------------------------------------------------


def response_to_json(
    questionnaire: Questionnaire,
    response: QuestionnaireResponse,
    *,
    blanks: bool = False,
    way: PagesVisited | None = None,
) -> Json:
    """A FHIR R4 QuestionnaireResponse. With `blanks`, what was shown and has no answer has an item that says why.

    Left blank: an item without answer. On a page that was not reached, or is to be told about in person, as `way`
    knows: data-absent-reason `unknown` or `temp-unknown` beside our own extension. A reason that was ticked stands as
    it is, also beside a value; what was not asked has no item (docs/interfaces.md, Answers).
    """
    absences = Absences(Shown(questionnaire, response), way or PagesVisited()) if blanks else None
    resource: Json = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": response.questionnaire,
        "status": response.status,
        "language": response.language,
    }
    if response.authored is not None:
        resource["authored"] = response.authored.isoformat(timespec="seconds").replace("+00:00", "Z")
    items = _Writer(questionnaire, response, absences).items(questionnaire.items, None)
    return resource | ({"item": items} if items else {})


class _Writer:
    def __init__(self, questionnaire: Questionnaire, response: QuestionnaireResponse, absences: Absences | None):
        self.system = code_system(questionnaire)
        self.own_reason = own_extension(questionnaire, "absent-reason")
        self.response = response
        self.absences = absences

    def items(self, items: Iterable[Item], entry: Entry | None) -> list[Json]:
        return [written for item in items for written in self.item(item, entry)]

    def item(self, item: Item, entry: Entry | None) -> list[Json]:
        if item.type is ItemType.DISPLAY:
            return []
        if item.is_rows:
            return [self.entry(item, row) for row in self.response.rows(item.link_id)] or self.blank(item, entry)
        if item.type is ItemType.GROUP:
            below = self.items(item.items, entry)
            return [_head(item) | {"item": below}] if below else []
        answer = self.response.answer(item.link_id, entry)
        return self.blank(item, entry) if answer.is_empty else [self.answered(item, answer)]

    def answered(self, item: Item, answer: Answer) -> Json:
        """What was said: values, a ticked reason, or both where both were kept."""
        written = _head(item)
        if answer.absent is not None:
            written["extension"] = [_reason(answer.absent)]
        if answer.answered:
            written["answer"] = [element("value", value, self.system, item) for value in answer.values]
        return written

    def blank(self, item: Item, entry: Entry | None) -> list[Json]:
        """A question or a list of which nothing was said, with the reason that its page gives."""
        if self.absences is None or not self.absences.shown.is_shown(item, entry):
            return []
        reason = self.absences.blank(item)
        if reason not in OF_A_PAGE:
            return [_head(item)]
        own = {"url": self.own_reason, "valueCode": reason.value}
        return [_head(item) | {"extension": [_reason(OF_A_PAGE[reason]), own]}]

    def entry(self, rows: Item, entry: Entry) -> Json:
        below = self.items(rows.items, entry)
        return {"id": entry.id} | _head(rows) | ({"item": below} if below else {})


def _head(item: Item) -> Json:
    return {"linkId": item.link_id, "text": item.text}


def _reason(code: str) -> Json:
    return {"url": DATA_ABSENT_REASON, "valueCode": code}


# -- JSON → Response ---------------------------------------------------------------------------------------------------

_coding = lru_cache(maxsize=4096)(Coding)
"""A questionnaire has some hundred codes, and every response the same: each is made once."""


@lru_cache(maxsize=4096)
def _chosen(code: str) -> Answer:
    return Answer((_coding(code),))


_READERS: Mapping[str, Callable[[Any], Value]] = {
    "valueCoding": lambda value: _coding(value["code"]),
    "valueBoolean": bool,
    "valueInteger": int,
    "valueDate": PartialDate.parse,
    "valueString": str,
}


def response_from_json(questionnaire: Questionnaire, resource: Json) -> QuestionnaireResponse:
    """The inverse of `response_to_json`. Raises UnreadableResponse if the JSON is no response to this questionnaire."""
    bound = {"resourceType": "QuestionnaireResponse", "questionnaire": questionnaire.canonical}
    if any(resource.get(key) != value for key, value in bound.items()):
        raise UnreadableResponse(f"this is no response to {questionnaire.canonical}")
    answers: dict[str, Answer] = {}
    entries: dict[str, list[Entry]] = {}
    _read_items(questionnaire, resource.get("item", []), answers, entries)
    authored = resource.get("authored")
    return QuestionnaireResponse(
        questionnaire=questionnaire.canonical,
        status=resource["status"],
        language=resource.get("language", "en"),
        authored=datetime.fromisoformat(authored) if authored else None,
        answers=MappingProxyType(answers),
        entries=MappingProxyType({name: tuple(rows) for name, rows in entries.items()}),
    )


def _read_items(
    questionnaire: Questionnaire, items: list[Json], answers: dict[str, Answer], entries: dict[str, list[Entry]]
) -> None:
    by_link_id = questionnaire.by_link_id
    for written in items:
        item = by_link_id.get(written.get("linkId", ""))
        if item is None:
            raise UnreadableResponse(f"{written.get('linkId')!r} is no item of {questionnaire.canonical}")
        if item.is_rows:
            if "id" not in written:  # says only why the list has no entry
                continue
            fields: dict[str, Answer] = {}
            _read_items(questionnaire, written.get("item", []), fields, entries)
            entries.setdefault(item.link_id, []).append(Entry(written["id"], MappingProxyType(fields)))
        elif item.type is ItemType.GROUP:
            _read_items(questionnaire, written.get("item", []), answers, entries)
        else:
            answer = _read_answer(item, written)
            if not answer.is_empty:
                answers[item.link_id] = answer


def _read_answer(item: Item, written: Json) -> Answer:
    try:
        given = written.get("answer", ())
        if len(given) == 1 and "valueCoding" in given[0] and "extension" not in written:
            return _chosen(given[0]["valueCoding"]["code"])  # most answers are one option of one question
        values = tuple([_READERS[key](value) for one in given for key, value in one.items()])
        if "extension" not in written:
            return Answer(values)
        codes = [one["valueCode"] for one in written["extension"] if one.get("url") == DATA_ABSENT_REASON]
        reasons = [AbsentReason(code) for code in codes if code not in OF_A_PAGE.values()]
    except (KeyError, ValueError, TypeError):
        raise UnreadableResponse(f"the answer to {item.link_id} cannot be read") from None
    return Answer(values, reasons[0] if reasons else None)
