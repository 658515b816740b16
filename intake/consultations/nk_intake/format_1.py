"""Summaries stored in format 1, when this was the only form: named fields, and losses counted by English words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from intake.consultations.nk_intake.box import HEADING as BOX_HEADING
from intake.consultations.nk_intake.highlights import GROUPS
from intake.consultations.nk_intake.page import REST_HEADING, TESTS_HEADING, TESTS_TABLE, WANTS_HEADING
from intake.consultations.nk_intake.timeline import ABOUT
from intake.questionnaire.model import Questionnaire

KINDS: Final[Mapping[str, str]] = {
    "very early loss": "very-early-loss",
    "miscarriage": "miscarriage",
    "ectopic pregnancy": "ectopic",
    "molar pregnancy": "molar",
    "pregnancy of unknown location": "unknown-location",
    "stillbirth": "stillbirth",
}
"""The words that format 1 counted losses by, and the codes that they stood for. Never changes."""

_LINE = ("link_id", "label", "sentence")
_EVENT = ("date", "date_in_words", "kind", "facts", "link_id", "entry_id")
_MISSING = ("link_id", "label", "entry_id")
_CELLS = ("test", "date", "told", "value", "lab")
_REASONS = ("blank", "unknown", "declined", "in_person", "not_reached")


def counts_by_code(counts: Mapping[str, Any]) -> dict[str, Any]:
    """Counts of format 1 with their kinds of losses by code. Raises KeyError for a kind that it never had."""
    losses = counts.get("losses")
    if losses is None:
        return dict(counts)
    by_kind = {KINDS[words]: number for words, number in losses["by_kind"].items()}
    return {**counts, "losses": {**losses, "by_kind": by_kind}}


def in_format_2(old: Mapping[str, Any], questionnaire: Questionnaire) -> dict[str, Any]:
    """A summary of format 1 as format 2 stores it. Raises KeyError or TypeError if it is none."""
    cells = [[_value(row[name]) for name in _CELLS] for row in old["tests"]]
    tests = [TESTS_HEADING, _rows(old["test_lines"], _LINE), [list(TESTS_TABLE), cells] if cells else None, False]
    rest = [REST_HEADING, _rows(old["lines"], _LINE), None, True]
    box = old["box"]
    return {
        "questionnaire": old["questionnaire"],
        "name": _value(old["name"]),
        "header": _rows(old["header"], _LINE),
        "not_answered": [_rows(old["not_answered"][reason], _MISSING) for reason in _REASONS],
        "wants": [WANTS_HEADING, _rows(old["wants"], _LINE), None, False],
        "groups": [group for key in GROUPS if (group := _group(key, old["highlights"], questionnaire))[1]],
        "box": box and [BOX_HEADING, box["gtpal"], box["setting"], _rows(box["lines"], ("label", "value", "indent"))],
        "timeline": [
            ABOUT,
            [],
            *(_rows(old[key], _EVENT) for key in ("timeline", "undated")),
        ],
        "sections": [section for section in (tests, rest) if section[1] or section[2]],
        "checks": _rows(old["checks"], ("rule", "sentence")),
        "counts": counts_by_code(old["counts"]),
    }


def _group(key: str, highlights: list[Mapping[str, Any]], questionnaire: Questionnaire) -> list[Any]:
    rows = _rows((one for one in highlights if one["group"] == key), ("rule", "sentence", "link_ids", "tells"))
    return [GROUPS[key], [[*row, *_source(row[2], questionnaire)] for row in rows]]


def _source(link_ids: list[str], questionnaire: Questionnaire) -> tuple[str, str]:
    if not link_ids:
        return "", ""
    item = questionnaire.item(link_ids[0])
    return item.text, (questionnaire.list_of(item.link_id) or item).link_id


def _rows(objects: Any, names: tuple[str, ...]) -> list[list[Any]]:
    return [[_value(one[name]) for name in names] for one in objects]


def _value(value: Any) -> Any:
    """A sentence in format 2's shape; anything else as it is."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [part["text"] if part["by"] == "ours" else [part["text"]] for part in value]
    return value
