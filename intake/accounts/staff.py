"""The staff: who they are and which roles they hold. Verbs take the session first and record what they did in the
trail.

What is done to an account by an admin begins with `begin`, which lets no other such deed come between and sees that the
admin still is one. Roles of an account change in `roles`, its password by a link in `links`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import bindparam, delete, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from intake.accounts import custodians
from intake.accounts.tables import RoleRequest, StaffLink, StaffRole, StaffUser
from intake.records import audit, sessions
from intake.records.audit import AuditAction, Entity, Outcome

NAME_LENGTH: Final = 200
EMAIL_LENGTH: Final = 254
NO_PASSWORD: Final = ""
"""What stands for the hash of a password until whoever was invited has chosen one; it fits nothing."""

_EMAIL: Final = re.compile(r"[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+")  # visible ASCII: no two addresses look or count as one
_UNSEEN: Final = {"Cc", "Cf"}  # Unicode's control and format characters: they turn text around, or are not seen at all


class Role(StrEnum):
    """What an account may do: a clinician reads responses, an admin exports and looks after accounts."""

    CLINICIAN = "clinician"
    ADMIN = "admin"


class State(StrEnum):
    """Whether an account can be used: not yet, now, or not any more."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of staff, as loaded."""

    id: str
    email: str
    name: str
    roles: frozenset[Role]
    state: State

    @property
    def active(self) -> bool:
        """Whether the account may be used."""
        return self.state is State.ACTIVE

    @property
    def role_words(self) -> str:
        """The roles in one text, in the order of `Role`."""
        return words_of(self.roles)


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
    """What cannot be done to an account; its one line says what to do, and `field` is the control it is about."""

    def __init__(self, words: str, field: str = "account") -> None:
        super().__init__(words)
        self.field = field


class NoSuchAccount(StaffError):
    """Nobody has this address or id."""


class NotAnAdmin(Exception):
    """Whoever asked was disabled, or lost the role, while asking."""


def begin(session: Session, agent: Agent) -> None:
    """Begin a deed on an account: alone (see `hold`), and by somebody who still is an admin. Raises NotAnAdmin."""
    hold(session)
    if agent == COMMAND_LINE:
        return
    asking = by_id(session, agent.id)
    if asking is None or Role.ADMIN not in asking.roles:
        raise NotAnAdmin


def add(
    session: Session,
    *,
    email: str,
    name: str,
    roles: Collection[Role],
    password_hash: str,
    agent: Agent = COMMAND_LINE,
    now: datetime,
) -> Member:
    """Add an account. Raises StaffError for an address that is none or is taken, and for no role at all."""
    email = normalise_email(email)
    if not roles:
        raise StaffError("Give the account a role: --role clinician or --role admin.")
    if find(session, email) is not None:
        raise taken(email)
    user = new_row(session, email=email, name=name, roles=roles, password_hash=password_hash, now=now)
    record(session, AuditAction.ACCOUNT_ADDED, user.id, agent, now)
    return member_of(session, user)


def set_active(session: Session, who: str, active: bool, *, agent: Agent = COMMAND_LINE, now: datetime) -> Member:
    """Enable or disable an account, named by its address or id. Disabling ends at once its sessions, its open link,
    links that it made for others and what it asked for. Raises StaffError: nobody disables their own account, and one
    admin always stays.
    """
    begin(session, agent)
    user = known(session, who)
    if user.id == agent.id:
        raise StaffError("Nobody disables their own account; ask another admin.")
    if user.password_hash == NO_PASSWORD:
        raise StaffError(f"{user.name} has not chosen a password yet; take the invite back, or make a new one.")
    user.active = active
    session.flush()
    if not active:
        keep_an_admin(session, member_of(session, user))
        withdraw(session, user.id)
        end_link_of(session, user.id)
        end_request_of(session, user.id, agent, now, "withdrawn as the account was disabled")
        sessions.close_all(session, user.id)
    record(session, AuditAction.ACCOUNT_ENABLED if active else AuditAction.ACCOUNT_DISABLED, user.id, agent, now)
    return member_of(session, user)


def set_password(
    session: Session, who: str, password_hash: str, *, agent: Agent = COMMAND_LINE, now: datetime
) -> Member:
    """Give an account another password from the shell; its sessions and its link end, the invite of somebody who never
    came included, who may sign in from now on. So do links that it made and what it asked for: somebody else may have
    had it. Raises StaffError.
    """
    begin(session, agent)
    user = known(session, who)
    user.active = user.active or user.password_hash == NO_PASSWORD
    put_password(session, user, password_hash, now)
    end_link_of(session, user.id)
    withdraw(session, user.id)
    custodians.clear(session, user.id)
    record(session, AuditAction.PASSWORD_RESET, user.id, agent, now)
    return member_of(session, user)


def change_own_password(session: Session, member: Member, present: str, password_hash: str, *, now: datetime) -> None:
    """Take another password from the person themselves; all their sessions end. `present` is the hash that theirs was
    found to fit.

    Raises StaffError if the account was changed since.
    """
    if not still_fits(session, member.id, present):
        raise StaffError("This account was changed in the meantime. Sign in again, then change the password.")
    user = known(session, member.id)
    put_password(session, user, password_hash, now)
    end_link_of(session, user.id)
    record(session, AuditAction.PASSWORD_CHANGED, user.id, agent_of(member), now)


def end_sessions(session: Session, who: str, *, agent: Agent, now: datetime) -> int:
    """End every session of an account; gives how many there were. Raises StaffError."""
    begin(session, agent)
    user = known(session, who)
    ended = sessions.close_all(session, user.id)
    record(session, AuditAction.SESSIONS_ENDED, user.id, agent, now)
    return ended


def end_own_other_sessions(session: Session, member: Member, token: str, *, now: datetime) -> int:
    """End every session of one's own but that of this token; gives how many there were."""
    ended = sessions.close_others(session, member.id, token)
    record(session, AuditAction.SESSIONS_ENDED, member.id, agent_of(member), now)
    return ended


def everyone(session: Session) -> list[Member]:
    """All accounts, by address."""
    return [member_of(session, user) for user in session.scalars(select(StaffUser).order_by(StaffUser.email))]


def anyone(session: Session) -> bool:
    """Whether there is any account."""
    return bool(session.scalar(select(exists().select_from(StaffUser))))


def by_id(session: Session, id: str) -> Member | None:
    """The account of this id, if it may be used."""
    rows = session.execute(_BY_ID, {"user_id": id}).all()
    if not rows:
        return None
    return Member(
        id, rows[0].email, rows[0].name, roles_of(row.role for row in rows if row.role is not None), State.ACTIVE
    )


def by_email(session: Session, email: str) -> tuple[Member, str | None] | None:
    """The account of this address with its password's hash, if it has one; disabled ones too."""
    user = find(session, email)
    return None if user is None else (member_of(session, user), user.password_hash or None)


def account(session: Session, id: str) -> Member:
    """The account of this id, disabled ones too. Raises NoSuchAccount."""
    return member_of(session, known(session, id))


def still_fits(session: Session, id: str, kept: str) -> bool:
    """Whether an account may be used and still has the password whose hash this is; held so until this transaction
    ends."""
    one = select(StaffUser.active, StaffUser.password_hash).where(StaffUser.id == id).with_for_update()
    row = session.execute(one).one_or_none()
    return row is not None and row.active and row.password_hash == kept


def record_sign_in(session: Session, member: Member | None, *, done: bool, now: datetime) -> None:
    """Record a sign-in, or one that was declined; an address nobody has is not kept, as it may be a password typed into
    the wrong box."""
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
    record(session, AuditAction.SIGN_OUT, member.id, agent_of(member), now)


def normalise_email(typed: str) -> str:
    """An address as it is kept: trimmed, in small letters, ASCII alone, as a browser sends it. Raises StaffError if it
    is none."""
    email = typed.strip().lower()
    if not typed.strip().isascii():
        raise StaffError(
            f"{_quoted(typed)} holds something other than the letters a to z, digits and signs, which may be "
            f"invisible. "
            "Type it anew, as name@example.org.",
            "email",
        )
    if len(email) > EMAIL_LENGTH or not _EMAIL.fullmatch(email):
        raise StaffError(f"{_quoted(typed)} is no email address; write it as name@example.org.", "email")
    return email


def roles_of(names: Iterable[str]) -> frozenset[Role]:
    """Roles by their names. Raises ValueError."""
    return frozenset(Role(name) for name in names)


def _quoted(typed: str) -> str:
    """What was typed, for a sentence: short, and without control characters."""
    return f"“{repr(typed.strip()[:80])[1:-1]}”"


def words_of(roles: Collection[Role]) -> str:
    """Roles in one text, in the order of `Role`."""
    return " and ".join(role.value for role in Role if role in roles) or "no role"


def agent_of(member: Member) -> Agent:
    """Somebody who does something to their own account, with all their roles."""
    return Agent(member.id, member.name, member.role_words)


# ---- for the verbs of `links` and `roles` ----


def hold(session: Session) -> None:
    """Let no other deed on accounts come between until this transaction ends.

    SQLite's writers are alone already; on PostgreSQL every account's row is locked, always in the same order. What was
    true before may have changed while this waited, so everything a deed rests on is read after it, by statements of its
    own.
    """
    session.execute(select(StaffUser.id).order_by(StaffUser.id).with_for_update()).all()


def find(session: Session, email: str) -> StaffUser | None:
    """The row of this address."""
    email = email.strip().lower()
    if not email.isprintable():
        return None  # nobody's, and PostgreSQL takes no NUL even to look for it
    return session.scalars(select(StaffUser).where(StaffUser.email == email)).one_or_none()


def known(session: Session, who: str) -> StaffUser:
    """The row of this address or id. Raises NoSuchAccount."""
    user = find(session, who) if "@" in who else session.get(StaffUser, who)
    if user is None:
        raise NoSuchAccount(f"Nobody has the address {_quoted(who)}; see “intake staff list”.")
    return user


def new_row(
    session: Session, *, email: str, name: str, roles: Collection[Role], password_hash: str, now: datetime
) -> StaffUser:
    """A new account's row; `email` is normalised. It may be used if it has a password. Raises StaffError if the address
    is taken."""
    active = password_hash != NO_PASSWORD
    user = StaffUser(
        email=email,
        name=tidy(name) or tidy(email),
        password_hash=password_hash,
        active=active,
        created_at=now,
        password_changed_at=now,
    )
    session.add(user)
    try:
        session.flush()
    except IntegrityError:  # on PostgreSQL somebody else's transaction may have added it since it was looked for
        raise taken(email) from None
    put_roles(session, user, roles)
    return user


def taken(email: str) -> StaffError:
    """What is said of an address that somebody has."""
    return StaffError(f"{email} has an account already. Find it in the list of accounts.", "email")


def tidy(name: str) -> str:
    """A name as it is kept: in one line, a space for whatever cannot be seen, not too long."""
    seen = "".join(" " if unicodedata.category(character) in _UNSEEN else character for character in name)
    return " ".join(seen.split())[:NAME_LENGTH]


def put_roles(session: Session, user: StaffUser, roles: Collection[Role]) -> None:
    """Let an account hold exactly these roles."""
    session.execute(delete(StaffRole).where(StaffRole.user_id == user.id))
    session.add_all(StaffRole(user_id=user.id, role=role.value) for role in roles)
    session.flush()


def put_password(session: Session, user: StaffUser, password_hash: str, now: datetime) -> None:
    """Let an account have this password; its sessions end."""
    user.password_hash, user.password_changed_at = password_hash, now
    session.flush()
    sessions.close_all(session, user.id)


def keep_an_admin(session: Session, changed: Member) -> None:
    """See that an admin is left who can sign in, after a change to an account that was one. Raises StaffError."""
    admins = select(StaffUser.id).join(StaffRole, StaffRole.user_id == StaffUser.id)
    left = session.execute(admins.where(StaffUser.active, StaffRole.role == Role.ADMIN.value)).first()
    if left is None and Role.ADMIN in changed.roles:
        raise StaffError("This is the last admin who can sign in; let somebody else be admin first.")


def withdraw(session: Session, id: str) -> None:
    """End what an account that is no admin any more, or was perhaps in other hands, had under way: links it made, what
    it asked for."""
    session.execute(delete(StaffLink).where(StaffLink.made_by == id))
    session.execute(delete(RoleRequest).where(RoleRequest.requested_by == id))


def end_link_of(session: Session, id: str) -> bool:
    """End the open link to an account's password; gives whether there was one."""
    ended = delete(StaffLink).where(StaffLink.user_id == id).returning(StaffLink.user_id)
    return session.execute(ended).first() is not None


def end_request_of(session: Session, id: str, agent: Agent, now: datetime, detail: str = "") -> bool:
    """End what waits for a second admin on an account, which keeps its roles; gives whether there was anything."""
    ended = (
        session.execute(delete(RoleRequest).where(RoleRequest.user_id == id).returning(RoleRequest.user_id)).first()
        is not None
    )
    if ended:
        record(session, AuditAction.ROLES_TURNED_AWAY, id, agent, now, detail)
    return ended


def member_of(session: Session, user: StaffUser) -> Member:
    """A row as the rest of the program knows it."""
    roles = session.scalars(select(StaffRole.role).where(StaffRole.user_id == user.id))
    state = State.INVITED if user.password_hash == NO_PASSWORD else State.ACTIVE if user.active else State.DISABLED
    return Member(user.id, user.email, user.name, roles_of(roles), state)


def record(session: Session, action: AuditAction, account: str, agent: Agent, now: datetime, detail: str = "") -> None:
    """Record a deed on an account."""
    audit.record(
        session,
        action,
        agent_id=agent.id,
        agent_name=agent.name,
        role=agent.role,
        entity_type=Entity.ACCOUNT,
        entity_id=account,
        detail=detail,
        now=now,
    )
