"""What happens at one step: what was sent is read, put into the draft, asked about where it does not fit together, and
followed by the next step. Knows no request: a draft and what was sent give a StepOutcome.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum, auto
from typing import Final

from werkzeug.datastructures import MultiDict

from intake.answers.document import MOST_PAGES, Agreement, AsTyped, Focus, SavedBy, SentFrom, StoredDocument
from intake.consultations.rules import rules_for
from intake.forms.fields import BadForm
from intake.forms.page_form import ParsedPage, check_names, read_page, was_sent
from intake.forms.typed import Typed, as_it_reads, control_names, typed_from
from intake.patient import addresses
from intake.patient.addresses import ORIGINS
from intake.patient.comparison import Comparison
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
BACK: Final = "back"
LEAVE: Final = "leave"
NEXT: Final = "next"
IN_PERSON: Final = "in-person"
_OF_ENTRY: Final = re.compile(r"(undo|change|remove)-([0-9a-f]{16})")

NO_ROOM: Final = "There is no room for one more here. What you typed for it stands where you check your answers."
"""Said where another window filled the list meanwhile."""
REPLACED: Final = "At “{}”, another window had: {}. What you typed last is kept."
"""Said where two windows typed at a question, and neither is saved."""


class Press(Enum):
    """What a button of a page of questions does."""

    CONTINUE = auto()
    LATER = auto()
    BACK = auto()
    LEAVE = auto()
    NEXT = auto()
    UNDO = auto()
    STORED = auto()
    IN_PERSON = auto()
    ADD = auto()
    KEEP = auto()
    CHANGE = auto()
    CHANGE_ENTRY = auto()
    REMOVE_ENTRY = auto()


@dataclass(frozen=True, slots=True)
class PressedButton:
    """The button that sent a page. `about` is the linkId of the list to add to, the id of the entry to put back, change
    or remove, or the key of the notice answered. `again` says that this drawing of the page was sent before: perhaps
    nobody saw the answer, so it is the same."""

    press: Press = Press.CONTINUE
    about: str = ""
    again: bool = False

    @property
    def answers_notice(self) -> bool:
        """Whether it answers a notice."""
        return self.press in (Press.KEEP, Press.CHANGE)

    @property
    def is_beside(self) -> bool:
        """Whether it is about a notice or an entry: sent without the page's questions, it takes none of them away."""
        return self.answers_notice or self.press in _ENTRY_PRESSES.values()

    @property
    def leaves(self) -> bool:
        """Whether it leads away from the page: saved as it was typed, whatever stands there."""
        return self.press in (Press.LATER, Press.BACK, Press.LEAVE, Press.CHANGE_ENTRY, Press.REMOVE_ENTRY)

    @property
    def goes_on(self) -> bool:
        """Whether what is required is asked for: not when somebody leaves, goes back, or is busy with a list."""
        return not self.leaves and self.press not in (Press.ADD, Press.UNDO)

    @classmethod
    def of(cls, sent: MultiDict[str, str], *, in_person: bool, in_list: bool = False) -> PressedButton:
        """The button in what was sent; `in_person` says whether the page may be told in person, `in_list` whether
        another entry can follow. Raises BadForm.
        """
        then = sent.get("then", "")
        if of_entry := _OF_ENTRY.fullmatch(then):
            return cls(_ENTRY_PRESSES[of_entry[1]], of_entry[2])
        offered = {Press.IN_PERSON: in_person, Press.NEXT: in_list}
        if (press := _THEN.get(then)) is None or not offered.get(press, True):
            raise BadForm("then has a value that the page does not offer")
        if press is not Press.CONTINUE and press is not Press.IN_PERSON:
            return cls(press)
        if added := sent.get("add"):
            return cls(Press.ADD, added)
        if press is Press.IN_PERSON:
            return cls(press)
        for name, press in (("change", Press.CHANGE), ("keep", Press.KEEP)):
            if name in sent:
                return cls(press, sent[name])
        return cls()


_THEN: Final[Mapping[str, Press]] = {
    "": Press.CONTINUE,
    "mine": Press.CONTINUE,
    "stored": Press.STORED,
    LATER: Press.LATER,
    BACK: Press.BACK,
    LEAVE: Press.LEAVE,
    NEXT: Press.NEXT,
    IN_PERSON: Press.IN_PERSON,
}
"""What the values of `then` say. `mine` and `stored` choose between what was typed and what another window saved."""
_ENTRY_PRESSES: Final[Mapping[str, Press]] = {
    "undo": Press.UNDO,
    "change": Press.CHANGE_ENTRY,
    "remove": Press.REMOVE_ENTRY,
}
"""The same of its values that end in the id of an entry."""


@dataclass(frozen=True, slots=True)
class StepContext:
    """What a step needs beside the draft: the moment, the version of the text on consent, the checks of the day."""

    now: datetime
    consent_version: str
    checks: GentleChecks


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What comes of a step: the draft to keep, and the address to go to.

    None if another window saved the page meanwhile: what was sent is kept as it was typed, and both versions are shown.
    """

    draft: StoredDocument
    to: str | None


# -- what was sent -----------------------------------------------------------------------------------------------------


def take_step(draft: StoredDocument, step: Step, sent: MultiDict[str, str], context: StepContext) -> StepOutcome:
    """What comes of what was sent at this step. Raises BadForm."""
    check_names(sent, step.questions, HOUSEKEEPING)
    away = addresses.LEAVE if sent.get("then") == LEAVE else ""
    if not step.has_room(draft):  # another window filled the list
        kept = carry(draft, step, sent, context.checks.today)
        kept = kept.changed(remarks=(NO_ROOM,)) if step.key in kept.as_typed else kept
        return StepOutcome(kept, away or step.onward(draft))
    button = PressedButton.of(sent, in_person=step.may_be_told_in_person, in_list=step.rows is not None)
    if "seen" not in sent:  # the page came in part: what it lacks is not taken away by that
        return StepOutcome(carry(draft, step, sent, context.checks.today), away or step.here)
    if sent.get("from", "") not in ("", *ORIGINS):
        raise BadForm("from names no place that a page is opened from")
    page = Comparison(draft, step, step.drawing_of(draft, sent, pressed=True))
    if (button.is_beside and _is_button_alone(step, sent)) or page.is_late:
        # the button alone, or what this page sent before it sent what is saved: takes nothing away that stands there
        draft = draft.changed(remarks=())
        return _follow(draft, draft, step, button, context)
    if button.press is Press.STORED:
        return StepOutcome(_keep_stored(page, sent, context.checks.today), step.here)
    button = replace(button, again=page.own_save is not None)
    received = _receive(page, sent, button, context)
    return received if isinstance(received, StepOutcome) else _follow(draft, received, step, button, context)


def _is_button_alone(step: Step, sent: MultiDict[str, str]) -> bool:
    """Whether a button came without the page's form, as no browser sends it."""
    return "whole" not in sent and not any(was_sent(item, sent) for item in step.questions)


def _receive(
    page: Comparison, sent: MultiDict[str, str], button: PressedButton, context: StepContext
) -> StoredDocument | StepOutcome:
    """The draft with what was sent, of which what is no answer stays as it was typed; a StepOutcome if that is shown
    before anything follows."""
    draft, step, drawing = page.draft, page.step, page.drawing
    rules = rules_for(draft.questionnaire)
    asked = [item for item in step.questions if item.link_id in drawing.asked or was_sent(item, sent)]
    items = asked if page.is_current else page.touched(sent)
    parsed = read_page(items, sent, today=context.checks.today, weeks=rules.weeks)
    wrong = [item for item in items if item.link_id not in parsed.answers]
    differing = _differing(parsed, step.answers(draft))
    if not page.saved_elsewhere.isdisjoint(item.link_id for item in differing):
        # no save of this page, which has not seen the other version yet: sent once more it is no choice between them
        unsaved = _as_typed([item for item in differing if item.link_id not in page.late], sent, by=drawing.by)
        kept = draft.with_half_typed(step.key, _beside(draft, step, unsaved))
        said = draft.remarks if kept.as_typed == draft.as_typed else ()  # sent again, as nobody saw the answer
        kept = _replaced(page, kept.changed(remarks=said))
        return StepOutcome(kept, _away(kept, step, button) if button.leaves else None)
    opening = blank_opening(parsed)
    after = draft if opening else step.with_answers(draft, parsed.answers)
    missing = _missing(after, step, parsed) if button.goes_on else []
    lacks = bool(parsed.with_missing(missing, rules.messages).problems)
    unread = [item for item in items if item in wrong or (item in missing and (item is opening or _holds(item, sent)))]
    unread = [item for item in unread if item.link_id not in page.late]
    typed = _as_typed(unread, sent, by=drawing.by, asked=lacks and button.goes_on)
    typed = _beside(draft, step, typed, read=page.seen(items))
    after = after.with_as_typed(step.key, typed, by=SavedBy(drawing.by, frozenset(item.link_id for item in items)))
    unread_yet = draft.focus.at(step.key) if button.again else ()
    newly = tuple(item.link_id for item in step.newly(draft, after)) or unread_yet
    if not page.is_current:  # another window brought questions that this page could not ask
        known = step.stands(after).keys() | drawing.asked | {*newly}
        newly += tuple(item.link_id for item in step.shown(after) if item.link_id not in known)
    said = (*parsed.remarks, *(one for one in draft.remarks if button.again and one not in parsed.remarks))
    after = _replaced(page, after.changed(focus=Focus(step.key, newly), remarks=said))
    if lacks and button.goes_on:
        return StepOutcome(_with_agreement(_opened_again(draft, after, step), step, context), step.here)
    return after


def _holds(item: Item, sent: MultiDict[str, str]) -> bool:
    return any(sent.get(name) for name in control_names(item))


def _beside(draft: StoredDocument, step: Step, typed: AsTyped | None, *, read: Iterable[Item] = ()) -> AsTyped | None:
    """The same beside what is kept of other questions: neither typed now nor `read`, such as hidden ones, or those of
    the entry's other page."""
    kept, new = draft.as_typed.get(step.key, AsTyped()), typed or AsTyped()
    # what another page typed, and this one sends on as it stood there, is still that one's too: it may be typing on
    by = {
        link_id: _pages(kept.by.get(link_id, ()), one, _same(draft, link_id, kept, new))
        for link_id, one in new.by.items()
    }
    gone = {*new.link_ids, *(item.link_id for item in read)}
    others = [draft.questionnaire.item(link_id) for link_id in kept.link_ids if link_id not in gone]
    if not others:
        return typed and replace(typed, by=by)
    ids = tuple(item.link_id for item in others)
    values = {name: kept.values[name] for item in others for name in control_names(item) if name in kept.values}
    by |= {link_id: kept.by[link_id] for link_id in ids if link_id in kept.by}
    return replace(new, link_ids=(*ids, *new.link_ids), values={**values, **new.values}, by=by)


def _pages(before: Sequence[SentFrom], now: tuple[SentFrom, ...], same: bool) -> tuple[SentFrom, ...]:
    marks = {one.mark for one in now}
    return (*(one for one in before if same and one.mark not in marks), *now)[-MOST_PAGES:]


def _same(draft: StoredDocument, link_id: str, kept: AsTyped, new: AsTyped) -> bool:
    names = control_names(draft.questionnaire.item(link_id))
    return link_id in new.link_ids and all(kept.values.get(name) == new.values.get(name) for name in names)


def _replaced(page: Comparison, after: StoredDocument) -> StoredDocument:
    """The draft that says what this page's typing took the place of, though the page had not shown it: there is room
    for one version beside the one that is saved."""
    old, new, questions = page.kept, after.as_typed.get(page.step.key, AsTyped()), page.step.questions
    here = [item for item in questions if item.link_id in old.link_ids and item.link_id in new.link_ids]
    seen = page.seen(here)
    was, now = ({one.link_id: as_it_reads(one, Typed(kept.values)) for one in here} for kept in (old, new))
    unseen = [item for item in here if item not in seen and was[item.link_id] not in ("", now[item.link_id])]
    gone = [REPLACED.format(item.text, was[item.link_id]) for item in unseen]
    return after.changed(remarks=(*after.remarks, *gone)) if gone else after


def _keep_stored(page: Comparison, sent: MultiDict[str, str], today: date) -> StoredDocument:
    """The draft without what the page showed beside what is saved, unless something came in that nobody chose against.
    What was typed at the page's other questions is kept as it was typed."""
    draft, step, drawing = page.draft, page.step, page.drawing
    came = [] if _is_button_alone(step, sent) else page.touched(sent)
    others = page.seen(item for item in came if item.link_id not in drawing.unsaved)
    typed = _unsaved(page, sent, others, today)
    shown = step.shown(draft)  # what is hidden now was not seen either
    if not page.is_current or page.seen(shown) != list(shown):
        return draft.with_half_typed(step.key, _beside(draft, step, typed, read=others))
    return draft.with_as_typed(step.key, _beside(draft, step, typed, read=shown), by=SavedBy(drawing.by))


def keep_half_typed(draft: StoredDocument, step: Step, sent: MultiDict[str, str], today: date) -> StoredDocument:
    """The draft with what stands on a page that is still open, kept as it was typed where it is not what is saved.

    The same draft if this comes late: what that page sent later was saved. What another window typed stays. Raises
    BadForm.
    """
    check_names(sent, step.questions, HOUSEKEEPING)
    page = Comparison(draft, step, step.drawing_of(draft, sent))
    if not page.drawing.came_in_part and (not page.drawing.mark or page.is_late):
        return draft
    return carry(draft, step, sent, today, by_itself=True)


def carry(
    draft: StoredDocument, step: Step, sent: MultiDict[str, str], today: date, *, by_itself: bool = False
) -> StoredDocument:
    """The draft with what was sent while nobody could save it: kept as it was typed where it is not what is saved. Sent
    `by_itself`, it takes no other typing away that its page had not shown.

    Raises BadForm.
    """
    check_names(sent, step.questions, HOUSEKEEPING)
    page = Comparison(draft, step, step.drawing_of(draft, sent))
    items = page.touched(sent)
    seen = page.seen(items)
    typed = _unsaved(page, sent, seen if by_itself else [one for one in items if one.link_id not in page.late], today)
    typed = _beside(draft, step, typed, read=seen)
    if page.kept.asked:
        typed = replace(typed or AsTyped(), asked=True)
    return _replaced(page, draft.with_half_typed(step.key, typed))


def _unsaved(page: Comparison, sent: MultiDict[str, str], items: Sequence[Item], today: date) -> AsTyped | None:
    """What was sent for these questions where it is not what is saved."""
    parsed = read_page(items, sent, today=today, weeks=rules_for(page.draft.questionnaire).weeks)
    return _as_typed(_differing(parsed, page.step.answers(page.draft)), sent, by=page.drawing.by)


def _as_typed(items: Sequence[Item], sent: MultiDict[str, str], *, by: SentFrom, asked: bool = False) -> AsTyped | None:
    """What was sent for these questions, as it was typed there (`by`); None if there is nothing to keep."""
    names = [name for item in items for name in control_names(item) if name in sent]
    ids = tuple(item.link_id for item in items)
    values = {name: tuple(sent.getlist(name)) for name in names}
    return AsTyped(ids, values, asked, dict.fromkeys(ids, (by,)) if by.mark else {}) if ids or asked else None


def as_typed(draft: StoredDocument, step: Step, today: date) -> ParsedPage | None:
    """The step's page with what is kept there as it was typed, read anew; None if there is nothing."""
    kept = draft.as_typed.get(step.key)
    here = {item.link_id for item in step.questions}
    if kept is None or (kept.link_ids and here.isdisjoint(kept.link_ids)):
        return None
    items, held, rules = step.shown(draft), step.answers(draft), rules_for(draft.questionnaire)
    stored = {item.link_id: held.get(item.link_id, NO_ANSWER) for item in items if item.link_id not in kept.link_ids}
    sent = MultiDict((name, value) for name, values in kept.values.items() for value in values)
    parsed = read_page([item for item in items if item.link_id not in stored], sent, today=today, weeks=rules.weeks)
    typed = {item.link_id: typed_from(item, stored[item.link_id]) for item in items if item.link_id in stored}
    parsed = replace(parsed, items=items, answers={**stored, **parsed.answers}, typed={**typed, **parsed.typed})
    return parsed.with_missing(_missing(draft, step, parsed), rules.messages) if kept.asked else parsed


def _differing(parsed: ParsedPage, held: Mapping[str, Answer]) -> list[Item]:
    """The questions whose answer as it was read, if it could be, is not the one that is stored."""
    return [item for item in parsed.items if parsed.answers.get(item.link_id) != held.get(item.link_id, NO_ANSWER)]


def _missing(draft: StoredDocument, step: Step, parsed: ParsedPage) -> list[Item]:
    """What has to be answered before the step is done."""
    if step.rows is None:
        return list(draft.journey.missing(step.page))
    opening = blank_opening(parsed)
    return [opening] if opening else []


def blank_opening(parsed: ParsedPage) -> Item | None:
    """The first field of an entry if it was left blank: without it no entry is made or changed (x-row-required)."""
    opening = next((item for item in parsed.items if item.row_required), None)
    return opening if opening is not None and not parsed.answers.get(opening.link_id, NO_ANSWER).answered else None


# -- what follows ------------------------------------------------------------------------------------------------------


def _follow(
    before: StoredDocument, saved: StoredDocument, step: Step, button: PressedButton, context: StepContext
) -> StepOutcome:
    """Where a saved step leads: on, to a new entry, or here again for what it enabled or what does not fit together."""
    newly = saved is not before and saved.focus.link_ids
    draft = _with_agreement(_opened_again(before, saved, step), step, context)
    if button.leaves:
        return StepOutcome(draft, _away(draft, step, button))
    if button.press is Press.UNDO:
        return StepOutcome(draft.with_removed_again(button.about), step.list_at(button.about))
    if button.press is Press.ADD:
        return StepOutcome(draft, step.added_to(draft, button.about))
    if button.press is Press.IN_PERSON:
        draft = draft.told_in_person(step.page)
        return StepOutcome(draft, step.onward(draft))
    if newly:
        return StepOutcome(draft, step.here)
    return _ask(before, draft if step.rows is not None else draft.with_done(step.page), step, button, context)


def _away(draft: StoredDocument, step: Step, button: PressedButton) -> str:
    if button.press is Press.LATER:
        return addresses.RESUME_CODE
    if button.press is Press.BACK:
        return step.back(draft)
    if button.press is Press.LEAVE:
        return addresses.LEAVE
    return step.to_entry(draft, button.about, "remove" if button.press is Press.REMOVE_ENTRY else "")


def _opened_again(before: StoredDocument, saved: StoredDocument, step: Step) -> StoredDocument:
    """The draft after a save; with another answer, what this page asks is no longer told in person (decision 0031)."""
    if saved.response == before.response:
        return saved
    return saved.changed(in_person=saved.in_person - {step.page.link_id}, done=still_done(before, saved, step))


def _onward(before: StoredDocument, draft: StoredDocument, step: Step, button: PressedButton) -> str:
    """What follows; the check page is opened at the first row that was changed, else at the first of the step."""
    if button.press is Press.NEXT and (another := step.another(draft)):
        return another
    to = step.onward(draft)
    if to != addresses.CHECK or not step.from_check:
        return to
    old, new, shown = step.answers(before), step.answers(draft), step.shown(draft)
    changed = next((one for one in shown if old.get(one.link_id) != new.get(one.link_id)), next(iter(shown), step.page))
    return addresses.check(changed.link_id, step.entry_id)


def _ask(
    before: StoredDocument, draft: StoredDocument, step: Step, button: PressedButton, context: StepContext
) -> StepOutcome:
    """Here again if notices stand, else on. Continue answers them all; the buttons of a notice answer that one."""
    checks = context.checks
    waiting = checks.waiting(draft, step) if button.answers_notice or button.again else []
    notices = [notice for notice in waiting if notice.key != button.about] + checks.after_saving(draft, step)
    draft = draft.changed(notices=draft.notices.raised(step.key, (notice.key for notice in notices)))
    if button.press is Press.KEEP:  # what was kept once is not asked again on the check page
        draft = draft.changed(notices=draft.notices.kept_on_check(button.about))
    if button.press is not Press.CHANGE:
        return StepOutcome(draft, step.here if notices else _onward(before, draft, step, button))
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
