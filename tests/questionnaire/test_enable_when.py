"""enableWhen: every R4 operator, all and any, own list entry first, and hidden answers that come back."""

from __future__ import annotations

import pytest

from intake.questionnaire.enable_when import Shown, as_sent, hidden_answers
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from intake.questionnaire.values import AbsentReason, Answer, Coding, PartialDate, Value
from tests.questionnaire.forms import page, question, tiny

OPTIONS = "\n    - {code: red, display: Red}\n    - {code: blue, display: Blue}"


def shows(asked: str, operator: str, wanted: str, answer: Answer) -> bool:
    questionnaire = tiny(
        page(
            "page-a",
            asked + question("told", enableWhen=f"\n    - {{question: asked, operator: '{operator}', {wanted}}}"),
        ),
    )
    response = QuestionnaireResponse(questionnaire.canonical).with_answers({"asked": answer})
    return Shown(questionnaire, response).is_shown(questionnaire.item("told"))


NUMBER = question("asked", "integer")
DATE = question("asked", "date", x_partial_date="true")


@pytest.mark.parametrize(
    ("operator", "expected"),
    [("=", {3}), ("!=", {2, 4}), (">", {4}), ("<", {2}), (">=", {3, 4}), ("<=", {2, 3})],
)
def test_every_operator_compares_numbers(operator: str, expected: set[int]) -> None:
    assert {n for n in (2, 3, 4) if shows(NUMBER, operator, "answerInteger: 3", Answer((n,)))} == expected


@pytest.mark.parametrize("operator", ["=", "!=", ">", "<", ">=", "<="])
def test_nothing_is_compared_with_no_answer(operator: str) -> None:
    assert not shows(NUMBER, operator, "answerInteger: 3", Answer())
    assert not shows(NUMBER, operator, "answerInteger: 3", Answer((), AbsentReason.ASKED_UNKNOWN))


@pytest.mark.parametrize(("wanted", "expected"), [("true", [False, False, True]), ("false", [True, True, False])])
def test_exists_asks_for_a_value_and_a_reason_is_none(wanted: str, expected: list[bool]) -> None:
    answers = (Answer(), Answer((), AbsentReason.ASKED_DECLINED), Answer((0,)))
    assert [shows(NUMBER, "exists", f"answerBoolean: {wanted}", answer) for answer in answers] == expected


def test_any_of_several_chosen_options_is_enough() -> None:
    several = question("asked", "choice", repeats="true", answerOption=OPTIONS)
    assert shows(several, "=", "answerCoding: blue", Answer((Coding("red"), Coding("blue"))))
    assert not shows(several, "=", "answerCoding: blue", Answer((Coding("red"),)))


@pytest.mark.parametrize(
    ("value", "operator", "wanted", "expected"),
    [
        ("2021", "<", "2022", True),
        ("2021", "<", "2021-06", False),
        ("2021-05", "<", "2021-06", True),
        ("2021", ">", "2020-12-31", True),
        ("2021", ">", "2021-01-01", False),
        ("2021-03", ">=", "2021-03-01", True),
        ("2021-03", "<=", "2021-03-30", False),
        ("2021-03-30", "<=", "2021-03-30", True),
        ("2021", "=", "2021", True),
        ("2021", "=", "2021-01", False),
        ("2022", ">", "2021", True),
        ("2021-06", ">", "2021", False),
        ("2020", "<", "2021", True),
        ("2021-06", "<", "2021", False),
        ("2021-06", ">=", "2021", True),
        ("2020-12-31", ">=", "2021", False),
        ("2021-12-31", "<=", "2021", True),
        ("2022-01-01", "<=", "2021", False),
    ],
)
def test_of_a_partial_date_only_what_is_certain_counts(value: str, operator: str, wanted: str, expected: bool) -> None:
    assert shows(DATE, operator, f"answerDate: {wanted}", Answer((PartialDate.parse(value),))) is expected


def test_text_and_yes_are_compared_as_they_are() -> None:
    assert shows(question("asked"), "=", "answerString: a", Answer(("a",)))
    assert not shows(question("asked"), "=", "answerString: a", Answer(("A",)))
    assert shows(question("asked", "boolean"), "=", "answerBoolean: true", Answer((True,)))
    assert not shows(question("asked", "integer"), "=", "answerInteger: 1", Answer((True,)))


@pytest.mark.parametrize(("behavior", "expected"), [("all", False), ("any", True)])
def test_all_and_any(behavior: str, expected: bool) -> None:
    conditions = (
        "\n    - {question: a, operator: '=', answerString: x}\n    - {question: b, operator: '=', answerString: x}"
    )
    questionnaire = tiny(
        page("page-a", question("a") + question("b") + question("c", enableWhen=conditions, enableBehavior=behavior))
    )
    response = QuestionnaireResponse(questionnaire.canonical).with_answers({"a": Answer(("x",))})
    assert Shown(questionnaire, response).is_shown(questionnaire.item("c")) is expected


WHEN = "\n    - {{question: {0}, operator: '=', answerString: x}}"


def test_a_hidden_question_counts_as_unanswered_for_what_depends_on_it() -> None:
    questionnaire = tiny(
        page(
            "page-a",
            question("a") + question("b", enableWhen=WHEN.format("a")) + question("c", enableWhen=WHEN.format("b")),
        ),
    )
    response = QuestionnaireResponse(questionnaire.canonical).with_answers({"a": Answer(("x",)), "b": Answer(("x",))})
    assert Shown(questionnaire, response).is_shown(questionnaire.item("c"))
    closed = response.with_answers({"a": Answer(("y",))})
    assert not Shown(questionnaire, closed).is_shown(questionnaire.item("c"))


@pytest.mark.parametrize("kind", ["page", "section"])
def test_a_hidden_group_hides_a_child_whose_own_condition_holds(kind: str) -> None:
    first = page("page-a", question("a") + question("b"))
    second = page("page-b", question("child", enableWhen=WHEN.format("b")))
    condition = "enableWhen: [{question: a, operator: '=', answerString: x}]"
    if kind == "page":
        questionnaire = tiny(first, second.replace("x-kind: page", f"x-kind: page\n        {condition}", 1))
    else:
        head = f"  - linkId: section-b\n    type: group\n    text: B\n    x-kind: section\n    {condition}\n    item:\n"
        questionnaire = tiny(first + head + second)
    response = QuestionnaireResponse(questionnaire.canonical).with_answers({"b": Answer(("x",))})
    child = questionnaire.item("child")
    assert not Shown(questionnaire, response).is_shown(child)
    assert Shown(questionnaire, response.with_answers({"a": Answer(("x",))})).is_shown(child)
    assert not Shown(questionnaire, response.with_answers({"a": Answer(("x",)), "b": Answer()})).is_shown(child)


ROWS = """
- linkId: rows
  type: group
  text: Rows
  x-kind: rows
  repeats: true
  x-row-label: Row
  x-add-label: Add
  x-max-rows: 5
  item:
    - {linkId: kind, type: string, text: k, x-label: kind, maxLength: 9, x-row-required: true}
    - {linkId: more, type: string, text: m, x-label: more, maxLength: 9,
       enableWhen: [{question: kind, operator: '=', answerString: x}]}
    - {linkId: outer, type: string, text: o, x-label: outer, maxLength: 9,
       enableWhen: [{question: a, operator: '=', answerString: x}]}
"""


def entry_form() -> tuple[Questionnaire, QuestionnaireResponse]:
    questionnaire = tiny(page("page-a", question("a") + ROWS + question("after", enableWhen=WHEN.format("kind"))))
    response = QuestionnaireResponse(questionnaire.canonical)
    return questionnaire, response.with_entry("rows", "1", {"kind": Answer(("x",))}).with_entry(
        "rows", "2", {"kind": Answer(("y",))}
    )


def test_a_row_field_looks_at_its_own_row_first_then_at_the_whole_form() -> None:
    questionnaire, response = entry_form()
    first, second = response.rows("rows")
    shown = Shown(questionnaire, response)
    assert shown.is_shown(questionnaire.item("more"), first)
    assert not shown.is_shown(questionnaire.item("more"), second)
    assert not shown.is_shown(questionnaire.item("outer"), first)
    opened = response.with_answers({"a": Answer(("x",))})
    assert Shown(questionnaire, opened).is_shown(questionnaire.item("outer"), second)


def test_a_hidden_list_hides_the_fields_whose_own_condition_holds() -> None:
    rows = ROWS.replace(
        "  x-max-rows: 5\n", "  x-max-rows: 5\n  enableWhen: [{question: a, operator: '=', answerString: x}]\n"
    )
    questionnaire = tiny(page("page-a", question("a") + rows))
    response = QuestionnaireResponse(questionnaire.canonical).with_entry("rows", "1", {"kind": Answer(("x",))})
    (entry,) = response.rows("rows")
    more = questionnaire.item("more")
    assert not Shown(questionnaire, response).is_shown(more, entry)
    assert Shown(questionnaire, response.with_answers({"a": Answer(("x",))})).is_shown(more, entry)


def test_a_question_outside_the_list_looks_at_every_row() -> None:
    questionnaire, response = entry_form()
    assert Shown(questionnaire, response).is_shown(questionnaire.item("after"))
    assert not Shown(questionnaire, response.without_entry("rows", "1")).is_shown(questionnaire.item("after"))


def test_hidden_answers_stay_in_the_draft_are_not_sent_and_come_back(questionnaire: Questionnaire) -> None:
    def chose(code: str) -> dict[str, Answer]:
        return {"respondent": Answer((Coding(code),))}

    values: dict[str, tuple[Value, ...]] = {
        "respondent-name": ("Daniel",),
        "respondent-relationship": ("my neighbour",),
    }
    response = QuestionnaireResponse(questionnaire.canonical).with_answers(chose("together"))
    response = response.with_answers({name: Answer(value) for name, value in values.items()})
    assert as_sent(questionnaire, response) == response
    hidden = response.with_answers(chose("self"))
    assert hidden_answers(questionnaire, hidden) == 2
    assert dict(as_sent(questionnaire, hidden).answers) == chose("self")
    assert as_sent(questionnaire, hidden.with_answers(chose("together"))) == response
