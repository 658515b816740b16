"""Reviews: a clinician marks a sent response as read, with a note, or takes the mark away."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from intake.records import audit, data_keys
from intake.records.audit import Agent, AuditAction
from intake.records.errors import AlreadyReviewed, CorrectedMeanwhile, NoSuchResponse, Withdrawn
from intake.records.keyring import Keyring
from intake.records.sealed import HEADER, NOTE
from intake.records.sent import IS_SENT, WITH_SUMMARY, compare
from intake.records.tables import AMENDED, ENTERED_IN_ERROR, NEW, RESPONSES, REVIEWED, REVIEWS


def review(
    sql: Connection, keyring: Keyring, id: str, reviewer: Agent, *, note: str, now: datetime, seen: int | None = None
) -> None:
    """Mark a response as reviewed, with a note or “”; `seen` is the revision that the reviewer read.

    Raises AlreadyReviewed, CorrectedMeanwhile, Withdrawn, NoSuchResponse, CannotOpen.
    """
    row = locked(sql, id)
    _as_read(row, seen)
    before = sql.execute(select(REVIEWS.c.reviewer_name).where(REVIEWS.c.response_id == id)).scalar_one_or_none()
    if before is not None:
        raise AlreadyReviewed(before)
    data_key = data_keys.by_keyring(row.wrapped, id, keyring)
    made = {"reviewer_id": reviewer.id, "reviewer_name": reviewer.name, "reviewed_at": now}
    sealed = NOTE.seal(data_key, {"note": note, "revision": row.revision}, made | {"id": id})
    sql.execute(insert(REVIEWS), made | {"response_id": id, "note": sealed})
    _set_status(sql, row, REVIEWED, data_key)
    audit.record(sql, AuditAction.REVIEW, reviewer, audit.response(id), now=now)


def unreview(
    sql: Connection, keyring: Keyring, id: str, agent: Agent, *, now: datetime, seen: int | None = None
) -> bool:
    """Take the mark and its note away; False if there was none. Raises CorrectedMeanwhile, Withdrawn, NoSuchResponse,
    CannotOpen."""
    row = locked(sql, id)
    _as_read(row, seen)
    gone = sql.execute(delete(REVIEWS).where(REVIEWS.c.response_id == id).returning(REVIEWS.c.response_id)).all()
    if not gone:
        return False
    _set_status(sql, row, NEW, data_keys.by_keyring(row.wrapped, id, keyring))
    audit.record(sql, AuditAction.UNREVIEW, agent, audit.response(id), now=now)
    return True


def _as_read(row: Row[Any], seen: int | None) -> None:
    """See that a response is as somebody read it, who saw that revision. Raises CorrectedMeanwhile."""
    if row.revision != seen and (seen is not None or row.status == AMENDED):
        raise CorrectedMeanwhile(row.revision)


def locked(sql: Connection, id: str) -> Row[Any]:
    """The row of a sent response with its wrapped key, held until this transaction ends, if it agrees with the trail.
    What others wrote before they let the row go is read, as it is read later. Raises NoSuchResponse, Withdrawn,
    CannotOpen."""
    mine = (RESPONSES.c.id == id, IS_SENT)
    if sql.execute(select(RESPONSES.c.id).where(*mine).with_for_update()).one_or_none() is None:
        raise NoSuchResponse
    row = sql.execute(WITH_SUMMARY.where(*mine)).one()
    compare(row)
    if row.status == ENTERED_IN_ERROR:
        raise Withdrawn
    return row


def _set_status(sql: Connection, row: Row[Any], review_status: str, data_key: bytes) -> None:
    """The header is bound to the status, and so sealed anew with it. Raises CannotOpen."""
    header = HEADER.unseal(data_key, row.header, row)
    now_there = row._asdict() | {"review_status": review_status}
    changed = {"review_status": review_status, "header": HEADER.seal(data_key, header, now_there)}
    sql.execute(update(RESPONSES).where(RESPONSES.c.id == row.id).values(**changed))
