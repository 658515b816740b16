"""The clinician's pages: the queue newest first, the one page, the full answers, the review, and the same as JSON."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from typing import Any, Final

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, Field, IntegerField
from wtforms.validators import Length, Optional, ValidationError

from intake.accounts import permissions
from intake.accounts.staff import Role
from intake.forms.fields import kept_text
from intake.forms.form import Form, LineField
from intake.questionnaire.values import PartialDate
from intake.records import audit, reviews, sent
from intake.records.audit import AuditAction
from intake.records.errors import CannotOpen, CorrectedMeanwhile, Withdrawn
from intake.records.sent import Earlier, QueueKey, QueueRow
from intake.records.tables import AMENDED, COMPLETED, ENTERED_IN_ERROR, NEW, REVIEWED
from intake.summary.drawing import drawing_of
from intake.summary.full_answers import full_answers, not_asked
from intake.summary.text import as_text
from intake.web.downloads import json_download
from intake.web.extensions import current, now, transaction
from intake.web.headers import DOWNLOAD_POLICY
from intake.web.limits import RECORD_ID
from intake.web.opened import OpenedResponse

door = Blueprint("clinician", __name__, url_prefix="/clinician")

ROWS: Final = 50
TABS: Final = (("All", None), ("New", NEW), ("Reviewed", REVIEWED))
DAMAGED: Final = "The stored record is damaged. Tell whoever looks after this system."
FORM_MISSING: Final = "The file with the questions of this form is missing. Tell whoever looks after this system."
STATES: Final = {NEW: "New", REVIEWED: "Reviewed"}
WHAT_BECAME: Final = {AMENDED: "corrected by the patient", ENTERED_IN_ERROR: "withdrawn by the patient"}


NOTE_LENGTH: Final = 4000


class ReviewForm(Form):
    """A note for colleagues, kept whole, about the revision that was read; or `undo`, the button that takes the mark
    away again."""

    note = LineField(
        filters=[lambda typed: (kept_text(typed) or "").strip()],
        validators=[Length(max=NOTE_LENGTH, message=f"Shorten the note to {NOTE_LENGTH} characters.")],
    )
    revision = IntegerField(validators=[Optional()])
    undo = BooleanField(false_values=())

    def validate_note(self, field: Field) -> None:
        """Every character of it can be seen by colleagues."""
        if any(unicodedata.category(character) == "Cc" and character not in "\n\t" for character in field.data):
            raise ValidationError("Remove the characters that cannot be shown.")


@door.get("/")
def queue() -> str:
    """Sent responses, newest first, or the one of a reference."""
    reference = request.args.get("q", "").strip() or None
    state = request.args.get("show")
    if state not in (None, *STATES):
        raise NotFound
    older, reader = _key(request.args.get("older")), permissions.me().acting_as(Role.CLINICIAN)
    with transaction() as sql:
        rows = sent.queue(
            sql,
            current().keyring,
            reader,
            now=now(),
            after=older,
            limit=ROWS,
            reference=reference,
            review_status=state,
        )
        withdrawn = sent.withdrawn_on(sql, reference) if reference and not rows else None
        is_last = len(rows) < ROWS or not sent.any_behind(sql, rows[-1].key, review_status=state)
    shown = [_line(row) for row in rows]
    next_page = None if is_last else _key_text(rows[-1].key)
    return render_template(
        "clinician/queue.html",
        rows=shown,
        older=next_page,
        tabs=TABS,
        state=state,
        q=reference,
        withdrawn=withdrawn,
    )


@door.get("/responses/<record:id>")
def show(id: str) -> str:
    """The one page (clinical.md 3.1)."""
    return _one_page(id, ReviewForm(formdata=None))


def _one_page(id: str, form: ReviewForm, *, changed: bool = False) -> str:
    with transaction() as sql:
        opened = _open(sql, id, AuditAction.VIEW_SUMMARY)
        summary, whose = opened.summary, opened.whose_summary
        earlier = _earlier(sql, opened)
    day = _day_of_sending(opened)
    return render_template(
        "clinician/response.html",
        sent=opened.sent,
        whose=whose,
        review=opened.sent.review,
        changed=changed,
        earlier=earlier,
        form=form,
        note_length=NOTE_LENGTH,
        summary=summary,
        drawing=drawing_of(summary.timeline, day),
        as_text=as_text(summary, opened.sent.reference, day, WHAT_BECAME.get(opened.sent.status, "")),
        printed=now(),
    )


@door.get("/responses/<record:id>/answers")
def answers(id: str) -> str:
    """Every answer verbatim."""
    with transaction() as sql:
        opened = _open(sql, id, AuditAction.VIEW_ANSWERS)
        document, whose = opened.document, opened.whose_answers
    return render_template(
        "clinician/answers.html",
        sent=opened.sent,
        withdrawn=opened.sent.is_withdrawn,
        whose=whose,
        pages=full_answers(document.absences),
        not_asked=not_asked(document.absences),
        version=document.questionnaire.version,
        printed=now(),
    )


@door.get("/responses/<record:id>/versions/<int:revision>")
def version(id: str, revision: int) -> str:
    """Every answer as it was until the patient corrected it."""
    with transaction() as sql:
        opened = _open(sql, id, AuditAction.VIEW_ANSWERS)
        earlier = next((one for one in _earlier(sql, opened) if one.revision == revision), None)
        if earlier is None:
            raise NotFound  # within the transaction: nobody saw anything
    if earlier.sent is None:
        raise CannotOpen
    then = OpenedResponse(earlier.sent, opened.published)
    document = then.document
    return render_template(
        "clinician/answers.html",
        sent=earlier.sent,
        replaced=True,
        withdrawn=opened.sent.is_withdrawn,
        whose=then.whose_answers,
        pages=full_answers(document.absences),
        not_asked=not_asked(document.absences),
        version=document.questionnaire.version,
        printed=now(),
    )


@door.post("/responses/<record:id>/review")
def review(id: str) -> AnyResponse:
    """Mark as reviewed with an optional note, or take the mark away again. What was corrected or withdrawn since it
    was read is shown anew, with the note as it was typed."""
    form, reviewer = ReviewForm(), permissions.me().acting_as(Role.CLINICIAN)
    if not form.validate():
        return make_response(_one_page(id, form), 422)
    seen, note = form.revision.data, form.note.data
    try:
        with transaction() as sql:
            if form.undo.data:
                reviews.unreview(sql, current().keyring, id, reviewer, now=now(), seen=seen)
            else:
                reviews.review(sql, current().keyring, id, reviewer, note=note, now=now(), seen=seen)
    except (CorrectedMeanwhile, Withdrawn):
        return make_response(_one_page(id, form, changed=True), 409)
    return redirect(f"/clinician/responses/{id}#s-rev", 303)


@door.get("/responses/<record:id>.json")
def fhir(id: str) -> Response:
    """The FHIR R4 QuestionnaireResponse."""
    with transaction() as sql:
        opened = _open(sql, id, AuditAction.VIEW_FHIR)
        found = opened.fhir
    return json_download(found, "application/fhir+json", f"{opened.sent.reference}.json")


@door.get("/responses/<record:id>/summary.json")
def summary(id: str) -> Response:
    """The stored summary (docs/interfaces.md)."""
    with transaction() as sql:
        opened = _open(sql, id, AuditAction.VIEW_SUMMARY_JSON)
        found = opened.summary
    became = {"status": opened.sent.status} if opened.sent.is_withdrawn else {}
    document = found.as_json(opened.sent.reference) | became
    return json_download(document, "application/json", f"{opened.sent.reference}-summary.json")


@door.get("/responses/<record:id>/summary.txt")
def text(id: str) -> Response:
    """The one page as text to paste (docs/interfaces.md)."""
    with transaction() as sql:
        opened = _open(sql, id, AuditAction.VIEW_SUMMARY_TEXT)
        found = as_text(
            opened.summary, opened.sent.reference, _day_of_sending(opened), WHAT_BECAME.get(opened.sent.status, "")
        )
    return Response(
        found, content_type="text/plain; charset=utf-8", headers={"Content-Security-Policy": DOWNLOAD_POLICY}
    )


def _open(sql: Connection, id: str, action: AuditAction) -> OpenedResponse:
    """Record who looks, then open. Raises NoSuchResponse, CannotOpen; then nothing was seen and nothing is recorded."""
    audit.record(sql, action, permissions.me().acting_as(Role.CLINICIAN), audit.response(id), now=now())
    found = sent.open(sql, current().keyring, id)
    return OpenedResponse(found, current().forms.version(found.questionnaire))


def _earlier(sql: Connection, opened: OpenedResponse) -> list[Earlier]:
    """What stood there before each correction, oldest first; nothing where nothing was corrected."""
    if opened.sent.status == COMPLETED:
        return []
    return sent.earlier(sql, current().keyring, opened.sent.id)


def _day_of_sending(opened: OpenedResponse) -> date:
    return opened.sent.answered_at.astimezone(current().settings.clinic_timezone).date()


def _line(row: QueueRow) -> dict[str, Any]:
    """What the queue shows of one response; of one that cannot be opened, that."""
    born = PartialDate.parse(row.header["birth_date"]).words if row.header.get("birth_date") else ""
    is_here = row.questionnaire in current().forms.published
    closed = FORM_MISSING if not is_here else None if row.readable else DAMAGED
    return {
        "id": row.id,
        "reference": row.reference,
        "name": _name(row.header.get("name")),
        "closed": closed,
        "born": born,
        "sent": row.authored_at,
        "state": _state(row) if closed is None else "Cannot be opened",
    }


def _state(row: QueueRow) -> str:
    state = STATES.get(row.review_status, row.review_status)
    return f"{state}, corrected" if row.status == AMENDED else state


def _name(written: str | None) -> str:
    """A name as the queue shows it; the form of an empty one asks for none."""
    return "No name given" if written is None else written or "No name asked"


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
