"""What differs between two versions of a questionnaire, item by item: what an author reads before publishing one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final

from intake.questionnaire.loader import ITEM_KEYS, OPTION_KEYS
from intake.questionnaire.model import EnableWhen, Item, Questionnaire
from intake.questionnaire.values import Coding, PartialDate, Value

_HEAD: Final = ("url", "id", "name", "title", "status", "language")
_SEEN_APART: Final = frozenset({"link_id", "items", "options", "enable_when", "enable_behavior"})
_KEYS: Final = {name: key for key, (name, _) in ITEM_KEYS.items()}


def differences(old: Questionnaire, new: Questionnaire) -> Iterator[tuple[str, str]]:
    """(linkId, what changed) in the new version's order, then what was removed; `-` is the questionnaire itself.

    The version is not looked at: two versions differ in that by nature.
    """
    for name in _HEAD:
        if getattr(old, name) != getattr(new, name):
            yield "-", _changed(name, getattr(old, name), getattr(new, name))
    for item in new.walk():
        before = old.by_link_id.get(item.link_id)
        if before is None:
            yield item.link_id, f"added ({item.type}): {_said(item.text)}"
        else:
            yield from ((item.link_id, what) for what in _of_item(old, new, before, item))
    for item in old.walk():
        if item.link_id not in new.by_link_id:
            yield item.link_id, f"removed ({item.type}): {_said(item.text)}"


def _of_item(old: Questionnaire, new: Questionnaire, before: Item, after: Item) -> Iterator[str]:
    for field in fields(Item):
        was, now = getattr(before, field.name), getattr(after, field.name)
        if field.name not in _SEEN_APART and was != now:
            yield _changed(_KEYS[field.name], was, now)
    yield from _of_options(before, after)
    if (was := _condition(before)) != (now := _condition(after)):
        yield _changed("enableWhen", was, now)
    if (was := _place(old, before)) != (now := _place(new, after)):
        yield f"moved from {was} to {now}"
    if _order(before, after) != _order(after, before):
        yield "the order of its items changed"


def _of_options(before: Item, after: Item) -> Iterator[str]:
    was, now = before.option_by_code, after.option_by_code
    for code, option in now.items():
        if (old := was.get(code)) is None:
            yield f"option {code} added: {_said(option.display)}"
            continue
        for key, (name, _) in OPTION_KEYS.items():
            if getattr(old, name) != getattr(option, name):
                yield f"option {code}: {_changed(key, getattr(old, name), getattr(option, name))}"
    yield from (f"option {code} removed: {_said(was[code].display)}" for code in was if code not in now)
    if [code for code in was if code in now] != [code for code in now if code in was]:
        yield "the order of its options changed"


def _order(item: Item, other: Item) -> list[str]:
    """The linkIds directly below an item, those that the other one has too."""
    names = {child.link_id for child in other.items}
    return [child.link_id for child in item.items if child.link_id in names]


def _place(questionnaire: Questionnaire, item: Item) -> str:
    parent = questionnaire.parents.get(item.link_id)
    return parent.link_id if parent is not None else "the top"


def _condition(item: Item) -> str:
    joiner = f" {'or' if item.enable_behavior == 'any' else 'and'} "
    return joiner.join(f"{one.question} {one.operator} {_answer(one)}" for one in item.enable_when)


def _answer(condition: EnableWhen) -> str:
    value: Value = condition.answer
    if isinstance(value, Coding):
        return value.code
    return value.iso if isinstance(value, PartialDate) else _said(value)


def _changed(what: str, was: Any, now: Any) -> str:
    return f"{what}: {_said(was)} → {_said(now)}"


def _said(value: Any) -> str:
    """A value in one line, as the file has it: a text in quotes, nothing as “none”."""
    if value is None or value in ("", ()):
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"“{' '.join(value.split())}”" if type(value) is str else f"{value}"
