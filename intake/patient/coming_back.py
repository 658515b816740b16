"""The start page and what can be read beside it, the resume code, coming back with it, and leaving."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

import segno
from flask import Response as FlaskResponse
from flask import current_app, request
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from intake.answers.document import StoredDocument
from intake.forms.form import ResumeForm
from intake.forms.page_form import check_names, read_page, was_sent
from intake.forms.questions import Question
from intake.patient import addresses, carrying
from intake.patient.blueprint import door, go, page
from intake.patient.current_draft import consent_text, form_in_browser, open_draft, read, words
from intake.patient.steps import LEAVE
from intake.patient.texts import blocks_of, is_urgent
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.roles import ItemRole
from intake.questionnaire.values import PartialDate
from intake.records import audit, codes, drafts, sent, throttle
from intake.records.audit import AuditAction
from intake.records.drafts import CodeMatch, DraftHandle
from intake.records.errors import AlreadySent, CannotOpen, NoSuchDraft, NoSuchResponse, RecordsError
from intake.records.sessions import SessionKind, new_token
from intake.records.tables import IN_PROGRESS
from intake.web import addresses as web_addresses
from intake.web import extensions, sessions
from intake.web import throttle as throttled

WRONG: Final = "That code and date do not open a form. Check both and try again."
"""The one sentence for every code and date that do not fit, whichever it is (security.md 3.3)."""
WAIT: Final = "There were many tries from your network in a short time. Wait {minutes} minutes, then try again."


@door.get("/")
def start_page() -> str:
    """What this is, what it is not, help now, start or come back."""
    welcome = extensions.current().forms.active.welcome
    texts = welcome.items if welcome is not None else ()
    held = form_in_browser()  # first: the patient’s own country decides on the numbers below
    filled_with = words()
    urgent = next((item for item in texts if is_urgent(item.text)), None)
    heading, _, rest = urgent.text.partition("? ") if urgent else ("", "", "")
    return page(
        "start",
        drawn=new_token(),
        texts=[block for item in texts if item is not urgent for block in blocks_of(item.text, filled_with)],
        urgent=(f"{heading}?", blocks_of(rest, filled_with)) if urgent else None,
        held=held,
    )


@door.get("/privacy")
@door.get("/accessibility")
@door.get("/help")
def information() -> str:
    """The page of this address; its foot has the emergency number of a form that is open. How answers are kept is told
    in the words that patients agree to."""
    form_in_browser()
    return page(request.path.removeprefix("/"), blocks=consent_text().blocks)


@door.post("/start")
def start() -> Response:
    """Begin a response; the resume code comes next. Pressed twice on one page, it is one: the token of its session
    follows on the page's, and the database takes it once."""
    throttled.check(throttled.by_address("start"))
    browser, drawn = sessions.current(), request.form.get("page", "")
    token = browser.next_token(drawn) if len(drawn) == len(new_token()) else new_token()
    try:
        _start(token)
    except IntegrityError:  # the other press was first, by less than it takes to look
        browser.go_on_as(token)
    return go(addresses.RESUME_CODE)


def _start(token: str) -> None:
    intake = extensions.current()
    draft = StoredDocument.new(intake.forms.active)
    with extensions.transaction() as sql:
        with suppress(NoSuchDraft, AlreadySent):
            if drafts.open(sql, token, now=extensions.now()).revision == 1:
                sessions.current().go_on_as(token)
                return
            token = new_token()  # that form was begun long since: this is another
        started = drafts.start(
            sql,
            intake.keyring,
            questionnaire=draft.questionnaire.canonical,
            language=draft.questionnaire.language,
            token=token,
            document=draft.to_document(),
            now=extensions.now(),
            keep_days=intake.settings.draft_days,
        )
        sessions.begin(sql, SessionKind.PATIENT, started.id, token)


@door.get("/resume-code")
def resume_code() -> str:
    """The code that opens this form again: after the start, and whenever somebody saves to come back later."""
    draft, handle = open_draft()
    return page(
        "resume_code",
        groups=codes.shown(draft.resume_code).split("-"),
        until=handle.due_for_erasure_on,
        birth_date=draft.role(ItemRole.BIRTH_DATE).answered,
        asks_birth_date=ItemRole.BIRTH_DATE in draft.questionnaire.by_role,
        correcting=draft.correction is not None,
        begun=bool(draft.done) or any(True for _ in draft.response.said()),
        go_on=address_of(draft),
    )


@door.get("/resume-code.svg")
def resume_code_picture() -> Response:
    """The same code as a QR code, to be kept by a photo: the code alone, so that no address ever holds it."""
    draft, _ = open_draft()
    picture = io.BytesIO()
    segno.make(codes.shown(draft.resume_code), error="m").save(
        picture, kind="svg", scale=4, border=4, dark="#000", light="#fff", nl=False
    )
    return FlaskResponse(picture.getvalue(), mimetype="image/svg+xml")


@door.get("/go-on")
def go_on() -> Response:
    """To the first page that is not done."""
    draft, _ = open_draft()
    return go(address_of(draft))


def address_of(draft: StoredDocument) -> str:
    """The address of the first page that is not done, the check page once all are."""
    target = draft.journey.first_incomplete()
    if target is draft.questionnaire.check:
        return addresses.CHECK
    return addresses.page(target.link_id)


# -- coming back -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CodeEntry:
    """The page where a code is entered. `question` asks for the date of birth once a code was right; `carried` are the
    hidden fields of what was typed on a page whose session was gone."""

    code: str = ""
    question: Question | None = None
    sentence: str | None = None
    carried: carrying.Fields = field(default_factory=list)


@door.get("/resume")
def resume() -> str:
    """Enter the code."""
    return page("resume", entering=CodeEntry())


@door.post("/resume")
def come_back() -> str | Response | tuple[str, int, dict[str, str]]:
    """Open what a code belongs to, a form or what was sent of it; its date of birth is asked for once it holds one.
    What the page carried is shown where it belongs, or to be copied."""
    published = extensions.current().forms.published.values()
    carried = carrying.held_by(request.form)
    check_names(
        MultiDict((name, value) for name, value in request.form.items(multi=True) if (name, value) not in carried),
        [one.by_role[ItemRole.BIRTH_DATE] for one in published if ItemRole.BIRTH_DATE in one.by_role],
        ("csrf_token", "code"),
    )
    form = ResumeForm()
    code = form.code.data
    with extensions.reading() as sql:
        held = drafts.find_by_code(sql, extensions.current().keyring, code) is not None
    # A right code is no guess, and is let in whoever else guesses in the same waiting room.
    if not held and (seconds := throttled.wait(throttled.by_address("resume"))):
        entering = CodeEntry(code, None, WAIT.format(minutes=-(-seconds // 60)), carried)
        return page("resume", entering=entering), 429, {"Retry-After": str(seconds)}
    with extensions.transaction() as sql:
        found = drafts.find_by_code(sql, extensions.current().keyring, code)
        opened = _opened(sql, found, code) if form.validate() else CodeEntry(code, None, form.code.errors[0])
        if isinstance(opened, CodeMatch):
            return _at_what_was_sent(sql, opened.id, carried)
        if isinstance(opened, tuple):
            return _back_in(sql, *opened, carried)
        if opened.sentence == WRONG:
            subject = audit.response(found.id if found else "")
            where, now = web_addresses.of_client(), extensions.now()
            audit.record_stranger(sql, AuditAction.RESUME_DECLINED, where, subject, now=now)
    return page("resume", entering=replace(opened, carried=carried))


def _begin(sql: Connection, kind: SessionKind, response_id: str, token: str | None = None) -> None:
    """The browser's session of a response that its code opened."""
    sessions.begin(sql, kind, response_id, token)
    about = audit.response(response_id)
    audit.record(sql, AuditAction.RESUMED, audit.patient(response_id), about, now=extensions.now())


def _back_in(sql: Connection, handle: DraftHandle, draft: StoredDocument, fields: carrying.Fields) -> str | Response:
    """To the page of what was carried, or to the first that is not done."""
    token = new_token()
    drafts.bind_session(sql, handle, token)
    _begin(sql, SessionKind.PATIENT, handle.id, token)
    if (correction := draft.correction) is not None:  # it shows what was sent: who opened that is told so
        about = audit.response(correction.id)
        audit.record(sql, AuditAction.VIEW_OWN_COPY, audit.patient(correction.id), about, now=extensions.now())
    carried = carrying.Carried.of(fields, carrying.owner_of(draft, handle.id))
    if carried is None:
        return go(address_of(draft))
    if (found := carried.kept_in(draft, current_app.url_map)) is None:
        written = carrying.told(draft, carried.sent, carried.path)
        return page("late", written=written, sent=False) if written else go(address_of(draft))
    kept, to = found
    days = extensions.current().settings.draft_days
    drafts.save(sql, handle, kept.to_document(), now=extensions.now(), keep_days=days)
    return go(to)


def _at_what_was_sent(sql: Connection, id: str, fields: carrying.Fields) -> Response | tuple[str, int, dict[str, str]]:
    """To the patient's own copy; what was typed too late is shown first, to be copied."""
    _begin(sql, SessionKind.OWNER, id)
    if (carried := carrying.Carried.of(fields, id)) is None:
        return go(addresses.SENT)
    document = read(sent.open(sql, extensions.current().keyring, id))
    late = carrying.told(document, carried.sent, carried.path)
    return (page("late", written=late, sent=True), 409, {}) if late else go(addresses.SENT)


def _opened(
    sql: Connection, found: CodeMatch | None, code: str
) -> tuple[DraftHandle, StoredDocument] | CodeMatch | CodeEntry:
    """The draft, what was sent of it, or what is to be entered next."""
    if found is None:
        return CodeEntry(code, None, WRONG)
    if found.status != IN_PROGRESS:
        form = extensions.current().forms.version(found.questionnaire)
        keyring = extensions.current().keyring
        try:
            given = sent.birth_date_of(sql, keyring, found.id, drafts.code_mac(keyring, codes.normalise(code) or ""))
        except NoSuchResponse:
            return CodeEntry(code, None, WRONG)
        wanted = PartialDate.parse(given) if given else None
        return _date_entry(sql, found.id, code, form, wanted) or found
    try:
        handle = drafts.open_with_code(sql, found.id, code)
    except (NoSuchDraft, CannotOpen):
        return CodeEntry(code, None, WRONG)
    draft = read(handle)
    wanted = draft.role(ItemRole.BIRTH_DATE).date
    return _date_entry(sql, found.id, code, draft.questionnaire, wanted) or (handle, draft)


def _date_entry(
    sql: Connection, id: str, code: str, form: Questionnaire, wanted: PartialDate | None
) -> CodeEntry | None:
    """What is to be entered beside a right code; nothing once the date of birth was right, or where there is none."""
    birth = form.by_role.get(ItemRole.BIRTH_DATE)
    if birth is None or wanted is None:
        return None
    question = Question(replace(birth, help="This opens the form together with the code.", required=False))
    if not was_sent(birth, request.form):
        return CodeEntry(code, replace(question, focus=True))
    # Five wrong dates end the sitting. Only somebody with the form's code can bring it there.
    keyring, tries = extensions.current().keyring, throttled.by("birth-date", id)
    if throttle.hit(sql, keyring, [tries], now=extensions.now()):
        return CodeEntry("", None, WRONG)
    parsed = read_page((birth,), request.form, today=extensions.today())
    if (given := parsed.answers.get(birth.link_id)) is not None and given.date == wanted:
        throttle.forget(sql, keyring, tries)
        return None
    return CodeEntry(code, replace(question, typed=parsed.typed[birth.link_id]), WRONG)


@door.post("/leave")
def leave() -> Response:
    """Leave, and forget this form on this device; the code opens it again. Who leaves quickly gets a blank page."""
    if request.form.get("then") == LEAVE:
        return left_quickly()
    with extensions.transaction() as sql:
        sessions.end(sql)
    return go("/")


def left_quickly() -> FlaskResponse:
    """End the session, if there is one, and answer a page that is blank, or goes on to where the clinic chose."""
    try:
        with extensions.transaction() as sql:
            sessions.end(sql)
    except RecordsError:  # away all the same: this browser forgets it, and its time runs out
        sessions.current().forget()
    blank = FlaskResponse(page("left"))
    if to := extensions.current().settings.leave_to:
        blank.headers["Refresh"] = f"0; url={to}"
    return blank
