"""Counts tries, so that guessing is slow. Who tries stands in the database only as a keyed hash.

A window begins with the first try and is as long as the caller says; a clock set back leaves it as it is.
"""

import math
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from intake.records.database import insert_if_new
from intake.records.keyring import Keyring
from intake.records.tables import THROTTLE


def hit(
    sql: Connection, keyring: Keyring, what: str, who: str, *, limit: int, window_seconds: int, now: datetime
) -> int:
    """Count one try of `what` by `who` (an address, an account). Gives 0 if it may go ahead, else the seconds to wait.

    Keep the transaction also when the try is turned away, and count before the secret is compared.
    """
    key = keyring.mac("throttle", what, who)
    own = THROTTLE.c.key_hash == key
    # two that try at once both find a row to wait for
    insert_if_new(sql, THROTTLE, {"key_hash": key, "ends_at": now, "tries": 0})
    row = sql.execute(select(THROTTLE.c.ends_at, THROTTLE.c.tries).where(own).with_for_update()).one()
    if row.ends_at <= now:
        _forget_overdue(sql, now)
        sql.execute(update(THROTTLE).where(own).values(ends_at=now + timedelta(seconds=window_seconds), tries=1))
        return 0
    if row.tries < limit:
        sql.execute(update(THROTTLE).where(own).values(tries=row.tries + 1))
        return 0
    remaining: timedelta = row.ends_at - now
    return max(1, math.ceil(remaining.total_seconds()))


def _forget_overdue(sql: Connection, now: datetime) -> None:
    """Rows whose window is over, but for those that another try is at just now: nobody waits for anybody here."""
    overdue = select(THROTTLE.c.key_hash).where(THROTTLE.c.ends_at < now).with_for_update(skip_locked=True)
    sql.execute(delete(THROTTLE).where(THROTTLE.c.key_hash.in_(overdue)))


def forget(sql: Connection, keyring: Keyring, what: str, who: str) -> None:
    """Forget the tries of `what` by `who`: the secret was right, so that these were no guesses."""
    sql.execute(delete(THROTTLE).where(THROTTLE.c.key_hash == keyring.mac("throttle", what, who)))
