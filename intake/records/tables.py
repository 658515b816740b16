"""The tables, one class each. All that a patient typed, name and birth date too, stands only in sealed blobs."""

from datetime import date, datetime
from typing import Final, cast

from sqlalchemy import Date, ForeignKey, Index, Integer, LargeBinary, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from intake.records.database import Base, UtcDateTime

ID: Final = String(32)
IN_PROGRESS: Final = "in-progress"  # FHIR's words for a QuestionnaireResponse's status
COMPLETED: Final = "completed"
AMENDED: Final = "amended"  # its patient corrected it
ENTERED_IN_ERROR: Final = "entered-in-error"  # its patient withdrew it
NEW: Final = "new"
REVIEWED: Final = "reviewed"
DETAIL_LENGTH: Final = 500  # of an event: the references of a page of the queue fit


def table_of(record: type[Base]) -> Table:
    """The Core table behind a class: classes describe the tables, and Core statements run on them (decision 0007)."""
    return cast(Table, record.__table__)


def _owner() -> Mapped[str]:
    return mapped_column(ID, ForeignKey("questionnaire_response.id", ondelete="CASCADE"), primary_key=True)


class ResponseRecord(Base):
    """One patient's QuestionnaireResponse, draft or sent. In the clear: what the queue sorts by and retention needs."""

    __tablename__ = "questionnaire_response"
    __table_args__ = (
        Index("ix_questionnaire_response_queue", "authored_at", "id"),
        Index("ix_questionnaire_response_review", "review_status", "authored_at", "id"),
        Index("ix_questionnaire_response_due", "due_for_erasure_on"),
        Index("ix_questionnaire_response_corrects", "corrects"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    reference: Mapped[str] = mapped_column(String(9), unique=True)
    questionnaire: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(20))
    review_status: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(35))
    revision: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    authored_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when it was sent; None says that it is a draft
    due_for_erasure_on: Mapped[date | None] = mapped_column(Date)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    header: Mapped[bytes | None] = mapped_column(LargeBinary)  # name and birth date for the queue, once it is sent
    corrects: Mapped[str | None] = mapped_column(ID)  # of a draft: the sent response that it is to take the place of


class DataKey(Base):
    """A response's own key, wrapped for each holder: code and session:<hash> of a draft, keyring of a sent one."""

    __tablename__ = "data_key"

    response_id: Mapped[str] = _owner()
    holder: Mapped[str] = mapped_column(String(72), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class ResumeCode(Base):
    """Finds a response by its code without holding it. Stays after sending: it proves who you are and opens nothing."""

    __tablename__ = "resume_code"

    response_id: Mapped[str] = _owner()
    code_mac: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)


class ResponseSummary(Base):
    """What the clinician reads, made and stored when the patient sends."""

    __tablename__ = "response_summary"

    response_id: Mapped[str] = _owner()
    content: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by_version: Mapped[str] = mapped_column(String(40))


class ResponseVersion(Base):
    """What stood in a sent response until its patient corrected it, as it was sealed then, with the mark of its review
    if there was one."""

    __tablename__ = "response_version"

    response_id: Mapped[str] = _owner()
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    status: Mapped[str] = mapped_column(String(20))
    review_status: Mapped[str] = mapped_column(String(20))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    header: Mapped[bytes] = mapped_column(LargeBinary)
    summary: Mapped[bytes] = mapped_column(LargeBinary)
    reviewer_id: Mapped[str | None] = mapped_column(ID)
    reviewer_name: Mapped[str | None] = mapped_column(String(200))
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[bytes | None] = mapped_column(LargeBinary)


class ReviewRecord(Base):
    """A clinician's mark that a response was reviewed, under their id and name of then: it outlives the account."""

    __tablename__ = "review"

    response_id: Mapped[str] = _owner()
    reviewer_id: Mapped[str] = mapped_column(ID)
    reviewer_name: Mapped[str] = mapped_column(String(200))
    note: Mapped[bytes] = mapped_column(LargeBinary)
    reviewed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AuditRecord(Base):
    """Who did what to what. Insert only: triggers of migration 0001 stop changes. `n` is the order, not the clock.
    Each event's MAC covers the one before it (`chain`)."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_entity", "entity_type", "entity_id", "action"),
        Index("ix_audit_event_agent", "agent_id", "action", "n"),
        {"sqlite_autoincrement": True},
    )

    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(40))
    agent_id: Mapped[str] = mapped_column(String(64))
    agent_name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    entity_type: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(20))
    # an export's groups and reason, say; never a patient's words
    detail: Mapped[str] = mapped_column(String(DETAIL_LENGTH))
    mac: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # None only until the upgrade from before 0.5 is over


class WebSessionRecord(Base):
    """A signed-in browser, known by the hash of its cookie. Deleting the row ends it at once; a row that this program
    did not write bears no MAC of its keys and opens nothing."""

    __tablename__ = "web_session"
    __table_args__ = (Index("ix_web_session_owner", "kind", "owner"),)

    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    owner: Mapped[str] = mapped_column(ID)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    fresh_at: Mapped[datetime] = mapped_column(UtcDateTime)
    mac: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class ThrottleRecord(Base):
    """How often something was tried in the window that ends at `ends_at`; who tried stands only as a keyed hash."""

    __tablename__ = "throttle"

    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    tries: Mapped[int] = mapped_column(Integer)


class KeyCheck(Base):
    """One value a key of the keyring must give again: a wrong keyring is noticed before anything is written with it."""

    __tablename__ = "key_check"

    key_id: Mapped[str] = mapped_column(String(8), primary_key=True)
    check_value: Mapped[bytes] = mapped_column(LargeBinary(32))


class FormFile(Base):
    """Which file a version of a form is: `url|version`, and the SHA-256 of its bytes, as it was last loaded."""

    __tablename__ = "form_file"

    canonical: Mapped[str] = mapped_column(String(255), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))


RESPONSES: Final = table_of(ResponseRecord)
DATA_KEYS: Final = table_of(DataKey)
CODES: Final = table_of(ResumeCode)
SUMMARIES: Final = table_of(ResponseSummary)
VERSIONS: Final = table_of(ResponseVersion)
REVIEWS: Final = table_of(ReviewRecord)
EVENTS: Final = table_of(AuditRecord)
SESSIONS: Final = table_of(WebSessionRecord)
THROTTLE: Final = table_of(ThrottleRecord)
CHECKS: Final = table_of(KeyCheck)
FORM_FILES: Final = table_of(FormFile)
