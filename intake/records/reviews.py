"""Reviews: a clinician marks a sent response as read, with a note, or takes the mark away."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from intake.records import audit, data_keys
from intake.records.audit import Agent, AuditAction
from intake.records.errors import AlreadyReviewed, CorrectedMeanwhile, NoSuchResponse, Withdrawn
from intake.records.keyring import Keyring
from intake.records.sealed import HEADER, NOTE
from intake.records.sent import IS_SENT, KEYRING_HOLDS
from intake.records.tables import AMENDED, DATA_KEYS, ENTERED_IN_ERROR, NEW, RESPONSES, REVIEWED, REVIEWS


def review(
    sql: Connection, keyring: Keyring, id: str, reviewer: Agent, *, note: str, now: datetime, seen: int | None = None
) -> None:
    """Mark a response as reviewed, with a note or “”; `seen` is the revision that the reviewer read.

    Raises AlreadyReviewed, CorrectedMeanwhile, Withdrawn, NoSuchResponse, CannotOpen.
    """
    row = locked(sql, id)
    if row.revision != seen and (seen is not None or row.status == AMENDED):
        raise CorrectedMeanwhile(row.revision)
    before = sql.execute(select(REVIEWS.c.reviewer_name).where(REVIEWS.c.response_id == id)).scalar_one_or_none()
    if before is not None:
        raise AlreadyReviewed(before)
    data_key = data_keys.by_keyring(row.wrapped, id, keyring)
    made = {"reviewer_id": reviewer.id, "reviewer_name": reviewer.name, "reviewed_at": now}
    sealed = NOTE.seal(data_key, {"note": note}, made | {"id": id})
    sql.execute(insert(REVIEWS), made | {"response_id": id, "note": sealed})
    _set_status(sql, row, REVIEWED, data_key)
    audit.record(sql, AuditAction.REVIEW, reviewer, audit.response(id), now=now)


def unreview(sql: Connection, keyring: Keyring, id: str, agent: Agent, *, now: datetime) -> bool:
    """Take the mark and its note away; False if there was none. Raises Withdrawn, NoSuchResponse, CannotOpen."""
    row = locked(sql, id)
    gone = sql.execute(delete(REVIEWS).where(REVIEWS.c.response_id == id).returning(REVIEWS.c.response_id)).all()
    if not gone:
        return False
    _set_status(sql, row, NEW, data_keys.by_keyring(row.wrapped, id, keyring))
    audit.record(sql, AuditAction.UNREVIEW, agent, audit.response(id), now=now)
    return True


def locked(sql: Connection, id: str) -> Row[Any]:
    """The row of a sent response with its wrapped key, held until this transaction ends. What others wrote before they
    let the row go is read by later statements only. Raises NoSuchResponse, Withdrawn."""
    wanted = select(RESPONSES, DATA_KEYS.c.wrapped).select_from(RESPONSES).outerjoin(DATA_KEYS, KEYRING_HOLDS)
    row = sql.execute(wanted.where(RESPONSES.c.id == id, IS_SENT).with_for_update(of=RESPONSES)).one_or_none()
    if row is None:
        raise NoSuchResponse
    if row.status == ENTERED_IN_ERROR:
        raise Withdrawn
    return row


def _set_status(sql: Connection, row: Row[Any], review_status: str, data_key: bytes) -> None:
    """The header is bound to the status, and so sealed anew with it. Raises CannotOpen."""
    header = HEADER.unseal(data_key, row.header, row)
    now_there = row._asdict() | {"review_status": review_status}
    changed = {"review_status": review_status, "header": HEADER.seal(data_key, header, now_there)}
    sql.execute(update(RESPONSES).where(RESPONSES.c.id == row.id).values(**changed))
