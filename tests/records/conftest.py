"""A fresh database and keyring for each test, and other people's rows so that a forgotten filter is noticed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.records.database import open_database, upgrade
from intake.records.keyring import open_keyring
from tests.records import clinic
from tests.records.clinic import Patient, Records


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/instance/intake.sqlite3"


@pytest.fixture
def records(tmp_path: Path, url: str) -> Iterator[Records]:
    engine = open_database(url)
    upgrade(engine)
    folder = tmp_path / "instance"
    yield Records(engine, open_keyring(engine, folder / "keyring.json"), folder)
    engine.dispose()


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
