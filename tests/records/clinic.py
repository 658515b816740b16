"""Short ways to do what the doors do with the records: a patient begins, saves, sends; a clinician looks."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from intake.records import audit, responses, sessions
from intake.records.audit import AuditAction, Entity
from intake.records.database import reading, transaction
from intake.records.keyring import Keyring
from intake.records.responses import Draft, QueueRow, Sent
from tests.databases import Database

NOW = datetime(2026, 11, 22, 9, 30, 15, 123456, tzinfo=UTC)
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
    with transaction(records.engine) as session:
        started = responses.start(
            session,
            records.keyring,
            questionnaire=CANONICAL,
            language="en",
            token=token,
            document=document or {},
            now=now,
        )
        sessions.open(session, token, kind=sessions.Kind.PATIENT, owner=started.id, now=now)
    return Patient(started.id, started.reference, started.code, token)


def draft_of(records: Records, patient: Patient) -> Draft:
    with reading(records.engine) as session:
        return responses.open_draft(session, patient.id, patient.token)


def save(records: Records, patient: Patient, document: dict[str, Any], now: datetime = NOW) -> int:
    with transaction(records.engine) as session:
        draft = responses.open_draft(session, patient.id, patient.token)
        changed = draft.document | document
        return responses.save_draft(session, patient.id, patient.token, changed, seen_revision=draft.revision, now=now)


def send(records: Records, patient: Patient, header: dict[str, Any] | None = None, now: datetime = NOW) -> str:
    with transaction(records.engine) as session:
        draft = responses.open_draft(session, patient.id, patient.token)
        return responses.complete(
            session,
            records.keyring,
            patient.id,
            patient.token,
            document=draft.document,
            summary={"reference": draft.reference, "of": draft.document.get("answer")},
            header=header or {"name": "", "birth_date": ""},
            seen_revision=draft.revision,
            now=now,
        )


def seen(session: Session, response_id: str, action: AuditAction = AuditAction.VIEW_ANSWERS) -> None:
    audit.record(
        session,
        action,
        agent_id="c1",
        agent_name="Dr Moss",
        role="clinician",
        entity_type=Entity.RESPONSE,
        entity_id=response_id,
        now=NOW,
    )


def listed(session: Session) -> None:
    audit.record(
        session,
        AuditAction.LIST,
        agent_id="c1",
        agent_name="Dr Moss",
        role="clinician",
        entity_type=Entity.QUEUE,
        now=NOW,
    )


def sent_of(records: Records, response_id: str) -> Sent:
    with transaction(records.engine) as session:
        seen(session, response_id)
        return responses.read_sent(session, records.keyring, response_id)


def summary_of(records: Records, response_id: str) -> dict[str, Any]:
    with transaction(records.engine) as session:
        seen(session, response_id, AuditAction.VIEW_SUMMARY)
        return responses.read_summary(session, records.keyring, response_id)


def queue_of(records: Records, **wanted: Any) -> list[QueueRow]:
    with transaction(records.engine) as session:
        listed(session)
        return responses.queue(session, records.keyring, **wanted)
