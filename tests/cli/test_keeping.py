"""`intake audit`, `keys`, `records` and `backup` as an operator runs them: one line each, the right exit status."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest

from intake.accounts.staff import Role
from intake.consultations import catalogue
from tests.cli.test_commands import refused, run
from tests.databases import Database, DatabaseIn
from tests.factories import scenarios
from tests.records.test_trail import meddle
from tests.staffroom import build


@pytest.fixture
def references(database: Database) -> list[str]:
    """Two sent responses and a clinician in an installation that no program has open."""
    house = build(database)
    form = catalogue.shipped().active
    sent = [house.reference(house.send(scenario.response(form))) for scenario in scenarios()[:2]]
    house.add_staff("moss@example.org", Role.CLINICIAN)
    house.intake.engine.dispose()
    return sent


# -- the trail ---------------------------------------------------------------------------------------------------------


def test_a_whole_trail_is_said_to_be_whole_and_a_cut_one_named(database: Database, references: list[str]) -> None:
    done = run(database, "audit", "verify")
    assert (done.returncode, done.stdout) == (0, "The trail is whole: 5 events.\n")
    meddle(database, "DELETE FROM audit_event WHERE n > 3")
    assert refused(run(database, "audit", "verify"), 1) == "Event 4 is missing: event 5 was noted as the newest."


def test_events_are_listed_as_csv_by_reference_and_person(database: Database, references: list[str]) -> None:
    done = run(database, "audit", "list", "--object", references[0])
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["action"] for row in rows] == ["send", "start"]
    assert {row["id"] for row in rows} == {references[0]}
    assert len(run(database, "audit", "list", "--who", "moss@example.org").stdout.splitlines()) == 1
    assert "Nobody has the address" in refused(run(database, "audit", "list", "--who", "nobody@example.org"), 1)


# -- keys --------------------------------------------------------------------------------------------------------------


def test_a_key_is_rotated_and_everything_wrapped_under_it(database: Database, references: list[str]) -> None:
    assert run(database, "keys", "list").stdout.count(" 2 responses") == 1
    rotated = run(database, "keys", "rotate")
    assert (rotated.returncode, "wraps what is sent from now on" in rotated.stdout) == (0, True)
    assert run(database, "keys", "rewrap").stdout == "Wrapped 2 responses anew.\n"
    listed = run(database, "keys", "list").stdout.splitlines()
    assert [line.split(" ", 1)[1] for line in listed if " kek " in line] == [
        "kek older 0 responses",
        "kek in use 2 responses",
    ]
    assert run(database, "keys", "verify").stdout == "Every sent response opens with this keyring.\n"
    assert run(database, "audit", "verify").returncode == 0


def test_a_keyring_stands_where_a_setting_says(database: Database, references: list[str], tmp_path: Path) -> None:
    there = tmp_path / "secret" / "ring.json"
    there.parent.mkdir()
    (database.instance / "keyring.json").rename(there)
    assert run(database, "keys", "verify", INTAKE_KEYRING_FILE=str(there)).returncode == 0
    assert "is missing" in refused(run(database, "keys", "verify"), 78)
    there.rename(there.with_name("intake-keyring"))
    assert run(database, "keys", "verify", CREDENTIALS_DIRECTORY=str(there.parent)).returncode == 0


# -- records -----------------------------------------------------------------------------------------------------------


def test_one_response_is_held_released_and_erased(database: Database, references: list[str]) -> None:
    one = references[0]
    assert run(database, "records", "hold", one, "--reason", "a complaint").returncode == 0
    assert "legal hold" in refused(run(database, "records", "erase", one, "--reason", "she asked"), 1)
    assert run(database, "records", "release", one).returncode == 0
    assert run(database, "records", "erase", one.lower(), "--reason", "she asked").returncode == 0
    assert "was erased on" in refused(run(database, "records", "erase", one, "--reason", "again"), 1)
    assert "No response here has the reference" in refused(run(database, "records", "hold", "0000-0000"), 1)


def test_a_purge_counts_first(database: Database, references: list[str]) -> None:
    dry = run(database, "records", "purge", "--dry-run")
    assert (dry.returncode, dry.stdout) == (0, "Would erase: drafts due: 0, sent responses due: 0\n")
    assert "counted a day before" in refused(run(database, "records", "purge"), 1)


def test_one_persons_data_is_written_for_her(database: Database, references: list[str], tmp_path: Path) -> None:
    out = tmp_path / "hers.zip"
    assert run(database, "records", "subject-export", references[1], str(out), "--reason", "she asked").returncode == 0
    assert out.stat().st_mode & 0o777 == 0o600
    with ZipFile(out) as archive:
        assert "bundle.json" in archive.namelist()
    again = run(database, "records", "subject-export", references[1], str(out))
    assert "exists already" in refused(again, 1)


# -- backups -----------------------------------------------------------------------------------------------------------


def test_a_backup_is_made_verified_and_brought_back(
    database: Database, references: list[str], database_in: DatabaseIn, tmp_path: Path
) -> None:
    out = tmp_path / "intake.backup"
    made = run(database, "backup", "create", str(out))
    assert (made.returncode, "2 sent responses, 0 drafts" in made.stdout) == (0, True)
    assert out.stat().st_mode & 0o777 == 0o600
    assert run(database, "backup", "verify", str(out)).returncode == 0
    assert run(database, "records", "erase", references[0], "--reason", "she asked").returncode == 0
    with database_in(tmp_path / "new", empty=True) as new:
        (new.folder / "tmp").mkdir(parents=True)
        assert "There is no keyring" in refused(run(new, "backup", "restore", str(out)), 78)
        new.instance.mkdir(parents=True, exist_ok=True)
        shutil.copy(database.instance / "keyring.json", new.instance)
        assert "--no-erasures" in refused(run(new, "backup", "restore", str(out)), 78)
        shutil.copy(database.instance / "erasures", new.instance)
        done = run(new, "backup", "restore", str(out))
        assert (done.returncode, done.stderr) == (0, "")
        assert new.sql("SELECT reference FROM questionnaire_response") == [(references[1],)]
        assert run(new, "audit", "verify").returncode == 0
        assert "not empty" in refused(run(new, "backup", "restore", str(out)), 1)


def test_a_backup_that_is_none_is_said_in_one_line(database: Database, references: list[str], tmp_path: Path) -> None:
    (tmp_path / "half").write_bytes(b"PK\3\4 half of one")
    assert "is no whole backup" in refused(run(database, "backup", "verify", str(tmp_path / "half")), 1)
    assert "cannot be read" in refused(run(database, "backup", "verify", str(tmp_path / "nowhere")), 1)
    assert "cannot be written" in refused(run(database, "backup", "create", str(tmp_path / "no" / "where")), 1)
