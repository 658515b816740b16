"""The patients' pages as one blueprint, and what can go wrong on them."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from intake.consultations.rules import worded
from intake.forms.fields import BadForm
from intake.patient.addresses import SUBMITTED
from intake.questionnaire.journey import NotOnTheWay
from intake.questionnaire.model import ItemType
from intake.questionnaire.response import QuestionnaireResponse
from intake.questionnaire.unseen import can_be_seen
from intake.records.errors import AlreadySent, NoSuchDraft
from intake.summary.statement import Sentence, sentence, typed
from intake.web import errors, extensions
from intake.web.errors import ErrorPage, Link

door: Final = Blueprint("patient", __name__)


class NoSuchEntry(Exception):
    """There is no list or entry of this id in the patient's form."""


for failure, status, title, text in (
    (
        BadForm,
        400,
        "This page could not be read",
        "Something in what was sent does not belong to this page, so nothing of it was saved. Open the page again and "
        "fill it in there. Answers you saved before are still here.",
    ),
    (
        NotOnTheWay,
        404,
        "This page is not part of your form now",
        f"It may come later, or your answers do not ask for it.{errors.SAVED}",
    ),
    (NoSuchEntry, 404, "We can’t find this entry", f"It may have been removed.{errors.SAVED}"),
):
    errors.add(failure, ErrorPage(status, title, text, links=(Link("Go on with my form", "/go-on"), errors.START)))


def go(address: str) -> Response:
    """A redirect after a save, to be answered once the save is committed."""
    return redirect(address, 303)


def page(template: str, **values: Any) -> str:
    """A page of this door."""
    return render_template(f"patient/{template}.html", **values)


@door.errorhandler(AlreadySent)
def already_sent(_error: AlreadySent) -> Response:
    """Whatever is asked for after sending, the confirmation answers it."""
    return go(SUBMITTED)


@door.errorhandler(NoSuchDraft)
def closed(error: NoSuchDraft) -> str | Response | tuple[str, int]:
    """The form was closed while somebody wrote: what was written stands on the page, to be copied."""
    written = texts_sent()
    if not written:
        return errors.answer(error)
    errors.record(error, 404)
    return page("closed", written=written), 404


def texts_sent() -> list[tuple[str, Sentence]]:
    """The texts in the boxes of the form that was sent, each with its question."""
    active = extensions.current().forms.active
    items = worded(active, QuestionnaireResponse(active.canonical)).by_link_id
    sent = ((items.get(name.removesuffix(".other")), name, text) for name, text in request.form.items())
    return [
        (item.text, sentence(typed(text)))
        for item, name, text in sent
        if can_be_seen(text) and item and (item.type in (ItemType.STRING, ItemType.TEXT) or name.endswith(".other"))
    ]
