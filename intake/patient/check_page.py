"""The check page: every answer with the way to change it, what does not fit together, and the button that sends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flask import request
from werkzeug.wrappers import Response

from intake.answers.document import Focus, StoredDocument
from intake.forms.page_form import ParsedPage, check_names
from intake.forms.questions import stored_question, typed_question
from intake.forms.typed import Typed, as_it_reads, first_control
from intake.patient import addresses
from intake.patient.addresses import FROM_CHECK
from intake.patient.blueprint import door, go, page
from intake.patient.coming_back import address_of
from intake.patient.current_draft import about_how_long, change, gentle_checks, open_draft, overdue, words
from intake.patient.pages import helper_line
from intake.patient.step import Step
from intake.patient.steps import HOUSEKEEPING
from intake.patient.texts import fill
from intake.questionnaire.absence import NoAnswer
from intake.questionnaire.enable_when import Asked, hidden_answers
from intake.questionnaire.journey import first_field
from intake.questionnaire.model import Item
from intake.questionnaire.values import NO_ANSWER
from intake.summary.statement import Statement, Voice, statement, statement_of


@dataclass(frozen=True)
class AnswerLine:
    """One question with its answer, the address where it is changed, and what was typed there and is no answer; `full`
    where that is because its list takes no more."""

    item: Item
    statement: Statement
    href: str
    as_typed: str = ""
    row: str = ""
    full: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing at all was said here."""
        return self.statement.reason is NoAnswer.LEFT_BLANK and not self.statement.lines and not self.as_typed


@dataclass(frozen=True)
class AnswerGroup:
    """What stands together, each with the address where it is changed: the answers of a section, those of one entry,
    whose name is the heading, what was typed to begin one, or a list without an entry."""

    heading: str | None
    lines: tuple[AnswerLine, ...]

    @property
    def parts(self) -> tuple[tuple[AnswerLine, ...], ...]:
        """What was answered, and what was left blank and so takes one line each; a part without a line is left out."""
        blank = tuple(line for line in self.lines if line.is_blank)
        return tuple(part for part in (tuple(line for line in self.lines if line not in blank), blank) if part)


@door.get("/check")
def check() -> str | Response:
    """Every answer, to be checked; opens once the pages that need an answer are done."""
    draft, handle = open_draft()
    if not draft.journey.can_visit(draft.questionnaire.check):
        return go(address_of(draft))
    return checking(draft, also=overdue(handle))


@door.post("/check")
def answer_check_notice() -> Response:
    """Keep an answer that a gentle check asks about, or go to change it."""
    check_names(request.form, (), HOUSEKEEPING)
    answered = request.form.get("keep", request.form.get("change"))

    def answer(draft: StoredDocument) -> tuple[StoredDocument, str]:
        chosen = next((notice for notice in gentle_checks().on_check(draft) if notice.key == answered), None)
        if chosen is None:
            return draft, addresses.CHECK
        kept = draft.changed(notices=draft.notices.kept_on_check(chosen.key), remarks=())
        if "change" not in request.form:
            return kept, addresses.CHECK
        place = chosen.places[0]
        key = place.entry_id or draft.questionnaire.page_of(place.link_id).link_id
        to = where_to_change(draft, draft.questionnaire.item(place.link_id), place.entry_id)
        return kept.changed(focus=Focus(key, (place.link_id,))), to

    return go(change(answer))


def checking(draft: StoredDocument, parsed: ParsedPage | None = None, also: tuple[str, ...] = ()) -> str:
    """The check page, with what is `also` to be said, and with what was sent if it could not be sent on."""
    page_item, filled_with = draft.questionnaire.check, words(draft)
    before, progress = draft.journey.previous_page(page_item), draft.journey.progress(page_item)
    return page(
        "check",
        intro=[fill(item.text, filled_with) for item in page_item.items if not item.is_question],
        title=page_item.text,
        progress=progress,
        takes=about_how_long(draft, page_item, progress),
        back=addresses.page(before.link_id) if before is not None else addresses.RESUME_CODE,
        sections=sections(draft),
        hidden=hidden_answers(draft.questionnaire, draft.response),
        words=filled_with.loss,
        remarks=(*also, *draft.remarks),
        correcting=draft.correction.seen if draft.correction is not None else None,
        notices=gentle_checks().on_check(draft),
        questions=[
            typed_question(item, parsed) if parsed else stored_question(item, draft.response.answer(item.link_id))
            for item in page_item.questions()
        ],
        problems=parsed.problems if parsed else (),
        helper=helper_line(draft),
    )


def sections(draft: StoredDocument) -> Iterator[tuple[str, list[AnswerGroup]]]:
    """The title of every section with every question shown, in order; those of the check page itself left out."""
    for section in draft.questionnaire.sections:
        pages = [item for item in section.items if item is not draft.questionnaire.check]
        groups = [
            AnswerGroup(together[0].entry_name, tuple(_line(draft, asked) for asked in together))
            for together in draft.shown.groups_in(pages)
        ]
        lists = [rows for one in pages for rows in draft.shown.lists_in(one)]
        groups += [_begun(draft, rows, key) for rows in lists for key in _begun_in(draft, rows)]
        if groups:
            yield section.text, groups


def _line(draft: StoredDocument, asked: Asked) -> AnswerLine:
    told = statement_of(draft.absences, asked, Voice.PATIENT)
    if asked.item.is_rows and told.reason is NoAnswer.LEFT_BLANK:
        told = replace(told, reason_text="Nothing listed")
    entry_id = asked.entry.id if asked.entry else None
    href, kept = where_to_change(draft, asked.item, entry_id), _as_typed(draft, asked.item, entry_id)
    return AnswerLine(asked.item, told, href, kept, addresses.row(asked.item.link_id, entry_id))


def _as_typed(draft: StoredDocument, item: Item, entry_id: str | None) -> str:
    """What was typed at a question and is no answer yet; empty if there is nothing."""
    kept = draft.as_typed.get(entry_id or draft.questionnaire.page_of(item.link_id).link_id)
    return as_it_reads(item, Typed(kept.values)) if kept is not None and item.link_id in kept.link_ids else ""


def _begun_in(draft: StoredDocument, rows: Item) -> list[str]:
    """The ids of the entries that were begun, but are not in the list: something was typed at the first field."""
    listed, opening = {entry.id for entry in draft.response.rows(rows.link_id)}, first_field(rows)
    return [key for key in draft.as_typed if key not in listed and _as_typed(draft, opening, key)]


def _begun(draft: StoredDocument, rows: Item, key: str) -> AnswerGroup:
    opening = first_field(rows)
    step = Step(draft.questionnaire.page_of(rows.link_id), rows, key, True, FROM_CHECK, adding=True)
    line = AnswerLine(
        opening,
        statement(Asked(opening), NO_ANSWER, Voice.PATIENT),
        step.here if step.has_room(draft) else step.list_at(rows.link_id),
        _as_typed(draft, opening, key),
        addresses.row(opening.link_id, key),
        full=not step.has_room(draft),
    )
    return AnswerGroup(f"{rows.row_label}, begun", (line,))


def where_to_change(draft: StoredDocument, item: Item, entry_id: str | None) -> str:
    """The address of the page where a question is changed, from which the way leads back to the check page."""
    page_id = draft.questionnaire.page_of(item.link_id).link_id
    anchor = first_control(item) if item.is_question else None
    rows = draft.questionnaire.list_of(item.link_id)
    parts: tuple[str, ...] = ()
    if rows is not None and entry_id is not None:
        parts = (entry_id, "start") if item is first_field(rows) else (entry_id,)
    return addresses.page(page_id, *parts, anchor=anchor, opened_from=FROM_CHECK)
