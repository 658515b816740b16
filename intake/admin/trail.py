"""The trail as a page and as CSV: who did what to which response. For admins and auditors; it opens no response."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy import Connection
from wtforms import Field
from wtforms.validators import Optional, ValidationError

from intake.accounts import permissions, staff
from intake.exports.spreadsheet import guard
from intake.forms.form import DayField, Form, LineField
from intake.records import audit, trail
from intake.records.audit import AuditAction, Entity, Subject
from intake.records.trail import TrailEvent, Wanted
from intake.web import extensions
from intake.web.headers import DOWNLOAD_POLICY

door = Blueprint("trail", __name__, url_prefix="/admin")

ROWS: Final = 100
LARGEST: Final = 2**31 - 1
"""The largest number of an event that every database can keep."""


class TrailForm(Form):
    """Which events are looked for."""

    # what cannot be seen is in no reference, and PostgreSQL takes no NUL even to look for it
    reference = LineField(filters=[lambda typed: "".join(filter(str.isprintable, typed)).strip()])
    who = LineField(filters=[lambda typed: typed.strip()])
    action = LineField()
    since = DayField(validators=[Optional()])
    until = DayField(validators=[Optional()])

    def __init__(self) -> None:
        super().__init__(formdata=request.args, meta={"csrf": False})  # a GET: it changes nothing

    def validate_action(self, field: Field) -> None:
        """An action that there is, or none."""
        if field.data and field.data not in list(AuditAction):
            raise ValidationError("Choose an action from the list.")

    def wanted(self, sql: Connection) -> Wanted | None:
        """What was asked for; None for a person who has no account here."""
        user = staff.find(sql, self.who.data) if self.who.data else None
        if self.who.data and user is None:
            self.refuse("Nobody here has this email.", "who")
            return None
        zone = extensions.current().settings.clinic_timezone
        since, until = trail.span_of(self.since.data, self.until.data, zone)
        action = AuditAction(self.action.data) if self.action.data else None
        return Wanted(self.reference.data, user.id if user else "", action, since, until)


@door.get("/trail")
def page() -> Response:
    """Events, newest first."""
    form = TrailForm()
    before = request.args.get("before", type=_number)
    found = _found(form, AuditAction.VIEW_TRAIL, before=before, limit=ROWS + 1)
    is_last = len(found) <= ROWS
    return _page(
        form, found[:ROWS], older=None if is_last else urlencode({**request.args, "before": found[ROWS - 1].n})
    )


@door.get("/trail.csv")
def download() -> Response:
    """The same as CSV, all of it; guarded as an export for people is, as it is opened in a spreadsheet."""
    form = TrailForm()
    found = _found(form, AuditAction.TRAIL_CSV)
    if form.errors:
        return _page(form, [])
    lines = io.StringIO()
    csv.writer(lines).writerows(
        [guard(cell) for cell in row] for row in (trail.HEADINGS, *(one.cells for one in found))
    )
    return Response(
        lines.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="trail.csv"',
            "Content-Security-Policy": DOWNLOAD_POLICY,
        },
    )


def _number(typed: str) -> int:
    """The number of an event, from the address. Raises ValueError for what can be none."""
    if not 0 <= (number := int(typed)) <= LARGEST:
        raise ValueError
    return number


def _found(
    form: TrailForm, action: AuditAction, *, before: int | None = None, limit: int | None = None
) -> list[TrailEvent]:
    """The events that a form asks for, once the trail says who looks; none, and why beside the field, if it is not
    sound."""
    if not form.validate():
        return []
    with extensions.transaction() as sql:
        wanted = form.wanted(sql)
        if wanted is None:
            return []
        _record(sql, action, form)
        return list(trail.events(sql, replace(wanted, before=before), limit=limit))


def _page(form: TrailForm, rows: Sequence[TrailEvent], older: str | None = None) -> Response:
    with extensions.reading() as sql:
        emails = staff.emails(sql)
    html = render_template(
        "admin/trail.html",
        form=form,
        rows=rows,
        older=older,
        actions=list(AuditAction),
        words_of=partial(_what, emails),
    )
    return make_response(html, 422 if form.errors else 200)


def _what(emails: Mapping[str, str], event: TrailEvent) -> str:
    """What an event is about: a response by its reference, an account by its email, a page by its name."""
    if event.entity_type == Entity.RESPONSE:
        return f"response {event.reference or event.entity_id}"
    return f"{event.entity_type} {emails.get(event.entity_id, event.entity_id)}".strip()


def _record(sql: Connection, action: AuditAction, form: TrailForm) -> None:
    """Who looked at the trail, and at whose response. What was typed is kept only where it can be a reference."""
    reference = form.reference.data if len(form.reference.data) <= 20 else ""
    me = permissions.me()
    audit.record(sql, action, me.acting_as(), Subject(Entity.TRAIL), detail=reference, now=extensions.now())
