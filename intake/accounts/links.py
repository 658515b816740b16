"""One-time links, handed over by an admin: how an invited person chooses a first password, and anybody another one.

A link works once, for 24 hours (ASVS 6.4.1). Its token has 256 random bits and stands in the database only as a hash. A
new link for a person ends the older one. Opening it changes nothing, as programs that look into mail open links too.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from intake.accounts import custody, staff
from intake.accounts import roles as role_rules
from intake.accounts.seals import is_signed, signed
from intake.accounts.staff import NO_PASSWORD, Member, Role, StaffError, State
from intake.accounts.tables import LINKS
from intake.records.audit import Agent, AuditAction
from intake.records.data_keys import token_hash
from intake.records.sessions import new_token

LIFETIME: Final = timedelta(hours=24)
WITHDRAWN: Final = "withdrawn by a link"


class LinkClosed(Exception):
    """A link that is unknown, used, taken back or over; nobody is told which."""


@dataclass(frozen=True, slots=True)
class NewLink:
    """A new link: whose, its token, told this once, until when it works, and sentences on what came with it."""

    member: Member
    token: str
    ends_at: datetime
    notes: tuple[str, ...]


def invite(sql: Connection, *, email: str, name: str, roles: Collection[Role], agent: Agent, now: datetime) -> NewLink:
    """Invite somebody: an account without a password, and the link to choose one.

    Somebody who was invited before and never came is invited again, with this name and these roles. Raises StaffError.
    """
    staff.begin(sql, agent)
    email = staff.normalise_email(email)
    if frozenset(roles) >= role_rules.BOTH:
        raise StaffError(
            "Invite with one role. Both in one account need a second admin: ask for that once the account is in use.",
            "role",
        )
    user, notes = staff.find(sql, email), []
    if user is None:
        user = staff.new_row(sql, email=email, name=name, roles=roles, password_hash=NO_PASSWORD, now=now)
    elif user.password_hash != NO_PASSWORD:
        raise staff.taken(email)
    else:
        staff.refuse_altered(sql, user)
        notes.append(
            f"{email} was invited before, as {user.name}. The name and the role are now the ones you gave, and "
            f"the older link ended."
        )
        user = staff.change(sql, user, name=staff.tidy(name) or email)
        staff.put_roles(sql, user, roles)
    custody.pass_on(sql, agent.id, user.id)  # who invites says whose address it is
    return _make(sql, user, agent, now, notes, detail=staff.words_of(roles))


def make(sql: Connection, who: str, *, agent: Agent, now: datetime) -> NewLink:
    """A new link for an account: the invite once more, or another password for who has one. Raises StaffError.

    What waited for a second admin on it is withdrawn: it was asked for before anybody else could have this link.
    """
    user = staff.begin_on(sql, who, agent)
    member = staff.member_of(sql, user)
    if user.id == agent.id:
        raise StaffError("Change your own password on the page of your account.")
    if member.state is State.DISABLED:
        raise StaffError("This account is disabled. Enable it first, then make a link.")
    if member.roles >= role_rules.BOTH:
        raise StaffError(
            "This account holds both roles: its password is reset in the shell only, with “intake staff "
            "reset-password”."
        )
    notes = []
    if staff.end_request_of(sql, user.id, agent, now, WITHDRAWN):
        notes.append("The request that waited for a second admin on this account was withdrawn; it can be made again.")
    return _make(sql, user, agent, now, notes)


def take_back(sql: Connection, who: str, *, agent: Agent, now: datetime) -> None:
    """End the open link of an account. Raises StaffError if there is none."""
    user = staff.begin_on(sql, who, agent)
    if not staff.end_link_of(sql, user.id):
        raise StaffError("There is no open link for this account any more.")
    staff.record(sql, AuditAction.LINK_TAKEN_BACK, user.id, agent, now)


def find(sql: Connection, token: str, *, now: datetime) -> Member:
    """Whose link this is, if it is open. Changes nothing. Raises LinkClosed."""
    user, _ = _open(sql, token, now)
    return staff.member_of(sql, user)


def use(sql: Connection, token: str, password_hash: str, *, now: datetime) -> None:
    """Take the password that the person chose; the link is used up, and their open sessions end. Raises LinkClosed."""
    staff.hold(sql)
    user, made_by = _open(sql, token, now)
    agent = staff.member_of(sql, user).acting_as()
    custody.pass_on(sql, made_by, user.id)
    staff.end_link_of(sql, user.id)
    staff.put_password(sql, user, password_hash, now, active=True)
    staff.end_request_of(sql, user.id, agent, now, WITHDRAWN)
    action = AuditAction.INVITE_USED if user.password_hash == NO_PASSWORD else AuditAction.PASSWORD_RESET
    staff.record(sql, action, user.id, agent, now, detail=f"by a link of account {made_by}")


def open_until(sql: Connection, *, now: datetime) -> dict[str, datetime]:
    """Until when each account's open link works, by account id."""
    return dict(sql.execute(select(LINKS.c.user_id, LINKS.c.ends_at).where(LINKS.c.ends_at > now)).all())


def _make(
    sql: Connection, user: Row[Any], agent: Agent, now: datetime, notes: Collection[str], detail: str = ""
) -> NewLink:
    token = new_token()
    staff.end_link_of(sql, user.id)
    made = {"token_sha256": token_hash(token), "user_id": user.id, "made_by": agent.id, "ends_at": now + LIFETIME}
    sql.execute(insert(LINKS), signed(sql, LINKS, made))
    action = AuditAction.INVITED if user.password_hash == NO_PASSWORD else AuditAction.LINK_MADE
    staff.record(sql, action, user.id, agent, now, detail=detail)
    return NewLink(staff.member_of(sql, user), token, now + LIFETIME, tuple(notes))


def _open(sql: Connection, token: str, now: datetime) -> tuple[Row[Any], str]:
    """The account of the open link of this token, and who made that. Links of a disabled account ended with it."""
    of_token = select(LINKS).where(LINKS.c.token_sha256 == token_hash(token), LINKS.c.ends_at > now)
    link = sql.execute(of_token).one_or_none()
    if link is None or not is_signed(sql, LINKS, link):
        raise LinkClosed
    user = staff.known(sql, link.user_id)
    if staff.member_of(sql, user).state is State.ALTERED:
        raise LinkClosed
    return user, link.made_by
