"""What holds at every address of the application, whoever asks and whatever is behind it."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from intake.accounts.staff import Role
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from tests.databases import Database
from tests.staffroom import Browser, House, build

A_YEAR = 31_536_000
INJECTED = (
    "' OR '1'='1",
    "x' UNION SELECT password_hash FROM staff_user --",
    "%' OR 1=1 --",
    "'; DELETE FROM audit_event",
)


@pytest.fixture
def sent(house: House, questionnaire: Questionnaire) -> str:
    """The id of a response that was sent."""
    return house.send(QuestionnaireResponse(questionnaire.canonical))


@pytest.fixture
def everybody(house: House) -> Browser:
    """Somebody with every role there is."""
    return house.signed_in(*Role)


# -- addresses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("once", "status"), [("/%61ccount/login", 200), ("/account%2Flogin", 200), ("/%63linician/", 303)]
)
def test_an_address_is_decoded_once_and_what_it_names_is_guarded_as_ever(house: House, once: str, status: int) -> None:
    client = house.app.test_client()
    assert client.get(once).status_code == status
    twice = client.get(once.replace("%", "%25"))
    assert (twice.status_code, twice.headers.get("Location")) == (404, None)


HIDDEN = (".git/config", ".env", "static/", "static/css/", "console", "debug", "docs", "openapi.json", "keyring.json")


def test_nothing_of_the_machine_lies_about(house: House, everybody: Browser) -> None:
    assert not house.app.debug
    for name in (*HIDDEN, "instance/keyring.json", "intake.sqlite3", "static/../keyring.json"):
        assert everybody.get(f"/{name}").status_code == 404, name
    tools = everybody.get("/clinician/?__debugger__=yes&cmd=resource&f=style.css")
    assert tools.mimetype == "text/html"
    assert "debugger" not in tools.text


@pytest.mark.parametrize("typed", INJECTED)
def test_what_is_typed_to_search_is_never_part_of_a_statement(
    house: House, everybody: Browser, sent: str, typed: str
) -> None:
    reference = house.reference(sent)
    events = house.rows("SELECT count(*) FROM audit_event")[0][0]
    for path in ("/clinician/?q=", "/admin/trail?reference=", "/admin/records?reference="):
        found = everybody.get(f"{path}{quote(typed)}")
        assert found.status_code == 200
        assert reference not in found.text
        assert "argon2id" not in found.text
    assert everybody.get(f"/admin/trail?who={quote(typed)}").status_code == 422
    assert house.browser().sign_in(f"{typed}@example.org", typed).status_code == 422
    assert house.rows("SELECT count(*) FROM audit_event")[0][0] > events


# -- forms -------------------------------------------------------------------------------------------------------------


def forms_of(house: House) -> list[str]:
    """An address for every rule that takes a form."""
    fill = {"record": "0123456789abcdef" * 2, "any": "hold"}
    return sorted(
        re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda found: fill.get(found[1] or "", "page-you"), rule.rule)
        for rule in house.app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
    )


def test_no_form_is_taken_without_its_token(house: House, everybody: Browser) -> None:
    """Before and after signing in, of patients and of staff: a browser that holds sessions sends it none the less."""
    everybody.get("/")
    assert everybody.post("/start").status_code == 303
    paths = forms_of(house)
    assert len(paths) > 25
    before = house.rows("SELECT count(*) FROM audit_event")
    for client in (everybody.client, house.app.test_client()):
        for fields in ({}, {"csrf_token": ""}, {"csrf_token": "ImFiYyI.aaaaaa.bbbbbbbbbbbbbbbb"}):
            assert {path: client.post(path, data=fields).status_code for path in paths} == dict.fromkeys(paths, 400)
    assert house.rows("SELECT count(*) FROM audit_event") == before


# -- headers -----------------------------------------------------------------------------------------------------------


def directives(answer: TestResponse) -> dict[str, str]:
    """What a policy says, by its directive."""
    return dict(part.split(maxsplit=1) for part in answer.headers["Content-Security-Policy"].split(";"))


OURS = ("script-src", "connect-src", "style-src", "img-src", "font-src", "form-action")


@pytest.mark.parametrize("path", ["/", "/account/login", "/no/such/page", "/static/css/tokens.css"])
def test_a_page_may_load_and_reach_what_is_ours_and_nothing_else(house: House, path: str) -> None:
    policy = directives(house.app.test_client().get(path, buffered=True))
    ours = {name: policy.pop(name) for name in OURS}
    assert set(ours.values()) == {"'self'"}
    assert {"default-src", "object-src", "base-uri", "frame-ancestors"} <= set(policy)
    assert set(policy.values()) == {"'none'"}


def test_browsers_are_told_to_come_by_https_alone_for_a_year_to_every_host_below(database: Database) -> None:
    house = build(database, INTAKE_PUBLIC_URL="https://intake.example.org")
    for path in ("/", "/no/such/page", "/static/css/tokens.css"):
        told = house.app.test_client().get(path, buffered=True).headers["Strict-Transport-Security"]
        age, *others = told.split("; ")
        assert int(age.removeprefix("max-age=")) >= A_YEAR
        assert others == ["includeSubDomains"]


def test_no_other_site_is_let_in_to_read(house: House, everybody: Browser) -> None:
    for path in ("/", "/healthz", "/clinician/", "/admin/trail.csv", "/no/such/page", "/static/css/tokens.css"):
        answer = everybody.get(path, headers={"Origin": "https://evil.example"}, buffered=True)
        assert [name for name, _ in answer.headers if name.startswith("Access-Control-")] == []


def test_what_is_downloaded_is_kept_as_a_file_and_can_do_nothing(house: House, everybody: Browser, sent: str) -> None:
    response = f"/clinician/responses/{sent}"
    downloads = [
        everybody.get(path)
        for path in (
            f"{response}.json",
            f"{response}/summary.json",
            "/admin/export.zip",
            "/admin/export.csv",
            "/admin/trail.csv",
        )
    ]
    everybody.get("/admin/records")
    fields = {"reference": house.reference(sent), "reason": "she asked"}
    downloads.append(everybody.post("/admin/records/subject-export.zip", fields))
    pasted = everybody.get(f"{response}/summary.txt")
    for answer in (*downloads, pasted):
        assert answer.status_code == 200
        assert directives_are_closed(answer)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
    assert all(answer.headers["Content-Disposition"].startswith("attachment; filename=") for answer in downloads)
    assert pasted.mimetype == "text/plain"


def directives_are_closed(answer: TestResponse) -> bool:
    """Whether a policy lets nothing happen in it, were it opened in the browser all the same."""
    return answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


# -- pages of the staff ------------------------------------------------------------------------------------------------


def test_every_page_of_the_staff_has_a_button_to_sign_out(house: House, everybody: Browser, sent: str) -> None:
    ((me,),) = house.rows("SELECT id FROM staff_user")
    pages = [
        "/clinician/",
        f"/clinician/responses/{sent}",
        f"/clinician/responses/{sent}/answers",
        "/admin/export",
        "/admin/trail",
        "/admin/records",
        "/admin/staff",
        "/admin/staff/invite",
        f"/admin/staff/{me}",
        "/account/",
        "/account/password",
        "/account/confirm",
        "/clinician/no/such/page",
    ]
    for path in pages:
        assert re.search(r'<form[^>]* action="/account/logout"', everybody.get(path).text), path


def test_an_address_that_waits_is_named_in_the_trail(database: Database) -> None:
    house = build(database, INTAKE_RATE_LIMIT="1")
    browser = house.browser()
    assert [browser.sign_in("a@example.org", "a guess").status_code for _ in range(22)][-1] == 429
    found = house.rows("SELECT outcome, agent_name FROM audit_event WHERE action = 'throttled'")
    assert set(found) == {("declined", "not signed in")}
