"""The QuestionnaireResponse: a patient's answers, immutable; every change is a new value made by `with_…`."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from intake.questionnaire.values import NO_ANSWER, Answer


def new_entry_id() -> str:
    """A random id for an entry of a repeating list: stable for good, never its position (FHIR Element.id)."""
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a repeating list."""

    id: str
    answers: Mapping[str, Answer] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class QuestionnaireResponse:
    """All answers to one version of the questionnaire; empty answers are never held.

    `answers` holds the stand-alone questions by linkId, `entries` the entries of each list in the order listed.
    `authored` is the time of sending (aware, UTC).
    """

    questionnaire: str
    status: str = "in-progress"
    language: str = "en"
    authored: datetime | None = None
    answers: Mapping[str, Answer] = field(default_factory=lambda: MappingProxyType({}))
    entries: Mapping[str, tuple[Entry, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def answer(self, link_id: str, entry: Entry | None = None) -> Answer:
        """The answer to a question, of an entry if one is given; `NO_ANSWER` if nothing was said."""
        return (entry.answers if entry is not None else self.answers).get(link_id, NO_ANSWER)

    def rows(self, list_link_id: str) -> tuple[Entry, ...]:
        """The entries of a list, in the order listed."""
        return self.entries.get(list_link_id, ())

    def entry(self, entry_id: str) -> tuple[str, Entry] | None:
        """The list's linkId and the entry of this id, None if there is none."""
        return next(
            ((name, entry) for name, rows in self.entries.items() for entry in rows if entry.id == entry_id), None
        )

    def with_answers(self, answers: Mapping[str, Answer]) -> QuestionnaireResponse:
        """The same with these stand-alone answers; an empty one takes the old away."""
        return replace(self, answers=_merged(self.answers, answers))

    def with_entry(self, list_link_id: str, entry_id: str, answers: Mapping[str, Answer]) -> QuestionnaireResponse:
        """The same with these answers in the list's entry of that id; a new entry goes last."""
        rows = self.rows(list_link_id)
        old = next((row for row in rows if row.id == entry_id), None)
        new = Entry(entry_id, _merged(old.answers if old else {}, answers))
        return self.with_rows(
            list_link_id, tuple(new if row.id == entry_id else row for row in rows) if old else (*rows, new)
        )

    def without_entry(self, list_link_id: str, entry_id: str) -> QuestionnaireResponse:
        """The same without that entry; the others keep their ids."""
        return self.with_rows(list_link_id, tuple(row for row in self.rows(list_link_id) if row.id != entry_id))

    def with_rows(self, list_link_id: str, rows: tuple[Entry, ...]) -> QuestionnaireResponse:
        """The same with these entries in the list."""
        return replace(self, entries=MappingProxyType({**self.entries, list_link_id: rows}))

    def said(self) -> Iterator[tuple[str, Entry | None, Answer]]:
        """Every answer held: linkId, entry or None, answer."""
        for link_id, answer in self.answers.items():
            yield link_id, None, answer
        for rows in self.entries.values():
            for entry in rows:
                for link_id, answer in entry.answers.items():
                    yield link_id, entry, answer


def _merged(old: Mapping[str, Answer], new: Mapping[str, Answer]) -> Mapping[str, Answer]:
    return MappingProxyType({link_id: answer for link_id, answer in {**old, **new}.items() if not answer.is_empty})
