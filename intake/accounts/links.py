"""One-time links: how an invited person chooses a first password, and anybody another one. An admin hands the link
over.

A link works once, for 24 hours (ASVS 6.4.1). Its token has 256 random bits and stands in the database only as a hash. A
new link for the same person ends the older one. Opening a link changes nothing, as programs that look into mail open
links too.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.accounts import custodians, staff
from intake.accounts import roles as role_rules
from intake.accounts.staff import NO_PASSWORD, Agent, Member, Role, StaffError, State
from intake.accounts.tables import StaffLink, StaffUser
from intake.records.audit import AuditAction
from intake.records.data_keys import token_hash
from intake.records.sessions import new_token

LIFETIME: Final = timedelta(hours=24)
WITHDRAWN: Final = "withdrawn by a link"


class LinkClosed(Exception):
    """A link that is unknown, used, taken back or over; nobody is told which."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new link: whose it is, its token, which is told this once, until when it works, and what else came with it, in
    sentences."""

    member: Member
    token: str
    ends_at: datetime
    notes: tuple[str, ...]


def invite(session: Session, *, email: str, name: str, roles: Collection[Role], agent: Agent, now: datetime) -> Made:
    """Invite somebody: an account without a password, and the link to choose one.

    Somebody who was invited before and never came is invited anew, with this name and these roles. Raises StaffError.
    """
    staff.begin(session, agent)
    email = staff.normalise_email(email)
    if not roles:
        raise StaffError("Choose a role.", "role")
    if frozenset(roles) >= role_rules.BOTH:
        raise StaffError(
            "Invite with one role. Both in one account need a second admin: ask for that once the account is in use.",
            "role",
        )
    user, notes = staff.find(session, email), []
    if user is None:
        user = staff.new_row(session, email=email, name=name, roles=roles, password_hash=NO_PASSWORD, now=now)
    elif user.password_hash != NO_PASSWORD:
        raise staff.taken(email)
    else:
        notes.append(
            f"{email} was invited before, as {user.name}. The name and the role are now the ones you gave, and "
            f"the older link ended."
        )
        user.name = staff.tidy(name) or email
        staff.put_roles(session, user, roles)
    custodians.pass_on(session, agent.id, user.id)  # who invites says whose address it is
    return _make(session, user, agent, now, notes, detail=staff.words_of(roles))


def make(session: Session, who: str, *, agent: Agent, now: datetime) -> Made:
    """A new link for an account: the invite once more, or another password for who has one. Raises StaffError.

    What waited for a second admin on the account is withdrawn: it was asked for before anybody else could have this
    link.
    """
    staff.begin(session, agent)
    user = staff.known(session, who)
    member = staff.member_of(session, user)
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
    if staff.end_request_of(session, user.id, agent, now, WITHDRAWN):
        notes.append("The request that waited for a second admin on this account was withdrawn; it can be made anew.")
    return _make(session, user, agent, now, notes)


def take_back(session: Session, who: str, *, agent: Agent, now: datetime) -> None:
    """End the open link of an account. Raises StaffError if there is none."""
    staff.begin(session, agent)
    user = staff.known(session, who)
    if not staff.end_link_of(session, user.id):
        raise StaffError("There is no open link for this account any more.")
    staff.record(session, AuditAction.LINK_TAKEN_BACK, user.id, agent, now)


def find(session: Session, token: str, *, now: datetime) -> Member:
    """Whose link this is, if it is open. Changes nothing. Raises LinkClosed."""
    return staff.member_of(session, _open(session, token, now)[1])


def use(session: Session, token: str, password_hash: str, *, now: datetime) -> Member:
    """Take the password that the person chose; the link is used up, and their open sessions end. Raises LinkClosed."""
    staff.hold(session)
    link, user = _open(session, token, now)
    invited = user.password_hash == NO_PASSWORD
    user.active = True
    staff.put_password(session, user, password_hash, now)
    custodians.pass_on(session, link.made_by, user.id)
    session.delete(link)
    session.flush()
    member = staff.member_of(session, user)
    staff.end_request_of(session, user.id, staff.agent_of(member), now, WITHDRAWN)
    action = AuditAction.INVITE_USED if invited else AuditAction.PASSWORD_RESET
    staff.record(session, action, user.id, staff.agent_of(member), now, detail=f"by a link of account {link.made_by}")
    return member


def open_until(session: Session, *, now: datetime) -> dict[str, datetime]:
    """Until when each account's open link works, by account id."""
    rows = session.execute(select(StaffLink.user_id, StaffLink.ends_at).where(StaffLink.ends_at > now))
    return {row.user_id: row.ends_at for row in rows}


def _make(
    session: Session, user: StaffUser, agent: Agent, now: datetime, notes: Collection[str], detail: str = ""
) -> Made:
    token = new_token()
    staff.end_link_of(session, user.id)
    session.add(StaffLink(token_sha256=token_hash(token), user_id=user.id, made_by=agent.id, ends_at=now + LIFETIME))
    session.flush()
    action = AuditAction.INVITED if user.password_hash == NO_PASSWORD else AuditAction.LINK_MADE
    staff.record(session, action, user.id, agent, now, detail=detail)
    return Made(staff.member_of(session, user), token, now + LIFETIME, tuple(notes))


def _open(session: Session, token: str, now: datetime) -> tuple[StaffLink, StaffUser]:
    """The open link of this token, and whose it is. A disabled account has none: its links ended with it."""
    found = session.execute(
        select(StaffLink, StaffUser)
        .join(StaffUser, StaffUser.id == StaffLink.user_id)
        .where(StaffLink.token_sha256 == token_hash(token), StaffLink.ends_at > now)
    ).one_or_none()
    if found is None:
        raise LinkClosed
    return found[0], found[1]
