"""The export by the door: de-identified unless asked for more with a reason, recorded before its first byte,
streamed."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from werkzeug.datastructures import MultiDict

from intake.accounts.staff import Role
from intake.admin.request import ExportForm
from intake.consultations import catalogue
from tests.databases import Database
from tests.factories import scenarios
from tests.staffroom import House, build

START = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
SCENARIOS = scenarios()


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def files(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def events(house: House) -> list[tuple[str, ...]]:
    """The exports that were begun: by whom, and the trail's words without their cut-off."""
    found = house.rows("SELECT agent_name, role, detail FROM audit_event WHERE action = 'export-begun' ORDER BY n")
    return [(name, role, re.sub(r"cut-off [0-9T:.-]+Z; ", "", detail)) for name, role, detail in found]


def send_all(house: House) -> None:
    for n, scenario in enumerate(SCENARIOS):
        house.send(scenario.response(catalogue.shipped().active), START + timedelta(days=n))


def test_the_zip_holds_responses_and_lists_without_names_or_typed_text(house: House):
    send_all(house)
    answer = house.signed_in(Role.ADMIN, name="Ada").get("/admin/export.zip")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="export.zip"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Length" not in answer.headers
    found = files(answer.data)
    assert "responses.csv" in found
    assert {"pregnancies.csv", "transfers.csv"} <= set(found)
    assert len(table(found["responses.csv"])) == len(SCENARIOS)
    for scenario in SCENARIOS:
        assert all(scenario.answers["full-name"] not in text for text in found.values())
    assert events(house) == [("Ada", "admin", "zip; form nk-intake; for people; sent ..; included: none; reason: none")]


def test_the_csv_is_the_zips_responses_file(house: House):
    send_all(house)
    browser = house.signed_in(Role.ADMIN)
    zipped = files(browser.get("/admin/export.zip?for=programs").data)["responses.csv"]
    answer = browser.get("/admin/export.csv?for=programs")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="responses.csv"'
    assert answer.data.decode() == zipped
    assert not zipped.startswith("\ufeff")
    assert browser.get("/admin/export.csv").data.decode().startswith("\ufeff")


def test_groups_come_with_a_reason_that_the_trail_keeps(house: House):
    send_all(house)
    browser = house.signed_in(Role.ADMIN, name="Ada")
    browser.get("/admin/export")
    answer = browser.post(
        "/admin/export.csv",
        [("for", "programs"), ("include", "names"), ("include", "free-text"), ("reason", " yearly\n audit ")],
    )
    names = {row["full-name"] for row in table(answer.data.decode())}
    assert names == {scenario.answers["full-name"] for scenario in SCENARIOS}
    assert events(house) == [
        ("Ada", "admin", "csv; form nk-intake; for programs; sent ..; included: names,free-text; reason: yearly audit")
    ]


@pytest.mark.parametrize(
    ("fields", "words", "control"),
    [
        ([("include", "names")], "Write why these are needed", "reason"),
        ([("include", "names"), ("reason", "   ")], "Write why these are needed", "reason"),
        ([("include", "names"), ("reason", "x" * 301)], "at most 300 characters", "reason"),
        ([("include", "names"), ("reason", "a\0b\x1b[2J")], "without control characters", "reason"),
        ([("include", "everything"), ("reason", "x")], "is not a group", "include"),
        ([("for", "aliens")], "Choose people or programs", "for"),
        ([("since", "yesterday")], "Write the day as", "since"),
        ([("until", "2026-02-30")], "Write the day as", "until"),
        ([("until", "9999-12-31")], "between 1901 and 8999", "until"),
        ([("since", "2026-02-02"), ("until", "2026-02-01")], "The last day is before the first", "until"),
    ],
)
def test_what_does_not_fit_is_shown_again_and_nothing_is_exported(
    house: House, fields: list[tuple[str, str]], words: str, control: str
):
    browser = house.signed_in(Role.ADMIN)
    browser.get("/admin/export")
    answer = browser.post("/admin/export.zip", fields)
    assert answer.status_code == 422
    assert "<title>Error: Export" in answer.text
    assert answer.text.count(words) == 2
    assert f'href="#{control}"' in answer.text
    assert f'id="{control}"' in answer.text
    assert events(house) == []
    for name, value in fields:
        if name in ("since", "until"):
            assert f'value="{value}"' in answer.text


def test_an_address_alone_cannot_include_more(house: House):
    send_all(house)
    answer = house.signed_in(Role.ADMIN).get("/admin/export.csv?include=names&reason=x")
    assert answer.status_code == 422
    assert events(house) == []


def test_days_are_the_clinics_and_both_are_included(database: Database):
    house = build(database, INTAKE_CLINIC_TIMEZONE="Europe/Dublin")  # 22:30 UTC is 23:30 there
    send_all(house)
    browser = house.signed_in(Role.ADMIN)
    first_two = browser.get("/admin/export.csv?since=2026-06-30&until=2026-07-01")
    assert [row["submitted_at"] for row in table(first_two.data.decode())] == [
        "2026-06-30T22:30:00Z",
        "2026-07-01T22:30:00Z",
    ]
    assert len(table(browser.get("/admin/export.csv?since=2026-07-01").data.decode())) == len(SCENARIOS) - 1
    assert len(table(browser.get("/admin/export.csv?until=2026-06-29").data.decode())) == 0


def test_an_empty_export_has_its_headers(house: House):
    found = files(house.signed_in(Role.ADMIN).get("/admin/export.zip").data)
    assert {
        name: text.count("\r\n") for name, text in found.items() if name not in ("codebook.csv", "manifest.json")
    } == dict.fromkeys(
        ["responses.csv", *(f"{rows.link_id}.csv" for rows in catalogue.shipped().active.lists), "absent.csv"], 1
    )


def test_a_sign_in_older_than_five_minutes_is_asked_for_again(house: House):
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC), tick=False) as clock:
        browser = house.signed_in(Role.ADMIN)
        browser.get("/admin/export")
        assert browser.get("/admin/export.csv").status_code == 200
        clock.shift(timedelta(minutes=5, seconds=1))
        assert (
            browser.get("/admin/export.zip?for=programs").headers["Location"]
            == "/account/confirm?next=/admin/export.zip%3Ffor%3Dprograms"
        )
        again = browser.post("/admin/export.zip", {"include": "names", "reason": "because"})
        assert (again.status_code, again.headers["Location"]) == (307, "/account/confirm?post=/admin/export.zip")
    assert len(events(house)) == 1


def test_the_first_bytes_leave_before_the_last_response_is_read(house: House):
    send_all(house)
    browser = house.signed_in(Role.ADMIN)
    answer = browser.client.get("/admin/export.csv", buffered=False)
    pieces = iter(answer.response)
    assert next(pieces).startswith("\ufeffreference,".encode())
    assert sum(1 for _ in pieces) >= 1
    answer.close()


def test_a_request_is_read_the_same_for_the_command_line():
    form = ExportForm(MultiDict([("for", "programs"), ("include", "names"), ("since", "2026-01-01"), ("reason", "x")]))
    assert form.validate()
    request = form.request()
    assert (request.for_people, request.groups, request.since.isoformat()) == (False, {"names"}, "2026-01-01")
    assert not ExportForm(MultiDict([("include", "names")])).validate()


def test_the_page_offers_every_group_with_words(house: House):
    from intake.questionnaire.invariants import EXPORT_GROUPS

    page = house.signed_in(Role.ADMIN).get("/admin/export").text
    for group in EXPORT_GROUPS:
        assert f'value="{group}"' in page


def test_exports_of_an_account_are_limited(database: Database):
    house = build(database, INTAKE_RATE_LIMIT="1")
    browser, other = (house.signed_in(Role.ADMIN, email=f"{name}@example.org") for name in ("ada", "bea"))
    statuses = [browser.get("/admin/export.csv").status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]
    assert other.get("/admin/export.csv").status_code == 200


def test_a_link_on_another_site_downloads_no_file_and_leads_to_a_page(house: House):
    browser = house.signed_in(*Role)
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    for path in ("/admin/export.zip", "/admin/export.csv", "/admin/trail.csv", f"/clinician/responses/{'0' * 32}.json"):
        answer = browser.get(path, headers=elsewhere)
        assert answer.status_code == 400, path
        assert "another site sent this" in answer.text
    assert house.rows("SELECT count(*) FROM audit_event WHERE action LIKE 'export%'") == [(0,)]
    for path in ("/admin/export", "/clinician/"):
        assert browser.get(path, headers=elsewhere).status_code == 200
    assert browser.get("/admin/export.csv", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert browser.get("/admin/export.csv", headers={"Sec-Fetch-Site": "none"}).status_code == 200
