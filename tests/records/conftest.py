"""A fresh database and keyring for each test, and other people's rows so that a forgotten filter is noticed."""

import pytest

from intake.records.database import open_database, private_folder
from intake.records.keyring import open_keyring
from tests.databases import Database
from tests.records import clinic
from tests.records.clinic import Patient, Records


@pytest.fixture
def records(database: Database) -> Records:
    engine = open_database(database.url)
    database.engines.append(engine)
    private_folder(database.instance)
    return Records(engine, open_keyring(engine, database.instance / "keyring.json"), database)


@pytest.fixture
def noise(records: Records) -> list[Patient]:
    """Two other drafts and two other sent responses."""
    others = [clinic.begin(records, {"answer": f"somebody else {n}"}) for n in range(4)]
    for other in others[2:]:
        clinic.send(records, other)
    return others


@pytest.fixture
def patient(records: Records, noise: list[Patient]) -> Patient:
    return clinic.begin(records, {"answer": "mine"})
