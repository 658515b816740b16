"""What goes wrong is a page in plain words with the right status, and a line in the log without what was typed."""

from __future__ import annotations

import json
import logging
import re
from html import unescape

import pytest
from flask import abort
from werkzeug.exceptions import HTTPException

from intake.records import errors as records
from intake.web import errors, logs
from intake.web.throttle import TooManyTries
from tests.staffroom import House


def raising(house: House, path: str, error: Exception) -> None:
    """A page of the house that raises."""

    def view() -> str:
        raise error

    house.app.add_url_rule(path, endpoint=f"health.{path}", view_func=view)


def every_exception() -> list[type[Exception]]:
    kinds = [
        kind for kind in vars(records).values() if isinstance(kind, type) and issubclass(kind, records.RecordsError)
    ]
    return [
        kind
        for kind in kinds
        if kind not in (records.RecordsError, records.CannotStart) and not issubclass(kind, records.CannotStart)
    ]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (records.NoSuchDraft(), 404),
        (records.NoSuchResponse(), 404),
        (records.AlreadySent("7KQ4-M2XD"), 409),
        (records.DraftChanged(), 409),
        (records.AlreadyReviewed("Dr Okafor"), 409),
        (records.CannotOpen(), 500),
        (records.DatabaseBusy(), 503),
        (records.DatabaseFull(), 507),
        (records.SpoolUnusable("instance"), 507),
        (records.DatabaseUnreachable("x"), 503),
        (TooManyTries(61), 429),
        (KeyError("Jane Doe"), 500),
    ],
)
def test_each_has_its_status_and_says_it_without_a_traceback(house: House, error: Exception, status: int):
    raising(house, "/raise", error)
    answer = house.app.test_client().get("/raise")
    assert answer.status_code == status
    assert answer.text.count("<h1>") == 1
    assert "Traceback" not in answer.text
    assert "Jane Doe" not in answer.text
    assert "7KQ4-M2XD" not in answer.text


def test_every_named_failure_of_the_records_has_a_row_but_the_programming_error_and_what_only_the_shell_does():
    without = {kind.__name__ for kind in every_exception() if kind not in errors.EXCEPTIONS}
    only_in_the_shell = {"CannotCopy", "CannotRestore", "BackupDamaged", "KeyringReadOnly"}
    beside_a_field = {"NoSuchReference", "ErasedBefore", "UnderLegalHold", "NotSentYet"}
    assert without == {"NotAudited"} | only_in_the_shell | beside_a_field


def test_a_wait_is_said_in_the_header(house: House):
    raising(house, "/wait", TooManyTries(61))
    raising(house, "/busy", records.DatabaseBusy())
    client = house.app.test_client()
    assert client.get("/wait").headers["Retry-After"] == "61"
    assert int(client.get("/busy").headers["Retry-After"]) > 0


def test_the_note_on_the_page_is_found_in_the_log(house: House, caplog: pytest.LogCaptureFixture):
    raising(house, "/raise", ValueError("Jane Doe, born 1 Jan 1990"))
    with caplog.at_level(logging.INFO, "intake"):
        page = house.app.test_client().get("/raise?name=Jane").text
    note = re.search(r"note ([0-9A-F]{4}-[0-9A-F]{4})", page)[1]
    lines = [json.loads(logs.JsonLines().format(record)) for record in caplog.records if record.name == "intake"]
    found = [line for line in lines if line.get("request") == note and line["event"] == "error"]
    assert len(found) == 1
    assert re.fullmatch(r"ValueError at test_errors\.py:\d+", found[0]["exception"])
    assert "Jane" not in json.dumps(lines)


def test_the_log_names_the_route_never_the_path(house: House, caplog: pytest.LogCaptureFixture):
    id = "0123456789abcdef" * 2
    with caplog.at_level(logging.INFO, "intake"):
        house.app.test_client().get(f"/clinician/responses/{id}?q=Jane")
    (line,) = [json.loads(logs.JsonLines().format(record)) for record in caplog.records if record.name == "intake"]
    assert line["route"] == "/clinician/responses/<record:id>"
    assert line["status"] == 303
    assert line["method"] == "GET"
    assert set(line) == {"utc", "level", "logger", "event", "request", "method", "route", "status", "ms"}
    assert id not in json.dumps(line)
    assert "Jane" not in json.dumps(line)


def test_other_libraries_messages_are_left_out_of_the_log():
    record = logging.LogRecord(
        "waitress",
        logging.ERROR,
        "channel.py",
        1,
        "Exception while serving /questionnaire/secret",
        None,
        None,
        "service",
    )
    assert "secret" not in logs.JsonLines().format(record)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 418, 429, 500, 501, 503])
def test_every_http_status_keeps_itself_or_its_class(house: House, status: int):
    error: HTTPException | None = None
    try:
        abort(status)
    except HTTPException as raised:
        error = raised
    assert error is not None
    page = errors.page_for(error)
    assert page.status // 100 == status // 100


def test_a_page_about_an_error_can_be_made_when_the_layout_cannot(house: House):
    house.app.jinja_env.globals["asset"] = None
    answer = house.app.test_client().get("/no/such/page")
    assert answer.status_code == 404
    assert "We can't find this page" in unescape(answer.text)


@pytest.mark.parametrize("error", [records.DatabaseBusy(), records.DatabaseUnreachable("x"), records.DatabaseFull()])
def test_a_patients_form_that_was_not_saved_is_held_by_the_page(house: House, error: Exception):
    with house.app.test_request_context("/leave?from=check", method="POST", data={"name": "A “b” <i> & c\nd"}):
        page = errors.answer(error).get_data(as_text=True)
    assert '<form action="/leave?from=check" method="post">' in page
    assert 'name="name" value="A “b” &lt;i&gt; &amp; c\nd"' in page
    assert "What you typed is kept on this page" in page


def test_staff_pages_have_words_of_their_own(house: House):
    page = house.app.test_client().get("/clinician/no/such/page").text
    assert "Answers you saved" not in page
    assert 'href="/account/"' in page
    patient = house.app.test_client().get("/no/such/page").text
    assert "Answers you saved are still here" in patient


def test_alive_and_ready_are_two_questions(house: House):
    client = house.app.test_client()
    assert client.get("/healthz").text == "ok\n"
    house.intake.engine.dispose()
    house.database.ruin()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "the database cannot be read or written\n")
