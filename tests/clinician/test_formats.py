"""The one page of every summary there is: those stored in format 1, and those of a form without rules of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from intake.accounts.staff import Role
from intake.consultations import catalogue
from intake.summary.model import LabelledLine, Section, Summary
from intake.summary.not_answered import Missing, NotAnswered
from intake.summary.statement import sentence, typed
from tests import staffroom
from tests.factories import CONTENT, scenarios
from tests.staffroom import House

OLD = scenarios(CONTENT / "before/scenarios_open.md")
OLD_FORM = next(
    one for one in catalogue.shipped().published.values() if (one.id, one.version) == ("nk-intake", "1.1.0")
)
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


def words(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


@pytest.mark.parametrize("id", STORED)
def test_a_summary_of_format_1_says_what_it_said_in_the_order_of_today(
    house: House, monkeypatch: pytest.MonkeyPatch, id: str
):
    stored = STORED[id]["stored"]
    monkeypatch.setattr(staffroom, "summarise", lambda *_, **__: Kept(stored))
    sent = house.send(next(case for case in OLD if case.id == id).response(OLD_FORM))
    found, old = page(house, sent), stored["summary"]
    headings = [words(one) for one in found.select(".summary h2")]
    assert headings[0] == "What the patient wants"
    assert headings.index("Timeline") < headings.index("Reported highlights") < headings.index("Not answered")
    said = [words(one.span) for one in found.select("li[data-rule]")]
    assert said == ["".join(part["text"] for part in one["sentence"]) for one in old["highlights"]]
    facts = [words(one) for one in found.select(".events tbody td:nth-of-type(2)")]
    told = ("".join(part["text"] for part in one["facts"]) for one in (*old["timeline"], *old["undated"]))
    assert facts == [" ".join(one.split()) for one in told]
    assert "made by an earlier version" in words(found)
    assert not found.find_all("summary", string="Also answered")
    answer = house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{sent}/summary.json")
    assert {tuple(one) for one in json.loads(answer.data)["timeline"]} <= {("date", "kind", "facts")}
    text = house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{sent}/summary.txt").text
    assert all(one in text for one in said)


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
