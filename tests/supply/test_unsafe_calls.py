"""`make check` finds calls that are often unsafe, and whatever is let through says why in its line."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.supply.locks import ROOT

FINDERS = {
    "ruff": [".venv/bin/ruff", "check", "--quiet", "--no-cache", "--config", "pyproject.toml", "--select", "S"],
    "bandit": [".venv/bin/bandit", "--quiet", "--configfile", "pyproject.toml", "--recursive"],
}
PLANTED = {
    "a shell": "import subprocess\n\n\ndef run(word: str) -> None:\n    subprocess.run(word, shell=True)\n",
    "code in a text": "def run(word: str) -> object:\n    return eval(word)\n",
    "a weak hash": "import hashlib\n\n\ndef run(word: bytes) -> str:\n    return hashlib.md5(word).hexdigest()\n",
    "a query put together": 'def run(word: str) -> str:\n    return f"SELECT * FROM draft WHERE id = {word}"\n',
    "pickled answers": "import pickle\n\n\ndef run(word: bytes) -> object:\n    return pickle.loads(word)\n",
}


@pytest.mark.parametrize("finder", FINDERS)
@pytest.mark.parametrize("what", PLANTED)
def test_an_unsafe_call_is_found(what: str, finder: str, tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text(f'"""Planted."""\n\n{PLANTED[what]}', encoding="utf-8")
    found = subprocess.run([*FINDERS[finder], str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (found.returncode, "planted.py" in found.stdout) == (1, True), found.stderr


def test_make_check_runs_both() -> None:
    command = ["make", "--dry-run", "--always-make", "check"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert ".venv/bin/ruff check --quiet .\n" in said
    assert " ".join([*FINDERS["bandit"], "intake"]) + "\n" in said


def without_a_reason(line: str) -> bool:
    """Whether a line asks a finder to look away and does not say why, or not from what."""
    asks = re.search(r"# (?:noqa|nosec)\b.*", line)
    return asks is not None and not re.fullmatch(r"# noqa: [A-Z]+\d+ - [^#]+(?: # nosec B\d+)?", asks[0])


def test_whatever_is_let_through_says_why() -> None:
    lines = [
        (file.name, line)
        for file in (ROOT / "intake").rglob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    assert len([line for _, line in lines if "# noqa: S" in line]) >= 3, "the lines were found"
    assert [found for found in lines if without_a_reason(found[1])] == []


@pytest.mark.parametrize("line", ["x  # noqa", "x  # noqa: S608", "x  # nosec", "x  # nosec B608", "x  # noqa - ours"])
def test_a_line_that_says_nothing_is_caught(line: str) -> None:
    assert without_a_reason(line)
    assert not without_a_reason("x  # noqa: S311 - guards nothing # nosec B311")
