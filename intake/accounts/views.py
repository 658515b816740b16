"""The staff's own pages: sign in and out, the password again, who am I, another password, what a link opens."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from intake.accounts import links, passwords, permissions, staff
from intake.accounts.forms import NOT_YOURS, ConfirmForm, LinkForm, PasswordForm, SignInForm
from intake.accounts.links import LinkClosed
from intake.accounts.staff import Member, Role, StaffError
from intake.forms.form import Form
from intake.records import sessions as session_rows
from intake.records.audit import AuditAction
from intake.records.sessions import SessionKind
from intake.web import addresses, errors, extensions, sessions, throttle

door = Blueprint("accounts", __name__, url_prefix="/account")

DECLINED = "That email and password do not open an account. Check both and try again."
WAIT = "There were many tries from your network. Wait {minutes} and try again."
HOMES = {Role.CLINICIAN: "/clinician/", Role.ADMIN: "/admin/", Role.AUDITOR: "/admin/trail"}
DONE = {
    "chosen": "Your password is set. Sign in with it now.",
    "changed": "Your password was changed, and your other sessions were ended.",
    "ended": "Your other sessions were ended.",
}
"""What a page says once it is done: named in the address that it leads to."""

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


@door.route("/login", methods=["GET", "POST"])
def sign_in() -> Response:
    """Sign in by email and password, under a token never used before; who is signed in already goes on."""
    form = SignInForm()
    if not form.is_submitted():
        return _page("accounts/sign_in.html", form) if g.staff is None else redirect(_after(g.staff), 303)
    if seconds := _throttled(form, "email"):
        return _page("accounts/sign_in.html", form, seconds)
    if found := _member_of(form.email.data, form.password.data):
        member, kept = found
        with extensions.transaction() as sql:
            # disabled, or given another password, while this one was compared
            fits = staff.still_fits(sql, member.id, kept)
            if fits:
                sessions.begin(sql, SessionKind.STAFF, member.id)
                staff.record_sign_in(sql, member, now=extensions.now())
            else:
                staff.record_declined(sql, member, addresses.of_client(), now=extensions.now())
        if fits:
            return redirect(_after(member), 303)
    form.refuse(DECLINED, "email")
    return _page("accounts/sign_in.html", form)


@door.post("/logout")
def sign_out() -> Response:
    """End this session at once."""
    with extensions.transaction() as sql:
        if g.staff is not None:
            staff.record(sql, AuditAction.SIGN_OUT, g.staff.id, g.staff.acting_as(), extensions.now())
        sessions.end(sql)
    return redirect("/account/login", 303)


@door.route("/confirm", methods=["GET", "POST"])
def confirm() -> Response:
    """Take the password again, before data leaves the building or an account changes: for the next five minutes this
    session is fresh. A form that was on its way goes on with its fields."""
    form, me = ConfirmForm(), permissions.me()
    given = "password" in request.form  # else it was opened, or sent here by the guard
    seconds = _throttled(form, "password") if given else 0
    if given and not seconds and _member_of(me.email, form.password.data) is None:
        form.refuse(NOT_YOURS, "password")
    if not given or form.errors:
        return _page("accounts/confirm.html", form, seconds)
    with extensions.transaction() as sql:
        sessions.freshen(sql)
        staff.record_sign_in(sql, me, now=extensions.now())
    onward = _form_on_its_way()
    return redirect(onward, 307) if onward else redirect(_after(me), 303)


@door.get("/")
def me() -> Response:
    """Who is signed in, and what this account may do."""
    with extensions.reading() as sql:
        others = session_rows.count_open(sql, SessionKind.STAFF, now=extensions.now()).get(permissions.me().id, 1) - 1
    return make_response(render_template("accounts/me.html", member=permissions.me(), others=others, done=_done()))


@door.post("/sessions/end")
def end_other_sessions() -> Response:
    """Whoever else is signed in with this account is out."""
    with extensions.transaction() as sql:
        staff.end_own_other_sessions(sql, permissions.me(), sessions.current().token, now=extensions.now())
    return redirect("/account/?done=ended", 303)


@door.route("/password", methods=["GET", "POST"])
def change_password() -> Response:
    """Take another password: this browser stays signed in under a new token, every other session ends."""
    form, me = PasswordForm(), permissions.me()
    seconds = _throttled(form, "present-password") if form.is_submitted() else 0
    if seconds or not form.validate_on_submit():
        return _page("accounts/password.html", form, seconds)
    found = _member_of(me.email, form.present_password.data)
    if found is None:
        form.refuse(NOT_YOURS, "present-password")
        return _page("accounts/password.html", form)
    password_hash = passwords.hash_password(form.new_password.data)
    try:
        with extensions.transaction() as sql:
            staff.change_own_password(sql, me, found[1], password_hash, now=extensions.now())
            sessions.begin(sql, SessionKind.STAFF, me.id)
    except StaffError as error:
        form.refuse(str(error), "new-password")
        return _page("accounts/password.html", form)
    return redirect("/account/?done=changed", 303)


@door.route("/link/<token>", methods=["GET", "POST"])
def use_link(token: str) -> Response:
    """Choose a password by a one-time link, then sign in; looking uses nothing up. Raises LinkClosed, TooManyTries."""
    form = LinkForm()
    if form.is_submitted():
        throttle.check("link")
    with extensions.reading() as sql:
        member = links.find(sql, token, now=extensions.now())
    if not form.validate_on_submit():
        return _page("accounts/choose_password.html", form, member=member, token=token)
    password_hash = passwords.hash_password(form.new_password.data)
    with extensions.transaction() as sql:
        links.use(sql, token, password_hash, now=extensions.now())
    return redirect("/account/login?done=chosen", 303)


def _done() -> str | None:
    """What the page before did, in words."""
    return DONE.get(request.args.get("done", ""))


def _throttled(form: Form, name: str) -> int:
    """The seconds to wait if there were too many tries, which stands beside this field then; else 0."""
    seconds = throttle.wait("sign-in")
    if seconds:
        minutes = -(-seconds // 60)
        form.refuse(WAIT.format(minutes="1 minute" if minutes == 1 else f"{minutes} minutes"), name)
    return seconds


def _member_of(email: str, password: str) -> tuple[Member, str] | None:
    """Who this email and password belong to, and the hash that the password was found to fit. The same work whether or
    not the address is known; what is declined is recorded."""
    with extensions.reading() as sql:
        known = staff.by_email(sql, email[: staff.EMAIL_LENGTH])
    member, kept = known or (None, None)
    if passwords.fits(password, kept) and member is not None and kept is not None and member.active:
        return member, kept
    with extensions.transaction() as sql:
        staff.record_declined(sql, member, addresses.of_client(), by=g.staff, now=extensions.now())
    return None


def _after(member: Member) -> str:
    """Where to after signing in: the page asked for, else the first page of the account's first role."""
    wanted = permissions.local_path(request.args.get("next"))
    return wanted or next((home for role, home in HOMES.items() if role in member.roles), "/account/")


def _form_on_its_way() -> str | None:
    """Where a form was going that the guard sent here. Only a form of ours may say so: a link here leads to no deed."""
    return permissions.local_path(request.args.get("post")) if request.method == "POST" else None


def _page(template: str, form: Form, seconds: int = 0, **values: Any) -> Response:
    """A page with its form; with what was wrong if something was, 429 if that is how many seconds to wait. It carries
    the fields of a form on its way, passwords left out."""
    sent = request.form.items(multi=True)
    page = render_template(
        template,
        form=form,
        next=permissions.local_path(request.args.get("next")),
        post=_form_on_its_way(),
        carried=[(name, value) for name, value in sent if name != "csrf_token" and "password" not in name],
        shortest=passwords.SHORTEST,
        done=_done(),
        **values,
    )
    response = make_response(page, 429 if seconds else 422 if form.errors else 200)
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return response
