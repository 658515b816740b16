"""After sending: the own copy by code and date of birth, and who opened the answers, as the trail has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from intake.accounts.staff import Role
from tests.patient.test_after_the_session import come_back, end_sessions
from tests.patient.test_coming_back import WRONG
from tests.patient.visitor import Visitor
from tests.staffroom import House

MORNING = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PAGES = ("/sent", "/sent/copy.json", "/sent/opened", "/sent/correct", "/sent/withdraw")


def sent(visitor: Visitor) -> str:
    """Somebody sends a short form; gives the reference."""
    visitor.begin().go("page-hopes").fill(**{"top-questions": "To be <b>listened</b> to."})
    return visitor.to_check().send()


def opened(visitor: Visitor) -> list[tuple[str, str, str]]:
    """The looks that the page names at the clinic, newest first: when, who, and what they did."""
    visitor.get("/sent/opened")
    rows = [row.find_all("span") for row in visitor.soup.select("[data-opened]")]
    return [(when.get_text(), who.get_text(), how.get_text()) for when, who, how in rows]


def trail(house: House) -> list[tuple[str, str]]:
    """What the trail has of looks by staff, newest first: the role, and the deed."""
    found = house.rows("SELECT role, action FROM audit_event WHERE role <> 'patient' ORDER BY n DESC")
    return [(role, action) for role, action in found if action.startswith("view-") or action.endswith("-begun")]


def test_code_and_date_of_birth_open_the_own_copy_word_for_word(visitor: Visitor, visit: Callable[[], Visitor]) -> None:
    reference = sent(visitor)
    later = come_back(visit().get("/resume"), visitor.code)  # type: ignore[arg-type]
    assert later.path == "/sent"
    assert later.words(reference="") == reference
    assert "To be <b>listened</b> to." in later.text
    assert "Amelia Hart" in later.text
    assert later.soup.select("[data-action=change]") == []
    assert later.soup.find("dt", string="Agreed") is not None


@pytest.mark.parametrize("path", ["/sent/correct", "/sent/withdraw"])
def test_a_button_of_the_own_copy_that_closed_leads_to_the_code(visitor: Visitor, house: House, path: str) -> None:
    sent(visitor)
    come_back(visitor.get("/resume"), visitor.code).get(path)  # type: ignore[arg-type]
    end_sessions(house)
    assert visitor.act(path.rpartition("/")[2]).path == "/resume"
    assert house.rows("SELECT status FROM questionnaire_response") == [("completed",)]


@pytest.mark.parametrize("path", PAGES)
def test_without_code_and_date_of_birth_the_own_copy_leads_to_the_code(
    visitor: Visitor, visit: Callable[[], Visitor], path: str
) -> None:
    sent(visitor)
    for browser in (visit(), visitor, visit().begin()):  # a stranger, who sent it just now, somebody with a draft
        browser.get(path)
        assert browser.path == "/resume"
        assert "listened" not in browser.text


def test_the_code_of_a_sent_form_alone_or_with_a_wrong_date_opens_nothing(
    visitor: Visitor, visit: Callable[[], Visitor]
) -> None:
    sent(visitor)
    later = visit().get("/resume").act("continue", [("code", visitor.code)])
    assert later.path == "/resume"
    assert later.soup.find(attrs={"name": "birth-date.year"}) is not None
    for _ in range(5):
        later.act("continue", [("code", visitor.code), ("birth-date.year", "1991")])
        assert later.errors == [WRONG]  # type: ignore[attr-defined]
    come_back(later.get("/resume"), visitor.code)  # type: ignore[arg-type]
    assert later.errors == [WRONG]  # type: ignore[attr-defined]
    assert later.get("/sent").path == "/resume"


def test_the_own_copy_closes_after_a_quarter_of_an_hour(visitor: Visitor) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        sent(visitor)
        come_back(visitor.get("/resume"), visitor.code)  # type: ignore[arg-type]
        for path in ("/sent", "/sent/opened", "/sent/correct", "/sent/withdraw", "/sent/copy.json", "/sent"):
            clock.shift(timedelta(minutes=2))
            assert (visitor.get(path).path, visitor.status) == (path, 200)
        clock.shift(timedelta(minutes=14))
        assert visitor.get("/sent").path == "/sent"
        clock.shift(timedelta(minutes=15, seconds=1))
        assert visitor.get("/sent").path == "/resume"


def test_whoever_is_at_the_own_copy_is_led_back_there(visitor: Visitor) -> None:
    sent(visitor)
    come_back(visitor.get("/resume"), visitor.code)  # type: ignore[arg-type]
    for path in ("/check", "/questionnaire/page-you", "/resume-code", "/go-on", "/submitted"):
        assert visitor.get(path).path == "/sent"
    assert "Your answers are sent." in visitor.get("/").text
    visitor.get("/sent").act("leave")
    assert visitor.get("/sent").path == "/resume"


def test_the_own_file_is_the_one_that_the_clinic_has(visitor: Visitor, house: House) -> None:
    sent(visitor)
    [(id,)] = house.rows("SELECT id FROM questionnaire_response")
    theirs = house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id}.json")
    come_back(visitor.get("/resume"), visitor.code)  # type: ignore[arg-type]
    own = visitor.get("/sent/copy.json").response
    assert own.headers["Content-Type"].startswith("application/fhir+json")
    assert own.json() == theirs.get_json()
    assert own.json()["status"] == "completed"


def test_who_opened_my_answers_is_what_the_trail_says(visitor: Visitor, house: House) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        admin = house.signed_in(Role.ADMIN, name="Ada Byron")
        admin.get("/admin/export.zip")  # before it was sent
        clock.shift(timedelta(minutes=1))
        sent(visitor)
        come_back(visitor.get("/resume"), visitor.code)  # type: ignore[arg-type]
        assert opened(visitor) == []
        assert "Nobody at the clinic has opened your answers yet." in visitor.text
        [(id,)] = house.rows("SELECT id FROM questionnaire_response")
        clinician = house.signed_in(Role.CLINICIAN, name="Dr Okafor")
        for end in ("", "/answers", "/summary.txt", "/summary.json", ".json", ""):
            clock.shift(timedelta(minutes=1))
            assert clinician.get(f"/clinician/responses/{id}{end}").status_code == 200
        clinician.get("/clinician/")
        clock.shift(timedelta(minutes=1))
        admin = house.signed_in(Role.ADMIN)
        for asked in ("", "?since=2026-11-22&until=2026-11-22", "?until=2026-11-21", "?since=2026-11-23"):
            assert admin.get(f"/admin/export.csv{asked}").status_code == 200
        found = opened(visitor)
        [own, *_] = [row.get_text() for row in visitor.soup.select(".looks li:not([data-opened]) .how")]
    clinician_did = ["Opened the page that your clinician reads", "Downloaded your answers as a file"]
    clinician_did += ["Downloaded the page as a file", "Opened the page as text to copy", "Opened all your answers"]
    export = ("09:08", "An administrator of the clinic", "Made an export that your answers are part of")
    assert [(when[-5:], who, how) for when, who, how in found] == [export, export] + [
        (f"09:0{minute}", "A clinician", how)
        for minute, how in zip(range(7, 1, -1), [*clinician_did, clinician_did[0]], strict=True)
    ]
    told = [who.split()[1] for _, who, _ in found]
    # two of the exports in the trail could not hold it by their days, one by its cut-off
    assert len(found) == len(trail(house)) - 3
    assert told == ["administrator"] * 2 + ["clinician"] * 6
    assert own == "Opened your own copy"
    assert "Okafor" not in visitor.text
    assert "Byron" not in visitor.text
