"""`{loss_words}` in a questionnaire's texts: ours until words are chosen, then the patient's own, in quotes, wherever
it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from intake.accounts.staff import Role
from intake.consultations import catalogue
from intake.records.database import transaction
from tests.patient.test_check import line
from tests.patient.visitor import YOU, Visitor
from tests.staffroom import House

PLACES = {
    "What questions do you most want to ask?": "What would you ask about {loss_words}?",
    "How long have you been trying for a pregnancy?": "How long have you been trying since your {loss_words}?",
    "x-help: Think of parents,": "x-help: Apart from {loss_words}, think of parents,",
    "text: Daily life": "text: Daily life and {loss_words}",
    "Please check your answers.": "You told us about {loss_words}. Please check your answers.",
}


@pytest.fixture(autouse=True)
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A version that speaks of {loss_words}, published beside the others."""
    folder = tmp_path / "published"
    folder.mkdir()
    for file in (one for one in catalogue.form_files(catalogue.SHIPPED) if one.name.startswith("nk-intake")):
        written = file.read_text(encoding="utf-8")
        (folder / file.name).write_text(written, encoding="utf-8")
    for old, new in PLACES.items():
        assert old in written
        written = written.replace(old, new, 1)
    (folder / "next.yaml").write_text(written.replace("version: 1.2.0", "version: 1.9.0"), encoding="utf-8")
    monkeypatch.setattr(catalogue, "SHIPPED", folder)
    catalogue.shipped.cache_clear()
    yield
    catalogue.shipped.cache_clear()


def choosing(visitor: Visitor, **words: str) -> Visitor:
    visitor.begin(["trying"]).go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill(**{"loss-count": "1"})
    return visitor.fill(**words) if words else visitor


def asked(visitor: Visitor) -> str:
    return visitor.go("page-trying").soup.select('[data-link-id="trying-time"] legend')[0].get_text()


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({}, "pregnancy loss"),
        ({"loss-words": "no-preference"}, "pregnancy loss"),
        ({"loss-words": "baby"}, "“loss of my baby”"),
        ({"loss-words.other": "our <b>“Bean”</b> {crisis_line}"}, "“our <b>‘Bean’</b> {crisis_line}”"),
    ],
)
def test_a_question_says_the_words_that_were_chosen(visitor: Visitor, chosen: dict[str, str], words: str) -> None:
    assert asked(choosing(visitor, **chosen)) == f"How long have you been trying since your {words}?"
    assert visitor.soup.select("legend b") == []


def test_help_titles_and_texts_say_them_too(visitor: Visitor) -> None:
    choosing(visitor, **{"loss-words": "miscarriage"})
    assert "Apart from “miscarriage”, think of parents" in visitor.go("page-family").text
    assert visitor.go("page-life").soup.h1.get_text() == "Daily life and “miscarriage”"  # type: ignore[union-attr]
    assert "You told us about “miscarriage”." in visitor.get("/check").text
    assert "{" not in visitor.text


def test_the_check_page_and_the_clinician_read_the_question_as_it_was_asked(visitor: Visitor, house: House) -> None:
    choosing(visitor, **{"loss-words.other": "Bean"}).get("/check")
    question = "How long have you been trying since your “Bean”?"
    assert visitor.soup.select('[data-link-id="trying-time"] dt')[0].get_text() == question
    assert line(visitor, "loss-words") == "Bean"
    visitor.send()
    [(id,)] = house.rows("SELECT id FROM questionnaire_response WHERE status = 'completed'")
    browser = house.signed_in(Role.CLINICIAN)
    assert question in browser.get(f"/clinician/responses/{id}/answers").text
    assert question.replace('"', '\\"') in browser.get(f"/clinician/responses/{id}.json").text


def test_words_of_a_question_that_is_hidden_again_are_not_said(visitor: Visitor) -> None:
    choosing(visitor, **{"loss-words": "baby"}).go("page-pregnancies-intro").fill(**{"loss-count": "0"})
    assert asked(visitor) == "How long have you been trying since your pregnancy loss?"


def test_a_page_that_was_closed_meanwhile_says_hers_after_the_code(visitor: Visitor, house: House) -> None:
    sent = choosing(visitor, **{"loss-words": "baby"}).go("page-hopes").sent({"top-questions": "typed"})
    with transaction(house.intake.engine) as sql:
        sql.execute(text("UPDATE web_session SET seen_at = '2020-01-01 00:00:00.000000'"))
    visitor.post("/questionnaire/page-hopes", sent)
    assert visitor.status == 400
    visitor.act("continue", [("code", visitor.code)]).act(
        "continue", [("code", visitor.code), *[(name, str(value)) for name, value in YOU.items() if "birth" in name]]
    )
    assert visitor.value("top-questions") == ["typed"]
    assert "What would you ask about “loss of my baby”?" in visitor.text
