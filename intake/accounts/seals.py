"""Accounts, links and requests for roles under keyed MACs: what this program did not write opens nothing.

An account's MAC covers its row, its roles, who may have held its password, and the number of the event that changed it
last. So a role, a password or an account that somebody put into the database is refused, and so is an older row put
back: the trail knows of a later change (security.md T2).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, func, select, update

from intake.accounts.tables import HOLDERS, LINKS, REQUESTS, ROLES, USERS
from intake.records import sealing_anew
from intake.records.audit import AuditAction, Entity
from intake.records.cipher import written
from intake.records.keyring import Keyring, at_hand
from intake.records.tables import EVENTS

CHANGES: Final = frozenset(
    {
        *(AuditAction.ACCOUNT_ADDED, AuditAction.ACCOUNT_DISABLED, AuditAction.ACCOUNT_ENABLED),
        *(AuditAction.PASSWORD_RESET, AuditAction.PASSWORD_CHANGED),
        *(AuditAction.INVITED, AuditAction.INVITE_USED),
        *(AuditAction.ROLES_CHANGED, AuditAction.ROLES_CONFIRMED),
        *(AuditAction.SECOND_FACTOR_SET, AuditAction.SECOND_FACTOR_RESET),
        *(AuditAction.RECOVERY_CODE_USED, AuditAction.RECOVERY_CODES_MADE),
    }
)
"""What changes an account; each is recorded as the last step of the deed, and seals the account."""

NEWEST: Final = (
    select(func.max(EVENTS.c.n))
    .where(EVENTS.c.entity_type == Entity.ACCOUNT.value, EVENTS.c.entity_id == USERS.c.id, EVENTS.c.action.in_(CHANGES))
    .correlate(USERS)
    .scalar_subquery()
)
"""The number of the newest event that changed the account of a statement over USERS."""


FACTOR: Final = ("totp", "totp_step", "recovery")
"""The columns of the second factor. An account without one bears the MAC that it bore before there was any."""


def account_mac(keyring: Keyring, user: Mapping[str, Any], roles: Iterable[str], holders: Iterable[str]) -> bytes:
    """What an account's row bears."""
    own = (written(user[column.name]) for column in USERS.c if column.name not in ("mac", *FACTOR))
    factor = ["second factor", *(written(user[name]) for name in FACTOR)] if user["totp"] is not None else []
    return keyring.mac("staff account", *own, *sorted({*roles}), "held by", *sorted({*holders}), *factor)


def is_whole(
    keyring: Keyring, user: Mapping[str, Any], roles: Iterable[str], holders: Iterable[str], newest: int | None
) -> bool:
    """Whether an account is as this program wrote it, and as the trail knows it."""
    made = account_mac(keyring, user, roles, holders)
    return hmac.compare_digest(user["mac"] or b"", made) and user["event"] == newest


def stands_as_written(sql: Connection, user: Row[Any], roles: Iterable[str]) -> bool:
    """The same of a row of USERS whose roles were read."""
    holders = sql.scalars(select(HOLDERS.c.hand_id).where(HOLDERS.c.user_id == user.id)).all()
    newest = sql.scalar(select(NEWEST).select_from(USERS).where(USERS.c.id == user.id))
    return is_whole(at_hand(sql), user._asdict(), roles, holders, newest)


def seal(sql: Connection, id: str) -> None:
    """Let an account bear the MAC of what it is now."""
    own = USERS.c.id == id
    roles = sql.scalars(select(ROLES.c.role).where(ROLES.c.user_id == id)).all()
    holders = sql.scalars(select(HOLDERS.c.hand_id).where(HOLDERS.c.user_id == id)).all()
    newest = sql.scalar(select(NEWEST).select_from(USERS).where(own))
    user = sql.execute(update(USERS).where(own).values(event=newest).returning(USERS)).one()
    sql.execute(update(USERS).where(own).values(mac=account_mac(at_hand(sql), user._asdict(), roles, holders)))


def signed(sql: Connection, table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of LINKS or REQUESTS with its MAC."""
    return {**row, "mac": _row_mac(at_hand(sql), table, row)}


def is_signed(sql: Connection, table: Table, row: Row[Any]) -> bool:
    """Whether a row of LINKS or REQUESTS is as this program wrote it."""
    return hmac.compare_digest(row.mac or b"", _row_mac(at_hand(sql), table, row._asdict()))


def _row_mac(keyring: Keyring, table: Table, row: Mapping[str, Any]) -> bytes:
    return keyring.mac(table.name, *(written(row[column.name]) for column in table.c if column.name != "mac"))


@sealing_anew.also
def _everything(sql: Connection) -> None:
    """Seal what stands here from before 0.5."""
    for id in sql.scalars(select(USERS.c.id)).all():
        seal(sql, id)
    for table in (LINKS, REQUESTS):
        (key,) = table.primary_key.columns
        for row in sql.execute(select(table)).all():
            sql.execute(update(table).where(key == row._asdict()[key.name]).values(signed(sql, table, row._asdict())))
