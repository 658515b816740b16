"""What a clinic can switch off on the one page: the GTPAL line, endings for medical reasons, the names of
infections."""

from __future__ import annotations

import json
from typing import Any

import pytest

from intake.accounts.staff import Role
from tests.databases import Database
from tests.patient.visitor import Visitor
from tests.staffroom import build
from tests.walker import browser

GTPAL = "INTAKE_SUMMARY_GTPAL_LINE"
MEDICAL_REASONS = "INTAKE_SUMMARY_MEDICAL_REASONS"
INFECTION_NAMES = "INTAKE_SUMMARY_INFECTION_NAMES"


def summary(database: Database, **env: str) -> tuple[dict[str, Any], str]:
    """summary.json and the page of one patient at a clinic with these settings."""
    house = build(database, **env)
    visitor = Visitor(browser("http://localhost", house.app)).begin()
    visitor.go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill()
    visitor.add("pregnancies", **{"preg-outcome": "medical-reasons"}).fill(**{"preg-weeks": "12"})
    visitor.go("page-health").fill(**{"health-checklist": "infection"}).add(
        "infections", **{"infection-name": "hiv"}
    ).get("/check")
    visitor.send()
    [(id,)] = house.rows("SELECT id FROM questionnaire_response WHERE status = 'completed'")
    clinician = house.signed_in(Role.CLINICIAN)
    written = json.loads(clinician.get(f"/clinician/responses/{id}/summary.json").data)
    return written, clinician.get(f"/clinician/responses/{id}").text


def lines(found: dict[str, Any], rule: str) -> list[str]:
    return [one["text"] for one in found["highlights"] if one["rule"] == rule]


def test_without_a_setting_all_three_stand_there(database: Database) -> None:
    found, page = summary(database)
    assert found["counts"]["gtpal"] == "G1 T0 P0 A1 L0"
    assert found["counts"]["ended_for_medical_reasons"] == 1
    assert lines(found, "H-09") == ["Reports 1 pregnancy ended for medical reasons."]
    assert "HIV" in lines(found, "H-16")[0]
    assert "G1 T0 P0 A1 L0" in page


@pytest.mark.parametrize("off", [GTPAL, MEDICAL_REASONS, INFECTION_NAMES])
def test_each_can_be_left_out_alone(database: Database, off: str) -> None:
    found, page = summary(database, **{off: "0"})
    assert ("gtpal" in found["counts"], "G1 T0 P0 A1 L0" in page) == (off != GTPAL, off != GTPAL)
    assert ("ended_for_medical_reasons" in found["counts"], bool(lines(found, "H-09"))) == (
        off != MEDICAL_REASONS,
        off != MEDICAL_REASONS,
    )
    names_off = ["Reports 1 infection; see full answers."]
    assert (lines(found, "H-16") == names_off, "HIV" not in page) == (off == INFECTION_NAMES, off == INFECTION_NAMES)
