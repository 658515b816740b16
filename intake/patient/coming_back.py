"""The start page, the resume code, coming back with it, and leaving."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Final

import segno
from flask import Response as FlaskResponse
from flask import request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from intake.forms.form import ResumeForm
from intake.forms.page_form import check_names, read_page, was_sent
from intake.forms.questions import Question, typed_question
from intake.patient import names
from intake.patient.door import address, door, go, open_draft, page, today, what_is_held, words
from intake.patient.draft import Draft
from intake.patient.texts import fill, is_urgent
from intake.questionnaire.model import Item
from intake.records import codes, responses, throttle
from intake.records.errors import AlreadySent, CannotOpen, NoSuchDraft
from intake.records.responses import Found
from intake.records.sessions import Kind, new_token
from intake.web import extensions, sessions
from intake.web import throttle as throttled

LANGUAGE: Final = "en"
WRONG: Final = "That code and date do not open a form. Check both and try again."
"""The one sentence for every code and date that do not fit, whichever it is (security.md 3.3)."""
WAIT: Final = "There were many tries from your network in a short time. Wait {minutes} minutes, then try again."
TRIED_DATE: Final = "resume-date"
DATES: Final = 5
DATES_SECONDS: Final = 15 * 60


@door.get("/")
def start_page() -> str:
    """What this is, what it is not, help now, start or come back."""
    welcome = extensions.current().forms.active.welcome
    texts = welcome.items if welcome is not None else ()
    held = what_is_held()  # first: the patient’s own country decides on the numbers below
    filled_with = words()
    urgent = next((item for item in texts if is_urgent(item.text)), None)
    heading, _, rest = urgent.text.partition("? ") if urgent else ("", "", "")
    return page(
        "start",
        texts=[fill(item.text, filled_with) for item in texts if item is not urgent],
        urgent=(f"{heading}?", fill(rest, filled_with)) if urgent else None,
        held=held,
    )


@door.post("/start")
def start() -> Response:
    """Begin a response; the resume code comes next."""
    throttled.check("start")
    intake = extensions.current()
    draft = Draft.new(extensions.current().forms.active)
    token = new_token()
    with extensions.transaction() as sql:
        started = responses.start(
            sql,
            intake.keyring,
            questionnaire=draft.questionnaire.canonical,
            language=LANGUAGE,
            token=token,
            document=draft.to_document(),
            now=extensions.now(),
            keep_days=intake.settings.draft_days,
        )
        sessions.begin(sql, Kind.PATIENT, started.id, token)
    return go("resume_code")


@door.get("/resume-code")
def resume_code() -> str:
    """The code that opens this form again: after the start, and whenever somebody saves to come back later."""
    draft, record = open_draft()
    return page(
        "resume_code",
        groups=codes.shown(draft.resume_code).split("-"),
        until=record.due_for_erasure_on,
        has_birth_date=draft.response.answer(names.BIRTH_DATE).answered,
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
    return FlaskResponse(status=303, headers={"Location": address_of(draft)})


def address_of(draft: Draft) -> str:
    """The address of the first page that is not done, the check page once all are."""
    target = draft.journey.first_incomplete()
    if target is draft.questionnaire.check:
        return address("check")
    return address("show_page", page_id=target.link_id)


# -- coming back -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entering:
    """The page where a code is entered. `question` asks for the date of birth once a code was right."""

    code: str = ""
    question: Question | None = None
    sentence: str | None = None


@door.get("/resume")
def resume() -> str:
    """Enter the code."""
    return page("resume", entering=Entering())


@door.post("/resume")
def come_back() -> str | Response | tuple[str, int, dict[str, str]]:
    """Open the form that a code belongs to; its date of birth is asked for once it holds one."""
    birth = extensions.current().forms.active.item(names.BIRTH_DATE)
    check_names(request.form, (birth,), ("csrf_token", "code"))
    form = ResumeForm()
    code = form.code.data
    if seconds := throttled.wait("resume"):
        entering = Entering(code, None, WAIT.format(minutes=-(-seconds // 60)))
        return page("resume", entering=entering), 429, {"Retry-After": str(seconds)}
    with extensions.transaction() as sql:
        found = responses.find_by_code(sql, extensions.current().keyring, code)
        if found is not None and found.status == responses.COMPLETED:
            sessions.begin(sql, Kind.PATIENT, found.id)
            return go("submitted")
        opened = _opened(sql, found, code, birth) if form.validate() else Entering(code, None, form.code.errors[0])
        if isinstance(opened, Draft):
            assert found is not None, "a draft was opened, so it was found"
            token = new_token()
            responses.bind_session(sql, found.id, code, token)
            sessions.begin(sql, Kind.PATIENT, found.id, token)
            return FlaskResponse(status=303, headers={"Location": address_of(opened)})
    return page("resume", entering=opened)


def _opened(sql: Session, found: Found | None, code: str, birth: Item) -> Draft | Entering:
    """The draft, or what is to be entered next."""
    if found is None:
        return Entering(code, None, WRONG)
    try:
        draft = Draft.from_document(responses.open_with_code(sql, found.id, code).document, extensions.current().forms)
    except (NoSuchDraft, AlreadySent, CannotOpen):
        return Entering(code, None, WRONG)
    wanted = draft.response.answer(names.BIRTH_DATE).date
    if wanted is None:
        return draft
    if not was_sent(birth, request.form):
        return Entering(code, _date_question(birth))
    if _waits(sql, found.id):
        return Entering("", None, WRONG)
    reading = read_page((birth,), request.form, today=today())
    if (given := reading.answers.get(names.BIRTH_DATE)) is not None and given.date == wanted:
        throttle.forget(sql, extensions.current().keyring, TRIED_DATE, found.id)
        return draft
    return Entering(code, _date_question(birth, request.form), WRONG)


def _waits(sql: Session, id: str) -> bool:
    """Whether five wrong dates were tried for this form: that ends the sitting. Only somebody with its code can bring
    it there."""
    keyring, now = extensions.current().keyring, extensions.now()
    return throttle.hit(sql, keyring, TRIED_DATE, id, limit=DATES, window_seconds=DATES_SECONDS, now=now) > 0


def _date_question(birth: Item, sent: MultiDict[str, str] | None = None) -> Question:
    asked = replace(birth, help="This opens the form together with the code.", required=False)
    if sent is None:
        return Question(asked, focus=True)
    return replace(typed_question(asked, read_page((asked,), sent, today=today())), problem=None)


@door.post("/leave")
def leave() -> Response:
    """Leave, and forget this form on this device; the code opens it again."""
    with extensions.transaction() as sql:
        sessions.end(sql)
    return go("start_page")
