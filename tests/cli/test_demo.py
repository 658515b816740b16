"""`intake demo`: invented responses go the way of real ones, their answers follow from the seed alone, and they never
come among real ones."""

from __future__ import annotations

import io
import threading
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from intake.accounts.staff import Role
from intake.answers.document import StoredDocument
from intake.cli.demo import BATCH, InventedResponse, Plan, keep_batch, made_in_batches
from intake.config import Settings
from intake.consultations import catalogue
from intake.questionnaire.absence import Absences, NoAnswer, PagesVisited
from intake.questionnaire.enable_when import Shown, as_sent
from intake.questionnaire.journey import Journey
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from intake.records import drafts, sessions
from intake.records.database import reading, transaction
from intake.records.sessions import SessionKind
from tests.cli.test_commands import refused, run
from tests.databases import Database
from tests.factories import random_response
from tests.staffroom import House, build
from tests.walker import Browser, browser

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


KEPT_FREE = ("+44 20 7946 0", "+353 20 910 0", "+1 312 555 01", "+1 416 555 01")
"""The beginnings of phone numbers that are kept for stories: nobody has them."""


def plan(responses: int = 120, seed: int = 7, share: float = 0.8, until: datetime = NOW) -> Plan:
    settings = Settings(instance=Path("/nowhere"), database_url="sqlite://", env="tryout")
    return Plan(seed, responses, responses - round(responses * share), until, settings)


@cache
def all_made(plan: Plan, processes: int = 0) -> list[InventedResponse]:
    return [one for batch in made_in_batches(plan, processes=processes) for one in batch]


def answers(made: InventedResponse) -> Any:
    """What was said, in its order, without the ids of entries, which are random."""
    return (
        list(made.document["answers"].items()),
        {name: [list(said.items()) for _, said in entries] for name, entries in made.document["entries"].items()},
        made.document["done"],
        made.document["in_person"],
        made.submission is None,
    )


def response_of(questionnaire: Questionnaire, made: InventedResponse) -> QuestionnaireResponse:
    document = made.document if made.submission is None else made.submission["document"]
    return StoredDocument.from_document(document, questionnaire).response


def test_the_same_seed_gives_the_same_answers_in_the_same_order_whenever_it_is_made() -> None:
    first, later = all_made(plan()), all_made(plan(until=datetime(2027, 3, 1, tzinfo=UTC)))
    assert [answers(one) for one in first] == [answers(one) for one in later]
    assert [answers(one) for one in first] != [answers(one) for one in all_made(plan(seed=8))]
    assert len({repr(answers(one)) for one in first}) == len(first)


def test_how_many_processes_make_them_changes_nothing() -> None:
    whole = plan(responses=2 * BATCH + 7)
    assert [answers(one) for one in all_made(whole, processes=2)] == [answers(one) for one in all_made(whole)]


@pytest.mark.parametrize(
    ("responses", "share", "sent"), [(1, 0.9, 1), (7, 0.5, 4), (200, 0.9, 180), (40, 0, 0), (40, 1, 40)]
)
def test_the_share_of_sent_ones_is_kept(responses: int, share: float, sent: int) -> None:
    assert sum(one.submission is not None for one in all_made(plan(responses, share=share))) == sent


def test_what_is_sent_could_have_been_sent(questionnaire: Questionnaire) -> None:
    for one in all_made(plan()):
        response = response_of(questionnaire, one)
        way = Journey(questionnaire, response, one.document["done"])
        assert set(one.document["done"]) <= {page.link_id for page in (*way.pages, questionnaire.check)}
        assert as_sent(questionnaire, response) == response
        if one.submission is not None:
            assert way.can_visit(questionnaire.check)
            assert way.is_done(questionnaire.check)
        else:
            assert questionnaire.check.link_id not in one.document["done"]


def test_every_kind_of_answer_and_every_reason_for_none_is_among_them(questionnaire: Questionnaire) -> None:
    made = [one for one in all_made(plan()) if one.submission is not None]
    said = [answer for one in made for _, _, answer in response_of(questionnaire, one).said()]
    precisions = {len(answer.date.iso) for answer in said if answer.date is not None}
    ways = [PagesVisited(one.document["done"], one.document["in_person"]) for one in made]
    shown = [Shown(questionnaire, response_of(questionnaire, one)) for one in made]
    reasons = {
        absence.reason
        for seen, way in zip(shown, ways, strict=True)
        for absence in Absences(seen, way).every(not_asked=True)
    }
    assert precisions == {4, 7, 10}
    assert reasons == set(NoAnswer)
    assert any(answer.own_words and not answer.own_words.isascii() for answer in said)


def test_nobody_could_be_meant(questionnaire: Questionnaire) -> None:
    for one in all_made(plan()):
        response = response_of(questionnaire, one)
        email, phone = response.answer("email").own_words, response.answer("phone").own_words
        assert email is None or (email.isascii() and email.endswith("@example.org"))
        assert phone is None or phone.startswith(KEPT_FREE)


def test_times_are_past_and_in_order() -> None:
    made = all_made(plan())
    for sent in (True, False):
        kept = [one.kept_at for one in made if (one.submission is not None) is sent]
        assert kept == sorted(kept)
        assert kept[-1] <= NOW
    assert all(one.started_at < one.kept_at for one in made)
    assert all(one.kept_at <= one.review.at <= NOW for one in made if one.review)
    assert 0 < sum(one.review is not None for one in made) < sum(one.submission is not None for one in made)
    oldest_draft = min(one.kept_at for one in made if one.submission is None)
    assert (NOW - oldest_draft).days < plan().settings.draft_days


def test_a_form_is_filled_in_with_answers_that_were_asked(questionnaire: Questionnaire) -> None:
    """`Filling` looks each condition up once, while answers still come: as a fresh look at the whole says."""
    for seed in range(60):
        response = random_response(questionnaire, seed, blank=seed % 10 / 10)
        assert as_sent(questionnaire, response) == response


# -- kept --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(house: House) -> House:
    """A try-out with 30 responses, of which 24 were sent, and what was made of them."""
    whole = replace(plan(30), until=datetime.now(UTC), settings=house.intake.settings)
    for batch in made_in_batches(whole, processes=0):
        keep_batch(house.intake, batch)
    return house


def test_the_clinic_reads_them_as_it_reads_real_ones(filled: House) -> None:
    desk = filled.signed_in(Role.CLINICIAN)
    sent = filled.rows("SELECT id, reference FROM questionnaire_response WHERE authored_at IS NOT NULL")
    assert len(sent) == 24
    listed = desk.get("/clinician/").text
    assert sum(reference in listed for _, reference in sent) == 24
    for id, reference in sent[:5]:
        assert desk.get(f"/clinician/responses/{id}").status_code == 200
        assert desk.get(f"/clinician/responses/{id}/summary.json").json["reference"] == reference
        assert desk.get(f"/clinician/responses/{id}.json").json["status"] == "completed"


def test_the_trail_holds_what_each_of_them_would_have_left(filled: House) -> None:
    counted = dict(
        filled.rows(
            "SELECT action, count(*) FROM audit_event WHERE entity_type = 'QuestionnaireResponse' GROUP BY action"
        )
    )
    reviews = filled.rows("SELECT count(*) FROM review")[0][0]
    assert counted == {"start": 30, "send": 24, "review": reviews}
    assert filled.rows("SELECT count(*) FROM web_session") == [(0,)]
    assert filled.rows("SELECT holder, count(*) FROM data_key GROUP BY holder ORDER BY holder") == [
        ("code", 6),
        ("keyring", 24),
    ]


def test_from_the_shell_and_codes_open_drafts(tmp_path: Path, database: Database) -> None:
    done = run(
        tmp_path, "demo", "--responses", "20", "--seed", "3", "--sent-share", "0.7", "--print-codes", **database.env
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == "Made 20 responses with seed 3: 14 sent, 6 drafts.\n"
    lines = [line.split(" ") for line in done.stdout.splitlines()]
    assert len(lines) == 6
    house = build(database)
    drafts = {row[0] for row in house.rows("SELECT reference FROM questionnaire_response WHERE authored_at IS NULL")}
    assert {reference for reference, _ in lines} == drafts
    for reference, code in lines:
        with browser("http://localhost", house.app) as client:
            patient = Browser(client)
            patient.get("/resume").act("continue", [("code", code)])
            if patient.path == "/resume":
                born = birth_date(house, reference, code)
                parts = zip(("year", "month", "day"), born.split("-"), strict=True)
                patient.act("continue", [("code", code), *((f"birth-date.{part}", number) for part, number in parts)])
            assert patient.path.startswith("/questionnaire/page-") or patient.path == "/check"


def birth_date(house: House, reference: str, code: str) -> str:
    """The date of birth in the draft that this code opens."""
    ((id,),) = house.rows("SELECT id FROM questionnaire_response WHERE reference = :reference", reference=reference)
    with reading(house.intake.engine) as sql:
        document = drafts.open_with_code(sql, id, code).document
    born = StoredDocument.from_document(document, catalogue.shipped().active).response.answer("birth-date").date
    assert born is not None, "only a draft that holds one asks for it"
    return born.iso


def test_an_export_holds_the_sent_ones(tmp_path: Path, database: Database) -> None:
    made = run(tmp_path, "demo", "--responses", "20", "--seed", "3", **database.env)
    assert made.returncode == 0, made.stderr
    exported = run(tmp_path, "export", str(tmp_path / "out.zip"), "--for", "programs", **database.env)
    assert exported.returncode == 0, exported.stderr
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        rows = io.TextIOWrapper(archive.open("responses.csv"), encoding="utf-8", newline="").read().split("\r\n")
    assert len(rows) == 1 + 18 + 1


def test_invented_responses_do_not_come_among_sent_ones(tmp_path: Path, database: Database) -> None:
    production = {**database.env, "INTAKE_ENV": "production"}
    first = run(tmp_path, "demo", "--responses", "2", "--seed", "1", **production)
    assert first.returncode == 0, first.stderr
    line = refused(run(tmp_path, "demo", "--responses", "2", "--seed", "2", **production), 78)
    assert "INTAKE_INSTANCE" in line
    assert "INTAKE_ENV=tryout" in line
    again = run(tmp_path, "demo", "--responses", "2", "--seed", "2", **database.env)
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize(
    "arguments",
    [[], ["--responses", "0"], ["--responses", "5", "--sent-share", "1.5"], ["--responses", "5", "--seed", "x"]],
)
def test_wrong_usage_is_one_line(tmp_path: Path, arguments: list[str]) -> None:
    refused(run(tmp_path, "demo", *arguments), 2)


def test_others_write_in_between(house: House) -> None:
    """A writer who comes again and again meets the demo half-done more than once."""
    whole = replace(plan(6 * BATCH), until=datetime.now(UTC), settings=house.intake.settings)
    met: list[int] = []
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            with transaction(house.intake.engine) as sql:
                sessions.open(sql, sessions.new_token(), kind=SessionKind.STAFF, owner="ada", now=NOW)
                met.append(sql.execute(text("SELECT count(*) FROM questionnaire_response")).scalar_one())

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for batch in made_in_batches(whole, processes=0):
            keep_batch(house.intake, batch)
    finally:
        over.set()
        writer.join()
    assert len(set(met) - {0, 6 * BATCH}) > 1
    assert set(met) <= {BATCH * batches for batches in range(7)}
