"""The check page, sending, and the confirmation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final

from flask import request
from werkzeug.wrappers import Response

from intake.consultations.nk_intake.messages import MISSING
from intake.forms.page_form import ParsedPage, check_names, read_page
from intake.forms.questions import Question, stored_question, typed_question
from intake.forms.typed import first_control
from intake.patient import names
from intake.patient.coming_back import address_of
from intake.patient.country import with_links
from intake.patient.door import (
    address,
    asking,
    changing,
    country,
    door,
    go,
    held,
    open_draft,
    page,
    remember,
    today,
    words,
)
from intake.patient.draft import Draft, Focus
from intake.patient.saving import FROM_CHECK, HOUSEKEEPING, LATER
from intake.patient.texts import fill
from intake.patient.turns import helper_line
from intake.questionnaire.absence import Absences, NoAnswer
from intake.questionnaire.enable_when import Asked, Shown, as_sent, hidden_answers
from intake.questionnaire.fhir_json import response_from_json
from intake.questionnaire.journey import first_field
from intake.questionnaire.model import Item
from intake.questionnaire.response import QuestionnaireResponse
from intake.records import audit, responses
from intake.records.audit import AuditAction, Entity
from intake.records.errors import AlreadySent
from intake.summary.loss_words import loss_words
from intake.summary.statement import Statement, Voice, reason_in_words, statement
from intake.summary.summarise import summarise
from intake.web import extensions, sessions

CONTACT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "any": "The clinic will reach you by phone or email, as you said.",
        "email-only": "The clinic will reach you by email only, as you asked.",
        "phone-messages": "The clinic will reach you by phone only, and may leave a message, as you said.",
        "phone-no-messages": "The clinic will reach you by phone only and leave no messages, as you asked.",
    }
)
NOTHING_LISTED: Final = "Nothing listed"
CONTACT_NOT_KNOWN: Final = (
    "The clinic will reach you if it needs to. You did not say how, so it will take care with messages."
)


@dataclass(frozen=True)
class Line:
    """One answer on the check page, and where it is changed."""

    statement: Statement
    href: str


@dataclass(frozen=True)
class Group:
    """Answers that stand together: those of a section, or of one entry, which has its name as heading.

    A list without an entry stands alone, with why nothing is listed and where something can be.
    """

    heading: str | None
    lines: tuple[Line, ...]
    empty_list: str | None = None
    why_empty: str = ""
    href: str = ""


@dataclass(frozen=True)
class Section:
    """One section of the check page."""

    title: str
    groups: tuple[Group, ...]


@door.get("/check")
def check() -> str | Response:
    """Every answer, to be checked; opens once the pages that need an answer are done."""
    draft, _ = open_draft()
    if not draft.journey.can_visit(draft.questionnaire.check):
        return go_to_first(draft)
    return checking(draft)


@door.post("/check")
def answer_check_notice() -> str | Response:
    """Keep an answer that a gentle check asks about, or go to change it."""
    check_names(request.form, (), HOUSEKEEPING)
    with changing() as work:
        standing = asking().on_check(work.draft)
        answered = request.form.get("keep", request.form.get("change"))
        chosen = next((notice for notice in standing if notice.key == answered), None)
        if chosen is None:
            return go("check")
        work.draft = replace(work.draft, notices=work.draft.notices.kept_on_check(chosen.key))
        if "change" not in request.form:
            return go("check")
        place, entry_id = chosen.where[0].link_id, chosen.where[0].entry_id
        work.draft = replace(
            work.draft, focus=Focus(entry_id or work.draft.questionnaire.page_of(place).link_id, (place,))
        )
        return Response(
            status=303,
            headers={"Location": where_to_change(work.draft, work.draft.questionnaire.item(place), entry_id)},
        )


@door.post("/submit")
def submit() -> str | Response:
    """Send, exactly once however often it is pressed."""
    id, token = held()
    with extensions.transaction() as sql:
        record = responses.open_draft(sql, id, token)
        draft = Draft.from_document(record.document, extensions.current().forms)
        if request.form.get("then") == LATER:
            return go("resume_code")
        if not draft.journey.can_visit(draft.questionnaire.check):
            return go_to_first(draft)
        reading, draft = declared(draft)
        if reading.problems:
            return checking(draft, reading)
        intake, now = extensions.current(), extensions.now()
        summary = summarise(
            draft.questionnaire, draft.response, settings=intake.settings.summary, today=today(), way=draft.way
        )
        responses.complete(
            sql,
            intake.keyring,
            id,
            token,
            document=sent_document(draft, now),
            summary=summary.to_document(),
            header=header(draft.response),
            seen_revision=record.revision,
            now=now,
        )
    return go("submitted")


def declared(draft: Draft) -> tuple[ParsedPage, Draft]:
    """What was sent from the check page: the statement, and the draft with it. Raises BadForm."""
    items = tuple(draft.questionnaire.check.questions())
    check_names(request.form, items, HOUSEKEEPING)
    reading = read_page(items, request.form, today=today())
    after = draft.with_response(draft.response.with_answers(reading.answers)).with_done(draft.questionnaire.check)
    return reading.with_missing(after.journey.missing(draft.questionnaire.check), MISSING), after


def sent_document(draft: Draft, now: datetime) -> dict[str, Any]:
    """What is kept of a draft once it is sent: the answers to shown questions, the pages done and to be told in person,
    the agreement."""
    sent = replace(as_sent(draft.questionnaire, draft.response), status="completed", authored=now)
    document = draft.with_response(sent).to_document()
    return {name: document[name] for name in ("response", "done", "in_person", "consent") if name in document}


def header(response: QuestionnaireResponse) -> dict[str, str | None]:
    """What the clinic's queue shows of a response: name and date of birth."""
    birth = response.answer(names.BIRTH_DATE).date
    return {"name": response.answer(names.FULL_NAME).own_words, "birth_date": birth.iso if birth else None}


def go_to_first(draft: Draft) -> Response:
    """To the first page that is not done."""
    return Response(status=303, headers={"Location": address_of(draft)})


# -- the check page ----------------------------------------------------------------------------------------------------


def checking(draft: Draft, reading: ParsedPage | None = None) -> str:
    """The check page."""
    page_item, filled_with = draft.questionnaire.check, words(draft)
    questions = [_declare(draft, item, reading) for item in page_item.questions()]
    pages = draft.journey.pages
    return page(
        "check",
        draft=draft,
        intro=[fill(item.text, filled_with) for item in page_item.items if not item.is_question],
        title=page_item.text,
        progress=draft.journey.progress(page_item),
        back=address("show_page", page_id=pages[-1].link_id),
        sections=tuple(sections(draft)),
        hidden=hidden_answers(draft.questionnaire, draft.response),
        words=filled_with.loss,
        notices=asking().on_check(draft),
        questions=questions,
        problems=reading.problems if reading else (),
        helper=helper_line(draft),
    )


def _declare(draft: Draft, item: Item, reading: ParsedPage | None) -> Question:
    return typed_question(item, reading) if reading else stored_question(item, draft.response.answer(item.link_id))


def sections(draft: Draft) -> Iterator[Section]:
    """Every section with every question shown, in order; those of the check page itself left out."""
    absences = Absences(Shown(draft.questionnaire, draft.response), draft.way)
    own = {item.link_id for item in draft.questionnaire.check.walk()}
    for section in draft.questionnaire.sections:
        asked = [one for item in section.items if item.link_id not in own for one in _asked(absences.shown, item)]
        groups = tuple(_groups(draft, absences, asked))
        if groups:
            yield Section(section.text, groups)


def _groups(draft: Draft, absences: Absences, asked: Iterable[Asked | Item]) -> Iterator[Group]:
    for _, together in groupby(asked, key=lambda one: (_rows_id(one), _entry_id(one))):
        held = list(together)
        if isinstance(held[0], Item):
            yield Group(None, (), held[0].text, _why_empty(absences, held[0]), where_to_change(draft, held[0], None))
        else:
            lines = tuple(_line(draft, absences, one) for one in held if isinstance(one, Asked))
            number, rows = held[0].number, held[0].rows
            yield Group(f"{rows.row_label} {number}" if rows else None, lines)


def _asked(shown: Shown, item: Item) -> Iterator[Asked | Item]:
    """The questions of an item, and in their place the lists without an entry."""
    if not shown.is_shown(item):
        return
    if item.is_rows and not shown.response.rows(item.link_id):
        yield item
    elif item.is_question or item.is_rows:
        yield from shown.questions_in(item)
    else:
        for child in item.items:
            yield from _asked(shown, child)


def _rows_id(one: Asked | Item) -> str:
    return one.link_id if isinstance(one, Item) else one.rows.link_id if one.rows else ""


def _entry_id(one: Asked | Item) -> str:
    return one.entry.id if isinstance(one, Asked) and one.entry else ""


def _why_empty(absences: Absences, rows: Item) -> str:
    reason = absences.blank(rows)
    return NOTHING_LISTED if reason is NoAnswer.LEFT_BLANK else reason_in_words(reason, Voice.PATIENT)


def _line(draft: Draft, absences: Absences, asked: Asked) -> Line:
    answer = draft.response.answer(asked.item.link_id, asked.entry)
    entry_id = asked.entry.id if asked.entry else None
    return Line(
        statement(asked, answer, Voice.PATIENT, blank=absences.blank(asked.item)),
        where_to_change(draft, asked.item, entry_id),
    )


def where_to_change(draft: Draft, item: Item, entry_id: str | None) -> str:
    """The address of the page where a question is changed, from which the way leads back to the check page."""
    page_id = draft.questionnaire.page_of(item.link_id).link_id
    anchor = first_control(item) if item.is_question else None
    rows = draft.questionnaire.list_of(item.link_id)
    if rows is None or entry_id is None:
        return address("show_page", page_id=page_id, _anchor=anchor, origin=FROM_CHECK)
    endpoint = "start_entry" if item is first_field(rows) else "show_entry"
    return address(endpoint, page_id=page_id, entry_id=entry_id, _anchor=anchor, origin=FROM_CHECK)


# -- sent --------------------------------------------------------------------------------------------------------------


@door.get("/submitted")
def submitted() -> str | Response:
    """The confirmation: the reference, what happens next, and who helps until then."""
    id, token = held()
    intake, now = extensions.current(), extensions.now()
    with extensions.transaction() as sql:
        try:
            responses.open_draft(sql, id, token)
        except AlreadySent as sent:
            reference = sent.reference
        else:
            return go("check")
        patient = responses.PATIENT
        audit.record(
            sql,
            AuditAction.VIEW_CONFIRMATION,
            agent_id=id,
            agent_name=patient,
            role=patient,
            entity_type=Entity.RESPONSE,
            entity_id=id,
            now=now,
        )
        record = responses.read_sent(sql, intake.keyring, id)
    questionnaire = extensions.current().forms.published[record.questionnaire]
    response = response_from_json(questionnaire, record.document["response"])
    row = sessions.current().row
    sender = row is not None and row.created_at <= record.authored_at
    remember(response)
    here = country(response)
    return page(
        "submitted",
        reference=reference,
        contact=_contact(Shown(questionnaire, response)) if sender else None,
        words=loss_words(questionnaire, response) if sender else (),
        emergency=with_links(here.emergency),
        crisis=with_links(here.crisis),
    )


def _contact(shown: Shown) -> str:
    """How the clinic reaches the patient. A blank is not a yes to anything (x-note of contact-safe)."""
    codes = shown.answer(names.CONTACT_SAFE).codes
    return CONTACT.get(codes[0], CONTACT_NOT_KNOWN) if codes else CONTACT_NOT_KNOWN
