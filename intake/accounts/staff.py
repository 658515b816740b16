"""The staff: who they are and which roles they hold. Verbs take the connection first and record what they did.

What an admin does to an account begins with `begin_on`, which lets no other such deed come between and sees that the
admin still is one. Roles of an account change in `roles`, its password by a link in `links`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from intake.accounts import custody
from intake.accounts.seals import CHANGES, NEWEST, is_whole, seal, stands_as_written
from intake.accounts.tables import HOLDERS, LINKS, REQUESTS, ROLES, USERS
from intake.questionnaire.unseen import pasted_email
from intake.records import audit, codes, sessions
from intake.records.audit import COMMAND_LINE, Agent, AuditAction, Entity, Outcome, Subject
from intake.records.data_keys import token_hash
from intake.records.errors import RowAltered
from intake.records.keyring import at_hand
from intake.records.sessions import SessionKind, WebSession
from intake.records.tables import SESSIONS

NAME_LENGTH: Final = 200
ROLE_LENGTH: Final = 20  # of the trail's column
EMAIL_LENGTH: Final = 254
NO_PASSWORD: Final = ""
"""What stands for the hash of a password until whoever was invited has chosen one; it fits nothing."""

_EMAIL: Final = re.compile(r"[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+")  # visible ASCII: no two addresses look or count as one
_UNSEEN: Final = {"Cc", "Cf"}  # Unicode's control and format characters: they turn text around, or are not seen at all


class Role(StrEnum):
    """What an account may do: a clinician reads responses, an admin exports and looks after accounts, an auditor reads
    the trail."""

    CLINICIAN = "clinician"
    ADMIN = "admin"
    AUDITOR = "auditor"


class State(StrEnum):
    """Whether an account can be used: not yet, now, or not any more."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"
    ALTERED = "altered"  # changed by something other than this program, and so of no use


@dataclass(frozen=True, slots=True)
class Member:
    """One member of staff, as loaded."""

    id: str
    email: str
    name: str
    roles: frozenset[Role]
    state: State
    second_factor: bool = False

    @property
    def active(self) -> bool:
        """Whether the account may be used."""
        return self.state is State.ACTIVE

    @property
    def role_words(self) -> str:
        """The roles in one text, in the order of `Role`."""
        return words_of(self.roles)

    def acting_as(self, role: Role | None = None) -> Agent:
        """As the trail names them, in one of their roles; with all of them for a deed to their own account."""
        if role:
            return Agent(self.id, self.name, role.value)
        words = "every role" if self.roles == frozenset(Role) else ", ".join(one for one in Role if one in self.roles)
        return Agent(self.id, self.name, self.role_words if len(self.role_words) <= ROLE_LENGTH else words)


_IN_USE: Final = (
    select(
        *(column.label(f"account_{column.name}") for column in USERS.c),
        ROLES.c.role,
        HOLDERS.c.hand_id,
        NEWEST.label("newest"),
    )
    .select_from(USERS)
    .outerjoin(ROLES, ROLES.c.user_id == USERS.c.id)
    .outerjoin(HOLDERS, HOLDERS.c.user_id == USERS.c.id)
    .where(USERS.c.active)
)
_BY_ID: Final = _IN_USE.where(USERS.c.id == bindparam("user_id"))
# Asked before every staff page: one statement, made once.
_BY_TOKEN: Final = (
    _IN_USE.add_columns(*(SESSIONS.c[name] for name in sessions.COLUMNS))
    .join(SESSIONS, SESSIONS.c.owner == USERS.c.id)
    .where(sessions.OF_TOKEN)
)


class StaffError(Exception):
    """What cannot be done to an account; its one line says what to do, and `field` is the control it is about."""

    def __init__(self, words: str, field: str = "account") -> None:
        super().__init__(words)
        self.field = field


class NoSuchAccount(StaffError):
    """Nobody has this address or id."""


class NotAnAdmin(Exception):
    """Whoever asked was disabled, or lost the role, while asking."""


def begin(sql: Connection, agent: Agent) -> None:
    """Begin a deed on accounts: alone (see `hold`), and by somebody who still is an admin. Raises NotAnAdmin."""
    hold(sql)
    if agent == COMMAND_LINE:  # whoever has the shell may put right what was altered
        return
    try:
        asking = by_id(sql, agent.id)
    except RowAltered:
        asking = None
    if asking is None or Role.ADMIN not in asking.roles:
        raise NotAnAdmin


def begin_on(sql: Connection, who: str, agent: Agent) -> Row[Any]:
    """Begin a deed on the account of this address or id; gives its row. Raises NotAnAdmin, NoSuchAccount."""
    begin(sql, agent)
    user = known(sql, who)
    if agent != COMMAND_LINE:
        refuse_altered(sql, user)
    return user


def add(
    sql: Connection,
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
        raise StaffError("Give the account a role: --role clinician, admin or auditor.")
    user = new_row(sql, email=email, name=name, roles=roles, password_hash=password_hash, now=now)
    record(sql, AuditAction.ACCOUNT_ADDED, user.id, agent, now)
    return member_of(sql, user)


def set_active(sql: Connection, who: str, active: bool, *, agent: Agent = COMMAND_LINE, now: datetime) -> Member:
    """Enable or disable an account, named by its address or id. Disabling ends at once its sessions, its open link,
    links that it made and what it asked for. Raises StaffError: nobody disables their own account, one admin stays.
    """
    user = begin_on(sql, who, agent)
    if user.id == agent.id:
        raise StaffError("Nobody disables their own account; ask another admin.")
    if user.password_hash == NO_PASSWORD:
        raise StaffError(f"{user.name} has not chosen a password yet; take the invite back, or make a new one.")
    user = change(sql, user, active=active)
    if not active:
        keep_an_admin(sql, member_of(sql, user))
        withdraw(sql, user.id)
        end_link_of(sql, user.id)
        end_request_of(sql, user.id, agent, now, "withdrawn as the account was disabled")
        sessions.close_all(sql, user.id)
    record(sql, AuditAction.ACCOUNT_ENABLED if active else AuditAction.ACCOUNT_DISABLED, user.id, agent, now)
    return member_of(sql, user)


def set_password(
    sql: Connection, who: str, password_hash: str, *, agent: Agent = COMMAND_LINE, now: datetime
) -> Member:
    """Give an account another password from the shell; its sessions and its link end, the invite of somebody who never
    came included, who may sign in now. So do links that it made and what it asked for: somebody else may have had it.
    Raises StaffError."""
    user = begin_on(sql, who, agent)
    active = user.active or user.password_hash == NO_PASSWORD
    user = put_password(sql, user, password_hash, now, active=active)
    end_link_of(sql, user.id)
    withdraw(sql, user.id)
    custody.clear(sql, user.id)
    record(sql, AuditAction.PASSWORD_RESET, user.id, agent, now)
    return member_of(sql, user)


def change_own_password(sql: Connection, member: Member, present: str, password_hash: str, *, now: datetime) -> None:
    """Take another password from the person themselves; all their sessions end. Raises StaffError if the account was
    changed since their password was found to fit the hash `present`."""
    if not still_fits(sql, member.id, present):
        raise StaffError("This account was changed in the meantime. Sign in again, then change the password.")
    user = known(sql, member.id)
    put_password(sql, user, password_hash, now, active=user.active)
    end_link_of(sql, user.id)
    record(sql, AuditAction.PASSWORD_CHANGED, user.id, member.acting_as(), now)


def end_sessions(sql: Connection, who: str, *, agent: Agent, now: datetime) -> None:
    """End every session of an account. Raises StaffError."""
    user = begin_on(sql, who, agent)
    sessions.close_all(sql, user.id)
    record(sql, AuditAction.SESSIONS_ENDED, user.id, agent, now)


def end_own_other_sessions(sql: Connection, member: Member, token: str, *, now: datetime) -> None:
    """End every session of one's own but that of this token."""
    sessions.close_others(sql, member.id, token)
    record(sql, AuditAction.SESSIONS_ENDED, member.id, member.acting_as(), now)


def everyone(sql: Connection) -> list[Member]:
    """All accounts, by address."""
    return [member_of(sql, user) for user in sql.execute(select(USERS).order_by(USERS.c.email)).all()]


def emails(sql: Connection) -> dict[str, str]:
    """The address of every account, by its id."""
    return dict(sql.execute(select(USERS.c.id, USERS.c.email)).all())


def anyone(sql: Connection) -> bool:
    """Whether there is any account."""
    return bool(sql.scalar(select(exists().select_from(USERS))))


def by_id(sql: Connection, id: str) -> Member | None:
    """The account of this id, if it may be used. Raises RowAltered."""
    return _in_use(sql, sql.execute(_BY_ID, {"user_id": id}).all())


def by_token(
    sql: Connection, token: str, *, kind: SessionKind = SessionKind.STAFF, now: datetime
) -> tuple[WebSession, Member] | None:
    """The open session of this token and the account that it is of, if that may be used. Raises RowAltered."""
    rows = sql.execute(_BY_TOKEN, {"token": token_hash(token)}).all()
    session, member = rows and sessions.found(sql, rows[0], kind=kind, now=now), _in_use(sql, rows)
    return (session, member) if session and member else None


def by_email(sql: Connection, email: str) -> tuple[Member, str | None] | None:
    """The account of this address with its password's hash, if it has one; disabled ones too."""
    user = find(sql, email)
    return None if user is None else (member_of(sql, user), user.password_hash or None)


def account(sql: Connection, id: str) -> Member:
    """The account of this id, disabled ones too. Raises NoSuchAccount."""
    return member_of(sql, known(sql, id))


def still_fits(sql: Connection, id: str, kept: str) -> bool:
    """Whether an account may be used and still has the password of this hash; held so until this transaction ends."""
    one = select(USERS.c.active, USERS.c.password_hash).where(USERS.c.id == id).with_for_update()
    row = sql.execute(one).one_or_none()
    return row is not None and row.active and row.password_hash == kept


def record_sign_in(sql: Connection, member: Member, *, now: datetime) -> None:
    """Record that somebody signed in."""
    audit.record(sql, AuditAction.SIGN_IN, member.acting_as(), Subject(Entity.ACCOUNT, member.id), now=now)


def record_declined(
    sql: Connection, member: Member | None, address: str, *, by: Member | None = None, detail: str = "", now: datetime
) -> None:
    """Record that a password (or a code, as `detail` says) did not fit the account that was tried, by whoever is signed
    in, else by this address; an email nobody has is not kept: it may be a mistyped password."""
    account = Subject(Entity.ACCOUNT, member.id if member else "")
    if by is not None:
        agent, outcome = by.acting_as(), Outcome.DECLINED
        audit.record(sql, AuditAction.SIGN_IN_DECLINED, agent, account, outcome=outcome, detail=detail, now=now)
        return
    audit.record_stranger(sql, AuditAction.SIGN_IN_DECLINED, address, account, detail=detail, now=now)


def normalise_email(typed: str) -> str:
    """An address as it is kept: trimmed, in small letters, ASCII alone, as a browser sends it. Raises StaffError."""
    email = typed.strip().lower()
    if not typed.strip().isascii():
        raise StaffError(
            f"{_quoted(typed)} contains something other than the letters a to z, digits and punctuation, perhaps "
            "something invisible. Type it again, as name@example.org.",
            "email",
        )
    if len(email) > EMAIL_LENGTH or not _EMAIL.fullmatch(email):
        raise StaffError(f"{_quoted(typed)} is not an email address; write it as name@example.org.", "email")
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


# ---- for the verbs of `links` and `roles` ----


def hold(sql: Connection) -> None:
    """Let no other deed on accounts come between until this transaction ends.

    SQLite's writers are alone already; on PostgreSQL every account's row is locked, always in the same order. Much may
    have changed while this waited: everything a deed rests on is read after it, by statements of its own.
    """
    sql.execute(select(USERS.c.id).order_by(USERS.c.id).with_for_update()).all()


def find(sql: Connection, email: str) -> Row[Any] | None:
    """The row of this address, whatever a copy brought along (`pasted_email`)."""
    email = pasted_email(email)
    if not email.isprintable():
        return None  # nobody's, and PostgreSQL takes no NUL even to look for it
    return sql.execute(select(USERS).where(USERS.c.email == email)).one_or_none()


def known(sql: Connection, who: str) -> Row[Any]:
    """The row of this address or id. Raises NoSuchAccount."""
    user = find(sql, who) if "@" in who else sql.execute(select(USERS).where(USERS.c.id == who)).one_or_none()
    if user is None:
        raise NoSuchAccount(f"Nobody has the address {_quoted(who)}; see “intake staff list”.")
    return user


def new_row(
    sql: Connection, *, email: str, name: str, roles: Collection[Role], password_hash: str, now: datetime
) -> Row[Any]:
    """A new account's row, in use if it has a password; `email` is normalised. Raises StaffError if that is taken."""
    row: dict[str, Any] = {"id": codes.new_id(), "email": email, "name": tidy(name) or tidy(email)}
    row |= {"password_hash": password_hash, "active": password_hash != NO_PASSWORD}
    row |= {"created_at": now, "password_changed_at": now}
    try:
        user = sql.execute(insert(USERS).returning(USERS), row).one()
    except IntegrityError:
        raise taken(email) from None
    put_roles(sql, user, roles)
    return user


def taken(email: str) -> StaffError:
    """What is said of an address that somebody has."""
    return StaffError(f"{email} has an account already. Find it in the list of accounts.", "email")


def tidy(name: str) -> str:
    """A name as it is kept: in one line, a space for whatever cannot be seen, not too long."""
    seen = "".join(" " if unicodedata.category(character) in _UNSEEN else character for character in name)
    return " ".join(seen.split())[:NAME_LENGTH]


def put_roles(sql: Connection, user: Row[Any], roles: Collection[Role]) -> None:
    """Let an account hold exactly these roles."""
    sql.execute(delete(ROLES).where(ROLES.c.user_id == user.id))
    sql.execute(insert(ROLES), [{"user_id": user.id, "role": role.value} for role in roles])


def put_password(sql: Connection, user: Row[Any], password_hash: str, now: datetime, *, active: bool) -> Row[Any]:
    """Let an account have this password; its sessions end. Gives the row as it is now."""
    sessions.close_all(sql, user.id)
    return change(sql, user, password_hash=password_hash, password_changed_at=now, active=active)


def change(sql: Connection, user: Row[Any], **values: object) -> Row[Any]:
    """Let an account have these values; gives the row as it is now."""
    return sql.execute(update(USERS).where(USERS.c.id == user.id).values(**values).returning(USERS)).one()


def keep_an_admin(sql: Connection, changed: Member) -> None:
    """See that an admin is left who can sign in, after a change to an account that was one. Raises StaffError."""
    admins = select(USERS.c.id).join(ROLES, ROLES.c.user_id == USERS.c.id)
    left = sql.execute(admins.where(USERS.c.active, ROLES.c.role == Role.ADMIN.value)).first()
    if left is None and Role.ADMIN in changed.roles:
        raise StaffError("This is the last admin who can sign in; let somebody else be admin first.")


def withdraw(sql: Connection, id: str) -> None:
    """End the links made and the roles asked for by an account that is no admin any more, or was in others' hands."""
    sql.execute(delete(LINKS).where(LINKS.c.made_by == id))
    sql.execute(delete(REQUESTS).where(REQUESTS.c.requested_by == id))


def end_link_of(sql: Connection, id: str) -> bool:
    """End the open link to an account's password; gives whether there was one."""
    ended = delete(LINKS).where(LINKS.c.user_id == id).returning(LINKS.c.user_id)
    return sql.execute(ended).first() is not None


def end_request_of(sql: Connection, id: str, agent: Agent, now: datetime, detail: str = "") -> bool:
    """End what waits for a second admin on an account, which keeps its roles; gives whether there was anything."""
    ended = delete(REQUESTS).where(REQUESTS.c.user_id == id).returning(REQUESTS.c.user_id)
    if sql.execute(ended).first() is None:
        return False
    record(sql, AuditAction.ROLES_TURNED_AWAY, id, agent, now, detail)
    return True


def _in_use(sql: Connection, rows: Sequence[Any]) -> Member | None:
    """The account in rows of `_IN_USE`, one for each of its roles and holders. Raises RowAltered."""
    if not rows:
        return None
    user = {column.name: rows[0]._mapping[f"account_{column.name}"] for column in USERS.c}
    roles = {row.role for row in rows if row.role is not None}
    holders = {row.hand_id for row in rows if row.hand_id is not None}
    if not is_whole(at_hand(sql), user, roles, holders, rows[0].newest):
        raise RowAltered
    return _member(user, roles, State.ACTIVE)


def refuse_altered(sql: Connection, user: Row[Any]) -> None:
    """See that an account is as this program wrote it. Raises StaffError."""
    if member_of(sql, user).state is State.ALTERED:
        raise StaffError(
            "This account was changed by something other than this program, and opens nothing. Whoever runs the server "
            "can put it right: “intake staff”."
        )


def member_of(sql: Connection, user: Row[Any]) -> Member:
    """A row as the rest of the program knows it."""
    roles = sql.scalars(select(ROLES.c.role).where(ROLES.c.user_id == user.id)).all()
    state = State.INVITED if user.password_hash == NO_PASSWORD else State.ACTIVE if user.active else State.DISABLED
    if not stands_as_written(sql, user, roles):
        state = State.ALTERED
    return _member(user._asdict(), roles, state)


def _member(user: Mapping[str, Any], roles: Iterable[str], state: State) -> Member:
    return Member(user["id"], user["email"], user["name"], roles_of(roles), state, user["totp"] is not None)


def record(sql: Connection, action: AuditAction, account: str, agent: Agent, now: datetime, detail: str = "") -> None:
    """Record a deed on an account, as its last step; one that changed the account seals it."""
    audit.record(sql, action, agent, Subject(Entity.ACCOUNT, account), detail=detail, now=now)
    if action in CHANGES:
        seal(sql, account)
