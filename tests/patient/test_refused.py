"""What does not fit is shown again with everything typed; what no page of ours sends is turned away, and nothing is
stored."""

from __future__ import annotations

import pytest

from tests.patient.visitor import YOU, Visitor
from tests.staffroom import House


def at_you(visitor: Visitor) -> Visitor:
    return visitor.start().fill(respondent="self").fill(consent="true")


def test_errors_stand_first_take_the_focus_and_lead_to_their_controls(visitor: Visitor) -> None:
    at_you(visitor).fill(
        **{"full-name": "Siobhán", "birth-date.day": "30", "birth-date.month": "13", "birth-date.year": "1983"}
    )
    assert visitor.soup.title is not None
    assert visitor.soup.title.get_text() == "Error: You - Before your visit"
    assert visitor.focus["role"] == "alert"
    assert visitor.focus["tabindex"] == "-1"
    assert (
        visitor.words(error_summary="")
        == "Type the month as a number from 1 to 12, or as a name, such as March Choose where you live now"
    )
    assert "Two answers need another look" in visitor.text
    links = [str(one["href"])[1:] for one in visitor.soup.select("[data-error-summary] a")]
    assert links == ["birth-date.month", "country"]
    assert all(visitor.soup.find(id=link) is not None for link in links)
    assert [one["name"] for one in visitor.soup.select("[aria-invalid]")] == ["birth-date.month"]
    assert (visitor.value("full-name"), visitor.value("birth-date.month")) == (["Siobhán"], ["13"])


def test_the_sentence_at_the_field_is_the_summarys_and_describes_it(visitor: Visitor) -> None:
    at_you(visitor).fill(**YOU | {"full-name": "a" * 161})
    box = visitor.soup.find(id="full-name")
    assert box is not None
    assert str(box["aria-describedby"]).split() == ["full-name-hint", "full-name-error"]
    words = visitor.soup.find(id="full-name-error")
    assert words is not None
    assert words.get_text() == f"Error: {visitor.errors[0]}"
    assert visitor.value("full-name") == ["a" * 161]


def test_one_wrong_field_takes_no_other_along_and_stays_as_it_was_typed(visitor: Visitor) -> None:
    at_you(visitor).fill(**YOU | {"birth-date.month": "13"})
    assert [answer.status_code for answer in visitor.response.history] == [303]
    visitor.go("page-you")
    assert visitor.value("full-name") == [YOU["full-name"]]
    assert visitor.value("birth-date.month") == ["13"]
    assert [one["data-link-id"] for one in visitor.soup.select("[data-as-typed]")] == ["birth-date"]
    assert visitor.errors
    assert visitor.fill(**{"birth-date.month": "3"}).go("page-you").errors == []


def test_a_required_text_that_shows_nothing_is_asked_for_again_with_what_was_typed(visitor: Visitor) -> None:
    visitor.start().fill(respondent="self").fill(consent="true").fill(**YOU | {"full-name": "\u200b\u2800"})
    assert visitor.errors == ["Write the full name"]
    assert visitor.value("full-name") == ["\u200b\u2800"]


def test_where_a_character_cannot_be_shown_is_said_in_the_summary_and_at_the_field_and_is_no_markup(
    visitor: Visitor,
) -> None:
    at_you(visitor).fill(**YOU | {"full-name": "<b>Amelia</b> \x03<u>Hart"})
    said = "Remove the character that cannot be shown, between “<b>Amelia</b>” and “<u>Hart”"
    assert visitor.errors == [said]
    assert visitor.soup.select_one("#full-name-error").get_text() == f"Error: {said}"
    assert visitor.soup.select("main b, main u") == []


def test_email_or_phone_is_one_question_of_two(visitor: Visitor) -> None:
    at_you(visitor).fill(**YOU).fill()
    assert visitor.errors == ["Fill in one of these two, or both: Email address, Phone number"]
    assert visitor.fill(phone="+44 20 7946 0000").path == "/questionnaire/page-reason"


def test_typed_text_is_never_markup(visitor: Visitor) -> None:
    text = "</textarea><script>alert(1)</script>\"'&amp;{{7*7}}"
    visitor.begin().go("page-reason").fill(**{"own-words": text})
    visitor.go("page-reason")
    assert visitor.soup.find("script", src=False) is None
    assert visitor.value("own-words") == [text]
    visitor.to_check()
    assert visitor.soup.find("script", src=False) is None
    assert text in visitor.text


def test_a_first_line_break_of_a_text_survives_the_browser(visitor: Visitor) -> None:
    visitor.begin().go("page-reason").fill(**{"own-words": "\r\nafter"}).go("page-reason")
    assert "\n\nafter</textarea>" in visitor.response.text


@pytest.mark.parametrize(
    "forged",
    [
        {"nothing": "x"},
        {"preg-weeks": "5"},
        {"country": ["GB", "IE"]},
        {"country": "XX"},
        {"full-name": ["A", "B"]},
        {"seen": "x"},
        {"seen": ""},
        {"from": "elsewhere"},
        {"then": "never"},
        {"notice": "keep"},
        {"add": "pregnancies"},
        {"csrf_token": ["x", "y"]},
        {"birth-date.absent": "asked-unknown"},
    ],
    ids=str,
)
def test_a_forged_form_is_a_clear_page_and_nothing_is_stored(visitor: Visitor, forged: dict[str, str]) -> None:
    at_you(visitor).fill(**YOU | forged)
    assert visitor.status == 400
    assert visitor.soup.select_one("main h1") is not None
    assert visitor.go("page-you").value("full-name") == [""]


@pytest.mark.parametrize("name", ["csrf_token", "seen", "from"])
def test_a_hidden_field_sent_twice_is_turned_away_though_both_say_the_same(visitor: Visitor, name: str) -> None:
    visitor.begin().to_check().get("/questionnaire/page-you?from=check")
    (held,) = visitor.value(name)
    visitor.fill(**{"full-name": "Somebody Else", name: [held, held]})
    assert visitor.status == 400
    assert visitor.go("page-you").value("full-name") == [str(YOU["full-name"])]


@pytest.mark.parametrize("name", ["list", "entry"])
def test_a_new_entrys_hidden_field_sent_twice_makes_no_entry(visitor: Visitor, name: str) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill()
    visitor.fill(button={"add": "pregnancies"})
    (held,) = visitor.value(name)
    visitor.fill(**{"preg-outcome": "miscarriage", name: [held, held]})
    assert visitor.status == 400
    assert "Pregnancy 1" not in visitor.go("page-pregnancies").text


def test_more_than_five_hundred_fields_are_turned_away(visitor: Visitor) -> None:
    at_you(visitor).fill(**YOU | {f"x{number}": "1" for number in range(501)})
    assert visitor.status == 400


def test_a_body_that_is_too_large_is_turned_away(visitor: Visitor) -> None:
    visitor.begin().go("page-reason").fill(**{"own-words": "a" * 300_000})
    assert visitor.status == 413


@pytest.mark.parametrize("entry", ["0123456789abcdef", "x", "..%2f", "0123456789ABCDEF"])
def test_an_entry_that_is_nobodys_is_not_found(visitor: Visitor, entry: str) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill()
    for end in ("", "/start", "/remove"):
        assert visitor.get(f"/questionnaire/page-pregnancies/{entry}{end}").response.status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("page-pregnancies/add?list=transfers&entry=0123456789abcdef", 404),
        ("page-pregnancies/add?list=pregnancies&entry=x", 400),
        ("page-you/add?list=pregnancies&entry=0123456789abcdef", 404),
    ],
)
def test_an_entry_is_added_only_to_a_list_of_its_page(visitor: Visitor, path: str, status: int) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill()
    assert visitor.get(f"/questionnaire/{path}").response.status_code == status


def test_one_patient_never_opens_anothers_entry(visitor: Visitor, house: House) -> None:
    from tests.walker import browser

    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill()
    visitor.add("pregnancies", **{"preg-outcome": "miscarriage"})
    with browser("http://localhost", house.app) as client:
        other = Visitor(client).begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill()
        assert other.get(visitor.path).response.status_code == 404


def test_a_page_that_came_in_part_takes_nothing_away_and_what_was_typed_is_shown_on_the_whole_page(
    visitor: Visitor,
) -> None:
    """The connection was cut within the page: it has a Back at its top, but not all of its questions."""
    visitor.begin().go("page-you")
    whole = visitor.sent({"full-name": "Amelia Hart-Núñez"}, {"then": "back"})
    part = [(name, value) for name, value in whole if name in ("csrf_token", "full-name", "then")]
    visitor.post(str(visitor.form["action"]), part)
    assert (visitor.status, visitor.path) == (200, "/questionnaire/page-you")
    assert visitor.value("full-name") == ["Amelia Hart-Núñez"]
    assert "What you typed here is not saved yet" in visitor.text
    assert visitor.value("birth-date.year") == ["1992"]
    assert visitor.fill().path != "/questionnaire/page-you"
    assert visitor.go("page-you").value("full-name") == ["Amelia Hart-Núñez"]


def test_the_mark_of_a_page_stands_behind_all_that_it_asks(visitor: Visitor) -> None:
    visitor.begin().go("page-you")
    names = [str(one.get("name", "")) for one in visitor.form.find_all(["input", "textarea", "button"])]
    assert names[-1] == "seen"
