"""A QuestionnaireResponse against its Questionnaire, from the two JSONs and FHIR's R4 text alone: nothing of the
application is imported.

https://hl7.org/fhir/R4/questionnaireresponse.html says that a response holds its items nested and in order as the
Questionnaire does, nothing for what is not enabled, and values of the types asked for. The rest are our own promises
(docs/interfaces.md, FHIR): an item for every question and list enabled, an id for every entry, a reason where it says
so.
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

Json = dict[str, Any]

_FHIR = "http://hl7.org/fhir/StructureDefinition/"
_STATUSES = {"in-progress", "completed", "amended", "entered-in-error", "stopped"}
_AUTHORED = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})")
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_VALUES: Mapping[str, dict[str, type]] = {
    "boolean": {"valueBoolean": bool},
    "string": {"valueString": str},
    "text": {"valueString": str},
    "date": {"valueDate": str},
    "integer": {"valueInteger": int},
    "choice": {"valueCoding": dict},
    "open-choice": {"valueCoding": dict, "valueString": str},
}
_ELEMENTS = {"id", "extension", "linkId", "text", "answer", "item"}
_PAGE_REASONS = {("unknown", "not-reached"), ("temp-unknown", "in-person")}
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and at which linkId (empty for the whole response)."""

    what: str
    link_id: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """An instance of a group in the response, with the instance above it."""

    link_id: str
    written: Json
    above: _Place | None = None


def check(questionnaire: Json, response: Json) -> list[Finding]:
    """Everything wrong with the response, in its order; nothing if it is right."""
    return list(_Check(questionnaire, response).findings())


class _Check:
    def __init__(self, questionnaire: Json, response: Json) -> None:
        self.questionnaire = questionnaire
        self.response = response
        self.completed = response.get("status") in ("completed", "amended")
        self.above: dict[str, tuple[str, ...]] = {}
        self.types: dict[str, str] = {}
        self._index(questionnaire, ("",))

    def _index(self, element: Json, above: tuple[str, ...]) -> None:
        for item in element.get("item", []):
            self.above[item["linkId"]] = above
            self.types[item["linkId"]] = item["type"]
            self._index(item, (*above, item["linkId"]))

    # -- the whole -----------------------------------------------------------------------------------------------------

    def findings(self) -> Iterator[Finding]:
        whole = self.response
        asked = f"{self.questionnaire['url']}|{self.questionnaire['version']}"
        if whole.get("resourceType") != "QuestionnaireResponse" or whole.get("questionnaire") != asked:
            yield Finding("no response to this questionnaire")
        if whole.get("status") not in _STATUSES:
            yield Finding("status")
        if (self.completed or "authored" in whole) and not _AUTHORED.fullmatch(whole.get("authored", "")):
            yield Finding("authored")
        ids = Counter(item["id"] for item in _descendants(whole) if "id" in item)
        yield from (Finding("the id of an entry stands twice") for count in ids.values() if count > 1)
        yield from self._items(self.questionnaire["item"], _Place("", whole))
        if self.completed:
            yield from self._constraints()

    def _constraints(self) -> Iterator[Finding]:
        for key, expression in _constraints(self.questionnaire):
            if not any(self._exists(term) for term in expression.split(" or ")):
                yield Finding(f"constraint {key}")

    def _exists(self, term: str) -> bool:
        """The one form of FHIRPath that our constraints have."""
        form = r"descendants\(\)\.where\(linkId = '([^']+)'\)\.answer(\.where\(value = true\))?\.exists\(\)"
        found = re.fullmatch(form, term)
        assert found is not None, f"a form of constraint that this check does not know: {term}"
        answers = [
            answer
            for item in _descendants(self.response)
            if item.get("linkId") == found[1]
            for answer in item.get("answer", [])
        ]
        return {"valueBoolean": True} in answers if found[2] else bool(answers)

    # -- items below one group -----------------------------------------------------------------------------------------

    def _items(self, asked: list[Json], place: _Place) -> Iterator[Finding]:
        written = place.written.get("item", [])
        order = [item["linkId"] for item in asked if item["type"] != "display"]
        yield from self._order(order, [item.get("linkId", "") for item in written])
        for item in asked:
            if item["type"] != "display":
                yield from self._item(item, [one for one in written if one.get("linkId") == item["linkId"]], place)

    def _order(self, order: list[str], found: list[str]) -> Iterator[Finding]:
        for link_id in found:
            if link_id not in order:
                yield Finding("stands below the wrong group" if link_id in self.above else "unknown linkId", link_id)
        places = [order.index(link_id) for link_id in found if link_id in order]
        if places != sorted(places):
            yield Finding("order", found[0])

    def _item(self, item: Json, found: list[Json], place: _Place) -> Iterator[Finding]:
        link_id = item["linkId"]
        if not self._enabled(item, place):
            yield from (Finding("not enabled", link_id) for _ in found[:1])
            return
        is_list = item["type"] == "group" and item.get("repeats", False)
        if len(found) > (_extension(item, "questionnaire-maxOccurs") or 1 if is_list else 1):
            yield Finding("too many items", link_id)
        if not found and (is_list or item["type"] != "group"):
            yield Finding("enabled, and has no item", link_id)
        yield from (Finding("text", link_id) for one in found if one.get("text") != item["text"])
        yield from (Finding("unknown element", link_id) for one in found if not set(one) <= _ELEMENTS)
        if item["type"] != "group":
            yield from (finding for one in found for finding in self._question(item, one))
            if self.completed and item.get("required") and not any(one.get("answer") for one in found):
                yield Finding("required", link_id)
            return
        yield from (Finding("a group has no answer", link_id) for one in found if "answer" in one)
        if is_list:
            yield from self._list(item, found, place)
        else:
            for one in found or [{}]:  # of a group without item, every enabled question is missing
                yield from self._items(item["item"], _Place(link_id, one, place))

    def _list(self, item: Json, found: list[Json], place: _Place) -> Iterator[Finding]:
        link_id = item["linkId"]
        if [set(one) & {"id", "item"} for one in found] == [set()]:  # without entries: it may say why
            yield from self._reason(item, found[0])
            return
        for one in found:
            if not re.fullmatch(r"\S+", one.get("id", "")):
                yield Finding("an entry without id", link_id)
            yield from self._items(item["item"], _Place(link_id, one, place))

    # -- one question --------------------------------------------------------------------------------------------------

    def _question(self, item: Json, written: Json) -> Iterator[Finding]:
        link_id, answers = item["linkId"], written.get("answer", [])
        yield from self._reason(item, written)
        if "item" in written or "id" in written:
            yield Finding("a question has no items and no id", link_id)
        if "answer" in written and not answers:
            yield Finding("an empty list of answers", link_id)
        if len(answers) > 1 and not item.get("repeats"):
            yield Finding("several answers", link_id)
        if any(answer in answers[:position] for position, answer in enumerate(answers)):
            yield Finding("an answer twice", link_id)
        yield from (Finding(what, link_id) for answer in answers for what in _value(item, answer))

    def _reason(self, item: Json, written: Json) -> Iterator[Finding]:
        """A reason that is offered at this question, or that of its page, which none was ticked beside and nothing
        answered."""
        if "extension" not in written:
            return
        given = tuple(one.get("valueCode") for one in written["extension"])
        urls = [one.get("url") for one in written["extension"]]
        standard, own = f"{_FHIR}data-absent-reason", self._own("absent-reason")
        ticked = urls == [standard] and given[0] in self._offered(item)
        of_the_page = urls == [standard, own] and given in _PAGE_REASONS and "answer" not in written
        if not ticked and not of_the_page:
            yield Finding("reason", item["linkId"])

    def _offered(self, item: Json) -> set[str]:
        return {one["valueCode"] for one in item.get("extension", []) if one["url"] == self._own("offered-reason")}

    def _own(self, name: str) -> str:
        return str(self.questionnaire["url"]).replace("/Questionnaire/", "/StructureDefinition/") + f"-{name}"

    # -- enableWhen ----------------------------------------------------------------------------------------------------

    def _enabled(self, item: Json, place: _Place) -> bool:
        conditions = [self._holds(item["linkId"], condition, place) for condition in item.get("enableWhen", [])]
        if not conditions:
            return True
        return any(conditions) if item.get("enableBehavior") == "any" else all(conditions)

    def _holds(self, link_id: str, condition: Json, place: _Place) -> bool:
        answers = self._answers(link_id, condition["question"], place)
        wanted = next(value for key, value in condition.items() if key.startswith("answer"))
        if condition["operator"] == "exists":
            return bool(answers) is wanted
        compare = _COMPARE[condition["operator"]]
        given = [_comparable(value) for answer in answers for value in answer.values()]
        return any(type(value) is type(_comparable(wanted)) and compare(value, _comparable(wanted)) for value in given)

    def _answers(self, link_id: str, question: str, place: _Place) -> list[Json]:
        """The answers to the nearest question of that linkId: below the nearest group that holds both."""
        common = set(self.above[link_id]) & set(self.above[question])
        nearest: _Place | None = place
        while nearest is not None and nearest.link_id not in common:
            nearest = nearest.above
        below = _descendants(nearest.written) if nearest is not None else ()
        return [answer for item in below if item.get("linkId") == question for answer in item.get("answer", [])]


def _value(item: Json, answer: Json) -> Iterator[str]:
    if len(answer) != 1:
        yield "one value each"
        return
    [(key, value)] = answer.items()
    wanted = _VALUES[item["type"]].get(key)
    if wanted is None or type(value) is not wanted:
        yield "type of value"
    elif wanted is dict and value not in [option["valueCoding"] for option in item["answerOption"]]:
        yield "no such option"
    elif wanted is str:
        yield from _text(item, key, value)
    elif wanted is int:
        low, high = _extension(item, "minValue"), _extension(item, "maxValue")
        if (low is not None and value < low) or (high is not None and value > high):
            yield "out of range"


def _text(item: Json, key: str, value: str) -> Iterator[str]:
    if not value.strip() or len(value) > item.get("maxLength", len(value)):
        yield "length of the text"
    if key != "valueDate":
        return
    if not _is_date(value) or not re.fullmatch(_extension(item, "regex") or ".*", value):
        yield "no such date"
    low, high = _extension(item, "minValue"), _extension(item, "maxValue")
    if (low and value < low) or (high and value > high):
        yield "out of range"


def _is_date(value: str) -> bool:
    found = _DATE.fullmatch(value)
    try:
        return found is not None and date(*(int(part or 1) for part in found.groups())) is not None
    except ValueError:
        return False


def _extension(item: Json, name: str) -> Any:
    """The value of a standard extension on an item of the Questionnaire."""
    values = (one for one in item.get("extension", []) if one["url"] == f"{_FHIR}{name}")
    return next((value for one in values for key, value in one.items() if key.startswith("value")), None)


def _constraints(questionnaire: Json) -> Iterator[tuple[str, str]]:
    for one in questionnaire.get("extension", []):
        if one["url"] == f"{_FHIR}questionnaire-constraint":
            parts = {part["url"]: part for part in one["extension"]}
            yield parts["key"]["valueId"], parts["expression"]["valueString"]


def _comparable(value: Any) -> Any:
    """A coding counts by system and code; whatever it is displayed as."""
    return (value["system"], value["code"]) if isinstance(value, dict) else value


def _descendants(element: Json) -> Iterator[Json]:
    for item in element.get("item", []):
        yield item
        yield from _descendants(item)
