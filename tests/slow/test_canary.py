"""Words typed into a served form stand readable nowhere on its disk: not with drafts open, not after sending, not after
kill -9."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from intake.questionnaire.enable_when import Shown
from intake.questionnaire.invariants import EXPORT_GROUPS
from intake.questionnaire.model import Item, ItemType, Questionnaire
from intake.questionnaire.response import Entry, QuestionnaireResponse, new_entry_id
from intake.questionnaire.values import Answer, Coding, PartialDate, Value
from tests.databases import Database
from tests.serving import Server, serving
from tests.slow.search import found_in
from tests.walker import Patient, Staff, browser, filled_in

TYPED, REFUSED, HIDDEN, NOTE = "quoxmarbledoor", "zwarkpebblecup", "vixtumbleweedy", "jarbocandlewax"
WORDS = (TYPED, REFUSED, HIDDEN, NOTE)
SETTINGS = {"INTAKE_RATE_LIMIT": "1"}  # the throttle writes too

WITHOUT_ENCRYPTION = """
from intake.records import cipher

class Nothing:
    algorithm = 1
    def seal(self, key, plaintext, aad):
        return plaintext
    def unseal(self, key, sealed, aad):
        return sealed

cipher.cipher = Nothing()
from intake.app import main
main()
"""

OPENING = {
    "respondent": "together",
    "ever-pregnant": "both",
    "pregnant-now": "yes",
    "allergies": "yes",
    "preg-outcome": "live-birth",
}
"""Options that open the most; of other single choices the first is taken."""


# -- a response with a word in every box -------------------------------------------------------------------------------


def words_in_every_box(questionnaire: Questionnaire) -> QuestionnaireResponse:
    """Every branch open, every list with an entry, every text box and every own words typed."""
    response = QuestionnaireResponse(questionnaire.canonical)
    for item in (item for page in questionnaire.pages for item in page.walk()):
        if item.is_rows:
            entry_id = new_entry_id()
            for field in item.walk():
                entry = next((row for row in response.rows(item.link_id)), Entry(entry_id))
                if field.is_question and Shown(questionnaire, response).is_shown(field, entry):
                    response = response.with_entry(item.link_id, entry_id, {field.link_id: an_answer(field)})
        elif (
            item.is_question
            and questionnaire.list_of(item.link_id) is None
            and Shown(questionnaire, response).is_shown(item)
        ):
            response = response.with_answers({item.link_id: an_answer(item)})
    return response


def an_answer(item: Item) -> Answer:
    word = HIDDEN if item.link_id == "allergies-detail" else TYPED
    own = (f"{word} {word} {item.link_id}"[: item.max_length or 200],)  # PostgreSQL may cut a long row within one
    match item.type:
        case ItemType.BOOLEAN:
            return Answer((True,))
        case ItemType.INTEGER:
            return Answer((int(item.minimum or 0) + 2,))
        case ItemType.DATE:
            return Answer((PartialDate(2019, 5) if item.partial_date else PartialDate(1988, 4, 2),))
        case ItemType.STRING | ItemType.TEXT:
            return Answer(own)
    if item.repeats:
        chosen: tuple[Value, ...] = tuple(Coding(code) for code in item.option_by_code if code not in item.exclusive)
        return Answer(chosen + (own if item.type is ItemType.OPEN_CHOICE else ()))
    return Answer(
        own if item.type is ItemType.OPEN_CHOICE else (Coding(OPENING.get(item.link_id, item.options[0].code)),)
    )


def test_every_box_of_the_form_gets_a_word(questionnaire: Questionnaire) -> None:
    boxes = {
        item.link_id
        for item in questionnaire.walk()
        if item.type in (ItemType.STRING, ItemType.TEXT, ItemType.OPEN_CHOICE)
    }
    typed = {link_id for link_id, _, answer in words_in_every_box(questionnaire).said() if answer.own_words}
    assert typed == boxes


# -- what is done to the served form -----------------------------------------------------------------------------------


def try_what_is_refused(patient: Patient) -> None:
    """Before each page: its boxes too full, letters in its numbers and dates, a name that no page has, a value that is
    no option, a file."""
    if patient.find(notice="") is not None:
        return  # the page again, with a question about what was saved: its first button belongs to that
    here = str(patient.response.url)
    boxes = [
        str(box["name"])
        for box in patient.soup.select('main [data-link-id] input[type="text"], main [data-link-id] textarea')
    ]
    if boxes:
        form = patient.soup.find("form", id="answers")
        chosen = [(name, value) for name, value in filled_in(form) if name not in boxes]
        patient.act("continue", [*chosen, *((name, REFUSED * 200) for name in boxes)])
        assert patient.response.status_code in (200, 422)
        assert patient.find(error_summary="") is not None
        assert REFUSED in patient.text or REFUSED in patient.response.text
        patient.get(here)
    choices = 'main [data-link-id] input:is([type="radio"], [type="checkbox"])'
    options = [str(box["name"]) for box in patient.soup.select(choices)]
    for wrong in ([(REFUSED, REFUSED)], [(name, REFUSED) for name in options[:1]]):
        if wrong:
            patient.act("continue", wrong)
            assert patient.response.status_code >= 400
            patient.get(here)
    refused = patient.client.post(here, files={"file": (f"{REFUSED}.txt", REFUSED.encode() * 60_000)})
    assert refused.status_code >= 400


def try_from_an_older_window(patient: Patient, page: str) -> None:
    """Save a page, then send it from a window that was opened before: both versions are shown, and the later one is set
    aside."""
    patient.get(page)
    older = patient.soup
    patient.get(page).act(
        "continue", [(name, f"{value} again" if name == "own-words" else value) for name, value in patient.data()]
    )
    patient.soup = older
    patient.act("continue", [(name, REFUSED if name == "own-words" else value) for name, value in patient.data()])
    assert patient.response.status_code == 409
    assert REFUSED in patient.text
    assert f"{TYPED} own-words again" in patient.text


def a_draft(server: Server, questionnaire: Questionnaire) -> Iterator[Patient]:
    """Someone who fills in every box, is refused a lot, closes a gate behind an answer, and stops on the check page."""
    with browser(server.base) as client:
        patient = Patient(client, questionnaire, words_in_every_box(questionnaire))
        patient.start()
        patient.on_page = try_what_is_refused
        patient.to_check()
        assert TYPED in patient.text
        patient.wanted = patient.wanted.with_answers({"allergies": Answer((Coding("no"),))})
        patient.on_page = lambda _: None
        patient.get(f"/questionnaire/{questionnaire.page_of('allergies').link_id}").step()
        try_from_an_older_window(patient, f"/questionnaire/{questionnaire.page_of('own-words').link_id}")
        patient.get("/check")
        assert HIDDEN not in patient.text, "the gate is closed, its answer is not shown"
        yield patient


open_draft = contextmanager(a_draft)


def what_staff_do(server: Server, reference: str) -> None:
    """The clinician reads and writes a note; the admin exports everything; somebody types the wrong things at the
    doors."""
    with browser(server.base) as client:
        clinician = Staff(client).sign_in(server.accounts["clinician"])
        address = clinician.open(reference)
        assert TYPED in clinician.text
        for more in ("/answers", ".json", "/summary.json"):
            assert TYPED in client.get(address + more).text
        clinician.get(address)
        form = clinician.soup.select_one('form[action$="/review"]')
        assert form is not None
        clinician.press(form.find("button"), [("note", NOTE)])
        assert NOTE in clinician.text
    with browser(server.base) as client:
        assert len(Staff(client).sign_in(server.accounts["admin"]).export(include=EXPORT_GROUPS)) > 1000
    with browser(server.base) as client:
        stranger = Staff(client).sign_in((server.accounts["admin"][0], TYPED))
        assert stranger.client.get("/admin/export", follow_redirects=False).status_code != 200
        stranger.get("/resume")
        field = stranger.soup.select_one('main [name="code"]')
        assert field is not None
        form = field.find_parent("form")
        assert form is not None
        stranger.press(form.find("button"), [("code", TYPED)])


def lived_through(
    database: Database, questionnaire: Questionnaire, launcher: list[str] | None = None
) -> dict[str, dict[str, set[tuple[str, str]]]]:
    """A day of a clinic on this database; what a search for each word found at each moment."""
    moments: dict[str, dict[str, set[tuple[str, str]]]] = {}

    def look(moment: str, *more: str) -> None:
        places = {database.folder, *database.on_disk()}
        moments[moment] = {
            word: {found for place in places for found in found_in(place, word)} for word in (*WORDS, *more)
        }

    database.store_uncompressed()
    with serving(database, launcher=launcher, **SETTINGS) as server, open_draft(server, questionnaire) as left:
        look("a draft is open", left.code)
        with open_draft(server, questionnaire) as patient:
            reference = patient.send()
        what_staff_do(server, reference)
        look("one is sent, one is open", left.code, patient.code)
        server.kill()
        look("the server was killed", left.code, patient.code)
    with serving(database, launcher=launcher, **SETTINGS) as server:
        left.client = browser(server.base)
        look("it serves again", left.code, patient.code)
        left.client.close()
    look("it was stopped", left.code, patient.code)
    return moments


def test_nothing_typed_stands_readable_anywhere(database: Database, questionnaire: Questionnaire) -> None:
    moments = lived_through(database, questionnaire)
    assert len(moments) == 5
    assert [(moment, word, found) for moment, words in moments.items() for word, found in words.items() if found] == []
    assert list((database.folder / "tmp").rglob("*")) == [], "no temporary file is left"


def test_the_same_day_without_encryption_is_found_on_the_disk(
    database: Database, questionnaire: Questionnaire, tmp_path_factory: pytest.TempPathFactory
) -> None:
    launcher = tmp_path_factory.mktemp("faulty") / "launcher.py"
    launcher.write_text(WITHOUT_ENCRYPTION, encoding="utf-8")
    moments = lived_through(database, questionnaire, [str(launcher)])
    for moment, words in moments.items():
        assert "raw" in shapes_of(words[TYPED]), moment
        assert "raw" in shapes_of(words[HIDDEN]), moment
    assert "raw" in shapes_of(moments["one is sent, one is open"][NOTE])
    assert "raw" in shapes_of(moments["a draft is open"][REFUSED]), "what is no answer yet is kept in the draft, sealed"


def shapes_of(found: set[tuple[str, str]]) -> set[str]:
    """In which shapes a word was found, wherever that was."""
    return {shape for _, shape in found}


@pytest.mark.parametrize("place", ["instance", "tmp", "stdout", "stderr"])
def test_the_search_looks_everywhere(tmp_path: Path, place: str) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "tmp").mkdir()
    file = tmp_path / place / "left" if (tmp_path / place).is_dir() else tmp_path / place
    file.write_text(f"... {TYPED} ...", encoding="utf-8")
    assert found_in(tmp_path, TYPED) == {(file.relative_to(tmp_path).as_posix(), "raw")}
