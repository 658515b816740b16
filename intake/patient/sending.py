"""Sending, and the confirmation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from flask import request
from werkzeug.wrappers import Response

from intake.answers.document import StoredDocument
from intake.consultations.rules import rules_for
from intake.consultations.stored import stored_summary
from intake.forms.page_form import ParsedPage, check_names, read_page
from intake.patient import addresses
from intake.patient.blueprint import door, go, page
from intake.patient.check_page import checking
from intake.patient.coming_back import address_of
from intake.patient.current_draft import change, open_draft, read, remember, session_token, words
from intake.patient.steps import HOUSEKEEPING, LATER
from intake.patient.submission import submission_of
from intake.questionnaire.model import Item
from intake.questionnaire.roles import ItemRole, Meaning
from intake.questionnaire.values import Answer
from intake.records import audit, changing, drafts, sent
from intake.records import sending as records
from intake.records.audit import AuditAction
from intake.records.errors import CorrectedMeanwhile, NoSuchDraft, NoSuchResponse
from intake.records.sent import Sent
from intake.records.sessions import SessionKind
from intake.records.tables import AMENDED
from intake.summary.drawing import drawing_of
from intake.web import extensions, help_now, sessions
from intake.web.headers import CLEARS

CONTACT: Final[Mapping[Meaning | None, str]] = MappingProxyType(
    {
        Meaning.REACH_ANY_WAY: "The clinic will reach you by phone or email, as you said.",
        Meaning.REACH_BY_EMAIL: "The clinic will reach you by email only, as you asked.",
        Meaning.REACH_BY_PHONE: "The clinic will reach you by phone only, and may leave a message, as you said.",
        Meaning.REACH_BY_PHONE_WITHOUT_MESSAGES: (
            "The clinic will reach you by phone only and leave no messages, as you asked."
        ),
    }
)
CONTACT_NOT_KNOWN: Final = (
    "The clinic will reach you if it needs to. You did not say how, so it will take care with messages."
)


CORRECTING: Final = "correcting"
"""The hidden field of the check page of a correction: which revision it was drawn over."""
CORRECTED_MEANWHILE: Final = (
    "Another correction of this form was sent in the meantime. Look at your answers again: what you send now takes the "
    "place of all that was sent before."
)


@door.post("/submit")
def submit() -> str | Response:
    """Send, exactly once however often it is pressed. A correction that another one overtook is shown once more."""
    try:
        return _sent_on()
    except CorrectedMeanwhile as error:
        seen = error.revision
    return go(change(lambda draft: (_with_seen(draft, seen), addresses.CHECK)))


def _with_seen(draft: StoredDocument, revision: int) -> StoredDocument:
    assert draft.correction is not None, "only a correction is overtaken"
    known = replace(draft.correction, seen=revision)
    return draft.changed(correction=known, remarks=(CORRECTED_MEANWHILE,))


def _sent_on() -> str | Response:
    token = session_token()
    with extensions.transaction() as sql:
        handle = drafts.open(sql, token, now=extensions.now())
        draft = read(handle)
        remember(draft)
        if request.form.get("then") == LATER:
            return go(addresses.RESUME_CODE)
        if not draft.journey.can_visit(draft.questionnaire.check):
            return go(address_of(draft))
        if draft.correction is not None and request.form.get(CORRECTING) != str(draft.correction.seen):
            return go(addresses.CHECK)  # a page from before another correction was sent
        parsed, draft = declared(draft)
        if parsed.problems:
            return checking(draft, parsed)
        intake, now, correction = extensions.current(), extensions.now(), draft.correction
        submission = submission_of(draft, intake.settings.summary, now, intake.settings.clinic_timezone)
        if correction is None:
            records.complete(sql, intake.keyring, handle, **submission, now=now)
        else:
            of, seen = correction.id, correction.seen
            changing.amend(sql, intake.keyring, handle, id=of, seen=seen, **submission, now=now)
    sent_on = go(addresses.SUBMITTED)
    sent_on.headers["Clear-Site-Data"] = CLEARS
    return sent_on


@door.get("/preview")
def preview() -> str | Response:
    """The very page that the clinician reads, as it would be stored now."""
    draft, _ = open_draft()
    if not draft.journey.can_visit(draft.questionnaire.check):
        return go(address_of(draft))
    intake, now, form = extensions.current(), extensions.now(), draft.questionnaire
    as_sent = draft.changed(response=draft.response.with_answers(agreed(form.check))).with_done(form.check)
    submission = submission_of(as_sent, intake.settings.summary, now, intake.settings.clinic_timezone)
    summary = stored_summary(submission["summary"], form)
    return page("preview", summary=summary, drawing=drawing_of(summary.timeline, extensions.today()))


def agreed(check: Item) -> dict[str, Answer]:
    """The answers of the check page as they are where a form is sent: whoever sends has ticked what must be."""
    return {item.link_id: Answer((True,)) for item in check.questions() if item.must_be_true}


def declared(draft: StoredDocument) -> tuple[ParsedPage, StoredDocument]:
    """What was sent from the check page: the statement, and the draft with it. Raises BadForm."""
    page_item = draft.questionnaire.check
    items = tuple(page_item.questions())
    check_names(request.form, items, (*HOUSEKEEPING, CORRECTING))
    parsed = read_page(items, request.form, today=extensions.today())
    after = draft.changed(response=draft.response.with_answers(parsed.answers)).with_done(page_item)
    return parsed.with_missing(after.journey.missing(page_item), rules_for(draft.questionnaire).messages), after


@door.get("/submitted")
def submitted() -> str | Response:
    """The confirmation: the reference, what happens next, and who helps until then. Whoever came back by code and date
    of birth is at their own copy instead."""
    session = sessions.current().row
    if session is None:
        raise NoSuchDraft
    if session.kind is SessionKind.OWNER:
        return go(addresses.SENT)
    try:
        record = what_was_sent(session.owner)
    except NoSuchResponse:  # a draft still
        return go(addresses.CHECK)
    document = read(record)
    remember(document)
    here = help_now.here()
    return page(
        "submitted",
        reference=record.reference,
        corrected=record.status == AMENDED,
        withdrawn=record.is_withdrawn,
        contact=contact_sentence(document),
        words=words(document).loss,
        emergency=help_now.with_links(here.emergency),
        crisis=help_now.with_links(here.crisis),
    )


def what_was_sent(id: str) -> Sent:
    """The response that this browser's patient sent, whose looking the trail keeps. Raises NoSuchResponse."""
    with extensions.transaction() as sql:
        audit.record(sql, AuditAction.VIEW_CONFIRMATION, audit.patient(id), audit.response(id), now=extensions.now())
        return sent.open(sql, extensions.current().keyring, id)


def contact_sentence(document: StoredDocument) -> str | None:
    """How the clinic reaches the patient, if the form asks; a blank is no yes to anything (x-note of contact-safe)."""
    if ItemRole.CONTACT_SAFE not in document.questionnaire.by_role:
        return None
    option = document.option(ItemRole.CONTACT_SAFE)
    meaning = option.means if option is not None else None
    return CONTACT.get(meaning, CONTACT_NOT_KNOWN)
