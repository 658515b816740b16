"""Reads a unit of systemd as far as docs/deploy needs it, and starts what it would start."""

from __future__ import annotations

import os
import pwd
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

PYTHON: Final = sys.executable

Unit = dict[str, dict[str, list[str]]]


def read(path: Path) -> Unit:
    """The sections of a unit: each key with its values in order."""
    unit: Unit = {}
    section: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = unit.setdefault(line.strip("[]"), {})
        elif "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            section.setdefault(key, []).append(value)
    return unit


def environment_file(path: Path) -> dict[str, str]:
    """The variables of a file for `EnvironmentFile=`."""
    lines = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines() if line[:1].isalpha())
    return {name: "".join(shlex.split(value)) for name, _, value in lines}


def start(path: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start what the unit's own lines say: its user, folder, environment, mask and command."""
    service = read(path)["Service"]
    who = pwd.getpwnam(service["User"][0])
    env = {"PATH": os.defpath, "HOME": who.pw_dir}
    for file in service.get("EnvironmentFile", []):
        env |= environment_file(Path(file))
    with log.open("ab") as out:
        return subprocess.Popen(
            shlex.split(service["ExecStart"][0]),
            cwd=service["WorkingDirectory"][0],
            env=env,
            user=who.pw_uid,
            group=who.pw_gid,
            extra_groups=[],
            umask=int(service["UMask"][0], 8),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
