"""Summaries of earlier formats: their counts are read, and what cannot be read is named rather than guessed."""

from __future__ import annotations

from typing import Any

import pytest

from intake.consultations.stored import stored_counts, stored_summary
from intake.questionnaire.model import Questionnaire
from intake.summary.document import UnreadableDocument
from intake.summary.model import FORMAT


@pytest.mark.parametrize("format", [2, FORMAT])
def test_counts_by_code_are_read_as_they_stand(format: int) -> None:
    assert stored_counts({"format": format, "summary": {"counts": {"losses": {"total": 2}}}}) == {
        "losses": {"total": 2}
    }


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"format": 99, "summary": {"counts": {}}},
        {"format": 2},
        {"format": 2, "summary": None},
        {"format": 2, "summary": {"counts": 7}},
        {"format": 1, "summary": {"counts": []}},
        {"format": 1, "summary": {"counts": {"losses": 3}}},
    ],
)
def test_counts_that_cannot_be_read_are_named(document: dict[str, Any]) -> None:
    with pytest.raises(UnreadableDocument, match="the counts of a summary cannot be read"):
        stored_counts(document)


@pytest.mark.parametrize("format", [1, 2])
@pytest.mark.parametrize("summary", [None, 7, [], {}, {"sections": 3}, {"header": [[]], "sections": [[]]}])
def test_a_summary_that_cannot_be_read_is_named(questionnaire: Questionnaire, format: int, summary: Any) -> None:
    with pytest.raises(UnreadableDocument, match=f"a summary of format {format} cannot be read"):
        stored_summary({"format": format, "summary": summary}, questionnaire)
