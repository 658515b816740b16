"""The staff: who they are and which roles they hold. Verbs take the session first and record what they did in the trail."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from intake.accounts.tables import StaffRole, StaffUser
from intake.records import audit, sessions
from intake.records.audit import AuditAction, Entity, Outcome

NAME_LENGTH: Final = 200
EMAIL_LENGTH: Final = 254
_EMAIL: Final = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+")


class Role(StrEnum):
    """What an account may do: a clinician reads responses, an admin exports and looks after accounts."""

    CLINICIAN = "clinician"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of staff, as loaded."""

    id: str
    email: str
    name: str
    roles: frozenset[Role]
    active: bool

    @property
    def role_words(self) -> str:
        """The roles in one text, in the order of `Role`."""
        return " and ".join(role.value for role in Role if role in self.roles) or "no role"


@dataclass(frozen=True, slots=True)
class Agent:
    """Who does something to an account: an admin's command line has no account of its own."""

    id: str
    name: str
    role: str


# Asked before every staff page: one statement, made once.
_BY_ID: Final = (
    select(StaffUser.email, StaffUser.name, StaffRole.role)
    .outerjoin(StaffRole, StaffRole.user_id == StaffUser.id)
    .where(StaffUser.id == bindparam("user_id"), StaffUser.active)
)

COMMAND_LINE: Final = Agent("command-line", "command line", "operator")


class StaffError(Exception):
    """What cannot be done to an account; its one line says what to do."""


def add(
    session: Session, *, email: str, name: str, roles: Collection[Role], password_hash: str, agent: Agent = COMMAND_LINE, now: datetime
) -> Member:
    """Add an account. Raises StaffError for an address that is none or is taken, and for no role at all."""
    email = normalise_email(email)
    if not roles:
        raise StaffError("Give the account a role: --role clinician or --role admin.")
    if _row(session, email) is not None:
        raise StaffError(f"{email} has an account already; see “intake staff list”.")
    name = " ".join(name.split())[:NAME_LENGTH] or email
    user = StaffUser(email=email, name=name, password_hash=password_hash, active=True, created_at=now, password_changed_at=now)
    session.add(user)
    session.flush()
    session.add_all(StaffRole(user_id=user.id, role=role.value) for role in roles)
    session.flush()
    _record(session, AuditAction.ACCOUNT_ADDED, user.id, agent, now)
    return _member(session, user)


def set_active(session: Session, email: str, active: bool, *, agent: Agent = COMMAND_LINE, now: datetime) -> Member:
    """Enable or disable an account; disabling ends its open sessions at once. Raises StaffError."""
    user = _known(session, email)
    user.active = active
    session.flush()
    if not active:
        sessions.close_all(session, user.id)
    _record(session, AuditAction.ACCOUNT_ENABLED if active else AuditAction.ACCOUNT_DISABLED, user.id, agent, now)
    return _member(session, user)


def set_password(session: Session, email: str, password_hash: str, *, agent: Agent = COMMAND_LINE, now: datetime) -> Member:
    """Give an account another password; its open sessions end. Raises StaffError."""
    user = _known(session, email)
    session.execute(update(StaffUser).where(StaffUser.id == user.id).values(password_hash=password_hash, password_changed_at=now))
    sessions.close_all(session, user.id)
    _record(session, AuditAction.PASSWORD_RESET, user.id, agent, now)
    return _member(session, user)


def everyone(session: Session) -> list[Member]:
    """All accounts, by address."""
    return [_member(session, user) for user in session.scalars(select(StaffUser).order_by(StaffUser.email))]


def anyone(session: Session) -> bool:
    """Whether there is any account."""
    return bool(session.scalar(select(exists().select_from(StaffUser))))


def by_id(session: Session, id: str) -> Member | None:
    """The account of this id, if it may be used."""
    rows = session.execute(_BY_ID, {"user_id": id}).all()
    if not rows:
        return None
    return Member(id, rows[0].email, rows[0].name, roles_of(row.role for row in rows if row.role is not None), True)


def by_email(session: Session, email: str) -> tuple[Member, str] | None:
    """The account of this address with its password's hash, disabled ones too."""
    user = _row(session, email)
    return None if user is None else (_member(session, user), user.password_hash)


def record_sign_in(session: Session, member: Member | None, *, done: bool, now: datetime) -> None:
    """Record a sign-in, or one that was declined; an address nobody has is not kept, as it may be a password typed into the wrong box."""
    audit.record(
        session,
        AuditAction.SIGN_IN if done else AuditAction.SIGN_IN_DECLINED,
        agent_id=member.id if member else "",
        agent_name=member.name if member else "unknown",
        role=member.role_words if member else "none",
        entity_type=Entity.ACCOUNT,
        entity_id=member.id if member else "",
        outcome=Outcome.DONE if done else Outcome.DECLINED,
        now=now,
    )


def record_sign_out(session: Session, member: Member, *, now: datetime) -> None:
    """Record that somebody signed out."""
    _record(session, AuditAction.SIGN_OUT, member.id, Agent(member.id, member.name, member.role_words), now)


def normalise_email(typed: str) -> str:
    """An address as it is kept: trimmed, in small letters. Raises StaffError if it is none."""
    email = typed.strip().casefold()
    if len(email) > EMAIL_LENGTH or not _EMAIL.fullmatch(email):
        raise StaffError(f"{typed.strip()[:80]!r} is no email address; write it as name@example.org.")
    return email


def roles_of(names: Iterable[str]) -> frozenset[Role]:
    """Roles by their names. Raises ValueError."""
    return frozenset(Role(name) for name in names)


def _row(session: Session, email: str) -> StaffUser | None:
    email = email.strip().casefold()
    if not _EMAIL.fullmatch(email):
        return None  # nobody's, and PostgreSQL takes no NUL even to look for it
    return session.scalars(select(StaffUser).where(StaffUser.email == email)).one_or_none()


def _known(session: Session, email: str) -> StaffUser:
    user = _row(session, email)
    if user is None:
        raise StaffError(f"Nobody has the address {email.strip()[:80]!r}; see “intake staff list”.")
    return user


def _member(session: Session, user: StaffUser) -> Member:
    roles = session.scalars(select(StaffRole.role).where(StaffRole.user_id == user.id))
    return Member(user.id, user.email, user.name, roles_of(roles), user.active)


def _record(session: Session, action: AuditAction, account: str, agent: Agent, now: datetime) -> None:
    audit.record(
        session, action, agent_id=agent.id, agent_name=agent.name, role=agent.role, entity_type=Entity.ACCOUNT, entity_id=account, now=now
    )
