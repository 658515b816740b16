"""Who may do what: one table from endpoint to the roles that may use it, and whether it asks for the password again.

A staff page that is not in the table answers nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from flask import Flask, g, redirect, request
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from intake.accounts import staff
from intake.accounts.staff import Member, Role
from intake.records.errors import RowAltered
from intake.records.sessions import SessionKind, WebSession
from intake.web import extensions, sessions


@dataclass(frozen=True, slots=True)
class Permission:
    """The roles of which somebody needs one, whether the password must have been given a moment ago, and whether it is
    also for who gave the password just now, and no second factor yet."""

    roles: frozenset[Role]
    asks_again: bool = False
    half_way: bool = False


ANYBODY: Final = Permission(frozenset())  # for the pages that are there to sign in with

SIGNED_IN: Final = Permission(frozenset(Role))
CLINICIAN: Final = Permission(frozenset({Role.CLINICIAN}))
ADMIN: Final = Permission(frozenset({Role.ADMIN}))
READS_TRAIL: Final = Permission(frozenset({Role.ADMIN, Role.AUDITOR}))
SIGNED_IN_AGAIN: Final = replace(SIGNED_IN, asks_again=True)
HALF_WAY: Final = replace(SIGNED_IN, half_way=True)
HALF_WAY_OR_AGAIN: Final = replace(SIGNED_IN_AGAIN, half_way=True)
ADMIN_AGAIN: Final = replace(ADMIN, asks_again=True)  # data leaves the building, or an account changes

PERMISSIONS: Final[Mapping[str, Permission]] = {
    "accounts.sign_in": ANYBODY,
    "accounts.second_factor": HALF_WAY,
    "accounts.set_up_second_factor": HALF_WAY_OR_AGAIN,
    "accounts.second_factor_picture": HALF_WAY_OR_AGAIN,
    "accounts.new_recovery_codes": SIGNED_IN_AGAIN,
    "accounts.sign_out": ANYBODY,
    "accounts.confirm": SIGNED_IN,
    "accounts.me": SIGNED_IN,
    "accounts.end_other_sessions": SIGNED_IN_AGAIN,
    "accounts.change_password": SIGNED_IN,
    "accounts.use_link": ANYBODY,
    "staff.everyone": ADMIN,
    "staff.invite_page": ADMIN,
    "staff.invite": ADMIN_AGAIN,
    "staff.show": ADMIN,
    "staff.change_roles": ADMIN_AGAIN,
    "staff.confirm_roles": ADMIN_AGAIN,
    "staff.turn_away_roles": ADMIN_AGAIN,
    "staff.make_link": ADMIN_AGAIN,
    "staff.take_back_link": ADMIN_AGAIN,
    "staff.end_sessions": ADMIN_AGAIN,
    "staff.reset_second_factor": ADMIN_AGAIN,
    "staff.disable": ADMIN_AGAIN,
    "staff.enable": ADMIN_AGAIN,
    "clinician.queue": CLINICIAN,
    "clinician.show": CLINICIAN,
    "clinician.answers": CLINICIAN,
    "clinician.version": CLINICIAN,
    "clinician.review": CLINICIAN,
    "clinician.fhir": CLINICIAN,
    "clinician.summary": CLINICIAN,
    "clinician.text": CLINICIAN,
    "admin.home": ADMIN,
    "admin.page": ADMIN,
    "admin.download": ADMIN_AGAIN,
    "records.page": ADMIN,
    "records.do": ADMIN_AGAIN,
    "records.subject": ADMIN_AGAIN,
    "trail.page": READS_TRAIL,
    "trail.download": READS_TRAIL,
}

FRESH: Final = timedelta(minutes=5)  # how long ago the password may have been given (security.md R44, R45)

CONFIRM: Final = "/account/confirm"


def init_app(app: Flask) -> None:
    """Ask the table before every view."""
    app.before_request(_guard)
    app.context_processor(lambda: {"staff": g.get("staff")})


def me() -> Member:
    """Who is signed in; only for views that the table gives to roles."""
    member = g.staff
    assert isinstance(member, Member)
    return member


def known() -> Member:
    """Who is signed in, or half way; only for views that the table gives to both."""
    member = g.half_way or g.staff
    assert isinstance(member, Member)
    return member


def is_fresh() -> bool:
    """Whether the password was given within the last five minutes."""
    row = sessions.current().row
    return row is not None and extensions.now() - row.fresh_at <= FRESH


def local_path(wanted: str | None) -> str | None:
    """A path of our staff pages to go to after signing in; None for anything else, other sites above all."""
    if not wanted or len(wanted) > 500 or wanted.startswith("//") or re.search(r"[\\\r\n\t\0]", wanted):
        return None
    path = wanted.partition("?")[0]
    return wanted if sessions.kind_of(path) is SessionKind.STAFF and ".." not in path else None


def sign_in_first(page: str = "/account/login") -> Response:
    """To the sign-in page, and from there back to the page asked for, if asking for it again changes nothing."""
    asked = request.full_path.removesuffix("?") if request.method in ("GET", "HEAD") else None
    return redirect(f"{page}?next={quote(asked, safe='/')}" if asked and local_path(asked) else page, 303)


def password_again() -> Response:
    """To the page that asks for the password again, and from there on with what was asked for.

    A form goes with its method and its fields (307): the page carries them as hidden fields and sends them on, so that
    nothing typed is lost and nothing is kept on the server. It came past the protection against forged forms, so `post`
    names where it was going: whoever only opens a link to that page is led on to no deed (`accounts.views.confirm`).
    """
    if request.method == "POST":
        return redirect(f"{CONFIRM}?post={quote(request.path, safe='/')}", 307)
    return sign_in_first(CONFIRM)


def _guard() -> Response | None:
    """Nobody gets to a staff view without the role its row asks for; an account that was disabled is out at once."""
    if sessions.kind_of(request.path) is not SessionKind.STAFF:
        return None
    g.staff = g.half_way = None
    g.staff = _signed_in()
    if request.endpoint is None:
        return None  # not found, which is said with the menu of whoever is signed in
    permission = PERMISSIONS.get(request.endpoint)
    if permission is None:
        raise Forbidden  # a view without a row: a programming error that opens nothing
    if permission is ANYBODY:
        return None
    if g.staff is None and permission.half_way:
        _, g.half_way = _found(SessionKind.HALF_WAY) or (None, None)
    if g.half_way is not None:
        return None
    if g.staff is None:
        return sign_in_first()
    if not permission.roles & g.staff.roles:
        raise Forbidden
    return password_again() if permission.asks_again and not is_fresh() else None


def _signed_in() -> Member | None:
    session, member = _found(SessionKind.STAFF) or (None, None)
    sessions.current().found(session)
    return member


def _found(kind: SessionKind) -> tuple[WebSession, Member] | None:
    browser = sessions.current()
    if not browser.given:
        return None
    try:
        with extensions.reading() as sql:
            return staff.by_token(sql, browser.token, kind=kind, now=extensions.now())
    except RowAltered:  # a session or an account that somebody put into the database
        browser.refuse()
        return None
