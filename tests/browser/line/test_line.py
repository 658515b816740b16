"""A scenario arrives equal to what was typed, over a line that cuts one request in three, with the script and without.

`make test-line` is the long form: once a mode at 50 kbit/s and 800 ms, and twenty times each way as fast as it goes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser

from intake.answers.document import StoredDocument
from intake.consultations import catalogue
from intake.questionnaire.enable_when import as_sent
from intake.questionnaire.response import QuestionnaireResponse
from intake.questionnaire.values import Answer
from intake.records import audit, sent
from intake.records.audit import Agent, AuditAction
from intake.records.database import transaction
from tests.browser.desk import Desk, open_desk
from tests.browser.line.bar import CUTS, Bar, relayed
from tests.browser.line.patient import Persistent
from tests.browser.walker import watched
from tests.factories import scenarios

LONG = bool(os.environ.get("LINE"))
RUNS = 20 if LONG else 1
FIRST = int(os.environ.get("SEED", "1"))
STORY = next(scenario for scenario in scenarios() if scenario.id == "open-3")
MODES = pytest.mark.parametrize("scripted", [True, False], ids=["with the script", "without it"])


@pytest.fixture(scope="module")
def served(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A clinic of its own."""
    with open_desk(tmp_path_factory.mktemp("line"), browser) as opened:
        yield opened


def said(response: QuestionnaireResponse) -> list[tuple[str, int, Answer]]:
    """Every answer of a response, entries by their place in their list."""
    places = {entry.id: place for rows in response.entries.values() for place, entry in enumerate(rows)}
    return sorted(
        ((link_id, places.get(entry.id, -1) if entry else -1, answer) for link_id, entry, answer in response.said()),
        key=lambda one: one[:2],
    )


def stored(desk: Desk, reference: str) -> QuestionnaireResponse:
    """The response that was sent under this reference."""
    [(id,)] = desk.house.rows("SELECT id FROM questionnaire_response WHERE reference = :it", it=reference)
    now = datetime.now(UTC)
    with transaction(desk.house.intake.engine) as sql:
        audit.record(sql, AuditAction.VIEW_SUMMARY, Agent("test", "test", "clinician"), audit.response(id), now=now)
        opened = sent.open(sql, desk.house.intake.keyring, id)
    return StoredDocument.from_document(opened.document, catalogue.shipped().active).response


def walk(desk: Desk, browser: Browser, bar: Bar, *, scripted: bool) -> Persistent:
    """Send the story over this line, and compare."""
    with relayed(desk.base, bar) as base, watched(browser, base, scripted=scripted) as watch:
        patient = Persistent(watch, base, STORY.answers, bar.seed, patience=30 if bar.bits else 2)
        reference = patient.send_all()
    form = catalogue.shipped().active
    assert said(stored(desk, reference)) == said(as_sent(form, STORY.response(form)))
    print(
        f"seed {bar.seed}: {bar.carried} requests, {dict(bar.cuts)}, loaded again {patient.again}, "
        f"switched away {patient.switched}, held {patient.held}"
    )
    return patient


@MODES
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(FIRST, FIRST + RUNS))
def test_over_a_line_that_cuts_it_arrives_as_it_was_typed(
    served: Desk, browser: Browser, scripted: bool, seed: int
) -> None:
    bar = Bar(seed)
    patient = walk(served, browser, bar, scripted=scripted)
    assert set(CUTS) <= set(bar.cuts)
    assert patient.again > 5


if LONG:

    @MODES
    @pytest.mark.timeout(3600)
    def test_at_50_kbit_a_second_it_arrives_as_it_was_typed(served: Desk, browser: Browser, scripted: bool) -> None:
        walk(served, browser, Bar(FIRST, bits=50_000, delay=0.8), scripted=scripted)


@MODES
def test_a_phone_that_slept_over_the_end_of_the_session_loses_nothing(
    served: Desk, browser: Browser, scripted: bool
) -> None:
    with watched(browser, served.base, scripted=scripted) as watch:
        patient, page = Persistent(watch, served.base, STORY.answers, 1), watch.page
        page.clock.install()
        code = patient.start()
        while page.query_selector('[name="own-words"]') is None:
            patient.step()
        patient.fill(STORY.answers | {"own-words": "typed before the phone slept"})
        patient.switch_away()
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=3)):
            page.clock.fast_forward("03:00:00")
            page.click('[data-action="continue"]')
            page.fill('[name="code"]', code)
            patient.act("continue")
            year, month, day = STORY.answers["birth-date"].split("-")
            for part, number in (("day", day), ("month", month), ("year", year)):
                page.fill(f'[name="birth-date.{part}"]', number)
            patient.act("continue")
            assert page.input_value('[name="own-words"]') == "typed before the phone slept"
            assert "not saved yet" in page.inner_text("main")
            patient.act("continue")
            page.goto(f"{served.base}/questionnaire/page-reason")
            assert page.input_value('[name="own-words"]') == "typed before the phone slept"
            assert "not saved yet" not in page.inner_text("main")


def test_what_would_be_lost_is_seen(served: Desk, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison can go wrong: one answer that is dropped on its way to the clinician is missed."""
    real = StoredDocument.to_sent_document

    def forgetful(self: StoredDocument, authored: datetime) -> dict[str, Any]:
        document = real(self, authored)
        assert document["answers"].pop("address-as")
        return document

    monkeypatch.setattr(StoredDocument, "to_sent_document", forgetful)
    with pytest.raises(AssertionError, match="address-as"):
        walk(served, browser, Bar(3, cut=0), scripted=False)
