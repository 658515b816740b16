"""The two sessions of a browser, patient's and staff's: a random token in a cookie, and a row in the database once it
means something.

A visitor who has neither started nor signed in has a token without a row: it carries the protection against forged
forms, and nothing is written for it. A cookie that is broken or old makes a new visitor (security.md 3.4).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from typing import Any, Final

from flask import Flask, Request, Response, g, session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import Connection

from intake.config import Settings
from intake.records import sessions as records
from intake.records.audit import AuditAction
from intake.records.errors import RowAltered
from intake.records.sessions import SessionKind, new_token
from intake.web import extensions, trail
from intake.web.headers import CLEARS

STAFF_PATHS: Final = ("/clinician", "/admin", "/account")
CSRF_KEY: Final = "csrf_token"

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class BrowserSession(dict[str, Any], SessionMixin):
    """What `flask.session` is here. Holds nothing but the token and what follows from it."""

    def __init__(self, kind: SessionKind, token: str | None) -> None:
        super().__init__()
        self.kind = kind
        self.ended = False
        self._looked = False
        self._row: records.WebSession | None = None
        self._take(token or new_token(), given=token is not None)

    def _take(self, token: str, *, given: bool) -> None:
        self.token = token
        self.given = given  # the browser holds this token already
        self.needed = False  # a page rests on this token: the browser must get it
        g.pop(CSRF_KEY, None)  # Flask-WTF keeps what it signed for the token before
        super().__setitem__(CSRF_KEY, self._csrf_token())

    def _csrf_token(self) -> str:
        """What Flask-WTF signs into forms: follows from the token, so that showing a form writes nothing."""
        secret = extensions.current().keyring.web_secret
        return hmac.new(secret, f"csrf {self.kind.value} {self.token}".encode(), hashlib.sha256).hexdigest()

    def __getitem__(self, key: str) -> Any:
        self.needed = True
        return super().__getitem__(key)

    @property
    def row(self) -> records.WebSession | None:
        """The open session in the database, None for a visitor. Looked up once a request, and only if the browser
        brought a token and no other statement came upon it before."""
        if self.given and not self._looked:
            try:
                with extensions.reading() as sql:
                    row = records.find(sql, self.token, kind=self.kind, now=extensions.now())
            except RowAltered:
                self.refuse()
            else:
                self.found(row)
        return self._row

    def refuse(self) -> None:
        """The row of this token is not of our making: it counts as none, and the trail says so."""
        trail.failed(AuditAction.ALTERED)
        self._row, self._looked = None, True

    @property
    def owner(self) -> str | None:
        """The id of the response (patient) or of the account (staff) that this browser holds; None for a visitor."""
        return self.row.owner if self.row else None

    def found(self, row: records.WebSession | None) -> None:
        """Take the session that was read for this token, by whatever statement, and note that it is in use.

        Call it when no transaction is open: the note, once a minute, has one of its own (what writes anyway made it:
        `records.sessions.keep_alive`).
        """
        self._row, self._looked = row, True
        if row is not None and row.is_stale(moment := extensions.now()):
            with extensions.transaction() as sql:
                self._row = records.keep_alive(sql, row, self.token, now=moment)

    def begin(self, sql: Connection, kind: SessionKind, owner: str, token: str | None = None) -> str:
        """Open a session of an owner under a token never used before; an older session of this browser ends. Gives the
        token.

        `token` is a new one that already holds something: a draft's key is wrapped for it before the draft has an
        owner's id.
        """
        if self.given:
            records.close(sql, self.token)
        moment = extensions.now()
        self._take(token or new_token(), given=False)
        records.close_overdue(sql, now=moment)
        records.open(sql, self.token, kind=kind, owner=owner, now=moment)
        counts = self.kind in (kind, records.COUNTS_AS.get(kind))
        self._row = records.WebSession(kind, owner, moment, moment, moment) if counts else None
        self.needed = True
        return self.token

    def next_token(self, of_page: str) -> str:
        """The token that follows on this one where the form of this page is sent, always the same: what is begun twice
        from one page is begun once. Who knows the cookie alone, or the page alone, cannot tell it."""
        secret = extensions.current().keyring.web_secret
        follows = hmac.digest(secret, f"next {self.kind.value} {self.token} {of_page}".encode(), "sha256")
        return urlsafe_b64encode(follows).decode().rstrip("=")

    def go_on_as(self, token: str) -> None:
        """Hand the browser the token of a session that it opened before, and whose answer it never got."""
        self._take(token, given=False)
        self.needed = True

    def freshen(self, sql: Connection) -> None:
        """Note that the owner gave the password again just now."""
        assert self.row is not None, "only who is signed in is asked again"
        self._row = records.freshen(sql, self.row, self.token, now=extensions.now())

    def end(self, sql: Connection) -> None:
        """End this session at once: its row goes, and with the answer its cookie."""
        records.close(sql, self.token)
        self.forget()

    def forget(self) -> None:
        """Take the cookie away with the answer."""
        self._take(new_token(), given=False)
        self._row = None
        self.ended = True


def current() -> BrowserSession:
    """The session of this request, typed."""
    found = session._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(found, BrowserSession)
    return found


def begin(sql: Connection, kind: SessionKind, owner: str, token: str | None = None) -> str:
    """Open this browser's session of that kind; gives its token (see `BrowserSession.begin`)."""
    browser = current()
    staff = kind in (SessionKind.STAFF, SessionKind.HALF_WAY)
    assert staff == (browser.kind is SessionKind.STAFF), "a session begins on a path of its own kind"
    return browser.begin(sql, kind, owner, token)


def freshen(sql: Connection) -> None:
    """Note that the owner of this browser's session gave the password again (see `BrowserSession.freshen`)."""
    current().freshen(sql)


def end(sql: Connection) -> None:
    """End this browser's session (see `BrowserSession.end`)."""
    current().end(sql)


def kind_of(path: str) -> SessionKind:
    """Whose session a path belongs to."""
    staff = any(path == start or path.startswith(start + "/") for start in STAFF_PATHS)
    return SessionKind.STAFF if staff else SessionKind.PATIENT


def cookie_name(settings: Settings, what: str) -> str:
    """The name of the cookie of this kind of session, or of a device (docs/interfaces.md, Addresses)."""
    return f"{'__Host-' if settings.secure_cookies else ''}intake-{what}"


class TokenSessions(SessionInterface):
    """Gives Flask our sessions."""

    def open_session(self, app: Flask, request: Request) -> BrowserSession:
        """The session of this request's kind; a cookie that is no token counts as none."""
        kind = kind_of(request.path)
        token = request.cookies.get(cookie_name(_settings(app), kind), "")
        return BrowserSession(kind, token if _TOKEN.fullmatch(token) else None)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Hand the token to the browser if a page rests on it; take the cookie away when the session ended."""
        assert isinstance(session, BrowserSession)
        settings = _settings(app)
        name = cookie_name(settings, session.kind)
        if session.needed:
            response.vary.add("Cookie")
        if session.needed and not session.given:
            response.set_cookie(
                name, session.token, path="/", httponly=True, samesite="Lax", secure=settings.secure_cookies
            )
        elif session.ended:
            response.delete_cookie(name, path="/", httponly=True, samesite="Lax", secure=settings.secure_cookies)
        if session.ended:
            response.headers["Clear-Site-Data"] = CLEARS


def _settings(app: Flask) -> Settings:
    intake: extensions.Installation = app.extensions["intake"]
    return intake.settings
