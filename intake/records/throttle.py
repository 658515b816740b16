"""Counts tries, so that guessing is slow. Who tries stands in the database only as a keyed hash.

A try is counted before the secret is compared, so that many at once are many; where it was right, the count is taken
back or forgotten: only failures are left. A clock set back lets nobody in earlier.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from intake.records.database import insert_if_new
from intake.records.keyring import Keyring
from intake.records.tables import THROTTLE


@dataclass(frozen=True, slots=True)
class Window:
    """So many tries in a window that begins with the first and lasts so long; then a wait until it is over."""

    tries: int
    lasts: timedelta

    def wait(self, row: Row[Any], now: datetime) -> timedelta:
        """How long the next try has to wait."""
        ends_at: datetime = row.ends_at
        return ends_at - now if row.tries >= self.tries else timedelta()

    def until(self, row: Row[Any], now: datetime) -> datetime:
        """When the count is forgotten, if one more is added now."""
        ends_at: datetime = row.ends_at
        return ends_at if row.tries else now + self.lasts


@dataclass(frozen=True, slots=True)
class Growing:
    """After so many tries a wait that doubles with each further one, up to the longest."""

    free: int
    first: timedelta
    longest: timedelta
    remembered: timedelta

    def wait(self, row: Row[Any], now: datetime) -> timedelta:
        """How long the next try has to wait."""
        if row.tries < self.free:
            return timedelta()
        doubled = min(row.tries - self.free, 32)  # more is longer than the longest
        last: datetime = row.ends_at - self.remembered
        wait: timedelta = min(self.longest, self.first * (1 << doubled))
        return last + wait - now

    def until(self, _row: Row[Any], now: datetime) -> datetime:
        """When the count is forgotten, if one more is added now."""
        return now + self.remembered


@dataclass(frozen=True, slots=True)
class Tries:
    """The tries of a thing by somebody (an address, an account, a device), and how many they may be."""

    what: str
    who: str
    limit: Window | Growing


def hit(sql: Connection, keyring: Keyring, counted: Collection[Tries], *, now: datetime) -> int:
    """Count one try under each of these, unless one of them has to wait: then none, and the seconds to wait are given,
    else 0. Keep the transaction also when the try is turned away."""
    rows = {one: _row(sql, keyring, one, now) for one in sorted(counted, key=lambda one: (one.what, one.who))}
    longest = max((one.limit.wait(row, now) for one, row in rows.items()), default=timedelta())
    if longest > timedelta():
        return max(1, math.ceil(longest.total_seconds()))
    for one, row in rows.items():
        changed = {"tries": row.tries + 1, "ends_at": one.limit.until(row, now)}
        sql.execute(update(THROTTLE).where(THROTTLE.c.key_hash == row.key_hash).values(changed))
    return 0


def take_back(sql: Connection, keyring: Keyring, one: Tries) -> None:
    """Let one try not count: the secret was right, others by the same address may have been guesses."""
    own = THROTTLE.c.key_hash == _key(keyring, one)
    sql.execute(update(THROTTLE).where(own, THROTTLE.c.tries > 0).values(tries=THROTTLE.c.tries - 1))


def forget(sql: Connection, keyring: Keyring, one: Tries) -> None:
    """Forget all tries: the secret was right, so that these were no guesses."""
    sql.execute(delete(THROTTLE).where(THROTTLE.c.key_hash == _key(keyring, one)))


def _key(keyring: Keyring, one: Tries) -> bytes:
    return keyring.mac("throttle", one.what, one.who)


def _row(sql: Connection, keyring: Keyring, one: Tries, now: datetime) -> Row[Any]:
    """What was counted, as none if that is forgotten by now; held until this transaction ends."""
    own = THROTTLE.c.key_hash == _key(keyring, one)
    # two that try at once both find a row to wait for
    insert_if_new(sql, THROTTLE, {"key_hash": _key(keyring, one), "ends_at": now, "tries": 0})
    row = sql.execute(select(THROTTLE).where(own).with_for_update()).one()
    if row.ends_at > now:
        return row
    _forget_overdue(sql, now, row.key_hash)
    return sql.execute(update(THROTTLE).where(own).values(tries=0, ends_at=now).returning(THROTTLE)).one()


def _forget_overdue(sql: Connection, now: datetime, own: bytes) -> None:
    """The other rows whose time is over, but for those that another try is at just now: nobody waits for anybody
    here."""
    wanted = (THROTTLE.c.ends_at < now, THROTTLE.c.key_hash != own)
    overdue = select(THROTTLE.c.key_hash).where(*wanted).with_for_update(skip_locked=True)
    sql.execute(delete(THROTTLE).where(THROTTLE.c.key_hash.in_(overdue)))
