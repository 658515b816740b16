"""Who opened one sent response: each time the trail says that it was shown, and each export that held it."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from sqlalchemy import Connection, select

from intake.records import exporting
from intake.records.audit import AuditAction, Entity, Outcome
from intake.records.errors import NoSuchResponse
from intake.records.sent import IS_SENT
from intake.records.tables import EVENTS, RESPONSES

SHOWN: Final = (
    AuditAction.VIEW_SUMMARY,
    AuditAction.VIEW_ANSWERS,
    AuditAction.VIEW_FHIR,
    AuditAction.VIEW_SUMMARY_JSON,
    AuditAction.VIEW_SUMMARY_TEXT,
    AuditAction.SUBJECT_EXPORT,
)
"""What shows staff the answers of one response."""
OWN: Final = (AuditAction.VIEW_CONFIRMATION, AuditAction.VIEW_OWN_COPY, AuditAction.OWN_COPY_FHIR)
"""What shows a patient their own."""


@dataclass(frozen=True, slots=True)
class Look:
    """Once that a response was shown or exported: to somebody in which role, when, and how."""

    role: str
    at: datetime
    action: AuditAction


def looks_of(sql: Connection, id: str, *, form: str | None, zone: tzinfo) -> list[Look]:
    """Every look at the answers of a sent response, newest first, the patient's own among them. `form` is the name of
    its form (`exporting.may_hold`), `zone` the clinic's. Lists and searches, which show a name and a date of birth, are
    not among them. Opens nothing. Raises NoSuchResponse."""
    authored_at = sql.scalar(select(RESPONSES.c.authored_at).where(RESPONSES.c.id == id, IS_SENT))
    if authored_at is None:
        raise NoSuchResponse
    done = EVENTS.c.outcome == Outcome.DONE.value
    wanted = select(EVENTS.c.n, EVENTS.c.role, EVENTS.c.recorded_at, EVENTS.c.action, EVENTS.c.detail).where(done)
    of_it = (EVENTS.c.entity_type == Entity.RESPONSE.value, EVENTS.c.entity_id == id)
    shown = sql.execute(wanted.where(*of_it, EVENTS.c.action.in_([one.value for one in (*SHOWN, *OWN)]))).all()
    exports = wanted.where(
        EVENTS.c.entity_type == Entity.EXPORT.value,
        EVENTS.c.action == AuditAction.EXPORT_BEGUN.value,
        EVENTS.c.recorded_at >= authored_at,
    )
    withdrawn = sql.scalar(select(EVENTS.c.n).where(*of_it, EVENTS.c.action == AuditAction.WITHDRAW.value))
    if withdrawn is not None:
        exports = exports.where(EVENTS.c.n < withdrawn)
    held = (row for row in sql.execute(exports) if exporting.may_hold(row.detail, authored_at, form, zone))
    events = sorted((*shown, *held), key=lambda row: row.n, reverse=True)
    return [Look(row.role, row.recorded_at, AuditAction(row.action)) for row in events]
