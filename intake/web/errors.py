"""What can go wrong, and the page that says so: one table. Doors add their own rows with `add`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from intake.consultations.catalogue import FormMissing
from intake.questionnaire.fhir_json import UnreadableResponse
from intake.records import errors as records
from intake.records.sessions import SessionKind
from intake.web import bare, extensions, logs, sessions, trail
from intake.web.filters import local_time
from intake.web.headers import REQUEST_ID
from intake.web.limits import FromAnotherSite
from intake.web.throttle import TooManyTries

SAVED: Final = " Answers you saved are still here."


@dataclass(frozen=True, slots=True)
class Link:
    """One way on from an error page: what it says, and where it leads."""

    label: str
    href: str


START: Final = Link("Start page", "/")
SIGN_IN: Final = Link("Sign in", "/account/login")


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A status with its words: a title, a text for patients, one for staff, and where to go on.

    Staff read the patients' text, without its last sentence about saved answers, unless they have one of their own.
    """

    status: int
    title: str
    text: str
    staff_text: str | None = None
    links: tuple[Link, ...] = (Link("Enter my code", "/resume"), START)
    staff_links: tuple[Link, ...] = (Link("My account", "/account/"),)
    unsaved_text: str | None = None
    """For a patient's form that could not be saved: the page holds what was typed, and a button that sends it again."""
    logged: bool = False
    """Whether the log keeps where it was raised, and the page a note that finds it there."""


NOT_READ: Final = ErrorPage(400, bare.NOT_READ[0], f"{bare.NOT_READ[1]}{SAVED}")
CLOSED: Final = ErrorPage(
    400,
    "This page was closed",
    "You were away for a while, so we closed the page. Everything up to your last saved page is kept. Enter your "
    "code to go on.",
    "You were away for a while, so we closed the page. Sign in, then do the step again.",
    staff_links=(SIGN_IN,),
)
OUR_SIDE: Final = ErrorPage(500, *bare.OUR_SIDE, "Nothing was changed. Please try again in a few minutes.", logged=True)
BUSY: Final = ErrorPage(
    503,
    "This site is busy",
    "This step was not saved. Everything up to your last saved page is kept. Go back, and do the step again in a "
    "minute.",
    "Nothing was changed. Go back, and do the step again in a minute.",
    unsaved_text="This step was not saved yet. What you typed is kept on this page. Wait a minute, then press the "
    "button.",
    logged=True,
)

STATUSES: Final[dict[int, ErrorPage]] = {
    400: NOT_READ,
    401: ErrorPage(
        401, "Sign in first", "Enter your code to go on.", "Sign in, then do the step again.", staff_links=(SIGN_IN,)
    ),
    403: ErrorPage(
        403,
        "This page is not for your account",
        "This page is for clinic staff.",
        "Your account does not have the role that this page asks for. An admin can tell you who has it.",
    ),
    404: ErrorPage(404, "We can't find this page", f"The address may be mistyped, or the page may have moved.{SAVED}"),
    405: ErrorPage(
        405, "This page cannot be opened like that", "Open it from the start page.", "Open it from the menu."
    ),
    409: ErrorPage(
        409, "This was changed in the meantime", f"Go back, load the page again, and do the step once more.{SAVED}"
    ),
    413: ErrorPage(
        413,
        "That was too much at once",
        "The page was longer than we can take. Go back, shorten the longest text, and save again. Answers you "
        "saved before are still here.",
        "The page was longer than we can take. Go back, shorten the longest text, and do the step again.",
    ),
    415: ErrorPage(
        415,
        "This site takes no files",
        f"Go back and type your answers into the page.{SAVED}",
        "Go back and use the page's own form.",
    ),
    429: ErrorPage(
        429,
        "Too many tries",
        f"There were many tries from your network in a short time. Wait a while, then do the step again.{SAVED}",
        links=(START,),
        staff_links=(SIGN_IN,),
    ),
    500: OUR_SIDE,
    503: BUSY,
}

EXCEPTIONS: Final[dict[type[Exception], ErrorPage]] = {
    CSRFError: CLOSED,
    FromAnotherSite: ErrorPage(
        400,
        "This came from another site",
        f"Your browser says that another site sent this. Open our start page and go on from there.{SAVED}",
        "Your browser says that another site sent this. Open the page from our menu and do the step there.",
    ),
    TooManyTries: STATUSES[429],
    records.NoSuchDraft: ErrorPage(
        404,
        "We can't find this form",
        "You may have been away for a while, or it was sent already. Enter your code to go on.",
    ),
    records.NoSuchResponse: ErrorPage(
        404,
        "We can't find this response",
        "The address may be mistyped.",
        "There is no sent response at this address. It may be mistyped.",
    ),
    records.AlreadySent: ErrorPage(
        409,
        "This form was sent already",
        "Nothing more is needed. Your clinician will read it before your visit.",
        links=(START,),
    ),
    records.DraftChanged: STATUSES[409],
    records.AlreadyReviewed: ErrorPage(
        409,
        "This was reviewed already",
        "Nothing was changed.",
        "Somebody marked this response as reviewed before you. Go back and load the page again; your note was "
        "not kept.",
    ),
    records.CorrectedMeanwhile: ErrorPage(
        409, "These answers were corrected in the meantime", f"Load the page again, and look at what stands now.{SAVED}"
    ),
    records.Withdrawn: ErrorPage(
        409, "These answers were taken back", "Nothing was changed.", "The patient withdrew them; nothing was changed."
    ),
    records.CannotOpen: ErrorPage(
        500,
        "This record cannot be opened",
        "What is stored here cannot be read. Tell the clinic, and give them the note below.",
        "The stored record is damaged. Tell whoever looks after this system.",
        logged=True,
    ),
    FormMissing: ErrorPage(
        500,
        "This form cannot be opened now",
        "Your answers are kept. The questions that they belong to are missing on our side. Tell the clinic, and give "
        "them the note below.",
        "The file with the questions of this form is missing. Whoever looks after this system can put it back; the "
        "answers are kept.",
        logged=True,
    ),
    records.DatabaseBusy: BUSY,
    records.DatabaseUnreachable: BUSY,
    records.DatabaseFull: ErrorPage(
        507,
        "There is no room left to save",
        "This step was not saved. Everything up to your last saved page is kept. Tell the clinic, and come back "
        "with your code later.",
        "Nothing was changed. Whoever looks after this system needs to make room on its disk.",
        unsaved_text="This step was not saved yet. What you typed is kept on this page. Tell the clinic. Later, "
        "press the button.",
        logged=True,
    ),
    records.SpoolUnusable: ErrorPage(
        507,
        "There is no room for this export",
        "There is no room for it on the server's disk. Nothing was changed.",
        "Nothing was changed. Whoever looks after this system needs to make room on its disk.",
        logged=True,
    ),
}
EXCEPTIONS[records.RowAltered] = EXCEPTIONS[records.NoSuchDraft]
EXCEPTIONS[UnreadableResponse] = EXCEPTIONS[records.CannotOpen]


def add(error: type[Exception], page: ErrorPage) -> None:
    """Let an exception have a page of its own; a door calls this where it defines the exception."""
    EXCEPTIONS[error] = page


def page_for(error: Exception) -> ErrorPage:
    """The page of an exception: of its own type, else of its nearest base, else of its HTTP status, else “our side”."""
    for kind in type(error).__mro__:
        if kind in EXCEPTIONS:
            return EXCEPTIONS[kind]
    if isinstance(error, HTTPException) and error.code is not None:
        return STATUSES.get(error.code) or (NOT_READ if error.code < 500 else OUR_SIDE)
    return OUR_SIDE


def init_app(app: Flask) -> None:
    """Answer every exception with a page."""
    app.register_error_handler(Exception, answer)


def answer(error: Exception) -> Response:
    """The answer to an exception; redirects pass through."""
    if isinstance(error, HTTPException) and (error.code is None or error.code < 400):
        return make_response(error.get_response())
    page = page_for(error)
    if page.logged:
        logs.event("error", logging.ERROR, request=request_id(), exception=logs.place_of(error))
    record(error, page.status)
    response = make_response(_render(error, page), page.status)
    for name, value in _headers_of(error, page).items():
        response.headers[name] = value
    return response


def record(error: Exception, status: int) -> None:
    """Let the trail say what failed, if that is for it."""
    is_staff = sessions.kind_of(request.path) is SessionKind.STAFF
    action = trail.of(error, status, is_staff=is_staff)
    if action and not isinstance(error, TooManyTries):  # which said so itself
        trail.failed(action)


def request_id() -> str:
    """This request's id: it stands in the log and, where something went wrong on our side, on the page."""
    return str(request.environ.get(REQUEST_ID, "-"))


def _headers_of(error: Exception, page: ErrorPage) -> Mapping[str, str]:
    if isinstance(error, TooManyTries):
        return {"Retry-After": str(error.seconds)}
    if page.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": "30"}
    if isinstance(error, HTTPException) and page.status == HTTPStatus.METHOD_NOT_ALLOWED:
        return {name: value for name, value in error.get_headers() if name == "Allow"}
    return {}


def _render(error: Exception, page: ErrorPage) -> str | bytes:
    """The page in the door's own layout; where there is none to be had (no host, no database), the same words."""
    if isinstance(error, SecurityError):  # another host name than ours: no address can be made for it
        return bare.bare_page(400, words=("This address is not ours", "Open the address that the clinic gave you."))
    try:
        staff = sessions.current().kind is SessionKind.STAFF
        unsaved_text = page.unsaved_text if request.method == "POST" and not staff else None
        return render_template(
            "errors/page.html",
            layout="layouts/staff.html" if staff else "layouts/page.html",
            page=page,
            text=(page.staff_text or page.text.removesuffix(SAVED)) if staff else unsaved_text or page.text,
            unsaved=request.form if unsaved_text else None,  # to be sent once more as it was
            links=page.staff_links if staff else page.links,
            whom="whoever looks after this program" if staff else "the clinic",
            note=f"{_time()}, note {request_id()}" if page.logged else None,
        )
    except Exception as second:  # noqa: BLE001 - the page about a failure must not fail in the same way
        logs.event("error", logging.ERROR, request=request_id(), exception=logs.place_of(second))
        return bare.bare_page(page.status, request_id(), (page.title, page.text))


def _time() -> str:
    return local_time(extensions.now(), extensions.current().settings.clinic_timezone)
