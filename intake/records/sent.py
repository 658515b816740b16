"""Sent responses: read and listed by the clinic, once the trail says by whom."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, select, tuple_
from sqlalchemy.orm import aliased

from intake.records import audit, codes, data_keys
from intake.records.audit import Agent, AuditAction, Entity, Subject
from intake.records.cipher import JsonObject
from intake.records.errors import CannotOpen, NoSuchResponse
from intake.records.keyring import Keyring
from intake.records.sealed import CODE, CONTENT, HEADER, NOTE, SUMMARY
from intake.records.tables import (
    AMENDED,
    COMPLETED,
    DATA_KEYS,
    DETAIL_LENGTH,
    ENTERED_IN_ERROR,
    EVENTS,
    RESPONSES,
    REVIEWED,
    REVIEWS,
    SUMMARIES,
    VERSIONS,
    AuditRecord,
)

QueueKey = tuple[datetime, str]  # where a page of the queue ended: (authored_at, id)


@dataclass(frozen=True)
class Review:
    """Who marked a response as reviewed, when, and the note, which may be empty."""

    reviewer_id: str
    reviewer_name: str
    reviewed_at: datetime
    note: str


@dataclass(frozen=True)
class Sent:
    """A sent response as the clinic reads it, with the mark of its review where that was read too."""

    id: str
    reference: str
    questionnaire: str
    language: str
    status: str
    revision: int
    review_status: str
    started_at: datetime
    authored_at: datetime
    document: JsonObject
    review: Review | None = None
    data_key: bytes = field(default=b"", repr=False, compare=False)
    sealed_summary: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def is_withdrawn(self) -> bool:
        """Did its patient take it back?"""
        return self.status == ENTERED_IN_ERROR

    @property
    def answered_at(self) -> datetime:
        """When the patient sent these answers: a correction's own time, else when it was sent."""
        given = self.document.get("authored") if self.status != COMPLETED else None
        return datetime.fromisoformat(given) if given else self.authored_at

    @cached_property
    def summary(self) -> JsonObject:
        """The summary that was stored when the patient sent. Raises CannotOpen."""
        return SUMMARY.unseal(self.data_key, self.sealed_summary, self)


@dataclass(frozen=True)
class QueueRow:
    """One line of the queue. `header` is what `complete` was given, or empty and not `readable` if it does not open."""

    id: str
    reference: str
    authored_at: datetime
    questionnaire: str
    status: str
    review_status: str
    header: JsonObject
    readable: bool

    @property
    def key(self) -> QueueKey:
        """Give this as `after` to get what follows."""
        return (self.authored_at, self.id)


IS_SENT: Final = RESPONSES.c.authored_at.is_not(None)
IS_LISTED: Final = and_(IS_SENT, RESPONSES.c.status != ENTERED_IN_ERROR)
"""What the queue shows and exports hold: all that was sent but what its patient withdrew."""
KEYRING_HOLDS: Final = and_(DATA_KEYS.c.response_id == RESPONSES.c.id, DATA_KEYS.c.holder == data_keys.KEYRING)
_SAYING = aliased(AuditRecord)
_WORDS: Final = (AuditAction.REVIEW, AuditAction.UNREVIEW, AuditAction.ERASE, AuditAction.WITHDRAW)
_LAST_WORD: Final = (
    select(func.max(EVENTS.c.n))
    .where(
        EVENTS.c.entity_type == Entity.RESPONSE.value,
        EVENTS.c.entity_id == RESPONSES.c.id,
        EVENTS.c.action.in_([one.value for one in _WORDS]),
    )
    .correlate(RESPONSES)
    .scalar_subquery()
)
TRAIL_SAYS: Final = (
    select(_SAYING.action).where(_SAYING.n == _LAST_WORD).correlate(RESPONSES).scalar_subquery().label("trail_says")
)
"""The trail's last word on a response: that it was reviewed, that this was undone, that it was withdrawn or erased.
Looked up by the index on what an event is about, however long the trail is."""
_LAST_CORRECTION: Final = (
    select(func.max(EVENTS.c.n))
    .where(
        EVENTS.c.entity_type == Entity.RESPONSE.value,
        EVENTS.c.entity_id == RESPONSES.c.id,
        EVENTS.c.action == AuditAction.CORRECT.value,
    )
    .correlate(RESPONSES)
    .scalar_subquery()
)
_CORRECTING = aliased(AuditRecord)
TRAIL_CORRECTED: Final = (
    select(_CORRECTING.detail)
    .where(_CORRECTING.n == _LAST_CORRECTION)
    .correlate(RESPONSES)
    .scalar_subquery()
    .label("trail_corrected")
)
"""What the trail says of the last correction (`correction_detail`); nothing where there was none."""
WITH_SUMMARY: Final = (
    select(RESPONSES, DATA_KEYS.c.wrapped, SUMMARIES.c.content.label("summary"), TRAIL_SAYS, TRAIL_CORRECTED)
    .outerjoin(DATA_KEYS, KEYRING_HOLDS)
    .outerjoin(SUMMARIES, SUMMARIES.c.response_id == RESPONSES.c.id)
)
_ONE: Final = (
    WITH_SUMMARY.add_columns(REVIEWS.c.reviewer_id, REVIEWS.c.reviewer_name, REVIEWS.c.reviewed_at, REVIEWS.c.note)
    .outerjoin(REVIEWS, REVIEWS.c.response_id == RESPONSES.c.id)
    .where(RESPONSES.c.id == bindparam("response_id"), IS_SENT)
)
_EARLIER: Final = select(VERSIONS).where(VERSIONS.c.response_id == bindparam("id")).order_by(VERSIONS.c.revision)
_IN_QUEUE: Final = (*HEADER.bound_to, "header")
_HEADER: Final[Select[Any]] = (
    select(*(RESPONSES.c[name] for name in _IN_QUEUE), DATA_KEYS.c.wrapped, TRAIL_SAYS, TRAIL_CORRECTED)
    .outerjoin(DATA_KEYS, KEYRING_HOLDS)
    .where(IS_SENT)
)
_QUEUE: Final[Select[Any]] = _HEADER.where(IS_LISTED).order_by(RESPONSES.c.authored_at.desc(), RESPONSES.c.id.desc())


def open(sql: Connection, keyring: Keyring, id: str) -> Sent:
    """A sent response with its summary and its review. Record an audit event about it in the same transaction first.
    Raises NotAudited, NoSuchResponse, CannotOpen."""
    audit.require(sql, audit.response(id))
    row = sql.execute(_ONE, {"response_id": id}).one_or_none()
    if row is None:
        raise NoSuchResponse
    data_key = data_keys.by_keyring(row.wrapped, id, keyring)
    return opened(row, data_key, row.review_status, _review(row, data_key))


def check(sql: Connection, keyring: Keyring, id: str) -> None:
    """See that a sent response opens, its summary and its review too; shows nothing of it. Raises NoSuchResponse,
    CannotOpen."""
    row = sql.execute(_ONE, {"response_id": id}).one_or_none()
    if row is None:
        raise NoSuchResponse
    data_key = data_keys.by_keyring(row.wrapped, id, keyring)
    _ = opened(row, data_key, row.review_status, _review(row, data_key)).summary
    for version in sql.execute(_EARLIER, {"id": id}).all():
        _ = as_it_was(row, version, data_key, version.review_status).summary


def queue(
    sql: Connection,
    keyring: Keyring,
    reader: Agent,
    *,
    now: datetime,
    after: QueueKey | None = None,
    limit: int = 50,
    reference: str | None = None,
    review_status: str | None = None,
) -> list[QueueRow]:
    """Sent responses, newest first, from behind `after` (a row's `key`); `reference` is as somebody typed it.

    The trail keeps which references were shown, never what was searched for. A row that is not as it was written is
    listed without its header, so that it does not hide the others, and the trail names it.
    """
    wanted: Select[Any] = _QUEUE
    if after is not None:
        wanted = wanted.where(tuple_(RESPONSES.c.authored_at, RESPONSES.c.id) < after)
    if reference is not None:
        wanted = wanted.where(RESPONSES.c.reference == codes.normalise_reference(reference))
    if review_status is not None:
        wanted = wanted.where(RESPONSES.c.review_status == review_status)
    rows = sql.execute(wanted.limit(limit)).all()
    _record(sql, AuditAction.LIST, reader, rows, now)
    found = [_queue_row(row, keyring) for row in rows]
    if closed := [row for row in found if not row.readable]:
        _record(sql, AuditAction.NOT_OPENED, reader, closed, now)
    return found


def correction_detail(revision: int) -> str:
    """What the trail says of a correction: which revision it made."""
    return f"revision {revision}"


def any_behind(sql: Connection, key: QueueKey, *, review_status: str | None = None) -> bool:
    """Is there more of the queue behind a row's key? Opens nothing."""
    wanted = select(RESPONSES.c.id).where(IS_LISTED, tuple_(RESPONSES.c.authored_at, RESPONSES.c.id) < key)
    if review_status is not None:
        wanted = wanted.where(RESPONSES.c.review_status == review_status)
    return sql.execute(wanted.limit(1)).first() is not None


def birth_date_of(sql: Connection, keyring: Keyring, id: str, code_mac: bytes) -> str | None:
    """The date of birth (ISO) in the header of a sent response, to be compared with what somebody says and shown to
    nobody; None if none was given. `code_mac` is of the code that led here. Raises NoSuchResponse (where the code is
    another's too), CannotOpen."""
    row = sql.execute(_HEADER.where(RESPONSES.c.id == id)).one_or_none()
    if row is None:
        raise NoSuchResponse
    compare(row)
    header = HEADER.unseal(data_keys.by_keyring(row.wrapped, id, keyring), row.header, row)
    if not hmac.compare_digest(header.get(CODE, code_mac.hex()), code_mac.hex()):
        raise NoSuchResponse
    return header["birth_date"] or None


@dataclass(frozen=True)
class State:
    """What is known of a response without opening it."""

    reference: str
    questionnaire: str
    is_sent: bool
    is_withdrawn: bool


def state_of(sql: Connection, id: str) -> State:
    """Whether a response was sent. Opens nothing. Raises NoSuchResponse."""
    columns = (RESPONSES.c.reference, RESPONSES.c.questionnaire, RESPONSES.c.authored_at, RESPONSES.c.status)
    row = sql.execute(select(*columns).where(RESPONSES.c.id == id)).one_or_none()
    if row is None:
        raise NoSuchResponse
    is_sent, is_withdrawn = row.authored_at is not None, row.status == ENTERED_IN_ERROR
    return State(row.reference, row.questionnaire, is_sent, is_withdrawn)


def withdrawn_on(sql: Connection, typed: str) -> datetime | None:
    """When the response of this reference, as somebody typed it, was withdrawn; None if it was not. Opens nothing."""
    said = (EVENTS.c.entity_id == RESPONSES.c.id) & (EVENTS.c.action == AuditAction.WITHDRAW.value)
    wanted = select(EVENTS.c.recorded_at).select_from(RESPONSES).join(EVENTS, said)
    of_it = RESPONSES.c.reference == codes.normalise_reference(typed)
    return sql.scalar(wanted.where(of_it, RESPONSES.c.status == ENTERED_IN_ERROR))


def any_sent(sql: Connection) -> bool:
    """Is there a sent response? Opens none, so that it asks for no audit event."""
    return sql.execute(select(RESPONSES.c.id).where(IS_SENT).limit(1)).first() is not None


def opened(row: Row[Any], data_key: bytes, review_status: str, review: Review | None = None) -> Sent:
    """The response in a row of `WITH_SUMMARY`, if the row is as it was written. Raises CannotOpen."""
    compare(row)
    return _unsealed(row, data_key, review_status, review)


@dataclass(frozen=True)
class Earlier:
    """What stood in a sent response until a correction took its place, with the review of then; None where it does not
    open."""

    revision: int
    sent: Sent | None


def earlier(sql: Connection, keyring: Keyring, id: str) -> list[Earlier]:
    """What stood in a sent response until each of its corrections, oldest first. One that does not open hides none of
    the others. Record an audit event about it in the same transaction first. Raises NotAudited, NoSuchResponse,
    CannotOpen."""
    audit.require(sql, audit.response(id))
    row = sql.execute(_ONE, {"response_id": id}).one_or_none()
    if row is None:
        raise NoSuchResponse
    data_key = data_keys.by_keyring(row.wrapped, id, keyring)
    return [_earlier(row, version, data_key) for version in sql.execute(_EARLIER, {"id": id}).all()]


def _earlier(row: Row[Any], version: Row[Any], data_key: bytes) -> Earlier:
    try:
        return Earlier(version.revision, as_it_was(row, version, data_key, version.review_status))
    except CannotOpen:
        return Earlier(version.revision, None)


def as_it_was(row: Row[Any], version: Row[Any], data_key: bytes, review_status: str) -> Sent:
    """The response in a row of VERSIONS, of which `row` has what does not change. Raises CannotOpen."""
    then = SimpleNamespace(**row._asdict() | version._asdict())
    return _unsealed(then, data_key, review_status, _review(then, data_key))


def _unsealed(row: Any, data_key: bytes, review_status: str, review: Review | None) -> Sent:
    HEADER.unseal(data_key, row.header, row)
    document = CONTENT.unseal(data_key, row.content, row)
    found = (row.id, row.reference, row.questionnaire, row.language, row.status, row.revision)
    return Sent(*found, review_status, row.started_at, row.authored_at, document, review, data_key, row.summary)


def _review(row: Any, data_key: bytes) -> Review | None:
    if (row.reviewed_at is not None) != (row.review_status == REVIEWED):
        raise CannotOpen  # a mark that nobody gave to these answers, or one that was taken away
    if row.reviewed_at is None:
        return None
    held = NOTE.unseal(data_key, row.note, row)
    if held.get("revision", row.revision) != row.revision:  # of other answers; before 0.8 there was one revision
        raise CannotOpen
    return Review(row.reviewer_id, row.reviewer_name, row.reviewed_at, held["note"])


def _record(sql: Connection, action: AuditAction, reader: Agent, rows: Sequence[Any], now: datetime) -> None:
    """Record which references somebody was shown, in the order of the queue."""
    shown = " ".join(row.reference for row in rows)
    audit.record(sql, action, reader, Subject(Entity.QUEUE), detail=shown[:DETAIL_LENGTH], now=now)


def compare(row: Row[Any]) -> None:
    """See that a row agrees with the trail: one that was erased does not, nor one where an older row undoes a review, a
    correction or a withdrawal. Raises CannotOpen."""
    corrected = row.trail_corrected == correction_detail(row.revision) if row.trail_corrected else row.status != AMENDED
    if not corrected:
        raise CannotOpen
    withdrawn = row.trail_says == AuditAction.WITHDRAW
    reviewed = (row.review_status == REVIEWED) == (row.trail_says == AuditAction.REVIEW)
    if row.trail_says == AuditAction.ERASE or withdrawn != (row.status == ENTERED_IN_ERROR):
        raise CannotOpen
    if not withdrawn and not reviewed:
        raise CannotOpen


def _queue_row(row: Row[Any], keyring: Keyring) -> QueueRow:
    try:
        compare(row)
        data_key = data_keys.by_keyring(row.wrapped, row.id, keyring)
        header, readable = HEADER.unseal(data_key, row.header, row), True
        header.pop(CODE, None)
    except CannotOpen:
        header, readable = {}, False
    known = (row.id, row.reference, row.authored_at, row.questionnaire, row.status, row.review_status)
    return QueueRow(*known, header, readable)
