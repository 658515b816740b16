"""The staff's own pages: sign in, sign out, give the password again, who am I, another password, and what a one-time
link opens."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from intake.accounts import links, passwords, permissions, staff
from intake.accounts.links import LinkClosed
from intake.accounts.passwords import WeakPassword
from intake.accounts.staff import Member, Role, StaffError
from intake.records import sessions as session_rows
from intake.records.sessions import Kind
from intake.web import errors, extensions, sessions, throttle

door = Blueprint("accounts", __name__, url_prefix="/account")

DECLINED = "That email and password do not open an account. Check both and try again."
WAIT = "There were many tries from your network. Wait {minutes} and try again."
HOMES = {Role.CLINICIAN: "/clinician/", Role.ADMIN: "/admin/"}
DONE = {
    "chosen": "Your password is kept. Sign in with it now.",
    "changed": "Your password was changed, and your other sessions were ended.",
    "ended": "Your other sessions were ended.",
}
"""What a page says after a deed: named in the address that it leads to."""

errors.add(
    LinkClosed,
    errors.ErrorPage(
        404,
        "This link does not open anything",
        "A link works once, for 24 hours.",
        "A link works once, for 24 hours, and a newer one ends it. Ask whoever gave it to you for another.",
        staff_links=(errors.SIGN_IN,),
    ),
)


@dataclass(frozen=True, slots=True)
class Declined:
    """Why the page is shown again: what it says, its status, and how many seconds to wait if that is why."""

    words: str
    status: int = 422
    seconds: int = 0
    field: str = "password"

    def __str__(self) -> str:
        return self.words


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
    found = _member_of(request.form.get("email", ""), request.form.get("password", ""))
    if found is None:
        return _page("accounts/sign_in.html", Declined(DECLINED))
    with extensions.transaction() as sql:
        fits = staff.still_fits(
            sql, found.member.id, found.kept
        )  # disabled, or given another password, while this one was compared
        if fits:
            sessions.begin(sql, Kind.STAFF, found.member.id)
        staff.record_sign_in(sql, found.member, done=fits, now=extensions.now())
    return redirect(_after(found.member), 303) if fits else _page("accounts/sign_in.html", Declined(DECLINED))


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
    """Take the password again: for the next five minutes this session is fresh. A form that was on its way goes on with
    its fields."""
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
    with extensions.reading() as sql:
        others = session_rows.count_open(sql, Kind.STAFF, now=extensions.now()).get(permissions.me().id, 1) - 1
    return make_response(render_template("accounts/me.html", member=permissions.me(), others=others, done=_done()))


@door.post("/sessions/end")
def end_other_sessions() -> Response:
    """Whoever else is signed in with this account is out."""
    with extensions.transaction() as sql:
        staff.end_own_other_sessions(sql, permissions.me(), sessions.current().token, now=extensions.now())
    return redirect("/account/?done=ended", 303)


@door.get("/password")
def password_page() -> Response:
    """Ask for the present password and another one."""
    return _page("accounts/password.html")


@door.post("/password")
def change_password() -> Response:
    """Take another password: this browser stays signed in under a new token, every other session ends."""
    if declined := _throttled():
        return _page("accounts/password.html", declined)
    me = permissions.me()
    present = request.form.get("present-password", "")
    found = _member_of(me.email, present)
    if found is None:
        words = "That is not the password of this account. Try again."
        return _page("accounts/password.html", Declined(words, field="present-password"))
    try:
        password_hash = _chosen(unlike=present)
        with extensions.transaction() as sql:
            staff.change_own_password(sql, me, found.kept, password_hash, now=extensions.now())
            sessions.begin(sql, Kind.STAFF, me.id)
    except (WeakPassword, StaffError) as error:
        return _page("accounts/password.html", Declined(str(error), field="new-password"))
    return redirect("/account/?done=changed", 303)


@door.get("/link/<token>")
def link_page(token: str) -> Response:
    """What a one-time link opens: choose a password. Nothing is used up by looking. Raises LinkClosed."""
    return _link_page(token)


@door.post("/link/<token>")
def use_link(token: str) -> Response:
    """Take the password that was chosen, and on to the sign-in page. Raises LinkClosed, TooManyTries."""
    throttle.check("link")
    with extensions.reading() as sql:
        links.find(sql, token, now=extensions.now())
    try:
        password_hash = _chosen()
    except WeakPassword as weak:
        return _link_page(token, Declined(str(weak), field="new-password"))
    with extensions.transaction() as sql:
        links.use(sql, token, password_hash, now=extensions.now())
    return redirect("/account/login?done=chosen", 303)


def _link_page(token: str, declined: Declined | None = None) -> Response:
    with extensions.reading() as sql:
        member = links.find(sql, token, now=extensions.now())
    page = render_template(
        "accounts/choose_password.html", member=member, token=token, declined=declined, shortest=passwords.SHORTEST
    )
    return make_response(page, declined.status if declined else HTTPStatus.OK)


def _chosen(unlike: str | None = None) -> str:
    """The hash of the password that was chosen, typed twice alike. Raises WeakPassword."""
    chosen = request.form.get("new-password", "")
    if chosen != request.form.get("new-password-again", ""):
        raise WeakPassword("Type the new password twice, the same each time.")
    if chosen == unlike:
        raise WeakPassword("Choose another password than the one you have.")
    return passwords.hash_password(chosen)


def _done() -> str | None:
    """What the page before did, in words."""
    return DONE.get(request.args.get("done", ""))


def _throttled() -> Declined | None:
    seconds = throttle.wait("sign-in")
    if not seconds:
        return None
    minutes = -(-seconds // 60)
    return Declined(WAIT.format(minutes="1 minute" if minutes == 1 else f"{minutes} minutes"), 429, seconds)


@dataclass(frozen=True, slots=True)
class Found:
    """Whose password it was, and the hash that it was found to fit."""

    member: Member
    kept: str


def _member_of(email: str, password: str) -> Found | None:
    """Who this email and password belong to. The same work whether or not the address is known; what is declined is
    recorded."""
    with extensions.reading() as sql:
        known = staff.by_email(sql, email[: staff.EMAIL_LENGTH])
    member, kept = known or (None, None)
    if passwords.fits(password, kept) and member is not None and kept is not None and member.active:
        return Found(member, kept)
    with extensions.transaction() as sql:
        staff.record_sign_in(sql, member, done=False, now=extensions.now())
    return None


def _after(member: Member) -> str:
    """Where to after signing in: the page asked for, else the first page of the account's first role."""
    wanted = permissions.local_path(request.args.get("next"))
    return wanted or next((home for role, home in HOMES.items() if role in member.roles), "/account/")


def _form_on_its_way() -> str | None:
    """Where a form was going that the guard sent here. Only another form of ours may say so: a link to this page leads
    to no deed."""
    return permissions.local_path(request.args.get("post")) if request.method == "POST" else None


def _carried() -> list[tuple[str, str]]:
    """The fields of a form on its way, passwords left out."""
    return [
        (name, value)
        for name, values in request.form.lists()
        for value in values
        if name != "csrf_token" and "password" not in name
    ]


def _page(template: str, declined: Declined | None = None) -> Response:
    page = render_template(
        template,
        declined=declined,
        next=permissions.local_path(request.args.get("next")),
        post=_form_on_its_way(),
        carried=_carried(),
        email=request.form.get("email", ""),
        shortest=passwords.SHORTEST,
        done=_done(),
    )
    response = make_response(page, declined.status if declined else 200)
    if declined and declined.seconds:
        response.headers["Retry-After"] = str(declined.seconds)
    return response
