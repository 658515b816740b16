"""“What your clinician will read”, before sending: the very page."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup, Tag

from intake.accounts.staff import Role
from intake.questionnaire.model import Questionnaire
from tests.factories import Scenario, scenarios
from tests.patient.visitor import Visitor
from tests.staffroom import House
from tests.walker import Patient, browser

SOME = [scenarios()[n] for n in (0, 3, 7)]


def facts(html: str) -> str:
    """What the one page says, without the ways to the answers and what is for staff alone."""
    page = BeautifulSoup(html, "html.parser")
    told = page.select_one(".summary")
    assert isinstance(told, Tag)
    for own in told.find_all(class_="screen", recursive=False):
        own.decompose()
    return re.sub(r"\s+", "", told.get_text())


@pytest.mark.parametrize("story", SOME)
def test_the_preview_is_the_page_that_the_clinician_reads(
    house: House, questionnaire: Questionnaire, story: Scenario
) -> None:
    with browser("http://localhost", house.app) as client:
        patient = Patient(client, questionnaire, story.response(questionnaire)).start().to_check()
        preview = client.get("/preview").text
        patient.get("/check").send()
    [(id,)] = house.rows("SELECT id FROM questionnaire_response")
    theirs = house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id}").text
    assert facts(preview) == facts(theirs)
    assert len(facts(preview)) > 500
    assert "/clinician/" not in preview


def test_before_the_check_page_there_is_no_preview(visitor: Visitor) -> None:
    assert visitor.get("/preview").status == 404
    visitor.start().get("/preview")
    assert visitor.path == "/questionnaire/page-who"


def test_nothing_is_sent_or_kept_by_looking(visitor: Visitor, house: House) -> None:
    visitor.begin().to_check()
    before = house.rows("SELECT revision, status FROM questionnaire_response")
    assert visitor.get("/preview").status == 200
    assert house.rows("SELECT revision, status FROM questionnaire_response") == before
    assert house.rows("SELECT count(*) FROM response_summary") == [(0,)]
