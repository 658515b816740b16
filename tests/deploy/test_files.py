"""The other files of docs/deploy: a unit that systemd takes, scripts and container files that hold what they promise,
and pages that name what the program says."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from intake import __version__
from intake.accounts.staff import Role
from intake.config import Settings
from intake.records import chain, errors
from intake.records.chain import Head
from tests.databases import Database
from tests.deploy import units
from tests.serving import environment
from tests.staffroom import build

DEPLOY = Path(__file__).parents[2] / "docs/deploy"


@pytest.mark.parametrize("name", ["intake.service", "intake-backup.service", "intake-backup.timer"])
def test_systemd_takes_the_unit(name: str, tmp_path: Path) -> None:
    for file in DEPLOY.glob("intake*"):
        text = file.read_text(encoding="utf-8").replace("/opt/intake/.venv/bin/intake", "/bin/true")
        (tmp_path / file.name).write_text(
            text.replace("/opt/intake/docs/deploy/backup.sh", "/bin/true"), encoding="utf-8"
        )
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = [line for line in done.stderr.splitlines() if str(tmp_path) in line]
    assert (done.returncode, said) == (0, []), done.stderr


def test_caddy_takes_its_file() -> None:
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "Valid configuration" in done.stdout) == (0, True), done.stderr


def test_the_service_is_shut_in() -> None:
    unit = units.read(DEPLOY / "intake.service")
    service = unit["Service"]
    assert service["RestartPreventExitStatus"] == ["78"]
    assert service["LimitCORE"] == ["0"]
    assert service["UMask"] == ["0077"]
    for name in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "MemoryDenyWriteExecute", "ProtectHome"):
        assert service[name] == ["yes"], name
    assert service["ReadWritePaths"] == ["/srv/intake"]


def test_the_settings_of_the_page_are_settings_and_accepted(tmp_path: Path) -> None:
    env = units.environment_file(DEPLOY / "settings")
    assert {name for name in env if name.startswith("INTAKE_")} <= Settings.names()
    assert Settings.from_environment(env, bind="127.0.0.1").refusals("127.0.0.1") == []


def test_the_nightly_backup_is_made_verified_and_the_old_ones_go(database: Database, tmp_path: Path) -> None:
    house = build(database)
    house.add_staff("ada@example.org", Role.ADMIN)
    house.intake.engine.dispose()
    command = tmp_path / "intake"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(units.PYTHON)} -c "from intake.app import main; main()" "$@"\n')
    command.chmod(0o755)
    folder = tmp_path / "backups"
    folder.mkdir()
    old = folder / "intake-2020-01-01T000000Z.backup"
    old.touch()
    subprocess.run(["touch", "-d", "40 days ago", str(old)], check=True)
    env = environment(database.folder, **database.env) | {"INTAKE": str(command)}
    subprocess.run([str(DEPLOY / "backup.sh"), str(folder)], env=env, check=True, timeout=120, capture_output=True)
    (made,) = folder.iterdir()
    assert made.stat().st_mode & 0o777 == 0o600
    chain.note(database.instance / "trail-head", Head(99, bytes(32)))  # of a trail that was cut since
    spoilt = subprocess.run(
        [str(DEPLOY / "backup.sh"), str(folder)], env=env, check=False, timeout=120, capture_output=True
    )
    assert spoilt.returncode != 0, "a trail that is not whole ends the night's work with a failure that systemd tells"


def test_the_containers_are_without_rights_and_cannot_write_their_system() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    intake = compose["services"]["intake"]
    assert intake["read_only"] is True
    assert intake["cap_drop"] == ["ALL"]
    assert all(port.startswith("127.0.0.1:") for port in intake["ports"])
    names = {name for name in intake["environment"] if name.startswith("INTAKE_")}
    assert names <= Settings.names()
    lines = (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines()
    last_stage = lines[max(at for at, line in enumerate(lines) if line.startswith("FROM ")) :]
    assert "USER 10001" in last_stage
    assert any("/healthz" in line for line in last_stage)
    assert all(
        ":" in line.partition("FROM ")[2] and ":latest" not in line for line in lines if line.startswith("FROM ")
    )


def plain(text: str) -> str:
    """A sentence with “…” for what is filled in."""
    return re.sub(r"\{[^}]*\}|…", "…", text)


@pytest.mark.parametrize(
    "sentence",
    [
        kind.sentence
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, errors.CannotStart)
        and "sentence" in vars(kind)
        and kind not in (errors.BackupOfAnother,)
    ],
)
def test_whatever_ends_a_start_stands_on_the_page_of_troubles(sentence: str) -> None:
    page = (DEPLOY / "troubleshooting.md").read_text(encoding="utf-8")
    named = [plain(words) for words in re.findall(r"^\| `([^`]+)`", page, re.MULTILINE)]
    assert any(plain(sentence).startswith(words.rstrip("… ")) for words in named), sentence


def test_each_version_has_a_note_on_upgrading() -> None:
    changes = re.findall(
        r"^## (\d+\.\d+)", (DEPLOY.parents[1] / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    noted = re.findall(r"^\| (\d+\.\d+) \|", (DEPLOY / "upgrading.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert noted == [one for one in dict.fromkeys(changes) if one != "0.1"]
    assert __version__.startswith(f"{noted[0]}.")
