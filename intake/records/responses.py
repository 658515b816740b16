"""A response from its start to its review: drafts that only their patient opens, and sent responses that the clinic
opens.

Each response is one sealed document under its own key, bound to its row and revision. Verbs take the session of
`database.transaction` (or `reading`, where nothing is written) and never commit. They are given the time, an aware
datetime.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Engine,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

import intake
from intake.records import audit, codes, data_keys
from intake.records.audit import AuditAction, Entity
from intake.records.cipher import JsonObject, Place, new_key, seal_document, unseal_document
from intake.records.database import may_write, reading
from intake.records.errors import AlreadyReviewed, AlreadySent, CannotOpen, DraftChanged, NoSuchDraft, NoSuchResponse
from intake.records.keyring import Keyring
from intake.records.tables import DataKey, ResponseRecord, ResponseSummary, ResumeCode, ReviewRecord, table_of

IN_PROGRESS: Final = "in-progress"  # FHIR's words for a QuestionnaireResponse's status
COMPLETED: Final = "completed"
NEW: Final = "new"
REVIEWED: Final = "reviewed"
PATIENT: Final = "patient"
DRAFT_DAYS: Final = 30  # INTAKE_DRAFT_DAYS, docs/settings.md
# the document's one key that is ours: a draft can show its own code, a sent response does not hold it
RESUME_CODE: Final = "resume_code"

RESPONSES: Final = table_of(ResponseRecord)
KEYS: Final = table_of(DataKey)
CODES: Final = table_of(ResumeCode)
SUMMARIES: Final = table_of(ResponseSummary)
REVIEWS: Final = table_of(ReviewRecord)

QueueKey = tuple[datetime, str]
"""Where a page of the queue ended: (authored_at, id)."""


@dataclass(frozen=True)
class Started:
    """A new draft: its id, its reference, and its resume code (24 characters; `codes.shown` groups them)."""

    id: str
    reference: str
    code: str


@dataclass(frozen=True)
class Draft:
    """A draft as its patient reads it. `revision` goes back with the next save."""

    id: str
    reference: str
    questionnaire: str
    language: str
    status: str
    revision: int
    document: JsonObject
    started_at: datetime
    saved_at: datetime
    due_for_erasure_on: date | None


@dataclass(frozen=True)
class Found:
    """What a resume code belongs to."""

    id: str
    status: str


@dataclass(frozen=True)
class Sent:
    """A sent response as the clinic reads it."""

    id: str
    reference: str
    questionnaire: str
    language: str
    status: str
    review_status: str
    started_at: datetime
    authored_at: datetime
    document: JsonObject


@dataclass(frozen=True)
class Unreadable:
    """A sent response that an export cannot hold, as it does not open."""

    reference: str


@dataclass(frozen=True)
class Span:
    """What an export holds: since ≤ sent < until, and sent before the cut-off, which event number `event` of the trail
    fixed."""

    cut_off: datetime
    event: int
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class QueueRow:
    """One line of the queue. `header` is what `complete` was given, or empty with `readable` false when it does not
    open."""

    id: str
    reference: str
    authored_at: datetime
    review_status: str
    header: JsonObject
    readable: bool

    @property
    def key(self) -> QueueKey:
        """Give this as `after` to get what follows."""
        return (self.authored_at, self.id)


@dataclass(frozen=True)
class Review:
    """Who marked a response as reviewed, when, and the note, which may be empty."""

    reviewer_id: str
    reviewer_name: str
    reviewed_at: datetime
    note: str


# The statements of the page path are made once: building one costs more than running it.
_HOLDER_HOLDS: Final = and_(KEYS.c.response_id == RESPONSES.c.id, KEYS.c.holder == bindparam("holder"))
_ONE: Final = RESPONSES.c.id == bindparam("response_id")
_DRAFT: Final = select(RESPONSES, KEYS.c.wrapped).outerjoin(KEYS, _HOLDER_HOLDS).where(_ONE)
_DRAFT_LOCKED: Final = _DRAFT.with_for_update(of=RESPONSES)  # nothing on SQLite, whose writers are alone already
_KEY_LOCKED: Final = (
    select(RESPONSES.c.status, RESPONSES.c.reference, KEYS.c.wrapped)
    .outerjoin(KEYS, _HOLDER_HOLDS)
    .where(_ONE)
    .with_for_update(of=RESPONSES)
)
_SAVE: Final = (
    update(RESPONSES)
    .where(_ONE, RESPONSES.c.status == IN_PROGRESS, RESPONSES.c.revision == bindparam("seen"))
    .values({name: bindparam(f"new_{name}") for name in ("revision", "content", "saved_at", "due_for_erasure_on")})
)
_SEND: Final = _SAVE.values(
    {name: bindparam(f"new_{name}") for name in ("header", "authored_at")} | {"status": COMPLETED}
)
_BY_CODE: Final = (
    select(RESPONSES.c.id, RESPONSES.c.status)
    .join(CODES, CODES.c.response_id == RESPONSES.c.id)
    .where(CODES.c.code_mac == bindparam("mac"))
)
_KEYRING_HOLDS: Final = and_(KEYS.c.response_id == RESPONSES.c.id, KEYS.c.holder == data_keys.KEYRING)
_IS_SENT: Final = RESPONSES.c.authored_at.is_not(None)
_SENT_WITH_SUMMARY: Final = (
    select(RESPONSES, KEYS.c.wrapped, SUMMARIES.c.content.label("summary"))
    .outerjoin(KEYS, _KEYRING_HOLDS)
    .outerjoin(SUMMARIES, SUMMARIES.c.response_id == RESPONSES.c.id)
)
_HOLD: Final = text(f"LOCK TABLE {RESPONSES.name} IN EXCLUSIVE MODE")
_STATUS_BEFORE: Final = {AuditAction.REVIEW: NEW, AuditAction.UNREVIEW: REVIEWED}


# ---- drafts: opened by their patient only ----


def start(
    session: Session,
    keyring: Keyring,
    *,
    questionnaire: str,
    language: str,
    token: str,
    document: JsonObject,
    now: datetime,
    keep_days: int = DRAFT_DAYS,
) -> Started:
    """Begin a draft for the session of `token` (the caller opens that with `sessions.open`). The document is kept with
    its resume code.

    `questionnaire` is the canonical “url|version”; `keep_days` is how long a draft is kept after it was last saved.
    """
    started = Started(id=codes.new_id(), reference=_free_reference(session), code=codes.new_code())
    data_key = new_key()
    row = {
        "id": started.id,
        "reference": started.reference,
        "questionnaire": questionnaire,
        "status": IN_PROGRESS,
        "review_status": NEW,
        "language": language,
        "revision": 1,
        "started_at": now,
        "saved_at": now,
        "due_for_erasure_on": _due(now, keep_days),
        "content": _seal(data_key, document | {RESUME_CODE: started.code}, _content(started.id, 1)),
    }
    session.execute(insert(RESPONSES), row)
    session.execute(insert(CODES), {"response_id": started.id, "code_mac": _code_mac(keyring, started.code)})
    data_keys.give_to_code(session, started.id, data_key, started.code)
    data_keys.give_to_session(session, started.id, data_key, token)
    _record_patient(session, AuditAction.START, started.id, now)
    return started


def open_draft(session: Session, id: str, token: str) -> Draft:
    """The draft that this session opens. Raises NoSuchDraft, AlreadySent, CannotOpen.

    `id` comes from the session's own row, never from an address: AlreadySent tells the reference to whoever holds the
    id.
    """
    row = _draft_row(session, _draft_statement(session), id, data_keys.session_holder(token))
    return _draft(row, data_keys.by_session(row.wrapped, id, token))


def save_draft(
    session: Session,
    id: str,
    token: str,
    document: JsonObject,
    *,
    seen_revision: int,
    now: datetime,
    keep_days: int = DRAFT_DAYS,
) -> int:
    """Keep the document as the draft's next revision, which is given back. Raises DraftChanged if `seen_revision` is
    not the stored one.

    Raises NoSuchDraft, AlreadySent, CannotOpen as `open_draft` does. A page save is no audit event: it would tell which
    pages a patient was asked, and when.
    """
    data_key = _key_to_write(session, id, token)
    values = _next_content(data_key, id, document, seen_revision, now) | {
        "new_due_for_erasure_on": _due(now, keep_days)
    }
    _write_once(session, _SAVE, values)
    return seen_revision + 1


def find_by_code(session: Session, keyring: Keyring, code: str) -> Found | None:
    """What a typed resume code belongs to, sent or not; None if it is nobody's."""
    meant = codes.normalise(code)
    if meant is None:
        return None
    row = session.execute(_BY_CODE, {"mac": _code_mac(keyring, meant)}).one_or_none()
    return None if row is None else Found(row.id, row.status)


def open_with_code(session: Session, id: str, code: str) -> Draft:
    """The draft that this code opens. Raises NoSuchDraft, AlreadySent, CannotOpen."""
    row, data_key = _by_code(session, id, code)
    return _draft(row, data_key)


def bind_session(session: Session, id: str, code: str, token: str) -> None:
    """Let a new session open the draft that this code opens; `sessions.close` ends it. Raises NoSuchDraft, AlreadySent,
    CannotOpen."""
    _row, data_key = _by_code(session, id, code)
    data_keys.give_to_session(session, id, data_key, token)


def complete(
    session: Session,
    keyring: Keyring,
    id: str,
    token: str,
    *,
    document: JsonObject,
    summary: JsonObject,
    header: JsonObject,
    seen_revision: int,
    now: datetime,
    made_by_version: str = intake.__version__,
) -> str:
    """Send: exactly once, the draft becomes the clinic's to open and nobody else's. Gives the reference.

    In this one transaction: content, summary and `header` (name and birth date, for the queue) are sealed, the key goes
    to the keyring, code and sessions lose it, and the event is recorded. The sent document does not hold the resume
    code. Raises AlreadySent, DraftChanged, NoSuchDraft, CannotOpen.
    """
    data_key = _key_to_write(session, id, token)
    sent = {name: value for name, value in document.items() if name != RESUME_CODE}
    values = _next_content(data_key, id, sent, seen_revision, now) | {
        "new_due_for_erasure_on": None,
        "new_header": _seal(data_key, header, _header(id)),
        "new_authored_at": now,
    }
    _write_once(session, _SEND, values)
    made = {
        "response_id": id,
        "content": _seal(data_key, summary, _summary(id)),
        "made_at": now,
        "made_by_version": made_by_version,
    }
    session.execute(insert(SUMMARIES), made)
    data_keys.give_to_keyring(session, id, data_key, keyring)
    data_keys.take_from_patient(session, id)
    _record_patient(session, AuditAction.SEND, id, now)
    return str(session.execute(select(RESPONSES.c.reference).where(RESPONSES.c.id == id)).scalar_one())


# ---- sent responses: opened by the clinic ----


def read_sent(session: Session, keyring: Keyring, id: str) -> Sent:
    """A sent response, answers and all. Record an audit event about it in the same transaction first.

    Raises NotAudited, NoSuchResponse, CannotOpen.
    """
    audit.require(session, Entity.RESPONSE, id)
    row = _sent_row(session, id)
    return _sent(row, _key(row, keyring))


def read_summary(session: Session, keyring: Keyring, id: str) -> JsonObject:
    """The summary that was stored when the patient sent. Asks for an audit event as `read_sent` does.

    Raises NotAudited, NoSuchResponse, CannotOpen.
    """
    audit.require(session, Entity.RESPONSE, id)
    row = _sent_row(session, id)
    content = session.execute(select(SUMMARIES.c.content).where(SUMMARIES.c.response_id == id)).scalar_one_or_none()
    if content is None:  # a sent response always has one; without it the database was altered
        raise CannotOpen
    return unseal_document(_key(row, keyring), content, place=_summary(id))


def queue(
    session: Session,
    keyring: Keyring,
    *,
    after: QueueKey | None = None,
    limit: int = 50,
    reference: str | None = None,
    review_status: str | None = None,
) -> list[QueueRow]:
    """Sent responses, newest first, from behind `after` (a row's `key`); `reference` as somebody typed it, exact
    otherwise.

    Record an audit event about Entity.QUEUE in the same transaction first. A row whose header does not open is listed
    without it, so that one altered row does not hide the others. Raises NotAudited.
    """
    audit.require(session, Entity.QUEUE)
    columns = (
        RESPONSES.c.id,
        RESPONSES.c.reference,
        RESPONSES.c.authored_at,
        RESPONSES.c.review_status,
        RESPONSES.c.header,
    )
    wanted: Select[Any] = select(*columns, KEYS.c.wrapped).outerjoin(KEYS, _KEYRING_HOLDS).where(_IS_SENT)
    if after is not None:
        wanted = wanted.where(tuple_(RESPONSES.c.authored_at, RESPONSES.c.id) < after)
    if reference is not None:
        wanted = wanted.where(RESPONSES.c.reference == codes.normalise_reference(reference))
    if review_status is not None:
        wanted = wanted.where(RESPONSES.c.review_status == review_status)
    rows = session.execute(wanted.order_by(RESPONSES.c.authored_at.desc(), RESPONSES.c.id.desc()).limit(limit))
    return [_queue_row(row, keyring) for row in rows]


def any_sent(session: Session) -> bool:
    """Is there a sent response? Opens none, so that it asks for no audit event."""
    return session.execute(select(RESPONSES.c.id).where(_IS_SENT).limit(1)).first() is not None


# ---- exports: everything that was sent before a cut-off ----


def wait_for_sends(session: Session) -> None:
    """Let every send and review in flight end, and hold new ones back until this transaction ends: the moment taken now
    parts them.

    SQLite's writers are alone already. The price on PostgreSQL: saves wait for the few milliseconds of this
    transaction.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_HOLD)


def count_sent(session: Session, span: Span) -> int:
    """How many responses were sent in this span."""
    return int(session.execute(select(func.count()).select_from(RESPONSES).where(*_within(span))).scalar_one())


def sent_in_batches(
    engine: Engine, keyring: Keyring, span: Span, *, size: int = 100
) -> Iterator[tuple[Sent, JsonObject] | Unreadable]:
    """Each response that was sent in this span with its summary, oldest first, as it was when the export of the span
    began.

    Reads by key in short transactions, so that an export of any size holds nobody up. What is erased meanwhile is
    missing (`erased_after` names it); a response that does not open comes as Unreadable. The caller records the export
    first.
    """
    last: QueueKey | None = None
    wanted = _SENT_WITH_SUMMARY.where(*_within(span)).order_by(RESPONSES.c.authored_at, RESPONSES.c.id).limit(size)
    while True:
        page = wanted if last is None else wanted.where(tuple_(RESPONSES.c.authored_at, RESPONSES.c.id) > last)
        with reading(engine) as session:
            rows = session.execute(page).all()
            before = _review_status_before(
                session, span.event
            )  # behind the rows: what changes between the two reads is known then
        for row in rows:
            yield _exported(row, keyring, before.get(row.id, row.review_status))
        if len(rows) < size:
            return
        last = (rows[-1].authored_at, rows[-1].id)


def erased_after(session: Session, event: int) -> list[str]:
    """The references of the responses that were sent before this event of the trail and erased after it."""
    events = audit.after(session, event, Entity.RESPONSE, (AuditAction.SEND, AuditAction.ERASE))
    late = {row.entity_id for row in events if row.action == AuditAction.SEND}
    return [
        row.detail for row in events if row.action == AuditAction.ERASE and row.detail and row.entity_id not in late
    ]


def erase(session: Session, id: str, *, agent_id: str, agent_name: str, role: str, now: datetime) -> None:
    """Erase a response, draft or sent, with its keys, and record it; of one that was sent the trail keeps the
    reference.

    Raises NoSuchResponse.
    """
    gone = session.execute(
        delete(RESPONSES).where(RESPONSES.c.id == id).returning(RESPONSES.c.reference, RESPONSES.c.status)
    ).one_or_none()
    if gone is None:
        raise NoSuchResponse
    audit.record(
        session,
        AuditAction.ERASE,
        agent_id=agent_id,
        agent_name=agent_name,
        role=role,
        entity_type=Entity.RESPONSE,
        entity_id=id,
        detail=gone.reference if gone.status == COMPLETED else "",
        now=now,
    )


# ---- reviews ----


def review(
    session: Session, keyring: Keyring, id: str, *, reviewer_id: str, reviewer_name: str, note: str, now: datetime
) -> None:
    """Mark a response as reviewed, with a note that may be empty, and record it. Raises AlreadyReviewed,
    NoSuchResponse, CannotOpen."""
    row = _sent_row(session, id, to_write=True)
    before = session.execute(select(REVIEWS.c.reviewer_name).where(REVIEWS.c.response_id == id)).scalar_one_or_none()
    if before is not None:
        raise AlreadyReviewed(before)
    sealed = _seal(_key(row, keyring), {"note": note}, _note(id))
    made = {
        "response_id": id,
        "reviewer_id": reviewer_id,
        "reviewer_name": reviewer_name,
        "note": sealed,
        "reviewed_at": now,
    }
    session.execute(insert(REVIEWS), made)
    _set_review_status(session, id, REVIEWED)
    _record_clinician(session, AuditAction.REVIEW, id, reviewer_id, reviewer_name, now)


def unreview(session: Session, id: str, *, reviewer_id: str, reviewer_name: str, now: datetime) -> bool:
    """Take the mark and its note away, by whoever this is, and record it. False if there was none. Raises
    NoSuchResponse."""
    _sent_row(session, id, to_write=True)
    gone = session.execute(delete(REVIEWS).where(REVIEWS.c.response_id == id).returning(REVIEWS.c.response_id)).all()
    if not gone:
        return False
    _set_review_status(session, id, NEW)
    _record_clinician(session, AuditAction.UNREVIEW, id, reviewer_id, reviewer_name, now)
    return True


def read_review(session: Session, keyring: Keyring, id: str) -> Review | None:
    """The mark on a response, if it has one. Asks for an audit event as `read_sent` does. Raises NotAudited,
    NoSuchResponse, CannotOpen."""
    audit.require(session, Entity.RESPONSE, id)
    response = _sent_row(session, id)
    row = session.execute(select(REVIEWS).where(REVIEWS.c.response_id == id)).one_or_none()
    if row is None:
        return None
    note = unseal_document(_key(response, keyring), row.note, place=_note(id))["note"]
    return Review(row.reviewer_id, row.reviewer_name, row.reviewed_at, note)


# ---- rows and keys ----


def _draft_statement(session: Session) -> Select[Any]:
    return _DRAFT_LOCKED if may_write(session) else _DRAFT


def _draft_row(session: Session, statement: Select[Any], id: str, holder: str) -> Row[Any]:
    row = session.execute(statement, {"response_id": id, "holder": holder}).one_or_none()
    if row is None:
        raise NoSuchDraft
    if row.status != IN_PROGRESS:
        raise AlreadySent(row.reference)
    if row.wrapped is None:  # somebody else's draft, or a session that was closed
        raise NoSuchDraft
    return row


def _key_to_write(session: Session, id: str, token: str) -> bytes:
    row = _draft_row(session, _KEY_LOCKED, id, data_keys.session_holder(token))
    return data_keys.by_session(row.wrapped, id, token)


def _by_code(session: Session, id: str, code: str) -> tuple[Row[Any], bytes]:
    meant = codes.normalise(code)
    if meant is None:
        raise NoSuchDraft
    row = _draft_row(session, _draft_statement(session), id, data_keys.CODE)
    return row, data_keys.by_code(row.wrapped, id, meant)


def _draft(row: Row[Any], data_key: bytes) -> Draft:
    return Draft(
        id=row.id,
        reference=row.reference,
        questionnaire=row.questionnaire,
        language=row.language,
        status=row.status,
        revision=row.revision,
        document=unseal_document(data_key, row.content, place=_content(row.id, row.revision)),
        started_at=row.started_at,
        saved_at=row.saved_at,
        due_for_erasure_on=row.due_for_erasure_on,
    )


def _next_content(data_key: bytes, id: str, document: JsonObject, seen_revision: int, now: datetime) -> dict[str, Any]:
    revision = seen_revision + 1
    return {
        "response_id": id,
        "seen": seen_revision,
        "new_revision": revision,
        "new_content": _seal(data_key, document, _content(id, revision)),
        "new_saved_at": now,
    }


def _write_once(session: Session, statement: Any, values: dict[str, Any]) -> None:
    """“Exactly once” and “nothing overwritten” are the database's to say: the row is written only if it still is as it
    was seen."""
    if session.connection().execute(statement, values).rowcount != 1:
        raise DraftChanged


def _sent_row(session: Session, id: str, *, to_write: bool = False) -> Row[Any]:
    wanted = select(RESPONSES, KEYS.c.wrapped).outerjoin(KEYS, _KEYRING_HOLDS).where(RESPONSES.c.id == id, _IS_SENT)
    row = session.execute(wanted.with_for_update(of=RESPONSES) if to_write else wanted).one_or_none()
    if row is None:
        raise NoSuchResponse
    return row


def _within(span: Span) -> Iterator[ColumnElement[bool]]:
    authored = RESPONSES.c.authored_at
    yield authored < span.cut_off
    if span.since is not None:
        yield authored >= span.since
    if span.until is not None:
        yield authored < span.until


def _review_status_before(session: Session, event: int) -> dict[str, str]:
    """The review status before this event of the trail, of the responses whose status changed after it."""
    changes = audit.after(session, event, Entity.RESPONSE, tuple(_STATUS_BEFORE))
    return {
        row.entity_id: _STATUS_BEFORE[row.action] for row in reversed(changes)
    }  # the earliest change tells, so it comes last


def _exported(row: Row[Any], keyring: Keyring, review_status: str) -> tuple[Sent, JsonObject] | Unreadable:
    try:
        data_key = _key(row, keyring)
        return _sent(row, data_key, review_status), unseal_document(
            data_key, row.summary or b"", place=_summary(row.id)
        )
    except CannotOpen:
        return Unreadable(row.reference)


def _key(row: Row[Any], keyring: Keyring) -> bytes:
    if row.wrapped is None:
        raise CannotOpen
    return data_keys.by_keyring(row.wrapped, row.id, keyring)


def _sent(row: Row[Any], data_key: bytes, review_status: str | None = None) -> Sent:
    return Sent(
        id=row.id,
        reference=row.reference,
        questionnaire=row.questionnaire,
        language=row.language,
        status=row.status,
        review_status=review_status or row.review_status,
        started_at=row.started_at,
        authored_at=row.authored_at,
        document=unseal_document(data_key, row.content, place=_content(row.id, row.revision)),
    )


def _queue_row(row: Row[Any], keyring: Keyring) -> QueueRow:
    try:
        header, readable = unseal_document(_key(row, keyring), row.header, place=_header(row.id)), True
    except CannotOpen:
        header, readable = {}, False
    return QueueRow(row.id, row.reference, row.authored_at, row.review_status, header, readable)


def _set_review_status(session: Session, id: str, review_status: str) -> None:
    session.execute(update(RESPONSES).where(RESPONSES.c.id == id).values(review_status=review_status))


def _free_reference(session: Session) -> str:
    while True:
        reference = codes.new_reference()
        if session.execute(select(RESPONSES.c.id).where(RESPONSES.c.reference == reference)).first() is None:
            return reference


def _record_patient(session: Session, action: AuditAction, id: str, now: datetime) -> None:
    audit.record(
        session,
        action,
        agent_id=id,
        agent_name=PATIENT,
        role=PATIENT,
        entity_type=Entity.RESPONSE,
        entity_id=id,
        now=now,
    )


def _record_clinician(
    session: Session, action: AuditAction, id: str, agent_id: str, agent_name: str, now: datetime
) -> None:
    audit.record(
        session,
        action,
        agent_id=agent_id,
        agent_name=agent_name,
        role="clinician",
        entity_type=Entity.RESPONSE,
        entity_id=id,
        now=now,
    )


def _due(now: datetime, keep_days: int) -> date:
    return (now + timedelta(days=keep_days)).date()


def _code_mac(keyring: Keyring, code: str) -> bytes:
    return keyring.mac("resume-code", code)


def _seal(data_key: bytes, document: JsonObject, place: Place) -> bytes:
    return seal_document(data_key, document, key_id=data_keys.CONTENT_KEY_ID, place=place)


# ---- the places blobs are bound to ----


def _content(id: str, revision: int) -> Place:
    return ("questionnaire_response", "content", id, str(revision))


def _header(id: str) -> Place:
    return ("questionnaire_response", "header", id)


def _summary(id: str) -> Place:
    return ("response_summary", "content", id)


def _note(id: str) -> Place:
    return ("review", "note", id)
