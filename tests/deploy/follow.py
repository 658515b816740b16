"""Follows docs/deploy/README.md to the letter, on a bare Debian that it may change, and uses what came of it.

As root: `python -m tests.deploy.follow`. It makes a user, folders in /opt, /srv and /etc, a database and a site of
nginx; use a machine that is thrown away. Each thing that was shown is one line; it ends at the first that is not so.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pyotp

from intake.consultations import catalogue
from tests.deploy import https, units
from tests.factories import scenarios
from tests.walker import Patient, Staff

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs/deploy/README.md"
CERTIFICATE: Final = Path("/etc/ssl/intake/fullchain.pem")
INTAKE: Final = "/opt/intake/.venv/bin/intake"
SETTINGS: Final = Path("/etc/intake/settings")
SYSTEMCTL: Final = """#!/bin/sh
# In place of systemd, which is not there: starts what a unit's own lines say.
case "$*" in
daemon-reload) ;;
"enable --now intake.service"*) cd {root} && exec {python} -m tests.deploy.follow start ;;
"reload-or-restart nginx") nginx -s reload 2>/dev/null || nginx ;;
*) echo "systemctl $*: this stand-in does not know it" >&2; exit 1 ;;
esac
"""


@dataclass(frozen=True)
class Account:
    """Somebody of staff, as the shell printed it."""

    email: str
    password: str
    factor: pyotp.TOTP


def blocks() -> str:
    """What the page tells to run, in order, as one script."""
    found = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return "set -euo pipefail\n" + "\n".join(found)


def start() -> None:
    """Start the service; come back once it is ready."""
    log = Path("/srv/intake/journal")
    process = units.start(Path("/etc/systemd/system/intake.service"), log)
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"the service ended with {process.returncode}: {log.read_text(encoding='utf-8')}")
        try:
            if httpx.get("http://127.0.0.1:8000/readyz").text == "ready\n":
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit("the service is not ready after a minute")


def follow() -> list[Account]:
    """Run the page; gives the accounts that it made."""
    if not Path("/etc/postgresql/15/main").exists():  # as Debian's package does where nobody told it not to
        subprocess.run(["pg_createcluster", "15", "main"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        shim = Path(folder) / "systemctl"
        shim.write_text(SYSTEMCTL.format(python=sys.executable, root=ROOT), encoding="utf-8")
        shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
        env = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "REPOSITORY": str(ROOT)}
        done = subprocess.run(
            ["bash", "-c", blocks()], env=env, cwd="/", stdout=subprocess.PIPE, text=True, check=False
        )
    if done.returncode:
        raise SystemExit(f"the page ended with {done.returncode}:\n{done.stdout}")
    made = re.findall(r"Added (\S+),.*\nPassword, shown this once: (\S+)\n.*\n(otpauth://\S+)", done.stdout)
    return [Account(email, password, pyotp.TOTP(pyotp.parse_uri(line).secret)) for email, password, line in made]


def signed_in(account: Account) -> Staff:
    """Somebody who gave the password and the code of the app."""
    staff = Staff(https.client(443, CERTIFICATE)).sign_in((account.email, account.password))
    assert staff.path == "/account/second-factor", staff.path
    form = staff.soup.select_one("main form")
    assert form is not None
    staff.press(form.find("button"), [("code", account.factor.now())])
    assert staff.response.status_code == 200, staff.text
    return staff


def command(*arguments: str, settings: Mapping[str, str] | None = None) -> str:
    """Run a command as an operator does, with the settings of the page unless others are given; gives what it says."""
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"} | units.environment_file(SETTINGS) | dict(settings or {})
    line = ["runuser", "-u", "intake", "--", *arguments]
    done = subprocess.run(line, env=env, cwd="/srv/intake", capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments}: {done.returncode} {done.stdout}{done.stderr}"
    return done.stdout


def restore(file: Path, name: str) -> Mapping[str, str]:
    """Bring a backup into a database and a folder of another name; gives their settings."""
    place = Path(f"/srv/{name}")
    subprocess.run(["install", "-d", "-o", "intake", "-g", "intake", "-m", "0700", str(place)], check=True)
    for part in ("keyring.json", "erasures"):
        shutil.copy2(f"/srv/intake/instance/{part}", place)
        shutil.chown(place / part, "intake", "intake")
    subprocess.run(
        ["runuser", "-u", "postgres", "--", "createdb", "--owner=intake", "-E", "UTF8", "-T", "template0", name],
        check=True,
        cwd="/",
    )
    url = f"postgresql+psycopg://intake@/{name}?host=/var/run/postgresql"
    settings = {"INTAKE_INSTANCE": str(place), "DATABASE_URL": url}
    command(INTAKE, "backup", "restore", str(file), settings=settings)
    return settings


def use(accounts: list[Account]) -> None:
    """Have patients, a clinician, an admin and the operator use the site."""
    admin, clinician = (next(one for one in accounts if one.email.startswith(name)) for name in ("ada", "bea"))
    questionnaire = catalogue.shipped().active
    with https.client(443, CERTIFICATE) as visitor:
        answer = visitor.get("/")
        assert answer.headers["Strict-Transport-Security"]
        assert visitor.get("/readyz").status_code == 404
    say("https, with HSTS; /readyz is not for outside")
    references = {}
    for scenario in scenarios():
        patient = Patient(https.client(443, CERTIFICATE), questionnaire, scenario.response(questionnaire))
        references[scenario.id] = patient.start().to_check().send()
    say(f"{len(references)} scenarios sent")
    reader = signed_in(clinician)
    for reference in references.values():
        assert reader.summary(reference)["reference"] == reference
    say(f"a clinician with a second factor read {len(references)} pages")
    with zipfile.ZipFile(io.BytesIO(signed_in(admin).export())) as archive:
        rows = archive.read("responses.csv").decode().splitlines()
    assert len(rows) == 1 + len(references), len(rows)
    say(f"an admin with a second factor exported {len(references)} responses")
    command("/opt/intake/docs/deploy/backup.sh", "/srv/intake/backups", settings={"INTAKE": INTAKE})
    (file,) = Path("/srv/intake/backups").iterdir()
    elsewhere = restore(file, "intake_elsewhere")
    assert "whole" in command(INTAKE, "audit", "verify", settings=elsewhere)
    command(INTAKE, "keys", "verify", settings=elsewhere)
    say("backed up, verified, restored elsewhere: the trail is whole, and every response opens")
    gone = next(iter(references.values()))
    command(INTAKE, "records", "erase", gone, "--reason", "she asked for it")
    reader.get(f"/clinician/?q={gone}")
    assert not [link for link in reader.soup.select("main a") if gone in link.get_text()]
    again = restore(file, "intake_again")
    listed = command(INTAKE, "audit", "list", "--object", gone, settings=again)
    assert "erase" in listed
    say("erased, and erased again when the older backup was restored")
    assert "refused:" not in command(INTAKE, "doctor", "--host", "127.0.0.1")
    say("the doctor refuses nothing")


def say(words: str) -> None:
    """One line for what was shown."""
    print(words, flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["start"]:
        start()
    else:
        use(follow())
