"""The export as a stream of bytes, from the records through the pure tables of `intake.exports`. For the door and for
the command."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property, partial
from typing import Any, Final

from sqlalchemy import Connection

import intake
from intake.admin.request import ExportRequest
from intake.answers.document import StoredDocument
from intake.consultations.catalogue import Catalogue
from intake.consultations.stored import stored_counts
from intake.exports.archive import export_csv, export_zip
from intake.exports.table import ExportRow, columns_in
from intake.questionnaire.fhir_json import UnreadableResponse
from intake.questionnaire.model import Questionnaire
from intake.records import audit, codes, exporting
from intake.records.audit import Agent, AuditAction, Entity, Outcome, Subject
from intake.records.database import reading, transaction
from intake.records.errors import RecordsError
from intake.records.exporting import Span, Unreadable
from intake.records.sent import Sent
from intake.records.spool import SealedSpool
from intake.summary.document import UnreadableDocument
from intake.web.extensions import Installation, now

ASK_EVERY: Final = 100
"""After so many responses it is asked again whether whoever exports still may."""

NAMED: Final = 20
"""How many unreadable responses the trail names; the manifest names them all."""


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


class NoLongerAllowed(RecordsError):
    """Whoever asked for the export may not have it any more."""

    def __init__(self) -> None:
        super().__init__("the account may not export any more")


def always() -> bool:
    """Whoever has the shell has the data."""
    return True


@dataclass
class _Run:
    """One export from its cut-off to its end."""

    intake: Installation
    request: ExportRequest
    format: Format
    agent: Agent
    may: Callable[[], bool]
    id: str = field(default_factory=codes.new_id)
    at_cut_off: int = 0
    versions: Counter[str] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)

    def begin(self) -> Span:
        """Fix the cut-off and record that the export began, in one transaction that no send can be half in."""
        since, until = self.request.moments(self.intake.settings.clinic_timezone)
        with transaction(self.intake.engine) as sql:
            exporting.wait_for_sends(sql)
            cut_off = now()
            zone = self.intake.settings.clinic_timezone if self.request.since or self.request.until else None
            detail = exporting.detail_of(self.format, cut_off, self.form, self.request.detail, zone)
            n = self.record(sql, AuditAction.EXPORT_BEGUN, detail, cut_off)
            span = Span(cut_off, n, since, until, self._urls_of_others)
            self.at_cut_off = exporting.count_sent(sql, span)
        return span

    @property
    def _urls_of_others(self) -> tuple[str, ...]:
        """What parts the responses to this form from all others: those whose form is not here are with every form, so
        that they are named."""
        urls = self.intake.forms.urls
        return tuple(url for name, url in urls.items() if name != self.form)

    @property
    def form(self) -> str:
        """The name of the form."""
        return self.request.form or self.intake.forms.name

    @cached_property
    def questionnaire(self) -> Questionnaire:
        """The version that gives the columns."""
        return self.intake.forms.columns_of(self.form)

    def rows(self, span: Span) -> Iterator[ExportRow]:
        """The responses of the span; those that do not open are named instead."""
        for number, found in enumerate(exporting.sent_in_batches(self.intake.engine, self.intake.keyring, span)):
            if number % ASK_EVERY == 0 and not self.may():
                raise NoLongerAllowed
            row = _row(found, self.intake.forms)
            if isinstance(row, ExportRow):
                self.versions[row.questionnaire.canonical] += 1
                yield row
            else:
                self.unreadable.append(row.reference)

    def about(self, span: Span) -> Mapping[str, Any]:
        """What the manifest says beside the files."""
        with reading(self.intake.engine) as sql:
            erased, withdrawn = exporting.erased_after(sql, span.event), exporting.withdrawn(sql, span)
        request = self.request
        return {
            "export": self.id,
            "cut_off": _iso(span.cut_off),
            "filters": {
                "since": _day(request.since),
                "until": _day(request.until),
                "timezone": self.intake.settings.clinic_timezone.key,
            },
            "form": self.form,
            "for": request.reader,
            "groups": request.included,
            "not_asked": request.not_asked,
            "versions": {
                "intake": intake.__version__,
                "columns": self.questionnaire.canonical,
                "responses": dict(sorted(self.versions.items())),
            },
            "not_in_columns": self._not_in_columns(),
            "responses": {"at_cut_off": self.at_cut_off, "written": self.versions.total()},
            "erased": erased,
            "withdrawn": withdrawn,
            "unreadable": self.unreadable,
        }

    def _not_in_columns(self) -> list[str]:
        """The columns that the written responses' own versions would have beside these."""
        versions = [self.intake.forms.version(canonical) for canonical in sorted(self.versions)]
        own = [column for version in versions for column in columns_in(version, self.request.selection)]
        here = set(columns_in(self.questionnaire, self.request.selection))
        return list(dict.fromkeys(f"{file}: {name}" for file, name in own if (file, name) not in here))

    def pieces(self, span: Span) -> Iterator[bytes]:
        """The bytes."""
        questionnaire, rows, selection = self.questionnaire, partial(self.rows, span), self.request.selection
        if self.format is Format.CSV:
            return export_csv(questionnaire, rows, selection)
        spool = partial(SealedSpool, self.intake.settings.instance)
        return export_zip(questionnaire, rows, selection, about=partial(self.about, span), spool=spool)

    def end(self, outcome: Outcome, how: str) -> None:
        """Record how it ended."""
        unreadable = ", ".join(self.unreadable[:NAMED]) + (
            f" and {more} more" if (more := len(self.unreadable) - NAMED) > 0 else ""
        )
        detail = f"{self.versions.total()} responses of {self.at_cut_off}; {how}; unreadable: {unreadable or 'none'}"
        with transaction(self.intake.engine) as sql:
            self.record(sql, AuditAction.EXPORT_ENDED, detail, now(), outcome)

    def record(
        self, sql: Connection, action: AuditAction, detail: str, moment: datetime, outcome: Outcome = Outcome.DONE
    ) -> int:
        """Add an event of this export to the trail."""
        subject = Subject(Entity.EXPORT, self.id)
        return audit.record(sql, action, self.agent, subject, outcome=outcome, detail=detail, now=moment)


def export(
    intake: Installation, request: ExportRequest, format: Format, agent: Agent, may: Callable[[], bool] = always
) -> Generator[bytes]:
    """Record the export, give its bytes piece by piece, and record how it ended, whoever ended it. `may` is asked
    again and again whether the agent still may: an account can be disabled meanwhile.

    Nothing is held in memory whole, and nothing readable is put on disk. The trail has its begin before the first byte
    is made. Raises RecordsError, SpoolUnusable among them, where it breaks off.
    """
    run = _Run(intake, request, format, agent, may)
    span = run.begin()
    sha256 = hashlib.sha256()
    outcome, how = Outcome.BROKEN_OFF, "broken off by an error of the program"
    try:
        for piece in run.pieces(span):
            sha256.update(piece)
            yield piece
        outcome, how = Outcome.DONE, f"SHA-256 {sha256.hexdigest()}"
    except GeneratorExit:
        how = "whoever asked for it left before its end"
        raise
    except RecordsError as error:
        how = f"broken off: {error}"
        raise
    finally:
        run.end(outcome, how)


def _row(sent: Sent | Unreadable, forms: Catalogue) -> ExportRow | Unreadable:
    if isinstance(sent, Unreadable):
        return sent
    questionnaire = forms.published.get(sent.questionnaire)
    if questionnaire is None:
        return Unreadable(sent.reference)
    try:
        response, way = StoredDocument.as_kept(sent.document, questionnaire)
        counts = stored_counts(sent.summary)
    except (UnreadableResponse, UnreadableDocument, KeyError, TypeError):
        return Unreadable(sent.reference)
    return ExportRow(
        reference=sent.reference,
        status=sent.status,
        review_status=sent.review_status,
        questionnaire=questionnaire,
        language=sent.language,
        started_at=sent.started_at,
        submitted_at=sent.authored_at,
        response=response,
        counts=counts,
        way=way,
    )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _day(day: object) -> str | None:
    return None if day is None else str(day)
