"""The commands, run as people run them: one line on stderr when something is wrong, and the exit status says which
kind."""

from __future__ import annotations

import csv
import io
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pyotp
import pytest

from intake import __version__
from intake.accounts.staff import Role
from intake.consultations import catalogue
from intake.web.extensions import mark_as_production
from tests.databases import Database
from tests.factories import scenarios
from tests.serving import environment
from tests.staffroom import build

PRODUCTION = {
    "INTAKE_ENV": "production",
    "INTAKE_ALLOW_PLAIN_HTTP": "loopback",
    "INTAKE_TRUSTED_HOSTS": "127.0.0.1",
    "INTAKE_TWO_FACTOR": "optional",
}


def run(place: Path | Database, *arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """A command in an empty folder, or on a database."""
    folder, env = (place.folder, place.env | settings) if isinstance(place, Database) else (place, settings)
    command = [sys.executable, "-c", "from intake.app import main; main()", *arguments]
    return subprocess.run(
        command, env=environment(folder, **env), input=stdin, capture_output=True, text=True, timeout=60, check=False
    )


def refused(done: subprocess.CompletedProcess[str], status: int) -> str:
    """The one line on stderr of a command that ended with this status."""
    assert done.returncode == status, (done.returncode, done.stderr)
    (line,) = done.stderr.splitlines()
    assert "Traceback" not in done.stdout
    return line


def test_the_version(tmp_path):
    assert run(tmp_path, "--version").stdout == f"intake {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["serve", "--port", "0"],
        ["serve", "--port", "x"],
        ["serve", "--workers", "0"],
        ["staff", "add"],
        ["staff", "add", "a@example.org", "--role", "nurse"],
        ["export"],
    ],
)
def test_wrong_usage_is_one_line_and_status_2(tmp_path, arguments: list[str]):
    refused(run(tmp_path, *arguments), 2)


def test_accounts_from_the_shell(tmp_path, database: Database):
    done = run(
        database, "staff", "add", "A@Example.org", "--role", "clinician", "--role", "admin", "--name", "Dr Okafor"
    )
    assert done.returncode == 0
    made = done.stdout.splitlines()[1].removeprefix("Password, shown this once: ")
    house = build(database)
    assert house.browser().sign_in("a@example.org", made).status_code == 303
    assert run(database, "staff", "list").stdout == "a@example.org\tclinician and admin\tactive\tDr Okafor\n"
    assert "exists" not in refused(run(database, "staff", "add", "a@example.org", "--role", "admin"), 1)
    assert "last admin" in refused(run(database, "staff", "disable", "a@example.org"), 1)
    assert "last admin" in refused(run(database, "staff", "roles", "a@example.org", "--role", "clinician"), 1)
    assert run(database, "staff", "add", "b@example.org", "--role", "admin").returncode == 0
    assert run(database, "staff", "disable", "a@example.org").returncode == 0
    assert house.browser().sign_in("a@example.org", made).status_code == 422
    assert "disabled" in run(database, "staff", "list").stdout
    assert run(database, "staff", "enable", "a@example.org").returncode == 0
    done = run(
        database, "staff", "reset-password", "a@example.org", "--password-stdin", stdin="four unusual lantern words\n"
    )
    assert done.returncode == 0
    assert house.browser().sign_in("a@example.org", made).status_code == 422
    assert house.browser().sign_in("a@example.org", "four unusual lantern words").status_code == 303
    assert run(database, "staff", "roles", "a@example.org", "--role", "clinician").returncode == 0
    done = run(database, "staff", "roles", "a@example.org", "--role", "admin", "--role", "clinician")
    assert done.stdout == "a@example.org is clinician and admin; its sessions were ended.\n"
    events = house.rows("SELECT action, detail FROM audit_event WHERE role = 'operator' ORDER BY n")
    assert events == [
        ("account-added", ""),
        ("account-added", ""),
        ("account-disabled", ""),
        ("account-enabled", ""),
        ("password-reset", ""),
        ("roles-changed", "from clinician and admin to clinician"),
        ("roles-changed", "from clinician to clinician and admin"),
    ]


def test_an_account_that_cannot_be_made_is_one_line(tmp_path):
    assert "characters" in refused(
        run(tmp_path, "staff", "add", "a@example.org", "--role", "admin", "--password-stdin", stdin="short\n"), 1
    )
    assert "not an email address" in refused(run(tmp_path, "staff", "add", "nonsense", "--role", "admin"), 1)
    assert "Nobody has the address" in refused(run(tmp_path, "staff", "disable", "b@example.org"), 1)
    assert run(tmp_path, "staff", "list").stdout == ""


def test_the_export_from_the_shell_is_the_admins(tmp_path, database: Database):
    house = build(database)
    for scenario in scenarios():
        house.send(scenario.response(catalogue.shipped().active))
    out = tmp_path / "out.zip"
    done = run(
        database, "export", str(out), "--for", "programs", "--include", "names,contact", "--reason", "yearly audit"
    )
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with zipfile.ZipFile(out) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("responses.csv").decode(), newline="")))
    assert {row["full-name"] for row in rows} == {scenario.answers["full-name"] for scenario in scenarios()}
    ((detail,),) = house.rows("SELECT detail FROM audit_event WHERE action = 'export-begun' AND role = 'operator'")
    assert detail.endswith("; for programs; sent ..; included: names,contact; reason: yearly audit")
    assert "exists already" in refused(run(database, "export", str(out)), 1)
    assert sorted(path.name for path in tmp_path.glob("*out.zip*")) == ["out.zip"]


def test_an_export_that_cannot_be_written_leaves_nothing(tmp_path):
    assert run(tmp_path, "staff", "add", "a@example.org", "--role", "admin").returncode == 0
    assert "cannot be written" in refused(run(tmp_path, "export", str(tmp_path / "nowhere" / "out.zip")), 1)
    assert "not a group" in refused(run(tmp_path, "export", str(tmp_path / "out.zip"), "--include", "everything"), 2)
    assert list(tmp_path.rglob("*.zip*")) == []


def test_the_authors_tools(tmp_path):
    published = catalogue.SHIPPED / "nk-intake-1.2.0.yaml"
    assert catalogue.shipped().active.canonical in run(tmp_path, "questionnaire", "check", str(published)).stdout
    assert (
        f"{catalogue.shipped().active.canonical}\tactive\tnew responses\n"
        in run(tmp_path, "questionnaire", "list").stdout
    )
    rows = list(csv.DictReader(io.StringIO(run(tmp_path, "questionnaire", "codebook").stdout)))
    assert {row["linkId"] for row in rows} >= {
        item.link_id for item in catalogue.shipped().active.walk() if item.is_question
    }
    broken = tmp_path / "broken.yaml"
    text = published.read_text(encoding="utf-8")
    broken.write_text(text.replace("linkId: full-name", "linkId: respondent", 1), encoding="utf-8")
    done = run(tmp_path, "questionnaire", "check", str(broken))
    assert done.returncode == 1
    assert any(line.startswith("broken.yaml:") and "respondent" in line for line in done.stderr.splitlines())


def test_a_questionnaire_without_what_the_summary_reads_is_found_wrong(tmp_path):
    text = (catalogue.SHIPPED / "nk-intake-1.2.0.yaml").read_text(encoding="utf-8")
    without = tmp_path / "without.yaml"
    without.write_text(text.replace("linkId: loss-words", "linkId: words-for-loss"), encoding="utf-8")
    assert refused(run(tmp_path, "questionnaire", "check", str(without)), 1) == (
        "without.yaml:1: loss-words: the summary reads this item (H-05), and it is missing"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["staff", "list"],
        ["staff", "disable", "a@example.org"],
        ["staff", "reset-two-factor", "a@example.org"],
        ["export", "out.zip"],
        ["db", "copy", "sqlite:///other.sqlite3"],
        ["audit", "list"],
        ["keys", "list"],
        ["records", "purge"],
        ["backup", "create", "out.bak"],
        ["demo", "--responses", "1"],
    ],
)
def test_no_other_command_than_serve_and_staff_add_makes_an_installation(
    empty_database: Database, arguments: list[str]
):
    line = refused(run(empty_database, *arguments, **PRODUCTION), 78)
    assert line.startswith(f"There is nothing at {empty_database.instance} yet; ")
    assert not empty_database.instance.exists()
    assert not list(empty_database.folder.glob("*.sqlite3"))


def test_where_a_second_factor_is_required_the_shell_prints_it_once(database: Database):
    settings = PRODUCTION | {"INTAKE_TWO_FACTOR": "required", "INTAKE_CLINIC_NAME": "Harbour Clinic"}
    done = run(database, "staff", "add", "ada@example.org", "--role", "admin", **settings)
    assert done.returncode == 0
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("otpauth://"))
    factor = pyotp.parse_uri(line)
    assert (factor.name, factor.issuer) == ("ada@example.org", "Harbour Clinic")
    password = done.stdout.splitlines()[1].removeprefix("Password, shown this once: ")
    browser = build(database, INTAKE_TWO_FACTOR="required").browser()
    assert browser.sign_in("ada@example.org", password).headers["Location"] == "/account/second-factor"
    browser.get("/account/second-factor")
    assert browser.post("/account/second-factor", {"code": factor.now()}).headers["Location"] == "/admin/"
    assert run(database, "staff", "reset-two-factor", "ada@example.org", **settings).returncode == 0
    assert browser.get("/admin/staff").status_code in (303, 503)
    assert browser.sign_in("ada@example.org", password).headers["Location"] == "/account/second-factor/set-up"
    assert "no second factor" in refused(run(database, "staff", "reset-two-factor", "ada@example.org"), 1)


def test_a_try_out_refuses_a_database_that_served_patients(database: Database):
    assert run(database, "staff", "add", "a@example.org", "--role", "admin", **PRODUCTION).returncode == 0
    house = build(database, **PRODUCTION)
    mark_as_production(house.intake)
    mark_as_production(house.intake)
    assert house.rows("SELECT count(*) FROM audit_event WHERE action = 'production-begun'") == [(1,)]
    assert "serves patients" in refused(run(database, "staff", "list"), 78)
    assert "serves patients" in refused(run(database, "serve", "--port", "1"), 78)
    assert run(database, "staff", "list", **PRODUCTION).returncode == 0


def test_what_a_folder_forbids_is_one_line(tmp_path: Path):
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "keyring.json").mkdir()
    assert "keyring.json" in refused(run(tmp_path, "staff", "list"), 78)


def test_a_fault_of_ours_is_one_line_and_tells_no_answers(tmp_path: Path):
    fault = "import intake.cli, sys; sys.modules['intake.cli.staff'].open_intake = lambda **_: {}['her answer']; "
    command = [sys.executable, "-c", fault + "from intake.app import main; main()", "staff", "list"]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, timeout=60, check=False)
    line = refused(done, 70)
    assert "KeyError at" in line
    assert "her answer" not in line


def test_a_command_that_needs_the_keyring_refuses_without_it(tmp_path, database: Database):
    house = build(database)
    house.send(scenarios()[0].response(catalogue.shipped().active))
    os.rename(tmp_path / "instance" / "keyring.json", tmp_path / "elsewhere.json")
    assert "keyring" in refused(run(database, "staff", "list"), 78)
    assert "keyring" in refused(run(database, "export", str(tmp_path / "out.zip")), 78)
    assert not (tmp_path / "out.zip").exists()


def test_roles_of_the_shell_are_those_of_the_table():
    assert [role.value for role in Role] == ["clinician", "admin", "auditor"]
