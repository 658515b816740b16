"""What a patient's browser may do, and for how long; what stands in the addresses that it opens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import time_machine

from tests.patient.visitor import YOU, Visitor
from tests.staffroom import House

BORN = [("birth-date.day", "18"), ("birth-date.month", "4"), ("birth-date.year", "1992")]
MORNING = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_neither_code_nor_name_nor_reference_stands_in_an_address(visitor: Visitor) -> None:
    opened: list[str] = []
    visitor.client.event_hooks["request"].append(lambda request: opened.append(unquote(str(request.url))))
    visitor.begin().act("leave")
    visitor.get("/resume").act("continue", [("code", visitor.code)])
    visitor.act("continue", [("code", visitor.code), *BORN])
    assert visitor.path == "/questionnaire/page-hopes"
    reference = visitor.to_check().send()
    assert len(opened) > 20
    written = " ".join(opened)
    token = visitor.client.cookies["intake-patient"]
    for secret in (visitor.code, visitor.code.replace(" ", ""), token, reference, "Amelia", "amelia", "1992"):
        assert secret not in written, secret


def test_a_patients_session_ends_after_an_hour_without_use_and_the_code_goes_on(visitor: Visitor) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        visitor.begin()
        clock.shift(timedelta(minutes=59))
        assert visitor.go("page-you").value("full-name") == [str(YOU["full-name"])]
        clock.shift(timedelta(minutes=60, seconds=1))
        assert visitor.go("page-you").status == 404
        visitor.get("/resume").act("continue", [("code", visitor.code)])
        visitor.act("continue", [("code", visitor.code), *BORN])
        assert visitor.go("page-you").value("full-name") == [str(YOU["full-name"])]


def test_nothing_is_sent_past_a_page_that_needs_an_answer(visitor: Visitor, house: House) -> None:
    visitor.start().fill(respondent="self")
    for fields in ({"declare": "true"}, {"declare": "true", "seen": ""}, {}):
        token = visitor.value("csrf_token")[0]
        visitor.post("/submit", [("csrf_token", token), *fields.items()])
        assert visitor.path == "/questionnaire/page-consent"
    assert house.rows("SELECT status FROM questionnaire_response") == [("in-progress",)]
    assert house.rows("SELECT count(*) FROM response_summary") == [(0,)]


def test_a_second_patient_on_the_same_device_meets_nothing_of_the_first(
    visitor: Visitor, visit: Callable[[], Visitor]
) -> None:
    """Whether the first one left, sent, or simply let somebody else start."""
    for end in (lambda: visitor.act("leave"), lambda: visitor.to_check().send(), lambda: None):
        visitor.begin()
        end()
        visitor.start().fill(respondent="self").fill(consent="true")
        assert visitor.path == "/questionnaire/page-you"
        assert visitor.value("full-name") == [""]
        assert "Amelia" not in visitor.response.text
    assert visit().get("/questionnaire/page-you").response.status_code == 404


def test_a_draft_past_its_date_says_so_until_it_is_saved_again(visitor: Visitor) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        visitor.begin()
        clock.shift(timedelta(days=31))
        said = "This form was kept until 22 Dec 2026, and may be erased soon."
        visitor.get("/resume").act("continue", [("code", visitor.code)])
        visitor.act("continue", [("code", visitor.code), *BORN])
        assert said in visitor.text
        assert said not in visitor.fill(**{"hopes": "listened"}).text
