"""Gentle checks: asked once on the page and once on the check page, never in the way."""

from __future__ import annotations

import pytest

from tests.patient.visitor import Visitor


@pytest.fixture
def counted(visitor: Visitor) -> Visitor:
    """On the page of the pregnancies: four stated with three losses, one birth listed."""
    visitor.begin().fill().fill().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"})
    visitor.fill(**{"pregnancy-count": "4", "loss-count": "3", "loss-words": "baby"})
    return visitor.add("pregnancies", **{"preg-outcome": "live-birth"}).fill()


def test_what_does_not_fit_together_is_asked_about_on_its_page(counted: Visitor) -> None:
    counted.fill()
    assert counted.path == "/questionnaire/page-pregnancies"
    assert counted.notices == ["C-01", "C-02"]
    assert "You told us about 4 pregnancies and have listed 1." in counted.text
    assert counted.soup.select_one(".errors, .wrong, [aria-invalid]") is None


def test_keep_is_the_first_way_on_and_change_stands_beside_it(counted: Visitor) -> None:
    notice = counted.fill().find(notice="C-01")
    assert notice is not None
    assert [(one["data-action"], one.get_text()) for one in notice.find_all("button")] == [
        ("change", "Change my answers"),
        ("continue", "Keep as it is"),
    ]
    first = counted.find(action="continue")
    assert first is not None
    assert first.find_parent(attrs={"data-notice": "C-01"}) is notice


def test_each_keep_hides_its_own_and_the_last_goes_on(counted: Visitor) -> None:
    counted.fill().act("continue")
    assert counted.notices == ["C-02"]
    counted.act("continue")
    assert counted.path == "/questionnaire/page-trying"


def test_a_notice_is_shown_once(counted: Visitor) -> None:
    counted.fill().act("continue").act("continue").go("page-pregnancies")
    assert counted.notices == []
    assert counted.fill().path == "/questionnaire/page-trying"


def test_change_opens_the_page_at_what_it_is_about(counted: Visitor) -> None:
    counted.fill().press(counted.find(action="change"))
    assert counted.path == "/questionnaire/page-pregnancies"
    assert counted.notices == ["C-02"]
    assert counted.focus["data-action"] == "add"


def test_continue_under_a_notice_goes_on_too(counted: Visitor) -> None:
    counted.fill()
    assert counted.fill().path == "/questionnaire/page-trying"


def test_a_row_is_asked_about_on_its_own_page(counted: Visitor) -> None:
    counted.add("pregnancies", **{"preg-outcome": "miscarriage"}).fill(**{"preg-weeks": "23"})
    assert counted.notices == ["C-05a"]
    assert counted.path.count("/") == 3
    counted.act("continue")
    assert counted.path == "/questionnaire/page-pregnancies"


def test_open_checks_stand_once_more_on_the_check_page_and_do_not_block(counted: Visitor) -> None:
    counted.fill().to_check()
    assert counted.notices == ["C-01", "C-02"]
    counted.press(counted.soup.select('[data-notice="C-01"] [data-action="continue"]')[0])
    assert counted.notices == ["C-02"]
    assert len(counted.send()) == 9


def test_change_on_the_check_page_leads_to_the_page_and_back(counted: Visitor) -> None:
    counted.fill().to_check()
    counted.press(counted.soup.select('[data-notice="C-01"] [data-action="change"]')[0])
    assert counted.path == "/questionnaire/page-pregnancies"
    assert counted.focus["data-action"] == "add"
    assert counted.fill().path == "/check"
    assert counted.notices == ["C-02"]


def test_a_value_beside_i_dont_know_is_shown_again_with_both(visitor: Visitor) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"})
    visitor.fill(**{"pregnancy-count": "2", "pregnancy-count.absent": "asked-unknown"})
    assert visitor.notices == ["both"]
    assert "You wrote “2” and ticked “I don't know”. Which is right?" in visitor.text
    assert (visitor.value("pregnancy-count"), visitor.value("pregnancy-count.absent")) == (["2"], ["asked-unknown"])
    visitor.act("continue")
    assert visitor.path == "/questionnaire/page-pregnancies"
    visitor.go("page-pregnancies-intro")
    assert (visitor.value("pregnancy-count"), visitor.value("pregnancy-count.absent")) == (["2"], ["asked-unknown"])


def test_none_of_these_beside_another_is_shown_again_with_both(visitor: Visitor) -> None:
    visitor.begin().go("page-health").fill(**{"health-checklist": ["none", "clots"]})
    assert visitor.notices == ["C-10"]
    assert visitor.value("health-checklist") == ["clots", "none"]
    visitor.act("continue")
    assert visitor.path == "/questionnaire/page-more-health"


def test_own_words_in_a_notice_are_escaped(visitor: Visitor) -> None:
    visitor.begin().go("page-hopes").fill(**{"hopes.other": "<i>x</i>"}).go("page-immune-medicines")
    visitor.fill(**{"immune-medicines": ["none"], "immune-medicines.other": "<i>drip</i>"})
    assert visitor.notices == ["C-10"]
    assert visitor.soup.find("i", string="drip") is None


@pytest.mark.parametrize("check", ["", "C-01", "C-99 nothing", "x" * 1000])
def test_a_notice_that_does_not_stand_there_changes_nothing(counted: Visitor, check: str) -> None:
    counted.fill().fill(button={"keep": check})
    assert counted.status == 200
    assert counted.notices == ["C-01", "C-02"]


@pytest.mark.parametrize("pressed", ["change", "keep"])
def test_what_is_typed_under_a_notice_is_saved_with_its_buttons(visitor: Visitor, pressed: str) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"})
    visitor.fill(**{"pregnancy-count": "2", "pregnancy-count.absent": "asked-unknown"})
    key = str(visitor.soup.select_one(f'[name="{pressed}"]')["value"])  # type: ignore[index]
    visitor.fill(button={pressed: key}, **{"pregnancy-count": "5", "pregnancy-count.absent": [], "loss-count": "0"})
    assert visitor.notices == []
    visitor.go("page-pregnancies-intro")
    assert (visitor.value("pregnancy-count"), visitor.value("loss-count"), visitor.value("pregnancy-count.absent")) == (
        ["5"],
        ["0"],
        [],
    )


@pytest.mark.parametrize("pressed", ["continue", "change"])
def test_a_notice_answered_without_its_page_takes_no_answer_away(visitor: Visitor, pressed: str) -> None:
    visitor.begin(reasons=("autoimmune",)).go("page-health").fill(**{"health-checklist": ["clots"]})
    assert visitor.notices == ["C-11"]
    button, notice = visitor.find(action=pressed), visitor.find(notice="C-11")
    assert button is not None
    assert notice is not None
    form = visitor.soup.find("form", id=str(button["form"])) if button.get("form") else button.find_parent("form")
    hidden = [(str(one["name"]), str(one["value"])) for one in form.find_all("input", type="hidden")]
    visitor.post("/questionnaire/page-health", [*hidden, (str(button["name"]), str(button["value"]))])
    assert visitor.go("page-health").value("health-checklist") == ["clots"]


def test_what_cannot_be_read_under_a_notice_is_shown_again(visitor: Visitor) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"})
    visitor.fill(**{"pregnancy-count": "2", "pregnancy-count.absent": "asked-unknown"})
    key = str(visitor.soup.select_one('[name="keep"]')["value"])  # type: ignore[index]
    visitor.fill(button={"keep": key}, **{"pregnancy-count": "many"})
    assert visitor.errors == ["Type a whole number from 0 to 30, or leave it blank"]
    assert visitor.value("pregnancy-count") == ["many"]


def test_an_entrys_notice_stands_on_the_page_with_its_question_alone(counted: Visitor) -> None:
    counted.add("pregnancies", **{"preg-outcome": "miscarriage"}).fill(**{"preg-weeks": "23"})
    rest = counted.path
    counted.get(f"{rest}/start")
    assert counted.notices == []
    assert counted.get(rest).notices == ["C-05a"]


def test_a_notice_about_two_answers_says_of_which_question(visitor: Visitor) -> None:
    visitor.begin(["cancer"]).go("page-health").fill(**{"health-checklist": ["none", "clots"]}).to_check()
    assert visitor.words(notice="C-10").startswith(
        "Have you ever had any of these, or been told you have? You chose “None of these”"
    )


def test_an_email_or_a_phone_that_cannot_be_one_is_asked_about_and_never_turned_away(visitor: Visitor) -> None:
    for email, phone, asked in (
        ("amelia at example", "", 1),
        ("a b@example.org", "", 1),
        ("a@@example.org", "call me", 2),
        ("a@example", "not a phone", 2),
        ("a@b.example.org", "+44 (0)20 7946-0000 ext. 12", 0),
        ("josé@exämple.org", "٠٢٠ ٧٩٤٦", 0),
    ):
        visitor.begin().go("page-contact").fill(email=email, phone=phone)
        assert visitor.notices == ["reach"] * asked, (email, phone)
        if asked:
            assert f"You wrote “{email}”. Is this how we reach you?" in visitor.text
            visitor.act("continue")
        assert visitor.go("page-contact").value("email") == [email]


def test_what_was_kept_once_is_not_asked_again_on_the_check_page(counted: Visitor) -> None:
    assert counted.fill().notices == ["C-01", "C-02"]
    counted.act("continue")
    assert counted.notices == ["C-02"]
    assert counted.to_check().notices == ["C-02"], "this one was passed over, not kept"
