"""Any form of ours runs: the example that comes with the program, and forms made at random, go from the start page to
every reader."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.accounts.staff import Role
from intake.questionnaire import synthetic
from intake.questionnaire.enable_when import as_sent
from intake.questionnaire.fhir_questionnaire import questionnaire_to_json
from intake.questionnaire.invariants import EXPORT_GROUPS
from intake.questionnaire.model import ItemType, Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from intake.questionnaire.values import Answer, Coding, PartialDate, Value
from tests.databases import Database
from tests.exports.reading import Line, by_csv, by_libreoffice, by_pandas, members
from tests.factories import random_response
from tests.fhir.validators import by_fhirkit, by_schema
from tests.questionnaire.forms import CHECK, HEAD, page, question
from tests.staffroom import PASSWORD, House, build
from tests.walker import Patient, Staff, browser

PATIENTS = 3
OPTIONS = "[{code: first, display: The first}, {code: second, display: The second}, {code: third, display: The third}]"
KINDS = ("boolean", "string", "text", "integer", "date", "partial", "choice", "several", "open-choice", "open-several")


def a_question(link_id: str, kind: str, chance: random.Random, **keys: str) -> str:
    """A question of one of these kinds, with whatever its type may have."""
    if kind in ("choice", "several", "open-choice", "open-several"):
        keys |= {"answerOption": OPTIONS} | ({"repeats": "true"} if "several" in kind else {})
        return question(link_id, "open-choice" if "open" in kind else "choice", **keys)
    if kind == "integer":
        keys |= {"x_min": str(chance.randint(-5, 5)), "x_max": str(chance.randint(6, 500))}
    if kind in ("integer", "string", "partial") and "x_row_required" not in keys and chance.random() < 0.5:
        keys |= {chance.choice(("x_unknown", "x_decline")): "true"}
    if kind == "partial":
        return question(link_id, "date", x_partial_date="true", **keys)
    return question(link_id, kind, **keys)


def a_condition(chance: random.Random, earlier: list[tuple[str, str]]) -> dict[str, str]:
    """One or two conditions on questions that stand before, or none."""
    fitting = [(link_id, kind) for link_id, kind in earlier if kind in ("choice", "several", "integer", "boolean")]
    chosen = chance.sample(fitting, min(len(fitting), chance.choice((0, 1, 1, 2))))
    answers = {"integer": "operator: '>', answerInteger: 5", "boolean": "operator: exists, answerBoolean: true"}
    code = "operator: '=', answerCoding: " + chance.choice(("first", "second"))
    said = ", ".join(f"{{question: {link_id}, {answers.get(kind, code)}}}" for link_id, kind in chosen)
    both = {"enableBehavior": chance.choice(("all", "any"))} if len(chosen) > 1 else {}
    return {"enableWhen": f"[{said}]"} | both if chosen else {}


def a_list(chance: random.Random, earlier: list[tuple[str, str]]) -> str:
    """A list whose first field is needed, with a field of every kind, some of them asked after others only."""
    fields = [a_question("row-first", "string", chance, x_row_required="true")]
    own: list[tuple[str, str]] = []
    for number, kind in enumerate(chance.sample(KINDS, len(KINDS))):
        fields.append(a_question(f"row-{number}", kind, chance, **a_condition(chance, own)))
        own.append((f"row-{number}", kind))
    head = "- linkId: rows\n  type: group\n  text: Rows\n  x-kind: rows\n  x-row-label: Row\n  repeats: true\n"
    body = "".join(f"    {line}\n" for field in fields for line in field.splitlines())
    condition = "".join(f"  {key}: {value}\n" for key, value in a_condition(chance, earlier).items())
    return f"{head}  x-max-rows: 5\n  x-add-label: Add a row\n{condition}  item:\n{body}"


def a_form(seed: int) -> str:
    """A form with every kind of question, a list and conditions, in an order of its own."""
    chance = random.Random(seed)
    welcome = page("page-welcome", "- linkId: hello\n  type: display\n  text: Hello\n")
    pages = [welcome] if seed % 2 else []
    earlier: list[tuple[str, str]] = []
    for number in range(3):
        items = []
        for kind in chance.sample(KINDS, len(KINDS)):
            link_id = f"q-{number}-{kind}"
            items.append(a_question(link_id, kind, chance, **a_condition(chance, earlier)))
            earlier.append((link_id, kind))
        if number == 1:
            items.insert(chance.randrange(len(items)), a_list(chance, earlier[:10]))
        pages.append(page(f"page-{number}", "".join(items)))
    return HEAD + "".join(pages) + CHECK


@pytest.fixture(params=["first-visit", 1, 2], ids=str)
def any_house(request: pytest.FixtureRequest, database: Database) -> Iterator[House]:
    """A try-out whose patients get the example form, or one made at random from the clinic's own folder."""
    if request.param == "first-visit":
        yield build(database, INTAKE_QUESTIONNAIRE="first-visit")
        return
    folder = database.instance / "questionnaires"
    folder.mkdir(parents=True)
    (folder / "tiny.yaml").write_text(a_form(request.param), encoding="utf-8")
    yield build(database, INTAKE_QUESTIONNAIRE="tiny")


def test_the_random_form_has_every_type_a_list_and_conditions() -> None:
    from intake.questionnaire.loader import loads

    for seed in range(20):
        made = loads(a_form(seed))
        assert {item.type for item in made.walk()} >= set(ItemType) - ({ItemType.DISPLAY} if seed % 2 == 0 else set())
        assert made.lists
        assert any(item.enable_when for item in made.walk())


def test_a_form_without_rules_goes_from_the_start_page_to_every_reader(any_house: House, tmp_path: Path) -> None:
    questionnaire = any_house.intake.forms.active
    sent: dict[str, QuestionnaireResponse] = {}
    for seed in range(PATIENTS):
        wanted = random_response(questionnaire, seed, words=synthetic.invented_words, blank=0.2)
        with browser("http://localhost", any_house.app) as client:
            reference = Patient(client, questionnaire, wanted).start().to_check().send()
        sent[reference] = as_sent(questionnaire, wanted)
    assert by_schema(questionnaire_to_json(questionnaire), "Questionnaire") == []
    for role in Role:
        any_house.add_staff(f"{role.value}@example.org", role)
    with browser("http://localhost", any_house.app) as client:
        clinician = Staff(client).sign_in(("clinician@example.org", PASSWORD))
        for reference, response in sent.items():
            see_that_it_can_be_read(clinician, questionnaire, reference, response)
    with browser("http://localhost", any_house.app) as client:
        exported = Staff(client).sign_in(("admin@example.org", PASSWORD)).export(include=EXPORT_GROUPS)
    see_that_it_was_exported(members(exported), questionnaire, sent, tmp_path)


def see_that_it_can_be_read(
    clinician: Staff, questionnaire: Questionnaire, reference: str, response: QuestionnaireResponse
) -> None:
    """The one page and the full answers hold what was said; the JSON is FHIR."""
    path = clinician.open(reference)
    assert clinician.response.status_code == 200
    assert reference in clinician.text
    one_page = clinician.text
    every = clinician.get(f"{path}/answers").text
    assert clinician.response.status_code == 200
    for link_id, _, answer in response.said():
        item = questionnaire.item(link_id)
        assert item.text in every
        for words in texts(answer):
            assert plain(words) in plain(one_page), link_id
            assert words in every, link_id
    written = clinician.client.get(f"{path}.json").json()
    assert by_schema(written, "QuestionnaireResponse") + by_fhirkit(written) == []
    assert clinician.client.get(f"{path}/summary.json").json()["reference"] == reference


def plain(words: str) -> str:
    """Without quotation marks: those inside a quotation are written as single ones on the one page."""
    return "".join(sign for sign in words if sign not in "“”‘’'\"")


def texts(answer: Answer) -> list[str]:
    """What was typed, as a page's text has it."""
    return [" ".join(value.split()) for value in answer.values if isinstance(value, str)]


def see_that_it_was_exported(
    files: dict[str, bytes], questionnaire: Questionnaire, sent: dict[str, QuestionnaireResponse], tmp_path: Path
) -> None:
    """Three readers read the same, and it is what was said."""
    tables = {name: content for name, content in files.items() if name.endswith(".csv")}
    read = {name: by_csv(content) for name, content in tables.items()}
    assert {name: by_pandas(content) for name, content in tables.items()} == read
    opened = by_libreoffice({name: content for name, content in tables.items() if read[name]}, tmp_path)
    for name, lines in opened.items():
        assert lines == [{column: text.replace("\r\n", "\n") for column, text in line.items()} for line in read[name]]
    rows = {line["reference"]: line for line in read["responses.csv"]}
    assert rows.keys() == sent.keys()
    for reference, response in sent.items():
        for link_id, answer in response.answers.items():
            assert cells(rows[reference], link_id) == expected(answer)
        for listed in questionnaire.lists:
            lines = [line for line in read[f"{listed.link_id}.csv"] if line["reference"] == reference]
            entries = response.rows(listed.link_id)
            assert len(lines) == len(entries)
            for line, entry in zip(lines, entries, strict=True):
                for link_id, answer in entry.answers.items():
                    assert cells(line, link_id) == expected(answer)


def cells(line: Line, link_id: str) -> set[str]:
    """What a line says of one question: its cell, the options ticked, and own words."""
    alone = {line[link_id]} if link_id in line else set()
    ticked = {name.partition("___")[2] for name in line if name.startswith(f"{link_id}___") and line[name] == "1"}
    return (alone | ticked | {line.get(f"{link_id}___other", "")}) - {"", "other"}


def expected(answer: Answer) -> set[str]:
    """The same from what was said."""
    return {_cell(value) for value in answer.values}


def _cell(value: Value) -> str:
    match value:
        case Coding(code):
            return code
        case bool():
            return "true"
        case PartialDate():
            return value.iso
        case _:
            return str(value)
