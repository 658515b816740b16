"""Lists: one entry a page, kept once its first field is answered, changed, removed after asking."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.patient.visitor import Visitor


@pytest.fixture
def at_list(visitor: Visitor) -> Visitor:
    """On the page of the pregnancies, none listed."""
    return visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill()


def titles(visitor: Visitor) -> list[str]:
    return [one.get_text(strip=True) for one in visitor.soup.select("[data-list] li h2")]


def test_add_stands_in_its_list_and_in_the_pages_one_form(at_list: Visitor) -> None:
    add = at_list.soup.select_one('[data-list="pregnancies"] button[data-action="add"]')
    assert add is not None
    assert (add["name"], add["value"]) == ("add", "pregnancies")
    assert add.find_parent("form") is at_list.form
    assert "Nothing listed yet" in at_list.text


def test_enter_presses_continue_and_not_add(at_list: Visitor) -> None:
    first = at_list.soup.select_one('button[form="answers"], main form button')
    assert first is not None
    assert first.get_text() == "Continue"
    assert not first.has_attr("name")


def test_an_entry_exists_once_its_first_field_is_answered(at_list: Visitor) -> None:
    at_list.fill(button={"add": "pregnancies"})
    assert at_list.asked == ["preg-outcome"]
    at_list.fill()
    assert at_list.errors == ["Choose how this pregnancy ended, or that you would rather not say"]
    assert titles(at_list.go("page-pregnancies")) == []
    at_list.add("pregnancies", **{"preg-outcome": "miscarriage"})
    assert titles(at_list.go("page-pregnancies")) == ["Miscarriage"]


def test_after_the_first_field_comes_the_rest_then_the_list_with_the_focus_on_the_entry(at_list: Visitor) -> None:
    at_list.add("pregnancies", **{"preg-outcome": "miscarriage"})
    assert "preg-weeks" in at_list.asked
    assert "preg-outcome" not in at_list.asked
    assert at_list.find(list="") is None
    at_list.fill(**{"preg-ended.year": "2019", "preg-ended.month": "3", "preg-weeks": "8"})
    assert at_list.path == "/questionnaire/page-pregnancies"
    assert at_list.focus.get_text(strip=True) == "Miscarriage, Mar 2019"


def test_fields_that_a_save_enabled_are_shown_once_on_the_same_page(at_list: Visitor) -> None:
    at_list.add("pregnancies", **{"preg-outcome": "miscarriage"}).fill(**{"preg-loss-tests": "yes"})
    assert at_list.focus["name"] == "preg-loss-told"
    assert at_list.fill(**{"preg-loss-told": "usual"}).path == "/questionnaire/page-pregnancies"


def test_a_fold_is_open_when_it_holds_an_answer_or_an_error(at_list: Visitor) -> None:
    at_list.add("pregnancies", **{"preg-outcome": "miscarriage"})
    path = at_list.path
    fold = at_list.soup.select_one("details.fold")
    assert fold is not None
    assert not fold.has_attr("open")
    assert at_list.fill(**{"preg-babies": "x"}).soup.select_one("details.fold[open] .error") is not None
    at_list.fill(**{"preg-babies": "1"}).get(path)
    assert at_list.soup.select_one("details.fold[open]") is not None


def test_pressing_twice_makes_one_entry(at_list: Visitor) -> None:
    at_list.fill(button={"add": "pregnancies"})
    path, sent = str(at_list.form["action"]), at_list.sent({"preg-outcome": "miscarriage"})
    at_list.post(path, sent)
    at_list.post(path, sent)
    assert titles(at_list.go("page-pregnancies")) == ["Miscarriage"]


def test_back_to_the_first_field_and_on_again_makes_one_entry(at_list: Visitor) -> None:
    at_list.fill(button={"add": "pregnancies"})
    address = str(at_list.response.url)
    at_list.fill(**{"preg-outcome": "miscarriage"})
    at_list.get(address)  # what a browser's Back asks for again
    assert at_list.value("preg-outcome") == ["miscarriage"]
    at_list.fill(**{"preg-outcome": "ectopic"})
    assert titles(at_list.go("page-pregnancies")) == ["Ectopic pregnancy (it grew outside the womb)"]


def test_the_bare_address_of_add_leads_to_its_page(at_list: Visitor) -> None:
    assert at_list.get("/questionnaire/page-pregnancies/add").path == "/questionnaire/page-pregnancies"


def test_the_address_of_add_alone_gets_an_id(at_list: Visitor) -> None:
    at_list.get("/questionnaire/page-pregnancies/add?list=pregnancies")
    assert "entry=" in str(at_list.response.url)
    assert at_list.asked == ["preg-outcome"]


def test_adding_saves_the_page_first(visitor: Visitor) -> None:
    visitor.begin().go("page-medicines").fill(**{"takes-now": "prescribed"})
    visitor.fill(button={"add": "medicines"}, **{"takes-now": ["prescribed", "otc"]})
    assert visitor.asked == ["med-name"]
    assert visitor.go("page-medicines").value("takes-now") == ["prescribed", "otc"]


def test_add_on_a_list_that_this_very_save_takes_away_shows_the_page_again(visitor: Visitor) -> None:
    visitor.begin().go("page-medicines").fill(**{"takes-now": "prescribed"})
    visitor.fill(button={"add": "medicines"}, **{"takes-now": "none"})
    assert visitor.path == "/questionnaire/page-medicines"
    assert visitor.value("takes-now") == ["none"]
    assert visitor.find(list="") is None


def test_removing_asks_first_and_the_others_keep_their_ids(at_list: Visitor) -> None:
    for outcome in ("miscarriage", "ectopic"):
        at_list.add("pregnancies", **{"preg-outcome": outcome}).fill()
    kept = str(at_list.soup.select("[data-action=change]")[1]["href"])
    at_list.act("remove")
    assert "Remove Pregnancy 1 from the list?" in at_list.text
    assert len(titles(at_list.go("page-pregnancies"))) == 2
    at_list.act("remove").act("remove")
    assert titles(at_list) == ["Ectopic pregnancy (it grew outside the womb)"]
    assert str(at_list.soup.select("[data-action=change]")[0]["href"]) == kept
    assert at_list.focus["data-action"] == "add"


def test_what_was_removed_can_be_put_back_where_it_stood_until_it_is_sent(at_list: Visitor) -> None:
    for outcome in ("miscarriage", "ectopic"):
        at_list.add("pregnancies", **{"preg-outcome": outcome}).fill(**{"preg-ended.year": "2019"})
    before = titles(at_list)
    at_list.act("remove").act("remove")
    assert titles(at_list) == before[1:]
    at_list.go("page-hopes").go("page-pregnancies").press(at_list.find(undo=""))
    assert titles(at_list) == before
    assert at_list.focus.get_text(strip=True) == before[0]
    assert at_list.find(undo="") is None
    at_list.act("remove").act("remove")
    assert "Miscarriage" not in at_list.to_check().text


def test_putting_back_saves_what_was_typed_on_the_page(visitor: Visitor) -> None:
    visitor.begin().go("page-medicines").fill(**{"takes-now": "prescribed"})
    visitor.add("medicines", **{"med-name": "Aspirin"}).fill().act("remove").act("remove")
    undo = visitor.find(undo="")
    assert undo is not None
    visitor.fill(button={"then": str(undo["value"])}, **{"takes-now": ["prescribed", "otc"]})
    assert titles(visitor) == ["Aspirin"]
    assert visitor.value("takes-now") == ["prescribed", "otc"]


@pytest.fixture
def at_medicines(visitor: Visitor) -> Visitor:
    """On a page with questions of its own and a list of one entry."""
    visitor.begin().go("page-medicines").fill(**{"takes-now": "prescribed"})
    return visitor.add("medicines", **{"med-name": "Aspirin"}).fill().go("page-medicines")


def button(visitor: Visitor, action: str) -> dict[str, str]:
    found = visitor.find(action=action)
    assert found is not None
    assert found.name == "button", "beside questions nothing leads away without saving"
    return {str(found["name"]): str(found["value"])}


@pytest.mark.parametrize(("action", "asks"), [("change", "Save this medicine"), ("remove", "from the list?")])
def test_changing_or_removing_an_entry_saves_first_what_was_typed_beside_it(
    at_medicines: Visitor, action: str, asks: str
) -> None:
    at_medicines.fill(button=button(at_medicines, action), **{"takes-now": ["prescribed", "otc"]})
    assert asks in at_medicines.text
    assert at_medicines.go("page-medicines").value("takes-now") == ["prescribed", "otc"]


@pytest.mark.parametrize("action", ["change", "remove"])
def test_what_is_no_answer_yet_is_kept_too_when_an_entry_is_changed_or_removed(
    at_medicines: Visitor, action: str
) -> None:
    at_medicines.fill(**{"takes-now": ["prescribed", "supplements"]})
    at_medicines.fill(button=button(at_medicines, action), **{"supplements.other": "vitamin\x03 D"})
    assert not at_medicines.errors
    assert at_medicines.go("page-medicines").value("supplements.other") == ["vitamin\x03 D"]


def test_the_button_of_an_entry_sent_alone_takes_nothing_away(at_medicines: Visitor) -> None:
    at_medicines.press(at_medicines.find(action="remove")).act("remove")
    assert titles(at_medicines) == []
    assert at_medicines.value("takes-now") == ["prescribed"]


def test_an_entry_that_another_window_removed_or_this_save_takes_away_leads_here_again(at_medicines: Visitor) -> None:
    pressed = button(at_medicines, "change")
    at_medicines.fill(button=pressed, **{"takes-now": "none"})
    assert at_medicines.path == "/questionnaire/page-medicines"
    at_medicines.fill(**{"takes-now": "prescribed"}).go("page-medicines").act("remove").act("remove")
    assert at_medicines.fill(button=pressed).path == "/questionnaire/page-medicines"


def test_changing_what_an_entry_is_saves_first_the_rest_of_it(at_list: Visitor) -> None:
    at_list.add("pregnancies", **{"preg-outcome": "miscarriage"})
    at_list.fill(button=button(at_list, "change"), **{"preg-ended.year": "2019"})
    assert at_list.asked == ["preg-outcome"]
    assert at_list.fill().value("preg-ended.year") == ["2019"]


def test_where_nothing_can_be_half_filled_in_an_entry_is_a_link_away(at_list: Visitor) -> None:
    at_list.add("pregnancies", **{"preg-outcome": "miscarriage"}).fill()
    ways = at_list.soup.select("[data-list] [data-action=change], [data-list] [data-action=remove]")
    assert [way.name for way in ways] == ["a", "a"]


def test_nothing_is_put_back_into_a_list_that_is_full_or_twice(visitor: Visitor) -> None:
    visitor.begin().go("page-health").fill(**{"health-checklist": "autoimmune"})
    for _ in range(15):
        visitor.go("page-autoimmune").add("autoimmune", **{"autoimmune-condition": "lupus"})
    visitor.go("page-autoimmune").act("remove").act("remove")
    undo = visitor.find(undo="")
    assert undo is not None
    button = {"then": str(undo["value"])}
    visitor.add("autoimmune", **{"autoimmune-condition": "lupus"}).go("page-autoimmune")
    assert visitor.find(undo="") is None
    assert len(titles(visitor.fill(button=button).go("page-autoimmune"))) == 15
    visitor.act("remove").act("remove").fill(button=button).go("page-autoimmune").fill(button=button)
    assert len(titles(visitor.go("page-autoimmune"))) == 15


def test_a_first_field_that_is_not_accepted_stays_as_it_was_typed(visitor: Visitor) -> None:
    visitor.begin().go("page-medicines").fill(**{"takes-now": "prescribed"})
    visitor.add("medicines", **{"med-name": "A\x03spirin"})
    assert visitor.path.endswith("/add")
    assert visitor.errors
    assert visitor.value("med-name") == ["A\x03spirin"]
    visitor.go("page-medicines").to_check()
    assert "You typed “A\x03spirin”. It is not an answer yet" in visitor.text
    line = next(one for one in visitor.soup.select(".answers > div") if one.has_attr("data-as-typed"))
    visitor.press(line.select_one("a"))
    assert visitor.value("med-name") == ["A\x03spirin"]
    assert visitor.fill(**{"med-name": "Aspirin"}).fill().to_check().soup.select("[data-as-typed]") == []


def test_removing_twice_is_removing_once(at_list: Visitor) -> None:
    at_list.add("pregnancies", **{"preg-outcome": "miscarriage"}).fill().act("remove")
    form = at_list.soup.select("main form")[0]
    sent = [(name, value) for name, values in at_list.standing(form).items() for value in values]
    at_list.post(str(form["action"]), sent)
    at_list.post(str(form["action"]), sent)
    assert at_list.status == 200
    assert titles(at_list) == []


def test_what_was_typed_for_a_list_that_another_window_filled_is_kept_and_said(visitor: Visitor) -> None:
    visitor.begin().go("page-health").fill(**{"health-checklist": "autoimmune"}).go("page-autoimmune")
    visitor.fill(button={"add": "autoimmune"})
    late, address = visitor.sent({"autoimmune-condition": "lupus"}), str(visitor.form["action"])
    for _ in range(15):
        visitor.go("page-autoimmune").add("autoimmune", **{"autoimmune-condition": "coeliac"})
    visitor.post(address, late)
    assert "There is no room for one more here." in visitor.text
    visitor.go("page-autoimmune").to_check()
    [line] = visitor.soup.select("[data-as-typed]")
    assert "Its list is full, so it will not be sent." in " ".join(line.get_text(" ").split())


def test_an_entry_that_was_begun_anew_after_it_was_removed_is_not_offered_to_be_put_back(at_list: Visitor) -> None:
    at_list.fill(button={"add": "pregnancies"})
    begun, address = at_list.sent({"preg-outcome": "miscarriage"}), str(at_list.form["action"])
    at_list.post(address, begun).fill().act("remove").act("remove")  # type: ignore[attr-defined]
    assert at_list.find(undo="") is not None
    at_list.post(address, begun).get("/questionnaire/page-pregnancies")
    assert len(titles(at_list)) == 1
    assert at_list.find(undo="") is None
    at_list.act("change").fill(**{"preg-ended.year": "2019"}).act("remove").act("remove")
    assert len(at_list.soup.select("[data-undo]")) == 1
    at_list.fill(button={"then": str(at_list.find(undo="")["value"])})  # type: ignore[index]
    assert titles(at_list) == ["Miscarriage, 2019"]


def test_a_full_list_gives_way_to_a_sentence(visitor: Visitor) -> None:
    visitor.begin().go("page-health").fill(**{"health-checklist": "autoimmune"})
    for _ in range(15):
        visitor.go("page-autoimmune").add("autoimmune", **{"autoimmune-condition": "lupus"})
    visitor.go("page-autoimmune")
    assert visitor.find(action="add") is None
    assert "You can tell us about more at your visit." in visitor.text
    visitor.get("/questionnaire/page-autoimmune/add?list=autoimmune&entry=0123456789abcdef")
    assert visitor.path == "/questionnaire/page-autoimmune"
    assert len(titles(visitor)) == 15


def test_entries_are_counted_and_named_for_screen_readers(at_list: Visitor) -> None:
    for outcome in ("miscarriage", "ectopic"):
        at_list.add("pregnancies", **{"preg-outcome": outcome}).fill()
    changes = [one.get_text() for one in at_list.soup.select("[data-action=change]")]
    assert changes == ["Change Pregnancy 1", "Change Pregnancy 2"]


def test_leaving_at_the_first_field_keeps_no_entry(at_list: Visitor) -> None:
    at_list.fill(button={"add": "pregnancies"}).fill(button={"then": "later"})
    assert at_list.path == "/resume-code"
    assert titles(at_list.go("page-pregnancies")) == []


def test_an_entry_is_saved_and_the_next_one_begun_with_one_button(at_list: Visitor) -> None:
    at_list.add("pregnancies", **{"preg-outcome": "miscarriage"})
    at_list.fill(button={"then": "next"}, **{"preg-ended.year": "2019"})
    assert at_list.asked == ["preg-outcome"]
    at_list.fill(**{"preg-outcome": "ectopic"}).fill()
    assert titles(at_list) == ["Miscarriage, 2019", "Ectopic pregnancy (it grew outside the womb)"]


def test_the_last_entry_that_a_list_takes_offers_no_next(visitor: Visitor) -> None:
    visitor.begin().go("page-health").fill(**{"health-checklist": "autoimmune"})
    for number in range(15):
        visitor.go("page-autoimmune").add("autoimmune", **{"autoimmune-condition": "lupus"})
        assert bool(visitor.soup.select('[name="then"][value="next"]')) is (number < 14)
    visitor.fill(button={"then": "next"})
    assert visitor.path == "/questionnaire/page-autoimmune"


def test_next_belongs_to_entries_alone(visitor: Visitor) -> None:
    assert visitor.begin().go("page-reason").fill(button={"then": "next"}).status == 400


def test_putting_back_an_entry_that_was_begun_again_takes_nothing_from_the_new_one(visitor: Visitor) -> None:
    visitor.begin().go("page-medicines").fill(**{"takes-now": "prescribed"}).go("page-medicines")
    visitor.fill(button={"add": "medicines"})
    begun = str(visitor.response.url)
    id = visitor.fill(**{"med-name": "Prednisolone"}).path.rpartition("/")[2]
    visitor.go("page-medicines").act("remove").act("remove")
    visitor.get(begun).fill(**{"med-name": "Aspirin"})
    visitor.go("page-medicines").fill(button={"then": f"undo-{id}"})
    assert titles(visitor.go("page-medicines")) == ["Aspirin"]


def test_every_entry_that_was_begun_and_left_is_named_on_the_check_page(visitor: Visitor) -> None:
    visitor.begin().go("page-medicines").fill(**{"takes-now": "prescribed"})
    visitor.add("medicines", **{"med-name": "Aspirin"})
    for typed in ("B\x03", "C\x03"):
        visitor.go("page-medicines").add("medicines", **{"med-name": typed})
    visitor.go("page-medicines").to_check()
    begun = [one.get_text(" ", strip=True) for one in visitor.soup.select("[data-as-typed]")]
    assert [typed in line for typed, line in zip(("B\x03", "C\x03"), begun, strict=True)] == [True, True]
    assert "Medicine, begun" in visitor.text


def test_an_entry_typed_while_another_window_filled_the_list_is_kept_and_said(
    visitor: Visitor, visit: Callable[[], Visitor]
) -> None:
    visitor.begin().go("page-health").fill(**{"health-checklist": "autoimmune"})
    visitor.go("page-autoimmune").fill(button={"add": "autoimmune"})
    other = visit()
    other.client.cookies.update(visitor.client.cookies)
    for _ in range(15):
        other.go("page-autoimmune").add("autoimmune", **{"autoimmune-condition": "lupus"})
    visitor.fill(**{"autoimmune-condition": "coeliac"})
    assert visitor.path == "/questionnaire/page-autoimmune"
    assert "What you typed for it stands where you check" in " ".join(visitor.text.split())
    visitor.to_check()
    begun = [one.get_text(" ", strip=True) for one in visitor.soup.select("[data-as-typed]")]
    assert ["You typed “Coeliac" in one for one in begun] == [True]
    visitor.press(visitor.soup.select_one("[data-as-typed] a"))
    assert visitor.path == "/questionnaire/page-autoimmune", "where one can be taken out to make room"


def test_what_is_typed_over_an_entry_that_another_window_removed_is_named_too(visitor: Visitor) -> None:
    visitor.begin().go("page-medicines").fill(**{"takes-now": "prescribed"}, button={"add": "medicines"})
    here = str(visitor.response.url)
    late = visitor.fill(**{"med-name": "Aspirin"}).get(here).sent({"med-name": "Heparin"})  # type: ignore[attr-defined]
    visitor.go("page-medicines").act("remove").act("remove")
    assert visitor.post(here.partition("?")[0] + "/typed", late).status == 204  # type: ignore[attr-defined]
    visitor.go("page-medicines").to_check()
    assert "You typed “Heparin”" in visitor.text


def test_an_entry_that_was_begun_with_nothing_typed_is_not_named(visitor: Visitor) -> None:
    visitor.begin().go("page-medicines").fill(**{"takes-now": "prescribed"}, button={"add": "medicines"}).fill()
    assert visitor.errors
    visitor.go("page-hopes").to_check()
    assert "Medicine, begun" not in visitor.text
