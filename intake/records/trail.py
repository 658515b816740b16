"""The trail as people read it: who did what to which response, found by reference, person, deed and time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from intake.records import codes
from intake.records.audit import AuditAction, Entity
from intake.records.tables import EVENTS, RESPONSES

HEADINGS: Final = ("n", "time", "action", "who", "role", "what", "id", "outcome", "detail")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: each part that is given must fit. Times are since ≤ t < until; `before` is an event's number."""

    reference: str = ""
    agent_id: str = ""
    action: AuditAction | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class TrailEvent:
    """One event, with the reference of the response it is about while there is one."""

    n: int
    recorded_at: datetime
    action: str
    agent_name: str
    role: str
    entity_type: str
    entity_id: str
    outcome: str
    detail: str
    reference: str

    @property
    def cells(self) -> tuple[str, ...]:
        """What `HEADINGS` name."""
        moment = self.recorded_at.isoformat(timespec="seconds").replace("+00:00", "Z")
        what = self.reference or self.entity_id
        told = (self.agent_name, self.role, self.entity_type, what, self.outcome, self.detail)
        return (str(self.n), moment, self.action, *told)


def span_of(since: date | None, until: date | None, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """From when, and until before when: midnights at the clinic of the first day, and of the day after the last."""
    start = datetime.combine(since, time(), zone) if since else None
    end = datetime.combine(until + timedelta(days=1), time(), zone) if until else None
    return start, end


def events(sql: Connection, wanted: Wanted, *, limit: int | None = None) -> Iterator[TrailEvent]:
    """The events that are wanted, newest first. Opens no response."""
    about = (EVENTS.c.entity_type == Entity.RESPONSE.value) & (EVENTS.c.entity_id == RESPONSES.c.id)
    statement = select(EVENTS, RESPONSES.c.reference).outerjoin(RESPONSES, about).where(*_conditions(sql, wanted))
    for row in sql.execute(statement.order_by(EVENTS.c.n.desc()).limit(limit)):
        yield _event(row)


def _conditions(sql: Connection, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.reference:
        yield _about(sql, wanted.reference)
    if wanted.agent_id:
        yield EVENTS.c.agent_id == wanted.agent_id
    if wanted.action is not None:
        yield EVENTS.c.action == wanted.action.value
    if wanted.since is not None:
        yield EVENTS.c.recorded_at >= wanted.since
    if wanted.until is not None:
        yield EVENTS.c.recorded_at < wanted.until
    if wanted.before is not None:
        yield EVENTS.c.n < wanted.before


def _about(sql: Connection, typed: str) -> ColumnElement[bool]:
    """Events about the response of this reference, those in which it was listed, and those of one that was erased."""
    reference = codes.normalise_reference(typed) or typed
    ids = list(sql.scalars(select(RESPONSES.c.id).where(RESPONSES.c.reference == reference)))
    erased = (EVENTS.c.action == AuditAction.ERASE.value) & EVENTS.c.detail.startswith(reference, autoescape=True)
    ids += sql.scalars(select(EVENTS.c.entity_id).where(erased))
    of_it = (EVENTS.c.entity_type == Entity.RESPONSE.value) & EVENTS.c.entity_id.in_(ids)
    listed = (EVENTS.c.entity_type == Entity.QUEUE.value) & EVENTS.c.detail.contains(reference, autoescape=True)
    return or_(of_it, listed)


def _event(row: Row[Any]) -> TrailEvent:
    held = row._asdict()
    names = TrailEvent.__dataclass_fields__
    return TrailEvent(**{name: held[name] for name in names if name != "reference"}, reference=row.reference or "")
