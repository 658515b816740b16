"""The loader keeps the clinic's words, and says of a broken file in which line what is wrong."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from intake.consultations import catalogue
from intake.questionnaire import loader
from intake.questionnaire.loader import QuestionnaireError, loads
from intake.questionnaire.model import Questionnaire
from tests.questionnaire import sentences
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


def of_page(items: str) -> list[str]:
    """What is said of a page of these items, which a patient may leave whole."""
    return problems(page("page-a", items).replace("x-kind: page\n", "x-kind: page\n        x-in-person: true\n"))


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
    "a linkId with a capital": (question("Name"), "Name: a linkId is kebab-case: small letters, digits, single dashes"),
    "a label twice": (question("a") + question("b", x_label="label of a"), "the x-label 'label of a' stands more than"),
    "a question that holds items": (
        question("a", item="[{linkId: d, type: display, text: x}]"),
        "a: an item of type string cannot hold items (que-1)",
    ),
    "a choice of one": (
        question("a", "choice", answerOption="[{code: x, display: X}]"),
        "a: a choice needs at least two options",
    ),
    "own words as an option": (
        question("a", "open-choice", answerOption="[{code: x, display: X}, {code: other, display: Y}]"),
        "a: an open-choice cannot have an option other: that value means own words",
    ),
    "an option twice": (
        question("a", "choice", answerOption="[{code: x, display: X}, {code: x, display: Y}]"),
        "a: the option x stands more than once",
    ),
    "an option without its words": (
        question("a", "choice", answerOption="[{code: x}, {code: y, display: Y}]"),
        "a: an option needs display",
    ),
    "options that are no list": (question("a", "choice", answerOption="x"), "a: answerOption must be a list"),
    "codes that are no list": (question("a", "choice", x_exclusive="x"), "a: x-exclusive must be a list"),
    "a condition without an answer": (
        question("a") + question("b", enableWhen="[{question: a, operator: '='}]"),
        "b: enableWhen needs question, operator and answer[x] (FHIR R4)",
    ),
    "a condition of another type": (
        question("a") + question("b", enableWhen="[{question: a, operator: '=', answerInteger: 1}]"),
        "b: enableWhen: the answer does not fit a, which is of type string",
    ),
    "a condition on no option": (
        question("a", "choice", answerOption="[{code: x, display: X}, {code: y, display: Y}]")
        + question("b", enableWhen="[{question: a, operator: '=', answerCoding: z}]"),
        "b: enableWhen: a has no option z",
    ),
    "options put in order": (
        question("a", "choice", answerOption="[{code: x, display: X}, {code: y, display: Y}]")
        + question("b", enableWhen="[{question: a, operator: '>', answerCoding: x}]"),
        "b: enableWhen: options have no order, so > cannot be used",
    ),
    "a sentence without its value": (question("a", x_phrase="nothing"), "a: x-phrase must hold {value} once"),
    "a text that repeats": (question("a", repeats="true"), "a: only choices and lists repeat"),
    "a reason beside a box": (
        question("a", "boolean", x_unknown="true"),
        "a: x-unknown and x-decline belong to a number, date or string",
    ),
    "half a date of a text": (question("a", x_partial_date="true"), "a: x-partial-date belongs to a date"),
    "a text that must be true": (question("a", x_must_be_true="true"), "a: x-must-be-true belongs to a boolean"),
    "a bound of a text": (question("a", x_min="1"), "a: x-min and x-max belong to an integer or a date"),
    "a row's field outside a list": (
        question("a", x_row_required="true"),
        "a: x-row-required belongs to the first field of a list",
    ),
    "a group without its kind": (
        "- linkId: g\n  type: group\n  text: x\n  item: [{linkId: d, type: display, text: x}]\n",
        "g: every group, and nothing else, has an x-kind",
    ),
    "a list in a list": (
        "- {linkId: rows, type: group, text: x, x-kind: rows, repeats: true, x-row-label: x, x-add-label: x, "
        "x-max-rows: 2,\n   item: [{linkId: f, type: boolean, text: f, x-label: f, x-row-required: true}, "
        "{linkId: more, type: group, text: x,\n   x-kind: rows, repeats: true, x-row-label: x, x-add-label: x, "
        "x-max-rows: 2,\n   item: [{linkId: g, type: boolean, text: g, x-label: g, x-row-required: true}]}]}\n",
        "more: a list cannot stand in a list",
    ),
    "one of two that is needed anyway": (
        question("a", required="true", x_required_unless="b") + question("b"),
        "a: x-required-unless names a question of the same page, and the item itself is not required",
    ),
    "a control's name": (question("seen"), "seen: pages have a control seen of their own; name the question otherwise"),
    "a longest length in words": (question("a", maxLength="ten"), "a: maxLength must be a whole number"),
    "no text": (question("a", x_help="''"), "a: x-help must be a text"),
    "a list with the name of a file": (
        "- {linkId: responses, type: group, text: x, x-kind: rows, repeats: true, x-row-label: x, x-add-label: x,\n   "
        "x-max-rows: 2, item: [{linkId: f, type: boolean, text: f, x-label: f, x-row-required: true}]}\n",
        "responses: an export has a file responses of its own; name the list otherwise",
    ),
    "a list whose first field may stay blank": (
        "- {linkId: rows, type: group, text: x, x-kind: rows, repeats: true, x-row-label: x, x-add-label: x,\n   "
        "x-max-rows: 2, item: [{linkId: f, type: boolean, text: f, x-label: f}]}\n",
        "rows: the first item of a list must be a question with x-row-required and without enableWhen",
    ),
    "a role in a list": (
        "- {linkId: rows, type: group, text: x, x-kind: rows, repeats: true, x-row-label: x, x-add-label: x,\n   "
        "x-max-rows: 2, item: [{linkId: f, type: string, text: f, x-label: f, maxLength: 9, x-row-required: true, "
        "x-role: name}]}\n",
        "f: x-role name cannot stand in a list",
    ),
    "a page for a talk with a question that is needed": (
        question("a", required="true"),
        "page-a: x-in-person cannot stand on a page with a required question: a",
    ),
    "an item without its words": ("- {linkId: a, type: display}\n", "a: an item needs text"),
}


def test_a_page_may_be_told_in_person() -> None:
    told = page("page-a", question("a")).replace("x-kind: page\n", "x-kind: page\n        x-in-person: true\n")
    assert tiny(told).item("page-a").in_person


def test_the_second_version_differs_from_the_first_in_what_may_be_told_in_person_alone(
    questionnaire: Questionnaire,
) -> None:
    first = catalogue.shipped().published[questionnaire.canonical.replace("1.1.0", "1.0.0")]
    told = [page.link_id for page in questionnaire.pages if page.in_person]
    assert {"page-pregnancies", "page-transfers", "page-infections", "page-life"} <= set(told)
    texts = [file.read_text(encoding="utf-8") for file in sorted(catalogue.SHIPPED.glob("nk-intake-1.[01].0.yaml"))]
    assert texts[1].replace("        x-in-person: true\n", "") == texts[0].replace("version: 1.0.0", "version: 1.1.0")
    assert first.status == "active"


HEADS = {
    "a name with a capital": ("id: tiny", "id: Tiny Form", "id must be small letters, digits and single dashes"),
    "a version in words": (
        "version: 1.0.0",
        "version: 1.0-beta",
        "version must be numbers with dots between, such as 1.0.0",
    ),
    "no address": (
        "url: https",
        "url: nowhere",
        "url must be an address such as https://example.org/fhir/Questionnaire/first-visit",
    ),
    "a long address": (
        "fhir/Questionnaire",
        "x" * 250,
        "url and version have 254 characters at most, taken together",
    ),
    "a status of no standard": (
        "status: active",
        "status: published",
        "status must be one of draft, active, retired, unknown",
    ),
    "a language in words": ("language: en", "language: English", "language must be a code such as en or en-GB"),
    "another resource": ("resourceType: Questionnaire", "resourceType: Patient", "resourceType must be Questionnaire"),
}


@pytest.mark.parametrize("name", HEADS)
def test_the_head_of_a_form_is_looked_at(name: str) -> None:
    old, new, said = HEADS[name]
    with pytest.raises(QuestionnaireError) as caught:
        loads(HEAD.replace(old, new) + page("page-a", question("a")) + CHECK, "tiny.yaml")
    assert caught.value.problems == [f"tiny.yaml:1: -: {said}"]


def test_a_form_without_pages_is_none() -> None:
    section = "item: [{linkId: s, type: group, text: S, x-kind: section, item: [{linkId: d, type: display, text: D}]}]"
    with pytest.raises(QuestionnaireError) as caught:
        loads(HEAD.partition("item:\n")[0] + section, "tiny.yaml")
    assert caught.value.problems == [
        "tiny.yaml:1: -: the questionnaire has no pages",
        "tiny.yaml:9: d: a display cannot stand here",
    ]


@pytest.mark.parametrize("name", WRONG)
def test_what_breaks_a_rule_is_named(name: str) -> None:
    items, expected = WRONG[name]
    found = of_page(items)
    assert any(expected in problem for problem in found), found
    assert found == sentences.read()[name], "written anew by: python -m tests.questionnaire.sentences"


@pytest.mark.parametrize("said", sorted(sentences.of_the_rules()))
def test_each_sentence_of_the_rules_is_said_of_some_file(said: str) -> None:
    whole = re.compile(r": " + r".+".join(map(re.escape, said.split("…"))) + r"\Z")
    every = [one for found in sentences.read().values() for one in found]
    assert any(whole.search(one) for one in every), said


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
    with pytest.raises(QuestionnaireError, match=r"too deep|nesting depth"):  # ours, or libyaml's own limit
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


NESTED = "- {linkId: g, type: group, text: x, x-kind: part, item: [%s]}\n"
PART = "{linkId: inner, type: group, text: x, x-kind: part, item: [{linkId: d, type: display, text: x}]}"
ROWS = (
    "{linkId: rows, type: group, text: x, x-kind: rows, repeats: true, x-row-label: x, x-add-label: x, x-max-rows: 2, "
    "item: [{linkId: f, type: boolean, text: f, x-label: f, x-row-required: true}%s]}"
)


@pytest.mark.parametrize(
    "items", [NESTED % PART, NESTED % (ROWS % ""), f"- {ROWS % ''}\n", f"- {ROWS % f', {PART}'}\n"]
)
def test_parts_and_lists_stand_on_pages_and_in_parts_and_parts_in_lists(items: str) -> None:
    assert tiny(page("page-a", items)).item("page-a").items


def test_a_standard_key_that_says_nothing_new_is_taken() -> None:
    assert loads(HEAD.replace("id: tiny\n", "id: tiny\nsubjectType: [Patient]\n") + page("p", question("a")) + CHECK)


def test_a_file_that_cannot_be_read_as_yaml_is_named_with_its_first_line() -> None:
    with pytest.raises(QuestionnaireError) as caught:
        loads("a: \x00b", "q.yaml")
    assert [one.rpartition(": ")[0] for one in caught.value.problems] == ["q.yaml:1: -"]
