"""A patient who answers every question of every page, each text as long as it may be and in one word: no page may grow
wider by it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from intake.questionnaire.model import Item, ItemType, Questionnaire
from tests.factories import Scenario, scenarios

_CHOSEN: dict[str, Any] = {
    "birth-date": "1984-02-29",
    "email": "w" * 60 + "@" + "w" * 60 + ".example.org",
    "phone": "+44 20 5550 0100",
    "pregnant-now": "no",
    "ever-pregnant": "both",
}
"""What must read in a certain way, or opens more questions than the first option."""


def everything(questionnaire: Questionnaire) -> Scenario:
    """Every option that can stand with others, one entry in every list."""
    alone = [
        item
        for page in questionnaire.pages
        for item in page.walk()
        if item.is_question and not questionnaire.list_of(item.link_id)
    ]
    rows = {item.link_id: [{field.link_id: _answer(field) for field in item.items}] for item in questionnaire.lists}
    return replace(scenarios()[0], id="everything", answers={item.link_id: _answer(item) for item in alone} | rows)


def _answer(item: Item) -> Any:
    if item.link_id in _CHOSEN:
        return _CHOSEN[item.link_id]
    match item.type:
        case ItemType.BOOLEAN:
            return "true"
        case ItemType.INTEGER:
            return str(max(int(item.minimum or 0), 1))
        case ItemType.DATE:
            return "2021-03"
        case ItemType.STRING | ItemType.TEXT:
            return "W" * (item.max_length or 100)
        case _:
            return _choice(item)


def _choice(item: Item) -> Any:
    codes = [code for code in item.option_by_code if code not in item.exclusive]
    if not item.repeats:
        return codes[0]
    return [*codes, {"other": "W" * 100}] if item.type is ItemType.OPEN_CHOICE else codes
