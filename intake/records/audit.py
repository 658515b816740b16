"""The trail: who did what to which record, written in the transaction of the deed itself. Rows are only ever added.

“No audit, no view” (security.md 3.2): verbs that give a sent response `require` an event for it in this transaction.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Row, exists, func, insert, select

from intake.records import chain
from intake.records.chain import Head
from intake.records.database import notes_of
from intake.records.errors import NotAudited
from intake.records.keyring import at_hand
from intake.records.tables import EVENTS

_INSERT: Final = insert(EVENTS)
_LOG: Final = logging.getLogger(__name__)


class AuditAction(StrEnum):
    """What was done. The words are what the trail shows, and never change once written."""

    START = "start"
    SEND = "send"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    SIGN_IN = "sign-in"
    SIGN_IN_DECLINED = "sign-in-declined"
    SIGN_OUT = "sign-out"
    DENIED = "denied"
    THROTTLED = "throttled"
    RESUMED = "resumed"
    RESUME_DECLINED = "resume-declined"
    ALTERED = "altered"
    NOT_OPENED = "not-opened"
    LIST = "list"
    VIEW_SUMMARY = "view-summary"
    VIEW_ANSWERS = "view-answers"
    VIEW_FHIR = "view-fhir"
    VIEW_SUMMARY_JSON = "view-summary-json"
    VIEW_SUMMARY_TEXT = "view-summary-text"
    VIEW_CONFIRMATION = "view-confirmation"
    VIEW_OWN_COPY = "view-own-copy"
    OWN_COPY_FHIR = "own-copy-fhir"
    VIEW_OPENINGS = "view-openings"
    REVIEW = "review"
    UNREVIEW = "unreview"
    KEYS_ROTATED = "keys-rotated"
    KEYS_REWRAPPED = "keys-rewrapped"
    VIEW_TRAIL = "view-trail"
    TRAIL_CSV = "trail-csv"
    EXPORT_BEGUN = "export-begun"
    EXPORT_ENDED = "export-ended"
    ERASE = "erase"
    HELD = "held"
    RELEASED = "released"
    SUBJECT_EXPORT = "subject-export"
    PRODUCTION_BEGUN = "production-begun"
    PURGE_COUNTED = "purge-counted"
    PURGED = "purged"
    RESTORED = "restored"
    ACCOUNT_ADDED = "account-added"
    ACCOUNT_DISABLED = "account-disabled"
    ACCOUNT_ENABLED = "account-enabled"
    PASSWORD_RESET = "password-reset"  # noqa: S105 - the name of a deed # nosec B105
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - the name of a deed # nosec B105
    INVITED = "invited"
    INVITE_USED = "invite-used"
    LINK_MADE = "link-made"
    LINK_TAKEN_BACK = "link-taken-back"
    SESSIONS_ENDED = "sessions-ended"
    SECOND_FACTOR_SET = "second-factor-set"
    SECOND_FACTOR_RESET = "second-factor-reset"
    RECOVERY_CODE_USED = "recovery-code-used"
    RECOVERY_CODES_MADE = "recovery-codes-made"
    ROLES_CHANGED = "roles-changed"
    ROLES_REQUESTED = "roles-requested"
    ROLES_CONFIRMED = "roles-confirmed"
    ROLES_TURNED_AWAY = "roles-turned-away"


class Entity(StrEnum):
    """What it was done to."""

    RESPONSE = "QuestionnaireResponse"
    QUEUE = "queue"
    PAGE = "page"
    TRAIL = "trail"
    KEYS = "keys"
    RECORDS = "records"
    EXPORT = "export"
    ACCOUNT = "account"


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    DECLINED = "declined"
    BROKEN_OFF = "broken-off"


@dataclass(frozen=True, slots=True)
class Agent:
    """Who did it, by the name and in the role of that moment."""

    id: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What it was done to; a kind of which there is one, the queue, has no id."""

    entity_type: Entity
    id: str = ""


COMMAND_LINE: Final = Agent("command-line", "command line", "operator")  # whoever has the shell has no account


def patient(id: str) -> Agent:
    """The patient of the response of this id: the trail knows no more of them."""
    return Agent(id, "patient", "patient")


def response(id: str) -> Subject:
    """The response of this id."""
    return Subject(Entity.RESPONSE, id)


def record(
    sql: Connection,
    action: AuditAction,
    agent: Agent,
    subject: Subject,
    *,
    now: datetime,
    outcome: Outcome = Outcome.DONE,
    detail: str = "",
) -> int:
    """Add one event to the trail, to be kept if and only if this transaction is; gives its number.

    `detail` is at most 500 characters that staff gave with it, such as an export's reason; never a patient's words.
    """
    event: dict[str, Any] = {
        "recorded_at": now,
        "action": action.value,
        "agent_id": agent.id,
        "agent_name": agent.name,
        "role": agent.role,
        "entity_type": subject.entity_type.value,
        "entity_id": subject.id,
        "outcome": outcome.value,
        "detail": detail,
    }
    before, keyring, notes = chain.last(sql), at_hand(sql), notes_of(sql)
    event["n"] = before.n + 1
    head = Head(before.n + 1, chain.mac_of(keyring, event, before.mac))
    sql.execute(_INSERT, event | {"mac": head.mac})
    notes.recorded.add(subject)
    if keyring.trail_head:
        notes.once_committed["trail"] = partial(_note, keyring.trail_head, head)
    return head.n


def _note(path: Path, head: Head) -> None:
    """What was done is done: a note that cannot be written is told to the log alone, and stays behind."""
    try:
        chain.note(path, head)
    except OSError as error:
        _LOG.warning("The file %s cannot be written: %s.", path, error.strerror)


def record_stranger(
    sql: Connection, action: AuditAction, address: str, subject: Subject, *, now: datetime, detail: str = ""
) -> None:
    """Add what somebody who is not signed in did not get, once for each address, kind and minute: so strangers cannot
    fill the disk. The address stands in the trail as a keyed hash only."""
    who = f"address:{at_hand(sql).mac('trail address', address).hex()[:32]}"
    same = (EVENTS.c.agent_id == who, EVENTS.c.action == action.value)
    minute = now.replace(second=0, microsecond=0)
    if sql.scalar(select(EVENTS.c.n).where(*same, EVENTS.c.recorded_at >= minute).limit(1)) is None:
        agent = Agent(who, "not signed in", "none")
        record(sql, action, agent, subject, now=now, outcome=Outcome.DECLINED, detail=detail)


def after(
    sql: Connection, n: int, entity_type: Entity, actions: Collection[AuditAction]
) -> Sequence[Row[Any, Any, Any]]:
    """The events of these kinds that stand behind event `n`, in order: their action, entity_id and detail."""
    wanted = (EVENTS.c.n > n, EVENTS.c.entity_type == entity_type, EVENTS.c.action.in_(actions))
    columns = (EVENTS.c.action, EVENTS.c.entity_id, EVENTS.c.detail)
    return sql.execute(select(*columns).where(*wanted).order_by(EVENTS.c.n)).all()


def ever(sql: Connection, action: AuditAction) -> bool:
    """Whether this was ever done."""
    return bool(sql.scalar(select(exists().where(EVENTS.c.action == action.value))))


def was_done(sql: Connection, action: AuditAction, subject: Subject) -> bool:
    """Whether this was ever done to this subject."""
    about = (EVENTS.c.entity_type == subject.entity_type.value, EVENTS.c.entity_id == subject.id)
    return bool(sql.scalar(select(exists().where(*about, EVENTS.c.action == action.value))))


def latest(sql: Connection, action: AuditAction) -> dict[str, datetime]:
    """When this was last done to each record, by its id."""
    last = select(EVENTS.c.entity_id, func.max(EVENTS.c.recorded_at)).group_by(EVENTS.c.entity_id)
    return dict(sql.execute(last.where(EVENTS.c.action == action.value)).all())


def require(sql: Connection, subject: Subject) -> None:
    """See that this transaction recorded an event about this subject. Raises NotAudited."""
    if subject not in notes_of(sql).recorded:
        raise NotAudited
