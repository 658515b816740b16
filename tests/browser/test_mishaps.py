"""Whatever happens at every page of a way through the form, what is stored is what was typed.

`make test-mishaps` is the long form: each mishap on the way of two scenarios, with the script and without.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.mishaps import BackPressed, CookieDeleted, ServerGone, StaleTabs, Unlucky
from tests.browser.walker import watched
from tests.databases import Sqlite
from tests.factories import scenarios
from tests.serving import Server, serving
from tests.walker import Staff
from tests.walker import browser as http

CASES = {case.id: case.answers for case in scenarios()}
IMMUNE, TRANSFERS = "open-4", "open-2"
LONG = bool(os.environ.get("MISHAPS"))
SOME = [(IMMUNE, CookieDeleted, True), (IMMUNE, BackPressed, False), (IMMUNE, StaleTabs, True)]
EVERY = list(product([IMMUNE, TRANSFERS], [CookieDeleted, BackPressed, StaleTabs], [True, False]))


def stored(server: Server, reference: str) -> dict[str, Any]:
    with http(server.base) as client:
        place = Staff(client).sign_in(server.accounts["clinician"]).open(reference)
        return said(client.get(f"{place}.json").json()["item"])


def said(items: list[dict[str, Any]]) -> dict[str, Any]:
    """What FHIR's items answer, as a scenario writes it; entries of a list stand in its order."""
    found: dict[str, Any] = {}
    for item in items:
        if "id" in item:
            found.setdefault(item["linkId"], []).append(said(item["item"]))
        elif "answer" in item:
            found[item["linkId"]] = [spoken(answer) for answer in item["answer"]]
        else:
            found |= said(item.get("item", []))
    return found


def spoken(answer: dict[str, Any]) -> str:
    ((kind, value),) = answer.items()
    if kind == "valueCoding":
        return str(value["code"])
    if kind == "valueBoolean":
        return "true" if value else "false"
    if isinstance(value, dict):
        return str(value["extension"][0]["valueCode"])
    return str(value)


def typed(answers: dict[str, Any]) -> dict[str, Any]:
    """The same of what the scenario writes."""
    found: dict[str, Any] = {}
    for link_id, written in answers.items():
        each = written if isinstance(written, list) else [written]
        if isinstance(each[0], dict) and not {"absent", "other"} & set(each[0]):
            found[link_id] = [typed(row) for row in each]
        else:
            found[link_id] = [next(iter(one.values())) if isinstance(one, dict) else one for one in each]
    return found


def in_any_order(answers: dict[str, Any]) -> dict[str, Any]:
    """Options that are ticked have no order; entries have."""
    return {
        link_id: [in_any_order(row) for row in each] if isinstance(each[0], dict) else sorted(each)
        for link_id, each in answers.items()
    }


def flat(answers: dict[str, Any], within: str = "") -> dict[str, list[str]]:
    """Each answer by its place."""
    found: dict[str, list[str]] = {}
    for link_id, each in answers.items():
        if isinstance(each[0], dict):
            for place, row in enumerate(each):
                found |= flat(row, f"{within}{link_id}/{place}/")
        else:
            found[within + link_id] = each
    return found


def check(server: Server, patient: Unlucky, case: str, least: int) -> None:
    begun = time.monotonic()
    patient.start()
    reference = patient.send()
    print(f"{case}, {type(patient).__name__}: {len(patient.met)} in {time.monotonic() - begun:.0f} s")
    arrived, wanted = flat(in_any_order(stored(server, reference))), flat(in_any_order(typed(CASES[case])))
    assert {one: arrived.get(one) for one in arrived.keys() | wanted if arrived.get(one) != wanted.get(one)} == {}
    assert len(patient.met) >= least


@pytest.mark.timeout(600)
@pytest.mark.parametrize("case, unlucky, scripted", EVERY if LONG else SOME)
def test_whatever_happens_at_every_page_what_is_stored_is_what_was_typed(
    sqlite_server: Server, browser: Browser, case: str, unlucky: type[Unlucky], scripted: bool
) -> None:
    with watched(browser, sqlite_server.base, scripted=scripted) as watch:
        check(sqlite_server, unlucky(watch, CASES[case]), case, 20)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("case", [IMMUNE, TRANSFERS] if LONG else [IMMUNE])
def test_a_server_that_is_killed_at_every_page_loses_nothing(tmp_path: Path, browser: Browser, case: str) -> None:
    with ExitStack() as running:
        database = running.enter_context(Sqlite.made(tmp_path, empty=True))
        server = running.enter_context(serving(database))
        port = int(server.base.rpartition(":")[2])

        def again() -> None:
            nonlocal server
            server = running.enter_context(serving(database, port=port))

        with watched(browser, server.base) as watch:
            patient = ServerGone(watch, CASES[case], lambda: server.kill(), again)
            check(server, patient, case, 20)
