"""What comes after the session is gone is carried by the code's page, opened by its own code, and not yet saved."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest
from sqlalchemy import text

from intake.records.database import transaction
from tests.patient.visitor import Visitor
from tests.staffroom import House

OURS = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
BORN = [("birth-date.day", "18"), ("birth-date.month", "4"), ("birth-date.year", "1992")]
TYPED = {"top-questions": "What <i>next</i>?\nAnd then?", "hopes.other": "rest", "hopes": ["listened", "other"]}


def end_sessions(house: House) -> None:
    with transaction(house.intake.engine) as sql:
        sql.execute(text("UPDATE web_session SET seen_at = '2020-01-01 00:00:00.000000'"))


def cookie_gone(visitor: Visitor) -> None:
    visitor.client.cookies.clear()
    visitor.client.headers.update(OURS)


def carried(visitor: Visitor) -> dict[str, list[str]]:
    form = next(one for one in visitor.soup.select("main form") if one["action"] == "/resume")
    return {name: values for name, values in visitor.standing(form).items() if name.startswith("carried")}


def come_back(visitor: Visitor, code: str) -> Visitor:
    return visitor.act("continue", [("code", code)]).act("continue", [("code", code), *BORN])


@pytest.mark.parametrize("gone", ["the session", "the cookie"])
def test_after_the_right_code_the_page_shows_what_was_typed_and_none_of_it_is_saved_by_itself(
    visitor: Visitor, house: House, gone: str
) -> None:
    code = visitor.begin().code
    if gone == "the session":
        end_sessions(house)
    else:
        cookie_gone(visitor)
    visitor.fill(**TYPED)
    assert visitor.status == 400
    assert "This form was closed on this device" in visitor.text
    assert carried(visitor)["carried.top-questions"] == [TYPED["top-questions"]]
    come_back(visitor, code)
    assert visitor.path == "/questionnaire/page-hopes"
    assert visitor.value("top-questions") == [TYPED["top-questions"]]
    assert visitor.value("hopes") == TYPED["hopes"]
    assert visitor.value("hopes.other") == ["rest"]
    assert "What you typed here is not saved yet" in visitor.text
    assert "What you typed here is not saved yet" in visitor.go("page-hopes").text


def test_what_was_carried_is_saved_by_the_button(visitor: Visitor, house: House) -> None:
    code = visitor.begin().code
    end_sessions(house)
    come_back(visitor.fill(**TYPED), code).fill()
    assert visitor.path != "/questionnaire/page-hopes"
    assert visitor.go("page-hopes").value("hopes") == TYPED["hopes"]
    assert visitor.find(choose="mine") is None


def test_a_wrong_code_and_a_wrong_date_keep_what_is_carried(visitor: Visitor, house: House) -> None:
    code = visitor.begin().code
    end_sessions(house)
    visitor.fill(**TYPED)
    wanted = carried(visitor)
    visitor.act("continue", [("code", "no such code")])
    assert carried(visitor) == wanted
    visitor.act("continue", [("code", code)]).act("continue", [("code", code), ("birth-date.year", "1991")])
    assert carried(visitor) == wanted
    come_back(visitor, code)
    assert visitor.value("hopes.other") == ["rest"]


def test_an_entry_is_carried_too(visitor: Visitor, house: House) -> None:
    code = visitor.begin().code
    visitor.go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill()
    visitor.add("pregnancies", **{"preg-outcome": "miscarriage"})
    place = visitor.path
    end_sessions(house)
    come_back(visitor.fill(**{"preg-ended.year": "2019", "preg-ended.month": "March"}), code)
    assert visitor.path == place
    assert visitor.value("preg-ended.year") == ["2019"]


def test_another_forms_code_shows_none_of_it(visitor: Visitor, visit: Callable[[], Visitor], house: House) -> None:
    other = visit().begin().code
    visitor.begin()
    end_sessions(house)
    come_back(visitor.fill(**TYPED), other)
    assert visitor.path != "/resume"
    assert "rest" not in visitor.go("page-hopes").value("hopes.other")
    assert visitor.find(choose="mine") is None


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "null"}, {"Origin": "http://evil.example"}, {**OURS, "Sec-Fetch-Site": "cross-site"}],
)
def test_without_its_cookie_only_what_comes_from_here_is_carried(visitor: Visitor, headers: dict[str, str]) -> None:
    visitor.begin()
    visitor.client.cookies.clear()
    visitor.client.headers.update(headers)
    visitor.fill(**TYPED)
    assert visitor.status == 400
    assert "And then?" not in visitor.response.text


@pytest.mark.parametrize("path", ["/admin/export", "https://evil.example/", "/questionnaire/none", "", "/leave"])
def test_what_is_carried_to_no_page_of_the_form_is_told_to_be_copied(visitor: Visitor, house: House, path: str) -> None:
    code = visitor.begin().code
    end_sessions(house)
    visitor.fill(**TYPED)
    fields = [(name, value) for name, values in carried(visitor).items() for value in values if name != "carried"]
    token = str(visitor.soup.select("[name=csrf_token]")[0]["value"])
    visitor.post("/resume", [("csrf_token", token), ("code", code), *BORN, *fields, ("carried", path)])
    assert "This page is not part of your form now" in visitor.text
    assert "And then?" in visitor.text
    assert visitor.go("page-hopes").value("top-questions") == [""]


def test_what_is_carried_to_an_entry_that_was_removed_meanwhile_is_told_to_be_copied(
    visitor: Visitor, visit: Callable[[], Visitor], house: House
) -> None:
    code = visitor.begin().code
    visitor.go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill()
    visitor.add("pregnancies", **{"preg-outcome": "miscarriage"})
    entry = visitor.path.rpartition("/")[2]
    end_sessions(house)
    visitor.fill(**{"preg-notes": "It was <b>winter</b>"})
    other = come_back(visit().get("/resume"), code).go("page-pregnancies")  # type: ignore[attr-defined]
    other.fill(button={"then": f"remove-{entry}"}).act("remove")
    come_back(visitor, code)
    assert "It was <b>winter</b>" in visitor.text
    assert visitor.get("/go-on").status == 200


def test_what_is_carried_to_a_form_that_was_sent_meanwhile_is_told_to_be_copied(
    visitor: Visitor, visit: Callable[[], Visitor], house: House
) -> None:
    code = visitor.begin().code
    end_sessions(house)
    fields = [(name, value) for name, values in carried(visitor.fill(**TYPED)).items() for value in values]
    other = come_back(visit().get("/resume"), code)  # type: ignore[arg-type]
    other.to_check()
    other.send()
    come_back(visitor, code)
    assert visitor.status == 409
    assert "This form was sent already" in visitor.text
    assert "And then?" in visitor.text
    stranger = visit().begin()
    stranger.to_check()
    stranger.send()
    stranger.get("/resume").act("continue", [("code", stranger.code), *BORN, *fields])
    assert stranger.path == "/sent"
    assert "And then?" not in stranger.text


def test_a_box_that_was_cleared_is_carried_as_cleared(visitor: Visitor, house: House) -> None:
    code = visitor.begin().go("page-reason").fill(**{"own-words": "Not this after all"}).code
    visitor.go("page-reason")
    end_sessions(house)
    come_back(visitor.fill(**{"own-words": "", "visit-reasons": []}), code)
    assert (visitor.value("own-words"), visitor.value("visit-reasons")) == ([""], [])
    assert visitor.find(choose="stored") is not None
    visitor.press(visitor.find(choose="stored"))
    assert visitor.value("own-words") == ["Not this after all"]


def test_what_was_blank_on_a_carried_page_takes_nothing_away_that_was_saved_elsewhere(
    visitor: Visitor, visit: Callable[[], Visitor], house: House
) -> None:
    code = visitor.begin().go("page-reason").code
    stale = visitor.sent({"visit-reasons": ["infection"]})
    visitor.go("page-reason").fill(**{"own-words": "Saved elsewhere"})
    end_sessions(house)
    come_back(visitor.post("/questionnaire/page-reason", stale), code)  # type: ignore[arg-type]
    assert visitor.value("own-words") == ["Saved elsewhere"]
    assert [one.get_text(strip=True) for one in visitor.soup.select("#both-versions ~ h3")] == [
        "What would you like to talk about?"
    ]


def test_leaving_carries_nothing(visitor: Visitor) -> None:
    visitor.begin()
    cookie_gone(visitor)
    visitor.act("leave", [("top-questions", "typed")])
    assert visitor.status == 200
    assert visitor.soup.title is not None
    assert visitor.soup.title.get_text() == "Blank page"
    assert "typed" not in visitor.response.text


# -- starting ----------------------------------------------------------------------------------------------------------


def test_who_blocks_cookies_is_told_so(visitor: Visitor) -> None:
    visitor.get("/")
    cookie_gone(visitor)
    visitor.act("start")
    assert visitor.status == 400
    assert "Your browser sent no cookie" in visitor.text
    assert "Enter your code" not in visitor.text


def test_start_pressed_twice_begins_one_form_and_shows_its_code(visitor: Visitor, house: House) -> None:
    visitor.client.headers.update(OURS)
    visitor.get("/")
    form = next(form for form in visitor.soup.find_all("form") if form["action"] == "/start")
    sent = [(name, value) for name, values in visitor.standing(form).items() for value in values]
    for _ in range(2):
        assert visitor.post("/start", sent).path == "/resume-code"
    assert house.rows("SELECT count(*) FROM questionnaire_response") == [(1,)]


def start_page(visitor: Visitor) -> list[tuple[str, str]]:
    """What the button of the start page sends."""
    form = next(form for form in visitor.get("/").soup.find_all("form") if form["action"] == "/start")
    return [(name, value) for name, values in visitor.standing(form).items() for value in values]


def test_start_whose_answer_was_lost_begins_one_form_when_it_is_pressed_again(visitor: Visitor, house: House) -> None:
    sent = start_page(visitor)
    before = httpx.Cookies(visitor.client.cookies)

    def press() -> str:
        visitor.client.cookies.clear()
        visitor.client.cookies.update(before)
        return visitor.post("/start", sent).words(resume_code="")  # type: ignore[attr-defined, no-any-return]

    code = press()
    assert press() == code
    assert house.rows("SELECT count(*) FROM questionnaire_response") == [(1,)]
    visitor.act("continue").fill(respondent="self")  # type: ignore[attr-defined]
    assert press() != code, "that form is somebody's by now"


def test_two_starts_in_the_same_instant_begin_one_form(
    visitor: Visitor, visit: Callable[[], Visitor], house: House
) -> None:
    sent = start_page(visitor)
    tabs = [visitor, *(visit() for _ in range(3))]
    for tab in tabs[1:]:
        tab.client.cookies.update(visitor.client.cookies)
    at_once = Barrier(len(tabs))

    def press(tab: Visitor) -> str:
        at_once.wait(timeout=30)
        return tab.post("/start", sent).words(resume_code="")  # type: ignore[attr-defined, no-any-return]

    with ThreadPoolExecutor(len(tabs)) as pool:
        codes = set(pool.map(press, tabs))
    assert len(codes) == 1
    assert house.rows("SELECT count(*) FROM questionnaire_response") == [(1,)]


# -- sent meanwhile ----------------------------------------------------------------------------------------------------


def test_words_that_come_after_sending_stand_on_the_page_to_be_copied(visitor: Visitor) -> None:
    visitor.begin().go("page-reason").fill(**{"own-words": "sent in time"}).go("page-reason")
    late = visitor.sent({"own-words": "typed too late"})
    early = visitor.sent({})
    visitor.to_check().send()
    visitor.post("/questionnaire/page-reason", late)
    assert visitor.status == 409
    assert "This form was sent already" in visitor.text
    assert [one.get_text() for one in visitor.soup.select("dd")] == ["typed too late"]
    assert visitor.post("/questionnaire/page-reason", early).path == "/submitted"
