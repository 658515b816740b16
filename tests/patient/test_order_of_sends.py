"""A bad line delivers late, twice and out of order: the newest words stand, whatever came last."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.patient.test_after_the_session import BORN, carried, come_back, end_sessions
from tests.patient.test_half_typed import at
from tests.patient.visitor import Visitor
from tests.staffroom import House

REASON = "/questionnaire/page-reason"
TYPED = f"{REASON}/typed"
Sent = list[tuple[str, str]]


def put(visitor: Visitor, to: str, sent: Sent, moment: int) -> httpx.Response:
    """Send this to an address, as of a moment of the page's clock."""
    body: dict[str, list[str]] = {}
    for name, value in [*sent, *at(moment).items()]:
        body.setdefault(name, []).append(value)
    return visitor.client.post(to, data=body)


@pytest.fixture
def writing(visitor: Visitor) -> Visitor:
    """A patient on the page that has room for her own words."""
    return visitor.begin().go("page-reason")


def words(visitor: Visitor, *versions: str) -> list[Sent]:
    """What one drawing of the page sends with each of these words in it."""
    return [visitor.sent({"own-words": one}) for one in versions]


def shown(visitor: Visitor) -> list[str]:
    return visitor.go("page-reason").value("own-words")


@pytest.mark.parametrize(
    ("first", "then", "newest"),
    [
        ((TYPED, "They gave us hope", 2), (TYPED, "They gave", 1), "They gave us hope"),
        ((TYPED, "One two three", 3), (REASON, "One two", 2), "One two three"),
        ((REASON, "One two", 2), (REASON, "One", 1), "One two"),
        ((REASON, "One two", 2), (REASON, "One two three", 0), "One two three"),
    ],
    ids=["two background saves", "words before the press they follow", "two presses", "a press that says no moment"],
)
def test_the_newest_words_of_a_page_stand_though_an_older_send_comes_last(
    writing: Visitor, first: tuple[str, str, int], then: tuple[str, str, int], newest: str
) -> None:
    sends = [(to, writing.sent({"own-words": one}), moment) for to, one, moment in (first, then)]
    for to, sent, moment in sends:
        put(writing, to, sent, moment)
    assert shown(writing) == [newest]


def test_words_typed_on_after_a_conflict_whose_answer_was_lost(writing: Visitor) -> None:
    stale, on = words(writing, "second", "second and third")
    writing.go("page-reason").fill(**{"own-words": "first"})
    assert put(writing, REASON, stale, 2).status_code == 409
    put(writing, TYPED, on, 3)
    assert shown(writing) == ["second and third"]


def test_a_late_word_of_an_entrys_first_page_after_its_second_was_saved(visitor: Visitor) -> None:
    visitor.begin().go("page-medicines").fill(**{"takes-now": "prescribed"})
    visitor.fill(button={"add": "medicines"})
    half, whole = (visitor.sent({"med-name": name}) for name in ("Predn", "Prednisolone"))
    typed, action = str(visitor.form["data-typed"]), str(visitor.form["action"])
    visitor.post(action, [*whole, *at(2).items()])
    rest = visitor.path
    visitor.fill(**{"med-dose": "5 mg", "sent-at": "3"})
    put(visitor, typed, half, 1)
    assert visitor.get(f"{rest}/start").value("med-name") == ["Prednisolone"]  # type: ignore[attr-defined]


def test_a_late_word_of_a_page_that_was_opened_again_and_saved(writing: Visitor) -> None:
    half, whole = words(writing, "They", "They gave us hope")
    put(writing, REASON, whole, 2)
    put(writing.go("page-reason"), REASON, writing.sent({"own-words": "They gave us hope now"}), 3)
    put(writing, TYPED, half, 1)
    assert shown(writing) == ["They gave us hope now"]


def test_an_older_page_that_is_carried_after_a_newer(writing: Visitor, house: House) -> None:
    old, new = words(writing, "They", "They gave us hope")
    end_sessions(house)
    writing.post(REASON, [*old, *at(1).items()])
    first = [(name, value) for name, values in carried(writing).items() for value in values]
    come_back(writing.post(REASON, [*new, *at(5).items()]), writing.code)  # type: ignore[arg-type]
    assert writing.value("own-words") == ["They gave us hope"]
    writing.get("/resume").act("continue", [("code", writing.code), *BORN, *first])
    assert writing.value("own-words") == ["They gave us hope"]


@pytest.mark.parametrize("saved", [False, True])
def test_what_gave_way_is_said_again_when_that_answer_was_lost(writing: Visitor, saved: bool) -> None:
    one, other = (writing.go("page-reason").sent({"own-words": f"from tab {tab}\x03"}) for tab in "AB")
    if saved:
        writing.go("page-reason").fill(**{"own-words": "meanwhile"})
    writing.post(REASON, one)
    for _ in range(2):
        writing.post(REASON, other)
        assert "another window had: from tab A" in writing.text


def test_late_words_are_told_though_another_question_holds_the_same(writing: Visitor) -> None:
    writing.fill(**{"own-words": "The same words"}).go("page-hopes")
    late = writing.sent({"top-questions": "The same words"})
    writing.to_check().send()
    writing.post("/questionnaire/page-hopes", late)
    assert writing.status == 409
    assert "The same words" in writing.text


def test_late_words_are_told_though_another_entry_holds_the_same(visitor: Visitor) -> None:
    visitor.begin().go("page-medicines").fill(**{"takes-now": "prescribed"})
    visitor.add("medicines", **{"med-name": "Aspirin"})
    visitor.fill(**{"med-dose": "one in the morning"}).go("page-medicines")
    visitor.add("medicines", **{"med-name": "Metformin"})
    here, late = str(visitor.form["action"]), visitor.sent({"med-dose": "one in the morning"})
    visitor.to_check().send()
    assert visitor.post(here, late).status == 409


def test_the_last_box_is_unticked_beside_the_button_of_an_entry(visitor: Visitor) -> None:
    visitor.begin().go("page-medicines").fill(**{"takes-now": "prescribed"}).add("medicines", **{"med-name": "Aspirin"})
    change = visitor.go("page-medicines").find(action="change")
    assert change is not None
    visitor.fill(button={"then": str(change["value"])}, **{"takes-now": []})
    assert visitor.go("page-medicines").value("takes-now") == []


def test_the_last_box_is_unticked_beside_the_button_of_a_notice(visitor: Visitor) -> None:
    visitor.begin(reasons=("autoimmune",)).go("page-health").fill(**{"health-checklist": ["clots"]})
    [_, keep] = visitor.soup.select("[data-notice] button")
    visitor.fill(button={str(keep["name"]): str(keep["value"])}, **{"health-checklist": []})
    assert visitor.go("page-health").value("health-checklist") == []


def test_a_page_that_came_in_part_is_carried_too(writing: Visitor, house: House) -> None:
    end_sessions(house)
    writing.post(REASON, [(name, value) for name, value in writing.sent({"own-words": "My words"}) if name != "seen"])
    come_back(writing, writing.code)
    assert writing.value("own-words") == ["My words"]


def test_a_page_that_came_in_part_is_kept_while_somebody_types_on(writing: Visitor) -> None:
    for moment, version in enumerate(("They", "They gave us hope")):
        part = [(name, value) for name, value in writing.sent({"own-words": version}) if name != "seen"]
        put(writing, TYPED, part, moment)
    put(writing, TYPED, [(name, value) for name, value in part if name != "own-words"], 9)
    assert shown(writing) == ["They gave us hope"]


def test_an_entry_that_is_begun_anew_after_it_was_removed_holds_what_it_held(visitor: Visitor) -> None:
    visitor.begin().go("page-medicines").fill(**{"takes-now": "prescribed"})
    visitor.fill(button={"add": "medicines"})
    action, begun = str(visitor.form["action"]), visitor.sent({"med-name": "Aspirin"})
    rest = visitor.post(action, begun).path
    visitor.fill(**{"med-dose": "one in the morning"}).go("page-medicines").act("remove").act("remove")
    visitor.post(action, begun)
    assert visitor.get(rest).value("med-dose") == ["one in the morning"]  # type: ignore[attr-defined]


def test_words_half_typed_at_an_entry_that_another_window_removed_wait_until_it_is_put_back(visitor: Visitor) -> None:
    visitor.begin().go("page-medicines").fill(**{"takes-now": "prescribed"}).add("medicines", **{"med-name": "Aspirin"})
    typed, half, rest = str(visitor.form["data-typed"]), visitor.sent({"med-dose": "one in the mor"}), visitor.path
    visitor.go("page-medicines").act("remove").act("remove")
    assert put(visitor, typed, half, 1).status_code == 204
    assert visitor.get("/questionnaire/page-medicines").find(undo="") is not None
    visitor.press(visitor.find(undo=""))
    assert visitor.get(rest).value("med-dose") == ["one in the mor"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("first", ["patient", "stranger"])
def test_whoever_knows_the_cookie_of_the_start_page_is_in_no_form_that_begins_there(
    visitor: Visitor, visit: Callable[[], Visitor], first: str
) -> None:
    stranger = visit()
    stranger.get("/")
    visitor.client.cookies.update(stranger.client.cookies)
    if first == "stranger":
        stranger.act("start")
    visitor.start()
    if first == "patient":
        stranger.act("start")
    visitor.fill(respondent="self").fill(consent="true").fill(**{"full-name": "Amelia Hart"})
    assert "Amelia Hart" not in stranger.go("page-you").response.text
