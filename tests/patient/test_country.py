"""The numbers of each country on every page that has one: start, urgent texts, support, confirmation, and the foot."""

from __future__ import annotations

import pytest

from tests.databases import Database
from tests.patient.visitor import YOU, Visitor
from tests.staffroom import build
from tests.walker import browser

NUMBERS = {
    "GB": (["999", "112"], ["116123", "111", "08088088000"]),
    "IE": (["112", "999"], ["116123"]),
    "US": (["911"], ["988"]),
    "CA": (["911"], ["988", "1866277-3553"]),
    "MX": (["911"], ["8009112000"]),
    "other": ([], []),
}
OURS = "the Harbour line on [0800 100 100]"


def at_clinic(database: Database, **env: str) -> Visitor:
    """A patient of a clinic with these settings."""
    return Visitor(browser("http://localhost", build(database, **env).app))


def called(visitor: Visitor, part: str) -> list[str]:
    """The numbers that can be called from a part of the page."""
    return [str(link["href"]).removeprefix("tel:") for link in visitor.soup.select(f'{part} a[href^="tel:"]')]


@pytest.mark.parametrize("country", [country for country in NUMBERS if country != "other"])
def test_before_the_country_is_answered_the_clinics_numbers_stand(database: Database, country: str) -> None:
    emergency, _ = NUMBERS[country]
    visitor = at_clinic(database, INTAKE_CLINIC_COUNTRY=country)
    visitor.get("/")
    assert called(visitor, "main") == called(visitor, "footer") == emergency


def test_a_clinic_that_names_no_country_has_words_without_a_number(database: Database) -> None:
    visitor = at_clinic(database)
    visitor.get("/")
    assert called(visitor, "body") == []
    assert "Call the emergency number where you are if you: are bleeding heavily" in visitor.text


@pytest.mark.parametrize("country", NUMBERS)
def test_the_patients_country_decides_on_every_page_after_it(database: Database, country: str) -> None:
    emergency, crisis = NUMBERS[country]
    visitor = at_clinic(database, INTAKE_CLINIC_COUNTRY="MX")
    visitor.start().fill(respondent="self").fill(consent="true").fill(**{**YOU, "country": country}).fill(
        email="a@example.org"
    )
    visitor.fill(**{"visit-reasons": "trying"}).go("page-now").fill(**{"pregnant-now": "yes"})
    assert called(visitor, ".now-help") == emergency
    assert called(visitor.go("page-life"), "main") == emergency + crisis
    assert called(visitor, "footer") == emergency
    for standing in ("/", "/help", "/privacy", "/accessibility"):
        visitor.get(standing)
        assert called(visitor, "footer") == emergency, standing
    visitor.get("/check")
    visitor.send()
    assert called(visitor, "main") == emergency + crisis
    assert "{" not in visitor.text


@pytest.mark.parametrize(("country", "crisis"), [("GB", ["0800100100"]), ("IE", ["116123"]), ("other", [])])
def test_a_clinics_own_crisis_line_is_for_its_own_country(database: Database, country: str, crisis: list[str]) -> None:
    visitor = at_clinic(database, INTAKE_CLINIC_COUNTRY="GB", INTAKE_CLINIC_CRISIS_LINE=OURS)
    visitor.start().fill(respondent="self").fill(consent="true").fill(**{**YOU, "country": country}).fill(
        email="a@example.org"
    )
    visitor.fill(**{"visit-reasons": "other"})
    assert called(visitor.go("page-life"), "main") == NUMBERS[country][0] + crisis
    visitor.get("/check")
    visitor.send()
    assert called(visitor, "main") == NUMBERS[country][0] + crisis
