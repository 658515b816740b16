"""What the page's script sends by itself: kept as it was typed, never an answer, and silent when it comes too late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from intake.accounts.staff import Role
from tests.patient.visitor import Visitor
from tests.staffroom import House

MORNING = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def half_type(visitor: Visitor, **fields: str | list[str]) -> int:
    """Send what would stand on the page shown, as its script does; gives the status."""
    sent = visitor.sent(fields)
    body: dict[str, list[str]] = {}
    for name, value in sent:
        body.setdefault(name, []).append(value)
    answer = visitor.client.post(str(visitor.form["data-typed"]), data=body)
    assert answer.content == b""
    return answer.status_code


@pytest.fixture
def writing(visitor: Visitor) -> Visitor:
    """A patient on the page that has room for her own words."""
    return visitor.begin().go("page-reason")


def test_what_is_half_typed_stands_there_when_she_comes_back_and_is_not_saved_yet(writing: Visitor) -> None:
    assert half_type(writing, **{"own-words": "They gave us"}) == 204
    writing.go("page-reason")
    assert writing.value("own-words") == ["They gave us"]
    assert "What you typed here is not saved yet" in writing.text
    assert writing.find(choose="mine") is None, "nothing else is saved, so there is no choice"
    assert writing.fill().go("page-reason").value("own-words") == ["They gave us"]
    assert "not saved yet" not in writing.text


def test_it_is_listed_on_the_check_page_and_not_sent(writing: Visitor, house: House) -> None:
    half_type(writing, **{"own-words": "They gave us"})
    writing.go("page-hopes").to_check()
    [line] = writing.soup.select("[data-as-typed]")
    assert "You typed “They gave us”. It is not an answer yet, so it will not be sent." in line.get_text(" ")
    writing.send()
    [(id,)] = house.rows("SELECT id FROM questionnaire_response")
    assert "They gave us" not in house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id}.json").text


def test_the_page_that_sent_it_goes_on_without_a_conflict(writing: Visitor) -> None:
    for text in ("They", "They gave", "They gave us"):
        half_type(writing, **{"own-words": text})
    writing.fill(**{"own-words": "They gave us hope"})
    assert writing.status == 200
    assert writing.go("page-reason").value("own-words") == ["They gave us hope"]
    assert writing.find(choose="mine") is None


def test_what_was_typed_and_taken_away_again_is_not_kept(writing: Visitor) -> None:
    half_type(writing, **{"own-words": "They"})
    half_type(writing, **{"own-words": ""})
    writing.go("page-reason")
    assert writing.value("own-words") == [""]
    assert "not saved yet" not in writing.text


def test_a_box_unticked_by_hand_is_kept_unticked(writing: Visitor) -> None:
    writing.fill(**{"own-words": "Because"}).go("page-reason")
    assert writing.value("visit-reasons") == ["pregnancy-loss"]
    half_type(writing, **{"visit-reasons": []})
    assert writing.go("page-reason").value("visit-reasons") == []
    assert writing.find(choose="stored") is not None


def test_what_comes_after_its_own_page_was_saved_changes_nothing(writing: Visitor) -> None:
    late = writing.sent({"own-words": "They"})
    address = str(writing.form["data-typed"])
    writing.fill(**{"own-words": "They gave us hope"})
    assert writing.client.post(address, data=dict(late)).status_code == 204
    assert writing.go("page-reason").value("own-words") == ["They gave us hope"]


def test_what_comes_after_another_tab_saved_is_kept_beside_it(writing: Visitor, visit: Callable[[], Visitor]) -> None:
    other = visit()
    other.client.cookies.update(writing.client.cookies)
    other.go("page-reason").fill(**{"own-words": "from the other tab"})
    assert half_type(writing, **{"own-words": "from this one"}) == 204
    other.go("page-reason")
    assert "from the other tab" in other.text
    assert other.value("own-words") == ["from this one"]
    assert other.find(choose="stored") is not None


def test_two_tabs_that_type_at_different_questions_keep_both(writing: Visitor, visit: Callable[[], Visitor]) -> None:
    other = visit()
    other.client.cookies.update(writing.client.cookies)
    other.go("page-you")
    writing.go("page-you")
    half_type(writing, **{"full-name": "Ana"})
    half_type(other, **{"birth-date.day": "19"})
    writing.go("page-you")
    assert (writing.value("full-name"), writing.value("birth-date.day")) == (["Ana"], ["19"])


def test_a_tab_that_saves_keeps_what_another_one_is_typing(writing: Visitor, visit: Callable[[], Visitor]) -> None:
    other = visit()
    other.client.cookies.update(writing.client.cookies)
    other.go("page-you")
    half_type(writing.go("page-you"), **{"full-name": "Ana Half"})
    other.fill(**{"full-name": "Ana Whole"})
    assert other.path == "/questionnaire/page-contact", "it saw what was saved, and nobody saved since"
    assert "Ana Whole" in other.go("page-you").text
    assert other.value("full-name") == ["Ana Half"]


def test_a_new_entry_is_kept_too(visitor: Visitor) -> None:
    visitor.begin().go("page-medicines")
    while visitor.find(list="medicines") is None:
        visitor.fill(**{"takes-now": ["prescribed"]}).go("page-medicines")
    visitor.fill(button={"add": "medicines"})
    address = str(visitor.response.url)
    assert half_type(visitor, **{"med-name": "Pred"}) == 204
    assert visitor.get(address).value("med-name") == ["Pred"]
    visitor.fill(**{"med-name": "Prednisolone"})
    half_type(visitor, **{"med-dose": "5 m"})
    assert visitor.get(str(visitor.response.url)).value("med-dose") == ["5 m"]


@pytest.mark.parametrize("leaving", [True, False], ids=["leaving", "sending"])
def test_after_leaving_and_after_sending_it_is_met_with_silence(writing: Visitor, house: House, leaving: bool) -> None:
    sent = dict(writing.sent({"own-words": "too late for this"}))
    address = str(writing.form["data-typed"])
    token = writing.client.cookies["intake-patient"]
    if leaving:
        writing.act("leave")
        writing.client.cookies.clear()
        writing.client.cookies.set("intake-patient", token)
    else:
        writing.to_check().send()
    answer = writing.client.post(address, data=sent)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "too late" not in str(house.rows("SELECT content FROM questionnaire_response"))


def test_it_keeps_the_session_in_use(visitor: Visitor) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        visitor.begin().go("page-reason")
        for _ in range(4):
            clock.shift(timedelta(minutes=40))
            assert half_type(visitor, **{"own-words": "still here"}) == 204
        assert visitor.fill(**{"own-words": "still here, and done"}).status == 200
        assert visitor.go("page-reason").value("own-words") == ["still here, and done"]


def test_without_its_token_or_with_fields_of_another_page_nothing_is_kept(writing: Visitor) -> None:
    address = str(writing.form["data-typed"])
    sent = dict(writing.sent({"own-words": "They"}))
    assert writing.client.post(address, data={**sent, "csrf_token": ""}).status_code == 400
    assert writing.client.post(address, data={**sent, "med-name": "x"}).status_code == 400
    assert writing.client.post(address, data={**sent, "seen": "x"}).status_code == 400
    assert writing.client.post("/questionnaire/page-none/typed", data=sent).status_code == 204
    assert writing.go("page-reason").value("own-words") == [""]


def test_five_hundred_saves_in_a_minute_keep_the_last_and_grow_nothing(writing: Visitor, house: House) -> None:
    grows = ("SELECT length(content) FROM questionnaire_response", "SELECT count(*) FROM audit_event")
    half_type(writing, **{"own-words": "text 000"})
    before = [house.rows(statement) for statement in grows]
    for number in range(1, 500):
        assert half_type(writing, **{"own-words": f"text {number:03}"}) == 204
    assert before == [house.rows(statement) for statement in grows]
    assert writing.go("page-reason").value("own-words") == ["text 499"]


def test_what_she_chose_against_does_not_come_back_late(writing: Visitor) -> None:
    writing.fill(**{"own-words": "kept"}).go("page-reason")
    half_type(writing, **{"own-words": "chosen against"})
    late, address = dict(writing.go("page-reason").sent({})), str(writing.form["data-typed"])
    assert writing.fill(button={"then": "stored"}).value("own-words") == ["kept"]
    writing.client.post(address, data=late)
    assert writing.go("page-reason").value("own-words") == ["kept"]


def test_a_page_that_came_in_part_keeps_what_else_was_half_typed(writing: Visitor) -> None:
    half_type(writing.go("page-you"), **{"full-name": "Ana Half", "birth-date.day": "19"})
    part = [one for one in writing.sent({"full-name": "Ana Half"}) if one[0] in ("csrf_token", "full-name")]
    writing.post(str(writing.form["action"]), part)
    assert (writing.value("full-name"), writing.value("birth-date.day")) == (["Ana Half"], ["19"])


def test_a_page_sent_again_keeps_what_another_tab_is_typing(writing: Visitor, visit: Callable[[], Visitor]) -> None:
    sent, address = writing.go("page-you").sent({"full-name": "Ana Whole"}), str(writing.form["action"])
    writing.post(address, sent)
    other = visit()
    other.client.cookies.update(writing.client.cookies)
    half_type(other.go("page-you"), **{"birth-date.day": "19"})
    writing.post(address, sent)
    assert other.go("page-you").value("birth-date.day") == ["19"]


@pytest.mark.parametrize("by_itself", [True, False], ids=["half-typed", "saved"])
def test_the_two_pages_of_an_entry_take_nothing_from_each_other(visitor: Visitor, by_itself: bool) -> None:
    visitor.begin().go("page-medicines").fill(**{"takes-now": ["prescribed"]}).go("page-medicines")
    visitor.fill(button={"add": "medicines"}).fill(**{"med-name": "Prednisolone"})
    rest = visitor.path
    half_type(visitor, **{"med-dose": "5 m"})
    visitor.get(f"{rest}/start")
    assert "not saved yet" not in visitor.text
    if by_itself:
        half_type(visitor, **{"med-name": "Predn"})
    else:
        visitor.fill(**{"med-name": "Prednisone"})
    assert visitor.get(rest).value("med-dose") == ["5 m"]


def at(moment: int) -> dict[str, str]:
    """What the page's script says of the moment of sending."""
    return {"sent-at": str(moment)}


def test_what_is_typed_on_after_a_save_whose_answer_was_lost_is_kept(writing: Visitor) -> None:
    address, typed_at = str(writing.form["action"]), str(writing.form["data-typed"])
    before, saved, after = (writing.sent({"own-words": words}) for words in ("One", "One two", "One two three"))
    for moment, words, to in ((1, before, typed_at), (2, saved, address), (3, after, typed_at), (1, before, typed_at)):
        assert writing.client.post(to, data=dict([*words, *at(moment).items()])).status_code < 400
    assert writing.go("page-reason").value("own-words") == ["One two three"]
    assert "not saved yet" in writing.text
    writing.press(writing.find(choose="stored"))
    assert writing.value("own-words") == ["One two"]


def test_a_moment_that_is_no_number_is_turned_away(writing: Visitor) -> None:
    for moment in ("soon", "-1", "1e9", "9" * 16, "٣"):
        body = dict([*writing.sent({"own-words": "They"}), ("sent-at", moment)])
        assert writing.client.post(str(writing.form["data-typed"]), data=body).status_code == 400
    assert writing.go("page-reason").value("own-words") == [""]


def test_keeping_what_is_saved_keeps_what_was_typed_at_the_other_questions_of_the_page(writing: Visitor) -> None:
    stale = writing.sent({"own-words": "Typed here"})
    writing.go("page-reason").fill(**{"own-words": "Saved there"})
    assert writing.post("/questionnaire/page-reason", stale).status == 409
    half_type(writing, **{"visit-reasons": ["infection"]})
    writing.fill(button={"then": "stored"}, **{"visit-reasons": ["infection", "autoimmune"]})
    assert writing.value("own-words") == ["Saved there"]
    assert sorted(writing.value("visit-reasons")) == ["autoimmune", "infection"]
    assert "not saved yet" in writing.text


def test_what_takes_the_place_of_another_windows_typing_says_what_stood_there(writing: Visitor) -> None:
    one, other = (writing.go("page-you").sent({"birth-date.month": month}) for month in ("13", "Floréal"))
    writing.post("/questionnaire/page-you", one)
    writing.post("/questionnaire/page-you", other)
    assert writing.value("birth-date.month") == ["Floréal"]
    assert "another window had: 18 13 1992. What you typed last is kept." in writing.text
