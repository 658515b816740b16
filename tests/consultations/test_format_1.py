"""Summaries that version 0.2.0 stored, in format 1, read as they did: on the page, as JSON, and in exports."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from intake.consultations.nk_intake import format_1
from intake.consultations.nk_intake.words import LOSSES, MIXED
from intake.consultations.stored import stored_counts, stored_summary
from intake.questionnaire.model import Questionnaire
from intake.summary.document import UnreadableDocument
from intake.summary.model import Summary
from tests.factories import CONTENT, scenarios

STORED: dict[str, dict[str, Any]] = json.loads((CONTENT / "summaries_format_1.json").read_text(encoding="utf-8"))
"""Three of the acceptance cases, as the program of 0.2.0 stored them and as it gave them out."""
CASES = [case for case in scenarios() if case.id in STORED]
REFERENCE = "7KQ4-M2XD"


def test_there_are_three() -> None:
    assert [case.id for case in CASES] == ["open-1", "open-2", "open-6"]
    assert all(kept["stored"]["format"] == 1 for kept in STORED.values())


@pytest.mark.parametrize("id", STORED)
def test_it_is_read_as_it_was_and_told_from_a_new_one(questionnaire: Questionnaire, id: str) -> None:
    old = stored_summary(STORED[id]["stored"], questionnaire)
    assert (old.format, old.is_older, old.also) == (1, True, None)
    assert Summary.from_document(old.to_document()) == old


@pytest.mark.parametrize("id", STORED)
def test_its_json_is_what_it_was_with_kinds_of_losses_by_code(questionnaire: Questionnaire, id: str) -> None:
    old = STORED[id]["json"]
    given = stored_summary(STORED[id]["stored"], questionnaire).as_json(REFERENCE)
    if losses := old["counts"].get("losses"):
        losses["by_kind"] = {format_1.KINDS[words]: number for words, number in losses["by_kind"].items()}
    assert given == old
    assert given["counts"] == stored_counts(STORED[id]["stored"])


@pytest.mark.parametrize("format", [0, 4, None, "1"])
def test_the_counts_of_a_format_that_is_not_known_are_not_guessed(format: Any) -> None:
    with pytest.raises(UnreadableDocument):
        stored_counts({**STORED["open-2"]["stored"], "format": format})


def test_the_table_of_that_format_names_every_kind_once() -> None:
    assert list(format_1.KINDS.values()) == [kind for kind in LOSSES if kind != MIXED]


@pytest.mark.parametrize(
    "fault",
    [
        lambda stored: stored.pop("summary"),
        lambda stored: stored.update(summary=None),
        lambda stored: stored["summary"].pop("lines"),
        lambda stored: stored["summary"].update(highlights="none"),
        lambda stored: stored["summary"]["name"][0].update(text=7),
        lambda stored: stored["summary"]["header"][0].pop("label"),
        lambda stored: stored["summary"]["highlights"][0].update(link_ids=["no-such-question"]),
        lambda stored: stored["summary"]["counts"]["losses"]["by_kind"].update(others=1),
    ],
)
def test_what_is_none_is_refused_without_a_word_of_its_content(questionnaire: Questionnaire, fault: Any) -> None:
    stored = copy.deepcopy(STORED["open-2"]["stored"])
    fault(stored)
    with pytest.raises(UnreadableDocument) as refused:
        stored_summary(stored, questionnaire)
    assert "Siobhán" not in str(refused.value)
