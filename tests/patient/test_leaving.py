"""“Leave quickly”: away from the page at once, with what stands on it kept, and nothing left to be seen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from intake.config import Settings, SettingsError
from tests.databases import Database
from tests.patient.test_after_the_session import come_back, end_sessions
from tests.patient.visitor import Visitor
from tests.staffroom import House, build
from tests.walker import browser

WEATHER = "https://weather.example/today?at=home"


def is_blank(visitor: Visitor) -> bool:
    """Whether the page says nothing at all."""
    assert visitor.soup.body is not None
    return visitor.status == 200 and visitor.soup.body.get_text(strip=True) == ""


@pytest.mark.parametrize("path", ["/", "/resume", "/resume-code", "/questionnaire/page-hopes", "/check", "/privacy"])
def test_from_every_page_it_is_a_blank_page_that_ends_the_session(visitor: Visitor, path: str) -> None:
    visitor.begin().get(path)
    visitor.act("leave")
    assert is_blank(visitor)
    assert "Refresh" not in visitor.response.headers
    assert visitor.response.headers["Clear-Site-Data"] == '"cache"'
    assert re.search("pregnan|loss|baby|clinic", visitor.response.text, re.IGNORECASE) is None
    assert visitor.get("/questionnaire/page-you").status == 404


def test_what_stands_half_filled_is_kept(visitor: Visitor, visit: Callable[[], Visitor]) -> None:
    visitor.begin().go("page-contact")
    visitor.fill(button={"then": "leave"}, **{"phone": "0161 496 0", "contact-safe": "email-only"})
    assert is_blank(visitor)
    later = come_back(visit().get("/resume"), visitor.code).go("page-contact")  # type: ignore[attr-defined]
    assert later.value("phone") == ["0161 496 0"]
    assert later.value("contact-safe") == ["email-only"]


def test_enter_in_a_box_still_means_continue(visitor: Visitor) -> None:
    """A browser presses the first button of a form, in the order of the page."""
    visitor.begin().go("page-you")
    first = next(one for one in visitor.soup.find_all("button") if one.get("form") == "answers")
    assert first.get("name") is None


@pytest.mark.parametrize("page", ["/questionnaire/page-hopes", "/check"])
def test_it_leaves_whatever_became_of_the_session(visitor: Visitor, house: House, page: str) -> None:
    visitor.begin().get(page)
    end_sessions(house)
    visitor.act("leave", [("top-questions", "typed")])
    assert is_blank(visitor)


def test_a_site_of_somebody_elses_ends_nothing(visitor: Visitor) -> None:
    visitor.begin()
    answer = visitor.client.post("/leave", data={"then": "leave"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 400
    assert visitor.get("/questionnaire/page-you").status == 200


def test_the_clinic_says_where_it_goes_on_to(database: Database) -> None:
    house = build(database, INTAKE_LEAVE_TO=WEATHER)
    with browser("http://localhost", house.app) as client:
        visitor = Visitor(client).start()
        visitor.act("leave")
        assert is_blank(visitor)
        assert visitor.response.headers["Refresh"] == f"0; url={WEATHER}"


@pytest.mark.parametrize(
    "wrong", ["weather", "javascript:alert(1)", "https://", "https://a b", "https://a;url=x", "//a"]
)
def test_what_is_no_address_is_refused_in_one_line(wrong: str) -> None:
    with pytest.raises(SettingsError, match="INTAKE_LEAVE_TO: set it to the address of a page"):
        Settings.from_environment({"INTAKE_ENV": "tryout", "INTAKE_LEAVE_TO": wrong})
