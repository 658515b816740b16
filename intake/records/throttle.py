"""Counts tries, so that guessing is slow. Who tries stands in the database only as a keyed hash.

A window begins with the first try and is as long as the caller says; a clock set back leaves it as it is.
"""

import math
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from intake.records.keyring import Keyring
from intake.records.tables import ThrottleRecord, table_of

THROTTLE: Final = table_of(ThrottleRecord)


def hit(session: Session, keyring: Keyring, what: str, who: str, *, limit: int, window_seconds: int, now: datetime) -> int:
    """Count one try of `what` by `who` (an address, an account). Gives 0 if it may go ahead, else the seconds to wait, at least 1.

    Keep the transaction also when the try is turned away, and count before the secret is compared.
    """
    key = keyring.mac("throttle", what, who)
    row = session.execute(select(THROTTLE.c.ends_at, THROTTLE.c.tries).where(THROTTLE.c.key_hash == key).with_for_update()).one_or_none()
    if row is None or row.ends_at <= now:
        session.execute(delete(THROTTLE).where(THROTTLE.c.ends_at <= now))
        session.execute(insert(THROTTLE).values(key_hash=key, ends_at=now + timedelta(seconds=window_seconds), tries=1))
        return 0
    if row.tries < limit:
        session.execute(update(THROTTLE).where(THROTTLE.c.key_hash == key).values(tries=row.tries + 1))
        return 0
    remaining: timedelta = row.ends_at - now
    return max(1, math.ceil(remaining.total_seconds()))


def forget(session: Session, keyring: Keyring, what: str, who: str) -> None:
    """Forget the tries of `what` by `who`: the secret was right, so that these were no guesses."""
    session.execute(delete(THROTTLE).where(THROTTLE.c.key_hash == keyring.mac("throttle", what, who)))
