"""The password again before data leaves the building or an account changes: what was typed goes on, and no link leads
to a deed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import unescape

import time_machine
from werkzeug.test import TestResponse

from intake.accounts.staff import Role
from tests.staffroom import PASSWORD, Browser, House

FIELDS = [
    ("for", "programs"),
    ("include", "names"),
    ("include", "contact"),
    ("reason", '“yearly” <audit> & more\n"quoted"'),
]


@contextmanager
def six_minutes_after_signing_in(house: House) -> Iterator[Browser]:
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC), tick=False) as clock:
        browser = house.signed_in(Role.ADMIN, email="ada@example.org")
        browser.get("/admin/export")
        clock.shift(timedelta(minutes=6))
        yield browser


def hidden(page: TestResponse) -> list[tuple[str, str]]:
    """The hidden fields of the page's form, as a browser sends them."""
    (form,) = re.findall(r'<form action="/account/confirm.*?</form>', page.text, re.DOTALL)
    return [
        (name, unescape(value))
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    ]


def action(page: TestResponse) -> str:
    return unescape(re.search(r'<form action="(/account/confirm[^"]*)"', page.text)[1])  # type: ignore[index]


def exports(house: House) -> int:
    return int(house.rows("SELECT count(*) FROM audit_event WHERE action LIKE 'export%'")[0][0])


def test_a_form_is_sent_to_the_page_and_from_there_on_with_all_that_was_typed(house: House):
    with six_minutes_after_signing_in(house) as browser:
        first = browser.post("/admin/export.csv", FIELDS)
        assert first.status_code == 307  # a browser sends the same form there
        assert first.headers["Location"] == "/account/confirm?post=/admin/export.csv"
        page = browser.post(first.headers["Location"], FIELDS)
        assert page.status_code == 200
        assert "Your password again" in page.text
        carried = [(name, value) for name, value in hidden(page) if name != "csrf_token"]
        assert carried == FIELDS
        wrong = browser.post(action(page), [*carried, ("password", "not this one")])
        assert wrong.status_code == 422
        assert "not this one" not in wrong.text
        assert [(name, value) for name, value in hidden(wrong) if name != "csrf_token"] == FIELDS
        assert exports(house) == 0
        onward = browser.post(action(wrong), [*carried, ("password", PASSWORD)])
        assert (onward.status_code, onward.headers["Location"]) == (307, "/admin/export.csv")
        done = browser.post(onward.headers["Location"], [*carried, ("password", PASSWORD)])
        assert done.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert done.data
    assert exports(house) > 0


def test_passwords_are_never_among_what_is_carried(house: House):
    with six_minutes_after_signing_in(house) as browser:
        page = browser.post(
            "/account/confirm?post=/admin/export.csv", [("for", "people"), ("new-password", "typed elsewhere 77")]
        )
        assert "typed elsewhere 77" not in page.text
        assert dict(hidden(page))["for"] == "people"


def test_opening_a_link_to_the_page_leads_to_no_deed(house: House):
    """Somebody sends an admin a link; the admin types the password into our own page: nothing happens but that."""
    with six_minutes_after_signing_in(house) as browser:
        page = browser.get("/account/confirm?post=/admin/export.csv&include=names&reason=x")
        assert action(page) == "/account/confirm"
        assert [name for name, _ in hidden(page)] == ["csrf_token"]
        answer = browser.post(action(page), {"password": PASSWORD})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/")
    assert exports(house) == 0


def test_a_form_goes_on_to_pages_of_ours_only(house: House):
    with six_minutes_after_signing_in(house) as browser:
        for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example", "/submit"):
            answer = browser.post("/account/confirm", {"password": PASSWORD}, query_string={"post": elsewhere})
            assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/")


def test_a_form_of_nobody_and_of_another_site_is_not_carried(house: House):
    with six_minutes_after_signing_in(house) as browser:
        assert browser.client.post("/admin/export.csv", data={"include": "names"}).status_code == 400
        assert (
            browser.client.post("/account/confirm?post=/admin/export.csv", data={"include": "names"}).status_code == 400
        )
    assert exports(house) == 0
