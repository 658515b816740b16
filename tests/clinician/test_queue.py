"""The queue: newest first, what is sorted by in the clear and the rest opened, one damaged row not hiding the
others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup

from intake.accounts.staff import Role
from intake.clinician import views
from intake.consultations import catalogue
from intake.questionnaire.response import QuestionnaireResponse
from intake.questionnaire.values import Answer, PartialDate
from intake.records.database import transaction
from tests.databases import Database
from tests.factories import scenarios
from tests.staffroom import House, build

START = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)


def patient(name: str) -> QuestionnaireResponse:
    response = QuestionnaireResponse(catalogue.shipped().active.canonical)
    return response.with_answers({"full-name": Answer((name,)), "birth-date": Answer((PartialDate(1990, 2, 1),))})


def rows(page: str) -> list[list[str]]:
    found = BeautifulSoup(page, "html.parser").select(".queue tbody tr")
    return [[cell.get_text(strip=True) for cell in row.find_all(["td", "th"])] for row in found]


def test_newest_first_with_name_birth_date_and_the_clinics_time(database: Database):
    house = build(database, INTAKE_CLINIC_TIMEZONE="Europe/Dublin")
    ids = [
        house.send(patient(name), START + timedelta(hours=n))
        for n, name in enumerate(["Ann Able", "Bea Best", "Siobhán Ní Bhriain"])
    ]
    page = house.signed_in(Role.CLINICIAN).get("/clinician/").text
    assert rows(page) == [
        [house.reference(ids[2]), "Siobhán Ní Bhriain", "1 Feb 1990", "1 Jul 2026, 01:30", "New"],
        [house.reference(ids[1]), "Bea Best", "1 Feb 1990", "1 Jul 2026, 00:30", "New"],
        [house.reference(ids[0]), "Ann Able", "1 Feb 1990", "30 Jun 2026, 23:30", "New"],
    ]


def test_older_ones_follow_page_by_page_none_twice_and_none_left_out(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(views, "ROWS", 3)
    ids = [house.send(patient(f"P{n}"), START + timedelta(seconds=n // 2)) for n in range(8)]
    browser, seen, path = house.signed_in(Role.CLINICIAN), [], "/clinician/"
    for _ in range(5):
        soup = BeautifulSoup(browser.get(path).text, "html.parser")
        seen += [link["href"].rpartition("/")[2] for link in soup.select(".queue a")]
        more = soup.find("a", string="Older responses")
        if more is None:
            break
        path = more["href"]
    assert len(seen) == 8
    assert set(seen) == set(ids)


OUT_OF_TIME = ["0001-01-01T00:00:00+14:00~" + "a" * 32, "9999-12-31T23:59:59-14:00~" + "a" * 32]


@pytest.mark.parametrize(
    "older",
    [
        "x",
        "2026-01-01~",
        "2026-01-01T00:00:00~" + "a" * 32,
        "~",
        "2026-01-01T00:00:00Z~short",
        "2026-01-01T00:00:00Z~" + "\0" * 32,
        *OUT_OF_TIME,
    ],
)
def test_a_broken_address_of_older_ones_is_not_found(house: House, older: str):
    assert house.signed_in(Role.CLINICIAN).get("/clinician/", query_string={"older": older}).status_code == 404


def test_a_reference_finds_its_one_row_however_it_is_typed(house: House):
    ids = [house.send(patient(name)) for name in ("Ann Able", "Bea Best")]
    reference = house.reference(ids[0])
    browser = house.signed_in(Role.CLINICIAN)
    for typed in (reference, reference.lower(), reference.replace("-", ""), f"  {reference.replace('-', ' ')} "):
        assert [row[1] for row in rows(browser.get("/clinician/", query_string={"q": typed}).text)] == ["Ann Able"]
    for typed in ("Ann", "ZZZZ-ZZZZ", "' OR 1=1 --", "%"):
        answer = browser.get("/clinician/", query_string={"q": typed})
        assert answer.status_code == 200
        assert "No sent response has this reference." in answer.text
        assert rows(answer.text) == []


def test_the_tabs_show_new_and_reviewed(house: House):
    first, second = house.send(patient("Ann Able")), house.send(patient("Bea Best"))
    browser = house.signed_in(Role.CLINICIAN)
    browser.get(f"/clinician/responses/{first}")
    browser.post(f"/clinician/responses/{first}/review")
    assert [row[1] for row in rows(browser.get("/clinician/?show=new").text)] == ["Bea Best"]
    assert [(row[1], row[4]) for row in rows(browser.get("/clinician/?show=reviewed").text)] == [
        ("Ann Able", "Reviewed")
    ]
    assert len(rows(browser.get("/clinician/").text)) == 2
    assert browser.get("/clinician/?show=nonsense").status_code == 404
    assert second


def test_a_draft_is_not_in_it(house: House):
    from intake.records import drafts, sessions

    with transaction(house.intake.engine) as sql:
        drafts.start(
            sql,
            house.intake.keyring,
            questionnaire=catalogue.shipped().active.canonical,
            language="en",
            token=sessions.new_token(),
            document={"response": {}},
            now=datetime.now(UTC),
        )
    answer = house.signed_in(Role.CLINICIAN).get("/clinician/")
    assert rows(answer.text) == []
    assert "Nothing here yet." in answer.text


def test_a_damaged_row_says_so_and_the_others_stay_readable(house: House):
    ids = [
        house.send(patient(name), START + timedelta(hours=n))
        for n, name in enumerate(["Ann Able", "Bea Best", "Cam Core"])
    ]
    from sqlalchemy import text

    with transaction(house.intake.engine) as sql:  # somebody with a database client swaps one header for another
        sql.execute(
            text(
                "UPDATE questionnaire_response SET header = (SELECT header FROM questionnaire_response WHERE id = "
                ":other) WHERE id = :id"
            ),
            {"other": ids[0], "id": ids[1]},
        )
    page = house.signed_in(Role.CLINICIAN).get("/clinician/").text
    assert [(row[1], row[4]) for row in rows(page)] == [
        ("Cam Core", "New"),
        ("The stored record is damaged. Tell whoever looks after this system.", "Cannot be opened"),
        ("Ann Able", "New"),
    ]


def test_every_look_at_the_queue_is_in_the_trail(house: House):
    browser = house.signed_in(Role.CLINICIAN, name="Dr Okafor")
    browser.get("/clinician/")
    browser.get("/clinician/?q=Jane+Doe")
    assert (
        house.rows(
            "SELECT action, agent_name, role, entity_type, entity_id, detail FROM audit_event WHERE action = 'list'"
        )
        == [("list", "Dr Okafor", "clinician", "queue", "", "")] * 2
    )


def test_what_a_patient_calls_themselves_is_text(house: House):
    house.send(patient("<script>alert(1)</script> {{7*7}}"))
    page = house.signed_in(Role.CLINICIAN).get("/clinician/").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}}" in page
    assert "<script" not in page


def test_the_scenarios_stand_with_their_names(house: House):
    for scenario in scenarios():
        house.send(scenario.response(catalogue.shipped().active))
    names = {row[1] for row in rows(house.signed_in(Role.CLINICIAN).get("/clinician/").text)}
    assert names == {scenario.answers["full-name"] for scenario in scenarios()}
