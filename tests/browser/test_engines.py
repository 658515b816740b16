"""What Chromium, Firefox and WebKit each do in their own way: Back and Forward, links beside the page, a whole walk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.engines import Engine, chromium, firefox, webkit
from tests.factories import scenarios
from tests.serving import Server
from tests.waiting import wait_until

STORY = next(scenario for scenario in scenarios() if scenario.id == "open-2")
CONTINUE = 'main form [data-action="continue"]'
NAME, MONTH, WISHES = '[name="full-name"]', '[name="birth-date.month"]', '[name="top-questions"]'
YOU = {"full-name": "Rosa Delgado Peña", "birth-date": "1974-7-5", "country": "MX"}
QUESTIONS = """[...document.querySelectorAll('main [data-link-id]')].map(one => [one.dataset.linkId,
    [...one.querySelectorAll('input, textarea')].map(control => [control.name, control.type, control.value])])"""
Controls = list[list[str]]


@pytest.fixture(params=["chromium", "firefox", "webkit"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each engine, knowing nothing of the test before."""
    if request.param == "chromium":
        start = chromium(request.getfixturevalue("browser"))
    else:
        start = {"firefox": firefox, "webkit": webkit}[request.param](tmp_path)
    with start as engine:
        yield engine


def steps(link_id: str, controls: Controls, written: Any) -> Iterator[tuple[str, str | None]]:
    """The controls that say this answer, each with what is typed into it, or None where it is ticked."""
    names, options = {name for name, *_ in controls}, {(name, value) for name, _, value in controls}
    typed_in = any(name == link_id and kind not in ("radio", "checkbox") for name, kind, _ in controls)
    for one in written if isinstance(written, list) else [written]:
        own = one["other"] if isinstance(one, dict) and "other" in one else str(one)
        if isinstance(one, dict) and "absent" in one:
            yield f'[name="{link_id}.absent"][value="{one["absent"]}"]', None
        elif f"{link_id}.year" in names:
            for part, number in zip(("year", "month", "day"), own.split("-"), strict=False):
                yield f'[name="{link_id}.{part}"]', number
        elif typed_in:
            yield f'[name="{link_id}"]', own
        elif (link_id, own) in options:
            yield f'[name="{link_id}"][value="{own}"]', None
        else:
            yield f'[name="{link_id}"][value="other"]', None
            yield f'[name="{link_id}.other"]', own


def answer(engine: Engine, scope: dict[str, Any]) -> None:
    """Type these answers into the questions of the page."""
    questions = [one for one in engine.evaluate(QUESTIONS) if one[0] in scope and one[1]]
    for link_id, controls in questions:
        for control, typed in steps(link_id, controls, scope[link_id]):
            closed = f"details.fold:not([open]):has({control})"
            if engine.count(closed):
                engine.click(f"{closed} summary")
            engine.tick(control) if typed is None else engine.fill(control, typed)


def on(engine: Engine, page: str) -> None:
    """This page stands in front."""
    assert urlsplit(engine.url).path == page


def begun(engine: Engine, server: Server, *pages: dict[str, Any]) -> None:
    """A form that was started and whose first pages are filled in so."""
    engine.goto(server.base)
    engine.press('[data-action="start"]')
    engine.press('[data-action="continue"]')
    for page in ({}, {"respondent": "self"}, {"consent": "true"}, *pages):
        answer(engine, page)
        engine.press(CONTINUE)


def wrong_month(engine: Engine) -> None:
    """The page with names and a birth date, sent with a month that is none."""
    answer(engine, YOU | {"birth-date": "1974-13-5", "address-as": "Rosa, she/her"})
    engine.press(CONTINUE)
    assert engine.count("[data-error-summary]") == 1
    stands_as_typed(engine, "13")


def stands_as_typed(engine: Engine, month: str) -> None:
    """The page with names and a birth date holds all that was typed."""
    on(engine, "/questionnaire/page-you")
    assert engine.value(NAME) == "Rosa Delgado Peña"
    assert engine.value('[name="address-as"]') == "Rosa, she/her"
    assert engine.value(MONTH) == month
    assert engine.count('[name="country"][value="MX"]:checked') == 1


def test_back_to_a_page_that_had_an_error_shows_it_with_all_that_was_typed(
    engine: Engine, sqlite_server: Server
) -> None:
    begun(engine, sqlite_server)
    wrong_month(engine)
    engine.fill(MONTH, "12")
    engine.press(CONTINUE)
    on(engine, "/questionnaire/page-contact")
    engine.back()
    stands_as_typed(engine, "12")
    engine.press(CONTINUE)
    on(engine, "/questionnaire/page-contact")


def test_back_from_an_error_and_forward_to_it_again_lose_nothing(engine: Engine, sqlite_server: Server) -> None:
    begun(engine, sqlite_server)
    wrong_month(engine)
    engine.back()
    stands_twice = urlsplit(engine.url).path == "/questionnaire/page-you"  # not in Firefox: it came to where it was
    if stands_twice:
        stands_as_typed(engine, "13")
        engine.back()
    on(engine, "/questionnaire/page-consent")
    for _ in range(2 if stands_twice else 1):
        engine.forward()
        stands_as_typed(engine, "13")
    assert engine.count("[data-error-summary]") == 1


def test_a_word_changed_after_going_back_is_saved_and_is_no_conflict(engine: Engine, sqlite_server: Server) -> None:
    begun(engine, sqlite_server, YOU)
    on(engine, "/questionnaire/page-contact")
    engine.back()
    on(engine, "/questionnaire/page-you")
    engine.fill(NAME, "Rosa Delgado Núñez")
    engine.press(CONTINUE)
    assert engine.count("[data-choose]") == 0
    on(engine, "/questionnaire/page-contact")
    engine.goto(f"{sqlite_server.base}/questionnaire/page-you")
    assert engine.value(NAME) == "Rosa Delgado Núñez"


@pytest.mark.parametrize("leads_to", ["/privacy", "/accessibility", "/help"])
def test_a_link_in_the_foot_opens_beside_what_is_typed(engine: Engine, sqlite_server: Server, leads_to: str) -> None:
    begun(engine, sqlite_server)
    engine.fill(NAME, "Rosa Del")
    engine.click(f'footer a[href="{leads_to}"]')
    page = f"{sqlite_server.base}/questionnaire/page-you"
    wait_until(lambda: sorted(engine.tabs()) == sorted([page, sqlite_server.base + leads_to]), 30, "no other tab came")
    assert engine.value(NAME) == "Rosa Del"


def test_what_is_typed_into_a_text_box_stands_again_after_back_and_forward(
    engine: Engine, sqlite_server: Server
) -> None:
    begun(engine, sqlite_server, YOU, {"email": "rosa@example.org"}, {"visit-reasons": ["pregnancy-loss"]})
    on(engine, "/questionnaire/page-hopes")
    engine.fill(WISHES, "Is it safe\nto try again?")
    engine.back()
    on(engine, "/questionnaire/page-reason")
    engine.forward()
    on(engine, "/questionnaire/page-hopes")
    wait_until(lambda: engine.value(WISHES) == "Is it safe\nto try again?", 5, "what was typed is gone")


def test_a_patient_comes_from_the_start_page_to_the_confirmation(engine: Engine, sqlite_server: Server) -> None:
    begun(engine, sqlite_server)
    rows = {
        name: list(rows)
        for name, rows in STORY.answers.items()
        if isinstance(rows, list) and rows and isinstance(rows[0], dict)
    }
    seen, entry = [], None
    while not engine.count("[data-reference]"):
        seen.append(urlsplit(engine.url).path)
        assert len(seen) < 100, f"no end: {seen}"
        lists = engine.evaluate("[...document.querySelectorAll('[data-list]')].map(one => one.dataset.list)")
        entry = None if lists else entry
        answer(engine, STORY.answers if entry is None else entry)
        if lists and rows.get(lists[0]):
            entry = rows[lists[0]].pop(0)
            engine.press('[data-action="add"]')
        else:
            sends = engine.count('[data-action="submit"]')
            engine.press('[data-action="submit"]' if sends else CONTINUE)
        assert engine.count("[data-error-summary]") == 0, f"{engine.url}: {engine.text('main')}"
    on(engine, "/submitted")
    assert "We will use your words: “pregnancy loss”." in engine.text("main")
    assert len(seen) > 25
