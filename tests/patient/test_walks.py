"""Whatever patients do, in any order, on tabs and devices: nothing that was typed is lost; and what would lose it is
found.

`make test-walks` is the long form, other walks each time: 500 of 50 steps.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from intake.answers.document import StoredDocument
from intake.patient import carrying, comparison, questions
from intake.patient.comparison import Comparison
from intake.records import drafts
from tests.databases import Sqlite
from tests.patient.walks import Clinic, Lost, Walk

LONG: Final = "WALKS" in os.environ
WALKS: Final = int(os.environ.get("WALKS", "20"))
STEPS: Final = int(os.environ.get("STEPS", "30"))
UNTIL_FOUND: Final = 200
"""Walks in which a planted fault must be found."""


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[type[Walk]]:
    """A patient of a clinic of her own. What is looked at is the same on either database."""
    with Sqlite.made(tmp_path) as database:
        yield type("Walk", (Walk,), {"clinic": Clinic.opened(database)})


def walks(walk: type[Walk], number: int, length: int, *, derandomize: bool) -> None:
    """So many walks of so many steps, the same each time if wanted."""
    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=number,
            stateful_step_count=length,
            deadline=None,
            database=None,
            derandomize=derandomize,
            phases=[Phase.generate] if derandomize else [Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.timeout(120 + WALKS * STEPS)
def test_nothing_that_was_typed_is_lost(walk: type[Walk]) -> None:
    walks(walk, WALKS, STEPS, derandomize=not LONG)


# -- planted faults ----------------------------------------------------------------------------------------------------


def back_does_not_save(patch: pytest.MonkeyPatch) -> None:
    real = questions.take_step

    def take(draft: Any, step: Any, sent: Any, context: Any) -> Any:
        outcome = real(draft, step, sent, context)
        return replace(outcome, draft=draft) if sent.get("then") == "back" else outcome

    patch.setattr(questions, "take_step", take)


def a_wrong_field_drops_its_page(patch: pytest.MonkeyPatch) -> None:
    real = questions.take_step

    def take(draft: Any, step: Any, sent: Any, context: Any) -> Any:
        outcome = real(draft, step, sent, context)
        return outcome if step.key not in outcome.draft.as_typed else replace(outcome, draft=draft)

    patch.setattr(questions, "take_step", take)


def a_shut_gate_deletes_what_it_hides(patch: pytest.MonkeyPatch) -> None:
    real = StoredDocument.to_document

    def write(self: StoredDocument) -> Any:
        return real(replace(self, response=self.shown.without_hidden().response))

    patch.setattr(StoredDocument, "to_document", write)


def put_back_puts_nothing_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(StoredDocument, "with_removed_again", lambda self, _: self)


def an_old_tab_overwrites(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Comparison, "saved_elsewhere", frozenset())


def what_is_typed_on_after_a_save_is_late(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(comparison, "_is_older", lambda by, than: than is not None)


def carried_words_are_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(carrying, "carry", lambda draft, step, sent, today, **_: draft)


def a_page_that_comes_late_is_not_packed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(carrying, "packed", lambda path, sent: [("carried", path)])


def an_entry_sent_twice_is_two(patch: pytest.MonkeyPatch) -> None:
    from intake.questionnaire.response import new_entry_id

    real = questions.find

    def find(draft: Any, parts: Any) -> Any:
        step = real(draft, parts)
        return replace(step, entry_id=new_entry_id()) if step.adding and step.exists(draft) else step

    patch.setattr(questions, "find", find)


def a_removed_entry_is_gone(patch: pytest.MonkeyPatch) -> None:
    real = StoredDocument.without_entry
    patch.setattr(StoredDocument, "without_entry", lambda self, *which: real(self, *which).changed(removed=()))


def what_is_typed_is_not_written(patch: pytest.MonkeyPatch) -> None:
    real = drafts.save
    patch.setattr(
        drafts, "save", lambda sql, handle, document, **more: real(sql, handle, document | {"as_typed": {}}, **more)
    )


FAULTS: Final = (
    back_does_not_save, a_wrong_field_drops_its_page, a_shut_gate_deletes_what_it_hides, put_back_puts_nothing_back,
    an_old_tab_overwrites, what_is_typed_on_after_a_save_is_late, carried_words_are_dropped,
    a_page_that_comes_late_is_not_packed, an_entry_sent_twice_is_two,
    a_removed_entry_is_gone, what_is_typed_is_not_written,
)  # fmt: skip


@pytest.mark.timeout(400)  # on a busy machine
@pytest.mark.parametrize("plant", FAULTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_found(walk: type[Walk], monkeypatch: pytest.MonkeyPatch, plant: Any) -> None:
    plant(monkeypatch)
    with pytest.raises(Lost):
        walks(walk, UNTIL_FOUND, STEPS, derandomize=True)
