"""An installation from before 0.5 is brought under the seals of today: once, when it is first opened.

Only then is what bears no seal believed. That it is over says the file of erasures, which stands outside the database:
afterwards a row of the old kind is somebody's forgery, and refused. A draft is sealed anew at its next save, as only
its patient opens it.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, select, text, update

from intake.records import chain, data_keys, sessions
from intake.records.chain import Head
from intake.records.cipher import key_id_of
from intake.records.database import one_at_a_time, transaction
from intake.records.errors import CannotOpen, FolderUnusable
from intake.records.keyring import Keyring
from intake.records.sealed import CONTENT, FIRST_KEY_ID, HEADER, NOTE, SUMMARY
from intake.records.sent import IS_SENT, KEYRING_HOLDS
from intake.records.tables import DATA_KEYS, EVENTS, RESPONSES, REVIEWS, SESSIONS, SUMMARIES

BATCH: Final = 200
_ALSO: Final[list[Callable[[Connection], None]]] = []
_UPDATES_ALLOWED: Final = {
    "sqlite": ("DROP TRIGGER audit_event_no_update",),
    "postgresql": ("ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_change",),
}
_UPDATES_REFUSED: Final = {
    "sqlite": (
        "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, 'audit events are "
        "never changed'); END",
    ),
    "postgresql": ("ALTER TABLE audit_event ENABLE TRIGGER audit_event_no_change",),
}


def also(step: Callable[[Connection], None]) -> Callable[[Connection], None]:
    """Let a floor above seal its own rows with these."""
    _ALSO.append(step)
    return step


def seal_anew(engine: Engine, keyring: Keyring) -> None:
    """Seal what is not sealed as of today, unless that was done before; a killed one goes on. Raises FolderUnusable."""
    if keyring.erasures is None or keyring.trail_head is None or keyring.erasures.exists():
        return
    with transaction(engine) as sql:
        one_at_a_time(sql)
        head = _chain_events(sql, keyring)
        for row in sql.execute(select(SESSIONS)).all():
            own = SESSIONS.c.token_sha256 == row.token_sha256
            sql.execute(update(SESSIONS).where(own).values(mac=sessions.mac_of(keyring, row._asdict())))
        for step in _ALSO:
            step(sql)
    after = ""
    while ids := _next(engine, after):
        with transaction(engine) as sql:
            for id in ids:
                _seal_response(sql, keyring, id)
        after = ids[-1]
    try:
        chain.note(keyring.trail_head, head)
        begin_erasures(keyring.erasures)
    except OSError as error:
        raise FolderUnusable(keyring.erasures.parent) from error


def begin_erasures(path: Path) -> None:
    """Make the file of erasures, empty and synced. Raises OSError."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _chain_events(sql: Connection, keyring: Keyring) -> Head:
    head = Head(0, chain.FIRST)
    with _events_open(sql):
        for row in sql.execute(select(EVENTS).order_by(EVENTS.c.n)).all():
            head = Head(row.n, chain.mac_of(keyring, row._asdict(), head.mac))
            sql.execute(update(EVENTS).where(EVENTS.c.n == row.n).values(mac=head.mac))
    return head


@contextmanager
def _events_open(sql: Connection) -> Iterator[None]:
    """The trigger that keeps events from being changed, away for the block; all in one transaction."""
    for statement in _UPDATES_ALLOWED[sql.dialect.name]:
        sql.execute(text(statement))
    yield
    for statement in _UPDATES_REFUSED[sql.dialect.name]:
        sql.execute(text(statement))


def _next(engine: Engine, after: str) -> list[str]:
    with transaction(engine) as sql:
        wanted = select(RESPONSES.c.id).where(IS_SENT, RESPONSES.c.id > after)
        return list(sql.scalars(wanted.order_by(RESPONSES.c.id).limit(BATCH)))


def _seal_response(sql: Connection, keyring: Keyring, id: str) -> None:
    """One that does not open stays as it is: it is named wherever somebody comes upon it."""
    wanted = (
        select(
            RESPONSES,
            DATA_KEYS.c.wrapped,
            SUMMARIES.c.content.label("summary"),
            *(REVIEWS.c[name] for name in ("reviewer_id", "reviewer_name", "reviewed_at", "note")),
        )
        .select_from(RESPONSES)
        .outerjoin(DATA_KEYS, KEYRING_HOLDS)
        .outerjoin(SUMMARIES, SUMMARIES.c.response_id == RESPONSES.c.id)
        .outerjoin(REVIEWS, REVIEWS.c.response_id == RESPONSES.c.id)
        .where(RESPONSES.c.id == id)
        .with_for_update(of=RESPONSES)
    )
    row = sql.execute(wanted).one_or_none()
    if row is None or key_id_of(row.content) != FIRST_KEY_ID:
        return
    try:
        data_key = data_keys.by_keyring(row.wrapped, id, keyring)
        parts = ((CONTENT, row.content), (HEADER, row.header), (SUMMARY, row.summary))
        content, header, summary = (part.unseal_first(data_key, blob, row) for part, blob in parts)
        note = None if row.note is None else NOTE.unseal_first(data_key, row.note, row)
    except CannotOpen:
        return
    sealed = {"content": CONTENT.seal(data_key, content, row), "header": HEADER.seal(data_key, header, row)}
    sql.execute(update(RESPONSES).where(RESPONSES.c.id == id).values(**sealed))
    sealed_summary = SUMMARY.seal(data_key, summary, row)
    sql.execute(update(SUMMARIES).where(SUMMARIES.c.response_id == id).values(content=sealed_summary))
    if note is not None:
        sql.execute(update(REVIEWS).where(REVIEWS.c.response_id == id).values(note=NOTE.seal(data_key, note, row)))
