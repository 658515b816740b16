"""A document that a newer program stored: it is said that it cannot be opened, and all else goes on."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest

from intake.accounts.staff import Role
from intake.answers import document
from intake.consultations import catalogue
from tests.factories import random_response
from tests.patient.visitor import Visitor
from tests.staffroom import House


def test_a_patient_reads_that_the_form_cannot_be_opened(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(document, "FORMAT", 3)
        visitor.get("/").act("start")
    assert visitor.status == 500
    assert "cannot be opened" in visitor.text
    for path in ("/questionnaire/page-who", "/check"):
        assert "cannot be opened" in visitor.get(path).text
    assert visitor.get("/").status == visitor.get("/help").status == 200


def test_a_clinician_reads_that_it_cannot_be_opened_and_an_export_names_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = catalogue.shipped().active
    opens = house.send(random_response(form, 1))
    with monkeypatch.context() as newer:
        newer.setattr(document, "FORMAT", 3)
        newer_one = house.send(random_response(form, 2))
    clinician = house.signed_in(Role.CLINICIAN)
    for part in ("/answers", ".json"):
        assert clinician.get(f"/clinician/responses/{opens}{part}").status_code == 200
        assert clinician.get(f"/clinician/responses/{newer_one}{part}").status_code == 500
    archive = zipfile.ZipFile(io.BytesIO(house.signed_in(Role.ADMIN).get("/admin/export.zip").data))
    assert json.loads(archive.read("manifest.json"))["unreadable"] == [house.reference(newer_one)]
    lines = list(csv.DictReader(io.StringIO(archive.read("responses.csv").decode("utf-8-sig"))))
    assert [line["reference"] for line in lines] == [house.reference(opens)]
