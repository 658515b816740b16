"""The admin's pages: choose what to export, and the export itself, streamed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import chain

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse
from werkzeug.wsgi import ClosingIterator

from intake.accounts import permissions, staff
from intake.accounts.staff import Role
from intake.admin.request import GROUP_WORDS, ExportForm
from intake.admin.stream import Format, export
from intake.records.database import reading
from intake.records.errors import RowAltered
from intake.web import extensions, throttle
from intake.web.extensions import Installation
from intake.web.headers import DOWNLOAD_POLICY

door = Blueprint("admin", __name__, url_prefix="/admin")


@door.get("/")
def home() -> AnyResponse:
    """To the one page there is so far."""
    return redirect("/admin/export", 303)


@door.get("/export")
def page() -> Response:
    """Choose dates, readers and groups."""
    return _page(ExportForm(request.args, extensions.current().forms.names))


@door.route("/export.zip", defaults={"kind": "zip"}, methods=["GET", "POST"])
@door.route("/export.csv", defaults={"kind": "csv"}, methods=["GET", "POST"])
def download(kind: str) -> AnyResponse:
    """All files, or `responses.csv`: a stream, or the page again with what does not fit. De-identified by an address
    alone; a form that was sent may ask for more."""
    format, posted = Format(kind), request.method == "POST"
    me, intake = permissions.me(), extensions.current()
    form = ExportForm(request.form if posted else request.args, intake.forms.names, with_groups=posted)
    if not form.validate():
        return _page(form)
    throttle.check(throttle.by("export", me.id))
    stream = export(intake, form.request(), format, me.acting_as(Role.ADMIN), partial(_is_admin, intake, me.id))
    begun: Iterable[bytes] = []
    if request.method != "HEAD":
        # The first piece is made now, so that what goes wrong at the start still gets a page of its own. The server
        # closes the stream when the client leaves: the trail then has the end at once.
        begun = ClosingIterator(chain([next(stream)], stream), stream.close)
    return Response(
        begun,
        mimetype=None,
        headers={
            "Content-Type": format.mimetype,
            "Content-Disposition": f'attachment; filename="{format.filename}"',
            "Content-Security-Policy": DOWNLOAD_POLICY,
        },
    )


def _is_admin(intake: Installation, id: str) -> bool:
    try:
        with reading(intake.engine) as sql:
            member = staff.by_id(sql, id)
    except RowAltered:
        return False
    return member is not None and Role.ADMIN in member.roles


def _page(form: ExportForm) -> Response:
    page = render_template("admin/export.html", form=form, groups=GROUP_WORDS)
    return make_response(page, 422 if form.errors else 200)
