"""An admin finds one response by its reference, holds it, erases it, hands out what is kept of it; sees no answer."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from zipfile import ZipFile

import pytest
import time_machine
from werkzeug.test import TestResponse

from intake.accounts.staff import Role
from intake.consultations import catalogue
from intake.patient import consent
from intake.questionnaire.values import Answer
from intake.records import reviews
from intake.records.database import transaction
from tests.factories import scenarios
from tests.fhir.validators import by_fhirkit, by_schema
from tests.patient.visitor import Visitor
from tests.records.clinic import MOSS
from tests.staffroom import PASSWORD, Browser, House
from tests.walker import browser

NAME = "Siobhán"


@pytest.fixture
def sent(house: House) -> str:
    return house.send(scenarios()[1].response(catalogue.shipped().active))


@pytest.fixture
def admin(house: House) -> Browser:
    return house.signed_in(Role.ADMIN, name="Ada Admin")


def do(admin: Browser, deed: str, reference: str, reason: str = "she asked") -> TestResponse:
    admin.get(f"/admin/records?reference={reference}")
    return admin.post(f"/admin/records/{deed}", {"reference": reference, "reason": reason})


def test_a_response_is_found_without_an_answer_of_it(house: House, admin: Browser, sent: str) -> None:
    page = admin.get(f"/admin/records?reference={house.reference(sent).lower()}").text
    assert "sent" in page
    assert NAME not in page
    assert "No response here has the reference" in admin.get("/admin/records?reference=0000-0000").text


def test_a_held_response_is_erased_only_once_it_is_released(house: House, admin: Browser, sent: str) -> None:
    reference = house.reference(sent)
    assert do(admin, "hold", reference).status_code == 303
    assert "nothing erases it" in admin.get(f"/admin/records?reference={reference}").text
    refused = do(admin, "erase", reference)
    assert (refused.status_code, "legal hold" in refused.text) == (422, True)
    assert do(admin, "release", reference).status_code == 303
    assert do(admin, "erase", reference).status_code == 303
    assert house.rows("SELECT count(*) FROM questionnaire_response") == [(0,)]
    assert f"The response {reference} was erased on" in admin.get(f"/admin/records?reference={reference}").text
    events = house.rows("SELECT action FROM audit_event WHERE entity_id = :id ORDER BY n", id=sent)
    assert [action for (action,) in events][2:] == ["held", "released", "erase"]


@pytest.mark.parametrize("within", ["\r\n", "\n", " ", "\u2028", "\u2014", "-\r\n"])
def test_a_reference_with_a_line_break_in_it_is_the_reference(
    house: House, admin: Browser, sent: str, within: str
) -> None:
    reference = house.reference(sent)
    for deed in ("hold", "release"):
        admin.get("/admin/records")
        answer = admin.post(
            f"/admin/records/{deed}", {"reference": reference.replace("-", within), "reason": "she asked"}
        )
        assert answer.status_code == 303
        assert reference in admin.get(answer.headers["Location"]).text


@pytest.mark.parametrize("reason", ["", "  ", "...", "x" * 301, "un\u200bseen"])
def test_nothing_is_done_without_a_reason(house: House, admin: Browser, sent: str, reason: str) -> None:
    for deed in ("hold", "erase", "subject-export.zip"):
        assert do(admin, deed, house.reference(sent), reason).status_code == 422
    assert house.rows("SELECT count(*) FROM questionnaire_response") == [(1,)]


def test_each_deed_asks_for_the_password_again(house: House, sent: str) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        admin = house.signed_in(Role.ADMIN)
        clock.shift(timedelta(minutes=6))
        answer = do(admin, "erase", house.reference(sent))
        assert answer.status_code == 307
        assert answer.headers["Location"].startswith("/account/confirm")
        fields = {"reference": house.reference(sent), "reason": "she asked", "password": PASSWORD}
        admin.get("/account/")
        assert admin.post(answer.headers["Location"], fields).status_code == 307
    assert house.rows("SELECT count(*) FROM questionnaire_response") == [(1,)]


def test_the_zip_holds_all_that_is_kept_of_one_person(house: House, admin: Browser, sent: str) -> None:
    reference = house.reference(sent)
    with transaction(house.intake.engine) as sql:
        reviews.review(sql, house.intake.keyring, sent, MOSS, note="call her on Monday", now=datetime.now(UTC))
    other = house.reference(house.send(scenarios()[0].response(catalogue.shipped().active)))
    fern = house.signed_in(Role.CLINICIAN, name="=Dr Fern")
    fern.get("/clinician/")
    fern.get(f"/clinician/responses/{sent}")
    answer = do(admin, "subject-export.zip", reference)
    assert answer.status_code == 200
    with ZipFile(io.BytesIO(answer.data)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(files) == {"read-me.txt", "bundle.json", "answers.html", "notes.txt", "opened.csv"}
    bundle = json.loads(files["bundle.json"])
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    for entry, kind in zip(bundle["entry"], ("Questionnaire", "QuestionnaireResponse"), strict=True):
        assert by_schema(entry["resource"], kind) + by_fhirkit(entry["resource"]) == []
    assert NAME in files["answers.html"]
    assert "call her on Monday" in files["notes.txt"]
    seen = [(row["action"], row["who"]) for row in csv.DictReader(io.StringIO(files["opened.csv"]))]
    assert ("view-summary", "'=Dr Fern") in seen
    assert ("list", "'=Dr Fern") in seen
    assert other not in files["opened.csv"]
    assert ("subject-export", "Ada Admin") in seen
    assert ("subject-export", "she asked") in house.rows("SELECT action, detail FROM audit_event")


def test_typed_markup_stays_text_in_the_page(house: House, admin: Browser) -> None:
    response = scenarios()[1].response(catalogue.shipped().active)
    id = house.send(response.with_answers({"own-words": Answer(("<script>alert(1)</script>",))}))
    answer = do(admin, "subject-export.zip", house.reference(id))
    with ZipFile(io.BytesIO(answer.data)) as archive:
        page = archive.read("answers.html").decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_draft_cannot_be_exported_and_that_is_said(house: House, admin: Browser) -> None:
    browser = house.browser()
    browser.get("/")
    browser.post("/start")
    ((reference,),) = house.rows("SELECT reference FROM questionnaire_response")
    assert "cannot be exported" in admin.get(f"/admin/records?reference={reference}").text
    refused = do(admin, "subject-export.zip", reference)
    assert (refused.status_code, "not sent yet" in refused.text) == (422, True)


def test_the_zip_says_what_was_agreed_to_and_when(house: House, admin: Browser) -> None:
    with browser("http://localhost", house.app) as client:
        reference = Visitor(client).begin().to_check().send()
    answer = do(admin, "subject-export.zip", reference)
    with ZipFile(io.BytesIO(answer.data)) as archive:
        page = archive.read("answers.html").decode()
    version = consent.read(None).version
    assert re.search(rf"<p>Agreed on 20[0-9-]+T[0-9:+]+ to the text of version {version}\.</p>", page)
