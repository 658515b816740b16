"""Which key wraps what was sent: counted, wrapped anew under the key in use, and tried one by one."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, Select, select, update

from intake.records import data_keys
from intake.records.cipher import key_id_of
from intake.records.database import reading, transaction
from intake.records.errors import CannotOpen
from intake.records.keyring import Keyring
from intake.records.tables import DATA_KEYS, RESPONSES

BATCH: Final = 500
_WRAPS: Final[Select[Any]] = (
    select(DATA_KEYS.c.response_id, DATA_KEYS.c.wrapped, RESPONSES.c.reference)
    .join(RESPONSES, RESPONSES.c.id == DATA_KEYS.c.response_id)
    .where(DATA_KEYS.c.holder == data_keys.KEYRING)
    .order_by(DATA_KEYS.c.response_id)
    .limit(BATCH)
)


def counts(engine: Engine) -> dict[str, int]:
    """How many sent responses each key wraps, by its id."""
    found: dict[str, int] = {}
    for row in _wraps(engine):
        id = key_id_of(row.wrapped).decode("ascii", "replace")
        found[id] = found.get(id, 0) + 1
    return found


def rewrap(engine: Engine, keyring: Keyring, *, batch: int = BATCH) -> tuple[int, list[str]]:
    """Wrap under the key in use whatever an older one wraps, in short transactions; gives how many were, and the
    references of those that do not open. A killed one goes on."""
    done, closed, after = 0, [], ""
    while True:
        with transaction(engine) as sql:
            rows = sql.execute(_WRAPS.where(DATA_KEYS.c.response_id > after).limit(batch)).all()
            for row in rows:
                try:
                    done += _rewrapped(sql, keyring, row)
                except CannotOpen:
                    closed.append(row.reference)
        if len(rows) < batch:
            return done, closed
        after = rows[-1].response_id


def unopened(engine: Engine, keyring: Keyring) -> list[str]:
    """The references of sent responses whose key the keyring does not open."""
    closed = []
    for row in _wraps(engine):
        try:
            data_keys.by_keyring(row.wrapped, row.response_id, keyring)
        except CannotOpen:
            closed.append(row.reference)
    return closed


def _rewrapped(sql: Connection, keyring: Keyring, row: Row[Any]) -> bool:
    if key_id_of(row.wrapped).decode("ascii", "replace") == keyring.active["kek"]:
        return False
    wrapped = data_keys.for_keyring(
        keyring, row.response_id, data_keys.by_keyring(row.wrapped, row.response_id, keyring)
    )
    as_read = (DATA_KEYS.c.response_id == row.response_id, DATA_KEYS.c.wrapped == row.wrapped)
    sql.execute(update(DATA_KEYS).where(*as_read).values(wrapped=wrapped))
    return True


def _wraps(engine: Engine) -> Iterator[Row[Any]]:
    after = ""
    while True:
        with reading(engine) as sql:
            rows = sql.execute(_WRAPS.where(DATA_KEYS.c.response_id > after)).all()
        yield from rows
        if len(rows) < BATCH:
            return
        after = rows[-1].response_id
