"""The one page of every summary there is: those stored in format 1, and those of a form without rules of its own."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import BeautifulSoup

from intake.accounts.staff import Role
from intake.consultations import catalogue
from intake.summary.model import LabelledLine, Section, Summary
from intake.summary.not_answered import Missing, NotAnswered
from intake.summary.statement import sentence, typed
from tests import staffroom
from tests.exports.reading import by_csv
from tests.factories import CONTENT, scenarios
from tests.staffroom import House

STORED = json.loads((CONTENT / "summaries_format_1.json").read_text(encoding="utf-8"))


@dataclass
class Kept:
    """A summary as it was stored."""

    document: dict[str, Any]

    def to_document(self) -> dict[str, Any]:
        return self.document


def page(house: House, id: str) -> BeautifulSoup:
    answer = house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id}")
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def main_of(found: BeautifulSoup, id: str, reference: str) -> str:
    """The page without what two responses never share."""
    text = str(found.main).replace(id, "ID").replace(reference, "REFERENCE")
    return re.sub(r'\d\d? \w{3} \d{4}, \d\d:\d\d|value="[^"]+"', "", text)


@pytest.mark.parametrize("id", STORED)
def test_a_summary_of_format_1_has_the_page_that_its_answers_have_today(
    house: House, monkeypatch: pytest.MonkeyPatch, id: str
):
    response = next(case for case in scenarios() if case.id == id).response(catalogue.shipped().active)
    new = house.send(response)
    monkeypatch.setattr(staffroom, "summarise", lambda *_, **__: Kept(STORED[id]["stored"]))
    old = house.send(response)
    made = [main_of(page(house, one), one, house.reference(one)) for one in (new, old)]
    assert made[0] == made[1]
    assert len(made[0]) > 3000
    zipped = house.signed_in(Role.ADMIN).get("/admin/export.zip")
    lines = by_csv(zipfile.ZipFile(io.BytesIO(zipped.data)).read("responses.csv"))
    derived = [{name: cell for name, cell in line.items() if name.startswith("derived.")} for line in lines]
    assert derived[0] == derived[1]


def test_a_plain_summary_has_who_every_section_and_what_was_not_answered(house: House, monkeypatch: pytest.MonkeyPatch):
    canonical = catalogue.shipped().active.canonical
    made = Summary(
        questionnaire=canonical,
        name=(typed("Ada <b>"),),
        header=(LabelledLine(None, "Form", sentence("first-visit 1.0.0")),),
        not_answered=NotAnswered(unknown=(Missing("since", "Since"),)),
        sections=(
            Section("About you", (LabelledLine("town", "Town", sentence("“", typed("Cork"), "”")),)),
            Section("Medicines", (LabelledLine("taking", "Medicine 1", sentence("Called: “", typed("Iron"), "”")),)),
        ),
    )
    monkeypatch.setattr(staffroom, "summarise", lambda *_, **__: made)
    id = house.send(scenarios()[0].response(catalogue.shipped().active))
    found = page(house, id)
    assert found.h1.get_text() == "Ada <b>"
    assert [heading.get_text() for heading in found.select(".summary h2")] == [
        "About you",
        "Medicines",
        "Not answered",
        "Review",
    ]
    for heading, line in (("About you", "Town: “Cork”"), ("Medicines", "Medicine 1: Called: “Iron”")):
        section = next(one for one in found.select("section") if one.h2 and one.h2.get_text() == heading)
        assert section.dl.get_text().strip() == line
    assert "Does not know" in found.select_one("[aria-labelledby=s-none]").get_text()
    assert found.select_one(".summary .counts, .summary figure, .summary [data-rule]") is None
