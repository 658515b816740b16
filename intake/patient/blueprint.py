"""The patients' pages as one blueprint, and what can go wrong on them."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response

from intake.forms.fields import BadForm
from intake.questionnaire.journey import NotOnTheWay
from intake.web import errors
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
    (NoSuchEntry, 404, "We can't find this entry", f"It may have been removed.{errors.SAVED}"),
):
    errors.add(failure, ErrorPage(status, title, text, links=(Link("Go on with my form", "/go-on"), errors.START)))


def go(address: str) -> Response:
    """A redirect after a save, to be answered once the save is committed."""
    return redirect(address, 303)


def page(template: str, **values: Any) -> str:
    """A page of this door."""
    return render_template(f"patient/{template}.html", **values)
