"""One person's data, for that person: the form and the answers as FHIR, a page to read, the notes, who opened it.

It is the one way in which an admin comes to one person's answers: for a reason, after the password was given again, in
the trail that the patient may ask for (docs/interfaces.md).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import Connection

from intake.answers.document import Agreement
from intake.exports.spreadsheet import guard
from intake.questionnaire.fhir_questionnaire import questionnaire_to_json
from intake.records import audit, erasing, sent, trail
from intake.records.audit import Agent, AuditAction, Entity
from intake.records.errors import CannotOpen, NoSuchResponse, NotSentYet
from intake.records.sent import Sent
from intake.records.trail import Wanted
from intake.summary.full_answers import AnsweredPage, full_answers
from intake.summary.statement import text_of
from intake.web.extensions import Installation
from intake.web.opened import OpenedResponse

READ_ME: Final = (
    "bundle.json: the form and the answers, as a FHIR R4 Bundle.\n"
    "answers.html: every question that was asked and its answer, to be read in a browser.\n"
    "notes.txt: what the clinic wrote about this form.\n"
    "opened.csv: who opened it, when, and how.\n"
    "earlier-….html: the answers as they were before each correction, if there was one.\n"
)


@dataclass(frozen=True, slots=True)
class SubjectExport:
    """The zip, and the reference that names it."""

    reference: str
    content: bytes


def subject_export(
    sql: Connection, intake: Installation, typed: str, agent: Agent, *, reason: str, now: datetime
) -> SubjectExport:
    """All that is kept of the response of this reference, once the trail says who took it and why.

    Raises NoSuchReference, ErasedBefore, NotSentYet, CannotOpen, UnreadableResponse, FormMissing.
    """
    id = erasing.by_reference(sql, typed)
    audit.record(sql, AuditAction.SUBJECT_EXPORT, agent, audit.response(id), detail=reason, now=now)
    try:
        found = sent.open(sql, intake.keyring, id)
    except NoSuchResponse:
        raise NotSentYet from None
    opened = OpenedResponse(found, intake.forms.version(found.questionnaire))
    document = opened.document
    files = {
        "read-me.txt": READ_ME,
        "bundle.json": json.dumps(_bundle(opened, now), ensure_ascii=False, indent=2) + "\n",
        "answers.html": "".join(_page(found, document.agreement, full_answers(document.absences))),
        "notes.txt": _notes(found),
        "opened.csv": _opened(sql, found),
    }
    for one in sent.earlier(sql, intake.keyring, id):
        if one.sent is None:
            raise CannotOpen
        then = OpenedResponse(one.sent, opened.published).document
        files[f"earlier-{one.revision}.html"] = "".join(_page(one.sent, then.agreement, full_answers(then.absences)))
        if one.sent.review is not None:
            files["notes.txt"] = f"{_notes(one.sent)}\n{files['notes.txt']}"
    zipped = io.BytesIO()
    with ZipFile(zipped, "w", ZIP_DEFLATED) as archive:
        for name, written in files.items():
            archive.writestr(name, written)
    return SubjectExport(found.reference, zipped.getvalue())


def _bundle(opened: OpenedResponse, now: datetime) -> dict[str, Any]:
    """A FHIR Bundle of type collection: the questionnaire, and the response to it."""
    form = opened.document.questionnaire
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "entry": [
            {"fullUrl": form.url, "resource": questionnaire_to_json(form)},
            {"fullUrl": f"urn:uuid:{_uuid(opened.sent.id)}", "resource": opened.fhir},
        ],
    }


def _uuid(id: str) -> str:
    return "-".join((id[:8], id[8:12], id[12:16], id[16:20], id[20:]))


def _page(found: Sent, agreement: Agreement | None, pages: tuple[AnsweredPage, ...]) -> Iterator[str]:
    """Every answer, in plain HTML that needs nothing beside it."""
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f"<title>{escape(found.reference)}</title>\n</head>\n<body>\n<h1>Answers {escape(found.reference)}</h1>\n"
    yield f"<p>Sent {escape(found.answered_at.date().isoformat())}. As it was answered; not checked.</p>\n"
    if found.is_withdrawn:
        yield "<p>Withdrawn by the patient.</p>\n"
    if agreement is not None:
        at = agreement.at.isoformat(timespec="minutes")
        yield f"<p>Agreed on {escape(at)} to the text of version {escape(agreement.version)}.</p>\n"
    for page in pages:
        yield f"<h2>{escape(page.title)}</h2>\n"
        for block in page.blocks:
            if block.heading:
                yield f"<h3>{escape(block.heading)}</h3>\n"
            yield "<dl>\n"
            for statement in block.statements:
                said = [text_of(line) for line in statement.lines]
                said += [statement.reason_text] if statement.reason_text else []
                answer = "<br>".join(escape(line) for line in said)
                yield f'<dt dir="auto">{escape(statement.question)}</dt><dd dir="auto">{answer}</dd>\n'
            yield "</dl>\n"
    yield "</body>\n</html>\n"


def _notes(found: Sent) -> str:
    if found.review is None:
        return "The clinic wrote no note.\n"
    at = found.review.reviewed_at.isoformat(timespec="seconds")
    return f"Reviewed by {found.review.reviewer_name}, {at}\n{found.review.note or 'No note was written.'}\n"


def _opened(sql: Connection, found: Sent) -> str:
    lines = io.StringIO()
    out = csv.writer(lines)
    out.writerow(trail.HEADINGS)
    for event in trail.events(sql, Wanted(reference=found.reference)):
        if event.entity_type == Entity.QUEUE:  # who else was on the list is nobody's business but theirs
            event = replace(event, detail=found.reference)
        out.writerow([guard(cell) for cell in event.cells])
    return lines.getvalue()
