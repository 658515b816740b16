"""What attackers type, typed into every form with the page's own token: nothing fails, nothing typed becomes markup, a
header, a way elsewhere, a template or a command, and nothing waits."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote

import httpx
import pytest
from bs4 import BeautifulSoup, Tag

from intake.accounts.staff import Role
from intake.questionnaire.model import Questionnaire
from tests.factories import scenarios
from tests.staffroom import PASSWORD, House
from tests.walker import Data, Patient, Staff, browser, filled_in

BASE = "http://localhost"
PAYLOADS: Final = {
    "markup": "\"'></textarea></title></bdi><zq9 onzq9=1>zq9</zq9><script>zq9</script>",
    "quotes": "' OR '1'='1' -- zq9",
    "statement": "1'); SELECT pg_sleep(9); --",
    "template": "{{7*1919}}${7*1919}#{7*1919}<%= 7*1919 %>{0.__class__}%(zq9)s%n",
    "command": ";sleep 9;$(sleep 9)`sleep 9`|sleep 9&",
    "lines": "zq9\r\nX-Zq9: 1\r\nSet-Cookie: zq9=1\r\n\r\n<zq9>",
    "path": "../../../../../../etc/passwd\0.html",
    "elsewhere": "//zq9.example/",
    "digits": "9" * 3000,
    "no digits": "\u00b2\u0663\uff19",
    "formula": '=HYPERLINK("http://zq9.example","zq9")',
    "long": "<zq9>" * 800,
}
SHARPEST: Final = ("markup", "path")
"""What each control is given by itself; all boxes of a form at once are given every payload."""
ENDS: Final = ("/leave", "/submit", "/account/logout")
"""Forms without a field but the token, which end what the others need."""
SECONDS: Final = 5.0
QUERIES: Final = (
    "/questionnaire/page-you?from=", "/check?from=", "/clinician/?q=", "/clinician/?show=", "/clinician/?older=",
    "/admin/trail?before=", "/admin/trail?reference=", "/admin/trail?who=", "/admin/trail?action=",
    "/admin/trail?since=", "/admin/trail.csv?until=", "/admin/export.csv?form=", "/admin/export.csv?for=",
    "/admin/export.csv?since=", "/admin/export.csv?not-asked=", "/admin/records?reference=", "/admin/records?done=",
    "/account/?done=", "/account/confirm?next=", "/account/confirm?post=", "/account/login?next=",
)  # fmt: skip
PATHS: Final = (
    "/", "/static/", "/questionnaire/", "/questionnaire/page-pregnancies/", "/clinician/responses/", "/admin/staff/",
    "/admin/records/", "/account/link/",
)  # fmt: skip


def not_ours(source: str | None) -> bool:
    """Whether a script comes from elsewhere than from our one file."""
    return not (source or "").startswith("/static/js/form.js?v=")


def faults(answer: httpx.Response, seconds: float = 0) -> list[str]:
    """What is wrong with an answer or with those that led to it."""
    found = [f"{seconds:.1f} seconds"] if seconds > SECONDS else []
    for one in (*answer.history, answer):
        found += [f"status {one.status_code}"] * (one.status_code >= 500)
        found += [f"header {name}" for name, said in one.headers.items() if name == "x-zq9" or "zq9=" in said]
        found += ["leads elsewhere"] * ("zq9.example" in one.headers.get("location", "").partition("?")[0])
    if answer.headers.get("content-type", "").startswith("text/html"):
        page = BeautifulSoup(answer.text, "html.parser")
        planted = page.find("zq9") or page.find("script", src=not_ours) or page.find(attrs={"onzq9": True})
        found += ["markup"] * bool(planted)
    return found + ["a template"] * (str(7 * 1919) in answer.text) + ["a file"] * ("root:x:" in answer.text)


class Attacker:
    """A browser that types payloads into the forms that it is shown."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.forms: set[str] = set()
        self.found: list[str] = []

    def ask(self, method: str, url: str, data: Data = [], said: str = "") -> None:  # noqa: B006 - read only
        """Send one request and note what is wrong with its answer."""
        body: dict[str, list[str]] = {}
        for name, value in data:
            body.setdefault(name, []).append(value)
        since = time.monotonic()
        if method == "POST":
            answer = self.client.post(url, data=body)
        else:
            answer = self.client.get(url, params=body or None)
        self.found += [f"{method} {url[:80]} {said}: {one}" for one in faults(answer, time.monotonic() - since)]

    def read(self, paths: Iterable[str]) -> None:
        """Look at pages that hold what was typed."""
        for path in paths:
            self.ask("GET", path)

    def shown(self, path: str) -> dict[str, Tag]:
        """The forms of a page, by method and address."""
        page = BeautifulSoup(self.client.get(path).text, "html.parser")
        for nameless in page.find_all("input", attrs={"name": False}):
            nameless.decompose()
        forms = {
            f"{one.get('method', 'get').upper()} {one.get('action') or path}": one for one in page.find_all("form")
        }
        return {key: form for key, form in forms.items() if form.get("action") not in ENDS}

    def attack(self, paths: Iterable[str]) -> None:
        """Attack each form of these pages."""
        for path in paths:
            for key, form in self.shown(path).items():
                self.forms.add(key)
                for kind, aim in aims(form):
                    self._send(path, key, kind, aim)

    def _send(self, path: str, key: str, kind: str, aim: frozenset[str]) -> None:
        """Send the form as it stands now, with the payload at its aim."""
        form = self.shown(path).get(key)
        if form is not None:
            hidden = [(str(one["name"]), str(one.get("value", ""))) for one in form.find_all("input", type="hidden")]
            kept = [pair for pair in (*hidden, *filled_in(form)) if pair[0] not in aim]
            method, _, action = key.partition(" ")
            typed = [(name, PAYLOADS[kind]) for name in aim]
            self.ask(method, action, [*kept, *typed], f"{'+'.join(sorted(aim))} {kind}")


def aims(form: Tag) -> Iterator[tuple[str, frozenset[str]]]:
    """Which payload goes where in a form."""
    controls = [one for one in form.find_all(["input", "textarea", "select", "button"]) if one.get("name")]
    boxes = [one for one in controls if one.get("type", "text") not in ("hidden", "radio", "checkbox", "submit")]
    for kind in PAYLOADS:
        if boxes:
            yield kind, frozenset(str(one["name"]) for one in boxes if one.name != "button")
    for name in dict.fromkeys(str(one["name"]) for one in controls):
        for kind in SHARPEST:
            yield kind, frozenset({name})


@pytest.fixture
def attacker(house: House) -> Iterator[Attacker]:
    with browser(BASE, house.app) as client:
        yield Attacker(client)


@pytest.mark.timeout(600)
def test_what_attackers_type_into_a_form_stays_text_for_whoever_reads_it(
    house: House, attacker: Attacker, questionnaire: Questionnaire
) -> None:
    story = max(scenarios(), key=lambda one: one.row_questions)
    patient = Patient(attacker.client, questionnaire, story.response(questionnaire))
    passed: dict[str, str] = {}  # one entry of each list stands for all
    patient.on_page = lambda one: passed.setdefault(re.sub("/[0-9a-f]{16}$", "/entry", one.path), one.path)
    attacker.attack(["/", "/resume"])  # first: a Start of another page begins another form
    patient.start().to_check()
    entries = [f"{path}/start" for name, path in passed.items() if name.endswith("/entry")]
    attacker.attack([*passed.values(), *entries, "/check"])
    assert len(attacker.forms) > 25
    attacker.read([*passed.values(), "/check", "/resume-code"])
    patient.to_check().send()

    [(id,)] = house.rows("SELECT id FROM questionnaire_response WHERE status = 'completed'")
    house.add_staff("reader@example.org", *Role)
    Staff(attacker.client).sign_in(("reader@example.org", PASSWORD))
    response = f"/clinician/responses/{id}"
    attacker.read(["/submitted", "/clinician/", *(f"{response}{end}" for end in ("", "/answers", "/summary.txt"))])
    assert "zq9" in attacker.client.get(f"{response}/answers").text
    assert attacker.found == []


@pytest.mark.timeout(600)
def test_what_attackers_type_into_the_pages_of_the_staff_stays_text(
    house: House, attacker: Attacker, questionnaire: Questionnaire
) -> None:
    id = house.send(scenarios()[1].response(questionnaire))
    for email in ("attacker@example.org", "colleague@example.org"):
        house.add_staff(email, *Role)
    [(colleague,)] = house.rows("SELECT id FROM staff_user WHERE email = 'colleague@example.org'")
    attacker.attack(["/account/login"])
    Staff(attacker.client).sign_in(("attacker@example.org", PASSWORD))
    response, account = f"/clinician/responses/{id}", f"/admin/staff/{colleague}"
    pages = [
        "/clinician/",
        response,
        "/admin/export",
        "/admin/trail",
        f"/admin/records?reference={house.reference(id)}",
    ]
    own = ["/account/", "/account/confirm", "/account/password", "/account/second-factor/set-up"]
    attacker.attack([*pages, "/admin/staff/invite", account, *own])
    assert len(attacker.forms) > 15
    attacker.read([*pages, f"{response}/answers", "/admin/trail.csv", "/admin/staff", account, *own])
    assert attacker.found == []


def test_what_attackers_type_into_an_address_stays_text(house: House, attacker: Attacker) -> None:
    house.add_staff("attacker@example.org", *Role)
    Staff(attacker.client).sign_in(("attacker@example.org", PASSWORD))
    attacker.client.post("/start", data={"csrf_token": attacker.shown("/")["POST /start"].input["value"]})  # type: ignore[index]
    attacker.read(f"{address}{quote(typed, safe='')}" for address in QUERIES for typed in PAYLOADS.values())
    ascii_alone = [typed for typed in PAYLOADS.values() if typed.isascii()]  # httpx hands on no other path
    attacker.read(f"{address}{quote(typed, safe='')}" for address in PATHS for typed in ascii_alone)
    assert attacker.found == []


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        (httpx.Response(500, text=""), "status 500"),
        (httpx.Response(200, text="", headers={"X-Zq9": "1"}), "header x-zq9"),
        (httpx.Response(303, text="", headers={"Location": "//zq9.example/"}), "leads elsewhere"),
        (httpx.Response(200, html="<p><zq9 onzq9=1>"), "markup"),
        (httpx.Response(200, html="<p onzq9=1>"), "markup"),
        (httpx.Response(200, text="13433"), "a template"),
        (httpx.Response(200, text="root:x:0:0"), "a file"),
    ],
)
def test_each_fault_is_seen(planted: httpx.Response, said: str) -> None:
    assert faults(planted) == [said]


def test_what_takes_long_is_seen() -> None:
    assert faults(httpx.Response(200, text=""), 9) == ["9.0 seconds"]
