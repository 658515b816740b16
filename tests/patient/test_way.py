"""The way through the form: saved at every page, nothing lost, what is not on the way is not shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.patient.visitor import YOU, Visitor
from tests.staffroom import House


def test_the_start_page_says_what_this_is_and_who_helps_now(visitor: Visitor) -> None:
    visitor.get("/")
    assert "It gives no results and no medical advice" in visitor.text
    assert "Call the emergency number where you are if you: are bleeding heavily" in visitor.text
    assert visitor.soup.select_one(".now-help") is not None
    assert visitor.find(action="start") is not None


def test_after_the_start_comes_the_code_then_the_first_page(visitor: Visitor) -> None:
    visitor.get("/").act("start")
    assert visitor.path == "/resume-code"
    assert len(visitor.words(resume_code="").replace(" ", "")) == 24
    visitor.act("continue")
    assert visitor.path == "/questionnaire/page-who"


def test_a_new_start_ends_the_session_that_this_browser_had(
    visitor: Visitor, visit: Callable[[], Visitor], house: House
) -> None:
    older = dict(visitor.start().client.cookies)
    visitor.start()
    assert house.rows("SELECT count(*) FROM web_session WHERE kind = 'patient'") == [(1,)]
    stranger = visit()
    stranger.client.cookies.update(older)
    assert stranger.go("page-who").status == 404


def test_a_page_is_saved_before_the_next_shows(visitor: Visitor, visit: Callable[[], Visitor]) -> None:
    visitor.begin()
    assert visitor.response.history[0].status_code == 303
    later = visit()
    later.get("/resume").act("continue", [("code", visitor.code)])
    later.act(
        "continue",
        [("code", visitor.code), ("birth-date.day", "18"), ("birth-date.month", "4"), ("birth-date.year", "1992")],
    )
    assert later.path == "/questionnaire/page-hopes"
    assert later.go("page-you").value("full-name") == ["Amelia Hart"]


def test_going_back_shows_what_was_saved(visitor: Visitor) -> None:
    visitor.begin()
    visitor.fill(button={"then": "back"})
    assert visitor.path == "/questionnaire/page-reason"
    assert visitor.value("visit-reasons") == ["pregnancy-loss"]


def test_a_page_with_nothing_to_ask_is_skipped(visitor: Visitor) -> None:
    visitor.begin(["trying"]).go("page-pregnancies-intro").fill(**{"ever-pregnant": "no"})
    assert visitor.path == "/questionnaire/page-trying"
    assert visitor.go("page-pregnancies").status == 404


def test_a_page_is_shown_again_once_for_what_its_save_enabled(visitor: Visitor) -> None:
    visitor.start().fill(respondent="together")
    assert visitor.path == "/questionnaire/page-who"
    assert visitor.asked == ["respondent", "respondent-name", "respondent-relationship"]
    assert visitor.focus["name"] == "respondent-name"
    assert visitor.errors == []
    visitor.fill(**{"respondent-name": "Sam", "respondent-relationship": "partner"})
    assert visitor.path == "/questionnaire/page-consent"


def test_a_text_that_a_save_enabled_is_read_with_the_first_new_question(visitor: Visitor) -> None:
    visitor.begin().go("page-now").fill(**{"pregnant-now": "yes"})
    assert visitor.focus["name"] == "pregnant-weeks"
    assert "urgent-pregnancy" in str(visitor.focus["aria-describedby"]).split()
    assert visitor.soup.find(id="urgent-pregnancy") is not None


def test_a_text_alone_that_a_save_enabled_takes_the_focus(visitor: Visitor) -> None:
    helper = {"respondent-name": "Sam", "respondent-relationship": "partner", "respondent-permission": "not-yet"}
    visitor.start().fill(respondent="other").fill(**helper)
    assert visitor.focus["id"] == "permission-later"
    assert visitor.fill().path == "/questionnaire/page-consent"


def test_a_question_that_this_very_save_hides_does_not_block(visitor: Visitor) -> None:
    visitor.start().fill(respondent="other")
    assert visitor.fill(respondent="self").path == "/questionnaire/page-consent"


def test_progress_counts_the_parts_on_this_way(visitor: Visitor) -> None:
    visitor.begin(["other"])
    assert "Part 3 of 9: Your visit" in visitor.text
    visitor.go("page-reason").fill(**{"visit-reasons": "trying"})
    assert "Part 3 of 10: Your visit" in visitor.text


def test_one_question_alone_holds_the_title_and_several_stand_under_the_pages(visitor: Visitor) -> None:
    visitor.start()
    assert visitor.soup.select_one("legend h1") is not None
    assert visitor.soup.title is not None
    assert visitor.soup.title.get_text() == "Who is filling in this form? - Before your visit"
    visitor.fill(respondent="together")
    assert visitor.soup.select_one("legend h1") is None
    assert [one.get_text() for one in visitor.soup.find_all("h1")] == ["Who is answering More questions"]


@pytest.mark.parametrize(
    "page", ["page-reason", "page-transfers", "page-welcome", "page-check", "nowhere", "full-name"]
)
def test_what_is_not_on_the_way_or_too_early_is_not_found_and_there_is_a_way_on(visitor: Visitor, page: str) -> None:
    visitor.start().fill(respondent="self").go(page)
    assert visitor.status == 404
    way = visitor.soup.select_one("main a.button")
    visitor.press(way)
    assert visitor.path == "/questionnaire/page-consent"


def test_without_a_form_every_page_leads_to_the_code(visitor: Visitor) -> None:
    for path in ("/questionnaire/page-who", "/check", "/submitted", "/resume-code", "/resume-code.svg", "/go-on"):
        visitor.get(path)
        assert visitor.status == 404
        assert visitor.soup.select_one('main a[href="/resume"]') is not None


def test_the_check_page_leads_to_the_first_page_not_done_until_what_is_required_is_there(visitor: Visitor) -> None:
    visitor.start().fill(respondent="self").get("/check")
    assert visitor.path == "/questionnaire/page-consent"
    visitor.fill(consent="true").fill(**YOU).fill(email="a@example.org").fill(**{"visit-reasons": "trying"}).get(
        "/check"
    )
    assert visitor.path == "/check"
    assert "Page not opened yet" in visitor.text


def test_saving_for_later_asks_for_nothing_and_shows_the_code(visitor: Visitor) -> None:
    visitor.start().fill(respondent="self").fill(consent="true").fill(
        button={"then": "later"}, **{"full-name": "Amelia"}
    )
    assert visitor.path == "/resume-code"
    assert "Saved. Come back when you like." in visitor.text
    visitor.act("continue")
    assert visitor.path == "/questionnaire/page-you"
    assert visitor.value("full-name") == ["Amelia"]


def test_saving_for_later_gives_the_code_and_keeps_what_cannot_be_read(visitor: Visitor) -> None:
    visitor.start().fill(respondent="self").fill(consent="true").fill(
        button={"then": "later"}, **{"birth-date.month": "13", "birth-date.year": "1984", "birth-date.day": "1"}
    )
    assert visitor.path == "/resume-code"
    visitor.go("page-you")
    assert visitor.value("birth-date.month") == ["13"]
    assert visitor.errors == ["Type the month as a number from 1 to 12, or as a name, such as March"]


def test_pressing_continue_twice_is_pressing_it_once(visitor: Visitor) -> None:
    visitor.start()
    sent = visitor.sent({"respondent": "together"})
    for _ in range(2):
        visitor.post("/questionnaire/page-who", sent)
        assert visitor.status == 200
        assert visitor.asked == ["respondent", "respondent-name", "respondent-relationship"]


def test_leaving_ends_the_session_and_the_code_opens_the_form_again(visitor: Visitor) -> None:
    visitor.begin().act("leave")
    assert visitor.response.headers["Clear-Site-Data"] == '"cache"'
    assert visitor.go("page-you").status == 404


def test_the_urgent_number_is_the_clinics_then_the_patients(visitor: Visitor) -> None:
    visitor.start()
    assert "Call the emergency number where you are." in str(
        visitor.soup.footer.get_text(" ", strip=True) if visitor.soup.footer else ""
    )
    visitor.fill(respondent="self").fill(consent="true").fill(**YOU | {"country": "MX"})
    assert visitor.soup.select_one('footer a[href="tel:911"]') is not None
    visitor.fill(email="a@example.org").fill(**{"visit-reasons": "other"}).go("page-life")
    assert visitor.soup.select_one('#support-now a[href="tel:8009112000"]') is not None


def test_the_form_goes_on_only_with_the_patients_agreement(visitor: Visitor) -> None:
    visitor.start().fill(respondent="self")
    assert "Who reads it" in visitor.text
    assert "No one watches it live" in visitor.text
    visitor.fill()
    assert visitor.errors == ["Tick the box if you agree. Without it we cannot take your answers"]


def test_a_helper_is_told_for_whom_they_agree(visitor: Visitor) -> None:
    helper = {"respondent-name": "Sam", "respondent-relationship": "partner", "respondent-permission": "agrees"}
    visitor.start().fill(respondent="other").fill(**helper)
    assert "You are answering for the patient." in visitor.text
    visitor.fill(consent="true").fill(**YOU).fill(email="a@example.org").fill(**{"visit-reasons": "other"}).to_check()
    assert "You are answering for Amelia Hart." in visitor.text


def test_standing_pages_need_no_form(visitor: Visitor) -> None:
    for path, words in (
        ("/privacy", "One cookie"),
        ("/accessibility", "without JavaScript"),
        ("/help", "Just the year is fine"),
    ):
        assert words in visitor.get(path).text
        assert visitor.response.status_code == 200


def test_who_answers_for_somebody_else_is_not_offered_what_the_browser_knows_of_her(visitor: Visitor) -> None:
    offered = []
    helper = {"respondent-name": "Sam", "respondent-relationship": "partner", "respondent-permission": "agrees"}
    for steps in ([{"respondent": "self"}], [{"respondent": "other"}, helper]):
        visitor.start()
        for fields in [*steps, {"consent": "true"}]:
            visitor.fill(**fields)
        assert visitor.path == "/questionnaire/page-you"
        offered.append({str(box["autocomplete"]) for box in visitor.soup.select("main input.text[autocomplete]")})
    assert offered == [{"name", "bday-day", "bday-month", "bday-year"}, {"off"}]
    assert visitor.soup.select_one('[name="full-name"]')["autocomplete"] == "off"  # type: ignore[index]


def test_links_that_lead_away_from_a_page_of_questions_open_beside_it(visitor: Visitor) -> None:
    links = visitor.begin().soup.select("header a, footer ul a")
    assert [(link["target"], link["rel"]) for link in links] == [("_blank", ["noopener"])] * 4
    assert all("opens beside" in link.get_text() for link in links)
    assert not visitor.get("/privacy").soup.select("a[target]")


def test_what_must_stay_as_it_is_is_not_translated(visitor: Visitor) -> None:
    visitor.begin().get("/resume-code")
    assert visitor.soup.select_one("[data-resume-code]")["translate"] == "no"  # type: ignore[index]
    visitor.get("/go-on").to_check().send()
    assert visitor.soup.select_one("[data-reference]")["translate"] == "no"  # type: ignore[index]


def test_an_address_pasted_with_signs_that_nobody_sees_is_kept_without_them(visitor: Visitor) -> None:
    visitor.begin().go("page-contact").fill(email="\u202aa@exam\u200bple.org\u202c", phone="\u200b+44 20 7946 0000")
    assert visitor.go("page-contact").value("email") == ["a@example.org"]
    assert visitor.value("phone") == ["+44 20 7946 0000"]


def test_text_boxes_come_back_with_the_browsers_own_way_back(visitor: Visitor) -> None:
    """No `autocomplete="off"` on them, and a form whose address is not the page's: a save that did not go out leaves
    the page in the browser's history."""
    visitor.begin().fill()
    for page in ("page-reason", "page-pregnancies-intro"):
        boxes = visitor.go(page).soup.select("main input.text, main textarea")  # type: ignore[attr-defined]
        assert boxes
        assert [box for box in boxes if box.has_attr("autocomplete")] == []
        assert visitor.form["action"] == f"/questionnaire/{page}?save"


def test_a_page_that_grew_says_so_in_its_heading(visitor: Visitor) -> None:
    visitor.start().fill(respondent="together")
    assert "More questions" in visitor.soup.h1.get_text()  # type: ignore[union-attr]
    assert visitor.soup.title.get_text().startswith("More questions: ")  # type: ignore[union-attr]
    visitor.go("page-consent").go("page-who").fill(**{"respondent-name": "Sam", "respondent-relationship": "partner"})
    assert "questions" not in visitor.soup.title.get_text()  # type: ignore[union-attr]
