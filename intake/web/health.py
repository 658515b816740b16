"""What programs ask, not people: whether the server can work, and the small picture that browsers put on a tab."""

from flask import Blueprint, Response
from sqlalchemy import text

from intake.records.errors import RecordsError
from intake.web.extensions import reading

door = Blueprint("health", __name__)

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M0 16h9M23 16h9" fill="none" '
    'stroke="#15494f" stroke-width="3"/>'
    '<circle cx="16" cy="16" r="6" fill="none" stroke="#a4532b" stroke-width="4"/></svg>'
)


@door.get("/healthz")
def healthz() -> Response:
    """“ok” while the database can be read, else 503."""
    try:
        with reading() as sql:
            sql.execute(text("SELECT 1"))
    except RecordsError:
        return Response("the database cannot be read\n", 503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")


@door.get("/favicon.ico")
def icon() -> Response:
    """The mark."""
    return Response(ICON, mimetype="image/svg+xml")
