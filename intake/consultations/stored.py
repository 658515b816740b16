"""Summaries as they are stored, in today's format or an earlier one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from intake.consultations.nk_intake import format_1
from intake.questionnaire.model import Questionnaire
from intake.summary.document import UnreadableDocument
from intake.summary.format_2 import in_format_3
from intake.summary.model import FORMAT, Summary

_UPGRADES: Mapping[Any, Callable[[Mapping[str, Any], Questionnaire], Mapping[str, Any]]] = {
    1: lambda summary, questionnaire: in_format_3(format_1.in_format_2(summary, questionnaire), first=1),
    2: lambda summary, _: in_format_3(summary),
}


def stored_summary(document: Mapping[str, Any], questionnaire: Questionnaire) -> Summary:
    """The summary of a response to this questionnaire. Raises UnreadableDocument."""
    upgrade = _UPGRADES.get(document.get("format"))
    if upgrade is None:
        return Summary.from_document(document)
    try:
        upgraded = upgrade(document["summary"], questionnaire)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        raise UnreadableDocument(f"a summary of format {document['format']} cannot be read") from None
    return Summary.from_document({"format": FORMAT, "summary": upgraded})


_COUNTS: Mapping[Any, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
    1: format_1.counts_by_code,
    2: dict,
    FORMAT: dict,
}


def stored_counts(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its counts alone, for exports. Raises UnreadableDocument."""
    try:
        return _COUNTS[document["format"]](document["summary"]["counts"])
    except (KeyError, TypeError, AttributeError, ValueError):
        raise UnreadableDocument("the counts of a summary cannot be read") from None
