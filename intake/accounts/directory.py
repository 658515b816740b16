"""The admin's pages about accounts: who there is, inviting somebody, and one page for each account with all that can be
done to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, make_response, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from intake.accounts import links, permissions, roles, staff
from intake.accounts.forms import InviteForm, RolesForm
from intake.accounts.links import NewLink
from intake.accounts.staff import Agent, Member, NoSuchAccount, NotAnAdmin, Role, StaffError, State
from intake.records import audit, sessions
from intake.records.audit import AuditAction
from intake.records.sessions import Kind
from intake.web import errors
from intake.web.extensions import current, now, reading, transaction
from intake.web.filters import local_time

door = Blueprint("staff", __name__, url_prefix="/admin/staff")

errors.add(NotAnAdmin, errors.STATUSES[403])
errors.add(
    NoSuchAccount,
    errors.ErrorPage(
        404, "We can’t find this account", "The address may be mistyped.", "There is no account at this address."
    ),
)

ORDER: Final = (State.ACTIVE, State.INVITED, State.DISABLED)
DONE: Final = {
    "roles": "The roles were changed, and the account’s sessions were ended.",
    "asked": "Kept. The roles stay as they are until another admin confirms.",
    "turned-away": "The roles stay as they are.",
    "taken-back": "The link does not work any more.",
    "ended": "The account’s sessions were ended.",
    "disabled": "The account is disabled, and its sessions were ended.",
    "enabled": "The account can be used again.",
}
"""What the page says after a deed: named in the address that it leads to."""


@dataclass(frozen=True, slots=True)
class Line:
    """One account as the list shows it."""

    member: Member
    state: str
    sessions: str
    signed_in: str


@door.get("")
def everyone() -> str:
    """All accounts, those in use first."""
    with reading() as sql:
        members = staff.everyone(sql)
        lines = _lines(sql, members)
    return render_template(
        "accounts/everyone.html", lines=sorted(lines, key=lambda line: ORDER.index(line.member.state))
    )


@door.get("/invite")
def invite_page() -> Response:
    """Whom to invite."""
    return _invite_page(InviteForm())


@door.post("/invite")
def invite() -> Response:
    """Invite somebody; the answer shows the link, this once, and so it cannot be a redirect."""
    form = InviteForm()
    if not form.validate():
        return _invite_page(form)
    whom = {"email": form.email.data, "name": form.name.data, "roles": form.roles.data}
    try:
        with transaction() as sql:
            made = links.invite(sql, **whom, agent=_agent(), now=now())
    except StaffError as error:
        form.refuse(str(error), error.field)
        return _invite_page(form)
    return _link_page(made)


@door.get("/<record:id>")
def show(id: str) -> Response:
    """One account."""
    return _account_page(id)


@door.post("/<record:id>/roles")
def change_roles(id: str) -> Response:
    """Other roles, at once, or once a second admin confirms."""
    form = RolesForm()

    def change(sql: Session) -> bool:
        return roles.change(sql, id, form.roles.data, agent=_agent(), now=now())

    return _deed(id, "roles", change, otherwise="asked", form=form)


@door.post("/<record:id>/roles/confirm")
def confirm_roles(id: str) -> Response:
    """Both roles, as another admin asked."""
    return _deed(id, "roles", lambda sql: roles.confirm(sql, id, agent=_agent(), now=now()))


@door.post("/<record:id>/roles/turn-away")
def turn_away_roles(id: str) -> Response:
    """The roles stay as they are."""
    return _deed(id, "turned-away", lambda sql: roles.turn_away(sql, id, agent=_agent(), now=now()))


@door.post("/<record:id>/link")
def make_link(id: str) -> Response:
    """A new link to choose a password; the answer shows it, this once, and so it cannot be a redirect."""
    return _deed(id, "", lambda sql: links.make(sql, id, agent=_agent(), now=now()))


@door.post("/<record:id>/link/take-back")
def take_back_link(id: str) -> Response:
    """The open link ends."""
    return _deed(id, "taken-back", lambda sql: links.take_back(sql, id, agent=_agent(), now=now()))


@door.post("/<record:id>/sessions/end")
def end_sessions(id: str) -> Response:
    """Whoever is signed in with this account is out."""
    return _deed(id, "ended", lambda sql: staff.end_sessions(sql, id, agent=_agent(), now=now()))


@door.post("/<record:id>/disable")
def disable(id: str) -> Response:
    """The account is closed, and whoever is signed in with it is out."""
    return _deed(id, "disabled", lambda sql: staff.set_active(sql, id, False, agent=_agent(), now=now()))


@door.post("/<record:id>/enable")
def enable(id: str) -> Response:
    """The account is open again."""
    return _deed(id, "enabled", lambda sql: staff.set_active(sql, id, True, agent=_agent(), now=now()))


def _agent() -> Agent:
    me = permissions.me()
    return Agent(me.id, me.name, Role.ADMIN.value)


def _deed(
    id: str, done: str, act: Callable[[Session], object], *, otherwise: str = "", form: RolesForm | None = None
) -> Response:
    """Do it and go back to the account's page, which says what was done (`otherwise` if that is only half); or show the
    link that was made, or why nothing was done."""
    try:
        with transaction() as sql:
            outcome = act(sql)
    except NoSuchAccount:
        raise
    except StaffError as error:
        return _account_page(id, error, form)
    if isinstance(outcome, NewLink):
        return _link_page(outcome)
    return redirect(f"/admin/staff/{id}?done={otherwise if outcome is False else done}", 303)


def _account_page(id: str, error: StaffError | None = None, form: RolesForm | None = None) -> Response:
    with reading() as sql:
        member = staff.account(sql, id)
        (line,) = _lines(sql, [member])
        waiting = roles.waiting(sql, id, permissions.me().id)
        link_until = links.open_until(sql, now=now()).get(id)
    form = form or RolesForm(formdata=None, data={"roles": member.roles})
    if error:
        form.refuse(str(error), error.field)
    page = render_template(
        "accounts/account.html",
        member=member,
        line=line,
        waiting=waiting,
        link_until=link_until,
        holds_both=member.roles >= roles.BOTH,
        form=form,
        done=DONE.get(request.args.get("done", "")),
    )
    return make_response(page, 422 if error else 200)


def _invite_page(form: InviteForm) -> Response:
    return make_response(render_template("accounts/invite.html", form=form), 422 if form.errors else 200)


def _link_page(made: NewLink) -> Response:
    base = current().settings.public_url or request.host_url
    link = f"{base.rstrip('/')}/account/link/{made.token}"
    return make_response(render_template("accounts/link_made.html", link=link, made=made))


def _lines(sql: Session, members: list[Member]) -> list[Line]:
    moment = now()
    opened = sessions.count_open(sql, Kind.STAFF, now=moment)
    until = links.open_until(sql, now=moment)
    signed_in = audit.latest(sql, AuditAction.SIGN_IN)
    waits = roles.waiting_accounts(sql)
    return [
        Line(
            member,
            _state_words(member, until.get(member.id), member.id in waits),
            _count_words(opened.get(member.id, 0)),
            _time(signed_in[member.id]) if member.id in signed_in else "never",
        )
        for member in members
    ]


def _state_words(member: Member, until: datetime | None, waits: bool) -> str:
    """The state in words."""
    if member.state is State.INVITED:
        return f"invited until {_time(until)}" if until else "invited, no open link"
    return f"{member.state.value}, waits for a second admin" if waits else member.state.value


def _count_words(count: int) -> str:
    return {0: "no session", 1: "1 session"}.get(count, f"{count} sessions")


def _time(moment: datetime) -> str:
    return local_time(moment, current().settings.clinic_timezone)
