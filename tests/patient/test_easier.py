"""What makes the pages easier: what is heard of a question, where the next step is, and what was saved."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from intake.forms.questions import REASON_WORDS
from tests.patient.visitor import YOU, Visitor

Where = Callable[[Visitor], Visitor]


def wanted(visitor: Visitor) -> set[str]:
    """The controls and groups that say that they are required, by name or linkId."""
    found = visitor.soup.select("main [aria-required=true]")
    return {str(one.get("name") or one["data-link-id"]) for one in found}


def test_what_is_required_is_heard_at_its_control(visitor: Visitor) -> None:
    visitor.start()
    assert wanted(visitor) == {"respondent"}
    assert visitor.soup.select_one('[data-link-id="respondent"]')["role"] == "radiogroup"  # type: ignore[index]
    visitor.fill(respondent="self")
    assert wanted(visitor) == {"consent"}
    visitor.fill(consent="true")
    assert wanted(visitor) == {"full-name", "birth-date.year", "country"}


def test_a_fold_has_a_name_says_how_much_is_in_it_and_groups_it(visitor: Visitor) -> None:
    visitor.begin().go("page-trying")
    fold = visitor.soup.select_one("details.fold")
    assert fold is not None
    questions = fold.select("[data-link-id]")
    name, group = fold.select_one("summary"), fold.select_one("[role=group]")
    assert name is not None
    assert group is not None
    number = f"{len(questions)} question{'' if len(questions) == 1 else 's'}"
    assert " ".join(name.get_text().split()) == f"More, if you like: {number}"
    assert group["aria-labelledby"] == name["id"]
    assert group.select("[data-link-id]") == questions


def weight(visitor: Visitor, action: str) -> bool:
    """Whether the button of this action is the filled one."""
    return "quiet" not in visitor.find(action=action)["class"]  # type: ignore[index]


def test_an_empty_list_offers_the_first_entry_before_going_on(visitor: Visitor) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).go("page-pregnancies")
    assert (weight(visitor, "add"), weight(visitor, "continue")) == (True, False)
    visitor.add("pregnancies", **{"preg-outcome": "miscarriage"}).go("page-pregnancies")
    assert (weight(visitor, "add"), weight(visitor, "continue")) == (False, True)


def test_what_may_be_told_in_person_is_offered_above_the_questions_too(visitor: Visitor) -> None:
    visitor.begin().go("page-pregnancies-intro")
    offered = visitor.soup.select('[name="then"][value="in-person"]')
    assert len(offered) == 2
    assert offered[0]["form"] == "answers"
    assert visitor.soup.find_all(["button", "fieldset"]).index(offered[0]) < visitor.soup.find_all(
        ["button", "fieldset"]
    ).index(visitor.soup.fieldset)
    visitor.press(offered[0])
    visitor.get("/check")
    assert "I will tell you in person" in visitor.text


def saved(visitor: Visitor) -> bool:
    """Whether the page says that what came before is saved."""
    return visitor.soup.select_one(".saved") is not None


def test_a_page_says_that_what_came_before_is_saved(visitor: Visitor) -> None:
    visitor.start()
    assert not saved(visitor)
    assert saved(visitor.fill(respondent="self"))
    visitor.fill(consent="true").fill(**YOU | {"birth-date.month": "13"})
    assert visitor.path == "/questionnaire/page-you"
    assert not saved(visitor), "what stands here is no answer yet"


def test_the_codes_page_goes_on_above_the_picture_which_is_not_for_a_search(visitor: Visitor) -> None:
    visitor.get("/").act("start")
    main = visitor.soup.main
    assert main is not None
    order = [one.name for one in main.find_all(["img", "form"])]
    assert order == ["form", "img"]
    assert "If a phone offers to search the web for it, say no" in visitor.text


def test_many_short_options_stand_in_two_columns_and_long_ones_do_not(visitor: Visitor) -> None:
    visitor.begin().go("page-trying")
    in_columns = {
        str(one["data-link-id"]) for one in visitor.soup.select("[data-link-id]") if one.select_one(".options.columns")
    }
    assert in_columns
    assert all(
        len(words.get_text()) <= 30
        for one in visitor.soup.select(".options.columns")
        for words in one.find_all("label", class_="option", recursive=False)
    )


@pytest.mark.parametrize("path", ["/help", "/resume", "/questionnaire/page-contact", "/nowhere"])
def test_one_apostrophe_is_used_on_every_page(visitor: Visitor, path: str) -> None:
    visitor.begin().get(path)
    assert "’" not in visitor.text


def test_the_reasons_are_written_as_in_the_form() -> None:
    assert all("’" not in words for words in REASON_WORDS.values())
