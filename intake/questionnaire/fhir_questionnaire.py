"""Questionnaire → FHIR R4 JSON, whole enough for other tools to ask and to check the same questions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from intake.questionnaire.model import (
    OWN_WORDS_LENGTH,
    AnswerOption,
    EnableWhen,
    GroupKind,
    Item,
    ItemType,
    Questionnaire,
)
from intake.questionnaire.roles import ItemRole
from intake.questionnaire.values import Coding, PartialDate, Value

Json = dict[str, Any]
_FHIR = "http://hl7.org/fhir/StructureDefinition/"
_ITEM_CONTROLS = "http://hl7.org/fhir/questionnaire-item-control"
CODE_SYSTEMS = {"LOINC": "http://loinc.org", "SNOMED CT": "http://snomed.info/sct"}
_NOTICE = (
    "This material contains content from LOINC (http://loinc.org). LOINC is copyright © Regenstrief Institute, Inc. "
    "and the Logical Observation Identifiers Names and Codes (LOINC) Committee and is available at no cost under the "
    "license at http://loinc.org/license. LOINC® is a registered United States trademark of Regenstrief Institute, Inc."
)
"""The words that LOINC's licence asks for wherever its codes are passed on."""
_FULL_DATE = r"\d{4}-\d{2}-\d{2}"


def code_system(questionnaire: Questionnaire) -> str:
    """The address of our own code system, in which an option's code stands."""
    return questionnaire.url.replace("/Questionnaire/", "/CodeSystem/")


def own_extension(questionnaire: Questionnaire, name: str) -> str:
    """The address of an extension of our own: `absent-reason` says why there is no answer where FHIR's reasons have no
    word for it, `offered-reason` names one that can be ticked beside a question."""
    return questionnaire.url.replace("/Questionnaire/", "/StructureDefinition/") + f"-{name}"


def questionnaire_to_json(questionnaire: Questionnaire) -> Json:
    """A FHIR R4 Questionnaire: standard elements and extensions wherever there is one (docs/interfaces.md, FHIR)."""
    head: Json = {
        "resourceType": "Questionnaire",
        "id": questionnaire.id,
        "language": questionnaire.language,
        "extension": [one for item in questionnaire.walk() for one in _constraints(item)],
        "url": questionnaire.url,
        "version": questionnaire.version,
        "name": questionnaire.name,
        "title": questionnaire.title,
        "status": questionnaire.status,
        "subjectType": ["Patient"],
        "copyright": _NOTICE,
        "item": [_item(questionnaire, item) for item in questionnaire.items],
    }
    return _without_empty(head)


def _item(questionnaire: Questionnaire, item: Item) -> Json:
    system = code_system(questionnaire)
    return _without_empty(
        {
            "extension": list(_extensions(questionnaire, item)),
            "linkId": item.link_id,
            "code": _codes(item),
            "text": item.text,
            "type": item.type.value,
            "enableWhen": [_condition(system, condition) for condition in item.enable_when],
            "enableBehavior": item.enable_behavior and item.enable_behavior.value,
            "required": item.required or item.row_required,
            "repeats": item.repeats,
            "maxLength": item.max_length or (OWN_WORDS_LENGTH if item.type is ItemType.OPEN_CHOICE else None),
            "answerOption": [_option(system, item, option) for option in item.options],
            "item": [*_help(item), *(_item(questionnaire, child) for child in item.items)],
        }
    )


def _without_empty(element: Json) -> Json:
    """FHIR has no empty lists; false is what a missing element means."""
    return {key: value for key, value in element.items() if value}


def _option(system: str, item: Item, option: AnswerOption) -> Json:
    written = element("value", Coding(option.code), system, item)
    if option.code in item.exclusive:
        written["extension"] = [_extension("questionnaire-optionExclusive", valueBoolean=True)]
    return written


def _condition(system: str, condition: EnableWhen) -> Json:
    written = {"question": condition.question, "operator": condition.operator.value}
    return written | element("answer", condition.answer, system)


def element(name: str, value: Value, system: str, item: Item | None = None) -> Json:
    """A `value[x]` or `answer[x]`; with its question, an option has its words too."""
    match value:
        case Coding(code):
            display = {"display": item.option_by_code[code].display} if item is not None else {}
            return {f"{name}Coding": {"system": system, "code": code} | display}
        case bool():
            return {f"{name}Boolean": value}
        case int():
            return {f"{name}Integer": value}
        case PartialDate():
            return {f"{name}Date": value.iso}
        case str():
            return {f"{name}String": value}


def _codes(item: Item) -> list[Json]:
    """The code of `x-code`, unless a note in brackets says that it holds for a part of the question only."""
    found = re.fullmatch(rf"({'|'.join(CODE_SYSTEMS)}) (\S+)", item.code or "")
    return [{"system": CODE_SYSTEMS[found[1]], "code": found[2]}] if found else []


def _help(item: Item) -> Iterator[Json]:
    """`x-help` as FHIR has it: a text below the question, shown as its help."""
    if item.help is not None:
        yield {"extension": [_control("help")], "linkId": f"{item.link_id}-help", "text": item.help, "type": "display"}


# -- extensions --------------------------------------------------------------------------------------------------------


def _extension(name: str, **value: Any) -> Json:
    return {"url": f"{_FHIR}{name}", **value}


def _control(code: str) -> Json:
    return _extension(
        "questionnaire-itemControl", valueCodeableConcept={"coding": [{"system": _ITEM_CONTROLS, "code": code}]}
    )


def _extensions(questionnaire: Questionnaire, item: Item) -> Iterator[Json]:
    if item.kind is GroupKind.PAGE:
        yield _control("page")
    if item.max_rows is not None:
        yield _extension("questionnaire-maxOccurs", valueInteger=item.max_rows)
    yield from _bounds(item)
    if item.type is ItemType.DATE and not item.partial_date:
        yield _extension("regex", valueString=_FULL_DATE)
    yield from (
        {"url": own_extension(questionnaire, "offered-reason"), "valueCode": reason.value} for reason in item.reasons
    )


def _bounds(item: Item) -> Iterator[Json]:
    """What blocks when out of range: numbers, a birth date at a fixed day. Other dates are only asked about (C-06)."""
    for name, bound in (("minValue", item.minimum), ("maxValue", item.maximum)):
        if bound is not None and item.type is ItemType.INTEGER:
            yield _extension(name, valueInteger=int(bound))
        elif bound is not None and item.role is ItemRole.BIRTH_DATE and re.fullmatch(_FULL_DATE, bound):
            yield _extension(name, valueDate=bound)


def _constraints(item: Item) -> Iterator[Json]:
    """What must hold of a whole response besides what FHIR's elements say, as FHIRPath over it."""
    if item.must_be_true:
        ticked = f"{_answer_of(item.link_id)}.where(value = true).exists()"
        yield _constraint(f"{item.link_id}-true", ticked, f"Must be ticked: {item.label}.")
    if item.required_unless is not None:
        either = f"{_answer_of(item.link_id)}.exists() or {_answer_of(item.required_unless)}.exists()"
        yield _constraint(f"{item.link_id}-unless", either, f"Must be given: {item.link_id} or {item.required_unless}.")


def _answer_of(link_id: str) -> str:
    return f"descendants().where(linkId = '{link_id}').answer"


def _constraint(key: str, expression: str, human: str) -> Json:
    parts = [
        {"url": "key", "valueId": key},
        {"url": "severity", "valueCode": "error"},
        {"url": "expression", "valueString": expression},
        {"url": "human", "valueString": human},
    ]
    return _extension("questionnaire-constraint", extension=parts)
