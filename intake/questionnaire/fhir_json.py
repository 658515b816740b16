"""Both resources ↔ FHIR R4 JSON: what other systems read, and the shape in which a response is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from intake.questionnaire.enable_when import Shown
from intake.questionnaire.journey import is_reached
from intake.questionnaire.model import EnableWhen, Item, ItemType, Questionnaire
from intake.questionnaire.response import Entry, QuestionnaireResponse
from intake.questionnaire.values import AbsentReason, Answer, Coding, PartialDate, Value

Json = dict[str, Any]
DATA_ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
NO_REASON = "unknown"
"""FHIR's data-absent-reason of a question that the patient did not come to: nobody ticked it."""
ITEM_CONTROL = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"
_CONTROL_SYSTEM = "http://hl7.org/fhir/questionnaire-item-control"


def code_system(questionnaire: Questionnaire) -> str:
    """The address of our own code system, in which an option's code stands."""
    return questionnaire.url.replace("/Questionnaire/", "/CodeSystem/")


def absent_reason(questionnaire: Questionnaire) -> str:
    """The address of our own extension that says why there is no answer where FHIR's reasons have no word for it."""
    return questionnaire.url.replace("/Questionnaire/", "/StructureDefinition/") + "-absent-reason"


class UnreadableResponse(Exception):
    """Stored JSON that is no response to this questionnaire; the message names the linkId, never an answer."""


# -- Response → JSON ---------------------------------------------------------------------------------------------------


def response_to_json(
    questionnaire: Questionnaire, response: QuestionnaireResponse, *, blanks: bool = False, done: Collection[str] | None = None
) -> Json:
    """A FHIR R4 QuestionnaireResponse. With `blanks`, every question shown without an answer has an item without answer.

    The reason ticked for no answer stands as a data-absent-reason on the item. With `done` (the linkIds of the pages saved) a blank
    on a page that was not reached says so: data-absent-reason `unknown`, and our own extension `not-reached` (docs/interfaces.md, Answers).
    """
    writer = _Writer(questionnaire, response, Shown(questionnaire, response) if blanks else None, done)
    resource: Json = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": response.questionnaire,
        "status": response.status,
        "language": response.language,
    }
    if response.authored is not None:
        resource["authored"] = response.authored.isoformat(timespec="seconds").replace("+00:00", "Z")
    items = writer.items(questionnaire.items, None)
    return resource | ({"item": items} if items else {})


class _Writer:
    def __init__(
        self, questionnaire: Questionnaire, response: QuestionnaireResponse, shown: Shown | None, done: Collection[str] | None
    ) -> None:
        self.system = code_system(questionnaire)
        self.response = response
        self.shown = shown
        self.unreached = _questions_not_reached(questionnaire, shown, done)
        self.not_reached = [
            {"url": DATA_ABSENT_REASON, "valueCode": NO_REASON},
            {"url": absent_reason(questionnaire), "valueCode": "not-reached"},
        ]

    def items(self, items: Iterable[Item], entry: Entry | None) -> list[Json]:
        return [written for item in items for written in self.item(item, entry)]

    def item(self, item: Item, entry: Entry | None) -> list[Json]:
        if item.type is ItemType.DISPLAY:
            return []
        if item.is_rows:
            return [self.entry(item, row) for row in self.response.rows(item.link_id)]
        head: Json = {"linkId": item.link_id, "text": item.text}
        if item.type is ItemType.GROUP:
            below = self.items(item.items, entry)
            return [head | {"item": below}] if below else []
        answer = self.response.answer(item.link_id, entry)
        if answer.is_empty:
            if self.shown is None or not self.shown.is_shown(item, entry):
                return []
            return [head | {"extension": self.not_reached} if item.link_id in self.unreached else head]
        if answer.absent is not None:
            head["extension"] = [{"url": DATA_ABSENT_REASON, "valueCode": answer.absent.value}]
        if answer.answered:
            head["answer"] = [self.value(item, value) for value in answer.values]
        return [head]

    def entry(self, rows: Item, entry: Entry) -> Json:
        below = self.items(rows.items, entry)
        return {"id": entry.id, "linkId": rows.link_id, "text": rows.text} | ({"item": below} if below else {})

    def value(self, item: Item, value: Value) -> Json:
        match value:
            case Coding(code):
                return {"valueCoding": {"system": self.system, "code": code, "display": item.option_by_code[code].display}}
            case bool():
                return {"valueBoolean": value}
            case int():
                return {"valueInteger": value}
            case PartialDate():
                return {"valueDate": value.iso}
            case str():
                return {"valueString": value}


def _questions_not_reached(questionnaire: Questionnaire, shown: Shown | None, done: Collection[str] | None) -> frozenset[str]:
    if shown is None or done is None:
        return frozenset()
    pages = (page for page in questionnaire.pages if not is_reached(shown, page, done))
    return frozenset(item.link_id for page in pages for item in page.questions())


# -- JSON → Response ---------------------------------------------------------------------------------------------------

_READERS: Mapping[str, Callable[[Any], Value]] = {
    "valueCoding": lambda value: Coding(value["code"]),
    "valueBoolean": bool,
    "valueInteger": int,
    "valueDate": PartialDate.parse,
    "valueString": str,
}


def response_from_json(questionnaire: Questionnaire, resource: Json) -> QuestionnaireResponse:
    """The inverse of `response_to_json`. Raises UnreadableResponse if the JSON is no response to this questionnaire."""
    if resource.get("resourceType") != "QuestionnaireResponse" or resource.get("questionnaire") != questionnaire.canonical:
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


def _read_items(questionnaire: Questionnaire, items: list[Json], answers: dict[str, Answer], entries: dict[str, list[Entry]]) -> None:
    for written in items:
        item = questionnaire.by_link_id.get(written.get("linkId", ""))
        if item is None:
            raise UnreadableResponse(f"{written.get('linkId')!r} is no item of {questionnaire.canonical}")
        if item.is_rows:
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
        values = tuple(_READERS[key](value) for one in written.get("answer", []) for key, value in one.items())
        given = [extension["valueCode"] for extension in written.get("extension", []) if extension.get("url") == DATA_ABSENT_REASON]
        reasons = [AbsentReason(code) for code in given if code != NO_REASON]
    except (KeyError, ValueError, TypeError):
        raise UnreadableResponse(f"the answer to {item.link_id} cannot be read") from None
    return Answer(values, reasons[0] if reasons else None)


# -- Questionnaire → JSON ----------------------------------------------------------------------------------------------


def questionnaire_to_json(questionnaire: Questionnaire) -> Json:
    """A FHIR R4 Questionnaire."""
    return {
        "resourceType": "Questionnaire",
        "id": questionnaire.id,
        "url": questionnaire.url,
        "version": questionnaire.version,
        "name": questionnaire.name,
        "title": questionnaire.title,
        "status": questionnaire.status,
        "subjectType": ["Patient"],
        "language": questionnaire.language,
        "item": [_item_to_json(questionnaire, item) for item in questionnaire.items],
    }


def _item_to_json(questionnaire: Questionnaire, item: Item) -> Json:
    system = code_system(questionnaire)
    written: Json = {"linkId": item.link_id, "text": item.text, "type": item.type.value}
    if item.kind is not None and item.kind.value == "page":
        control = {"coding": [{"system": _CONTROL_SYSTEM, "code": "page"}]}
        written["extension"] = [{"url": ITEM_CONTROL, "valueCodeableConcept": control}]
    if item.enable_when:
        written["enableWhen"] = [_condition_to_json(system, condition) for condition in item.enable_when]
    if item.enable_behavior is not None:
        written["enableBehavior"] = item.enable_behavior.value
    if item.required:
        written["required"] = True
    if item.repeats:
        written["repeats"] = True
    if item.max_length is not None:
        written["maxLength"] = item.max_length
    if item.options:
        written["answerOption"] = [
            {"valueCoding": {"system": system, "code": option.code, "display": option.display}} for option in item.options
        ]
    if item.items:
        written["item"] = [_item_to_json(questionnaire, child) for child in item.items]
    return written


def _condition_to_json(system: str, condition: EnableWhen) -> Json:
    written: Json = {"question": condition.question, "operator": condition.operator.value}
    match condition.answer:
        case bool() as answer:
            written["answerBoolean"] = answer
        case Coding(code):
            written["answerCoding"] = {"system": system, "code": code}
        case int() as answer:
            written["answerInteger"] = answer
        case PartialDate() as answer:
            written["answerDate"] = answer.iso
        case str() as answer:
            written["answerString"] = answer
    return written
