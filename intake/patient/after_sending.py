"""What a patient may do once the form is sent, after code and date of birth: read the own copy, take it along, see who
opened it, correct it, withdraw it."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from flask import request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from intake.answers.document import StoredDocument
from intake.forms.page_form import check_names
from intake.patient import addresses
from intake.patient.blueprint import door, go, page
from intake.patient.carrying import whose
from intake.patient.check_page import sections
from intake.patient.current_draft import remember
from intake.records import audit, changing, drafts, looks, sent
from intake.records.audit import AuditAction
from intake.records.errors import AlreadySent, NoSuchDraft, NoSuchResponse, Withdrawn
from intake.records.looks import OWN, Look
from intake.records.sent import Sent, State
from intake.records.sessions import SessionKind, new_token
from intake.web import extensions, sessions
from intake.web import throttle as throttled
from intake.web.downloads import json_download
from intake.web.opened import OpenedResponse

HOW: Final[Mapping[AuditAction, str]] = MappingProxyType(
    {
        AuditAction.VIEW_SUMMARY: "Opened the page that your clinician reads",
        AuditAction.VIEW_ANSWERS: "Opened all your answers",
        AuditAction.VIEW_SUMMARY_TEXT: "Opened the page as text to copy",
        AuditAction.VIEW_SUMMARY_JSON: "Downloaded the page as a file",
        AuditAction.VIEW_FHIR: "Downloaded your answers as a file",
        AuditAction.SUBJECT_EXPORT: "Downloaded all that is kept about this form",
        AuditAction.EXPORT_BEGUN: "Made an export that your answers are part of",
        AuditAction.VIEW_CONFIRMATION: "Looked at the confirmation",
        AuditAction.VIEW_OWN_COPY: "Opened your own copy",
        AuditAction.OWN_COPY_FHIR: "Downloaded your own copy as a file",
    }
)
"""What is told of each look. The trail's word stands for one that is not here."""
WHO: Final[Mapping[str, str]] = MappingProxyType(
    {
        "patient": "You, or somebody with your code",
        "clinician": "A clinician",
        "admin": "An administrator of the clinic",
        "operator": "Whoever runs this site for the clinic",
    }
)


class LookLine(NamedTuple):
    """One look in words: who, when, and how."""

    who: str
    at: datetime
    how: str


class NotOpened(Exception):
    """This browser did not open what was sent by code and date of birth."""


@door.errorhandler(NotOpened)
@door.errorhandler(NoSuchResponse)
def to_the_code(_error: NotOpened | NoSuchResponse) -> Response:
    """The code's page opens what is here; where something was erased meanwhile it says so."""
    return go(addresses.RESUME)


def owned() -> str:
    """The id of the response that this browser opened by code and date of birth. Raises NotOpened."""
    session = sessions.current().row
    if session is None or session.kind is not SessionKind.OWNER:
        raise NotOpened
    return session.owner


@door.get("/sent")
def own_copy() -> str:
    """Every answer as it was sent."""
    with own_response(AuditAction.VIEW_OWN_COPY) as (sql, opened):
        before = sent.earlier(sql, extensions.current().keyring, opened.sent.id)
        begun = drafts.corrections_of(sql, opened.sent.id)
        withdrawn = sent.withdrawn_on(sql, opened.sent.reference)
    times = [one.sent.answered_at if one.sent else None for one in before]
    return page(
        "sent",
        sent=opened.sent,
        sections=sections(opened.document),
        agreement=opened.document.agreement,
        corrected=[*times, opened.sent.answered_at][1:],
        begun=begun,
        withdrawn=withdrawn,
    )


@door.get("/sent/copy.json")
def own_copy_fhir() -> Response:
    """The same as a FHIR R4 QuestionnaireResponse."""
    with own_response(AuditAction.OWN_COPY_FHIR) as (_, opened):
        pass
    return json_download(opened.fhir, "application/fhir+json", f"{opened.sent.reference}.json")


@door.get("/sent/opened")
def who_opened() -> str:
    """Who opened it: each view, text, file and export that the trail has."""
    zone = extensions.current().settings.clinic_timezone
    with own_response(AuditAction.VIEW_OPENINGS) as (sql, opened):
        found = looks.looks_of(sql, opened.sent.id, form=form_of(opened.sent), zone=zone)
    staff = [_told(look) for look in found if look.action not in OWN]
    return page("opened", staff=staff, own=[_told(look) for look in found if look.action in OWN])


@door.get("/sent/correct")
def about_correcting() -> str:
    """What a correction is, and the button that begins one."""
    with own_response(AuditAction.VIEW_OPENINGS) as (_, opened):
        pass
    return page("correct", withdrawn=opened.sent.is_withdrawn, drawn=new_token())


@door.post("/sent/correct")
def correct() -> Response:
    """Begin a correction: a draft that holds what was sent, with a code of its own, which comes next. Pressed twice on
    one page, it is one, as a form that is started is."""
    check_names(request.form, (), ("csrf_token", "page"))
    throttled.check(throttled.by_address("start"))
    browser, intake, now = sessions.current(), extensions.current(), extensions.now()
    token = browser.next_token(request.form.get("page", ""))
    with suppress(NoSuchDraft, AlreadySent), extensions.reading() as sql:
        drafts.open(sql, token, now=now)
        browser.go_on_as(token)
        return go(addresses.RESUME_CODE)
    with own_response(AuditAction.VIEW_OWN_COPY) as (sql, opened):
        if opened.sent.is_withdrawn:
            return go(addresses.SENT)
        stored = StoredDocument.from_document(opened.sent.document, opened.published)
        started = drafts.start(
            sql,
            intake.keyring,
            questionnaire=opened.sent.questionnaire,
            language=opened.sent.language,
            token=token,
            document=stored.to_be_corrected().to_document(),
            now=now,
            keep_days=intake.settings.draft_days,
            corrects=(opened.sent.id, opened.sent.revision),
        )
        sessions.begin(sql, SessionKind.PATIENT, started.id, token)
    return go(addresses.RESUME_CODE)


@door.get("/sent/withdraw")
def about_withdrawing() -> str:
    """What a withdrawal does to these answers, and the button that does it."""
    zone = extensions.current().settings.clinic_timezone
    with own_response(AuditAction.VIEW_OPENINGS) as (sql, opened):
        found = opened.sent
        keeps = changing.what_keeps(sql, found.id, form=form_of(found), zone=zone)
    return page(
        "withdraw",
        keeps=keeps,
        withdrawn=found.is_withdrawn,
        reference=found.reference,
        response=found.id,
        whose=whose(found.id),
    )


@door.post("/sent/withdraw")
def withdraw() -> Response:
    """Withdraw: erased, or kept in the record alone and marked. Pressed again after a lost answer it says the same."""
    check_names(request.form, (), ("csrf_token", "response", "whose"))
    if is_erased():
        return go(addresses.ERASED)
    id, intake = owned(), extensions.current()
    zone = intake.settings.clinic_timezone
    with suppress(Withdrawn), extensions.transaction() as sql:
        form = form_of(sent.state_of(sql, id))
        if changing.withdraw(sql, intake.keyring, id, form=form, zone=zone, now=extensions.now()):
            sessions.end(sql)
            return go(addresses.ERASED)
    return go(addresses.SENT)


@door.get("/erased")
def erased() -> str:
    """That what was withdrawn is erased; says nothing of whose it was."""
    return page("erased")


def is_erased() -> bool:
    """Whether the page that sends this form was drawn by us for a response that is erased now."""
    id = request.form.get("response", "")
    if not hmac.compare_digest(request.form.get("whose", "").encode(), whose(id).encode()):
        return False
    with extensions.reading() as sql:
        return audit.was_done(sql, AuditAction.ERASE, audit.response(id))


def form_of(state: State | Sent) -> str | None:
    """The name of the form that was sent; None if it is not here."""
    url, _, _ = state.questionnaire.partition("|")
    return next((name for name, one in extensions.current().forms.urls.items() if one == url), None)


@contextmanager
def own_response(action: AuditAction) -> Iterator[tuple[Connection, OpenedResponse]]:
    """What this browser's patient sent, whose looking the trail keeps, and the transaction it was opened in. Raises
    NotOpened, NoSuchResponse, CannotOpen."""
    id = owned()  # before: it may note, in a transaction of its own, that the session is in use
    with extensions.transaction() as sql:
        audit.record(sql, action, audit.patient(id), audit.response(id), now=extensions.now())
        found = sent.open(sql, extensions.current().keyring, id)
        opened = OpenedResponse(found, extensions.current().forms.version(found.questionnaire))
        remember(opened.document)
        yield sql, opened


def _told(look: Look) -> LookLine:
    return LookLine(WHO.get(look.role, look.role), look.at, HOW.get(look.action, look.action.value))
