"""Summaries as they are stored, in today's format or an earlier one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from intake.consultations.nk_intake import format_1
from intake.questionnaire.model import Questionnaire
from intake.summary.document import UnreadableDocument
from intake.summary.model import FORMAT, Summary


def stored_summary(document: Mapping[str, Any], questionnaire: Questionnaire) -> Summary:
    """The summary of a response to this questionnaire. Raises UnreadableDocument."""
    if document.get("format") != 1:
        return Summary.from_document(document)
    try:
        upgraded = format_1.in_format_2(document["summary"], questionnaire)
    except (KeyError, TypeError, AttributeError):
        raise UnreadableDocument("a summary of format 1 cannot be read") from None
    return Summary.from_document({"format": FORMAT, "summary": upgraded})


_COUNTS: Mapping[Any, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {1: format_1.counts_by_code, FORMAT: dict}


def stored_counts(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its counts alone, for exports. Raises UnreadableDocument."""
    try:
        return _COUNTS[document["format"]](document["summary"]["counts"])
    except (KeyError, TypeError, AttributeError, ValueError):
        raise UnreadableDocument("the counts of a summary cannot be read") from None
