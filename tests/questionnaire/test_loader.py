"""The loader keeps the clinic's words, and says of a broken file in which line what is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from intake.consultations import catalogue
from intake.questionnaire import loader
from intake.questionnaire.loader import QuestionnaireError, loads
from intake.questionnaire.model import Questionnaire
from tests.questionnaire.forms import CHECK, HEAD, page, question, tiny


def problems(*pages: str) -> list[str]:
    with pytest.raises(QuestionnaireError) as caught:
        tiny(*pages)
    return caught.value.problems


def test_words_that_yaml_would_turn_into_other_types_stay_as_written() -> None:
    options = (
        "\n    - code: yes\n      display: No\n    - code: 1.10\n      display: 12:30\n    - code: a\n      "
        "display: 2019-03-01"
    )
    item = tiny(page("page-a", question("drink", "choice", answerOption=options))).item("drink")
    assert [(option.code, option.display) for option in item.options] == [
        ("yes", "No"),
        ("1.10", "12:30"),
        ("a", "2019-03-01"),
    ]


def test_the_published_questionnaire_is_whole(questionnaire: Questionnaire) -> None:
    questions = [item for item in questionnaire.walk() if item.is_question]
    assert len(questions) == 115
    assert len([item for item in questions if questionnaire.list_of(item.link_id) is None]) == 71
    assert (len(questionnaire.pages), len(questionnaire.lists), len(questionnaire.sections)) == (26, 6, 10)
    assert [item.link_id for item in questions if item.must_be_true] == ["consent", "declare"]
    assert questionnaire.item("email").required_unless == "phone"
    assert questionnaire.item("phone").required_unless == "email"


def test_published_versions_are_found_by_their_canonical_name(questionnaire: Questionnaire) -> None:
    assert catalogue.shipped().published[questionnaire.canonical] == questionnaire
    assert questionnaire.canonical == "https://example.org/fhir/Questionnaire/nk-intake|1.2.0"


def test_a_problem_names_file_line_and_link_id() -> None:
    (problem,) = problems(page("page-a", question("name", x_colour="red")))
    assert problem == "tiny.yaml:23: name: the key x-colour is not known"


def test_every_problem_is_named_at_once() -> None:
    found = problems(page("page-a", question("name", required="maybe") + question("age", "number")))
    assert found == [
        "tiny.yaml:23: name: required must be true or false",
        "tiny.yaml:27: age: type must be one of group, display, boolean, string, text, date, integer, choice, "
        "open-choice, not 'number'",
    ]


WRONG = {
    "a column of every export": (question("reference"), "reference: an export has a column reference of its own"),
    "a column of every export, spelled as we spell": (question("review-status"), "a column review_status of its own"),
    "a derived column": (question("derived-losses"), "an export has a column derived_losses of its own"),
    "a control of every page": (question("then"), "then: pages have a control then of their own"),
    "a short column name with a capital": (
        question("a", x_column="preg_Compl"),
        "a: x-column is small letters, digits",
    ),
    "a short column name that is long": (question("a", x_column="a" * 33), "a: x-column is small letters, digits"),
    "a short column name of another question": (
        question("a-b") + question("c", x_column="a_b"),
        "c: there is a column a_b already",
    ),
    "a short column name of every export": (question("a", x_column="entry"), "a: there is a column entry already"),
    "a short column name of a text": (
        "- {linkId: a, type: display, text: a, x-column: b}\n",
        "a: x-column belongs to a question",
    ),
    "a button for a first entry without a list": (
        question("a", x_add_first_label="Add the first"),
        "a: x-row-label, x-add-label, x-add-first-label and x-max-rows belong to a list",
    ),
    "a length of nothing": (question("a", maxLength="-5"), "a: maxLength must be 1 or more"),
    "a number that is none": (
        question("a", "integer", x_min="--5"),
        "a: x-min and x-max of an integer are whole numbers",
    ),
    "a number larger than FHIR has": (
        question("a", "integer", x_max="2147483648"),
        "whole numbers, 2147483647 at most",
    ),
    "a range without a number in it": (question("a", "integer", x_min="10", x_max="5"), "a: x-min is more than x-max"),
    "a bound on a day that there is not": (
        question("a", "date", x_min="1900-02-31"),
        "a: x-min and x-max of a date are a day, today, birth-date or",
    ),
    "a bound beyond all years": (
        question("b", "date", x_role="birth-date") + question("a", "date", x_max="birth-date + 99999 years"),
        "a: x-min and x-max of a date are a day, today, birth-date or",
    ),
    "a character that cannot be shown": (
        question("a", x_help='"be\\0ll"'),
        "a: x-help must be without control characters",
    ),
    "a code that FHIR does not take": (
        question("a", "choice", answerOption="[{code: ' x', display: X}, {code: y, display: Y}]"),
        "a: the option ' x' begins or ends with a space",
    ),
    "an item brought in again by an alias": (
        "- &once\n  linkId: a\n  type: string\n  text: a\n  maxLength: 5\n  x-label: a\n- *once\n",
        "a: an alias (*) brings this item in once more",
    ),
    "a role twice": (
        question("a", x_role="name") + question("b", x_role="name"),
        "b: the x-role name stands more than once",
    ),
    "a role of another type": (
        question("a", "text", x_role="name"),
        "a: x-role name belongs to a question of type string",
    ),
    "a birth date without its day": (
        question("a", "date", x_role="birth-date", x_partial_date="true"),
        "a: x-role birth-date belongs to a question of type date, with a full date",
    ),
    "a country of several": (
        question(
            "a",
            "choice",
            x_role="country",
            repeats="true",
            answerOption="[{code: x, display: X}, {code: y, display: Y}]",
        ),
        "a: x-role country belongs to a question of type choice, with one answer",
    ),
    "a role that there is not": (question("a", x_role="nickname"), "a: x-role must be one of"),
    "a meaning elsewhere": (
        question("a", "choice", answerOption="[{code: x, display: X, x-means: helper}, {code: y, display: Y}]"),
        "a: x-means helper belongs to an option of the question with x-role respondent",
    ),
    "a bound by a birth date that nobody asks": (
        question("birth-date", "date") + question("a", "date", x_min="birth-date"),
        "a: x-min or x-max speaks of birth-date, and no question has x-role birth-date",
    ),
    "a doubled key": (question("a") + "  text: again\n", "a: the key text stands here twice"),
    "a doubled linkId (que-2)": (
        question("a") + question("a", x_label="b"),
        "a: this linkId stands more than once (que-2)",
    ),
    "an empty group (que-1)": (
        "- linkId: part\n  type: group\n  text: x\n  x-kind: part\n  item: []\n",
        "part: a group needs items (que-1)",
    ),
    "a display with a code (que-3)": (
        "- linkId: d\n  type: display\n  text: x\n  x-code: none\n",
        "d: a display text has no code, is not required and does not repeat (que-3, que-6)",
    ),
    "options of a text (que-5)": (
        question("a", answerOption="\n    - code: b\n      display: B"),
        "a: only choice and open-choice have an answerOption (que-5)",
    ),
    "exists with a text (que-7)": (
        question("a") + question("b", enableWhen="\n    - question: a\n      operator: exists\n      answerString: c"),
        "b: enableWhen with exists needs an answerBoolean (que-7)",
    ),
    "two answers in one condition": (
        question("a")
        + question(
            "b", enableWhen="\n    - question: a\n      operator: '='\n      answerString: c\n      answerInteger: 1"
        ),
        "b: enableWhen has more than one answer",
    ),
    "a maxLength of a number (que-10)": (
        question("a", "integer", maxLength="3"),
        "a: only a string or text has a maxLength (que-10)",
    ),
    "several conditions without all or any (que-12)": (
        question("a") + question("b", enableWhen="\n    - {question: a, operator: exists, answerBoolean: true}" * 2),
        "b: several enableWhen need an enableBehavior, all or any (que-12)",
    ),
    "a condition on nothing": (
        question("b", enableWhen="\n    - {question: z, operator: exists, answerBoolean: true}"),
        "b: enableWhen: z is no question of this form",
    ),
    "a condition on itself": (
        question("b", enableWhen="\n    - {question: b, operator: exists, answerBoolean: true}"),
        "b: whether this is shown depends on itself",
    ),
    "a text without a longest length": (
        "- linkId: a\n  type: text\n  text: a\n  x-label: a\n",
        "a: a text needs a maxLength",
    ),
    "an unknown operator": (
        question("a") + question("b", enableWhen="\n    - {question: a, operator: '~', answerString: c}"),
        "b: operator must be one of exists, =, !=, >, <, >=, <=, not '~'",
    ),
    "a list without its words": (
        "- linkId: rows\n  type: group\n  text: x\n  x-kind: rows\n  repeats: true\n  item:\n    - linkId: f\n      "
        "type: boolean\n      text: f\n"
        "      x-label: f\n      x-row-required: true\n",
        "rows: a list needs repeats: true, x-row-label, x-add-label and x-max-rows",
    ),
    "an exclusive code that is no option": (
        question(
            "a",
            "choice",
            repeats="true",
            answerOption="\n    - {code: b, display: B}\n    - {code: c, display: C}",
            x_exclusive="[z]",
        ),
        "a: x-exclusive: z is no option of a several-choice question here",
    ),
    "a bound that cannot be read": (
        question("a", "date", x_min="yesterday"),
        "a: x-min and x-max of a date are a day, today, birth-date or",
    ),
    "a group that no export knows": (
        question("a", x_export_group="secret"),
        "a: x-export-group must be one of names, contact,",
    ),
    "in person on a question": (question("a", x_in_person="true"), "a: x-in-person belongs to a page"),
    "a placeholder that nobody knows": (
        question("a", x_help="Call {doctor}"),
        "a: {doctor} cannot be filled in here: known are emergency_number,",
    ),
    "a number to call in a question": (
        question("a", x_help="'{crisis_line}'"),
        "a: {crisis_line} cannot be filled in here: it belongs into a display",
    ),
    "chosen words in a label": (
        question("a", x_label="'{loss_words}'"),
        "a: {loss_words} cannot be filled in here: it belongs into a title,",
    ),
    "chosen words in an option": (
        question(
            "a", "choice", answerOption="\n    - {code: b, display: 'My {loss_words}'}\n    - {code: c, display: C}"
        ),
        "a: {loss_words} cannot be filled in here",
    ),
    "consent topics among other words": (
        "- linkId: d\n  type: display\n  text: 'Read {consent_topics}'\n",
        "d: {consent_topics} must be the whole text",
    ),
    "a question without a label": ("- linkId: a\n  type: boolean\n  text: a\n", "a: a question needs an x-label"),
}


def test_a_page_may_be_told_in_person_only_without_a_required_question() -> None:
    told = page("page-a", question("a")).replace("x-kind: page\n", "x-kind: page\n        x-in-person: true\n")
    assert tiny(told).item("page-a").in_person
    needed = told.replace("text: a\n", "text: a\n            required: true\n")
    assert problems(needed) == ["tiny.yaml:15: page-a: x-in-person cannot stand on a page with a required question: a"]


def test_the_second_version_differs_from_the_first_in_what_may_be_told_in_person_alone(
    questionnaire: Questionnaire,
) -> None:
    first = catalogue.shipped().published[questionnaire.canonical.replace("1.1.0", "1.0.0")]
    told = [page.link_id for page in questionnaire.pages if page.in_person]
    assert {"page-pregnancies", "page-transfers", "page-infections", "page-life"} <= set(told)
    texts = [file.read_text(encoding="utf-8") for file in sorted(catalogue.SHIPPED.glob("nk-intake-1.[01].0.yaml"))]
    assert texts[1].replace("        x-in-person: true\n", "") == texts[0].replace("version: 1.0.0", "version: 1.1.0")
    assert first.status == "active"


def test_a_role_cannot_stand_in_a_list_and_no_list_has_the_name_of_a_file() -> None:
    rows = """\
- linkId: responses
  type: group
  text: Each
  x-kind: rows
  x-row-label: One
  repeats: true
  x-max-rows: 2
  x-add-label: Add
  item:
    - linkId: a
      type: string
      text: a
      maxLength: 10
      x-row-required: true
      x-label: A
      x-role: name
"""
    found = problems(page("page-a", rows))
    assert [one.partition(": ")[2] for one in found] == [
        "responses: an export has a file responses of its own; name the list otherwise",
        "a: x-role name cannot stand in a list",
    ]


def test_the_head_of_a_form_is_looked_at() -> None:
    for old, new, said in (
        ("id: tiny", "id: Tiny Form", "id must be small letters"),
        ("version: 1.0.0", "version: 1.0-beta", "version must be numbers with dots"),
        ("url: https", "url: nowhere", "url must be an address"),
        ("fhir/Questionnaire", "x" * 250, "url and version have 254 characters"),
        ("status: active", "status: published", "status must be one of draft, active, retired, unknown"),
    ):
        with pytest.raises(QuestionnaireError) as caught:
            loads(HEAD.replace(old, new) + page("page-a", question("a")) + CHECK)
        assert any(said in problem for problem in caught.value.problems)


@pytest.mark.parametrize("name", WRONG)
def test_what_breaks_a_rule_is_named(name: str) -> None:
    items, expected = WRONG[name]
    assert any(expected in problem for problem in problems(page("page-a", items))), problems(page("page-a", items))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "q.yaml:1: -: the file is empty"),
        ("a: [", "q.yaml:2: -: did not find expected node content"),
        ("id: x\n", "q.yaml:1: -: the questionnaire needs resourceType, url, version, name, title, status, language"),
        (HEAD.replace("Questionnaire\n", "Patient\n", 1) + CHECK, "q.yaml:1: -: resourceType must be Questionnaire"),
        ("- a\n- b\n", "q.yaml:1: -: must be a mapping of keys to values"),
    ],
)
def test_a_file_that_is_no_questionnaire_is_refused_in_words(text: str, problem: str) -> None:
    with pytest.raises(QuestionnaireError) as caught:
        loads(text, "q.yaml")
    assert problem in caught.value.problems


def test_required_unless_outside_the_pages_is_refused_in_words() -> None:
    item = "item:\n" + "".join(
        f"  - {{linkId: {one}, type: string, text: A, maxLength: 9, x-label: {one}, x-required-unless: {other}}}\n"
        for one, other in ("ab", "ba")
    )
    with pytest.raises(QuestionnaireError) as caught:
        loads(HEAD.replace("item:\n", item, 1) + CHECK, "q.yaml")
    assert any("a string cannot stand here" in problem for problem in caught.value.problems)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(QuestionnaireError, match="cannot be read"):
        loader.content(tmp_path / "gone.yaml")


def test_a_small_file_of_aliases_is_refused_at_once() -> None:
    part = "- &{here} {{linkId: p{n}, type: group, x-kind: part, text: p, item: [{below}]}}\n"
    parts = [part.format(here="n0", n=0, below="{linkId: a, type: display, text: a}")]
    parts += [part.format(here=f"n{n}", n=n, below=f"*n{n - 1}, *n{n - 1}") for n in range(1, 60)]
    with pytest.raises(QuestionnaireError, match="an alias"):
        loads(HEAD + page("page-a", "".join(parts)) + CHECK)


def test_items_that_hold_themselves_or_stand_too_deep_are_refused() -> None:
    with pytest.raises(QuestionnaireError, match="an alias"):
        loads(HEAD + page("page-a", "- &p {linkId: p, type: group, x-kind: part, text: p, item: [*p]}\n") + CHECK)
    deep = "{linkId: a, type: group, x-kind: part, text: a, item: [" * 900 + "]}" * 900
    with pytest.raises(QuestionnaireError, match="too deep"):
        loads(HEAD + page("page-a", f"- {deep}\n") + CHECK)


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    pipe = tmp_path / "tiny.yaml"
    os.mkfifo(pipe)
    with pytest.raises(QuestionnaireError, match="this is no file"):
        loader.content(pipe)


def test_a_language_is_a_code() -> None:
    with pytest.raises(QuestionnaireError, match="language must be a code"):
        loads(HEAD.replace("language: en", "language: the English one") + page("page-a", question("a")) + CHECK)


@pytest.mark.parametrize("key", ["linkId", "type", "text"])
def test_an_item_says_what_it_is(key: str) -> None:
    lines = [line for line in question("q").splitlines() if key not in line]
    lines[0] = f"- {lines[0].strip().removeprefix('- ')}"
    found = problems(page("page-a", "\n".join(lines)))
    assert [line.rpartition(": ")[2] for line in found] == [f"an item needs {key}"]
