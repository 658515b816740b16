"""One question brought to each of the six reasons by walking the form: page, summary, FHIR JSON and absent.csv tell
them apart."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import BeautifulSoup

from intake.accounts.staff import Role
from tests.patient.test_check import line
from tests.patient.visitor import Visitor
from tests.staffroom import House

PAGE, QUESTION, LABEL = "page-trying", "trying-time", "Trying for"


def not_asked(visitor: Visitor) -> None:
    visitor.begin(["nk-results"])


def not_reached(visitor: Visitor) -> None:
    visitor.begin(["trying"])


def left_blank(visitor: Visitor) -> None:
    visitor.begin(["trying"]).go(PAGE).fill()


def said(code: str) -> Callable[[Visitor], None]:
    return lambda visitor: visitor.begin(["trying"]).go(PAGE).fill(**{QUESTION: code}) and None


def in_person(visitor: Visitor) -> None:
    visitor.begin(["trying"]).go(PAGE).fill(button={"then": "in-person"})


@dataclass(frozen=True)
class Told:
    """What each reader is told about the question."""

    walk: Callable[[Visitor], None]
    check_page: str | None
    full_answers: str | None
    summary: str | None
    extensions: list[str]
    codes: list[str]


REASONS = {
    "not-asked": Told(not_asked, None, None, None, [], []),
    "not-reached": Told(
        not_reached, "Page not opened yet", "not reached", "not_reached", ["unknown", "not-reached"], []
    ),
    "left-blank": Told(left_blank, "Left blank", "left blank", "blank", [], []),
    "asked-unknown": Told(said("unknown"), "I don't know", "does not know", "unknown", [], ["unknown"]),
    "asked-declined": Told(said("declined"), "I'd rather not say", "prefers not to say", "declined", [], ["declined"]),
    "in-person": Told(
        in_person, "I will tell you in person", "will say in person", "in_person", ["temp-unknown", "in-person"], []
    ),
}


def fhir_item(items: list[dict[str, Any]], link_id: str) -> dict[str, Any] | None:
    """The item of this linkId, wherever it stands."""
    for item in items:
        found = item if item["linkId"] == link_id else fhir_item(item.get("item", []), link_id)
        if found is not None:
            return found
    return None


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_reads_otherwise_wherever_it_is_read(visitor: Visitor, house: House, reason: str) -> None:
    told = REASONS[reason]
    told.walk(visitor)
    visitor.get("/check")
    shown = visitor.soup.select(f'.answers [data-link-id="{QUESTION}"]')
    assert (line(visitor, QUESTION) if shown else None) == told.check_page
    reference = visitor.send()

    clinician = house.signed_in(Role.CLINICIAN)
    [(id,)] = house.rows("SELECT id FROM questionnaire_response WHERE status = 'completed'")
    answers = BeautifulSoup(clinician.get(f"/clinician/responses/{id}/answers").text, "html.parser")
    stated = [one.dd.get_text(strip=True) for one in answers.select(f'[data-answer="{QUESTION}"]')]
    assert (stated[0] if stated else None) == told.full_answers
    fold = answers.select_one("details.fold")
    assert fold is not None
    assert not fold.has_attr("open")
    assert (LABEL in [label.strip() for dd in fold.select("dd") for label in dd.get_text().split(";")]) == (
        reason == "not-asked"
    )

    written = json.loads(clinician.get(f"/clinician/responses/{id}/summary.json").data)["not_answered"]
    assert [key for key, missing in written.items() if QUESTION in [one["linkId"] for one in missing]] == (
        [told.summary] if told.summary else []
    )

    item = fhir_item(json.loads(clinician.get(f"/clinician/responses/{id}.json").data)["item"], QUESTION)
    assert (item is None) == (reason == "not-asked")
    assert [one["valueCode"] for one in (item or {}).get("extension", [])] == told.extensions
    assert [one["valueCoding"]["code"] for one in (item or {}).get("answer", [])] == told.codes

    rows = absent_csv(house, not_asked=True)
    assert [row["reason"] for row in rows if (row["reference"], row["linkId"]) == (reference, QUESTION)] == [reason]
    asked = absent_csv(house)
    assert [row["reason"] for row in asked if row["linkId"] == QUESTION] == ([] if reason == "not-asked" else [reason])


def absent_csv(house: House, *, not_asked: bool = False) -> list[dict[str, str]]:
    """The rows of absent.csv, as an admin takes them out for a program."""
    admin = house.signed_in(Role.ADMIN)
    admin.get("/admin/export")
    body = admin.post(
        "/admin/export.zip", {"for": "programs", "reason": "a count"} | ({"not-asked": "1"} if not_asked else {})
    )
    assert body.status_code == 200, body.text[:400]
    text = zipfile.ZipFile(io.BytesIO(body.data)).read("absent.csv").decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


TICKED = {
    "not-asked": ({"ever-pregnant": "no"}, {}, None),
    "left-blank": ({"ever-pregnant": "me"}, {}, "Left blank"),
    "asked-unknown": ({"ever-pregnant": "me"}, {"pregnancy-count.absent": "asked-unknown"}, "I don't know"),
    "asked-declined": ({"ever-pregnant": "me"}, {"pregnancy-count.absent": "asked-declined"}, "I'd rather not say"),
}


@pytest.mark.parametrize("reason", TICKED)
def test_a_reason_that_is_ticked_is_a_reason_of_fhirs_own(visitor: Visitor, house: House, reason: str) -> None:
    first, then, words = TICKED[reason]
    visitor.begin().go("page-pregnancies-intro").fill(**first)
    if visitor.path.endswith("page-pregnancies-intro"):
        visitor.fill(**then)
    visitor.get("/check")
    shown = visitor.soup.select('.answers [data-link-id="pregnancy-count"]')
    assert (line(visitor, "pregnancy-count") if shown else None) == words
    visitor.send()
    [(id,)] = house.rows("SELECT id FROM questionnaire_response WHERE status = 'completed'")
    item = fhir_item(
        json.loads(house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id}.json").data)["item"],
        "pregnancy-count",
    )
    extensions = [one["valueCode"] for one in (item or {}).get("extension", [])]
    assert (item is None, extensions) == (reason == "not-asked", [reason] if reason.startswith("asked-") else [])
