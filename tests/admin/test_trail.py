"""The audit trail as a page and as CSV: found by reference, person, deed and time; who looks stands in it too."""

from __future__ import annotations

import csv
import io

import pytest
from bs4 import BeautifulSoup

from intake.accounts.staff import Role
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from intake.records import chain
from intake.records.verify import verify
from intake.web.extensions import Installation
from tests.staffroom import Browser, House


@pytest.fixture
def auditor(house: House) -> Browser:
    return house.signed_in(Role.AUDITOR, name="Ada Audit")


def listed(browser: Browser, query: str = "") -> list[list[str]]:
    answer = browser.get(f"/admin/trail{query}")
    assert answer.status_code == 200, answer.text
    rows = BeautifulSoup(answer.text, "html.parser").select("[data-event]")
    return [[" ".join(cell.get_text().split()) for cell in row.find_all(["td", "th"])] for row in rows]


def test_an_auditor_reads_the_trail_and_nothing_else(house: House, auditor: Browser) -> None:
    assert auditor.get("/admin/trail").status_code == 200
    for path in ("/clinician/", "/admin/export", "/admin/staff"):
        assert auditor.get(path).status_code == 403
    assert house.signed_in(Role.ADMIN).get("/admin/trail").status_code == 200
    assert house.signed_in(Role.CLINICIAN).get("/admin/trail").status_code == 403
    assert house.browser().get("/admin/trail").status_code == 303


def test_one_response_is_followed_by_its_reference(
    house: House, auditor: Browser, questionnaire: Questionnaire
) -> None:
    ids = [house.send(QuestionnaireResponse(questionnaire.canonical)) for _ in range(2)]
    clinician = house.signed_in(Role.CLINICIAN)
    clinician.get("/clinician/")
    clinician.get(f"/clinician/responses/{ids[0]}")
    clinician.get(f"/clinician/responses/{ids[1]}")
    reference = house.reference(ids[0])
    found = listed(auditor, f"?reference={reference.lower()}")
    assert [row[2] for row in found] == ["view-summary", "list", "send", "start"]
    assert all(reference in " ".join(row) for row in found)
    assert listed(auditor, "?reference=nobody") == []


@pytest.mark.parametrize("unseen", ["%00", "%0d%0a", "%1b", "%E2%80%A8"])
def test_what_cannot_be_seen_in_a_reference_is_not_looked_for_and_not_kept(
    house: House, auditor: Browser, questionnaire: Questionnaire, unseen: str
) -> None:
    reference = house.reference(house.send(QuestionnaireResponse(questionnaire.canonical)))
    assert [row[2] for row in listed(auditor, f"?reference={reference[:4]}{unseen}{reference[4:]}")] == [
        "send",
        "start",
    ]
    assert ("view-trail", reference) in house.rows("SELECT action, detail FROM audit_event")
    assert listed(auditor, f"?reference=nobody{unseen}") == []


def test_what_one_person_did_and_one_deed_are_found(house: House, auditor: Browser) -> None:
    house.signed_in(Role.CLINICIAN, email="moss@example.org", name="Dr Moss").get("/clinician/")
    assert {row[3] for row in listed(auditor, "?who=moss@example.org")} == {"Dr Moss (clinician)"}
    assert {row[2] for row in listed(auditor, "?action=sign-in")} == {"sign-in"}
    assert listed(auditor, "?since=2031-01-01") == []
    assert auditor.get("/admin/trail?who=nobody@example.org").status_code == 422
    assert auditor.get("/admin/trail?action=fly").status_code == 422
    assert auditor.get("/admin/trail?since=yesterday").status_code == 422


def test_looking_stands_in_the_trail_and_what_was_typed_to_search_the_queue_does_not(
    house: House, auditor: Browser
) -> None:
    house.signed_in(Role.CLINICIAN).get("/clinician/?q=Amelia+Hart")
    auditor.get("/admin/trail?reference=7KQ4-M2XD")
    trail = house.rows("SELECT action, detail FROM audit_event ORDER BY n")
    assert ("view-trail", "7KQ4-M2XD") in trail
    assert ("list", "") in trail
    assert not any("Amelia" in detail for _, detail in trail)


def test_the_csv_holds_what_the_page_shows_and_no_formula(house: House, auditor: Browser) -> None:
    house.add_staff("evil@example.org", Role.CLINICIAN, name="=HYPERLINK(1)")
    house.browser().sign_in("evil@example.org")
    answer = auditor.get("/admin/trail.csv?action=sign-in")
    assert answer.status_code == 200
    header, *lines = csv.reader(io.StringIO(answer.text))
    assert header[:4] == ["n", "time", "action", "who"]
    assert lines[0][3] == "'=HYPERLINK(1)"
    assert house.rows("SELECT count(*) FROM audit_event WHERE action = 'trail-csv'") == [(1,)]


def test_older_events_are_a_press_away(house: House, auditor: Browser) -> None:
    clinician = house.signed_in(Role.CLINICIAN)
    for _ in range(120):
        clinician.get("/clinician/")
    first = auditor.get("/admin/trail?action=list")
    older = BeautifulSoup(first.text, "html.parser").find("a", string="Older events")
    assert older is not None
    rows = listed(auditor, str(older["href"]).removeprefix("/admin/trail"))
    assert len(rows) == 20
    assert {row[2] for row in rows} == {"list"}


@pytest.mark.parametrize("before", ["x", "2147483648", "9" * 30, f"-{'9' * 30}"])
def test_what_is_no_number_of_an_event_begins_at_the_newest(auditor: Browser, before: str) -> None:
    assert listed(auditor, "?action=sign-in") == listed(auditor, f"?action=sign-in&before={before}") != []


# -- what failed -------------------------------------------------------------------------------------------------------


def events(house: House) -> list[tuple[str, str]]:
    return house.rows("SELECT action, agent_name FROM audit_event WHERE outcome = 'declined' ORDER BY n")


def test_denied_pages_stand_in_the_trail(house: House) -> None:
    clinician = house.signed_in(Role.CLINICIAN, name="Dr Moss")
    clinician.get("/admin/export")
    clinician.get(f"/clinician/responses/{'0' * 32}")
    assert events(house) == [("denied", "Dr Moss"), ("denied", "Dr Moss")]


def test_strangers_leave_one_event_an_address_a_kind_and_a_minute(house: House) -> None:
    for _ in range(30):
        house.browser().get("/admin/nowhere")
        house.browser().sign_in("nobody@example.org", "a guess")
        visitor = house.browser()
        visitor.get("/resume")
        visitor.post("/resume", {"code": "0000-0000-0000-0000-0000-0000"})
    kinds = [action for action, _ in events(house)]
    assert 3 <= len(kinds) <= 6  # a minute may have ended meanwhile
    assert set(kinds) == {"denied", "sign-in-declined", "resume-declined"}


def test_no_address_stands_in_the_trail_readable(house: House) -> None:
    house.browser().sign_in("nobody@example.org", "a guess")
    assert "127.0.0.1" not in str(house.rows("SELECT * FROM audit_event"))


# -- a writer of the database ------------------------------------------------------------------------------------------


def test_a_session_put_into_the_database_is_signed_in_nowhere_and_named(house: House) -> None:
    browser = house.signed_in(Role.CLINICIAN, email="moss@example.org")
    assert browser.get("/clinician/").status_code == 200
    house.database.sql("UPDATE web_session SET owner = (SELECT id FROM staff_user LIMIT 1), fresh_at = '2031-01-01'")
    assert browser.get("/clinician/").status_code == 303
    assert ("altered", "not signed in") in events(house)
    assert browser.get("/account/login").status_code == 200
    assert browser.sign_in("moss@example.org").status_code == 303
    assert browser.get("/clinician/").status_code == 200


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO staff_role (user_id, role) SELECT id, 'admin' FROM staff_user",
        "UPDATE staff_user SET name = 'Somebody else'",
        "INSERT INTO staff_hand (user_id, hand_id) SELECT id, id FROM staff_user",
    ],
)
def test_an_account_that_was_changed_in_the_database_opens_nothing(house: House, statement: str) -> None:
    browser = house.signed_in(Role.CLINICIAN, email="moss@example.org")
    house.database.sql(statement)
    assert browser.get("/clinician/").status_code == 303
    assert browser.sign_in("moss@example.org").status_code == 422
    house.database.sql("DELETE FROM staff_hand")


def test_an_older_row_of_an_account_put_back_opens_nothing(house: House) -> None:
    from datetime import UTC, datetime

    from intake.accounts import staff
    from intake.records.database import transaction

    house.signed_in(Role.CLINICIAN, email="moss@example.org")
    older = house.rows("SELECT active, event, mac FROM staff_user WHERE email = 'moss@example.org'")[0]
    with transaction(house.intake.engine) as sql:
        staff.set_active(sql, "moss@example.org", False, now=datetime.now(UTC))
    house.database.sql(
        "UPDATE staff_user SET active = :active, event = :event, mac = :mac WHERE email = 'moss@example.org'",
        active=older[0],
        event=older[1],
        mac=bytes(older[2]),
    )
    assert house.browser().sign_in("moss@example.org").status_code == 422
    admin = house.signed_in(Role.ADMIN)
    assert "altered" in admin.get("/admin/staff").text


def test_the_trail_of_a_busy_day_is_whole(house: House, auditor: Browser, questionnaire: Questionnaire) -> None:
    from intake.records.database import reading

    house.send(QuestionnaireResponse(questionnaire.canonical))
    auditor.get("/admin/trail")
    intake: Installation = house.intake
    with reading(intake.engine) as sql:
        assert intake.keyring.trail_head is not None
        assert verify(sql, intake.keyring, chain.noted(intake.keyring.trail_head)).fault is None
