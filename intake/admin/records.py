"""The admin's page about one response, by its reference: hold it, erase it, hand out what is kept of it. It shows none
of its answers."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from flask import Blueprint, Response, make_response, redirect, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Field
from wtforms.validators import InputRequired, Length, ValidationError

from intake.accounts import permissions
from intake.accounts.staff import Role
from intake.admin.subject import subject_export
from intake.forms.form import Form, LineField
from intake.records import erasing, sent
from intake.records.audit import Agent
from intake.records.errors import ErasedBefore, NoSuchReference, NotSentYet, RecordsError, UnderLegalHold
from intake.web import extensions
from intake.web.headers import DOWNLOAD_POLICY

door = Blueprint("records", __name__, url_prefix="/admin/records")

DONE: Final[Mapping[str, str]] = {
    "hold": "Nothing erases this response until it is released.",
    "release": "This response is not held any more.",
    "erase": "The response was erased. Copy the file of erasures to where the keyring’s backup is kept.",
}
VERBS: Final[Mapping[str, Callable[..., None]]] = {
    "hold": erasing.hold,
    "release": erasing.release,
    "erase": erasing.erase,
}
WHY: Final = "Write why; the audit trail keeps it."


@dataclass(frozen=True, slots=True)
class Found:
    """A response as this page knows it: whether it was sent, and whether it is held. Nothing of its answers."""

    reference: str
    is_sent: bool
    is_held: bool


class RecordForm(Form):
    """What is to be done with the response of a reference, and why."""

    heading = "record"
    reference = LineField(filters=[lambda typed: typed.strip()])
    reason = LineField(
        filters=[lambda typed: " ".join(typed.split())],
        validators=[
            InputRequired(WHY),
            Length(max=erasing.REASON_LENGTH, message="Write the reason in at most 300 characters."),
        ],
    )

    def validate_reason(self, field: Field) -> None:
        """Every character of it must be seen in the trail."""
        if not any(character.isalnum() for character in field.data):
            raise ValidationError(WHY)
        if any(unicodedata.category(character) in ("Cc", "Cf") for character in field.data):
            raise ValidationError("Take out the characters that cannot be seen.")


@door.get("")
def page() -> Response:
    """Find a response by its reference."""
    typed = request.args.get("reference", "").strip()
    return _page(RecordForm(formdata=None), typed, done=DONE.get(request.args.get("done", "")))


@door.post("/<any(hold, release, erase):deed>")
def do(deed: str) -> AnyResponse:
    """Hold, release or erase it, for a reason."""
    form = RecordForm()
    if form.validate():
        try:
            with extensions.transaction() as sql:
                id = erasing.by_reference(sql, form.reference.data)
                VERBS[deed](sql, id, _agent(), reason=form.reason.data, now=extensions.now())
            after = "" if deed == "erase" else f"&reference={quote(form.reference.data)}"
            return redirect(f"/admin/records?done={deed}{after}", 303)
        except (NoSuchReference, ErasedBefore, UnderLegalHold) as error:
            form.refuse(str(error))
    return _page(form, form.reference.data)


@door.post("/subject-export.zip")
def subject() -> Response:
    """All that is kept of it, for the person that it is about."""
    form = RecordForm()
    if form.validate():
        try:
            with extensions.transaction() as sql:
                intake, now = extensions.current(), extensions.now()
                made = subject_export(sql, intake, form.reference.data, _agent(), reason=form.reason.data, now=now)
            return Response(
                made.content,
                content_type="application/zip",
                headers={
                    "Content-Disposition": f'attachment; filename="{made.reference}.zip"',
                    "Content-Security-Policy": DOWNLOAD_POLICY,
                },
            )
        except (NoSuchReference, ErasedBefore, NotSentYet) as error:
            form.refuse(str(error))
    return _page(form, form.reference.data)


def _agent() -> Agent:
    return permissions.me().acting_as(Role.ADMIN)


def _page(form: RecordForm, typed: str, done: str | None = None) -> Response:
    found, wrong = None, None
    if typed:
        with extensions.reading() as sql:
            found, wrong = _look(sql, typed)
    html = render_template("admin/records.html", form=form, typed=typed, found=found, wrong=wrong, done=done)
    return make_response(html, 422 if form.errors or form.form_errors else 200)


def _look(sql: Connection, typed: str) -> tuple[Found | None, str | None]:
    """What this page may know of the response of a reference, or why there is none."""
    try:
        id = erasing.by_reference(sql, typed)
    except RecordsError as error:
        return None, str(error)
    state = sent.state_of(sql, id)
    return Found(state.reference, state.is_sent, erasing.is_held(sql, id)), None
