"""The tests' own PostgreSQL server: it leaves nothing behind, be the run killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests import postgresql
from tests.waiting import wait_until

RUN = """
import os, signal, sys
from tests import postgresql
with postgresql.run_folder():
    print(os.environ[postgresql.FOLDER], flush=True)
    if "server" in sys.argv:
        assert postgresql.run_server().run_sql("SELECT 1") == [(1,)]
    print("up", flush=True)
    input()
"""


def processes_in(folder: Path) -> list[int]:
    """Who works in this folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(str(folder) in word for word in process.info["cmdline"] or []):
            found.append(process.pid)
    return found


@pytest.mark.parametrize("end", ["in order", "kill -9"])
def test_a_run_that_ended_leaves_no_process_and_no_file(end: str):
    env = {name: value for name, value in os.environ.items() if name != postgresql.FOLDER}
    command = [sys.executable, "-c", RUN, "server"]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[2], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        folder = Path(run.stdout.readline().strip())
        assert run.stdout.readline() == "up\n"
        assert len(processes_in(folder)) >= 2, "the keeper and the server"
        if end == "in order":
            run.stdin.write("\n")
            run.stdin.flush()
        else:
            run.send_signal(signal.SIGKILL)
        run.wait(40)
    wait_until(lambda: not folder.exists() and not processes_in(folder), seconds=40, what=f"{folder} is still in use")


def test_a_run_that_needs_no_server_starts_none():
    env = {name: value for name, value in os.environ.items() if name != postgresql.FOLDER}
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=Path(__file__).parents[2],
        env=env,
        input="\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    folder, up = done.stdout.split()
    assert (up, done.returncode) == ("up", 0)
    assert not Path(folder).exists()
