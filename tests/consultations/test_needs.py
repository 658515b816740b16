"""What the summary reads is declared whole, and a questionnaire without it is found wrong at the line where it should
be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from intake.consultations import catalogue, nk_intake
from intake.consultations.nk_intake.needs import CODES, ONLY, first_readers, missing_for_rules
from intake.questionnaire.loader import QuestionnaireError
from intake.questionnaire.model import Item, Questionnaire
from intake.summary.patient_answers import NOT_KNOWN

NO_LINK_IDS = {"words.py", "questions.py", "format_1.py"}
"""Modules whose words only look like linkIds, and tables that no rule reads."""
NO_CODES = {"baby", "losses", "results", "0"}
"""Words of ours, and keys of the counts, that are codes elsewhere too."""
FILE = catalogue.SHIPPED / "nk-intake-1.2.0.yaml"


def constants() -> Iterator[tuple[str, str]]:
    """Every text in the code of the rules, with its module."""
    [folder] = nk_intake.__path__
    for file in Path(folder).glob("*.py"):
        if file.name not in NO_LINK_IDS:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield file.name, node.value


def without_item(item: Item, link_id: str) -> Item:
    return replace(item, items=tuple(without_item(child, link_id) for child in item.items if child.link_id != link_id))


def without(questionnaire: Questionnaire, link_id: str) -> Questionnaire:
    return replace(questionnaire, items=tuple(without_item(item, link_id) for item in questionnaire.items))


def with_option(item: Item, link_id: str, code: str) -> Item:
    """The item without that option of one question."""
    options = tuple(option for option in item.options if item.link_id != link_id or option.code != code)
    return replace(item, options=options, items=tuple(with_option(child, link_id, code) for child in item.items))


def test_every_link_id_in_the_code_of_the_summary_is_declared(questionnaire: Questionnaire) -> None:
    named = {(module, text) for module, text in constants() if text in questionnaire.by_link_id}
    assert len(named) > 100
    assert [one for one in sorted(named) if one[1] not in first_readers()] == []


def test_every_code_in_the_code_of_the_summary_is_declared(questionnaire: Questionnaire) -> None:
    codes = {code for item in questionnaire.walk() for code in item.option_by_code} - set(questionnaire.by_link_id)
    named = {(module, text) for module, text in constants() if text in codes}
    declared = {code for offered in CODES.values() for code in offered} | NOT_KNOWN | NO_CODES
    assert len(named) > 60
    assert [one for one in sorted(named) if one[1] not in declared] == []


@pytest.mark.parametrize("version", [name for name in catalogue.shipped().published if "/nk-intake|" in name])
def test_published_versions_have_all_of_it(version: str) -> None:
    assert list(missing_for_rules(catalogue.shipped().published[version])) == []


@pytest.mark.parametrize("link_id", first_readers())
def test_a_question_that_is_missing_is_named_with_who_reads_it(questionnaire: Questionnaire, link_id: str) -> None:
    found = dict(missing_for_rules(without(questionnaire, link_id)))
    assert found[link_id] == f"the summary reads this item ({first_readers()[link_id]}), and it is missing"


@pytest.mark.parametrize(("link_id", "code"), [(link_id, code) for link_id in CODES for code in CODES[link_id]])
def test_an_option_that_is_missing_is_named(questionnaire: Questionnaire, link_id: str, code: str) -> None:
    poorer = replace(questionnaire, items=tuple(with_option(item, link_id, code) for item in questionnaire.items))
    assert list(missing_for_rules(poorer)) == [(link_id, f"the summary reads the option {code}, and it is missing")]


def test_a_missing_option_is_named_at_the_line_of_its_question() -> None:
    text = FILE.read_text(encoding="utf-8").replace("code: might-be", "code: perhaps")
    with pytest.raises(QuestionnaireError) as caught:
        catalogue.read(text.encode(), "next.yaml")
    line = next(number for number, row in enumerate(text.splitlines(), 1) if row.strip() == "- linkId: pregnant-now")
    assert (
        f"next.yaml:{line}: pregnant-now: the summary reads the option might-be, and it is missing"
        in caught.value.problems
    )


@pytest.mark.parametrize("link_id", sorted(ONLY))
def test_an_option_without_a_sentence_is_named(questionnaire: Questionnaire, link_id: str) -> None:
    [code, *_] = CODES[link_id]
    option = questionnaire.item(link_id).option_by_code[code]

    def richer(item: Item) -> Item:
        more = (replace(option, code="new"),) if item.link_id == link_id else ()
        return replace(item, options=(*item.options, *more), items=tuple(richer(child) for child in item.items))

    found = replace(questionnaire, items=tuple(richer(item) for item in questionnaire.items))
    assert list(missing_for_rules(found)) == [(link_id, "the summary has no sentence for the option new")]
