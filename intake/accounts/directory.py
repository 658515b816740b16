"""The admin's pages about accounts: who there is, inviting somebody, and for each account what can be done to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from flask import Blueprint, make_response, redirect, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from intake.accounts import links, permissions, roles, second_factor, staff
from intake.accounts.forms import InviteForm, RolesForm
from intake.accounts.links import NewLink
from intake.accounts.staff import Member, NoSuchAccount, NotAnAdmin, Role, StaffError, State
from intake.records import audit, sessions
from intake.records.audit import Agent, AuditAction
from intake.records.sessions import SessionKind
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

ORDER: Final = (State.ALTERED, State.ACTIVE, State.INVITED, State.DISABLED)
DONE: Final = {
    "roles": "The roles were changed, and the account’s sessions were ended.",
    "asked": "Your request is saved. The roles stay as they are until another admin confirms.",
    "turned-away": "The roles stay as they are.",
    "taken-back": "The link does not work any more.",
    "ended": "The account’s sessions were ended.",
    "factor-reset": "The second factor was taken away. The next sign-in sets up another.",
    "disabled": "The account is disabled, and its sessions were ended.",
    "enabled": "The account can be used again.",
}
"""What the page says once it is done: named in the address that it leads to."""


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account as the list shows it."""

    member: Member
    state: str
    sessions: str
    signed_in: str


@door.get("")
def everyone() -> str:
    """All accounts, those in use first."""
    with reading() as sql:
        members = sorted(staff.everyone(sql), key=lambda member: ORDER.index(member.state))
        lines = _lines(sql, members)
    return render_template("accounts/everyone.html", lines=lines)


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
    return _change(partial(roles.change, wanted=form.roles.data), "roles", id, form)


CHANGES: Final[Mapping[str, tuple[str, Callable[..., object], str]]] = {
    "confirm_roles": ("roles/confirm", roles.confirm, "roles"),
    "turn_away_roles": ("roles/turn-away", roles.turn_away, "turned-away"),
    "make_link": ("link", links.make, ""),
    "take_back_link": ("link/take-back", links.take_back, "taken-back"),
    "end_sessions": ("sessions/end", staff.end_sessions, "ended"),
    "reset_second_factor": ("second-factor/reset", second_factor.reset, "factor-reset"),
    "disable": ("disable", partial(staff.set_active, active=False), "disabled"),
    "enable": ("enable", partial(staff.set_active, active=True), "enabled"),
}
"""What else is done to an account, each by a button of its page: the address, what does it, the words afterwards."""


def _change(verb: Callable[..., object], done: str, id: str, form: RolesForm | None = None) -> Response:
    """Do it and go back to the account's page, which says so; or show the link that was made, without a redirect as it
    is shown this once; or show why nothing was done."""
    try:
        with transaction() as sql:
            outcome = verb(sql, id, agent=_agent(), now=now())
    except NoSuchAccount:
        raise
    except StaffError as error:
        return _account_page(id, error, form)
    if isinstance(outcome, NewLink):
        return _link_page(outcome)
    return redirect(f"/admin/staff/{id}?done={'asked' if outcome is False else done}", 303)


def _add_view(endpoint: str, path: str, verb: Callable[..., object], done: str) -> None:
    door.add_url_rule(f"/<record:id>/{path}", endpoint, lambda id: _change(verb, done, id), methods=["POST"])


for _endpoint, _row in CHANGES.items():
    _add_view(_endpoint, *_row)


def _agent() -> Agent:
    return permissions.me().acting_as(Role.ADMIN)


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


def _lines(sql: Connection, members: list[Member]) -> list[AccountLine]:
    moment = now()
    opened = sessions.count_open(sql, SessionKind.STAFF, now=moment)
    until = links.open_until(sql, now=moment)
    signed_in = audit.latest(sql, AuditAction.SIGN_IN)
    waits = roles.waiting_accounts(sql)
    return [
        AccountLine(
            member,
            _state_words(member, until.get(member.id), member.id in waits),
            {0: "no session", 1: "1 session"}.get(count := opened.get(member.id, 0), f"{count} sessions"),
            _time(signed_in[member.id]) if member.id in signed_in else "never",
        )
        for member in members
    ]


def _state_words(member: Member, until: datetime | None, waits: bool) -> str:
    """The state in words."""
    if member.state is State.INVITED:
        return f"invited until {_time(until)}" if until else "invited, no open link"
    return f"{member.state.value}, waits for a second admin" if waits else member.state.value


def _time(moment: datetime) -> str:
    return local_time(moment, current().settings.clinic_timezone)
