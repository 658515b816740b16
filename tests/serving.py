"""A real `intake serve` on a database of a test: what browsers, canaries and export tests talk to."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.databases import Database


@dataclass(frozen=True)
class Server:
    """A running server: where it is, its database, its process group, and the try-out accounts it printed."""

    base: str
    database: Database
    process: subprocess.Popen[bytes]
    accounts: dict[str, tuple[str, str]]

    @property
    def folder(self) -> Path:
        """Where its instance folder and its output stand."""
        return self.database.folder

    @property
    def instance(self) -> Path:
        """The instance folder: the keyring, and SQLite's database."""
        return self.database.instance

    def output(self) -> str:
        """All that the server printed so far."""
        return "".join((self.folder / name).read_text(encoding="utf-8") for name in ("stdout", "stderr"))

    def kill(self) -> None:
        """kill -9 of the whole process group."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a try-out in this folder, its temporary files inside it."""
    (folder / "tmp").mkdir(exist_ok=True)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("INTAKE_") and name != "DATABASE_URL"
    }
    own = {"INTAKE_ENV": "tryout", "INTAKE_INSTANCE": str(folder / "instance"), "TMPDIR": str(folder / "tmp")}
    return (
        kept
        | own
        | {
            "INTAKE_CLINIC_NAME": "Harbour Clinic",
            "INTAKE_CLINIC_CONTACT": "+44 20 5550 0100",
            "INTAKE_CLINIC_COUNTRY": "GB",
        }
        | settings
    )


@contextmanager
def serving(
    database: Database,
    *,
    launcher: list[str] | None = None,
    arguments: tuple[str, ...] = (),
    port: int | None = None,
    **settings: str,
) -> Iterator[Server]:
    """Serve from a database and the folder it stands in until the block ends; `launcher` replaces `-m intake.app` for
    planted faults, `port` is where a server before it was."""
    folder, port = database.folder, port or free_port()
    command = [
        sys.executable,
        *(launcher or ["-c", "from intake.app import main; main()"]),
        "serve",
        "--port",
        str(port),
        *arguments,
    ]
    with (folder / "stdout").open("ab") as out, (folder / "stderr").open("ab") as err:
        process = subprocess.Popen(
            command,
            env=environment(folder, **database.env | settings),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    server = Server(f"http://127.0.0.1:{port}", database, process, {})
    try:
        _wait_for(server)
        printed = re.findall(
            r"(?m)^(clinician|admin) (\S+@\S+) (\S+)$", (folder / "stdout").read_text(encoding="utf-8")
        )
        server.accounts.update({role: (email, password) for role, email, password in printed})
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_for(server: Server, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.process.poll() is not None:
            raise AssertionError(f"the server ended with status {server.process.returncode}:\n{server.output()}")
        try:
            if httpx.get(f"{server.base}/healthz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the server does not answer:\n{server.output()}")
