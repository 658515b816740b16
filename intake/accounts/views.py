"""The staff's own pages: sign in by password and second factor, and out; who am I, another password or second factor,
what a link opens."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import segno
from flask import Blueprint, g, make_response, redirect, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from intake.accounts import devices, links, passwords, permissions, staff
from intake.accounts import second_factor as factors
from intake.accounts.forms import NOT_YOURS, CodeForm, ConfirmForm, LinkForm, PasswordForm, SignInForm
from intake.accounts.links import LinkClosed
from intake.accounts.passwords import HashingBusy
from intake.accounts.staff import Member, Role, StaffError
from intake.config import REQUIRED
from intake.forms.form import Form
from intake.questionnaire.unseen import pasted_email
from intake.records import sessions as session_rows
from intake.records.audit import AuditAction
from intake.records.sessions import SessionKind
from intake.records.throttle import Tries
from intake.web import addresses, errors, extensions, sessions, throttle

door = Blueprint("accounts", __name__, url_prefix="/account")

DECLINED = "That email and password do not open an account. Check both and try again."
WAIT = "There were many tries. Wait {time} and try again."
SECOND_FACTOR: Final = "/account/second-factor"
SET_UP: Final = "/account/second-factor/set-up"
HOMES = {Role.CLINICIAN: "/clinician/", Role.ADMIN: "/admin/", Role.AUDITOR: "/admin/trail"}
DONE = {
    "chosen": "Your password is set. Sign in with it now.",
    "changed": "Your password was changed, and your other sessions were ended.",
    "ended": "Your other sessions were ended.",
}
"""What a page says once it is done: named in the address that it leads to."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a form is shown again: the sentence beside its field, the status, and how many seconds to wait, if any."""

    sentence: str
    status: int = 422
    seconds: int = 0


BUSY: Final = Refusal(
    "Many people are signing in at this moment. Wait a few seconds and try again.", 503, HashingBusy.seconds
)

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
    found = _prove(form.email.data, form.password.data, DECLINED)
    if isinstance(found, Refusal):
        return _refused("accounts/sign_in.html", form, "email", found)
    member, kept = found
    asks = member.second_factor or extensions.current().settings.two_factor == REQUIRED
    with extensions.transaction() as sql:
        fits = staff.still_fits(sql, member.id, kept)
        if not fits:  # disabled, or given another password, while this one was compared
            staff.record_declined(sql, member, addresses.of_client(), now=extensions.now())
        elif asks:
            sessions.begin(sql, SessionKind.HALF_WAY, member.id)
        else:
            _let_in(sql, member)
    if not fits:
        return _refused("accounts/sign_in.html", form, "email", Refusal(DECLINED))
    if asks:
        return redirect(_with_next(SECOND_FACTOR if member.second_factor else SET_UP), 303)
    return _in(member, redirect(_after(member), 303))


@door.route("/second-factor", methods=["GET", "POST"])
def second_factor() -> Response:
    """The code of the second factor, after the password."""
    member = permissions.known()
    if g.half_way is None:
        return redirect(_after(member), 303)
    if not member.second_factor:
        return redirect(_with_next(SET_UP), 303)
    form = CodeForm()
    if not form.is_submitted():
        return _page("accounts/second_factor.html", form)
    if refusal := _use_code(member, form.code.data):
        return _refused("accounts/second_factor.html", form, "code", refusal)
    return _in(member, redirect(_after(member), 303))


@door.route("/second-factor/set-up", methods=["GET", "POST"])
def set_up_second_factor() -> Response:
    """Set a second factor up: at the first sign-in, or another one later; the answer shows the recovery codes, this
    once, and so it cannot be a redirect."""
    member = permissions.known()
    if g.half_way is not None and member.second_factor:
        return redirect(_with_next(SECOND_FACTOR), 303)
    form, secret = CodeForm(), _secret()
    if form.is_submitted():
        refusal, made = _enrol(member, secret, form.code.data)
        if made:
            return _in(member, _codes_page(member, made, is_new=True))
        form.refuse(refusal.sentence, "code")
    return _page(
        "accounts/set_up_second_factor.html",
        form,
        member=member,
        secret=secret,
        wait=refusal if form.errors else None,
    )


@door.get("/second-factor/set-up.svg")
def second_factor_picture() -> Response:
    """The secret on that page as a QR code for the app."""
    picture = io.BytesIO()
    address = factors.otpauth(_secret(), permissions.known().email, extensions.current().settings.clinic_name)
    segno.make(address, error="m").save(picture, kind="svg", scale=4, border=4, dark="#000", light="#fff", nl=False)
    return make_response(picture.getvalue(), {"Content-Type": "image/svg+xml"})


@door.post("/second-factor/recovery-codes")
def new_recovery_codes() -> Response:
    """New recovery codes, shown this once; the older ones end."""
    me = permissions.me()
    try:
        with extensions.transaction() as sql:
            made = factors.new_recovery_codes(sql, me, now=extensions.now())
    except StaffError:
        return redirect(SET_UP, 303)
    return _codes_page(me, made, is_new=False)


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
    if "password" not in request.form:  # it was opened, or sent here by the guard
        return _page("accounts/confirm.html", form)
    found = _prove(me.email, form.password.data, NOT_YOURS)
    if isinstance(found, Refusal):
        return _refused("accounts/confirm.html", form, "password", found)
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
        left = factors.recovery_codes_left(sql, permissions.me().id)
    return make_response(
        render_template("accounts/me.html", member=permissions.me(), others=others, codes_left=left, done=_done())
    )


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
    form.about = _about(me)
    if not form.validate_on_submit():
        return _page("accounts/password.html", form)
    found = _prove(me.email, form.present_password.data, NOT_YOURS)
    if isinstance(found, Refusal):
        return _refused("accounts/password.html", form, "present-password", found)
    try:
        password_hash = passwords.hash_password(form.new_password.data, form.about)
        with extensions.transaction() as sql:
            staff.change_own_password(sql, me, found[1], password_hash, now=extensions.now())
            sessions.begin(sql, SessionKind.STAFF, me.id)
    except HashingBusy:
        return _refused("accounts/password.html", form, "new-password", BUSY)
    except StaffError as error:
        return _refused("accounts/password.html", form, "new-password", Refusal(str(error)))
    return redirect("/account/?done=changed", 303)


@door.route("/link/<token>", methods=["GET", "POST"])
def use_link(token: str) -> Response:
    """Choose a password by a one-time link, then sign in; looking uses nothing up. Raises LinkClosed, TooManyTries."""
    form = LinkForm()
    try:
        with extensions.reading() as sql:
            member = links.find(sql, token, now=extensions.now())
    except LinkClosed:
        if form.is_submitted():
            throttle.check(throttle.by_address("link"))
        raise
    form.about = _about(member)
    if not form.validate_on_submit():
        return _page("accounts/choose_password.html", form, member=member, token=token)
    try:
        password_hash = passwords.hash_password(form.new_password.data, form.about)
    except HashingBusy:
        return _refused("accounts/choose_password.html", form, "new-password", BUSY, member=member, token=token)
    with extensions.transaction() as sql:
        links.use(sql, token, password_hash, now=extensions.now())
    return redirect("/account/login?done=chosen", 303)


def _done() -> str | None:
    """What the page before did, in words."""
    return DONE.get(request.args.get("done", ""))


def _prove(email: str, password: str, declined: str) -> tuple[Member, str] | Refusal:
    """Who this email and password belong to, and the hash that the password was found to fit. The same work whether or
    not the address is known; what is declined is recorded."""
    email = pasted_email(email)[: staff.EMAIL_LENGTH]
    with extensions.reading() as sql:
        member, kept = staff.by_email(sql, email) or (None, None)
    tries = _tries("password", email, member)
    if seconds := throttle.wait(*tries):
        return _too_many(seconds)
    try:
        fits = passwords.fits(password, kept)
    except HashingBusy:  # nobody looked at it, and so it was no guess
        throttle.was_not_looked_at(*tries)
        return BUSY
    if fits and member is not None and kept is not None and member.active:
        throttle.was_right(*tries)
        return member, kept
    with extensions.transaction() as sql:
        staff.record_declined(sql, member, addresses.of_client(), by=g.staff, now=extensions.now())
    return Refusal(declined)


def _use_code(member: Member, typed: str) -> Refusal | None:
    """Use a code of somebody's second factor up, and sign in with it; gives what was wrong, if anything."""
    tries = _tries("code", member.id, member)
    if seconds := throttle.wait(*tries):
        return _too_many(seconds)
    try:
        with extensions.transaction() as sql:
            _see_that_it_goes_on(sql)
            factors.use(sql, member, typed, now=extensions.now())
            _let_in(sql, member)
    except StaffError as error:
        return _code_refused(member, error)
    throttle.was_right(*tries)
    return None


def _enrol(member: Member, secret: str, typed: str) -> tuple[Refusal, list[str]]:
    """Set a second factor up, and sign in with it; gives its recovery codes, or none and what was wrong."""
    tries = _tries("code", member.id, member)
    if seconds := throttle.wait(*tries):
        return _too_many(seconds), []
    try:
        with extensions.transaction() as sql:
            _see_that_it_goes_on(sql)
            made = factors.enrol(sql, member, secret, typed, now=extensions.now())
            _let_in(sql, member)
    except StaffError as error:
        return _code_refused(member, error), []
    throttle.was_right(*tries)
    return Refusal(""), made


def _see_that_it_goes_on(sql: Connection) -> None:
    """Let no other deed on accounts come between, and see that none came before: one that ends sessions, as another
    password does, ends a sign-in that is half way too. Raises StaffError."""
    staff.hold(sql)
    kind = SessionKind.STAFF if g.half_way is None else SessionKind.HALF_WAY
    if staff.by_token(sql, sessions.current().token, kind=kind, now=extensions.now()) is None:
        raise StaffError("This sign-in was ended in the meantime. Begin again with your password.", "code")


def _code_refused(member: Member, error: StaffError) -> Refusal:
    with extensions.transaction() as sql:
        staff.record_declined(sql, member, addresses.of_client(), by=g.staff, detail="code", now=extensions.now())
    return Refusal(str(error))


def _tries(what: str, who: str, member: Member | None) -> list[Tries]:
    """What a try counts against: the account on this device, where it was signed in on before; else the account from
    everywhere, and the address."""
    if device := devices.known(member):
        return [throttle.by(what, f"{who} {device}")]
    return [throttle.by(what, who), throttle.by_address("sign-in")]


def _too_many(seconds: int) -> Refusal:
    if seconds < 60:
        return Refusal(WAIT.format(time="1 second" if seconds == 1 else f"{seconds} seconds"), 429, seconds)
    minutes = -(-seconds // 60)
    return Refusal(WAIT.format(time="1 minute" if minutes == 1 else f"{minutes} minutes"), 429, seconds)


def _let_in(sql: Connection, member: Member) -> None:
    sessions.begin(sql, SessionKind.STAFF, member.id)
    staff.record_sign_in(sql, member, now=extensions.now())


def _in(member: Member, response: Response) -> Response:
    """The answer to whoever is signed in now, whose device is known from now on."""
    devices.remember(response, member)
    return response


def _secret() -> str:
    return factors.secret_of(extensions.current().keyring, sessions.current().token)


def _about(member: Member) -> tuple[str, ...]:
    """What others know of somebody who chooses a password."""
    return member.email, member.name, extensions.current().settings.clinic_name


def _with_next(path: str) -> str:
    """An address with the page asked for, which signing in leads to."""
    wanted = permissions.local_path(request.args.get("next"))
    return f"{path}?next={quote(wanted, safe='/')}" if wanted else path


def _after(member: Member) -> str:
    """Where to after signing in: the page asked for, else the first page of the account's first role."""
    wanted = permissions.local_path(request.args.get("next"))
    return wanted or next((home for role, home in HOMES.items() if role in member.roles), "/account/")


def _form_on_its_way() -> str | None:
    """Where a form was going that the guard sent here. Only a form of ours may say so: a link here leads to no deed."""
    return permissions.local_path(request.args.get("post")) if request.method == "POST" else None


def _refused(template: str, form: Form, field: str, refusal: Refusal, **values: Any) -> Response:
    form.refuse(refusal.sentence, field)
    return _page(template, form, wait=refusal, **values)


def _codes_page(member: Member, made: list[str], *, is_new: bool) -> Response:
    """Recovery codes, of a second factor that `is_new` or has them anew."""
    values = {"codes": made, "is_new": is_new, "staff": member, "go_on": _after(member)}
    return make_response(render_template("accounts/recovery_codes.html", **values))


def _page(template: str, form: Form, *, wait: Refusal | None = None, **values: Any) -> Response:
    """A page with its form; with what was wrong if something was. It carries the fields of a form on its way, passwords
    left out."""
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
    response = make_response(page, wait.status if wait else 422 if form.errors else 200)
    if wait and wait.seconds:
        response.headers["Retry-After"] = str(wait.seconds)
    return response
