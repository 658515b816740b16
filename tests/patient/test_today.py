"""Today is the day on the clinic's calendar, wherever the server's clock counts and whatever day it is in Greenwich."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from intake.accounts.staff import Role
from tests.databases import Database
from tests.patient.test_refused import at_you
from tests.patient.visitor import YOU, Visitor
from tests.staffroom import build
from tests.walker import browser

EVENING = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
BORN = {"birth-date.day": "22", "birth-date.month": "11"}
IN_THE_PAST = ["Type a date of birth that is in the past"]


@pytest.mark.parametrize(
    ("moment", "zone", "errors"),
    [
        (EVENING, "Pacific/Auckland", []),
        (EVENING, "Europe/London", IN_THE_PAST),
        (NIGHT, "Europe/London", []),
        (NIGHT, "America/Los_Angeles", IN_THE_PAST),
    ],
)
def test_a_date_of_birth_lies_before_the_clinics_today(
    database: Database, moment: datetime, zone: str, errors: list[str]
) -> None:
    house = build(database, INTAKE_CLINIC_TIMEZONE=zone)
    with time_machine.travel(moment), browser("http://localhost", house.app) as client:
        assert at_you(Visitor(client)).fill(**YOU | BORN | {"birth-date.year": "2026"}).errors == errors


@pytest.mark.parametrize(
    ("moment", "zone", "age"),
    [
        (EVENING, "Pacific/Auckland", "34"),
        (EVENING, "Europe/London", "33"),
        (NIGHT, "Europe/London", "34"),
        (NIGHT, "America/Los_Angeles", "33"),
    ],
)
def test_the_age_counts_to_the_clinics_day_of_sending(
    database: Database, moment: datetime, zone: str, age: str
) -> None:
    house = build(database, INTAKE_CLINIC_TIMEZONE=zone)
    birthday = {"birth-date.day": "23", "birth-date.month": "11", "birth-date.year": "1992"}
    with time_machine.travel(moment), browser("http://localhost", house.app) as client:
        visitor = Visitor(client).begin().go("page-you").fill(**birthday)
        visitor.to_check().send()
        [(id,)] = house.rows("SELECT id FROM questionnaire_response")
        facts = house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id}").text
    assert f"<dt>Age on the day of sending</dt><dd>{age}</dd>" in facts
