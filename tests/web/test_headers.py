"""Every answer carries the security headers: pages, errors, static files, and what goes wrong on the way."""

from __future__ import annotations

import pytest
from werkzeug.test import Client

from intake.web.headers import SecurityHeaders
from tests.databases import Database
from tests.staffroom import House, build

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/account/login", 200),
        ("GET", "/account/", 303),
        ("GET", "/no/such/page", 404),
        ("GET", "/clinician/no/such/page", 404),
        ("DELETE", "/account/login", 405),
        ("TRACE", "/healthz", 405),
        ("POST", "/account/login", 400),
        ("GET", "/static/css/tokens.css", 200),
        ("GET", "/static/none.css", 404),
        ("GET", "/favicon.ico", 200),
    ],
)
def test_every_answer_has_them(house: House, method: str, path: str, status: int):
    answer = house.app.test_client().open(path, method=method, buffered=True)
    assert answer.status_code == status
    for name, value in EVERYWHERE.items():
        assert answer.headers.getlist(name) == [value]
    assert answer.headers.getlist("Cache-Control") == ["no-store"]
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'; connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "charset=utf-8" in answer.headers["Content-Type"]
    assert "Server" not in answer.headers
    assert "Strict-Transport-Security" not in answer.headers


def test_a_static_file_asked_for_by_its_fingerprint_may_be_kept_for_good(house: House):
    page = house.app.test_client().get("/account/login").text
    address = page.split('href="/static/')[1].split('"')[0]
    assert "?v=" in address
    answer = house.app.test_client().get(f"/static/{address}", buffered=True)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    missing = house.app.test_client().get("/static/none.css?v=1")
    assert missing.headers["Cache-Control"] == "no-store"


def test_over_https_hsts_is_sent(database: Database):
    house = build(database, INTAKE_PUBLIC_URL="https://intake.example.org")
    assert house.app.test_client().get("/healthz").headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_what_breaks_outside_of_flask_is_a_plain_page_with_all_headers_and_no_traceback(
    caplog: pytest.LogCaptureFixture,
):
    def broken(environ, start_response):
        raise ValueError("Jane Doe said this")

    answer = Client(SecurityHeaders(broken, https=False)).get("/x")
    assert answer.status_code == 500
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Something went wrong on our side" in answer.text
    assert "Jane" not in answer.text + caplog.text
    assert "Traceback" not in answer.text + caplog.text
