"""The trail: who did what to which record, written in the transaction of the deed itself. Rows are only ever added.

“No audit, no view” (security.md 3.2): the verbs that give a sent response ask `require` whether this transaction holds an event for it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from intake.records.errors import NotAudited
from intake.records.tables import AuditRecord, table_of

_INSERT: Final = insert(table_of(AuditRecord))
_RECORDED: Final = "intake_audited"


class AuditAction(StrEnum):
    """What was done. The words are what the trail shows, and never change once written."""

    START = "start"
    SEND = "send"
    SIGN_IN = "sign-in"
    SIGN_IN_DECLINED = "sign-in-declined"
    SIGN_OUT = "sign-out"
    LIST = "list"
    VIEW_SUMMARY = "view-summary"
    VIEW_ANSWERS = "view-answers"
    VIEW_FHIR = "view-fhir"
    VIEW_SUMMARY_JSON = "view-summary-json"
    VIEW_CONFIRMATION = "view-confirmation"
    REVIEW = "review"
    UNREVIEW = "unreview"
    EXPORT = "export"
    ACCOUNT_ADDED = "account-added"
    ACCOUNT_DISABLED = "account-disabled"
    ACCOUNT_ENABLED = "account-enabled"
    PASSWORD_RESET = "password-reset"  # noqa: S105 - the name of a deed


class Entity(StrEnum):
    """What it was done to."""

    RESPONSE = "QuestionnaireResponse"
    QUEUE = "queue"
    EXPORT = "export"
    ACCOUNT = "account"


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    DECLINED = "declined"


def record(
    session: Session,
    action: AuditAction,
    *,
    agent_id: str,
    agent_name: str,
    role: str,
    entity_type: Entity,
    entity_id: str = "",
    outcome: Outcome = Outcome.DONE,
    detail: str = "",
    now: datetime,
) -> None:
    """Add one event to the trail, to be kept if and only if this transaction is. `agent_name` is the name as it is now.

    `detail` is at most 500 characters that staff gave with it, such as the reason of an export; never a patient's words.
    """
    session.execute(
        _INSERT,
        {
            "recorded_at": now,
            "action": action.value,
            "agent_id": agent_id,
            "agent_name": agent_name,
            "role": role,
            "entity_type": entity_type.value,
            "entity_id": entity_id,
            "outcome": outcome.value,
            "detail": detail,
        },
    )
    session.info.setdefault(_RECORDED, set()).add((entity_type, entity_id))


def require(session: Session, entity_type: Entity, entity_id: str = "") -> None:
    """See that this transaction recorded an event about this entity. Raises NotAudited."""
    if (entity_type, entity_id) not in session.info.get(_RECORDED, ()):
        raise NotAudited
