"""Serves one of the two apps, on the same server with the same number of processes: `python -m bench.serving ours|floor
PORT FOLDER`."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Final

import psutil

from bench import floor
from bench.walking import Walker
from intake.app import create_app
from intake.config import Settings
from intake.web import server
from tests.serving import free_port

WORKERS: Final = 2
APPS: Final = ("ours", "floor")


@dataclass(frozen=True)
class Served:
    """A server that runs."""

    port: int
    process: psutil.Process

    @property
    def processes(self) -> list[psutil.Process]:
        """The one that was started and its workers."""
        return [self.process, *self.process.children(recursive=True)]

    def cpu(self) -> float:
        """The seconds of processor time that it has used, its workers included."""
        return float(sum(sum(one.cpu_times()[:2]) for one in self.processes))

    def memory(self) -> float:
        """What it holds, in MB: shared pages counted once (PSS)."""
        return float(sum(one.memory_full_info().pss for one in self.processes) / 1e6)


@contextmanager
def served(app: str) -> Iterator[Served]:
    """One of the apps, on a database of its own, for as long as the block runs."""
    port = free_port()
    command = [sys.executable, "-m", "bench.serving", app, str(port)]
    with tempfile.TemporaryDirectory() as folder, Popen([*command, folder], stderr=DEVNULL) as process:
        try:
            _wait_for(port)
            yield Served(port, psutil.Process(process.pid))
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    end = time.monotonic() + 60
    while True:
        with closing(Walker(port)) as walker:
            try:
                walker.open("/")
                return
            except OSError:
                if time.monotonic() > end:
                    raise
        time.sleep(0.1)


def main(app: str, port: str, folder: str) -> None:
    """Serve until told to stop."""
    bound = server.listen("127.0.0.1", int(port))
    if app == "floor":
        made = floor.create_app(Path(folder))
    else:
        made = create_app(Settings.from_environment({"INTAKE_ENV": "tryout", "INTAKE_INSTANCE": folder}))
    for name in made.jinja_env.list_templates():  # as `intake serve` does
        made.jinja_env.get_template(name)
    server.serve(made.wsgi_app, bound, workers=WORKERS, https=False, behind_proxy=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
