"""Corrections and withdrawals of what was sent: what the patient, the queue, exports and the trail say of them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from intake.accounts.staff import Role
from intake.admin.request import ExportRequest
from intake.admin.stream import Format, _Run, always
from intake.records import erasing
from intake.records.audit import COMMAND_LINE
from intake.records.database import transaction
from tests.patient.test_after_the_session import come_back
from tests.patient.test_own_copy import opened, sent
from tests.patient.visitor import Visitor
from tests.staffroom import House

Visit = Callable[[], Visitor]


def own(visitor: Visitor) -> Visitor:
    """At the own copy, by the code that this visitor noted at the start."""
    come_back(visitor.get("/resume"), visitor.code)  # type: ignore[arg-type]
    assert visitor.path == "/sent"
    return visitor


def begin_correction(visitor: Visitor) -> Visitor:
    """From the own copy to the check page of a correction; the code of what was sent stays the one that is noted."""
    own(visitor).get("/sent/correct").act("correct")
    assert visitor.path == "/resume-code"
    visitor.act("continue")
    assert visitor.path == "/check"
    return visitor


def correct(visitor: Visitor, words: str) -> Visitor:
    """Change what was typed at one question, and send that."""
    begin_correction(visitor).go("page-hopes").fill(**{"top-questions": words})
    visitor.get("/check")
    visitor.send()
    return visitor


def id_of(house: House) -> str:
    [(id,)] = house.rows("SELECT id FROM questionnaire_response WHERE authored_at IS NOT NULL")
    return str(id)


def export(house: House) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """The rows of an export and its manifest."""
    data = house.signed_in(Role.ADMIN).get("/admin/export.zip?for=programs").data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("responses.csv").decode(), newline="")))
        return rows, json.loads(archive.read("manifest.json"))


def trail(house: House, id: str) -> list[tuple[str, str]]:
    """What the trail has of changes to a response, in order: the role, and the deed."""
    events = house.rows("SELECT role, action FROM audit_event WHERE entity_id = :id ORDER BY n", id=id)
    return [
        (role, action) for role, action in events if action in ("correct", "withdraw", "erase", "review", "unreview")
    ]


def corrected(visitor: Visitor) -> list[str]:
    """When the own copy says that it was corrected."""
    return [one.find_next("dd").get_text() for one in visitor.soup.find_all("dt", string="Corrected by you")]


# -- withdrawals -------------------------------------------------------------------------------------------------------


def test_what_nobody_opened_is_erased_and_leaves_a_tombstone(visitor: Visitor, house: House) -> None:
    reference, id = sent(visitor), id_of(house)
    own(visitor).get("/sent/withdraw")
    assert "Nobody at the clinic has opened your answers yet." in visitor.text
    assert visitor.soup.find("b", string=reference) is not None
    visitor.act("withdraw")
    assert "Your answers are erased" in visitor.text
    assert house.rows("SELECT count(*) FROM questionnaire_response") == [(0,)]
    assert house.rows("SELECT count(*) FROM data_key") == [(0,)]
    assert trail(house, id) == [("patient", "withdraw"), ("patient", "erase")]
    assert visitor.get("/sent").path == "/resume"
    visitor.act("continue", [("code", visitor.code)])
    assert visitor.errors == ["That code and date do not open a form. Check both and try again."]
    assert "A form that was erased, by you or by the clinic, can be opened no more." in visitor.text
    rows, manifest = export(house)
    assert (rows, manifest["withdrawn"]) == ([], [])


def test_what_was_opened_stays_marked_and_leaves_queue_and_exports(visitor: Visitor, house: House) -> None:
    reference, id = sent(visitor), id_of(house)
    clinician = house.signed_in(Role.CLINICIAN)
    clinician.get(f"/clinician/responses/{id}")
    own(visitor).get("/sent/withdraw")
    assert "they cannot be erased from here" in visitor.text
    visitor.act("withdraw")
    assert visitor.path == "/sent"
    assert "You took these answers back on" in visitor.text
    assert visitor.soup.select('a[href="/sent/correct"], a[href="/sent/withdraw"]') == []
    assert visitor.get("/sent/copy.json").response.json()["status"] == "entered-in-error"
    assert reference not in clinician.get("/clinician/").text
    found = clinician.get(f"/clinician/?q={reference}").text
    assert f"/clinician/responses/{id}" not in found
    assert "The patient took these answers back on" in found
    assert "Withdrawn by the patient." in clinician.get(f"/clinician/responses/{id}").text
    assert "State: withdrawn by the patient" in clinician.get(f"/clinician/responses/{id}/summary.txt").text
    assert clinician.get(f"/clinician/responses/{id}.json").get_json()["status"] == "entered-in-error"
    answer = clinician.post(f"/clinician/responses/{id}/review", {"note": "Seen."})
    assert answer.status_code == 409
    rows, manifest = export(house)
    assert (rows, manifest["withdrawn"]) == ([], [reference])
    assert manifest["responses"] == {"at_cut_off": 0, "written": 0}
    assert trail(house, id) == [("patient", "withdraw")]


def test_withdrawn_twice_or_from_a_page_that_was_open_is_withdrawn_once(visitor: Visitor, house: House) -> None:
    sent(visitor)
    id = id_of(house)
    own(visitor).get("/sent/withdraw")
    house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id}")  # while the page says that nobody did
    page = visitor.soup
    visitor.act("withdraw")
    assert visitor.path == "/sent"
    visitor.soup = page
    visitor.act("withdraw")
    assert visitor.path == "/sent"
    assert trail(house, id) == [("patient", "withdraw")]
    assert "taken these answers back already" in visitor.get("/sent/withdraw").text
    assert "cannot be corrected" in visitor.get("/sent/correct").text


@pytest.mark.parametrize(("asked", "erased"), [("", False), ("?until=2026-11-20", True)])
def test_an_export_that_may_hold_it_keeps_it_from_being_erased(
    visitor: Visitor, house: House, asked: str, erased: bool
) -> None:
    sent(visitor)
    house.signed_in(Role.ADMIN).get(f"/admin/export.csv{asked}")
    own(visitor).get("/sent/withdraw").act("withdraw")
    assert (house.rows("SELECT count(*) FROM questionnaire_response") == [(0,)]) is erased


def test_a_legal_hold_keeps_it_from_being_erased(visitor: Visitor, house: House) -> None:
    sent(visitor)
    with transaction(house.intake.engine) as sql:
        erasing.hold(sql, id_of(house), COMMAND_LINE, reason="a court asked", now=datetime.now(UTC))
    own(visitor).get("/sent/withdraw").act("withdraw")
    assert house.rows("SELECT status FROM questionnaire_response") == [("entered-in-error",)]


def test_a_withdrawal_undone_in_the_database_is_refused(visitor: Visitor, house: House) -> None:
    sent(visitor)
    id = id_of(house)
    clinician = house.signed_in(Role.CLINICIAN)
    clinician.get(f"/clinician/responses/{id}")
    kept = house.rows("SELECT status, content, header FROM questionnaire_response")[0]
    own(visitor).get("/sent/withdraw").act("withdraw")
    from sqlalchemy import text

    with transaction(house.intake.engine) as sql:
        values = dict(zip(("status", "content", "header"), kept, strict=True))
        sql.execute(
            text("UPDATE questionnaire_response SET status = :status, content = :content, header = :header"), values
        )
    assert clinician.get(f"/clinician/responses/{id}").status_code == 500


# -- corrections -------------------------------------------------------------------------------------------------------


def test_a_correction_takes_the_place_of_what_was_sent_and_the_earlier_one_is_kept(
    visitor: Visitor, house: House
) -> None:
    reference, id = sent(visitor), id_of(house)
    clinician = house.signed_in(Role.CLINICIAN)
    clinician.get(f"/clinician/responses/{id}")
    assert clinician.post(f"/clinician/responses/{id}/review", {"note": "Asked for <b>records</b>."}).status_code == 303
    correct(visitor, "Nothing more.")
    assert "Your corrections are sent" in visitor.text
    assert visitor.words(reference="") == reference
    assert house.rows("SELECT count(*) FROM questionnaire_response") == [(1,)]
    copy = own(visitor)
    assert "Nothing more." in copy.text
    assert "listened" not in copy.text
    assert copy.soup.find("dt", string="Corrected by you") is not None
    fhir = clinician.get(f"/clinician/responses/{id}.json").get_json()
    assert fhir["status"] == "amended"
    [(authored,)] = house.rows("SELECT authored_at FROM questionnaire_response")
    assert fhir["authored"] > str(authored)[:10]
    page = clinician.get(f"/clinician/responses/{id}").text
    assert "Corrected by the patient" in page
    assert "Asked for &lt;b&gt;records&lt;/b&gt;." in page
    assert "State: corrected by the patient" in clinician.get(f"/clinician/responses/{id}/summary.txt").text
    assert "New, corrected" in clinician.get("/clinician/").text
    [(revision,)] = house.rows("SELECT revision FROM response_version")
    before = clinician.get(f"/clinician/responses/{id}/versions/{revision}").text
    assert "To be &lt;b&gt;listened&lt;/b&gt; to." in before
    assert "These are earlier answers." in before
    assert clinician.get(f"/clinician/responses/{id}/versions/{revision + 1}").status_code == 404
    rows, manifest = export(house)
    assert [(row["reference"], row["status"], row["review_status"]) for row in rows] == [(reference, "amended", "new")]
    assert manifest["withdrawn"] == []
    assert trail(house, id) == [("clinician", "review"), ("patient", "unreview"), ("patient", "correct")]


def test_whoever_reads_while_it_is_corrected_marks_nothing_that_they_did_not_read(
    visitor: Visitor, house: House
) -> None:
    sent(visitor)
    id = id_of(house)
    clinician = house.signed_in(Role.CLINICIAN)
    read = clinician.get(f"/clinician/responses/{id}").text.split('name="revision" value="')[1].split('"')[0]
    correct(visitor, "Something else.")
    for fields in ({"note": "Called her.", "revision": read}, {"note": "Called her."}):
        answer = clinician.post(f"/clinician/responses/{id}/review", fields)
        assert answer.status_code == 409
        assert "The patient corrected these answers while you read them." in " ".join(answer.text.split())
        assert "Called her.</textarea>" in answer.text
        assert "Something else." in answer.text
    assert trail(house, id) == [("patient", "correct")]
    now = clinician.get(f"/clinician/responses/{id}").text.split('name="revision" value="')[1].split('"')[0]
    assert clinician.post(f"/clinician/responses/{id}/review", {"note": "", "revision": now}).status_code == 303


def test_corrected_three_times_and_withdrawn_beside_an_export_that_was_begun_before(
    visitor: Visitor, house: House
) -> None:
    with time_machine.travel(datetime(2026, 4, 10, 9, 0, tzinfo=UTC), tick=False) as clock:
        reference, id = sent(visitor), id_of(house)
        clock.shift(timedelta(minutes=1))
        run = _Run(house.intake, ExportRequest(), Format.ZIP, COMMAND_LINE, always)
        span = run.begin()
        for n in range(3):
            clock.shift(timedelta(minutes=1))
            correct(visitor, f"Words of correction {n}.")
    [row] = run.rows(span)
    assert row.status == "completed"
    assert "To be <b>listened</b> to." in str(row.response)
    assert run.about(span)["withdrawn"] == []
    assert house.rows("SELECT count(*) FROM response_version") == [(3,)]
    own(visitor).get("/sent/withdraw").act("withdraw")
    assert visitor.path == "/sent"
    assert corrected(visitor) == [f"10 Apr 2026, 09:0{minute}" for minute in (2, 3, 4)]
    assert "You took these answers back on" in visitor.text
    late = _Run(house.intake, ExportRequest(), Format.ZIP, COMMAND_LINE, always, at_cut_off=1)
    assert list(late.rows(span)) == []  # read after it was withdrawn
    assert late.about(span)["withdrawn"] == [reference]
    rows, manifest = export(house)
    assert (rows, manifest["withdrawn"], manifest["erased"]) == ([], [reference], [])
    assert reference not in house.signed_in(Role.CLINICIAN).get("/clinician/").text
    assert trail(house, id) == [("patient", "correct")] * 3 + [("patient", "withdraw")]
    assert [how for _, _, how in opened(visitor)] == ["Made an export that your answers are part of"]
    with transaction(house.intake.engine) as sql:
        erasing.erase(sql, id, COMMAND_LINE, reason="the law allows it", now=datetime.now(UTC))
    assert house.rows("SELECT count(*) FROM response_version") == [(0,)]
    assert visitor.get("/sent").path == "/resume"


def test_a_correction_that_another_one_overtook_is_shown_once_more(
    visitor: Visitor, visit: Visit, house: House
) -> None:
    sent(visitor)
    other = visit()
    other.code = visitor.code
    begin_correction(other).go("page-hopes").fill(**{"top-questions": "From the other device."})
    correct(visitor, "From this one.")
    other.get("/check")
    other.fill(declare="true")
    assert other.path == "/check"
    assert "Another correction of this form was sent in the meantime." in other.text
    other.send()
    assert "Your corrections are sent" in other.text
    assert "From the other device." in own(visitor).text
    assert house.rows("SELECT count(*) FROM response_version") == [(2,)]


def test_a_correction_is_sent_once_however_often_it_is_pressed(visitor: Visitor, house: House) -> None:
    sent(visitor)
    begin_correction(visitor)
    fields = visitor.sent({"declare": "true"})
    for _ in range(2):
        visitor.post("/submit", fields)
        assert visitor.path == "/submitted"
    assert house.rows("SELECT count(*) FROM response_version") == [(1,)]


def test_a_correction_that_is_left_has_a_code_of_its_own(visitor: Visitor, visit: Visit) -> None:
    sent(visitor)
    begin_correction(visitor).get("/resume-code")
    code = visitor.words(resume_code="")
    assert code != visitor.code
    visitor.act("leave")
    later = visit()
    come_back(later.get("/resume"), code)  # type: ignore[arg-type]
    assert later.path == "/check"
    assert "You are correcting answers that you sent before." in later.text
    assert "You began a correction on" in own(visitor).text


def test_a_withdrawal_takes_the_corrections_that_were_begun_with_it(
    visitor: Visitor, visit: Visit, house: House
) -> None:
    sent(visitor)
    house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id_of(house)}")
    correcting = visit()
    correcting.code = visitor.code
    begin_correction(correcting)
    own(visitor).get("/sent/withdraw").act("withdraw")
    correcting.fill(declare="true")
    assert correcting.status == 404
    assert house.rows("SELECT status FROM questionnaire_response") == [("entered-in-error",)]


def test_what_is_corrected_is_the_persons_of_that_day(visitor: Visitor, house: House) -> None:
    """Age and “now” are counted from the day of the correction."""
    with time_machine.travel(datetime(2026, 4, 10, 9, 0, tzinfo=UTC), tick=False) as clock:
        sent(visitor)
        clock.shift(timedelta(days=10))
        correct(visitor, "A birthday later.")
        page = house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id_of(house)}").text
    assert "<dd>34</dd>" in page
