"""Gentle checks as notices on a page: which stand there, each shown once, never in the way (clinical.md 2.5)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from intake.answers.document import StoredDocument
from intake.consultations.rules import rules_for
from intake.forms.questions import REASON_WORDS
from intake.patient.step import Step
from intake.questionnaire.model import Item
from intake.questionnaire.roles import ItemRole
from intake.questionnaire.values import NO_ANSWER, Answer
from intake.summary.checks import Check, CheckInput, QuestionRef, open_checks
from intake.summary.model import SummarySettings
from intake.summary.patient_answers import PatientAnswers
from intake.summary.statement import Sentence, Voice, in_words, sentence, typed

BOTH = "both"
"""The id of the notice about a value beside a ticked "I don't know": it has the look of a check and is none of 2.5."""
REACH = "reach"
"""The same of the notice about an address or a number by which nobody can be reached."""
CAN_BE: Final[Mapping[ItemRole | None, re.Pattern[str]]] = MappingProxyType(
    {
        ItemRole.EMAIL: re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+"),
        ItemRole.PHONE: re.compile(r"(\D*\d){5}.*", re.DOTALL),
    }
)
"""What can be one: a name and a host with a dot; five digits, as short numbers and words beside them are somebody's."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice: what it says, how the draft remembers it, and what to change if somebody wants to."""

    id: str
    key: str
    heading: str
    text: Sentence
    places: tuple[QuestionRef, ...]

    @classmethod
    def of(cls, check: Check) -> Notice:
        """The notice of an open check."""
        return cls(check.rule, check.key, check.heading, check.patient, check.places)


@dataclass(frozen=True)
class GentleChecks:
    """The checks as a patient meets them, with what the clinic has set, on one day there."""

    settings: SummarySettings
    today: date

    def open(self, draft: StoredDocument, page: Item | None = None) -> tuple[Check, ...]:
        """Every check that is open in a draft; of a page, only of rules that read something on it."""
        rules = rules_for(draft.questionnaire).checks
        if page is not None:
            here = {item.link_id for item in page.walk()}
            rules = tuple(rule for rule in rules if not rule.link_ids or not here.isdisjoint(rule.link_ids))
        answers = PatientAnswers(draft.questionnaire, draft.response, draft.way)
        return open_checks(rules, CheckInput(answers, self.settings, self.today))

    def after_saving(self, draft: StoredDocument, step: Step) -> list[Notice]:
        """The notices that this save brings up: about this step, with every other page they read done, and not shown
        before."""
        found = [Notice.of(check) for check in self.open(draft, step.page) if _concerns(draft, step, check)]
        asked = [*both(draft, step), *reachable(draft, step), *found]
        return [notice for notice in asked if notice.key not in draft.notices.page]

    def waiting(self, draft: StoredDocument, step: Step) -> list[Notice]:
        """The notices that stand at a step until they are answered, those left out that no longer hold."""
        keys = draft.notices.waiting.get(step.key, ())
        if not keys:
            return []
        now = [*both(draft, step), *reachable(draft, step), *(Notice.of(check) for check in self.open(draft))]
        return [notice for notice in now if notice.key in keys and _stands(notice, step)]

    def on_check(self, draft: StoredDocument) -> list[Notice]:
        """The notices of the check page."""
        return [Notice.of(check) for check in self.open(draft) if check.key not in draft.notices.check]


def both(draft: StoredDocument, step: Step) -> list[Notice]:
    """A notice for each question here that holds a value and a ticked reason for none: nothing is dropped, we ask."""
    held = step.answers(draft)
    doubtful = ((item, held[item.link_id]) for item in step.shown(draft) if item.link_id in held)
    return [_both(step, item, answer) for item, answer in doubtful if answer.answered and answer.absent is not None]


def reachable(draft: StoredDocument, step: Step) -> list[Notice]:
    """A notice for each email address and phone number here that cannot be one: nothing is turned away, we ask."""
    found = []
    for item in step.shown(draft):
        words = step.answers(draft).get(item.link_id, NO_ANSWER).own_words
        way = CAN_BE.get(item.role)
        if way is not None and words and not way.fullmatch(words.strip()):
            text = sentence("You wrote “", typed(words), "”. Is this how we reach you?")
            found.append(
                Notice(REACH, f"{REACH} {item.link_id} {_mark(words)}", item.text, text, (_place(step, item),))
            )
    return found


def _mark(held: object) -> str:
    return hashlib.sha256(repr(held).encode()).hexdigest()[:12]


def _place(step: Step, item: Item) -> QuestionRef:
    return QuestionRef(item.link_id, step.entry_id or None)


def _both(step: Step, item: Item, answer: Answer) -> Notice:
    assert answer.absent is not None, "only called for a value beside a reason"
    reason = REASON_WORDS[answer.absent]
    words = in_words(item, answer, Voice.PATIENT, quotes=False)
    text = sentence(
        "You wrote “",
        *words,
        f"” and ticked “{reason}”. Which is right? If you keep both, your clinician reads what you wrote.",
    )
    return Notice(BOTH, f"{BOTH} {step.key} {item.link_id} {_mark(answer)}", item.text, text, (_place(step, item),))


def _stands(notice: Notice, step: Step) -> bool:
    """Whether a notice belongs here: an entry has two pages, and a notice stands on the one with its question."""
    here = {item.link_id for item in step.questions}
    return step.rows is None or any(place.link_id in here for place in notice.places)


def _concerns(draft: StoredDocument, step: Step, check: Check) -> bool:
    """Whether a check is about this step, and every other page on this patient's way that it reads is done."""
    read = {*check.link_ids, *(place.link_id for place in check.places)}
    pages = [page for page in draft.journey.pages if any(item.link_id in read for item in page.walk())]
    if step.rows is None:
        about = any(page is step.page for page in pages)
    else:
        here = {item.link_id for item in step.questions}
        about = any(place.entry_id == step.entry_id and place.link_id in here for place in check.places)
    return about and all(page is step.page or page.link_id in draft.done for page in pages)
