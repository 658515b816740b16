"""What an export reads: everything that was sent before a cut-off, in batches, as it was at that moment."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, func, select, text, tuple_

from intake.records import audit, data_keys, erasing, sent, trail
from intake.records.audit import AuditAction, Entity
from intake.records.database import reading
from intake.records.errors import CannotOpen
from intake.records.keyring import Keyring
from intake.records.sealed import HEADER
from intake.records.sent import QueueKey, Sent
from intake.records.tables import DATA_KEYS, ENTERED_IN_ERROR, NEW, RESPONSES, REVIEWED, SUMMARIES, VERSIONS

_HOLD: Final = text(f"LOCK TABLE {RESPONSES.name} IN EXCLUSIVE MODE")
_WANTED: Final[Select[Any]] = sent.WITH_SUMMARY.with_only_columns(
    *(RESPONSES.c[name] for name in (*HEADER.bound_to, "header", "content")),
    DATA_KEYS.c.wrapped,
    SUMMARIES.c.content.label("summary"),
    sent.TRAIL_SAYS,
    sent.TRAIL_CORRECTED,
    maintain_column_froms=True,
)
_STATUS_BEFORE: Final = {AuditAction.REVIEW: NEW, AuditAction.UNREVIEW: REVIEWED}


@dataclass(frozen=True)
class Unreadable:
    """A sent response that an export cannot hold, as it does not open."""

    reference: str


_DETAIL: Final = re.compile(r"\w+; cut-off (\S+); (?:form (\S+); )?(?:days of (\S+); )?.*?; sent ([\d-]*)\.\.([\d-]*);")


def detail_of(kind: str, cut_off: datetime, form: str, request: str, zone: ZoneInfo | None = None) -> str:
    """What the trail keeps of an export that begins: its kind, its cut-off, the name of its form, whose days count if
    days were asked for, and the rest of that, the days among it as `sent a..b`."""
    moment = cut_off.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    days = f"days of {zone.key}; " if zone is not None else ""
    return f"{kind}; cut-off {moment}; form {form}; {days}{request}"


def may_hold(detail: str, authored_at: datetime, form: str | None, zone: tzinfo) -> bool:
    """Whether an export that began with this detail held a response that was sent at this moment to the form of this
    name; None is a form that is not here now. `zone` is the clinic's, where the detail does not say whose days it
    means; where it says nothing that can be read, it may."""
    found = _DETAIL.match(detail)
    if found is None:
        return True
    cut_off, of_form, of_zone, since, until = found.groups()
    first, last = (date.fromisoformat(day) if day else None for day in (since, until))
    start, end = trail.span_of(first, last, ZoneInfo(of_zone) if of_zone else zone)
    return (
        authored_at < datetime.fromisoformat(cut_off)
        and (form is None or of_form in (None, form))
        and (start is None or authored_at >= start)
        and (end is None or authored_at < end)
    )


@dataclass(frozen=True)
class Span:
    """What an export holds: since ≤ sent < until, and sent before the cut-off, which event number `event` of the trail
    fixed."""

    cut_off: datetime
    event: int
    since: datetime | None = None
    until: datetime | None = None
    without: tuple[str, ...] = ()
    """The urls of the forms whose responses it does not hold."""


def wait_for_sends(sql: Connection) -> None:
    """Let every send and review in flight end, and hold new ones back until this transaction ends: the moment taken now
    parts them.

    SQLite's writers are alone already. The price on PostgreSQL: saves wait for the few milliseconds of this
    transaction.
    """
    if sql.dialect.name == "postgresql":
        sql.execute(_HOLD)


def count_sent(sql: Connection, span: Span) -> int:
    """How many responses were sent in this span."""
    return int(sql.execute(select(func.count()).select_from(RESPONSES).where(*_within(span))).scalar_one())


def sent_in_batches(engine: Engine, keyring: Keyring, span: Span, *, size: int = 500) -> Iterator[Sent | Unreadable]:
    """Each response that was sent in this span with its summary, oldest first, as it was when the export of the span
    began.

    Reads by key in short transactions, so that an export of any size holds nobody up. What is erased meanwhile is
    missing (`erased_after` names it); a response that does not open comes as Unreadable. The caller records the export
    first.
    """
    last: QueueKey | None = None
    wanted = _WANTED.where(*_within(span)).order_by(RESPONSES.c.authored_at, RESPONSES.c.id).limit(size)
    while True:
        page = wanted if last is None else wanted.where(tuple_(RESPONSES.c.authored_at, RESPONSES.c.id) > last)
        with reading(engine) as sql:
            rows = sql.execute(page).all()
            # behind the rows: what changes between the two reads is known then
            before = _review_status_before(sql, span.event)
            versions = _versions_before(sql, span.event)
        for row in rows:
            yield _exported(row, versions.get(row.id), keyring, before.get(row.id, row.review_status))
        if len(rows) < size:
            return
        last = (rows[-1].authored_at, rows[-1].id)


def erased_after(sql: Connection, event: int) -> list[str]:
    """The references of the responses that were sent before this event of the trail and erased after it."""
    events = audit.after(sql, event, Entity.RESPONSE, (AuditAction.SEND, AuditAction.ERASE))
    late = {row.entity_id for row in events if row.action == AuditAction.SEND}
    erased = (row for row in events if row.action == AuditAction.ERASE and row.entity_id not in late)
    return [reference for row in erased if (reference := erasing.erased_reference(row.detail))]


def withdrawn(sql: Connection, span: Span) -> list[str]:
    """The references of the responses of this span that were withdrawn by now, in the order of their sending."""
    sent_then = tuple(_sent_within(span))
    wanted = select(RESPONSES.c.reference).where(*sent_then, RESPONSES.c.status == ENTERED_IN_ERROR)
    return list(sql.scalars(wanted.order_by(RESPONSES.c.authored_at, RESPONSES.c.id)))


def _within(span: Span) -> Iterator[ColumnElement[bool]]:
    yield from _sent_within(span)
    yield sent.IS_LISTED


def _sent_within(span: Span) -> Iterator[ColumnElement[bool]]:
    authored = RESPONSES.c.authored_at
    yield authored < span.cut_off
    if span.since is not None:
        yield authored >= span.since
    if span.until is not None:
        yield authored < span.until
    for url in span.without:
        yield ~RESPONSES.c.questionnaire.startswith(f"{url}|", autoescape=True)


def _review_status_before(sql: Connection, event: int) -> dict[str, str]:
    """The review status before this event of the trail, of the responses whose status changed after it."""
    changes = audit.after(sql, event, Entity.RESPONSE, tuple(_STATUS_BEFORE))
    # the earliest change tells, so it comes last
    return {row.entity_id: _STATUS_BEFORE[row.action] for row in reversed(changes)}


def _versions_before(sql: Connection, event: int) -> dict[str, Row[Any]]:
    """What stood before this event of the trail in the responses that were corrected after it."""
    corrected = Counter(row.entity_id for row in audit.after(sql, event, Entity.RESPONSE, (AuditAction.CORRECT,)))
    found: dict[str, Row[Any]] = {}
    for id, times in corrected.items():
        newest = select(VERSIONS).where(VERSIONS.c.response_id == id).order_by(VERSIONS.c.revision.desc())
        # none where it was erased since
        if (version := sql.execute(newest.offset(times - 1).limit(1)).one_or_none()) is not None:
            found[id] = version
    return found


def _exported(row: Row[Any], version: Row[Any] | None, keyring: Keyring, review_status: str) -> Sent | Unreadable:
    try:
        data_key = data_keys.by_keyring(row.wrapped, row.id, keyring)
        response = sent.opened(row, data_key, review_status)
        if version is not None and version.revision < row.revision:
            response = sent.as_it_was(row, version, data_key, review_status)
        _ = response.summary  # opened here, where it is known what to make of one that does not open
    except CannotOpen:
        return Unreadable(row.reference)
    return response
