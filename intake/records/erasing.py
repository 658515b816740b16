"""Erasing: one response with all that is kept of it, by somebody and for a reason; and the hold that forbids it.

The trail keeps that it was erased, as a tombstone. A line in the file of erasures, outside the database, keeps an older
backup from bringing it back (security.md 3.13). A hold stands in the trail alone: the last word there counts.
"""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, exists, func, select

from intake.records import audit, codes
from intake.records.audit import COMMAND_LINE, Agent, AuditAction, Entity
from intake.records.errors import ErasedBefore, FolderUnusable, NoSuchReference, NoSuchResponse, UnderLegalHold
from intake.records.keyring import Keyring, at_hand
from intake.records.tables import EVENTS, IN_PROGRESS, RESPONSES

REASON_LENGTH: Final = 300
_REASON_AFTER: Final = "; "

_OF_HOLDS: Final = (
    EVENTS.c.entity_type == Entity.RESPONSE.value,
    EVENTS.c.entity_id == RESPONSES.c.id,
    EVENTS.c.action.in_((AuditAction.HELD.value, AuditAction.RELEASED.value)),
)
_LAST_OF_HOLDS: Final = select(func.max(EVENTS.c.n)).where(*_OF_HOLDS).correlate(RESPONSES).scalar_subquery()
IS_HELD: Final[ColumnElement[bool]] = exists().where(
    EVENTS.c.n == _LAST_OF_HOLDS, EVENTS.c.action == AuditAction.HELD.value
)
"""Whether a response of a statement over RESPONSES is under a legal hold."""


def by_reference(sql: Connection, typed: str) -> str:
    """The id of the response of this reference, draft or sent. Raises ErasedBefore, NoSuchReference."""
    reference = codes.normalise_reference(typed)
    id = sql.scalar(select(RESPONSES.c.id).where(RESPONSES.c.reference == reference))
    if id is not None:
        return str(id)
    of_erasures = (EVENTS.c.entity_type == Entity.RESPONSE.value, EVENTS.c.action == AuditAction.ERASE.value)
    when = sql.scalar(
        select(EVENTS.c.recorded_at).where(*of_erasures, EVENTS.c.detail.startswith(f"{reference}{_REASON_AFTER}"))
    )
    if reference is not None and when is not None:
        raise ErasedBefore(reference, when.date().isoformat())
    raise NoSuchReference(typed[:20])


def erase(sql: Connection, id: str, agent: Agent, *, reason: str, now: datetime) -> None:
    """Erase a response with its keys, its code and its place in the queue; of one that was sent the trail keeps the
    reference. Raises NoSuchResponse, UnderLegalHold, FolderUnusable; then nothing was erased."""
    if is_held(sql, id):
        raise UnderLegalHold
    if (reference := _gone(sql, id)) is None:
        raise NoSuchResponse
    detail = f"{reference}{_REASON_AFTER}{reason}"
    audit.record(sql, AuditAction.ERASE, agent, audit.response(id), detail=detail, now=now)
    keyring = at_hand(sql)
    if keyring.erasures:
        _note(keyring.erasures, f"{_mark(keyring, id)} {now.isoformat(timespec='seconds')}\n")


def erase_again(sql: Connection, id: str, *, now: datetime) -> None:
    """Erase what an older backup brought back, whatever stands in the trail of then."""
    detail = f"{_gone(sql, id) or ''}{_REASON_AFTER}erased before; an older backup had brought it back"
    audit.record(sql, AuditAction.ERASE, COMMAND_LINE, audit.response(id), detail=detail, now=now)


def _gone(sql: Connection, id: str) -> str | None:
    """Take a response's row away, and those of drafts that would correct it; gives the reference that the trail keeps,
    empty for a draft's, None if there was no such row."""
    end_corrections(sql, id)
    erased = delete(RESPONSES).where(RESPONSES.c.id == id).returning(RESPONSES.c.reference, RESPONSES.c.status)
    row = sql.execute(erased).one_or_none()
    return None if row is None else row.reference if row.status != IN_PROGRESS else ""


def end_corrections(sql: Connection, id: str) -> None:
    """Take the drafts away that would correct a response; one that is under a hold stays, and opens for nobody."""
    sql.execute(delete(RESPONSES).where(RESPONSES.c.corrects == id, RESPONSES.c.status == IN_PROGRESS, ~IS_HELD))


def erased_reference(detail: str) -> str:
    """The reference in the detail of an event that something was erased; empty for a draft."""
    return detail.partition(_REASON_AFTER)[0]


def is_held(sql: Connection, id: str) -> bool:
    """Is a response under a legal hold?"""
    return bool(sql.scalar(select(exists().where(RESPONSES.c.id == id, IS_HELD).correlate_except(RESPONSES, EVENTS))))


def hold(sql: Connection, id: str, agent: Agent, *, reason: str, now: datetime) -> None:
    """Let nothing erase a response until it is released; that it is held already is no fault."""
    audit.record(sql, AuditAction.HELD, agent, audit.response(id), detail=reason, now=now)


def release(sql: Connection, id: str, agent: Agent, *, reason: str, now: datetime) -> None:
    """End a hold; that there is none is no fault."""
    audit.record(sql, AuditAction.RELEASED, agent, audit.response(id), detail=reason, now=now)


# -- the file outside --------------------------------------------------------------------------------------------------


def was_erased(keyring: Keyring, path: Path, ids: Iterable[str]) -> list[str]:
    """Which of these ids the file of erasures names. Raises OSError."""
    named = {line.split()[0] for line in path.read_text(encoding="ascii").splitlines() if line.strip()}
    return [id for id in ids if _mark(keyring, id) in named]


def _mark(keyring: Keyring, id: str) -> str:
    return keyring.mac("erasure", id).hex()


def _note(path: Path, line: str) -> None:
    """Before the deed is committed: what is erased must not come back, and a line too many erases nothing more."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line.encode())
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise FolderUnusable(path.parent) from error
