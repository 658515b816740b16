"""What a patient changes of what was sent: a correction takes its place and the earlier version is kept; a withdrawal
erases it, or, once somebody at the clinic has seen it, takes it out of every list and export."""

import hmac
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

import intake
from intake.records import audit, data_keys, drafts, erasing, looks, reviews, sessions
from intake.records.audit import AuditAction
from intake.records.cipher import JsonObject
from intake.records.drafts import CORRECTION, DraftHandle
from intake.records.errors import AlreadySent, CannotOpen, CorrectedMeanwhile, DraftChanged, NoSuchDraft
from intake.records.keyring import Keyring
from intake.records.looks import OWN
from intake.records.sealed import CODE, CONTENT, HEADER, SUMMARY
from intake.records.sent import correction_detail
from intake.records.tables import (
    AMENDED,
    ENTERED_IN_ERROR,
    IN_PROGRESS,
    NEW,
    RESPONSES,
    REVIEWED,
    REVIEWS,
    SUMMARIES,
    VERSIONS,
)

BEFORE_ANYBODY_OPENED_IT: Final = "withdrawn by its patient before anybody opened it"


def amend(
    sql: Connection,
    keyring: Keyring,
    draft: DraftHandle,
    *,
    id: str,
    seen: int,
    document: JsonObject,
    summary: JsonObject,
    header: JsonObject,
    now: datetime,
) -> None:
    """Let what a draft holds take the place of what the sent response `id` held at revision `seen`.

    What stood there is kept as it was sealed, with its review; the response is new for the clinic. The draft goes, and
    its sessions are the response's. Raises CorrectedMeanwhile, Withdrawn, NoSuchResponse, CannotOpen, and what
    `drafts.save` does.
    """
    row = reviews.locked(sql, id)
    _end_draft(sql, draft)
    ours = drafts.correction_mac(keyring, draft.id, id)
    if not hmac.compare_digest(str((draft.document.get(CORRECTION) or [""])[-1]), ours):
        raise CannotOpen  # a draft that somebody else's words say corrects this
    if row.revision != seen:
        raise CorrectedMeanwhile(row.revision)
    data_key = data_keys.by_keyring(row.wrapped, id, keyring)
    review = sql.execute(delete(REVIEWS).where(REVIEWS.c.response_id == id).returning(REVIEWS)).one_or_none()
    of_it = SUMMARIES.c.response_id == id
    kept = {
        name: getattr(row, name) for name in ("revision", "status", "review_status", "saved_at", "content", "header")
    }
    kept |= {} if review is None else review._asdict()
    sql.execute(insert(VERSIONS), kept | {"response_id": id, "summary": row.summary})
    changes = {"revision": row.revision + 1, "status": AMENDED, "review_status": NEW, "saved_at": now}
    after = row._asdict() | changes
    bound = HEADER.unseal(data_key, row.header, row).get(CODE)
    header = header | ({} if bound is None else {CODE: bound})
    sealed = {"content": CONTENT.seal(data_key, document, after), "header": HEADER.seal(data_key, header, after)}
    sql.execute(update(RESPONSES).where(RESPONSES.c.id == id).values(**changes, **sealed))
    made = {"made_at": now, "made_by_version": intake.__version__}
    sql.execute(update(SUMMARIES).where(of_it).values(content=SUMMARY.seal(data_key, summary, after), **made))
    patient, response = audit.patient(id), audit.response(id)
    if row.review_status == REVIEWED:
        audit.record(sql, AuditAction.UNREVIEW, patient, response, now=now)
    audit.record(sql, AuditAction.CORRECT, patient, response, detail=correction_detail(row.revision + 1), now=now)
    sessions.hand_over(sql, draft.id, id)


def _end_draft(sql: Connection, draft: DraftHandle) -> None:
    """Take a draft away that is as it was read. Raises what `drafts.save` does."""
    there = RESPONSES.c.id == draft.id
    as_read = (there, RESPONSES.c.status == IN_PROGRESS, RESPONSES.c.revision == draft.revision)
    if sql.execute(delete(RESPONSES).where(*as_read)).rowcount != 1:
        row = sql.execute(select(RESPONSES.c.status, RESPONSES.c.reference).where(there)).one_or_none()
        if row is None:
            raise NoSuchDraft
        raise DraftChanged if row.status == IN_PROGRESS else AlreadySent(row.reference)


class Keeps(StrEnum):
    """Why a withdrawal does not erase a response."""

    SEEN = "seen"  # somebody at the clinic opened it, or an export may hold it
    HELD = "held"  # it is under a legal hold


def what_keeps(sql: Connection, id: str, *, form: str | None, zone: tzinfo) -> Keeps | None:
    """Why a withdrawal would not erase this response (`looks.looks_of`); None if it would. Raises NoSuchResponse."""
    found = looks.looks_of(sql, id, form=form, zone=zone)
    if any(look.action not in OWN for look in found):
        return Keeps.SEEN
    return Keeps.HELD if erasing.is_held(sql, id) else None


def withdraw(sql: Connection, keyring: Keyring, id: str, *, form: str | None, zone: tzinfo, now: datetime) -> bool:
    """Withdraw a sent response: True if it was erased, False if it stays as entered in error, where
    something keeps it (`what_keeps`).

    The trail is held from the first event on: whoever looks has looked before, or comes too late. Raises Withdrawn,
    NoSuchResponse, CannotOpen, FolderUnusable.
    """
    row = reviews.locked(sql, id)
    patient, response = audit.patient(id), audit.response(id)
    audit.record(sql, AuditAction.WITHDRAW, patient, response, now=now)
    if what_keeps(sql, id, form=form, zone=zone) is None:
        erasing.erase(sql, id, patient, reason=BEFORE_ANYBODY_OPENED_IT, now=now)
        return True
    erasing.end_corrections(sql, id)
    data_key, after = data_keys.by_keyring(row.wrapped, id, keyring), row._asdict() | {"status": ENTERED_IN_ERROR}
    sealed = {
        part.column: part.seal(data_key, part.unseal(data_key, getattr(row, part.column), row), after)
        for part in (CONTENT, HEADER)
    }
    sql.execute(update(RESPONSES).where(RESPONSES.c.id == id).values(status=ENTERED_IN_ERROR, **sealed))
    return False
