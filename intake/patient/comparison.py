"""A page that was sent, compared with what stands at its step now: what another window did since it was drawn, and what
was done on it. So windows are merged question by question, and nothing is taken away that nobody saw.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from werkzeug.datastructures import MultiDict

from intake.answers.document import AsTyped, SavedBy, SentFrom, StoredDocument
from intake.patient.step import Drawing, Step
from intake.questionnaire.model import Item


@dataclass(frozen=True)
class Comparison:
    """One drawing of a step's page beside the draft as it is now (decision 0073)."""

    draft: StoredDocument
    step: Step
    drawing: Drawing

    @property
    def kept(self) -> AsTyped:
        """What is kept at the step as it was typed."""
        return self.draft.as_typed.get(self.step.key, AsTyped())

    @cached_property
    def stands(self) -> Mapping[str, str]:
        """What stands in each question now, as `Step.stands`."""
        return self.step.stands(self.draft)

    @cached_property
    def is_current(self) -> bool:
        """Whether the answers that are saved are those that were drawn."""
        return self.drawing.answers == self.step.answers_stand(self.draft)

    @cached_property
    def own_save(self) -> SavedBy | None:
        """The last save of the step if this very drawing made it."""
        saved, mark = self.draft.saved_by.get(self.step.key), self.drawing.mark
        return saved if saved is not None and mark and mark == saved.page.mark else None

    @cached_property
    def is_late(self) -> bool:
        """Whether this very drawing sent what is saved, or what was saved before that, later than this."""
        saved, mark = self.draft.saved_by.get(self.step.key), self.drawing.mark
        return saved is not None and bool(mark) and _is_older(self.drawing.by, saved.sent(mark))

    @cached_property
    def typed_there(self) -> Mapping[str, SentFrom]:
        """The questions of which this very drawing sent what is kept as it was typed; one that came in part bears no
        mark, and counts as every other such."""
        if self.drawing.came_in_part:
            return {link_id: SentFrom("") for link_id in self.kept.link_ids if link_id not in self.kept.by}
        by = ((link_id, one) for link_id, pages in self.kept.by.items() for one in pages)
        return {link_id: one for link_id, one in by if one.mark == self.drawing.mark}

    @cached_property
    def late(self) -> frozenset[str]:
        """Those of which it sent later words before these came: these are not the newest."""
        return frozenset(link_id for link_id, one in self.typed_there.items() if _is_older(self.drawing.by, one))

    @cached_property
    def changed(self) -> frozenset[str]:
        """The questions in which something else stands now than on the drawing."""
        now, stood = self.stands, self.drawing.stood
        return frozenset(one.link_id for one in self.step.questions if now.get(one.link_id) != stood.get(one.link_id))

    @property
    def saved_elsewhere(self) -> frozenset[str]:
        """The questions in which another window may have saved something that the drawing did not show."""
        if self.is_current:
            return frozenset()
        # what stood there as it was typed hides what is saved beside it
        own = self.own_save.link_ids if self.own_save is not None else frozenset()
        return (self.changed | self.drawing.unsaved) - own

    def seen(self, items: Iterable[Item]) -> list[Item]:
        """Those of the questions at which no words are kept as they were typed that the drawing had not shown, nor sent
        itself."""
        known = self.typed_there.keys() - self.late
        unseen = (set(self.kept.link_ids) - known) & self.stands.keys() & self.changed
        return [item for item in items if item.link_id not in unseen]

    def touched(self, sent: MultiDict[str, str]) -> list[Item]:
        """The questions that were filled in, changed or cleared on the drawing, now or when it was sent before; those,
        too, whose words a button is to save."""
        before = set() if self.drawing.came_in_part else set(self.typed_there)
        if self.own_save is not None:
            before |= self.own_save.link_ids
        if self.drawing.by.pressed:
            before |= self.drawing.unsaved
        return [item for item in self.step.questions if item.link_id in before or self.drawing.touched(item, sent)]


def _is_older(by: SentFrom, than: SentFrom | None) -> bool:
    """Whether something was sent before something else of the same page. Where nothing says when, what comes by itself
    is older than what a button sent; of what a button sent nothing is held to be old that does not say so."""
    if by.pressed and not by.at:
        return False
    return than is not None and (by.at, by.pressed) < (than.at, than.pressed)
