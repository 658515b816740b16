"""What programs ask, not people: whether the server is alive, whether it can work, and the picture on a tab."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, current_app
from sqlalchemy import text, update

from intake.records.database import insert_if_new
from intake.records.errors import DatabaseBusy, DatabaseFull, RecordsError
from intake.records.tables import THROTTLE
from intake.web import extensions

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

door = Blueprint("health", __name__)

PROBES: Final = ("/healthz", "/readyz")
KEPT: Final = 5.0
WRITES_EVERY: Final = 10.0
"""Seconds: how long an answer of `/readyz` holds in a process, and how often one tries to write at most."""
READY: Final = "ready"
WHY_NOT: Final[tuple[tuple[type[RecordsError], str], ...]] = (
    (DatabaseFull, "no room left to write"),
    (DatabaseBusy, "the database is in use by another program"),
    (RecordsError, "the database cannot be read or written"),
)

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M0 16h9M23 16h9" fill="none" '
    'stroke="#15494f" stroke-width="3"/>'
    '<circle cx="16" cy="16" r="6" fill="none" stroke="#a4532b" stroke-width="4"/></svg>'
)


@dataclass
class Readiness:
    """What this process found when it looked last."""

    words: str = ""
    looked_at: float = float("-inf")
    wrote_at: float = float("-inf")
    turn: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> str:
        """`ready`, or why not; one asks the database, whoever comes meanwhile gets what was found before."""
        if time.monotonic() - self.looked_at > KEPT and self.turn.acquire(blocking=not self.words):
            try:
                if time.monotonic() - self.looked_at > KEPT:
                    self.words = self._look()
                    self.looked_at = time.monotonic()
            finally:
                self.turn.release()
        return self.words

    def _look(self) -> str:
        try:
            with extensions.reading() as sql:
                sql.execute(text("SELECT 1"))
            if time.monotonic() - self.wrote_at > WRITES_EVERY or self.words != READY:
                _write()
                self.wrote_at = time.monotonic()
        except RecordsError as error:
            return next(words for kind, words in WHY_NOT if isinstance(error, kind))
        return READY


def _write() -> None:
    """Write a row that means nothing: a disk that is full is found before a patient finds it."""
    intake = extensions.current()
    key, moment = intake.keyring.mac("probe"), extensions.now()
    with extensions.transaction() as sql:
        insert_if_new(sql, THROTTLE, {"key_hash": key, "ends_at": moment, "tries": 0})
        sql.execute(update(THROTTLE).where(THROTTLE.c.key_hash == key).values(ends_at=moment))


class AnyHost:
    """WSGI middleware: probes ask by an address, whatever host names are ours."""

    def __init__(self, inner: WSGIApplication, hosts: Sequence[str]) -> None:
        self.inner = inner
        self.host = hosts[0].lstrip(".") if hosts else "localhost"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if environ.get("PATH_INFO") in PROBES:
            environ["HTTP_HOST"] = self.host
            environ.pop("HTTP_X_FORWARDED_HOST", None)
        return self.inner(environ, start_response)


@door.get("/healthz")
def healthz() -> Response:
    """“ok” while this process answers."""
    return Response("ok\n", mimetype="text/plain")


@door.get("/readyz")
def readyz() -> Response:
    """“ready” while answers can be read and written, else 503 and why not."""
    found: Readiness = current_app.extensions.setdefault("intake-readiness", Readiness())
    words = found.now()
    return Response(f"{words}\n", 200 if words == READY else 503, mimetype="text/plain")


@door.get("/favicon.ico")
def icon() -> Response:
    """The mark."""
    return Response(ICON, mimetype="image/svg+xml")
