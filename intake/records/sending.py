"""Sending: exactly once, a draft becomes the clinic's to open and nobody else's."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, insert

import intake
from intake.records import audit, data_keys, drafts
from intake.records.audit import AuditAction
from intake.records.cipher import JsonObject
from intake.records.drafts import RESUME_CODE, DraftHandle
from intake.records.keyring import Keyring
from intake.records.tables import COMPLETED, SUMMARIES

_SEND: Final = drafts.SAVE.values(
    {name: bindparam(f"new_{name}") for name in ("header", "authored_at")} | {"status": COMPLETED}
)


def complete(
    sql: Connection,
    keyring: Keyring,
    draft: DraftHandle,
    *,
    document: JsonObject,
    summary: JsonObject,
    header: JsonObject,
    now: datetime,
) -> None:
    """Send a draft with this document as its last revision.

    In this one transaction: content, summary and `header` (name and birth date, for the queue) are sealed, the key goes
    to the keyring, code and sessions lose it, the document its code. Raises what `drafts.save` does.
    """
    sent = {name: value for name, value in document.items() if name != RESUME_CODE}
    row = {"new_header": data_keys.sealed(draft.data_key, header, data_keys.header(draft.id)), "new_authored_at": now}
    drafts.write(sql, _SEND, draft, sent, now=now, **row, new_due_for_erasure_on=None)
    content = data_keys.sealed(draft.data_key, summary, data_keys.summary(draft.id))
    made = {"response_id": draft.id, "content": content, "made_at": now, "made_by_version": intake.__version__}
    sql.execute(insert(SUMMARIES), made)
    data_keys.give_to_keyring(sql, draft.id, draft.data_key, keyring)
    data_keys.take_from_patient(sql, draft.id)
    audit.record(sql, AuditAction.SEND, audit.patient(draft.id), audit.response(draft.id), now=now)
