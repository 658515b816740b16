"""The clinician's pages: the queue newest first, the one page, the full answers, the review, and the same as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField

from intake.accounts import permissions
from intake.clinician import reading
from intake.clinician.drawing import drawing_of
from intake.clinician.full_answers import full_answers, not_asked
from intake.forms.fields import kept_text
from intake.forms.form import Form, LineField
from intake.questionnaire.absence import Absences
from intake.questionnaire.enable_when import Shown
from intake.questionnaire.values import PartialDate
from intake.records import audit, responses
from intake.records.audit import AuditAction, Entity
from intake.records.responses import QueueKey, QueueRow
from intake.web.addresses import RECORD_ID
from intake.web.extensions import current, now, transaction
from intake.web.headers import DOWNLOAD_POLICY

door = Blueprint("clinician", __name__, url_prefix="/clinician")

ROWS: Final = 50
TABS: Final = (("All", None), ("New", responses.NEW), ("Reviewed", responses.REVIEWED))
STATES: Final = {responses.NEW: "New", responses.REVIEWED: "Reviewed"}


class ReviewForm(Form):
    """A note for colleagues, kept whole; or `undo`, the button that takes the mark away again."""

    note = LineField(filters=[lambda typed: kept_text(typed).strip()])
    undo = BooleanField(false_values=())


@door.get("/")
def queue() -> str:
    """Sent responses, newest first, or the one of a reference."""
    reference = request.args.get("q", "").strip() or None
    state = request.args.get("show")
    if state not in (None, *STATES):
        raise NotFound
    rows = _queue(reference, state, _key(request.args.get("older")))
    shown = [_line(row) for row in rows[:ROWS]]
    older = _key_text(rows[ROWS - 1].key) if len(rows) > ROWS else None
    return render_template("clinician/queue.html", rows=shown, older=older, tabs=TABS, state=state, q=reference)


@door.get("/responses/<record:id>")
def show(id: str) -> str:
    """The one page (clinical.md 3.1)."""
    me = permissions.me()
    with transaction() as sql:
        opened = reading.open_response(sql, id, AuditAction.VIEW_SUMMARY, me)
        summary = reading.open_summary(sql, id)
    return render_template(
        "clinician/response.html",
        sent=opened.sent,
        review=opened.review,
        summary=summary,
        drawing=drawing_of(summary.timeline),
        texts={item.link_id: item.text for item in opened.questionnaire.walk()},
        anchors={
            name: rows.link_id for rows in opened.questionnaire.lists for name in (item.link_id for item in rows.walk())
        },
        version=opened.questionnaire.version,
        printed=now(),
    )


@door.get("/responses/<record:id>/answers")
def answers(id: str) -> str:
    """Every answer verbatim."""
    with transaction() as sql:
        opened = reading.open_response(sql, id, AuditAction.VIEW_ANSWERS, permissions.me())
    absences = Absences(Shown(opened.questionnaire, opened.response), opened.way)
    return render_template(
        "clinician/answers.html",
        sent=opened.sent,
        pages=full_answers(absences),
        not_asked=not_asked(absences),
        version=opened.questionnaire.version,
        printed=now(),
    )


@door.post("/responses/<record:id>/review")
def review(id: str) -> AnyResponse:
    """Mark as reviewed with an optional note, or take the mark away again."""
    form, me = ReviewForm(), permissions.me()
    with transaction() as sql:
        if form.undo.data:
            responses.unreview(sql, id, reviewer_id=me.id, reviewer_name=me.name, now=now())
        else:
            note = form.note.data
            responses.review(sql, current().keyring, id, reviewer_id=me.id, reviewer_name=me.name, note=note, now=now())
    return redirect(f"/clinician/responses/{id}#s-rev", 303)


@door.get("/responses/<record:id>.json")
def fhir(id: str) -> Response:
    """The FHIR R4 QuestionnaireResponse."""
    with transaction() as sql:
        opened = reading.open_response(sql, id, AuditAction.VIEW_FHIR, permissions.me())
    return _download(opened.fhir, "application/fhir+json", f"{opened.sent.reference}.json")


@door.get("/responses/<record:id>/summary.json")
def summary(id: str) -> Response:
    """The stored summary (docs/interfaces.md)."""
    with transaction() as sql:
        opened = reading.open_response(sql, id, AuditAction.VIEW_SUMMARY_JSON, permissions.me())
        found = reading.open_summary(sql, id)
    return _download(found.as_json(opened.sent.reference), "application/json", f"{opened.sent.reference}-summary.json")


def _queue(reference: str | None, state: str | None, after: QueueKey | None) -> list[QueueRow]:
    me = permissions.me()
    with transaction() as sql:
        audit.record(
            sql,
            AuditAction.LIST,
            agent_id=me.id,
            agent_name=me.name,
            role="clinician",
            entity_type=Entity.QUEUE,
            now=now(),
        )
        return responses.queue(
            sql, current().keyring, after=after, limit=ROWS + 1, reference=reference, review_status=state
        )


def _line(row: QueueRow) -> dict[str, Any]:
    """What the queue shows of one response; of one that cannot be opened, that."""
    born = PartialDate.parse(row.header["birth_date"]).words if row.header.get("birth_date") else ""
    return {
        "id": row.id,
        "reference": row.reference,
        "name": row.header.get("name", "") if row.readable else None,
        "born": born,
        "sent": row.authored_at,
        "state": STATES.get(row.review_status, row.review_status) if row.readable else "Cannot be opened",
    }


def _key(text: str | None) -> QueueKey | None:
    """Where the page before ended, from the address. Raises NotFound for anything that was not made here."""
    if text is None:
        return None
    moment, _, id = text.partition("~")
    try:
        found = datetime.fromisoformat(moment)
        if found.tzinfo is None or not RECORD_ID.fullmatch(id):
            raise NotFound
        return found.astimezone(UTC), id
    except (ValueError, OverflowError):  # OverflowError: a moment that UTC cannot write
        raise NotFound from None


def _key_text(key: QueueKey) -> str:
    return f"{key[0].astimezone(UTC).isoformat().replace('+00:00', 'Z')}~{key[1]}"


def _download(document: dict[str, Any], mimetype: str, filename: str) -> Response:
    return Response(
        json.dumps(document, ensure_ascii=False, indent=2) + "\n",
        content_type=f"{mimetype}; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{filename}"',
            "Content-Security-Policy": DOWNLOAD_POLICY,
        },
    )
