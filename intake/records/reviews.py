"""Reviews: a clinician marks a sent response as read, with a note, or takes the mark away."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from intake.records import audit, data_keys
from intake.records.audit import Agent, AuditAction
from intake.records.errors import AlreadyReviewed, NoSuchResponse
from intake.records.keyring import Keyring
from intake.records.sent import IS_SENT, KEYRING_HOLDS
from intake.records.tables import DATA_KEYS, NEW, RESPONSES, REVIEWED, REVIEWS


def review(sql: Connection, keyring: Keyring, id: str, reviewer: Agent, *, note: str, now: datetime) -> None:
    """Mark a response as reviewed, with a note or “”. Raises AlreadyReviewed, NoSuchResponse, CannotOpen."""
    wrapped = _locked_key(sql, id)
    before = sql.execute(select(REVIEWS.c.reviewer_name).where(REVIEWS.c.response_id == id)).scalar_one_or_none()
    if before is not None:
        raise AlreadyReviewed(before)
    sealed = data_keys.sealed(data_keys.by_keyring(wrapped, id, keyring), {"note": note}, data_keys.note(id))
    row = {"response_id": id, "reviewer_id": reviewer.id, "reviewer_name": reviewer.name}
    sql.execute(insert(REVIEWS), row | {"note": sealed, "reviewed_at": now})
    _set_status(sql, id, REVIEWED)
    audit.record(sql, AuditAction.REVIEW, reviewer, audit.response(id), now=now)


def unreview(sql: Connection, id: str, agent: Agent, *, now: datetime) -> bool:
    """Take the mark and its note away, by whoever this is; False if there was none. Raises NoSuchResponse."""
    _locked_key(sql, id)
    gone = sql.execute(delete(REVIEWS).where(REVIEWS.c.response_id == id).returning(REVIEWS.c.response_id)).all()
    if not gone:
        return False
    _set_status(sql, id, NEW)
    audit.record(sql, AuditAction.UNREVIEW, agent, audit.response(id), now=now)
    return True


def _locked_key(sql: Connection, id: str) -> bytes | None:
    """A sent response's wrapped key. What others wrote before they let the row go is read by later statements only."""
    wanted = select(DATA_KEYS.c.wrapped).select_from(RESPONSES).outerjoin(DATA_KEYS, KEYRING_HOLDS)
    row = sql.execute(wanted.where(RESPONSES.c.id == id, IS_SENT).with_for_update(of=RESPONSES)).one_or_none()
    if row is None:
        raise NoSuchResponse
    wrapped: bytes | None = row.wrapped
    return wrapped


def _set_status(sql: Connection, id: str, review_status: str) -> None:
    sql.execute(update(RESPONSES).where(RESPONSES.c.id == id).values(review_status=review_status))
