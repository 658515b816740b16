"""The staff's own pages: sign in, sign out, give the password again, who am I."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from intake.accounts import passwords, permissions, staff
from intake.accounts.staff import Member, Role
from intake.records import sessions as session_rows
from intake.records.sessions import Kind
from intake.web import extensions, sessions, throttle

door = Blueprint("accounts", __name__, url_prefix="/account")

DECLINED = "That email and password do not open an account. Check both and try again."
WAIT = "There were many tries from your network. Wait {minutes} and try again."
HOMES = {Role.CLINICIAN: "/clinician/", Role.ADMIN: "/admin/"}


@dataclass(frozen=True, slots=True)
class Declined:
    """Why the page is shown again: what it says, its status, and how many seconds to wait if that is why."""

    words: str
    status: int = 422
    seconds: int = 0


@door.get("/login")
def sign_in_page() -> Response:
    """The sign-in page; who is signed in goes on to the page asked for."""
    if g.staff is not None:
        return redirect(_after(g.staff), 303)
    return _page("accounts/sign_in.html")


@door.post("/login")
def sign_in() -> Response:
    """Sign in by email and password, under a token never used before."""
    if declined := _throttled():
        return _page("accounts/sign_in.html", declined)
    member = _member_of(request.form.get("email", ""), request.form.get("password", ""))
    if member is None:
        return _page("accounts/sign_in.html", Declined(DECLINED))
    with extensions.transaction() as sql:
        sessions.begin(sql, Kind.STAFF, member.id)
        staff.record_sign_in(sql, member, done=True, now=extensions.now())
    return redirect(_after(member), 303)


@door.post("/logout")
def sign_out() -> Response:
    """End this session at once."""
    with extensions.transaction() as sql:
        if g.staff is not None:
            staff.record_sign_out(sql, g.staff, now=extensions.now())
        sessions.end(sql)
    return redirect("/account/login", 303)


@door.get("/confirm")
def confirm_page() -> Response:
    """Ask for the password again before data leaves the building or an account changes."""
    return _page("accounts/confirm.html")


@door.post("/confirm")
def confirm() -> Response:
    """Take the password again: for the next five minutes this session is fresh. A form that was on its way goes on with its fields."""
    if "password" not in request.form:  # sent here by the guard
        return _page("accounts/confirm.html")
    if declined := _throttled():
        return _page("accounts/confirm.html", declined)
    me = permissions.me()
    if _member_of(me.email, request.form.get("password", "")) is None:
        return _page("accounts/confirm.html", Declined("That is not the password of this account. Try again."))
    with extensions.transaction() as sql:
        session_rows.freshen(sql, sessions.current().token, now=extensions.now())
        staff.record_sign_in(sql, me, done=True, now=extensions.now())
    onward = _form_on_its_way()
    return redirect(onward, 307) if onward else redirect(_after(me), 303)


@door.get("/")
def me() -> Response:
    """Who is signed in, and what this account may do."""
    return make_response(render_template("accounts/me.html", member=permissions.me()))


def _throttled() -> Declined | None:
    seconds = throttle.wait("sign-in")
    if not seconds:
        return None
    minutes = -(-seconds // 60)
    return Declined(WAIT.format(minutes="1 minute" if minutes == 1 else f"{minutes} minutes"), 429, seconds)


def _member_of(email: str, password: str) -> Member | None:
    """Who this email and password belong to. The same work whether or not the address is known; what is declined is recorded."""
    with extensions.reading() as sql:
        known = staff.by_email(sql, email[: staff.EMAIL_LENGTH])
    member, kept = known or (None, None)
    if passwords.fits(password, kept) and member is not None and member.active:
        return member
    with extensions.transaction() as sql:
        staff.record_sign_in(sql, member, done=False, now=extensions.now())
    return None


def _after(member: Member) -> str:
    """Where to after signing in: the page asked for, else the first page of the account's first role."""
    wanted = permissions.local_path(request.args.get("next"))
    return wanted or next((home for role, home in HOMES.items() if role in member.roles), "/account/")


def _form_on_its_way() -> str | None:
    """Where a form was going that the guard sent here. Only another form of ours may say so: a link to this page leads to no deed."""
    return permissions.local_path(request.args.get("post")) if request.method == "POST" else None


def _carried() -> list[tuple[str, str]]:
    """The fields of a form on its way, passwords left out."""
    return [(name, value) for name, values in request.form.lists() for value in values if name != "csrf_token" and "password" not in name]


def _page(template: str, declined: Declined | None = None) -> Response:
    page = render_template(
        template,
        declined=declined,
        next=permissions.local_path(request.args.get("next")),
        post=_form_on_its_way(),
        carried=_carried(),
        email=request.form.get("email", ""),
    )
    response = make_response(page, declined.status if declined else 200)
    if declined and declined.seconds:
        response.headers["Retry-After"] = str(declined.seconds)
    return response
