"""`intake db copy`, as people run it: from the try-out's SQLite to PostgreSQL and on from there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from intake.accounts.staff import Role
from intake.consultations import catalogue
from tests.databases import KINDS, Database
from tests.factories import scenarios
from tests.serving import environment, serving
from tests.staffroom import PASSWORD, build
from tests.walker import Staff, browser


@pytest.fixture
def target(database: Database, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the other kind, for the same instance folder."""
    other = next(kind for kind in KINDS.values() if kind.kind != database.kind)
    with other.made(tmp_path / "target", empty=True) as made:
        yield made


def copy(database: Database, url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from intake.app import main; main()", "db", "copy", url]
    env = environment(database.folder, **database.env)
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_the_installation_goes_on_at_the_other_database_with_the_same_keyring(database: Database, target: Database):
    house = build(database)
    references = [
        house.reference(house.send(scenario.response(catalogue.shipped().active))) for scenario in scenarios()[:2]
    ]
    house.add_staff("moss@example.org", Role.CLINICIAN)
    house.intake.engine.dispose()
    done = copy(database, target.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert "questionnaire_response: 2\n" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Copied and compared ")
    with serving(database, DATABASE_URL=target.url) as server, browser(server.base) as client:
        assert server.accounts == {}, "there are accounts already"
        clinician = Staff(client).sign_in(("moss@example.org", PASSWORD))
        for reference in references:
            assert clinician.open(reference)
            assert client.get(str(clinician.response.url)).status_code == 200
        assert httpx.get(f"{server.base}/readyz").text == "ready\n"
    again = copy(database, target.url)
    assert (again.returncode, again.stdout) == (1, "")
    assert "is not empty" in one_line(again)


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    (line,) = done.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    ("url", "status", "words"),
    [
        ("nonsense", 78, "URL is no database address"),
        ("postgresql+psycopg://intake:secret-word@127.0.0.1:1/none", 69, "does not answer"),
        ("postgresql+psycopg://intake:secret-word@127.0.0.1:none/none", 78, "URL is no database address"),
        ("sqlite:////proc/none/intake.sqlite3", 78, "cannot be opened"),
    ],
)
def test_a_wrong_address_is_one_line(database: Database, url: str, status: int, words: str):
    done = copy(database, url)
    assert done.returncode == status
    assert words in one_line(done)
    assert "secret-word" not in done.stderr


def test_a_database_is_not_copied_onto_itself(database: Database):
    build(database).intake.engine.dispose()
    done = copy(database, database.url)
    assert done.returncode == 1
    assert "is this one" in one_line(done)
