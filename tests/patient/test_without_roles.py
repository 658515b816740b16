"""A form that has no welcome page and says of no question what it is to the program: it does without."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intake.accounts.staff import Role
from intake.answers.document import StoredDocument
from intake.consultations.catalogue import Catalogue
from intake.patient.pages import helper_line
from intake.patient.sending import contact_sentence
from intake.patient.submission import header_of
from intake.questionnaire.values import Answer
from tests.databases import Database
from tests.patient.visitor import Visitor
from tests.questionnaire.forms import page, question, tiny
from tests.staffroom import House, build
from tests.walker import browser

FORM = tiny(page("page-first", question("first", required="true")), page("page-second", question("full-name")))


@pytest.fixture
def house(database: Database) -> House:
    """A clinic in Ireland that asks this form."""
    house = build(database, INTAKE_CLINIC_COUNTRY="IE")
    forms = Catalogue({FORM.canonical: FORM}, FORM.id)
    house.app.extensions["intake"] = replace(house.app.extensions["intake"], forms=forms)
    return house


@pytest.fixture
def visitor(house: House) -> Visitor:
    """A patient of that clinic."""
    return Visitor(browser("http://localhost", house.app))


def test_it_is_filled_in_from_the_start_page_to_the_check_page(visitor: Visitor) -> None:
    assert visitor.start().path == "/questionnaire/page-first"
    assert visitor.fill().errors == ["Write an answer: first"]
    assert visitor.fill(first="One").path == "/questionnaire/page-second"
    assert visitor.fill(**{"full-name": "Two"}).path == "/check"
    assert "One" in visitor.text
    numbers = [str(link["href"]) for link in visitor.soup.select('footer a[href^="tel:"]')]
    assert numbers == ["tel:112", "tel:999"], "no country is asked, so the clinic's numbers stand"


def test_its_code_alone_opens_it_again(visitor: Visitor) -> None:
    visitor.start().fill(first="One")
    visitor.get("/resume-code")
    assert "date of birth" not in visitor.words(resume_code="") + visitor.soup.find("main").get_text()
    visitor.get("/").act("leave")
    assert visitor.get("/resume").act("continue", [("code", visitor.code)]).path == "/questionnaire/page-second"


def test_it_is_sent_and_read_and_the_queue_says_that_no_name_was_asked(visitor: Visitor, house: House) -> None:
    visitor.start().fill(first="One").fill(**{"full-name": "Two"})
    reference = visitor.send()
    assert "The clinic will reach you" not in visitor.text
    clinician = house.signed_in(Role.CLINICIAN)
    queue = clinician.get("/clinician/").text
    assert reference in queue
    assert "No name asked" in queue
    [(id,)] = house.rows("SELECT id FROM questionnaire_response")
    for part in ("", "/answers", ".json", "/summary.json"):
        shown = clinician.get(f"/clinician/responses/{id}{part}")
        assert shown.status_code == 200
        assert "One" in shown.text or part == "/summary.json"


def test_nothing_is_made_of_what_it_does_not_ask() -> None:
    draft = StoredDocument.new(FORM)
    draft = draft.changed(response=draft.response.with_answers({"full-name": Answer(("Two",))}))
    assert header_of(draft) == {"name": "", "birth_date": None}
    assert (contact_sentence(draft), helper_line(draft), draft.agreement) == (None, (), None)


def test_a_response_is_kept_in_the_language_of_its_form(visitor: Visitor, house: House) -> None:
    spanish = replace(FORM, language="es")
    forms = Catalogue({spanish.canonical: spanish}, spanish.id)
    house.app.extensions["intake"] = replace(house.app.extensions["intake"], forms=forms)
    visitor.start()
    assert house.rows("SELECT language FROM questionnaire_response") == [("es",)]
