"""The acceptance cases, typed in over HTTP: what the clinician reads and the admin exports is what clinical.md says,
word for word."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pandas
import pytest

from intake.questionnaire.invariants import EXPORT_GROUPS
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from tests.factories import Scenario, form_data, scenarios
from tests.walker import Patient, Staff

MakePatient = Callable[[QuestionnaireResponse], Patient]
CASES = pytest.mark.parametrize("case", scenarios(), ids=lambda case: case.id)


def age_today(case: Scenario) -> int:
    """Whole years today, reckoned apart from the code: the cases give the age on the day they were written for."""
    born, today = date.fromisoformat(case.answers["birth-date"]), datetime.now(UTC).date()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def sent(make: MakePatient, response: QuestionnaireResponse) -> str:
    return make(response).start().to_check().send()


@CASES
def test_the_stored_summary_is_the_expected_one(
    patient: MakePatient, clinician: Staff, questionnaire: Questionnaire, case: Scenario
) -> None:
    reference = sent(patient, case.response(questionnaire))
    summary = clinician.summary(reference)
    assert [(one["rule"], one["text"]) for one in summary["highlights"]] == list(case.highlights)
    assert summary["counts"] == case.counts | {"age": age_today(case), "viability_weeks": 20}
    assert summary["reference"] == reference
    for _, sentence in case.highlights:
        assert " ".join(sentence.split()) in clinician.text


@CASES
def test_rows_listed_the_other_way_round_give_equal_counts(
    patient: MakePatient, clinician: Staff, questionnaire: Questionnaire, case: Scenario
) -> None:
    reference = sent(patient, case.response(questionnaire, reverse_rows=True))
    assert clinician.summary(reference)["counts"] == case.counts | {"age": age_today(case), "viability_weeks": 20}


@CASES
def test_every_question_shown_is_counted_as_the_path_line_says(
    patient: MakePatient, questionnaire: Questionnaire, case: Scenario
) -> None:
    someone = patient(case.response(questionnaire)).start().to_check()
    asked = [*someone.soup.select("dl [data-link-id]")]
    items = [questionnaire.item(str(element["data-link-id"])) for element in asked]
    standing = [item for item in items if not item.more and questionnaire.list_of(item.link_id) is None]
    in_rows = [item for item in items if not item.more and questionnaire.list_of(item.link_id) is not None]
    declare = 1  # asked on the check page itself
    assert (len(standing) + declare, len(in_rows), len(items) - len(standing) - len(in_rows)) == (
        case.shown,
        case.row_questions,
        case.in_folds,
    )


def test_the_export_of_all_six_holds_every_answer(
    patient: MakePatient, admin: Staff, questionnaire: Questionnaire
) -> None:
    cases = {sent(patient, case.response(questionnaire)): case for case in scenarios()}
    content = admin.export(include=EXPORT_GROUPS)
    for read in (by_csv, by_pandas):
        files = {name: read(data) for name, data in members(content).items()}
        for reference, case in cases.items():
            check_line(
                questionnaire,
                next(line for line in files["responses.csv"] if line["reference"] == reference),
                case.answers,
            )
            for rows in questionnaire.lists:
                lines = [line for line in files[f"{rows.link_id}.csv"] if line["reference"] == reference]
                written = case.answers.get(rows.link_id, [])
                assert len(lines) == len(written)
                for line, answers in zip(lines, written, strict=True):
                    check_line(questionnaire, line, answers)
        assert "Siobhán Ní Bhriain" in {line["full-name"] for line in files["responses.csv"]}


def check_line(questionnaire: Questionnaire, line: dict[str, str], answers: dict[str, Any]) -> None:
    for link_id, written in answers.items():
        item = questionnaire.item(link_id)
        if item.is_rows:
            continue
        if item.repeats:
            chosen = {
                name.removeprefix(f"{link_id}___")
                for name, cell in line.items()
                if name.startswith(f"{link_id}___") and cell == "1"
            }
            assert chosen == set(written)
        else:
            assert line[link_id] == ("" if isinstance(written, dict) else written), (
                link_id
            )  # a ticked reason is no cell


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def by_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def by_pandas(content: bytes) -> list[dict[str, str]]:
    frame = pandas.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    return [{str(name): str(cell) for name, cell in record.items()} for record in frame.to_dict("records")]


def test_no_case_is_named_in_the_code() -> None:
    from pathlib import Path

    import intake

    names = [str(case.answers["full-name"]) for case in scenarios()] + [case.id for case in scenarios()]
    code = [
        path.read_text(encoding="utf-8")
        for path in Path(intake.__file__).parent.rglob("*")
        if path.suffix in (".py", ".html", ".md")
    ]
    assert not [name for name in names for text in code if re.search(re.escape(name), text)]


def test_no_text_assumes_who_somebody_is(patient: MakePatient, clinician: Staff, questionnaire: Questionnaire) -> None:
    """open-3: a transgender man reads and is read without a word of she, her, woman, mother or female."""
    case = next(case for case in scenarios() if case.id == "open-3")
    read: list[str] = []
    someone = patient(case.response(questionnaire))
    someone.on_page = lambda page: read.append(page.text)
    someone.start().to_check()
    read.append(someone.text)
    clinician.open(someone.send())
    read += [someone.text, clinician.text]
    of_the_clinician = "whether my clinician is a woman or a man"
    text = " ".join(read)
    assert of_the_clinician in text
    text = text.replace(of_the_clinician, "")
    assert not re.findall(r"\b(she|her|woman|mother|female)\b", text, re.IGNORECASE)


def test_what_is_typed_is_what_is_posted(questionnaire: Questionnaire) -> None:
    """The walker itself: an answer gives the names that interfaces.md documents."""
    case = next(case for case in scenarios() if case.id == "open-2")
    response = case.response(questionnaire)
    assert form_data(questionnaire.item("birth-date"), response.answer("birth-date")) == [
        ("birth-date.year", "1983"),
        ("birth-date.month", "9"),
        ("birth-date.day", "30"),
    ]
