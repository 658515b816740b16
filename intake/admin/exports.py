"""The admin's pages: choose what to export, and the export itself, streamed."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from functools import partial
from itertools import chain

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from intake.accounts import permissions, staff
from intake.accounts.staff import Role
from intake.admin.request import GROUP_WORDS, ExportError, ExportRequest, read_request
from intake.admin.stream import Format, export
from intake.records.database import reading
from intake.web import extensions
from intake.web.extensions import Intake
from intake.web.headers import DOWNLOAD_POLICY

door = Blueprint("admin", __name__, url_prefix="/admin")


@door.get("/")
def home() -> AnyResponse:
    """To the one page there is so far."""
    return redirect("/admin/export", 303)


@door.get("/export")
def page() -> Response:
    """Choose dates, readers and groups."""
    return _page(request.args)


@door.get("/export.zip")
def zip_of_everybody() -> AnyResponse:
    """All files, de-identified."""
    return _download(Format.ZIP, request.args, more=False)


@door.get("/export.csv")
def csv_of_everybody() -> AnyResponse:
    """`responses.csv`, de-identified."""
    return _download(Format.CSV, request.args, more=False)


@door.post("/export.zip")
def zip_with_more() -> AnyResponse:
    """All files, with the groups that were ticked."""
    return _download(Format.ZIP, request.form, more=True)


@door.post("/export.csv")
def csv_with_more() -> AnyResponse:
    """`responses.csv`, with the groups that were ticked."""
    return _download(Format.CSV, request.form, more=True)


def _download(format: Format, asked: MultiDict[str, str], *, more: bool) -> AnyResponse:
    """The stream, or the page again with what does not fit."""
    try:
        wanted = _request(asked, more=more)
    except ExportError as error:
        return _page(asked, error)
    me, intake = permissions.me(), extensions.current()
    stream = export(intake, wanted, format, me.acting_as(Role.ADMIN), partial(_is_admin, intake, me.id))
    begun: Iterable[bytes] = [] if request.method == "HEAD" else _Download(stream)
    return Response(
        begun,
        mimetype=None,
        headers={
            "Content-Type": format.mimetype,
            "Content-Disposition": f'attachment; filename="{format.filename}"',
            "Content-Security-Policy": DOWNLOAD_POLICY,
        },
    )


def _is_admin(intake: Intake, id: str) -> bool:
    with reading(intake.engine) as sql:
        member = staff.by_id(sql, id)
    return member is not None and Role.ADMIN in member.roles


def _request(asked: MultiDict[str, str], *, more: bool) -> ExportRequest:
    include = asked.getlist("include")
    if include and not more:
        raise ExportError("include", "Groups are included from this page only, where a reason is given.")
    return read_request(
        extensions.current().forms.names,
        form=asked.get("form"),
        who=asked.get("for"),
        include=include,
        since=asked.get("since"),
        until=asked.get("until"),
        reason=asked.get("reason") if more else None,
        not_asked="not-asked" in asked,
    )


class _Download:
    """The stream with its first piece made now, so that what goes wrong at the start still gets a page of its own.

    The server closes it when the client leaves: the trail then has the end at once.
    """

    def __init__(self, stream: Generator[bytes]) -> None:
        self._stream = stream
        self._pieces = chain([next(stream)], stream)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        self._stream.close()


def _page(asked: MultiDict[str, str], error: ExportError | None = None) -> Response:
    status, forms = 422 if error else 200, extensions.current().forms.names
    return make_response(
        render_template("admin/export.html", asked=asked, groups=GROUP_WORDS, forms=forms, error=error), status
    )
