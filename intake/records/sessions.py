"""Server-side sessions: a cookie is a random token, and only a row here gives it any meaning (security.md 3.4).

The patient's row belongs to a response, the staff's to an account. Deleting the row ends the session at once; a
patient's session loses its hold on the draft's key with it.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, func, insert, or_, select, update

from intake.records.cipher import written
from intake.records.data_keys import take_from_session, token_hash
from intake.records.database import may_write
from intake.records.errors import RowAltered
from intake.records.keyring import Keyring, at_hand
from intake.records.tables import SESSIONS


class SessionKind(StrEnum):
    """Whose browser it is."""

    PATIENT = "patient"
    OWNER = "owner"  # a patient who came back, by code and date of birth, to what was sent
    STAFF = "staff"
    HALF_WAY = "half-way"  # somebody gave the password of an account, and no second factor yet


@dataclass(frozen=True)
class SessionLimits:
    """How long a session lives without being used, and altogether."""

    idle: timedelta
    whole: timedelta


LIMITS: Final = {  # security.md R41
    SessionKind.PATIENT: SessionLimits(idle=timedelta(minutes=60), whole=timedelta(hours=24)),
    SessionKind.OWNER: SessionLimits(idle=timedelta(minutes=15), whole=timedelta(hours=1)),
    SessionKind.STAFF: SessionLimits(idle=timedelta(minutes=15), whole=timedelta(hours=8)),
    SessionKind.HALF_WAY: SessionLimits(idle=timedelta(minutes=15), whole=timedelta(minutes=15)),
}
COUNTS_AS: Final = {SessionKind.OWNER: SessionKind.PATIENT}
"""What a kind of session may do beside its own: the owner of what was sent, all that its patient may."""
TOUCH_AFTER: Final = timedelta(seconds=60)
"""How old the last sign of life gets before a request writes a new one: reading pages costs no write each."""


@dataclass(frozen=True)
class WebSession:
    """An open session of a response or an account; `fresh_at` is when its owner last gave the password or code."""

    kind: SessionKind
    owner: str
    created_at: datetime
    seen_at: datetime
    fresh_at: datetime

    def is_stale(self, now: datetime) -> bool:
        """Is the last sign of life so old that a new one is to be written?"""
        return now - self.seen_at > TOUCH_AFTER


OF_TOKEN: Final = SESSIONS.c.token_sha256 == bindparam("token")
"""The session of a token, for a statement that finds more with it; `found` makes the session of its `COLUMNS`."""
SIGNED: Final = ("token_sha256", "kind", "owner", "created_at", "seen_at", "fresh_at")
COLUMNS: Final = (*SIGNED, "mac")

_INSERT: Final = insert(SESSIONS)
_FIND: Final = select(SESSIONS).where(OF_TOKEN)
_PUT: Final = (
    update(SESSIONS).where(OF_TOKEN).values({name: bindparam(f"new_{name}") for name in ("seen_at", "fresh_at", "mac")})
)


def new_token() -> str:
    """A session token: 256 random bits, safe in a cookie."""
    return secrets.token_urlsafe(32)


def open(sql: Connection, token: str, *, kind: SessionKind, owner: str, now: datetime) -> None:
    """Begin a session for a token that was never used before."""
    moments = dict.fromkeys(("created_at", "seen_at", "fresh_at"), now)
    row = {"token_sha256": token_hash(token), "kind": kind.value, "owner": owner, **moments}
    sql.execute(_INSERT, row | {"mac": mac_of(at_hand(sql), row)})


def mac_of(keyring: Keyring, row: Mapping[str, Any]) -> bytes:
    """What a session's row bears: a keyed MAC over all of it, so that a row of another's making opens nothing."""
    return keyring.mac("web session", *(written(row[name]) for name in SIGNED))


def find(sql: Connection, token: str, *, kind: SessionKind, now: datetime) -> WebSession | None:
    """The open session of this token; None if there is none or its time is over. Writes nothing. Raises RowAltered."""
    row = sql.execute(_FIND, {"token": token_hash(token)}).one_or_none()
    return None if row is None else found(sql, row, kind=kind, now=now)


def found(sql: Connection, row: Row[Any], *, kind: SessionKind, now: datetime) -> WebSession | None:
    """The session in a row that holds its columns; None if it is of another kind, and counts as none such, or its time
    is over. Raises RowAltered."""
    if not hmac.compare_digest(row.mac or b"", mac_of(at_hand(sql), row._asdict())):
        raise RowAltered
    there = SessionKind(row.kind)
    over = now - row.seen_at > LIMITS[there].idle or now - row.created_at > LIMITS[there].whole
    if over or kind not in (there, COUNTS_AS.get(there)):
        return None
    return WebSession(there, row.owner, row.created_at, row.seen_at, row.fresh_at)


def keep_alive(sql: Connection, session: WebSession, token: str, *, now: datetime) -> WebSession:
    """The session with a new sign of life, if it needs one and this is a transaction that writes anyway."""
    if not may_write(sql) or not session.is_stale(now):
        return session
    return _put(sql, replace(session, seen_at=now), token)


def freshen(sql: Connection, session: WebSession, token: str, *, now: datetime) -> WebSession:
    """The session, of which the owner gave the password again just now."""
    return _put(sql, replace(session, seen_at=now, fresh_at=now), token)


def _put(sql: Connection, session: WebSession, token: str) -> WebSession:
    """Keep a session as it is now."""
    moments = {name: getattr(session, name) for name in ("created_at", "seen_at", "fresh_at")}
    row = {"token_sha256": token_hash(token), "kind": session.kind.value, "owner": session.owner, **moments}
    new = {"new_seen_at": session.seen_at, "new_fresh_at": session.fresh_at, "new_mac": mac_of(at_hand(sql), row)}
    sql.execute(_PUT, {"token": row["token_sha256"]} | new)
    return session


def hand_over(sql: Connection, owner: str, to: str) -> None:
    """Let every patient's session of one response be of another's from now on; a row that is not of our making goes."""
    keyring = at_hand(sql)
    for row in sql.execute(select(SESSIONS).where(SESSIONS.c.owner == owner)).all():
        mine, held = SESSIONS.c.token_sha256 == row.token_sha256, row._asdict()
        is_ours = hmac.compare_digest(row.mac or b"", mac_of(keyring, held))
        if is_ours and row.kind == SessionKind.PATIENT:
            changes = {"owner": to, "mac": mac_of(keyring, held | {"owner": to})}
            sql.execute(update(SESSIONS).where(mine).values(**changes))
        else:
            sql.execute(delete(SESSIONS).where(mine))


def close(sql: Connection, token: str) -> None:
    """End one session; a token that has none is fine."""
    _close(sql, SESSIONS.c.token_sha256 == token_hash(token))


def close_all(sql: Connection, owner: str) -> int:
    """End every session of a response or an account; gives how many there were."""
    return _close(sql, SESSIONS.c.owner == owner)


def close_others(sql: Connection, owner: str, token: str) -> int:
    """End every session of an owner but the one of this token; gives how many there were."""
    return _close(sql, (SESSIONS.c.owner == owner) & (SESSIONS.c.token_sha256 != token_hash(token)))


def count_open(sql: Connection, kind: SessionKind, *, now: datetime) -> dict[str, int]:
    """How many sessions are open, by owner."""
    of_kind = (SESSIONS.c.kind == kind.value) & ~_overdue(kind, now)
    return dict(sql.execute(select(SESSIONS.c.owner, func.count()).where(of_kind).group_by(SESSIONS.c.owner)).all())


def close_overdue(sql: Connection, *, now: datetime) -> int:
    """End every session whose time is over, but for those that somebody is at just now: nobody waits for anybody here.
    Gives how many there were."""
    over = select(SESSIONS.c.token_sha256).where(or_(*(_overdue(kind, now) for kind in SessionKind)))
    return _close(sql, SESSIONS.c.token_sha256.in_(over.with_for_update(skip_locked=True)))


def _overdue(kind: SessionKind, now: datetime) -> ColumnElement[bool]:
    past = (SESSIONS.c.seen_at < now - LIMITS[kind].idle) | (SESSIONS.c.created_at < now - LIMITS[kind].whole)
    return (SESSIONS.c.kind == kind.value) & past


def _close(sql: Connection, which: ColumnElement[bool]) -> int:
    closed = sql.execute(delete(SESSIONS).where(which).returning(SESSIONS)).all()
    for row in closed:
        if row.kind == SessionKind.PATIENT.value:
            take_from_session(sql, row.owner, row.token_sha256)
    return len(closed)
