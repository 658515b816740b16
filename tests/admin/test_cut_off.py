"""While an export streams, patients save and send, clinicians review, and the clinic erases: the files hold what was
there at the cut-off."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from intake.admin.request import ExportRequest
from intake.admin.stream import Format, export
from intake.answers.document import StoredDocument
from intake.consultations import catalogue
from intake.consultations.rules import summarise
from intake.questionnaire.enable_when import as_sent
from intake.records import drafts, erasing, reviews, sending, sessions
from intake.records.audit import Agent
from intake.records.database import transaction
from intake.records.drafts import DraftHandle
from intake.records.sessions import SessionKind
from intake.records.tables import DATA_KEYS, RESPONSES
from intake.summary.model import SummarySettings
from intake.web.extensions import Installation
from tests.exports.reading import by_csv, members
from tests.factories import SENT_ON, scenarios
from tests.staffroom import House

ADA = Agent("a1", "Ada", "admin")
MOSS = Agent("c1", "Dr Moss", "clinician")


@dataclass(frozen=True)
class Prepared:
    """What a patient sends, made once: the test is about the database, not about summaries."""

    document: dict[str, Any]
    summary: dict[str, Any]


def prepared() -> list[Prepared]:
    questionnaire = catalogue.shipped().active
    found = []
    for case in scenarios():
        response = as_sent(questionnaire, case.response(questionnaire))
        summary = summarise(questionnaire, response, settings=SummarySettings(), today=SENT_ON)
        found.append(
            Prepared(StoredDocument(questionnaire, response).to_sent_document(datetime.now(UTC)), summary.to_document())
        )
    return found


def begin(sql: Any, intake: Installation, what: Prepared, now: datetime) -> tuple[DraftHandle, str]:
    token = sessions.new_token()
    canonical = catalogue.shipped().active.canonical
    started = drafts.start(
        sql, intake.keyring, questionnaire=canonical, language="en", token=token, document=what.document, now=now
    )
    sessions.open(sql, token, kind=SessionKind.PATIENT, owner=started.id, now=now)
    return started, token


def send(sql: Any, intake: Installation, token: str, what: Prepared, now: datetime | None = None) -> datetime:
    """As the door does: the time is taken once the draft is open."""
    draft = drafts.open(sql, token, now=now or datetime.now(UTC))
    moment = now or datetime.now(UTC)
    sending.complete(
        sql,
        intake.keyring,
        draft,
        document=what.document,
        summary=what.summary,
        header={"name": "", "birth_date": ""},
        now=moment,
    )
    return moment


def fill(house: House, count: int) -> list[str]:
    """So many responses, sent one second after the other; their ids."""
    made, what, start = [], prepared(), datetime(2026, 1, 1, tzinfo=UTC)
    for first in range(0, count, 100):
        with transaction(house.intake.engine) as sql:
            for number in range(first, min(first + 100, count)):
                now = start + timedelta(seconds=number)
                started, token = begin(sql, house.intake, what[number % len(what)], now)
                send(sql, house.intake, token, what[number % len(what)], now)
                made.append(started.id)
    return made


def test_what_is_reviewed_undone_or_erased_meanwhile_is_as_it_was_at_the_cut_off(house: House):
    ids = fill(house, 450)
    reference = {id: house.reference(id) for id in ids}
    intake, now = house.intake, datetime.now(UTC)

    def review(id: str) -> None:
        with transaction(intake.engine) as sql:
            reviews.review(sql, intake.keyring, id, MOSS, note="", now=now)

    def unreview(id: str) -> None:
        with transaction(intake.engine) as sql:
            reviews.unreview(sql, intake.keyring, id, MOSS, now=now)

    def erase(id: str) -> None:
        with transaction(intake.engine) as sql:
            erasing.erase(sql, id, ADA, reason="asked", now=now)

    erase(ids[2])
    review(ids[440])
    review(ids[441])
    stream = export(intake, ExportRequest(), Format.ZIP, ADA)
    pieces = [next(stream)]
    review(ids[430])
    unreview(ids[440])
    unreview(ids[441])
    review(ids[441])
    erase(ids[431])
    with transaction(
        intake.engine
    ) as sql:  # begun, sent and erased behind the cut-off: never in the files, so not named either
        started, token = begin(sql, intake, prepared()[0], datetime.now(UTC))
        send(sql, intake, token, prepared()[0])
    erase(started.id)
    files = members(b"".join([*pieces, *stream]))
    status = {line["reference"]: line["review_status"] for line in by_csv(files["responses.csv"])}
    assert {name for name, state in status.items() if state == "reviewed"} == {reference[ids[440]], reference[ids[441]]}
    assert status.keys() == set(reference.values()) - {reference[ids[2]], reference[ids[431]]}
    manifest = json.loads(files["manifest.json"])
    assert manifest["erased"] == [reference[ids[431]]]
    assert manifest["responses"] == {"at_cut_off": 449, "written": 448}


def test_a_response_that_does_not_open_stops_no_export_and_is_named(house: House):
    ids = fill(house, 5)
    with transaction(house.intake.engine) as sql:
        sql.execute(DATA_KEYS.delete().where(DATA_KEYS.c.response_id == ids[1]))
        sql.execute(
            RESPONSES.update().where(RESPONSES.c.id == ids[3]).values(questionnaire="https://example.org/gone|9")
        )
    references = [house.reference(id) for id in ids]
    files = members(b"".join(export(house.intake, ExportRequest(), Format.ZIP, ADA)))
    manifest = json.loads(files["manifest.json"])
    assert manifest["unreadable"] == [references[1], references[3]]
    assert manifest["responses"] == {"at_cut_off": 5, "written": 3}
    assert [line["reference"] for line in by_csv(files["responses.csv"])] == [
        references[0],
        references[2],
        references[4],
    ]
    ((detail,),) = house.rows("SELECT detail FROM audit_event WHERE action = 'export-ended'")
    assert detail.endswith(f"; unreadable: {references[1]}, {references[3]}")
    (csv_alone,) = [b"".join(export(house.intake, ExportRequest(for_people=False), Format.CSV, ADA)).decode()]
    assert [line["reference"] for line in csv.DictReader(io.StringIO(csv_alone, newline=""))] == [
        references[0],
        references[2],
        references[4],
    ]
