"""What comes too late: after the session, without its token, or after sending. What was typed is not lost by it."""

from __future__ import annotations

from flask import request
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from intake.answers.document import StoredDocument
from intake.patient import addresses, after_sending, carrying
from intake.patient.blueprint import NoSuchEntry, door, go, page
from intake.patient.carrying import held_by
from intake.patient.coming_back import CodeEntry, left_quickly
from intake.patient.current_draft import form_in_browser, open_draft, read
from intake.patient.finding import STEPS
from intake.patient.sending import what_was_sent
from intake.patient.steps import LEAVE
from intake.questionnaire.journey import NotOnTheWay
from intake.records.errors import AlreadySent, NoSuchDraft, RecordsError
from intake.web import errors, extensions, limits, sessions

Answer = str | Response | tuple[str, int]


def _leaves() -> bool:
    return request.method == "POST" and request.form.get("then") == LEAVE


@door.errorhandler(RecordsError)
def out_of_order(error: RecordsError) -> Answer:
    """Whatever is wrong on our side, who leaves quickly sees nothing of it."""
    return left_quickly() if _leaves() else errors.answer(error)


@door.errorhandler(AlreadySent)
def already_sent(_error: AlreadySent) -> Answer:
    """Whatever is asked for after sending, the confirmation answers it; what is typed later is shown, to be copied."""
    if _leaves():
        return left_quickly()
    late = []
    if request.method == "POST" and request.endpoint in STEPS:
        late = carrying.told(_sent(), request.form, request.path)
    return (page("late", written=late, sent=True), 409) if late else go(addresses.SUBMITTED)


@door.errorhandler(NotOnTheWay)
@door.errorhandler(NoSuchEntry)
def taken_away(error: NotOnTheWay | NoSuchEntry) -> Answer:
    """What is typed on a page or an entry that another window took away is shown, to be copied."""
    if request.method != "POST" or request.endpoint not in STEPS:
        return errors.answer(error)
    if _leaves():
        return left_quickly()
    late = carrying.told(open_draft()[0], request.form, request.path)
    if not late:
        return errors.answer(error)
    errors.record(error, 404)
    return page("late", written=late, sent=False), 404


@door.errorhandler(NoSuchDraft)
def closed(error: NoSuchDraft) -> Answer:
    """The form was closed while somebody wrote: the code's page carries what was written along."""
    if request.method != "POST" or request.endpoint not in STEPS:
        return errors.answer(error)
    if _leaves():
        return left_quickly()
    errors.record(error, 400)
    if sessions.current().owner is not None:  # the session goes on, and its form is gone: no code brings it back
        blank = StoredDocument.new(extensions.current().forms.active)
        return page("late", written=carrying.told(blank, request.form, request.path), sent=False, gone=True), 404
    return _code_page()


@door.errorhandler(CSRFError)
def without_token(error: CSRFError) -> Answer:
    """A form without the token of this browser's session, which is gone, or another's, or came without its cookie."""
    if _leaves() and limits.says_it_is_ours():  # whatever became of the page: away from it
        return left_quickly()
    if request.endpoint == "patient.withdraw" and limits.says_it_is_ours() and after_sending.is_erased():
        return go(addresses.ERASED)
    if request.endpoint == "patient.start":
        if not sessions.current().given:
            return page("no_cookie"), 400
        if limits.says_it_is_ours() and form_in_browser() == "begun":  # Start was pressed twice
            return go(addresses.RESUME_CODE)
    if request.endpoint in STEPS and limits.says_it_is_ours():
        errors.record(error, 400)
        return _code_page()
    carried = held_by(request.form) if request.endpoint == "patient.come_back" else []
    if carried and limits.says_it_is_ours():  # another tab came back before
        errors.record(error, 400)
        return page("resume", entering=CodeEntry(carried=carried), closed=True), 400
    return errors.answer(error)


def _code_page() -> tuple[str, int]:
    return page("resume", entering=CodeEntry(carried=carrying.packed(request.path, request.form)), closed=True), 400


def _owner() -> str:
    owner = sessions.current().owner
    assert owner is not None, "only a session tells that its form was sent"
    return owner


def _sent() -> StoredDocument:
    return read(what_was_sent(_owner()))
