"""Summaries stored in format 2: of an event all facts in one sentence, and a box of lines with an indent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def in_format_3(old: Mapping[str, Any], first: int = 2) -> dict[str, Any]:
    """A summary of format 2 as format 3 stores it; `first` is the format that it was stored in.

    What format 2 does not hold is left out: the page says so. Raises KeyError, TypeError or ValueError if it is none.
    """
    about, _lanes, *lists = old["timeline"]
    box = old["box"]
    return {
        **old,
        "box": box and [*box[:3], list(_lines(box[3])), None],
        "timeline": [about, *([_event(*event) for event in events] for events in lists)],
        "sections": [
            [heading, lines, table and [*table, None], two_columns]
            for heading, lines, table, two_columns in old["sections"]
        ],
        "also": None,
        "format": first,
    }


def _event(date: Any, words: str, kind: str, facts: Any, link_id: str, entry_id: Any) -> list[Any]:
    return [date, words, kind, "", "", facts, link_id, entry_id]


def _lines(lines: list[tuple[str, str, int]]) -> Iterator[list[Any]]:
    """Lines with an indent are parts of the line above them."""
    found: list[list[Any]] = []
    for label, value, indent in lines:
        if not indent:
            found.append([label, value, [], None])
        elif found[-1][2]:
            found[-1][2][0][1].append([label, value])
        else:
            found[-1][2].append(["", [[label, value]]])
    return iter(found)
