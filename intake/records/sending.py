"""Sending: exactly once, a draft becomes the clinic's to open and nobody else's."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, insert

import intake
from intake.records import audit, data_keys, drafts
from intake.records.audit import AuditAction
from intake.records.cipher import JsonObject, new_key
from intake.records.drafts import RESUME_CODE, DraftHandle
from intake.records.keyring import Keyring
from intake.records.sealed import CODE, HEADER, SUMMARY
from intake.records.tables import COMPLETED, NEW, SUMMARIES

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

    In this one transaction: content, summary and `header` (name and birth date, for the queue) are sealed under a new
    key that goes to the keyring; the draft's own key is dropped, the document loses its code. So no older copy of this
    draft opens with what the clinic holds. Raises what `drafts.save` does.
    """
    written = replace(
        draft,
        revision=draft.revision + 1,
        status=COMPLETED,
        saved_at=now,
        due_for_erasure_on=None,
        document={name: value for name, value in document.items() if name != RESUME_CODE},
        data_key=new_key(),
    )
    row = {name: getattr(written, name) for name in drafts.COLUMNS} | {"review_status": NEW, "authored_at": now}
    bound = {CODE: drafts.code_mac(keyring, draft.code).hex()} if draft.document.get(RESUME_CODE) else {}
    sealed_header = HEADER.seal(written.data_key, header | bound, row)
    drafts.write(sql, _SEND, draft, written, new_header=sealed_header, new_authored_at=now)
    content = SUMMARY.seal(written.data_key, summary, written)
    made = {"response_id": draft.id, "content": content, "made_at": now, "made_by_version": intake.__version__}
    sql.execute(insert(SUMMARIES), made)
    data_keys.take_from_patient(sql, draft.id)
    data_keys.give_to_keyring(sql, draft.id, written.data_key, keyring)
    audit.record(sql, AuditAction.SEND, audit.patient(draft.id), audit.response(draft.id), now=now)
