"""The trail as a chain: each event's keyed MAC covers the one before it; the newest is noted outside the database.

Whoever writes the database without the keys can neither make an event nor hide one: a change, a gap, another order are
seen in the chain, a tail that was cut in the note (security.md 3.2).
"""

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Select, select, text

from intake.records.cipher import written
from intake.records.keyring import Keyring
from intake.records.tables import EVENTS

FIRST: Final = b""
"""What stands before the first event."""
_LOCK: Final = text("SELECT pg_advisory_xact_lock(:lock)")
_TRAIL_LOCK: Final = 0x747261696C  # PostgreSQL advisory lock “trail”; SQLite's writers are alone already
_COVERED: Final = tuple(column.name for column in EVENTS.c if column.name != "mac")
_LAST: Final[Select[Any]] = select(EVENTS.c.n, EVENTS.c.mac).order_by(EVENTS.c.n.desc()).limit(1)
_WIDTH: Final = 128  # bytes of the note: written at once and in place, so that it is never half of two


@dataclass(frozen=True, slots=True)
class Head:
    """The newest event: its number and its MAC."""

    n: int
    mac: bytes


def mac_of(keyring: Keyring, event: Mapping[str, Any], before: bytes) -> bytes:
    """The MAC (32 bytes) of an event that stands behind the one whose MAC is `before`."""
    return keyring.mac("trail", before.hex(), *(written(event[name]) for name in _COVERED))


def last(sql: Connection) -> Head:
    """The newest event, held so until this transaction ends: the next is this transaction's."""
    if sql.dialect.name == "postgresql":
        sql.execute(_LOCK, {"lock": _TRAIL_LOCK})
    row = sql.execute(_LAST).one_or_none()
    return Head(0, FIRST) if row is None else Head(row.n, row.mac or FIRST)


# -- the note outside --------------------------------------------------------------------------------------------------


def note(path: Path, head: Head) -> None:
    """Note the newest event, unless a newer one is noted already. Behind is right: the event was committed before.

    Not synced: what a power cut takes from the note leaves it behind. Raises OSError.
    """
    line = json.dumps({"n": head.n, "mac": head.mac.hex()}).encode()
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        noted = _read(os.pread(file, _WIDTH, 0))
        if noted is None or noted.n < head.n:
            os.pwrite(file, line.ljust(_WIDTH - 1) + b"\n", 0)
    finally:
        os.close(file)


def noted(path: Path) -> Head | None:
    """What was noted last; None if nothing was."""
    try:
        return _read(path.read_bytes())
    except FileNotFoundError:
        return None


def _read(line: bytes) -> Head | None:
    try:
        read = json.loads(line)
        return Head(int(read["n"]), bytes.fromhex(read["mac"]))
    except (ValueError, KeyError, TypeError):
        return None
