"""What travels compressed, what never does, and how heavy pages are."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from intake.questionnaire.model import Questionnaire
from intake.web.compressed import PAGES
from tests.factories import scenarios
from tests.staffroom import House
from tests.walker import Patient, browser


@pytest.fixture
def client(house: House) -> Iterator[httpx.Client]:
    with browser("http://localhost", house.app) as made:
        yield made


def sent(client: httpx.Client, path: str) -> int:
    """How many bytes an address sends."""
    with client.stream("GET", path) as answer:
        return sum(len(piece) for piece in answer.iter_raw())


def assets(page: str) -> list[str]:
    """What a page loads."""
    return re.findall(r'(?:href|src)="(/static/[^"]+)"', page)


@pytest.mark.parametrize("taken", ["gzip", "gzip, br", "identity", "gzip;q=0", ""])
def test_a_style_sheet_comes_as_the_browser_takes_it(client: httpx.Client, taken: str) -> None:
    [path, *_] = assets(client.get("/").text)
    answer = client.get(path, headers={"Accept-Encoding": taken})
    packed = taken in ("gzip", "gzip, br")
    assert answer.headers.get("Content-Encoding") == ("gzip" if packed else None)
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"].startswith("text/css")
    assert answer.text == client.get(path, headers={"Accept-Encoding": "identity"}).text


def test_pages_of_questions_of_staff_and_errors_are_never_compressed(client: httpx.Client) -> None:
    client.headers["Accept-Encoding"] = "gzip"
    for path in ("/", "/resume", "/privacy", "/nowhere", "/account/login", "/clinician/", "/healthz"):
        assert "Content-Encoding" not in client.get(path).headers, path


def test_no_page_that_is_compressed_takes_a_word_of_its_request(
    client: httpx.Client, house: House, questionnaire: Questionnaire
) -> None:
    Patient(client, questionnaire, scenarios()[0].response(questionnaire)).start().to_check()
    rules = {rule.endpoint: rule for rule in house.app.url_map.iter_rules()}
    for endpoint in PAGES:
        assert not rules[endpoint].arguments
    for path in ("/check", "/preview"):
        chosen = client.get(f"{path}?word=zqzqzq&at=zqzqzq&from=zqzqzq", headers={"Referer": "https://zqzqzq.example/"})
        assert chosen.headers["Content-Encoding"] == "gzip"
        assert "zqzqzq" not in chosen.text


def test_a_first_visit_and_the_check_page_are_light(client: httpx.Client, questionnaire: Questionnaire) -> None:
    """Bytes of the longest form, each page with all that it loads."""
    story = max(scenarios(), key=lambda one: one.row_questions)
    patient = Patient(client, questionnaire, story.response(questionnaire))
    pages: dict[str, tuple[int, int]] = {}

    def weigh(one: Patient) -> None:
        loads = assets(one.response.text)
        pages[one.path] = (len(one.response.content) + sum(sent(client, path) for path in loads), 1 + len(loads))

    patient.on_page = weigh
    patient.start().to_check()
    assert len(pages) > 20
    assert max(pages.values())[0] <= 22_000, max(pages.values())
    assert {requests for _, requests in pages.values()} == {4}
    assert sent(client, "/check") <= 30_000
