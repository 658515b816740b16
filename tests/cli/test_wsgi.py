"""`wsgi.py` under a server of somebody else's: it refuses as `intake serve` does, in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent.parent.parent


def test_a_wrong_setting_ends_the_import_with_one_line_and_status_78(tmp_path: Path) -> None:
    env = {**os.environ, "INTAKE_INSTANCE": str(tmp_path), "INTAKE_ENV": "banana"}
    ended = subprocess.run(
        [sys.executable, "-c", "import wsgi"], cwd=HERE, env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 78
    assert ended.stderr == "INTAKE_ENV: set it to one of production, tryout, or leave it out.\n"


def test_sound_settings_give_the_application(tmp_path: Path) -> None:
    env = {**os.environ, "INTAKE_INSTANCE": str(tmp_path / "instance"), "INTAKE_ENV": "tryout"}
    ended = subprocess.run(
        [sys.executable, "-c", "from wsgi import app; print(app.name)"],
        cwd=HERE,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "intake\n", "")
