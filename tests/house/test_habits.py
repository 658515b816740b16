"""What holds a change to the house's habits: hooks before a commit, the run of a hosted CI, lines that fit a screen."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HOOKS = [
    hook
    for repo in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    for hook in repo["hooks"]
]
STEPS = [
    step["run"]
    for job in yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"].values()
    for step in job["steps"]
    if "run" in step
]


def is_there(command: str) -> bool:
    """Whether the first word is a program of ours, or make with a target of ours."""
    program, *arguments = command.split()
    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        return bool(arguments) and set(arguments) <= set(targets)
    return os.access(ROOT / program, os.X_OK)


def test_what_the_hooks_and_the_hosted_run_start_is_there() -> None:
    ours = [hook["entry"] for hook in HOOKS] + [step for step in STEPS if step.startswith(".")]
    assert {"make check", ".ci/run"} <= set(ours)
    assert [command for command in ours if not is_there(command)] == []
    assert not is_there("make no-such-target")
    assert not is_there(".ci/no-such-program")


@pytest.mark.parametrize(("length", "status"), [(1, 0), (72, 0), (73, 1)])
def test_a_commits_subject_has_at_most_72_characters(tmp_path: Path, length: int, status: int) -> None:
    message = tmp_path / "message"
    message.write_text(f"{'é' * length}\n\n{'a longer explanation ' * 9}\n", encoding="utf-8")
    env = {**os.environ, "LC_ALL": "C"}
    (entry,) = (hook["entry"] for hook in HOOKS if hook.get("stages") == ["commit-msg"])
    done = subprocess.run([ROOT / entry, message], env=env, capture_output=True, check=False)
    assert done.returncode == status


LINE = 120
WIDE_KINDS = {".py", ".html", ".svg", ".css", ".js", ".yaml", ".yml", ".mako"}
PRAGMA = re.compile(r"  # (?:type: ignore|noqa|fmt:).*$")
MAY_BE_WIDE = {
    "intake/questionnaires/": "published, and never changed again",
    "tests/content/": "handed over with the rules, kept as it came",
    "tests/browser/looks.js": "programs for the page, one check a line",
    "tests/browser/paper.py": "holds a program for the page, one check a line",
    "tests/browser/dense.py": "a table in YAML, one entry a line",
    "tests/summary/forms.py": "a form in YAML, one question a line",
}
"""What may have lines that are longer, each with the reason."""


def wide_lines(file: Path) -> list[int]:
    """The numbers of the lines with more than `LINE` characters; what is said to a checker at the end does not
    count."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if len(PRAGMA.sub("", line)) > LINE]


def test_no_line_is_longer_than_120_characters() -> None:
    files = [
        file for part in ("intake", "bench", "tests") for file in (ROOT / part).rglob("*") if file.suffix in WIDE_KINDS
    ]
    assert len(files) > 200, "the files were found"
    wide = {file.relative_to(ROOT).as_posix(): wide_lines(file) for file in files}
    assert {name: lines for name, lines in wide.items() if lines and not name.startswith(tuple(MAY_BE_WIDE))} == {}
    assert [
        part for part in MAY_BE_WIDE if not any(lines and name.startswith(part) for name, lines in wide.items())
    ] == []
