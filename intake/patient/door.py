"""The patients' door itself: its blueprint, the draft that a request works on, and what can go wrong here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from flask import Blueprint, g, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from intake.forms import messages
from intake.forms.fields import BadForm, is_blank
from intake.patient import consent
from intake.patient.country import Country, country_of, with_links
from intake.patient.draft import Draft
from intake.patient.notices import Asking
from intake.patient.pages import Scene
from intake.patient.texts import Words
from intake.questionnaire.journey import NotOnTheWay
from intake.questionnaire.model import ItemType
from intake.questionnaire.response import QuestionnaireResponse
from intake.records import responses
from intake.records.errors import AlreadySent, CannotOpen, NoSuchDraft
from intake.summary.loss_words import loss_words, worded
from intake.web import errors, extensions, sessions
from intake.web.errors import ErrorPage, Link

door: Final = Blueprint("patient", __name__)

TEXTS: Final = frozenset({ItemType.STRING, ItemType.TEXT})
GO_ON: Final = Link("Go on with my form", "/go-on")

errors.add(
    BadForm,
    ErrorPage(
        400,
        "This page could not be read",
        "Something in what was sent does not belong to this page, so nothing of it was saved. Open the page "
        "again and fill it in there. "
        "Answers you saved before are still here.",
        links=(GO_ON, errors.START),
    ),
)
errors.add(
    NotOnTheWay,
    ErrorPage(
        404,
        "This page is not part of your form now",
        "It may come later, or your answers do not ask for it. Answers you saved are still here.",
        links=(GO_ON, errors.START),
    ),
)


class NoSuchEntry(Exception):
    """There is no list or entry of this id in the patient's form."""


errors.add(
    NoSuchEntry,
    ErrorPage(
        404,
        "We can’t find this entry",
        "It may have been removed. Answers you saved are still here.",
        links=(GO_ON, errors.START),
    ),
)


@dataclass
class Work:
    """A draft that is being changed in one transaction; set `draft` to what is to be kept."""

    sql: Session
    id: str
    token: str
    revision: int
    draft: Draft
    kept: Draft = field(init=False)

    def __post_init__(self) -> None:
        self.kept = self.draft


def held() -> tuple[str, str]:
    """The id of the response that this browser holds, and its token. Raises NoSuchDraft for a visitor."""
    browser = sessions.current()
    if browser.owner is None:
        raise NoSuchDraft
    return browser.owner, browser.token


def open_draft() -> tuple[Draft, responses.Draft]:
    """The draft of this browser, to be shown, and the record that holds it. Raises NoSuchDraft, AlreadySent,
    CannotOpen."""
    id, token = held()
    with extensions.reading() as sql:
        record = responses.open_draft(sql, id, token)
    return _remembered(_read(record)), record


def what_is_held() -> str | None:
    """What this browser holds: a form that is `begun`, one that was `sent`, or nothing. The page has the numbers of its
    country."""
    try:
        open_draft()
    except NoSuchDraft:
        return None
    except AlreadySent:
        return "sent"
    except CannotOpen:
        pass  # going on to it says what to do
    return "begun"


@contextmanager
def changing() -> Iterator[Work]:
    """The draft of this browser, to be changed: what stands in `draft` at the end is kept, in one transaction.

    Answer only after this block: then it is committed. Raises NoSuchDraft, AlreadySent, CannotOpen.
    """
    id, token = held()
    with extensions.transaction() as sql:
        record = responses.open_draft(sql, id, token)
        work = Work(
            sql,
            id,
            token,
            record.revision,
            _remembered(Draft.from_document(record.document, extensions.current().forms)),
        )
        yield work
        if work.draft != work.kept:
            days = extensions.current().settings.draft_days
            document = work.draft.to_document()
            responses.save_draft(
                sql, id, token, document, seen_revision=work.revision, now=extensions.now(), keep_days=days
            )
            _remembered(work.draft)


def remember(response: QuestionnaireResponse) -> None:
    """Let the foot of this request's page have the numbers of the patient's country."""
    g.patient_response = response


def _read(record: responses.Draft) -> Draft:
    return Draft.from_document(record.document, extensions.current().forms)


def _remembered(draft: Draft) -> Draft:
    remember(draft.response)
    return draft


def today() -> date:
    """The day on the clinic's calendar."""
    return extensions.now().astimezone(extensions.current().settings.clinic_timezone).date()


def asking() -> Asking:
    """What finding open checks needs."""
    return Asking(extensions.current().settings.gtpal_viability_weeks, today())


def country(response: QuestionnaireResponse | None = None) -> Country:
    """The patient's country, or the clinic's."""
    settings = extensions.current().settings
    here = response if response is not None else g.get("patient_response")
    return country_of(here, settings.clinic_country, settings.clinic_crisis_line)


def words(draft: Draft | None = None) -> Words:
    """What the texts of a page are filled in with."""
    if draft is None:
        return Words(country(), consent=consent_text().blocks)
    return Words(country(draft.response), loss_words(draft.questionnaire, draft.response), consent_text().blocks)


def consent_text() -> consent.ConsentText:
    """The clinic's text on consent, or ours."""
    return consent.read(extensions.current().settings.consent_file)


def scene(draft: Draft, at: str = "") -> Scene:
    """What drawing a page of this draft needs."""
    return Scene(draft, words(draft), at)


def address(endpoint: str, *, origin: str = "", **values: str | None) -> str:
    """The address of a page of this door; `origin` says where it leads back to, and stands there as `from`."""
    kept: dict[str, Any] = {name: value for name, value in (values | {"from": origin}).items() if value}
    return url_for(f"patient.{endpoint}", **kept)


def go(endpoint: str, *, origin: str = "", **values: str | None) -> Response:
    """A redirect after a save, to be answered once the save is committed."""
    return redirect(address(endpoint, origin=origin, **values), 303)


def page(template: str, **values: Any) -> str:
    """A page of this door."""
    return render_template(f"patient/{template}.html", **values)


@door.errorhandler(AlreadySent)
def already_sent(_error: AlreadySent) -> Response:
    """Whatever is asked for after sending, the confirmation answers it."""
    return go("submitted")


@door.errorhandler(NoSuchDraft)
def closed(error: NoSuchDraft) -> str | Response | tuple[str, int]:
    """The form was closed while somebody wrote: what was written stands on the page, to be copied."""
    written = texts_sent()
    return (page("closed", written=written), 404) if written else errors.answer(error)


def texts_sent() -> list[tuple[str, str]]:
    """The texts in the boxes of the form that was sent, each with its question."""
    active = extensions.current().forms.active
    items = worded(active, QuestionnaireResponse(active.canonical)).by_link_id
    sent = (
        (items.get(name.removesuffix(".other")), name, text)
        for name, text in request.form.items()
        if not is_blank(text)
    )
    return [
        (item.text, text)
        for item, name, text in sent
        if item is not None and (item.type in TEXTS or name.endswith(".other"))
    ]


def help_now() -> Markup:
    """The line of help that every page ends with."""
    return Markup("Need help now? Call {}. No one watches this form live.").format(with_links(country().emergency))


@door.app_context_processor
def words_on_every_page() -> dict[str, Callable[..., str]]:
    """What the foot of every page needs, and the heading of an error summary."""
    return {"help_now": help_now, "error_title": messages.title}
