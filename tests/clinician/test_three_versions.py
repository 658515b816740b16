"""One installation that has lived through all three versions of nk-intake: its queue, its pages, its FHIR, its one
export."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from intake.accounts.staff import Role
from intake.consultations import catalogue
from intake.questionnaire.fhir_json import response_from_json
from intake.questionnaire.fhir_questionnaire import questionnaire_to_json
from intake.questionnaire.model import Item, ItemType, Questionnaire
from intake.questionnaire.values import Answer, Coding
from tests.databases import DatabaseIn
from tests.exports.reading import Line, by_csv
from tests.fhir.own_check import check
from tests.fhir.patients import Patient, patient
from tests.fhir.validators import by_fhirkit, by_schema
from tests.old import reading
from tests.staffroom import PASSWORD, House, build
from tests.walker import Staff

VERSIONS = ("1.0.0", "1.1.0", "1.2.0")
SEEDS = range(4, 10)
GROUPS = ("names", "contact", "free-text", "endings", "sensitive", "private-talk")
TEXTS = ("amber 3", "birch 14", "cedar 15", "delta 92", "élan 6")


@dataclass(frozen=True)
class Clinic:
    """The installation, and who sent what, by reference."""

    house: House
    sent: Mapping[str, Patient]

    def staff(self, role: Role) -> Staff:
        """Somebody of the clinic, signed in."""
        email = f"{role.value}@example.org"
        if not self.house.rows("SELECT 1 FROM staff_user WHERE email = :email", email=email):
            self.house.add_staff(email, role)
        return reading.staff(self.house.app, email, PASSWORD)


@pytest.fixture(scope="module")
def clinic(database_in: DatabaseIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """Six patients of each version, in turn."""
    with database_in(tmp_path_factory.mktemp("three")) as database:
        house = build(database)
        patients = [patient(form(version), seed, texts=TEXTS) for seed in SEEDS for version in VERSIONS]
        sent = {house.reference(house.send(one.response, way=one.way)): one for one in patients}
        yield Clinic(house, sent)


def form(version: str) -> Questionnaire:
    return next(
        one for one in catalogue.shipped().published.values() if (one.id, one.version) == ("nk-intake", version)
    )


def test_the_queue_lists_each_of_them(clinic: Clinic) -> None:
    queue = " ".join(reading.queue(clinic.staff(Role.CLINICIAN)))
    assert len(clinic.sent) == len(VERSIONS) * len(SEEDS)
    assert [reference for reference in clinic.sent if reference not in queue] == []


def test_each_page_says_its_version_and_what_was_typed(clinic: Clinic) -> None:
    clinician = clinic.staff(Role.CLINICIAN)
    for reference, one in clinic.sent.items():
        read = reading.read_response(clinician, reference)
        for page in ("page", "answers"):
            assert any(one.questionnaire.version in line for line in read[page]), (reference, page)
        said = " ".join(read["answers"])
        typed = [value for _, _, answer in one.response.said() for value in answer.values if type(value) is str]
        assert [text for text in typed if text not in said] == []
        assert read["summary"]["questionnaire"] == one.questionnaire.canonical


def test_each_is_valid_fhir_that_reads_back_to_the_same_answers(clinic: Clinic) -> None:
    clinician = clinic.staff(Role.CLINICIAN)
    for reference, one in clinic.sent.items():
        written = reading.read_response(clinician, reference)["fhir"]
        assert written["questionnaire"] == one.questionnaire.canonical
        assert by_schema(written, "QuestionnaireResponse") + by_fhirkit(written) == []
        assert check(questionnaire_to_json(one.questionnaire), written) == []
        back = response_from_json(one.questionnaire, written)
        assert (back.answers, back.entries) == (one.response.answers, one.response.entries)


def cells(item: Item, answer: Answer) -> Line:
    """The cells that an answer fills, as codebook.csv names them: a code, a number, a text, a tick for each code."""
    name = item.link_id
    codes = [value.code for value in answer.values if isinstance(value, Coding)]
    typed = [value for value in answer.values if isinstance(value, str)]
    if item.repeats:
        return {f"{name}___{code}": "1" for code in codes}
    if item.is_choice:
        return {name: codes[0]} if codes else {}
    if item.type in (ItemType.STRING, ItemType.TEXT):
        return {name: typed[0]} if typed else {}
    return {name: f"{answer.number}"} if item.type is ItemType.INTEGER and answer.number is not None else {}


def test_one_export_holds_the_answers_of_all_three(clinic: Clinic) -> None:
    files = reading.members(clinic.staff(Role.ADMIN).export(include=GROUPS))
    manifest: Mapping[str, Any] = json.loads(files["manifest.json"])
    elsewhere = {name.partition(": ")[2] for name in manifest["not_in_columns"]}
    lines = {line["reference"]: line for line in by_csv(files["responses.csv"])}
    assert set(lines) == set(clinic.sent)
    compared = 0
    for reference, one in clinic.sent.items():
        for link_id, entry, answer in one.response.said():
            item = form("1.2.0").by_link_id.get(link_id)
            for name, cell in cells(item or one.questionnaire.item(link_id), answer).items() if entry is None else ():
                if name not in lines[reference]:
                    assert name in elsewhere, f"{name} of {one.questionnaire.version} is named nowhere"
                else:
                    assert (name, lines[reference][name]) == (name, cell)
                    compared += 1
        for rows in form("1.2.0").lists:
            listed = [line for line in by_csv(files[f"{rows.link_id}.csv"]) if line["reference"] == reference]
            assert len(listed) == len(one.response.rows(rows.link_id)), (reference, rows.link_id)
    assert compared > 20 * len(clinic.sent)
    assert {line["questionnaire"].rpartition("|")[2] for line in lines.values()} == set(VERSIONS)
