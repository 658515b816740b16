"""The PostgreSQL server of a test run: a real one, made in a temporary folder by whoever needs it first, gone when the
run ends.

The process that pytest was started in makes the folder and holds its door open (`run_folder`). A worker that wants the
server starts
a keeper (`python -m tests.postgresql FOLDER`), which reads at that door: when pytest ends, be it by kill -9, the keeper
sees it, stops
the server and removes the folder. The server talks on a socket inside the folder, so that no port is taken and nobody
else gets in.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from intake.records.database import open_database, upgrade

FOLDER: Final = "INTAKE_TEST_POSTGRESQL"  # the environment variable in which the workers find the folder
ROOM: Final = Path("/tmp")  # the path of a socket may be 107 characters long: TMPDIR can be too deep
TEMPLATE: Final = "template_intake"
USER: Final = "intake"
GUARDED: Final = ("guarded", "pass word/1")  # somebody who needs a password
SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "200",
    "timezone": "America/St_Johns",  # nothing of ours may rest on the server's own zone
    # a crash of the machine may lose the tests' data; commits still wait for their turn (synchronous_commit is on)
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


@dataclass(frozen=True)
class PostgresqlServer:
    """A server with its data, its socket and its log in one folder."""

    folder: Path

    @property
    def data(self) -> Path:
        """Where the databases stand on the disk."""
        return self.folder / "data"

    def url(self, name: str, user: str = USER) -> str:
        """The address of a database on this server."""
        return f"postgresql+psycopg://{user}@/{name}?host={self.folder}"

    def make(self) -> None:
        """A new server, its data sorted by the rules of a language as a clinic's would be. As root it belongs to the
        user postgres."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.folder.chmod(0o700)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        sorting = ("--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US")
        self._run("initdb", "--pgdata", str(self.data), "--username", USER, "--auth=trust", "--no-sync", *sorting)
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
            file.write(f"unix_socket_directories = '{self.folder}'\n")
        rules = (self.data / "pg_hba.conf").read_text(encoding="utf-8")
        (self.data / "pg_hba.conf").write_text(f"local all {GUARDED[0]} scram-sha-256\n{rules}", encoding="utf-8")

    def start(self) -> None:
        """Serve, and come back once it answers."""
        self._control("start", "--log", str(self.folder / "log"))

    def stop(self, mode: str = "fast") -> None:
        """End it: `fast` in order, `immediate` as a crash would."""
        self._control("stop", "--mode", mode)

    def run_sql(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """One statement of the server's owner, outside any transaction."""
        import psycopg

        with psycopg.connect(host=str(self.folder), user=USER, dbname=database, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "--pgdata", str(self.data), "--wait", "--silent", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        # PostgreSQL does not run as root: there it is the user that its package made
        owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        with (self.folder / f"{program}.out").open("wb") as out:
            done = subprocess.run(
                [_programs() / program, *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                check=False,
                **owner,
            )
        if done.returncode:
            said = [
                path.read_text(errors="replace")
                for path in (self.folder / f"{program}.out", self.folder / "log")
                if path.exists()
            ]
            raise AssertionError(f"{program} ended with status {done.returncode}:\n" + "\n".join(said))


def _programs() -> Path:
    """Where PostgreSQL's programs are: the newest of Debian's, else those on the PATH."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(re.sub(r"\D", "", str(path)) or 0)
    )
    found = debian[-1] if debian else shutil.which("initdb")
    if not found or (os.geteuid() == 0 and not _exists("postgres")):
        raise AssertionError(
            "The tests need a PostgreSQL server: `make packages` brings it, or apt-get install postgresql."
        )
    return Path(found).parent


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


# -- one server a run --------------------------------------------------------------------------------------------------


@contextmanager
def run_folder() -> Iterator[None]:
    """In the process that pytest was started in: a folder for this run's server, and its door held open until the run
    ends."""
    folder = Path(tempfile.mkdtemp(prefix="intake-pg-", dir=ROOM))
    os.mkfifo(folder / "door")
    door = os.open(folder / "door", os.O_RDWR)  # closed with this process, however that ends
    os.environ[FOLDER] = str(folder)
    try:
        yield
    finally:
        os.environ.pop(FOLDER)
        os.close(door)
        if not (folder / "wanted").exists():
            shutil.rmtree(folder)
        end = time.monotonic() + 30
        while folder.exists() and time.monotonic() < end:
            time.sleep(0.05)


def run_server() -> PostgresqlServer:
    """This run's server, started now if nobody asked for it before, with `TEMPLATE`: a database with our tables and
    nothing in them."""
    folder = Path(os.environ[FOLDER])
    server = PostgresqlServer(folder / "pg")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            (folder / "wanted").touch()
            _start_keeper(folder)
            password = GUARDED[1]
            server.run_sql(f"CREATE ROLE {GUARDED[0]} LOGIN PASSWORD '{password}'")
            server.run_sql(f"CREATE DATABASE {TEMPLATE}")
            engine = open_database(server.url(TEMPLATE))
            upgrade(engine)
            engine.dispose()
            (folder / "ready").touch()
    return server


def _start_keeper(folder: Path) -> None:
    command = [sys.executable, "-m", "tests.postgresql", str(folder)]
    with (folder / "keeper.out").open("wb") as out:
        keeper = subprocess.Popen(
            command,
            cwd=Path(__file__).parents[1],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    end = time.monotonic() + 60
    while not (folder / "started").exists():
        if keeper.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"PostgreSQL did not start:\n{(folder / 'keeper.out').read_text(errors='replace')}")
        time.sleep(0.02)
    _KEEPERS.append(keeper)  # it outlives whoever started it


_KEEPERS: Final[list[subprocess.Popen[bytes]]] = []


def keep(folder: Path) -> None:
    """Make a server in this folder, serve until nobody holds the folder's door open any more, then leave nothing
    behind."""
    server = PostgresqlServer(folder / "pg")
    folder.chmod(0o711)  # the server's user passes through to its own folder
    try:
        server.make()
        server.start()
        (folder / "started").touch()
        with (folder / "door").open("rb") as door:
            door.read()
        server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
