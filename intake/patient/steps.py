"""What happens at one step: what was sent is read, put into the draft, asked about where it does not fit together, and
followed by the next step. Knows no request: a draft and what was sent give a StepOutcome.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from typing import Final

from werkzeug.datastructures import MultiDict

from intake.answers.document import Agreement, Focus, StoredDocument
from intake.consultations.rules import rules_for
from intake.forms.fields import BadForm
from intake.forms.page_form import ParsedPage, check_names, read_page, was_sent
from intake.forms.typed import typed_from
from intake.patient import addresses
from intake.patient.addresses import ORIGINS
from intake.patient.notices import GentleChecks
from intake.patient.step import Step
from intake.questionnaire.invariants import CONTROLS
from intake.questionnaire.journey import newly_shown
from intake.questionnaire.model import Item
from intake.questionnaire.roles import ItemRole
from intake.questionnaire.values import NO_ANSWER, Answer

HOUSEKEEPING: Final = tuple(name for name in CONTROLS if name != "code")
"""The names of a page's hidden fields and buttons."""
LATER: Final = "later"
IN_PERSON: Final = "in-person"
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{32}")


class Press(Enum):
    """What a button of a page of questions does."""

    CONTINUE = auto()
    LATER = auto()
    IN_PERSON = auto()
    ADD = auto()
    KEEP = auto()
    CHANGE = auto()


@dataclass(frozen=True, slots=True)
class PressedButton:
    """The button that sent a page. `about` is the linkId of the list to add to, or the key of the notice answered."""

    press: Press = Press.CONTINUE
    about: str = ""

    @property
    def answers_notice(self) -> bool:
        """Whether it answers a notice."""
        return self.press in (Press.KEEP, Press.CHANGE)

    @property
    def goes_on(self) -> bool:
        """Whether what is required is asked for: not when somebody leaves or adds an entry."""
        return self.press not in (Press.LATER, Press.ADD)

    @classmethod
    def of(cls, sent: MultiDict[str, str], *, in_person: bool) -> PressedButton:
        """The button in what was sent; `in_person` says whether the page may be told in person. Raises BadForm."""
        then = sent.get("then", "")
        if then not in ("", LATER) and not (in_person and then == IN_PERSON):
            raise BadForm("then has a value that the page does not offer")
        if then == LATER:
            return cls(Press.LATER)
        if added := sent.get("add"):
            return cls(Press.ADD, added)
        if then == IN_PERSON:
            return cls(Press.IN_PERSON)
        for name, press in (("change", Press.CHANGE), ("keep", Press.KEEP)):
            if name in sent:
                return cls(press, sent[name])
        return cls()


@dataclass(frozen=True, slots=True)
class StepContext:
    """What a step needs beside the draft: the moment, the version of the text on consent, the checks of the day."""

    now: datetime
    consent_version: str
    checks: GentleChecks


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What comes of a step: the draft to keep and the address to go to, or what was sent to be shown again.

    `stored` holds what stands in the draft now where another window saved the page meanwhile.
    """

    draft: StoredDocument
    to: str = ""
    again: ParsedPage | None = None
    stored: Mapping[str, Answer] | None = None


# -- what was sent -----------------------------------------------------------------------------------------------------


def take_step(draft: StoredDocument, step: Step, sent: MultiDict[str, str], context: StepContext) -> StepOutcome:
    """What comes of what was sent at this step. Raises BadForm."""
    check_names(sent, step.questions, HOUSEKEEPING)
    button = PressedButton.of(sent, in_person=step.may_be_told_in_person)
    if sent.get("from", "") not in ("", *ORIGINS) or not _FINGERPRINT.fullmatch(sent.get("seen", "")):
        raise BadForm("the page's own mark is missing or altered")
    if button.answers_notice and not any(was_sent(item, sent) for item in step.questions):
        # the notice alone was answered: what stands on the page is not taken away by that
        draft = draft.changed(remarks=())
        return _follow(draft, draft, step, button, context)
    received = _receive(draft, step, sent, button, context)
    return received if isinstance(received, StepOutcome) else _follow(draft, received, step, button, context)


def _receive(
    draft: StoredDocument, step: Step, sent: MultiDict[str, str], button: PressedButton, context: StepContext
) -> StoredDocument | StepOutcome:
    """The draft with what was sent; a StepOutcome that stores nothing if something stands against it."""
    shown = {item.link_id for item in step.shown(draft)}
    items = tuple(item for item in step.questions if item.link_id in shown or was_sent(item, sent))
    rules = rules_for(draft.questionnaire)
    parsed = read_page(items, sent, today=context.checks.today, weeks=rules.weeks)
    held = step.answers(draft)
    stored = {item.link_id: held.get(item.link_id, NO_ANSWER) for item in items}
    if not parsed.problems and parsed.answers != stored and sent["seen"] != step.fingerprint(draft):
        return StepOutcome(draft, again=_with_unsent(parsed, sent, stored), stored=stored)
    opening = blank_opening(step, parsed)
    after = draft if opening else step.with_answers(draft, parsed.answers)
    if button.goes_on:
        missing = after.journey.missing(step.page) if step.rows is None else ()
        parsed = parsed.with_missing([*missing, *([opening] if opening else [])], rules.messages)
    if parsed.problems:
        return StepOutcome(draft, again=parsed)
    newly = tuple(item.link_id for item in step.newly(draft, after))
    return after.changed(focus=Focus(step.key, newly), remarks=parsed.remarks)


def _with_unsent(parsed: ParsedPage, sent: MultiDict[str, str], stored: Mapping[str, Answer]) -> ParsedPage:
    """The same with the stored answer in each question of which nothing was sent: it may not have stood there."""
    unsent = {item.link_id: typed_from(item, stored[item.link_id]) for item in parsed.items if not was_sent(item, sent)}
    return replace(parsed, typed={**parsed.typed, **unsent})


def blank_opening(step: Step, parsed: ParsedPage) -> Item | None:
    """The first field of an entry if it was left blank: without it no entry is made or changed (x-row-required)."""
    opening = next((item for item in step.questions if item.row_required), None)
    return opening if opening is not None and not parsed.answers.get(opening.link_id, NO_ANSWER).answered else None


# -- what follows ------------------------------------------------------------------------------------------------------


def _follow(
    before: StoredDocument, saved: StoredDocument, step: Step, button: PressedButton, context: StepContext
) -> StepOutcome:
    """Where a saved step leads: on, to a new entry, or here again for what it enabled or what does not fit together."""
    newly = saved is not before and saved.focus.link_ids
    if saved.response != before.response:
        # another answer: what this page asks is no longer told in person (decision 0031)
        saved = saved.changed(in_person=saved.in_person - {step.page.link_id}, done=still_done(before, saved, step))
    draft = _with_agreement(saved, step, context)
    if button.press is Press.LATER:
        return StepOutcome(draft, addresses.RESUME_CODE)
    if button.press is Press.ADD:
        return StepOutcome(draft, step.added_to(draft, button.about))
    if button.press is Press.IN_PERSON:
        draft = draft.told_in_person(step.page)
        return StepOutcome(draft, step.onward(draft))
    if newly:
        return StepOutcome(draft, step.here)
    return _ask(draft if step.rows is not None else draft.with_done(step.page), step, button, context)


def _ask(draft: StoredDocument, step: Step, button: PressedButton, context: StepContext) -> StepOutcome:
    """Here again if notices stand, else on. Continue answers them all; the buttons of a notice answer that one."""
    checks = context.checks
    waiting = checks.waiting(draft, step) if button.answers_notice else []
    notices = [notice for notice in waiting if notice.key != button.about] + checks.after_saving(draft, step)
    draft = draft.changed(notices=draft.notices.raised(step.key, (notice.key for notice in notices)))
    if button.press is not Press.CHANGE:
        return StepOutcome(draft, step.here if notices else step.onward(draft))
    about = next((notice for notice in waiting if notice.key == button.about), None)
    if about is not None:
        draft = draft.changed(focus=Focus(step.key, tuple(place.link_id for place in about.places)))
    return StepOutcome(draft, step.here)


def still_done(before: StoredDocument, after: StoredDocument, step: Step) -> frozenset[str]:
    """The pages done, without those others on which this save enabled something that has no answer yet.

    A page that comes back as a whole was seen before, and stays done. Only pages are looked at on which an answer that
    changed decides what is shown.
    """
    old, new = step.answers(before), step.answers(after)
    decides = before.questionnaire.decides
    changed = (item.link_id for item in step.questions if old.get(item.link_id) != new.get(item.link_id))
    touched = frozenset().union(*(decides.get(link_id, frozenset()) for link_id in changed)) & after.done
    pages = (page for page in before.journey.pages if page.link_id in touched and page is not step.page)
    opened = {page.link_id for page in pages if _opened(after, newly_shown(before.shown, after.shown, page))}
    return after.done - opened


def _opened(draft: StoredDocument, newly: Iterable[Item]) -> bool:
    return any(
        not draft.response.rows(item.link_id)
        if item.is_rows
        else item.is_question and draft.response.answer(item.link_id).is_empty
        for item in newly
    )


def _with_agreement(draft: StoredDocument, step: Step, context: StepContext) -> StoredDocument:
    """The draft with the record of what was agreed to, when the page of consent is saved (clinical.md 2.3)."""
    if not step.asks_consent:
        return draft
    agreed, version = draft.role(ItemRole.CONSENT).answered, context.consent_version
    if agreed and draft.agreement is not None and draft.agreement.version == version:
        return draft
    return draft.changed(agreement=Agreement(version, context.now, draft.response.language) if agreed else None)
