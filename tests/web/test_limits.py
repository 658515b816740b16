"""What a request may be: everything else is turned away with a page, and nothing is stored."""

from __future__ import annotations

import pytest

from tests.databases import Database
from tests.staffroom import House

LOGIN = "/account/login"


def test_a_form_without_its_token_says_that_the_page_was_closed(house: House):
    answer = house.browser().post(LOGIN, {"email": "a@example.org"})
    assert answer.status_code == 400
    assert "This page was closed" in answer.text
    assert 'href="/account/login"' in answer.text


def test_a_patients_form_without_its_token_says_how_to_go_on(house: House):
    from flask_wtf.csrf import CSRFError

    from intake.web.errors import page_for

    page = page_for(CSRFError())
    assert page.status == 400
    assert "Enter your code to go on" in page.text
    assert page.links[0].href == "/resume"


def test_a_token_of_another_browser_is_none(house: House):
    one, other = house.browser(), house.browser()
    one.get(LOGIN)
    other.get(LOGIN)
    other.last = one.last
    assert other.post(LOGIN, {"email": "a@example.org"}).status_code == 400


def test_showing_a_form_writes_nothing(house: House):
    house.browser().get(LOGIN)
    assert house.rows("SELECT count(*) FROM web_session") == [(0,)]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "https://localhost"},
    ],
)
def test_a_form_from_another_site_is_turned_away(house: House, headers: dict[str, str]):
    browser = house.browser()
    browser.get(LOGIN)
    answer = browser.post(LOGIN, {"email": "a@example.org", "password": "x"}, headers=headers)
    assert answer.status_code == 400
    assert "This came from another site" in answer.text


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": "http://localhost"}]
)
def test_a_form_of_our_own_is_taken(house: House, headers: dict[str, str]):
    browser = house.browser()
    browser.get(LOGIN)
    assert browser.post(LOGIN, {"email": "a@example.org", "password": "x"}, headers=headers).status_code == 422


def test_more_than_500_fields_are_too_many(house: House):
    browser = house.browser()
    browser.get(LOGIN)
    assert browser.post(LOGIN, [("email", "x")] * 499).status_code == 422
    assert browser.post(LOGIN, [("email", "x")] * 500).status_code == 400


@pytest.mark.parametrize("body", [b"email=%ED%A0%80", b"email=%E9t%E9", b"email=\xff", b"%ff=x"])
def test_bytes_that_are_no_text_are_refused_rather_than_kept_as_other_signs(house: House, body: bytes):
    answer = house.app.test_client().post(LOGIN, data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert "could not be read" in answer.text


def test_a_large_body_is_refused_with_a_page(house: House):
    answer = house.app.test_client().post(LOGIN, data={"email": "x" * 300_000})
    assert answer.status_code == 413
    assert "too much at once" in answer.text


@pytest.mark.parametrize(
    ("kind", "body"),
    [("multipart/form-data; boundary=x", b"--x--"), ("application/json", b"{}"), ("text/plain", b"csrf_token=1")],
)
def test_files_and_other_kinds_of_bodies_are_not_taken(house: House, kind: str, body: bytes):
    assert house.app.test_client().post(LOGIN, data=body, content_type=kind).status_code == 415


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_other_methods_get_a_page(house: House, method: str):
    answer = house.app.test_client().open("/account/login", method=method)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, POST"
    assert "<h1>" in answer.text


def test_a_page_that_takes_no_forms_says_so(house: House):
    browser = house.browser()
    browser.get(LOGIN)
    answer = browser.post("/healthz")
    assert answer.status_code == 405
    assert "POST" not in answer.headers["Allow"]


@pytest.mark.parametrize(
    "path", ["/%2e%2e/etc/passwd", "/static/../config.py", "/static/%2e%2e/config.py", "/%00", "/a%0d%0ab", "/\\evil"]
)
def test_tricks_with_paths_find_nothing(house: House, path: str):
    answer = house.app.test_client().get(path)
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def test_another_host_name_is_turned_away_where_hosts_are_set(database: Database):
    from tests.staffroom import build

    house = build(database, INTAKE_TRUSTED_HOSTS="intake.example.org")
    client = house.app.test_client()
    assert client.get("/healthz", base_url="http://intake.example.org").status_code == 200
    answer = client.get("/account/login", base_url="http://evil.example")
    assert answer.status_code == 400
    assert "This address is not ours" in answer.text
