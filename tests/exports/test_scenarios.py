"""The six acceptance cases, exported with everything included, equal their answers cell by cell."""

from __future__ import annotations

from typing import Any

import pytest

from intake.exports.columns import GROUPS
from intake.questionnaire.enable_when import as_sent
from intake.questionnaire.model import Item, ItemType, Questionnaire
from tests.exports.reading import Line, by_csv, by_pandas, export_row, zipped
from tests.factories import Scenario, scenarios

SCENARIOS = {f"REF{number}-{case.id}": case for number, case in enumerate(scenarios())}
ABOUT = ["reference", "status", "review_status", "questionnaire", "form_language", "started_at", "submitted_at"]


def columns(item: Item) -> list[str]:
    """The columns of a question as interfaces.md names them."""
    own = [f"{item.link_id}___other"] if item.type is ItemType.OPEN_CHOICE else []
    if item.is_choice and item.repeats:
        return [f"{item.link_id}___{option.code}" for option in item.options] + own
    return [item.link_id, *own]


def filled(item: Item, written: Any) -> Line:
    """The cells that a scenario's answer must give; a ticked reason leaves them empty."""
    line = dict.fromkeys(columns(item), "")
    values = written if isinstance(written, list) else [written]
    if any(isinstance(value, dict) and "absent" in value for value in values):
        return line
    words = next((value["other"] for value in values if isinstance(value, dict)), "")
    codes = [value for value in values if not isinstance(value, dict)]
    if item.is_choice and item.repeats:
        line |= {f"{item.link_id}___{option.code}": "1" if option.code in codes else "0" for option in item.options}
    else:
        line[item.link_id] = codes[0] if codes else "other"
    if words:
        line[f"{item.link_id}___other"] = words
    return line


def expected(items: list[Item], answers: dict[str, Any]) -> Line:
    line: Line = {}
    for item in items:
        line |= filled(item, answers[item.link_id]) if item.link_id in answers else dict.fromkeys(columns(item), "")
    return line


def outside_lists(questionnaire: Questionnaire) -> list[Item]:
    return [item for item in questionnaire.walk() if item.is_question and questionnaire.list_of(item.link_id) is None]


def fields(rows: Item) -> list[Item]:
    return [item for item in rows.walk() if item.is_question]


@pytest.fixture(scope="module")
def everything(questionnaire: Questionnaire) -> dict[str, bytes]:
    rows = [
        export_row(questionnaire, as_sent(questionnaire, case.response(questionnaire)), reference) for reference, case in SCENARIOS.items()
    ]
    return zipped(questionnaire, rows, groups=GROUPS)


@pytest.fixture(params=[by_csv, by_pandas], ids=["csv", "pandas"])
def read(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_every_stand_alone_answer_is_in_its_cell(questionnaire: Questionnaire, everything: dict[str, bytes], read: Any) -> None:
    lines = {line["reference"]: line for line in read(everything["responses.csv"])}
    assert list(lines) == list(SCENARIOS)
    for reference, case in SCENARIOS.items():
        line = lines[reference]
        answers = {name: value for name, value in line.items() if name not in ABOUT and not name.startswith("derived.")}
        assert answers == expected(outside_lists(questionnaire), case.answers)


def test_the_columns_stand_in_the_questionnaires_order(questionnaire: Questionnaire, everything: dict[str, bytes], read: Any) -> None:
    header = [name for name in read(everything["responses.csv"])[0] if not name.startswith("derived.")]
    assert header == ABOUT + [name for item in outside_lists(questionnaire) for name in columns(item)]


def test_every_row_of_every_list_is_in_its_line(questionnaire: Questionnaire, everything: dict[str, bytes], read: Any) -> None:
    for rows in questionnaire.lists:
        lines = read(everything[f"{rows.link_id}.csv"])
        wanted = [
            {"reference": reference, "position": str(position)} | expected(fields(rows), answers)
            for reference, case in SCENARIOS.items()
            for position, answers in enumerate(case.answers.get(rows.link_id, []), 1)
        ]
        assert [{name: value for name, value in line.items() if name != "entry"} for line in lines] == wanted
        assert len({line["entry"] for line in lines}) == len(wanted), "an entry is known by its own id"


def test_a_name_with_accents_arrives_letter_for_letter(everything: dict[str, bytes], read: Any) -> None:
    assert "Siobhán Ní Bhriain" in [line["full-name"] for line in read(everything["responses.csv"])]


def cells(files: dict[str, bytes]) -> set[str]:
    return {cell for content in files.values() for line in by_csv(content) for cell in line.values()}


def written_texts(questionnaire: Questionnaire, case: Scenario) -> set[str]:
    """All that a scenario's patient types: names, contact, own words."""
    found: set[str] = set()
    for name, written in case.answers.items():
        item = questionnaire.item(name)
        for answers in written if item.is_rows else [{name: written}]:
            for link_id, value in answers.items():
                if questionnaire.item(link_id).type in (ItemType.STRING, ItemType.TEXT):
                    found.add(str(value))
                found |= {
                    one["other"] for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict) and "other" in one
                }
    return {text for text in found if not text.startswith("{")}


def test_the_default_export_holds_nothing_that_was_typed_and_no_birth_date(
    questionnaire: Questionnaire, everything: dict[str, bytes]
) -> None:
    rows = [
        export_row(questionnaire, as_sent(questionnaire, case.response(questionnaire)), reference) for reference, case in SCENARIOS.items()
    ]
    default, included = cells(zipped(questionnaire, rows)), cells(everything)
    codes = {option.code for item in questionnaire.walk() for option in item.options}
    for case in SCENARIOS.values():
        texts = (written_texts(questionnaire, case) | {case.answers["birth-date"]}) - codes
        assert len(texts) > 3
        assert texts <= included
        assert texts.isdisjoint(default)
        assert not any(text in cell for text in texts if " " in text for cell in default)
