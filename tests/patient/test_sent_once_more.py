"""What is sent once more, late, or from an older page: what others typed meanwhile, and what was hidden then, stays."""

from __future__ import annotations

from collections.abc import Callable

from tests.patient.test_after_the_session import OURS, TYPED, carried, come_back, end_sessions
from tests.patient.visitor import Visitor
from tests.staffroom import House


def test_a_page_that_was_not_saved_beside_another_version_is_not_saved_when_it_is_sent_again(visitor: Visitor) -> None:
    visitor.begin().go("page-reason")
    stale = visitor.sent({"own-words": "typed here"})
    visitor.go("page-reason").fill(**{"own-words": "saved there"})
    for _ in range(3):  # the answer did not arrive, so nobody saw that there are two
        assert visitor.post("/questionnaire/page-reason", stale).response.status_code == 409
    assert "saved there" in visitor.go("page-reason").text
    assert visitor.press(visitor.find(choose="stored")).value("own-words") == ["saved there"]  # type: ignore[attr-defined]


def test_what_is_no_answer_in_one_window_stays_beside_another_question_of_another_window(visitor: Visitor) -> None:
    visitor.begin().go("page-you")
    stale = visitor.sent({"address-as": "Amy"})
    visitor.go("page-you").fill(**{"birth-date.month": "13"})
    visitor.post("/questionnaire/page-you", stale)
    visitor.go("page-you")
    assert (visitor.value("birth-date.month"), visitor.value("address-as")) == (["13"], ["Amy"])


def test_what_is_saved_is_told_beside_typing_that_is_no_answer(visitor: Visitor) -> None:
    visitor.begin().go("page-you")
    stale = visitor.sent({"birth-date.month": "13"})
    visitor.go("page-you").fill(**{"birth-date.month": "5"})
    assert visitor.post("/questionnaire/page-you", stale).status == 409
    for _ in range(2):  # and once more, when the page is opened anew
        both = [one.get_text(" ", strip=True) for one in visitor.soup.select(".answers.two")]
        assert ["18 May 1992" in one and "It cannot be read yet" in " ".join(one.split()) for one in both] == [True]
        visitor.go("page-you")
    assert visitor.value("birth-date.month") == ["13"]
    visitor.press(visitor.find(choose="stored"))  # type: ignore[arg-type]
    assert visitor.value("birth-date.month") == ["5"]


def test_an_answer_to_a_question_that_another_window_took_away_stays_for_when_it_comes_again(visitor: Visitor) -> None:
    visitor.begin().go("page-reason").fill(**{"visit-reasons": ["pregnancy-loss"]}).go("page-pregnancies-intro")
    visitor.fill(**{"ever-pregnant": "me"}).fill().add("pregnancies", **{"preg-outcome": "miscarriage"})
    here = str(visitor.form["action"]).partition("?")[0]
    visitor.fill(**{"preg-loss-tests": "yes"}).get(here)
    stale = visitor.sent({"preg-loss-told": "usual"})
    visitor.get(here).fill(**{"preg-loss-tests": "no"})
    assert visitor.post(here, stale).status == 200
    assert "preg-loss-told" not in visitor.get(here).asked  # type: ignore[attr-defined]
    visitor.get(here).fill(**{"preg-loss-tests": "yes"}).get(here)
    assert visitor.value("preg-loss-told") == ["usual"]


def test_typing_of_another_window_outlasts_a_page_that_is_sent_twice(visitor: Visitor) -> None:
    visitor.begin().go("page-you")
    twice = visitor.sent({"birth-date.year": "1988"})
    visitor.go("page-you").fill(button={"then": "back"}, **{"birth-date.month": "13"})
    for _ in range(2):
        visitor.post("/questionnaire/page-you", twice)
    assert visitor.go("page-you").value("birth-date.month") == ["13"]  # type: ignore[attr-defined]


def test_a_choice_stands_until_it_is_made_also_where_the_other_window_left_it_blank(visitor: Visitor) -> None:
    visitor.begin().go("page-reason").fill(**{"own-words": "first"}).go("page-reason")
    stale = visitor.sent({"own-words": "second"})
    visitor.go("page-reason").fill(**{"own-words": ""})
    assert visitor.post("/questionnaire/page-reason", stale).status == 409
    assert visitor.go("page-reason").value("own-words") == ["second"]  # type: ignore[attr-defined]
    assert visitor.press(visitor.find(choose="stored")).value("own-words") == [""]  # type: ignore[attr-defined, arg-type]


def test_what_a_page_sent_by_itself_does_not_take_the_place_of_what_its_button_sent_later(visitor: Visitor) -> None:
    visitor.begin().go("page-reason")
    early, stale = visitor.sent({"own-words": "hello"}), visitor.sent({"own-words": "hello world"})
    visitor.go("page-reason").fill(**{"own-words": "typed there"})
    assert visitor.post("/questionnaire/page-reason", stale).status == 409
    assert visitor.post("/questionnaire/page-reason/typed", early).status == 204
    assert visitor.go("page-reason").value("own-words") == ["hello world"]  # type: ignore[attr-defined]


def test_a_page_sent_again_that_did_not_ask_what_it_opened_leaves_the_answer_there(visitor: Visitor) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill()
    visitor.add("pregnancies", **{"preg-outcome": "miscarriage"}).fill(**{"preg-loss-tests": "yes"})
    here = str(visitor.form["action"]).partition("?")[0]
    visitor.fill(**{"preg-loss-told": "usual"}).get(here)
    visitor.fill(**{"preg-loss-tests": "no"}).get(here)
    again = visitor.sent({"preg-loss-tests": "yes"})
    for _ in range(2):
        visitor.post(here, again)
    assert visitor.get(here).value("preg-loss-told") == ["usual"]  # type: ignore[attr-defined]


def test_what_is_typed_on_an_entry_that_was_removed_meanwhile_is_shown_to_be_copied(visitor: Visitor) -> None:
    visitor.begin().go("page-medicines").fill(**{"takes-now": "prescribed"}).add("medicines", **{"med-name": "Aspirin"})
    here, late = str(visitor.form["action"]), visitor.sent({"med-dose": "one in the morning"})
    visitor.go("page-medicines").act("remove").act("remove")
    visitor.post(here, late)
    assert visitor.status == 404
    assert [one.get_text() for one in visitor.soup.select("dd")] == ["one in the morning"]


def test_a_codes_page_whose_token_another_tab_outdated_goes_on_carrying(
    visitor: Visitor, visit: Callable[[], Visitor], house: House
) -> None:
    code = visitor.begin().code
    end_sessions(house)
    visitor.fill(**TYPED)
    tab = visit()
    come_back(tab.get("/resume"), code)  # type: ignore[arg-type]
    visitor.client.cookies.clear()
    visitor.client.cookies.update(tab.client.cookies)
    visitor.client.headers.update(OURS)
    visitor.act("continue", [("code", code)])
    assert visitor.status == 400
    assert carried(visitor)["carried.top-questions"] == [TYPED["top-questions"]]
    come_back(visitor, code)
    assert visitor.value("hopes.other") == ["rest"]
