"""What is due goes by itself: drafts after their date, sent responses after the time that the clinic set.

A clock that is wrong must not empty a clinic. So nothing is erased unless the trail goes on as the clock does, and
what would be erased was counted, for people to see, at least a day and at most a week before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, Engine, func, select

from intake.records import audit, erasing
from intake.records.audit import COMMAND_LINE, AuditAction, Entity, Subject
from intake.records.database import reading, transaction
from intake.records.errors import NoSuchResponse, UnderLegalHold
from intake.records.sent import IS_SENT
from intake.records.tables import EVENTS, IN_PROGRESS, RESPONSES

TRAIL_IS_CURRENT: Final = timedelta(days=7)
COUNTED_BEFORE: Final = timedelta(days=1)
ONCE_A_DAY: Final = timedelta(hours=20)
OF_DRAFTS: Final = "kept to its date"
OF_SENT: Final = "kept for the time that the clinic set"


@dataclass(frozen=True, slots=True)
class Purge:
    """What a purge found due, and what it did; `why_not` says why nothing was erased."""

    drafts: int = 0
    sent: int = 0
    held: int = 0
    why_not: str = ""

    @property
    def words(self) -> str:
        """In one line."""
        held = f", {self.held} under a legal hold left" if self.held else ""
        return f"drafts due: {self.drafts}, sent responses due: {self.sent}{held}"


def purge(engine: Engine, *, now: datetime, retention_days: int | None, count_only: bool = False) -> Purge:
    """Count what is due and log the count; then erase it, if that may be (see above) and not `count_only`."""
    with transaction(engine) as sql:
        newest = sql.scalar(select(func.max(EVENTS.c.recorded_at)))
        found = _count(sql, now, retention_days)
        if newest is not None and now - newest > TRAIL_IS_CURRENT:
            days = (now - newest).days
            why = (
                f"Nothing was erased: the newest event of the trail is {days} days older than this machine's clock. "
                "See that the clock is right; once somebody has signed in, purge again."
            )
            return Purge(found.drafts, found.sent, found.held, why)
        was_counted = _was_counted(sql, now)
        _record(sql, AuditAction.PURGE_COUNTED, found.words, now)
    if count_only:
        return found
    if not was_counted:
        why = "Nothing was erased: what is due is counted a day before it is erased. Purge again tomorrow."
        return Purge(found.drafts, found.sent, found.held, why)
    return _erase(engine, now, retention_days, found)


def is_due(engine: Engine, now: datetime) -> bool:
    """Has no purge counted within the last hours? For whoever purges once a day."""
    with reading(engine) as sql:
        last = sql.scalar(select(func.max(EVENTS.c.recorded_at)).where(_of(AuditAction.PURGE_COUNTED)))
    return last is None or abs(now - last) > ONCE_A_DAY


def _erase(engine: Engine, now: datetime, retention_days: int | None, found: Purge) -> Purge:
    counts = {OF_DRAFTS: 0, OF_SENT: 0}
    with reading(engine) as sql:
        due = list(_due(sql, now, retention_days))
    for id, reason in due:  # one transaction each: nobody waits for long, and a killed one goes on
        try:
            with transaction(engine) as sql:
                erasing.erase(sql, id, COMMAND_LINE, reason=reason, now=now)
            counts[reason] += 1
        except (NoSuchResponse, UnderLegalHold):  # sent, erased or held since it was looked up
            continue
    done = Purge(counts[OF_DRAFTS], counts[OF_SENT], found.held)
    with transaction(engine) as sql:
        _record(sql, AuditAction.PURGED, done.words, now)
    return done


def _count(sql: Connection, now: datetime, retention_days: int | None) -> Purge:
    reasons = [reason for _, reason in _due(sql, now, retention_days)]
    held = sum(1 for _ in _due(sql, now, retention_days, held=True))
    return Purge(reasons.count(OF_DRAFTS), reasons.count(OF_SENT), held)


def _due(
    sql: Connection, now: datetime, retention_days: int | None, *, held: bool = False
) -> Iterator[tuple[str, str]]:
    """The ids of what is due, each with the reason that the trail keeps; those under a hold only if `held`."""
    wanted = select(RESPONSES.c.id).where(erasing.IS_HELD if held else ~erasing.IS_HELD)
    drafts = wanted.where(RESPONSES.c.status == IN_PROGRESS, RESPONSES.c.due_for_erasure_on < now.date())
    yield from ((id, OF_DRAFTS) for id in sql.scalars(drafts).all())
    if retention_days is not None:
        before = now - timedelta(days=retention_days)
        sent = wanted.where(IS_SENT, RESPONSES.c.authored_at < before)
        yield from ((id, OF_SENT) for id in sql.scalars(sent).all())


def _was_counted(sql: Connection, now: datetime) -> bool:
    counted = select(EVENTS.c.n).where(
        _of(AuditAction.PURGE_COUNTED),
        EVENTS.c.recorded_at <= now - COUNTED_BEFORE,
        EVENTS.c.recorded_at >= now - TRAIL_IS_CURRENT,
    )
    return sql.execute(counted.limit(1)).first() is not None


def _of(action: AuditAction) -> ColumnElement[bool]:
    return (EVENTS.c.entity_type == Entity.RECORDS.value) & (EVENTS.c.action == action.value)


def _record(sql: Connection, action: AuditAction, detail: str, now: datetime) -> None:
    audit.record(sql, action, COMMAND_LINE, Subject(Entity.RECORDS), detail=detail, now=now)
