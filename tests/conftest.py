"""What every test folder shares: the questionnaire, and the database of a test, SQLite's and PostgreSQL's in turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from intake.accounts import passwords
from intake.consultations import catalogue
from intake.questionnaire.model import Questionnaire
from intake.records import database as records
from tests import databases, postgresql
from tests.databases import Database, DatabaseIn
from tests.staffroom import House, build

_RUN = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """The first process of a run keeps a place for its PostgreSQL server; the workers find it in their environment."""
    config.stash[_RUN] = ExitStack()
    if postgresql.FOLDER not in postgresql.os.environ:
        config.stash[_RUN].enter_context(postgresql.run_folder())
    passwords.HASHER = PasswordHasher(
        time_cost=1, memory_cost=64, parallelism=1
    )  # the real cost is a tenth of a second, a thousand times
    passwords.NOBODYS = passwords.HASHER.hash("nobody's")


def pytest_unconfigure(config: pytest.Config) -> None:
    """The server ends with the run."""
    config.stash[_RUN].close()


@pytest.fixture(scope="session")
def questionnaire() -> Questionnaire:
    """The questionnaire that new responses are filled in with."""
    return catalogue.shipped().active


@pytest.fixture(scope="session", params=list(databases.KINDS))
def database_in(request: pytest.FixtureRequest) -> DatabaseIn:
    """Makes a database for an installation in a folder, gone when the block ends: what served apps of wider scopes use.

    Every test that asks for a database, through whatever fixture, runs once on each kind.
    """
    return databases.KINDS[request.param].made


@pytest.fixture
def database(database_in: DatabaseIn, tmp_path: Path) -> Iterator[Database]:
    """A database of this test's own, our tables in it, for an installation in `tmp_path`."""
    with database_in(tmp_path) as made:
        yield made


@pytest.fixture
def empty_database(database_in: DatabaseIn, tmp_path: Path) -> Iterator[Database]:
    """A database of this test's own with nothing in it, as before the very first start."""
    with database_in(tmp_path, empty=True) as made:
        yield made


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks are given up on at once, by connections that are opened from here on."""
    monkeypatch.setitem(records.PRAGMAS, "busy_timeout", ("20", 20))
    monkeypatch.setitem(records.POSTGRESQL_SETTINGS, "lock_timeout", "80ms")
    monkeypatch.setattr(records, "PATIENCE", 0.5)


@pytest.fixture
def house(database: Database) -> House:
    """A try-out of this test's own."""
    return build(database)
