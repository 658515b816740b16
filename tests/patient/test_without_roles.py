"""A form that has no welcome page and says of no question what it is to the program: it does without."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intake.answers.document import StoredDocument
from intake.consultations.catalogue import Catalogue
from intake.patient.pages import helper_line
from intake.patient.sending import contact_sentence
from intake.patient.submission import header_of
from intake.questionnaire.values import Answer
from tests.databases import Database
from tests.patient.visitor import Visitor
from tests.questionnaire.forms import page, question, tiny
from tests.staffroom import build
from tests.walker import browser

FORM = tiny(page("page-first", question("first", required="true")), page("page-second", question("full-name")))


@pytest.fixture
def visitor(database: Database) -> Visitor:
    """A patient of a clinic in Ireland that asks this form."""
    app = build(database, INTAKE_CLINIC_COUNTRY="IE").app
    app.extensions["intake"] = replace(app.extensions["intake"], forms=Catalogue({FORM.canonical: FORM}, FORM.id))
    return Visitor(browser("http://localhost", app))


def test_it_is_filled_in_from_the_start_page_to_the_check_page(visitor: Visitor) -> None:
    assert visitor.start().path == "/questionnaire/page-first"
    assert visitor.fill().errors == ["Write an answer: first"]
    assert visitor.fill(first="One").path == "/questionnaire/page-second"
    assert visitor.fill(**{"full-name": "Two"}).path == "/check"
    assert "One" in visitor.text
    numbers = [str(link["href"]) for link in visitor.soup.select('footer a[href^="tel:"]')]
    assert numbers == ["tel:112", "tel:999"], "no country is asked, so the clinic’s numbers stand"


def test_its_code_alone_opens_it_again(visitor: Visitor) -> None:
    visitor.start().fill(first="One")
    visitor.get("/resume-code")
    assert "date of birth" not in visitor.words(resume_code="") + visitor.soup.find("main").get_text()
    visitor.get("/").act("leave")
    assert visitor.get("/resume").act("continue", [("code", visitor.code)]).path == "/questionnaire/page-second"


def test_nothing_is_made_of_what_it_does_not_ask() -> None:
    draft = StoredDocument.new(FORM)
    draft = draft.changed(response=draft.response.with_answers({"full-name": Answer(("Two",))}))
    assert header_of(draft) == {"name": "", "birth_date": None}
    assert (contact_sentence(draft), helper_line(draft), draft.agreement) == (None, None, None)
