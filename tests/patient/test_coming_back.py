"""Coming back by code and date of birth, one sentence for whatever does not fit, and two windows at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from intake.records.database import transaction
from tests.patient.visitor import Visitor
from tests.staffroom import House

WRONG = "That code and date do not open a form. Check both and try again."
RIGHT = [("birth-date.day", "18"), ("birth-date.month", "apr"), ("birth-date.year", "1992")]


def enter(visitor: Visitor, code: str, *date: tuple[str, str]) -> Visitor:
    visitor.get("/resume").act("continue", [("code", code)])
    if date:
        visitor.act("continue", [("code", code), *date])
    return visitor


def test_a_code_without_a_date_of_birth_yet_opens_the_form(visitor: Visitor, visit: Callable[[], Visitor]) -> None:
    visitor.start().fill(respondent="self")
    assert enter(visit(), visitor.code).path == "/questionnaire/page-consent"


@pytest.mark.parametrize(
    "write",
    [str.lower, lambda code: code.replace(" ", ""), lambda code: code.replace(" ", "-"), lambda code: f"  {code} "],
)
def test_case_spaces_and_dashes_of_a_code_make_no_difference(
    visitor: Visitor, visit: Callable[[], Visitor], write: Callable[[str], str]
) -> None:
    visitor.start().fill(respondent="self")
    assert enter(visit(), write(visitor.code)).path == "/questionnaire/page-consent"


def test_the_date_of_birth_is_asked_for_once_the_code_was_right(visitor: Visitor, visit: Callable[[], Visitor]) -> None:
    visitor.begin()
    later = enter(visit(), visitor.code)
    assert later.path == "/resume"
    assert later.soup.find(attrs={"name": "birth-date.year"}) is not None
    assert later.errors == []
    later.act("continue", [("code", visitor.code), *RIGHT])
    assert later.path == "/questionnaire/page-hopes"


@pytest.mark.parametrize(
    "code", ["x", "0000 0000 0000 0000 0000 0000", "7K3M QX9P 2HVD 8RTB 4WNC 6YJE", "\x00", "é" * 5000]
)
def test_a_wrong_code_gets_the_one_sentence(visitor: Visitor, code: str) -> None:
    assert enter(visitor, code).errors == [WRONG]
    assert visitor.soup.find(attrs={"name": "birth-date.year"}) is None


@pytest.mark.parametrize("code", ["", "  "])
def test_no_code_is_asked_for_without_a_word_about_a_date(visitor: Visitor, code: str) -> None:
    assert enter(visitor, code).errors == ["Type your code"]


@pytest.mark.parametrize("year", ["", "1991", "x", "0"])
def test_a_wrong_date_gets_the_same_sentence_and_what_was_typed_stays(
    visitor: Visitor, visit: Callable[[], Visitor], year: str
) -> None:
    visitor.begin()
    later = enter(visit(), visitor.code, ("birth-date.day", "18"), ("birth-date.month", "4"), ("birth-date.year", year))
    assert later.errors == [WRONG]
    assert later.status == 200
    assert later.soup.find(attrs={"name": "birth-date.year"})["value"] == year  # type: ignore[index]


def test_five_wrong_dates_end_the_sitting_even_for_the_right_one(
    visitor: Visitor, visit: Callable[[], Visitor]
) -> None:
    visitor.begin()
    later = visit()
    for _ in range(5):
        assert enter(later, visitor.code, ("birth-date.year", "1991")).errors == [WRONG]
    assert enter(later, visitor.code, *RIGHT).errors == [WRONG]
    assert visitor.go("page-you").status == 200


def test_four_wrong_dates_leave_one_try(visitor: Visitor, visit: Callable[[], Visitor]) -> None:
    visitor.begin()
    later = visit()
    for _ in range(4):
        enter(later, visitor.code, ("birth-date.year", "1991"))
    assert enter(later, visitor.code, *RIGHT).path == "/questionnaire/page-hopes"


def test_coming_back_gives_a_new_session(visitor: Visitor) -> None:
    visitor.start().fill(respondent="self")
    before = visitor.client.cookies["intake-patient"]
    enter(visitor, visitor.code)
    assert visitor.path == "/questionnaire/page-consent"
    assert visitor.client.cookies["intake-patient"] != before


def test_right_dates_are_no_guesses_however_many(visitor: Visitor, visit: Callable[[], Visitor]) -> None:
    visitor.begin()
    for _ in range(4):
        enter(visit(), visitor.code, ("birth-date.year", "1991"))
    for _ in range(7):
        assert enter(visit(), visitor.code, *RIGHT).path == "/questionnaire/page-hopes"


def test_a_name_that_the_page_does_not_have_is_turned_away(visitor: Visitor) -> None:
    visitor.get("/resume").act("continue", [("code", "x"), ("full-name", "x")])
    assert visitor.status == 400


def test_the_code_comes_as_a_picture_too(visitor: Visitor) -> None:
    picture = visitor.start().client.get("/resume-code.svg")
    assert picture.headers["Content-Type"].startswith("image/svg+xml")
    assert picture.text.startswith("<?xml")
    assert "style=" not in picture.text


def test_somebody_with_an_open_form_can_go_on_from_the_start_page(visitor: Visitor) -> None:
    visitor.begin().get("/")
    assert visitor.soup.select_one('main a.button[href="/go-on"]') is not None
    assert visitor.get("/go-on").path == "/questionnaire/page-hopes"


# -- two windows -------------------------------------------------------------------------------------------------------


def test_a_save_in_another_window_is_not_overwritten_and_both_are_shown(visitor: Visitor) -> None:
    visitor.begin().go("page-reason")
    stale = visitor.sent({"visit-reasons": ["trying"], "own-words": "typed here"})
    visitor.go("page-reason").fill(**{"own-words": "saved there"})
    visitor.post("/questionnaire/page-reason", stale)
    assert visitor.status == 409
    assert visitor.value("own-words") == ["typed here"]
    assert visitor.value("visit-reasons") == ["trying"]
    assert "saved there" in visitor.text
    assert visitor.focus["role"] == "group"
    assert visitor.go("page-reason").value("own-words") == ["typed here"], "kept until somebody chooses"
    assert "saved there" in visitor.text
    visitor.press(visitor.find(choose="mine"))
    assert visitor.path == "/questionnaire/page-hopes"
    assert visitor.go("page-reason").value("own-words") == ["typed here"]
    assert visitor.find(choose="mine") is None


def test_what_is_saved_may_stay(visitor: Visitor) -> None:
    visitor.begin().go("page-reason")
    stale = visitor.sent({"visit-reasons": ["trying"], "own-words": "typed here"})
    visitor.go("page-reason").fill(**{"own-words": "saved there"})
    visitor.post("/questionnaire/page-reason", stale)
    visitor.press(visitor.find(choose="stored"))
    assert visitor.path == "/questionnaire/page-reason"
    assert visitor.value("own-words") == ["saved there"]
    assert (visitor.find(choose="stored"), "typed here" in visitor.text) == (None, False)


@pytest.mark.parametrize(("then", "to"), [("later", "/resume-code"), ("back", "/questionnaire/page-contact")])
def test_who_leaves_a_page_that_another_window_saved_leaves_both_versions(visitor: Visitor, then: str, to: str) -> None:
    visitor.begin().go("page-reason")
    stale = visitor.sent({"own-words": "typed here"}, button={"then": then})
    visitor.go("page-reason").fill(**{"own-words": "saved there"})
    visitor.post("/questionnaire/page-reason", stale)
    assert visitor.path == to
    assert visitor.go("page-reason").value("own-words") == ["typed here"]
    assert "saved there" in visitor.text
    assert visitor.find(choose="stored") is not None


def test_a_third_window_overwrites_neither_version_unseen(visitor: Visitor) -> None:
    visitor.begin().go("page-reason")
    stale = visitor.sent({"own-words": "typed here"})
    visitor.go("page-reason")
    again = visitor.sent({"own-words": "saved there, and once more"})
    visitor.fill(**{"own-words": "saved there"})
    visitor.post("/questionnaire/page-reason", stale)
    assert visitor.status == 409
    visitor.post("/questionnaire/page-reason", again).go("page-reason")  # type: ignore[attr-defined]
    assert visitor.value("own-words") == ["typed here"], "the page that saved before takes away nothing of the other"
    assert "saved there, and once more" in visitor.soup.select(".answers.two")[0].get_text()


def test_who_goes_back_in_the_browser_and_saves_the_same_page_again_meets_no_conflict(visitor: Visitor) -> None:
    visitor.begin().go("page-reason")
    older = visitor.sent({"own-words": "one word changed"})
    visitor.fill(**{"own-words": "one word"})
    visitor.post("/questionnaire/page-reason", older)
    assert visitor.path == "/questionnaire/page-hopes"
    assert visitor.go("page-reason").value("own-words") == ["one word changed"]


def test_the_same_answers_from_two_windows_are_no_conflict(visitor: Visitor) -> None:
    visitor.begin().go("page-reason")
    sent = visitor.sent({"own-words": "same"})
    for _ in range(2):
        visitor.post("/questionnaire/page-reason", sent)
        assert visitor.path == "/questionnaire/page-hopes"


def test_a_question_that_another_window_opened_is_not_answered_unseen(visitor: Visitor) -> None:
    visitor.begin(["nk-therapy"]).fill(**{"cell-question": "nk"}).go("page-reason").fill(
        **{"visit-reasons": "trying"}
    ).go("page-hopes")
    assert "cell-question" not in visitor.asked
    stale = visitor.sent({"hopes": "listened"})
    visitor.go("page-reason").fill(**{"visit-reasons": "nk-therapy"})
    visitor.post("/questionnaire/page-hopes", stale)
    assert visitor.path == "/questionnaire/page-hopes", "nobody was asked what the other window brought"
    assert "More questions" in visitor.text
    assert visitor.value("cell-question") == ["nk"]
    assert visitor.value("hopes") == ["listened"]
    assert visitor.find(choose="mine") is None, "the two windows answered different questions"
    assert visitor.fill().go("page-hopes").value("cell-question") == ["nk"]


def test_pages_that_do_not_overlap_are_merged(visitor: Visitor) -> None:
    visitor.begin().go("page-you")
    stale = visitor.sent({"address-as": "Amy"})
    visitor.go("page-reason").fill(**{"own-words": "meanwhile"})
    visitor.post("/questionnaire/page-you", stale)
    assert visitor.path == "/questionnaire/page-contact"
    assert visitor.go("page-reason").value("own-words") == ["meanwhile"]
    assert visitor.go("page-you").value("address-as") == ["Amy"]


def test_a_form_that_is_open_says_what_starting_a_new_one_does(visitor: Visitor) -> None:
    assert "only your code opens" not in visitor.get("/").text
    visitor.begin().get("/")
    assert "If you start a new form here, only your code opens the one before it." in visitor.text


def test_whoever_starts_ends_the_sessions_whose_time_is_over(
    house: House, visitor: Visitor, visit: Callable[[], Visitor]
) -> None:
    visitor.start()
    with transaction(house.intake.engine) as sql:
        sql.execute(text("UPDATE web_session SET seen_at = '2020-01-01 00:00:00.000000'"))
    visit().start()
    assert house.rows("SELECT count(*) FROM web_session") == [(1,)]
    assert house.rows("SELECT count(*) FROM data_key WHERE holder LIKE 'session%'") == [(1,)]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_page_sent_again_as_its_answer_was_lost_gets_the_same_answer(visitor: Visitor, times: int) -> None:
    """What the first one brought, a question or a notice, is not passed over by the second."""
    visitor.begin().go("page-pregnancies-intro")
    sent, address = visitor.sent({"ever-pregnant": "me"}), str(visitor.form["action"])
    for _ in range(times):
        visitor.post(address, sent)
    assert visitor.path == "/questionnaire/page-pregnancies-intro"
    assert "pregnancy-count" in visitor.asked
    visitor.go("page-contact")
    sent, address = visitor.sent({"email": "amelia at example"}), str(visitor.form["action"])
    for _ in range(times):
        visitor.post(address, sent)
    assert visitor.path == "/questionnaire/page-contact"
    assert len(visitor.notices) == 1
    assert visitor.fill().path != "/questionnaire/page-contact"


def test_a_box_unticked_on_the_same_drawing_after_it_was_saved_is_unticked(visitor: Visitor) -> None:
    visitor.begin().go("page-reason")
    address = str(visitor.form["action"])
    ticked, unticked = (visitor.sent({"visit-reasons": these}) for these in (["trying", "pregnancy-loss"], ["trying"]))
    visitor.post(address, ticked).post(address, unticked)
    assert visitor.go("page-reason").value("visit-reasons") == ["trying"]
