"""A test that hangs fails: it is interrupted and the others go on; one that cannot be interrupted ends the run, in
red."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOR_EVER = "import threading\n\n\ndef test_hangs():\n    threading.Event().wait()\n\n\ndef test_is_next():\n    pass\n"
WHATEVER_COMES = """
import time


def test_hangs():
    while True:
        try:
            time.sleep(1)
        except BaseException:
            pass
"""


def run(folder: Path, tests: str, *settings: str) -> subprocess.CompletedProcess[str]:
    """A run of these tests with our settings, some of them shorter."""
    (folder / "test_these.py").write_text(tests, encoding="utf-8")
    ours = ["-c", str(ROOT / "pyproject.toml"), f"--rootdir={folder}", "-p", "no:cacheprovider"]
    shorter = [word for setting in settings for word in ("-o", setting)]
    command = [sys.executable, "-m", "pytest", *ours, *shorter, str(folder / "test_these.py")]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_a_test_that_hangs_fails_and_the_next_one_runs(tmp_path: Path) -> None:
    done = run(tmp_path, FOR_EVER, "timeout=1")
    assert done.returncode == 1
    assert "1 failed, 1 passed" in done.stdout
    assert "Timeout (>1.0s)" in done.stdout


def test_a_test_that_takes_no_interruption_ends_the_run_in_red(tmp_path: Path) -> None:
    done = run(tmp_path, WHATEVER_COMES, "timeout=1", "faulthandler_timeout=2")
    assert done.returncode == 1
    assert "test_these.py" in done.stderr, "where it stood"


def test_both_limits_are_set_for_every_test() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    assert 0 < settings["timeout"] <= 120
    assert settings["timeout"] < settings["faulthandler_timeout"] <= 600
    assert settings["faulthandler_exit_on_timeout"] is True
