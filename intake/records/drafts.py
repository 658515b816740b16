"""Drafts: begun, opened by their patient only, and saved.

Each response is one sealed document under its own key, bound to its row and revision. What opens a draft gives a
handle, which is all that a request needs of it: row and key are read once, and written at most once (decision 0036).
"""

from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, Update, and_, bindparam, insert, select, update

from intake.records import audit, codes, data_keys, sessions
from intake.records.audit import AuditAction
from intake.records.cipher import JsonObject, new_key
from intake.records.database import may_write
from intake.records.errors import AlreadySent, DraftChanged, NoSuchDraft
from intake.records.keyring import Keyring
from intake.records.sealed import CONTENT
from intake.records.sessions import SessionKind, WebSession
from intake.records.tables import (
    AMENDED,
    CODES,
    COMPLETED,
    DATA_KEYS,
    ENTERED_IN_ERROR,
    IN_PROGRESS,
    NEW,
    RESPONSES,
    SESSIONS,
)

DRAFT_DAYS: Final = 30  # INTAKE_DRAFT_DAYS, docs/settings.md
# the document's one key that is ours: a draft can show its own code, a sent response does not hold it
RESUME_CODE: Final = "resume_code"
CORRECTION: Final = "correction"
"""The document's other key that is ours, of a draft that corrects: the id of what was sent, the revision that the
patient saw last, and our word for it. Who can seal a draft of their own cannot say what it corrects."""


@dataclass(frozen=True)
class DraftHandle:
    """A draft as its patient opened it: its row, its key, and the session that opened it, if one did."""

    id: str
    reference: str
    questionnaire: str
    language: str
    status: str
    revision: int
    started_at: datetime
    saved_at: datetime
    due_for_erasure_on: date | None
    document: JsonObject
    data_key: bytes = field(repr=False)
    session: WebSession | None = None

    @property
    def code(self) -> str:
        """Its resume code (24 characters; `codes.shown` groups them)."""
        return str(self.document[RESUME_CODE])


@dataclass(frozen=True)
class CodeMatch:
    """The response that a resume code belongs to."""

    id: str
    status: str
    questionnaire: str


# What a handle holds as the row does. The statements of the page path are made once: building one costs more than
# running it.
COLUMNS: Final = tuple(one.name for one in fields(DraftHandle) if one.name in RESPONSES.c)
_ROW: Final = (*(RESPONSES.c[name] for name in COLUMNS), RESPONSES.c.content, DATA_KEYS.c.wrapped)
_ONE: Final = RESPONSES.c.id == bindparam("response_id")
_HOLDER_HOLDS: Final = and_(DATA_KEYS.c.response_id == RESPONSES.c.id, DATA_KEYS.c.holder == bindparam("holder"))
_BY_HOLDER: Final = select(*_ROW).select_from(RESPONSES).outerjoin(DATA_KEYS, _HOLDER_HOLDS).where(_ONE)
_BY_SESSION: Final = (
    select(*_ROW, *(SESSIONS.c[name] for name in sessions.COLUMNS))
    .select_from(SESSIONS)
    .join(RESPONSES, RESPONSES.c.id == SESSIONS.c.owner)
    .outerjoin(DATA_KEYS, _HOLDER_HOLDS)
    .where(sessions.OF_TOKEN)
)
# nothing on SQLite, whose writers are alone already
_BY_HOLDER_LOCKED: Final = _BY_HOLDER.with_for_update(of=RESPONSES)
_BY_SESSION_LOCKED: Final = _BY_SESSION.with_for_update(of=RESPONSES)
_BY_CODE: Final = (
    select(RESPONSES.c.id, RESPONSES.c.status, RESPONSES.c.questionnaire)
    .join(CODES, CODES.c.response_id == RESPONSES.c.id)
    .where(CODES.c.code_mac == bindparam("mac"))
)
SAVE: Final = (
    update(RESPONSES)
    .where(_ONE, RESPONSES.c.status == IN_PROGRESS, RESPONSES.c.revision == bindparam("seen"))
    .values({name: bindparam(f"new_{name}") for name in ("revision", "content", "saved_at", "due_for_erasure_on")})
)


def start(
    sql: Connection,
    keyring: Keyring,
    *,
    questionnaire: str,
    language: str,
    token: str,
    document: JsonObject,
    now: datetime,
    keep_days: int = DRAFT_DAYS,
    corrects: tuple[str, int] | None = None,
) -> DraftHandle:
    """Begin a draft, kept with its resume code, for the session of `token` (the caller opens that: `sessions.open`).

    `corrects` is the id of the sent response that it is to take the place of (`changing.amend`), with which it goes,
    and the revision that the patient read; `questionnaire` is the canonical “url|version”; `keep_days` is how long a
    draft is kept after it was last saved.
    """
    code, id = codes.new_code(), codes.new_id()
    if corrects is not None:
        document = document | {CORRECTION: [*corrects, correction_mac(keyring, id, corrects[0])]}
    draft = DraftHandle(
        id=id,
        reference=_free_reference(sql),
        questionnaire=questionnaire,
        language=language,
        status=IN_PROGRESS,
        revision=1,
        started_at=now,
        saved_at=now,
        due_for_erasure_on=_due(now, keep_days),
        document=document | {RESUME_CODE: code},
        data_key=new_key(),
    )
    row = {name: getattr(draft, name) for name in COLUMNS}
    content = CONTENT.seal(draft.data_key, draft.document, draft)
    sql.execute(
        insert(RESPONSES), row | {"review_status": NEW, "content": content, "corrects": corrects and corrects[0]}
    )
    sql.execute(insert(CODES), {"response_id": draft.id, "code_mac": code_mac(keyring, code)})
    data_keys.give_to_code(sql, draft.id, draft.data_key, code)
    data_keys.give_to_session(sql, draft.id, draft.data_key, token)
    audit.record(sql, AuditAction.START, audit.patient(draft.id), audit.response(draft.id), now=now)
    return draft


def open(sql: Connection, token: str, *, now: datetime) -> DraftHandle:
    """The draft of this browser's session, found by the session's token and opened with it.

    A transaction that writes notes with it that the session is in use. Raises NoSuchDraft, CannotOpen, and AlreadySent,
    which tells the reference to whoever holds the session; RowAltered.
    """
    found = sql.execute(
        _BY_SESSION_LOCKED if may_write(sql) else _BY_SESSION,
        {"token": data_keys.token_hash(token), "holder": data_keys.session_holder(token)},
    ).one_or_none()
    session = None if found is None else sessions.found(sql, found, kind=SessionKind.PATIENT, now=now)
    if session is None:
        raise NoSuchDraft
    row = _draft_row(found)
    session = sessions.keep_alive(sql, session, token, now=now)
    return _handle(sql, row, data_keys.by_session(row.wrapped, row.id, token), session)


def save(
    sql: Connection, draft: DraftHandle, document: JsonObject, *, now: datetime, keep_days: int = DRAFT_DAYS
) -> DraftHandle:
    """Keep the document as the draft's next revision, whose handle is given back.

    Raises DraftChanged if the draft was saved since the handle was read, AlreadySent if it was sent, NoSuchDraft if it
    was erased. A page save is no audit event: it would tell which pages a patient was asked, and when.
    """
    due, revision = _due(now, keep_days), draft.revision + 1
    saved = replace(draft, revision=revision, document=document, saved_at=now, due_for_erasure_on=due)
    write(sql, SAVE, draft, saved)
    return saved


def write(sql: Connection, statement: Update, draft: DraftHandle, written: DraftHandle, **more: Any) -> None:
    """Write `written`, the next revision of a draft, by `SAVE` or a statement made from it. Raises what `save` does.

    “Exactly once” and “nothing overwritten” are the database's to say: a row is written only if it is still as read.
    """
    content = CONTENT.seal(written.data_key, written.document, written)
    values = {"response_id": draft.id, "seen": draft.revision, "new_revision": written.revision, "new_content": content}
    dates = {"new_saved_at": written.saved_at, "new_due_for_erasure_on": written.due_for_erasure_on}
    if sql.execute(statement, values | dates | more).rowcount != 1:
        now_there = select(RESPONSES.c.status, RESPONSES.c.reference).where(RESPONSES.c.id == draft.id)
        row = sql.execute(now_there).one_or_none()
        if row is None:
            raise NoSuchDraft
        raise DraftChanged if row.status == IN_PROGRESS else AlreadySent(row.reference)


# ---- by the resume code ----


def find_by_code(sql: Connection, keyring: Keyring, code: str) -> CodeMatch | None:
    """What a typed resume code belongs to, sent or not; None if it is nobody's."""
    meant = codes.normalise(code)
    if meant is None:
        return None
    row = sql.execute(_BY_CODE, {"mac": code_mac(keyring, meant)}).one_or_none()
    return None if row is None else CodeMatch(row.id, row.status, row.questionnaire)


def open_with_code(sql: Connection, id: str, code: str) -> DraftHandle:
    """The draft that this code opens. Raises NoSuchDraft, AlreadySent, CannotOpen."""
    meant = codes.normalise(code)
    if meant is None:
        raise NoSuchDraft
    statement = _BY_HOLDER_LOCKED if may_write(sql) else _BY_HOLDER
    row = _draft_row(sql.execute(statement, {"response_id": id, "holder": data_keys.CODE}).one_or_none())
    return _handle(sql, row, data_keys.by_code(row.wrapped, id, meant))


def bind_session(sql: Connection, draft: DraftHandle, token: str) -> None:
    """Let a new session open this draft; `sessions.close` ends it."""
    data_keys.give_to_session(sql, draft.id, draft.data_key, token)


def corrections_of(sql: Connection, id: str) -> list[datetime]:
    """When each correction of a sent response was begun that is not sent yet."""
    begun = select(RESPONSES.c.started_at).where(RESPONSES.c.corrects == id)
    return list(sql.scalars(begun.order_by(RESPONSES.c.started_at)))


# ---- rows ----


def _draft_row(row: Row[Any] | None) -> Row[Any]:
    if row is None:
        raise NoSuchDraft
    if row.status != IN_PROGRESS:
        raise AlreadySent(row.reference, is_withdrawn=row.status == ENTERED_IN_ERROR)
    if row.wrapped is None:  # somebody else's draft, or a session that was closed
        raise NoSuchDraft
    return row


def _handle(sql: Connection, row: Row[Any], data_key: bytes, session: WebSession | None = None) -> DraftHandle:
    document = CONTENT.unseal(data_key, row.content, row)
    if (correction := document.get(CORRECTION)) and not _stands(sql, correction[0]):
        raise NoSuchDraft  # what it corrects was erased or withdrawn, and its copy goes with it
    held = {name: getattr(row, name) for name in COLUMNS}
    return DraftHandle(**held, document=document, data_key=data_key, session=session)


def _stands(sql: Connection, id: str) -> bool:
    still = select(RESPONSES.c.id).where(RESPONSES.c.id == id, RESPONSES.c.status.in_((COMPLETED, AMENDED)))
    return sql.scalar(still) is not None


def correction_mac(keyring: Keyring, draft_id: str, response_id: str) -> str:
    """Our word that a draft corrects a response."""
    return keyring.mac("correction", draft_id, response_id).hex()


def _free_reference(sql: Connection) -> str:
    while True:
        reference = codes.new_reference()
        if sql.execute(select(RESPONSES.c.id).where(RESPONSES.c.reference == reference)).first() is None:
            return reference


def _due(now: datetime, keep_days: int) -> date:
    return (now + timedelta(days=keep_days)).date()


def code_mac(keyring: Keyring, code: str) -> bytes:
    """What a resume code is found by, without being kept."""
    return keyring.mac("resume-code", code)
