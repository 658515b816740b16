"""The six acceptance cases, exported with everything included and read by other programs, equal their answers cell by
cell."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from intake.consultations import catalogue
from intake.exports.columns import GROUPS
from intake.exports.decode import decode_zip
from intake.questionnaire.enable_when import as_sent
from intake.questionnaire.model import Item, ItemType, Questionnaire
from tests.exports.reading import Line, by_csv, by_libreoffice, by_pandas, export_row, members, stream
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


ROWS = [
    export_row(
        catalogue.shipped().active,
        as_sent(catalogue.shipped().active, case.response(catalogue.shipped().active)),
        reference,
    )
    for reference, case in SCENARIOS.items()
]


def exported(questionnaire: Questionnaire, **wanted: Any) -> bytes:
    """The zip of the six cases."""
    return b"".join(stream(questionnaire, lambda: ROWS, **wanted))


def for_programs(questionnaire: Questionnaire) -> dict[str, bytes]:
    return members(exported(questionnaire, groups=GROUPS))


def for_people_decoded(questionnaire: Questionnaire) -> dict[str, bytes]:
    return members(b"".join(decode_zip(io.BytesIO(exported(questionnaire, groups=GROUPS, for_people=True)))))


Files = dict[str, bytes]
Lines = dict[str, list[Line]]
READERS: dict[str, Callable[[Files, Path], Lines]] = {
    "csv": lambda files, _: {name: by_csv(content) for name, content in files.items()},
    "pandas": lambda files, _: {name: by_pandas(content) for name, content in files.items()},
    "LibreOffice": by_libreoffice,
}


@pytest.fixture(scope="module", params=[for_programs, for_people_decoded], ids=["programs", "people, decoded"])
def everything(request: pytest.FixtureRequest, questionnaire: Questionnaire) -> Files:
    """Every CSV of the export with all groups."""
    made: Files = request.param(questionnaire)
    return {name: content for name, content in made.items() if name.endswith(".csv")}


@pytest.fixture(scope="module", params=list(READERS))
def found(request: pytest.FixtureRequest, everything: Files, tmp_path_factory: pytest.TempPathFactory) -> Lines:
    """What a program reads in it."""
    return READERS[request.param](everything, tmp_path_factory.mktemp("read"))


def test_every_stand_alone_answer_is_in_its_cell(questionnaire: Questionnaire, found: Lines) -> None:
    lines = {line["reference"]: line for line in found["responses.csv"]}
    assert list(lines) == list(SCENARIOS)
    for reference, case in SCENARIOS.items():
        line = lines[reference]
        answers = {name: value for name, value in line.items() if name not in ABOUT and not name.startswith("derived.")}
        assert answers == expected(outside_lists(questionnaire), case.answers)


def test_the_columns_stand_in_the_questionnaires_order(questionnaire: Questionnaire, found: Lines) -> None:
    header = [name for name in found["responses.csv"][0] if not name.startswith("derived.")]
    assert header == ABOUT + [name for item in outside_lists(questionnaire) for name in columns(item)]


def test_every_row_of_every_list_is_in_its_line(questionnaire: Questionnaire, found: Lines) -> None:
    for rows in questionnaire.lists:
        lines = found[f"{rows.link_id}.csv"]
        wanted = [
            {"reference": reference, "position": str(position)} | expected(fields(rows), answers)
            for reference, case in SCENARIOS.items()
            for position, answers in enumerate(case.answers.get(rows.link_id, []), 1)
        ]
        assert [{name: value for name, value in line.items() if name != "entry"} for line in lines] == wanted
        assert len({line["entry"] for line in lines}) == len(wanted), "an entry is known by its own id"


def test_a_name_with_accents_arrives_letter_for_letter(found: Lines) -> None:
    assert "Siobhán Ní Bhriain" in [line["full-name"] for line in found["responses.csv"]]


def test_every_file_is_read_alike_by_everybody(everything: Files, found: Lines) -> None:
    assert found == {name: by_csv(content) for name, content in everything.items()}


def test_a_people_export_decoded_is_the_programs_export(questionnaire: Questionnaire) -> None:
    assert for_people_decoded(questionnaire) == for_programs(questionnaire)


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
                    one["other"]
                    for one in (value if isinstance(value, list) else [value])
                    if isinstance(one, dict) and "other" in one
                }
    return {text for text in found if not text.startswith("{")}


@pytest.mark.parametrize("for_people", [False, True], ids=["programs", "people"])
def test_the_default_export_holds_nothing_that_was_typed_and_no_birth_date(
    questionnaire: Questionnaire, for_people: bool
) -> None:
    default, included = (
        members(exported(questionnaire, groups=groups, for_people=for_people)) for groups in ((), GROUPS)
    )
    static = b"".join(members(b"".join(stream(questionnaire, list))).values())
    for case in SCENARIOS.values():
        texts = {text.encode() for text in written_texts(questionnaire, case) | {case.answers["birth-date"]}}
        telling = {text for text in texts if text not in static}
        assert len(telling) > 2
        assert all(any(text in content for content in included.values()) for text in telling if b'"' not in text)
        assert [(name, text) for name, content in default.items() for text in telling if text in content] == []
