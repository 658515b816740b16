"""What watches over the server asks here whether it can work; it says nothing else."""

from flask import Blueprint, Response
from sqlalchemy import text

from intake.records.errors import RecordsError
from intake.web.extensions import reading

door = Blueprint("health", __name__)


@door.get("/healthz")
def healthz() -> Response:
    """“ok” while the database can be read, else 503."""
    try:
        with reading() as sql:
            sql.execute(text("SELECT 1"))
    except RecordsError:
        return Response("the database cannot be read\n", 503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")
