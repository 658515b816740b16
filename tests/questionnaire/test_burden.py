"""How long a form takes by the model: counted by hand on a tiny form, and over the stories of the real one."""

from __future__ import annotations

from typing import Any

import pytest

from intake.consultations import catalogue
from intake.patient import consent
from intake.questionnaire.burden import AROUND, Burden, burden, section_minutes, stories
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.placeholders import Placeholder
from intake.questionnaire.response import QuestionnaireResponse
from tests.consultations.patients import REQUIRED
from tests.factories import CONTENT, answers_in, response_of
from tests.questionnaire.forms import page, question, tiny

OPTIONS = "[{code: a, display: An apple}, {code: b, display: A red pear}]"
BEFORE = CONTENT / "before"
"""The scenarios and the text on consent of 1.1.0."""


def counts(made: Burden) -> list[tuple[str, int, int, int]]:
    """Each showing after the start: its page, what is asked there first, the words of the form, the taps."""
    return [(view.page.link_id, len(view.asked), view.words - AROUND, view.taps) for view in made.views[2:]]


def a_story(form: Questionnaire, **answers: Any) -> list[tuple[str, int, int, int]]:
    """The same of the patient with these answers, `_` for `-`."""
    return counts(burden(form, response_of(form, {name.replace("_", "-"): value for name, value in answers.items()})))


def test_a_page_counts_its_words_and_a_tap_for_each_option_box_and_button() -> None:
    form = tiny(
        page(
            "first",
            question("fruit", "choice", answerOption=OPTIONS, repeats="true", x_help="Choose what you like.")
            + question("day", "date", x_partial_date="true")
            + question("folded", x_more="true", x_help="Not read while it is closed."),
        )
    )
    nothing, answered = a_story(form), a_story(form, fruit=["a", "b"], day="2021-03", declare="true")
    # the page's title, two questions, five words of options, four of help; then Continue alone
    assert nothing[0] == ("first", 2, 1 + 2 + 5 + 4, 1)
    # two options, two boxes of the date, Continue
    assert answered[0] == ("first", 2, 12, 2 + 2 + 1)
    # on the check page each question stands with its answer, or “Left blank”, and “Change”
    assert nothing[1] == ("page-check", 1, 2 + 3 * (1 + 2 + 1), 1)
    assert answered[1] == ("page-check", 1, 2 + (1 + 5 + 1) + (1 + 2 + 1) + (1 + 2 + 1), 2)
    assert a_story(form, folded="two words")[0] == ("first", 3, 12 + 1 + 6, 2)


def test_a_page_is_shown_again_for_what_was_opened_on_it_and_a_hidden_question_is_not_met() -> None:
    opened = question("why", enableWhen="[{question: fruit, operator: '=', answerCoding: a}]")
    form = tiny(page("first", question("fruit", "choice", answerOption=OPTIONS) + opened))
    assert a_story(form, fruit="b")[:-1] == [("first", 1, 7, 2)]
    assert a_story(form, fruit="a")[:-1] == [("first", 1, 7, 2), ("first", 1, 8, 1)]


def test_an_entry_is_a_page_for_its_first_field_one_for_the_rest_and_its_list_again() -> None:
    fields = question("kind", "choice", answerOption=OPTIONS, x_row_required="true")
    fields += question("size", "integer", enableWhen="[{question: kind, operator: '=', answerCoding: a}]")
    head = ("linkId: rows", "type: group", "text: Rows", "x-kind: rows", "x-row-label: Row", "repeats: true")
    rows = "- " + "\n  ".join((*head, "x-max-rows: 5", "x-add-label: Add a row", "item:\n"))
    form = tiny(page("listed", rows + "".join(f"    {line}\n" for line in fields.splitlines())))
    listed = ("listed", 0, 2, 1)
    assert a_story(form)[:-1] == [listed]
    assert a_story(form, rows=[{"kind": "a", "size": "4"}, {"kind": "b"}])[:-1] == [
        listed,
        ("listed", 1, 2 + 1 + 5, 2),  # “Row 1”, the field, its options
        ("listed", 1, 2 + 1 + 2 + 1, 2),  # what it is, and the field that this opened
        ("listed", 0, 2 + 3, 1),  # the list, with what stands in the entry
        ("listed", 1, 2 + 1 + 5, 2),
        ("listed", 0, 2 + 3 + 3, 1),
    ]


def test_the_minutes_are_what_the_rules_say() -> None:
    form = tiny(page("first", question("one") + question("two")))
    made = burden(form, QuestionnaireResponse(form.canonical))
    check = made.views[-1].words
    assert made.minutes == pytest.approx(3 * 10.6 / 60 + 2 + check / 238)
    assert made.careful_minutes == pytest.approx(made.words / 200 + 4 * 4 / 60)


def figures(made: Burden) -> tuple[float, float, int, int, int]:
    """What `check` prints of it; the ids of entries differ."""
    return made.minutes, made.careful_minutes, made.questions, made.words, made.taps


@pytest.mark.parametrize("form", catalogue.shipped().published.values(), ids=lambda form: form.canonical[-16:])
def test_the_stories_of_a_form_are_the_same_each_time_and_each_takes_longer_than_the_one_before(
    form: Questionnaire,
) -> None:
    made = stories(form)
    assert [figures(one) for one in made.values()] == [figures(one) for one in stories(form).values()]
    assert list(made) == ["light", "usual", "heavy"]
    assert made["light"].minutes < made["usual"].minutes < made["heavy"].minutes
    sections = section_minutes(form)
    assert set(sections) == {section.link_id for section in form.sections}
    assert all(1 <= usual <= heavy for usual, heavy in sections.values())
    assert sum(usual for usual, _ in sections.values()) == pytest.approx(made["usual"].minutes, abs=4)


# -- nk-intake ---------------------------------------------------------------------------------------------------------


def told(version: str, story: dict[str, Any]) -> Burden:
    """What a patient of a scenario goes through in a version, with our text on consent of its time."""
    form = catalogue.shipped().published[f"https://example.org/fhir/Questionnaire/nk-intake|{version}"]
    text = consent.read(BEFORE / "consent.md" if version == "1.1.0" else None).text
    return burden(form, response_of(form, story), {Placeholder.CONSENT_TOPICS: text})


@pytest.mark.parametrize("story", answers_in().values(), ids=list(answers_in()))
def test_no_scenario_takes_over_half_an_hour(story: dict[str, Any]) -> None:
    assert told("1.2.0", story).minutes <= 30


@pytest.mark.parametrize("reason", catalogue.shipped().active.item("visit-reasons").option_by_code)
def test_required_answers_alone_take_under_twelve_minutes(reason: str) -> None:
    assert told("1.2.0", REQUIRED | {"visit-reasons": [reason]}).minutes < 12


def test_the_three_losses_took_a_careful_reader_51_minutes_in_1_1_0() -> None:
    """So long it took on the pages themselves, every word on the screen read at 200 a minute, 4 seconds a tap."""
    story = answers_in(BEFORE / "scenarios_open.md")["open-1"]
    assert told("1.1.0", story).careful_minutes == pytest.approx(51, abs=1)
