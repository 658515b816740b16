"""Five hundred random responses: what the pure package computes, what is stored, what the clinician's pages show and
what the JSON says agree."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask

from intake.accounts import passwords, staff
from intake.accounts.staff import Role
from intake.answers.document import StoredDocument
from intake.app import create_app
from intake.config import Settings
from intake.consultations.rules import summarise
from intake.questionnaire.absence import Absences, PagesVisited
from intake.questionnaire.enable_when import Shown, as_sent
from intake.questionnaire.journey import Journey
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from intake.records import audit, drafts, sent
from intake.records.audit import Agent, AuditAction
from intake.records.database import transaction
from intake.records.sent import Sent
from intake.summary.model import BoxLine, Summary, SummarySettings
from intake.summary.statement import Sentence, Voice, statement, text_of
from intake.web.extensions import Installation, now
from tests.consultations.patients import lines_about_tests, lines_of, wants_of
from tests.databases import DatabaseIn
from tests.factories import random_response, texts_of
from tests.walker import Patient, Staff, browser

BASE = "http://127.0.0.1"
PASSWORD = "seven otters quietly juggling"
RESPONSES = 500
BATCH = 25


@dataclass
class Clinic:
    """An application on a fresh database, with a clinician signed in."""

    app: Flask
    intake: Installation
    clinician: Staff


@pytest.fixture(scope="module")
def clinic(database_in: DatabaseIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    with database_in(tmp_path_factory.mktemp("clinic")) as database:
        yield from _clinic(Settings.from_environment({**database.env, "INTAKE_ENV": "tryout"}))


def _clinic(settings: Settings) -> Iterator[Clinic]:
    app = create_app(settings)
    intake: Installation = app.extensions["intake"]
    with transaction(intake.engine) as sql:
        kept = passwords.hash_password(PASSWORD)
        staff.add(sql, email="moss@example.org", name="Dr Moss", roles={Role.CLINICIAN}, password_hash=kept, now=now())
    with browser(BASE, app) as client:
        yield Clinic(app, intake, Staff(client).sign_in(("moss@example.org", PASSWORD)))
    intake.engine.dispose()


def pages_done(questionnaire: Questionnaire, response: QuestionnaireResponse, chance: random.Random) -> frozenset[str]:
    """The pages that this patient opened: all those with something required or answered, and most of the others."""
    pages = Journey(questionnaire, response).pages
    answered = {questionnaire.page_of(link_id).link_id for link_id, _, _ in response.said()}
    return frozenset(page.link_id for page in pages if page.link_id in answered or chance.random() < 0.7)


def sent_through_the_door(
    clinic: Clinic, questionnaire: Questionnaire, response: QuestionnaireResponse, done: frozenset[str]
) -> str:
    """Start in a browser, find the answers in the draft as they would stand after the last page, and press send; gives
    the reference."""
    with browser(BASE, clinic.app) as client:
        patient = Patient(client, questionnaire, response).start()
        token = client.cookies["intake-patient"]
        with transaction(clinic.intake.engine) as sql:
            handle = drafts.open(sql, token, now=now())
            draft = replace(StoredDocument.from_document(handle.document, questionnaire), response=response, done=done)
            drafts.save(sql, handle, draft.to_document(), now=now())
        patient.get("/check")
        return patient.send()


def stored(clinic: Clinic, address: str) -> tuple[Sent, Summary]:
    """What the database holds of a response."""
    id = address.rsplit("/", 1)[-1]
    with transaction(clinic.intake.engine) as sql:
        reader = Agent("test", "test", "clinician")
        audit.record(sql, AuditAction.VIEW_SUMMARY, reader, audit.response(id), now=now())
        opened = sent.open(sql, clinic.intake.keyring, id)
        return opened, Summary.from_document(opened.summary)


@pytest.mark.parametrize("first", range(0, RESPONSES, BATCH))
def test_all_four_agree(clinic: Clinic, questionnaire: Questionnaire, first: int) -> None:
    for seed in range(first, first + BATCH):
        response = random_response(questionnaire, seed, blank=(seed % 10) / 10)
        done = pages_done(questionnaire, response, random.Random(seed))
        reference = sent_through_the_door(clinic, questionnaire, response, done)
        address = clinic.clinician.open(reference)
        sent, kept = stored(clinic, address)

        opened = StoredDocument.from_document(sent.document, questionnaire).response
        assert opened == replace(as_sent(questionnaire, response), status="completed", authored=sent.authored_at)

        done |= {questionnaire.check.link_id}
        computed = summarise(
            questionnaire, response, settings=SummarySettings(), today=sent.authored_at.date(), way=PagesVisited(done)
        )
        assert kept == computed
        assert clinic.clinician.client.get(f"{address}/summary.json").json() == computed.as_json(reference)
        assert_page_shows(clinic.clinician.soup, computed)

        answers = clinic.clinician.client.get(f"{address}/answers").text
        assert_answers_show(BeautifulSoup(answers, "html.parser"), questionnaire, opened, done)


# -- the clinician's page ----------------------------------------------------------------------------------------------


def assert_page_shows(page: BeautifulSoup, summary: Summary) -> None:
    found = [(str(one["data-rule"]), as_typed(one.find("span"))) for one in page.select("[data-rule]")]
    assert found == [(one.rule, text_of(one.sentence)) for one in summary.highlights]

    whole = "details .events" if summary.timeline.has_details else ".events"
    rows = [event_row(row) for row in page.select(f"{whole} tbody tr")]
    events = (*summary.timeline.events, *summary.timeline.undated)
    assert rows == [(event.date_in_words, event.kind, text_of(event.facts)) for event in events]

    assert [as_typed(line) for line in page.select(".counts .gtpal")] == (
        [summary.box.headline] if summary.box and summary.box.headline else []
    )
    assert [pair(line) for line in page.select(".counts dl > div")] == [
        one for line in (summary.box.lines if summary.box else ()) for one in box_lines(line)
    ]

    lines = {pair(line) for line in page.select("dl.lines > div, dl.facts > div")}
    for labelled in (*wants_of(summary), *lines_about_tests(summary), *lines_of(summary)):
        assert (f"{labelled.label}: ", text_of(labelled.value)) in lines
    for labelled in summary.header:
        assert (labelled.label, text_of(labelled.sentence)) in lines
    missing = summary.not_answered
    for label, reason in (
        ("Left blank", missing.blank),
        ("Does not know", missing.unknown),
        ("Prefers not to say", missing.declined),
    ):
        assert (label, "; ".join(one.label for one in reason) or "none") in lines


def box_lines(line: BoxLine) -> Iterator[tuple[str, str]]:
    """A line of the box and those of its parts that hold more than zeros, which stand by themselves."""
    yield line.label if line.is_figure else f"{line.label}:", line.value
    for part in line.parts:
        if figures := [f"{label} {number}" for label, number in part.figures if number != "0"]:
            yield part.name, "; ".join(figures)


def event_row(row: Tag) -> tuple[str, str, str]:
    """Date, kind and facts of a line of the timeline, its mark left out."""
    date, facts = row.find_all("td")[:2]
    return as_typed(date), as_typed(row.find("th")), as_typed(facts)


def as_typed(element: Tag | None) -> str:
    """The text of an element, its line breaks as they were typed."""
    assert element is not None
    for line_break in element.find_all("br"):
        line_break.replace_with("\n")
    return element.get_text()


def pair(line: Tag) -> tuple[str, str]:
    return as_typed(line.find("dt")), as_typed(line.find("dd"))


# -- the full answers --------------------------------------------------------------------------------------------------


def assert_answers_show(
    page: BeautifulSoup, questionnaire: Questionnaire, response: QuestionnaireResponse, done: frozenset[str]
) -> None:
    found = [(str(line["data-answer"]), *pair(line)) for line in page.select("[data-answer]")]
    shown = Shown(questionnaire, response)
    absences = Absences(shown, PagesVisited(done))
    wanted = []
    for one in shown.questions():
        answer = response.answer(one.item.link_id, one.entry)
        said = statement(one, answer, Voice.CLINICIAN, blank=absences.blank(one.item))
        wanted.append((said.link_id, said.question, lines(said.lines) or said.reason_text))
    lists = {rows.link_id for rows in questionnaire.lists}
    assert [line for line in found if line[0] not in lists] == wanted
    whole = "\n".join(line[2] for line in found)
    assert all(text in whole for text in texts_of(response).values())


def lines(sentences: tuple[Sentence, ...]) -> str:
    return "\n".join(text_of(sentence) for sentence in sentences)
