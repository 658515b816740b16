"""What `intake doctor` finds: every fault that an operator is known to have made, each named in one line; and that it
makes and changes nothing."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from intake.accounts.staff import Role
from intake.cli.doctor import RELEASED, findings
from intake.web import proxied
from tests.cli.test_commands import run
from tests.databases import Database
from tests.serving import environment
from tests.staffroom import build

SOUND = {
    "INTAKE_ENV": "production",
    "INTAKE_PUBLIC_URL": "https://intake.example.org",
    "INTAKE_TRUSTED_HOSTS": "intake.example.org",
    "INTAKE_PROXY_HOPS": "1",
    "INTAKE_CLINIC_NAME": "Harbour Clinic",
    "INTAKE_CLINIC_CONTACT": "+44 20 5550 0100",
    "INTAKE_CLINIC_COUNTRY": "GB",
    "INTAKE_RETENTION_DAYS": "3650",
}


@pytest.fixture
def sound(empty_database: Database, tmp_path: Path) -> dict[str, str]:
    """The settings of a sound production, of which nothing but the first accounts is there."""
    consent = tmp_path / "consent.txt"
    consent.write_text("I agree.", encoding="utf-8")
    return {
        **empty_database.env,
        "INTAKE_INSTANCE": str(empty_database.instance),
        **SOUND,
        "INTAKE_CLINIC_CONSENT_FILE": f"{consent}",
    }


def found(env: dict[str, str], host: str | None = "127.0.0.1") -> list[str]:
    """What is found, as it is said."""
    return [str(one) for one in findings(env, host)]


def test_a_sound_production_has_no_finding_but_that_there_is_nothing_yet(
    sound: dict[str, str], empty_database: Database
):
    assert found(sound) == ["warning: There is no installation yet: begin with “intake staff add”."]
    assert not empty_database.instance.exists()


def test_accounts_without_a_second_factor_are_named(sound: dict[str, str], empty_database: Database):
    house = build(empty_database)
    assert found(sound) == ["warning: There is no staff account: add the first with “intake staff add”."]
    house.add_staff("ada@example.org", Role.ADMIN)
    assert found(sound) == [
        "warning: No admin has a second factor, so that staff pages wait: an admin signs in and sets one up.",
        "warning: No second factor yet: ada@example.org. Each sets one up at the next sign-in.",
    ]


SETTINGS: dict[str, tuple[dict[str, str], str | None, str]] = {
    "no public address": ({"INTAKE_PUBLIC_URL": ""}, None, "refused: INTAKE_PUBLIC_URL: "),
    "a public address that is not trusted": (
        {"INTAKE_TRUSTED_HOSTS": "other.example.org"},
        None,
        "refused: INTAKE_TRUSTED_HOSTS: intake.example.org, the host of INTAKE_PUBLIC_URL, is not among them",
    ),
    "https without a proxy": ({"INTAKE_PROXY_HOPS": "0"}, None, "refused: INTAKE_PROXY_HOPS: set it to 1"),
    "a misspelt name": (
        {"INTAKE_TRUSTED_HOST": "x"},
        None,
        "warning: INTAKE_TRUSTED_HOST: there is no such setting; did you mean INTAKE_TRUSTED_HOSTS?",
    ),
    "a name like no other": ({"INTAKE_ZZZ": "x"}, None, "warning: INTAKE_ZZZ: there is no such setting; take it out."),
    "every address with a proxy": ({}, "0.0.0.0", "warning: --host 0.0.0.0: whoever reaches this port past the proxy"),
    "no second factor": ({"INTAKE_TWO_FACTOR": "optional"}, None, "warning: INTAKE_TWO_FACTOR: "),
    "no name": ({"INTAKE_CLINIC_NAME": ""}, None, "warning: INTAKE_CLINIC_NAME: it is not set"),
    "no contact": ({"INTAKE_CLINIC_CONTACT": ""}, None, "warning: INTAKE_CLINIC_CONTACT: it is not set"),
    "no country": ({"INTAKE_CLINIC_COUNTRY": ""}, None, "warning: INTAKE_CLINIC_COUNTRY: it is not set"),
    "the default consent text": (
        {"INTAKE_CLINIC_CONSENT_FILE": ""},
        None,
        "warning: INTAKE_CLINIC_CONSENT_FILE: it is not set",
    ),
    "a folder that cannot be made": (
        {"INTAKE_INSTANCE": "/proc/none/instance"},
        None,
        "refused: /proc/none/instance: nothing can be written there",
    ),
    "a setting that cannot be read": (
        {"INTAKE_PROXY_HOPS": "one"},
        None,
        "refused: INTAKE_PROXY_HOPS: set it to a whole number from 0 to 5, or leave it out.",
    ),
    "a database server that is not there": (
        {"DATABASE_URL": "postgresql+psycopg://x:secret-word@127.0.0.1:1/none"},
        None,
        "refused: The database server of postgresql+psycopg://x:***@127.0.0.1:1/none does not answer; start it,",
    ),
    "no rate limit": ({"INTAKE_RATE_LIMIT": "0"}, None, "refused: INTAKE_RATE_LIMIT: "),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_will_not_do_is_one_line(sound: dict[str, str], name: str):
    change, host, said = SETTINGS[name]
    lines = found(sound | change, host)
    assert [line for line in lines if line.startswith(said)], lines
    assert not any("\n" in line or "secret-word" in line for line in lines)


def loose(path: Callable[[Database], Path], mode: int) -> Callable[[Database], None]:
    """Give others rights to a path."""
    return lambda one: path(one).chmod(mode)


SPOILT: dict[str, tuple[Callable[[Database], None], str]] = {
    "a folder of everybody": (
        loose(lambda one: one.instance, 0o777),
        "others on this machine may change it; run “chmod 700",
    ),
    "a folder that others read": (
        loose(lambda one: one.instance, 0o755),
        "others on this machine may read it; run “chmod 700",
    ),
    "a keyring that others read": (
        loose(lambda one: one.instance / "keyring.json", 0o644),
        "others on this machine may read it; run “chmod 600",
    ),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_stands_open_to_others_is_one_line(sound: dict[str, str], empty_database: Database, name: str):
    build(empty_database)
    spoil, said = SPOILT[name]
    spoil(empty_database)
    assert any(said in line for line in found(sound)), found(sound)


def test_a_database_file_that_others_read_is_refused(tmp_path: Path, sound: dict[str, str]):
    folder = tmp_path / "open"
    folder.mkdir(mode=0o700)
    (folder / "intake.sqlite3").touch(0o644)
    (folder / "intake.sqlite3").chmod(0o644)
    env = {**sound, "INTAKE_INSTANCE": str(folder), "DATABASE_URL": ""}
    assert any(line.startswith(f"refused: {folder}/intake.sqlite3: others") for line in found(env))


def test_a_full_disk_is_refused_and_a_nearly_full_one_said(sound: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    class Usage:
        free = 100 * 1024**2

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage)
    assert any(line.startswith("warning: ") and "100 MB are free" in line for line in found(sound))
    Usage.free = 1024**2
    assert any(line.startswith("refused: ") and "1 MB are free" in line for line in found(sound))


def test_a_folder_that_takes_no_more_bytes_is_refused(sound: dict[str, str], empty_database: Database):
    command = [sys.executable, "-c", "from intake.app import main; main()", "doctor", "--host", "127.0.0.1"]
    done = subprocess.run(
        command,
        env=environment(empty_database.folder, **sound),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),  # what a full disk does to a write
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 78
    assert "nothing can be written there (File too large); give it to this user, or make room." in done.stderr


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (RELEASED - timedelta(days=3650), "refused: The clock says 2016-"),
        (RELEASED + timedelta(days=3650), "warning: The clock says 2036-"),
    ],
)
def test_a_clock_that_is_years_off_is_said(sound: dict[str, str], moment: datetime, said: str):
    with time_machine.travel(moment, tick=False):
        assert any(line.startswith(said) for line in found(sound))


def test_a_clock_behind_the_trail_is_refused(sound: dict[str, str], empty_database: Database):
    house = build(empty_database)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=90)):
        house.add_staff("ada@example.org", Role.ADMIN)
    assert any(line.startswith("refused: The clock says") and "the trail has an event" in line for line in found(sound))


def test_a_proxy_that_forwards_too_little_is_said_in_the_log_once_and_by_the_doctor(
    empty_database: Database, sound: dict[str, str], caplog: pytest.LogCaptureFixture
):
    house = build(empty_database, INTAKE_PROXY_HOPS="1")
    house.add_staff("ada@example.org", Role.ADMIN)
    caplog.set_level("WARNING")
    for _ in range(3):
        house.app.test_client().get("/")
    assert [record.fields["words"] for record in caplog.records if record.msg == "proxy"] == [proxied.TOO_LITTLE]
    assert f"warning: {proxied.TOO_LITTLE}" in found(sound)
    proxied.forget(house.intake.settings)
    assert f"warning: {proxied.TOO_LITTLE}" not in found(sound)


@pytest.mark.parametrize(
    ("hops", "headers", "said"),
    [
        ("0", {}, None),
        ("0", {"X-Forwarded-For": "192.0.2.1"}, proxied.NOT_TOLD),
        ("1", {"X-Forwarded-For": "192.0.2.1"}, None),
        ("1", {"X-Forwarded-For": "192.0.2.1:4711"}, None),
        ("2", {"X-Forwarded-For": "192.0.2.1, 198.51.100.7"}, None),
        ("2", {"X-Forwarded-For": "192.0.2.1"}, proxied.TOO_FEW),
        ("1", {"X-Forwarded-For": " , "}, proxied.TOO_LITTLE),
    ],
)
def test_what_the_proxy_forwards_is_looked_at(
    empty_database: Database, hops: str, headers: dict[str, str], said: str | None
):
    house = build(empty_database, INTAKE_PROXY_HOPS=hops)
    client = house.app.test_client()
    client.get("/healthz")
    assert proxied.noted(house.intake.settings) is None
    client.get("/", headers=headers)
    assert proxied.noted(house.intake.settings) == said


def test_the_command_says_one_line_a_finding_and_ends_with_78(empty_database: Database):
    done = run(empty_database, "doctor")
    assert done.returncode == 78
    lines = done.stderr.splitlines()
    assert [line.split(":")[1].strip() for line in lines if line.startswith("refused:")] == [
        "INTAKE_PUBLIC_URL",
        "INTAKE_TRUSTED_HOSTS",
    ]
    assert all(line.startswith(("refused: ", "warning: ")) for line in lines)
    assert lines == sorted(lines, key=lambda line: not line.startswith("refused:"))
    loopback = {"INTAKE_ALLOW_PLAIN_HTTP": "loopback", "INTAKE_TRUSTED_HOSTS": "127.0.0.1"}
    done = run(empty_database, "doctor", **loopback)
    assert (done.returncode, done.stdout) == (0, "A production start would be accepted.\n")
    assert not empty_database.instance.exists()


def test_a_folder_that_may_not_even_be_looked_at_is_one_line_of_the_doctors(
    sound: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    def forbid(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", forbid)
    (line,) = found(sound)
    assert line == f"refused: {sound['INTAKE_INSTANCE']}: Permission denied; give it to this user."
