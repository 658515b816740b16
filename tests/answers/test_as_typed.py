"""What a draft keeps beside its answers: it comes back as it was, stays small, and is not sent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from intake.answers.document import MOST_KEPT, MOST_TYPED, AsTyped, SavedBy, SentFrom, StoredDocument
from intake.consultations import catalogue
from intake.questionnaire.values import Answer, Coding

FORM = catalogue.shipped().active
LIST = "pregnancies"


def draft(entries: int = 0) -> StoredDocument:
    made = StoredDocument.new(FORM)
    for number in range(entries):
        answers = {"preg-outcome": Answer((Coding("miscarriage"),))}
        made = made.changed(response=made.response.with_entry(LIST, f"{number:016x}", answers))
    return made


def test_it_comes_back_as_it_was() -> None:
    typed = AsTyped(("birth-date",), {"birth-date.day": ("31",), "birth-date.month": ("feb", "\u202e")}, asked=True)
    kept = draft(2).with_as_typed("page-you", typed, by=SavedBy(SentFrom("0" * 16))).without_entry(LIST, "0" * 16)
    assert StoredDocument.from_document(kept.to_document(), FORM) == kept


def test_a_draft_of_before_has_none_of_it() -> None:
    document = draft(1).to_document()
    for name in ("as_typed", "removed", "saved_by"):
        del document[name]
    assert StoredDocument.from_document(document, FORM) == draft(1)


def test_sending_drops_it() -> None:
    kept = draft(2).with_as_typed(
        "page-you", AsTyped(("full-name",), {"full-name": ("x",)}), by=SavedBy(SentFrom("0" * 16))
    )
    sent = kept.without_entry(LIST, "0" * 16).to_sent_document(datetime(2026, 11, 27, tzinfo=UTC))
    assert {"as_typed", "removed", "saved_by"}.isdisjoint(sent)


def test_the_oldest_go_where_a_program_leaves_more_than_any_patient() -> None:
    kept = draft()
    for number in range(MOST_KEPT + 5):
        kept = kept.with_as_typed(str(number), AsTyped(("full-name",)), by=SavedBy(SentFrom(str(number))))
    assert list(kept.as_typed) == list(kept.saved_by) == [str(number) for number in range(5, MOST_KEPT + 5)]


def test_an_entry_is_put_back_where_it_stood_and_once() -> None:
    kept = draft(3)
    gone = kept.without_entry(LIST, f"{1:016x}")
    assert gone.with_removed_again(f"{1:016x}").response == kept.response
    assert gone.with_removed_again(f"{1:016x}").with_removed_again(f"{1:016x}").response == kept.response
    assert kept.with_removed_again("f" * 16) == kept


def test_the_oldest_go_too_where_more_is_typed_than_any_patient_types() -> None:
    kept = draft()
    for number in range(12):
        kept = kept.with_half_typed(str(number), AsTyped(("own-words",), {"own-words": ("x" * 100_000,)}))
    assert list(kept.as_typed) == [str(number) for number in range(2, 12)]
    assert sum(one.size for one in kept.as_typed.values()) <= MOST_TYPED


@pytest.mark.parametrize("mark", [[], [""], ["0" * 16]], ids=["none", "an empty mark", "one mark a step"])
def test_what_was_kept_before_each_question_had_its_mark_opens_as_it_did(mark: list[str]) -> None:
    kept = [["full-name"], {"full-name": ["A\x03na"]}, True, *mark]
    document = draft().to_document() | {"as_typed": {"page-you": kept}}
    opened = StoredDocument.from_document(document, FORM).as_typed["page-you"]
    assert opened == AsTyped(("full-name",), {"full-name": ("A\x03na",)}, asked=True)
