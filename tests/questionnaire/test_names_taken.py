"""Names that an export's columns, its files or a page's own controls have already are refused, each with its
sentence."""

from __future__ import annotations

import pytest

from intake.questionnaire.loader import QuestionnaireError
from tests.questionnaire.forms import page, question, tiny

COLUMNS = (
    *("reference", "status", "review-status", "questionnaire", "form-language", "started-at", "submitted-at"),
    *("entry", "position", "derived", "derived-total"),
)
CONTROLS = ("seen", "from", "then", "add", "list", "keep", "change", "code")
FILES = ("responses", "absent", "codebook", "manifest")
LIST = (
    "- linkId: {}\n  type: group\n  text: List\n  repeats: true\n  x-kind: rows\n  x-row-label: Entry\n"
    "  x-add-label: Add\n  x-max-rows: 3\n  item:\n    - linkId: first\n      type: integer\n      text: First\n"
    "      x-label: First\n      x-row-required: true\n"
)


def said_of(items: str) -> str:
    with pytest.raises(QuestionnaireError) as caught:
        tiny(page("page-a", items))
    (line,) = caught.value.problems
    return line.rpartition(": ")[2]


@pytest.mark.parametrize("name", COLUMNS)
def test_a_question_cannot_be_named_like_a_column_that_every_export_has(name: str) -> None:
    column = name.replace("-", "_")
    assert said_of(question(name)) == f"an export has a column {column} of its own; name the question otherwise"


@pytest.mark.parametrize("name", CONTROLS)
def test_a_question_cannot_be_named_like_a_control_of_the_page(name: str) -> None:
    assert said_of(question(name)) == f"pages have a control {name} of their own; name the question otherwise"


@pytest.mark.parametrize("name", FILES)
def test_a_list_cannot_be_named_like_a_file_that_every_export_has(name: str) -> None:
    assert said_of(LIST.format(name)) == f"an export has a file {name} of its own; name the list otherwise"


@pytest.mark.parametrize("name", ["statuses", "coded", "manifests", "underived"])
def test_a_name_that_only_begins_like_one_is_free(name: str) -> None:
    assert tiny(page("page-a", question(name))).item(name).link_id == name


def test_a_phrase_without_its_value_is_told_what_it_lacks() -> None:
    assert said_of(question("q", x_phrase="Reports nothing")) == "x-phrase must hold {value} once"
