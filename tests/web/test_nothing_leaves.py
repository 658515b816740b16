"""While patients and staff work, the program opens no connection but the one to its database."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from intake.accounts.staff import Role
from tests.patient.visitor import Visitor
from tests.staffroom import House
from tests.walker import browser

CALLS_OUT = (
    '<img src="http://127.0.0.1:9/"> <link rel="stylesheet" href="//127.0.0.1:9/x"> =WEBSERVICE("http://127.0.0.1:9/")'
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address that a socket was to be connected to, and every name that was looked up."""
    seen: list[Any] = []
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def connecting(self: socket.socket, address: Any) -> None:
        seen.append(address)
        connect(self, address)

    def looking_up(host: Any, *more: Any, **others: Any) -> Any:
        seen.append(host)
        return look_up(host, *more, **others)

    monkeypatch.setattr(socket.socket, "connect", connecting)
    monkeypatch.setattr(socket, "getaddrinfo", looking_up)
    return seen


def test_what_a_patient_types_makes_the_program_call_nobody(house: House, asked: list[Any]) -> None:
    with browser("http://localhost", house.app) as client:
        visitor = Visitor(client).begin().go("page-reason").fill(**{"own-words": CALLS_OUT}).to_check()
        visitor.send()
    [(id,)] = house.rows("SELECT id FROM questionnaire_response")
    staff = house.signed_in(*Role)
    assert staff.get(f"/clinician/responses/{id}/summary.json").status_code == 200
    for path in ("", "/answers", ".json", "/summary.txt"):
        assert "127.0.0.1:9" in staff.get(f"/clinician/responses/{id}{path}").text
    assert staff.get("/admin/export.zip").status_code == 200
    staff.get("/admin/export")
    assert "WEBSERVICE" in staff.post("/admin/export.csv", {"include": "free-text", "reason": "a test"}).text
    staff.get("/admin/records")
    fields = {"reference": house.reference(id), "reason": "she asked"}
    assert staff.post("/admin/records/subject-export.zip", fields).status_code == 200
    assert asked == []


def test_a_call_would_be_seen(asked: list[Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        assert server.getsockname() in asked
