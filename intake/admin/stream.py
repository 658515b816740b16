"""The export as a stream of bytes, from the records through the pure tables of `intake.exports`. For the door and for the command."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from intake.admin.request import ExportRequest
from intake.exports.table import ExportRow, export_csv, export_zip
from intake.questionnaire import loader
from intake.questionnaire.fhir_json import response_from_json
from intake.records import audit, responses
from intake.records.audit import AuditAction, Entity
from intake.records.cipher import JsonObject
from intake.records.database import transaction
from intake.records.responses import Sent
from intake.web.extensions import Intake, now


class Format(StrEnum):
    """Which files."""

    ZIP = "zip"
    CSV = "csv"

    @property
    def mimetype(self) -> str:
        """Its media type."""
        return "application/zip" if self is Format.ZIP else "text/csv; charset=utf-8"

    @property
    def filename(self) -> str:
        """What the download is called."""
        return "export.zip" if self is Format.ZIP else "responses.csv"


def export(intake: Intake, request: ExportRequest, format: Format, *, agent_id: str, agent_name: str, role: str) -> Iterator[bytes]:
    """Record the export, then give its bytes piece by piece; nothing is held in memory whole or put on disk.

    The event is kept before the first byte is made. Raises CannotOpen where a stored response does not open.
    """
    moment = now()
    with transaction(intake.engine) as sql:
        audit.record(
            sql,
            AuditAction.EXPORT,
            agent_id=agent_id,
            agent_name=agent_name,
            role=role,
            entity_type=Entity.EXPORT,
            entity_id=format.value,
            detail=request.detail,
            now=moment,
        )
    since, until = request.moments(intake.settings.clinic_timezone)

    def rows() -> Iterator[ExportRow]:
        for sent, summary in responses.sent_in_batches(intake.engine, intake.keyring, since=since, until=until, cut_off=moment):
            yield _row(sent, summary)

    write = export_zip if format is Format.ZIP else export_csv
    return write(loader.active(), rows, groups=request.groups, for_people=request.for_people)


def _row(sent: Sent, summary: JsonObject) -> ExportRow:
    questionnaire = loader.published()[sent.questionnaire]
    return ExportRow(
        reference=sent.reference,
        status=sent.status,
        review_status=sent.review_status,
        questionnaire=sent.questionnaire,
        language=sent.language,
        started_at=sent.started_at,
        submitted_at=sent.authored_at,
        response=response_from_json(questionnaire, sent.document["response"]),
        counts=summary["summary"]["counts"],
    )
