"""Short ways to do what the doors do with the records: a patient begins, saves, sends; a clinician looks."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from intake.records import audit, drafts, reviews, sending, sent, sessions
from intake.records.audit import Agent, AuditAction, Entity, Subject
from intake.records.database import reading, transaction
from intake.records.drafts import DraftHandle
from intake.records.keyring import Keyring
from intake.records.sent import QueueRow, Sent
from tests.databases import Database

NOW = datetime(2026, 11, 22, 9, 30, 15, 123456, tzinfo=UTC)
MOSS = Agent("c1", "Dr Moss", "clinician")
FERN = Agent("c2", "Dr Fern", "clinician")
CANONICAL = "https://example.org/questionnaire|1.0.0"


@dataclass(frozen=True)
class Records:
    """An upgraded database and its keyring."""

    engine: Engine
    keyring: Keyring
    database: Database | None = None
    """The test's own database; None in another process, which knows only its address."""

    @property
    def folder(self) -> Path:
        """The instance folder."""
        assert self.database is not None
        return self.database.instance


@dataclass(frozen=True)
class Patient:
    """Someone with a draft and a browser that holds its token."""

    id: str
    reference: str
    code: str
    token: str


def begin(records: Records, document: dict[str, Any] | None = None, now: datetime = NOW) -> Patient:
    token = sessions.new_token()
    with transaction(records.engine) as sql:
        started = drafts.start(
            sql,
            records.keyring,
            questionnaire=CANONICAL,
            language="en",
            token=token,
            document=document or {},
            now=now,
        )
        sessions.open(sql, token, kind=sessions.SessionKind.PATIENT, owner=started.id, now=now)
    return Patient(started.id, started.reference, started.code, token)


def draft_of(records: Records, patient: Patient) -> DraftHandle:
    with reading(records.engine) as sql:
        return drafts.open(sql, patient.token, now=NOW)


def save(records: Records, patient: Patient, document: dict[str, Any], now: datetime = NOW) -> int:
    with transaction(records.engine) as sql:
        draft = drafts.open(sql, patient.token, now=NOW)
        return drafts.save(sql, draft, draft.document | document, now=now).revision


def save_as_read(records: Records, draft: DraftHandle, document: dict[str, Any]) -> int:
    """Save a draft that was read before, in a window of its own."""
    with transaction(records.engine) as sql:
        return drafts.save(sql, draft, document, now=NOW).revision


def send(records: Records, patient: Patient, header: dict[str, Any] | None = None, now: datetime = NOW) -> str:
    with transaction(records.engine) as sql:
        draft = drafts.open(sql, patient.token, now=NOW)
        sending.complete(
            sql,
            records.keyring,
            draft,
            document=draft.document,
            summary={"reference": draft.reference, "of": draft.document.get("answer")},
            header=header or {"name": "", "birth_date": ""},
            now=now,
        )
    return draft.reference


def send_as_read(records: Records, draft: DraftHandle, document: dict[str, Any]) -> str:
    """Send a draft that was read before, in a window of its own."""
    with transaction(records.engine) as sql:
        sending.complete(sql, records.keyring, draft, document=document, summary={}, header={}, now=NOW)
    return draft.reference


def seen(sql: Connection, response_id: str, action: AuditAction = AuditAction.VIEW_ANSWERS) -> None:
    audit.record(sql, action, MOSS, audit.response(response_id), now=NOW)


def listed(sql: Connection) -> None:
    audit.record(sql, AuditAction.LIST, MOSS, Subject(Entity.QUEUE), now=NOW)


def sent_of(records: Records, response_id: str) -> Sent:
    with transaction(records.engine) as sql:
        seen(sql, response_id)
        return sent.open(sql, records.keyring, response_id)


def summary_of(records: Records, response_id: str) -> dict[str, Any]:
    with transaction(records.engine) as sql:
        seen(sql, response_id, AuditAction.VIEW_SUMMARY)
        return sent.open(sql, records.keyring, response_id).summary


def review(records: Records, response_id: str, note: str = "", by: Agent = MOSS) -> None:
    with transaction(records.engine) as sql:
        reviews.review(sql, records.keyring, response_id, by, note=note, now=NOW)


def queue_of(records: Records, **wanted: Any) -> list[QueueRow]:
    with transaction(records.engine) as sql:
        return sent.queue(sql, records.keyring, MOSS, now=NOW, **wanted)
