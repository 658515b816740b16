"""What a clinician's page costs the database: who reads in one statement, and what is read in one."""

from __future__ import annotations

import pytest

from intake.accounts.staff import Role
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from tests.staffroom import House


@pytest.mark.parametrize("page", ["", "/answers", ".json", "/summary.json"])
def test_a_page_reads_the_response_its_key_its_summary_and_its_review_at_once(
    house: House, questionnaire: Questionnaire, page: str
):
    id = house.send(QuestionnaireResponse(questionnaire.canonical))
    browser = house.signed_in(Role.CLINICIAN)
    with house.statements() as ran:
        assert browser.get(f"/clinician/responses/{id}{page}").status_code == 200
    ran = [one for one in ran if "pg_advisory_xact_lock" not in one]  # the trail's, on PostgreSQL
    assert [one.split()[0] for one in ran if one.split()[0] in ("SELECT", "INSERT", "UPDATE")] == [
        "SELECT",
        "SELECT",
        "INSERT",
        "SELECT",
    ]
    asked, _last_event, recorded, read = (one for one in ran if one.split()[0] in ("SELECT", "INSERT"))
    assert "web_session" in asked
    assert "staff_user" in asked
    assert "audit_event" in recorded
    assert all(table in read for table in ("questionnaire_response", "data_key", "response_summary", "review"))


def test_the_queue_is_one_statement(house: House, questionnaire: Questionnaire):
    house.send(QuestionnaireResponse(questionnaire.canonical))
    browser = house.signed_in(Role.CLINICIAN)
    with house.statements() as ran:
        assert browser.get("/clinician/").status_code == 200
    assert len([one for one in ran if "questionnaire_response" in one]) == 1
