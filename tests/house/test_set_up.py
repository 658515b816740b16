"""The set-up itself: dependencies with their reasons, the links of the docs, make's targets, the count of tests."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tally import main, tally

ROOT = Path(__file__).parents[2]
DOCS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


def _requirements() -> dict[str, str]:
    """Every requirement of setup.cfg, with the comment above it."""
    found: dict[str, str] = {}
    reason = ""
    for line in re.split(r"\n(?=\[)", (ROOT / "setup.cfg").read_text(encoding="utf-8")):
        if not line.startswith(("[options]", "[options.extras_require]")):
            continue
        for row in line.splitlines():
            if row.strip().startswith("#"):
                reason = row.strip(" #")
            elif named := re.match(r"    ([\w-]+)(\[\w+\])?>=", row):
                found[named[1]] = reason
            else:
                reason = ""
    return found


def test_every_dependency_says_in_a_line_what_it_is_for() -> None:
    assert {"Flask", "psycopg", "pytest"} <= set(_requirements())
    assert [name for name, reason in _requirements().items() if not reason] == []


def test_metadata_stands_in_setup_cfg_and_nowhere_else() -> None:
    parsed = configparser.ConfigParser()
    parsed.read(ROOT / "setup.cfg", encoding="utf-8")
    assert parsed["options.entry_points"]["console_scripts"].split() == ["intake", "=", "intake.app:main"]
    assert "[project]" not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if not link.startswith(("http://", "https://", "mailto:"))]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(page.name[:4]) for page in (ROOT / "docs/decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_package_itself_imports_nothing() -> None:
    script = "import sys; before = set(sys.modules); import intake; print(sorted(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "['intake']"


def test_make_alone_lists_every_target_with_a_line() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = " ".join(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)).split()
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert len(phony) > 15
    assert [target for target in phony if target != "packages" and f"make {target} " not in listed] == []


def _report(folder: Path, tests: str) -> Path:
    """The JUnit report of a run of these tests."""
    (folder / "test_these.py").write_text(tests, encoding="utf-8")
    report = folder / "report.xml"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--rootdir={folder}",
        "-c",
        "/dev/null",
        f"--junitxml={report}",
    ]
    subprocess.run([*command, str(folder / "test_these.py")], cwd=folder, capture_output=True, check=False)
    return report


GREEN = "def test_a():\n    assert True\n"
RED = "def test_b():\n    assert False\n"
SKIPPED = "import pytest\n\n\n@pytest.mark.skip\ndef test_c():\n    pass\n"
EXPECTED_RED = "import pytest\n\n\n@pytest.mark.xfail\ndef test_d():\n    assert False\n"


def test_the_count_names_what_passed_and_what_did_not(tmp_path: Path) -> None:
    assert tally(_report(tmp_path, GREEN + RED)) == {"passed": 1, "failed": 1, "skipped": 0}


@pytest.mark.parametrize("hidden", [SKIPPED, EXPECTED_RED])
def test_the_count_lets_no_test_be_passed_over(
    hidden: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["tally", str(_report(tmp_path, GREEN + hidden))])
    assert main() == 1
    assert capsys.readouterr().out == "1 passed, 0 failed, 1 skipped\n"


def test_no_test_is_left_out_by_a_mark_or_an_option() -> None:
    left_out = re.compile(
        r"--deselect|pytest_collection_modifyitems|collect_ignore|mark\.(?:skip|xfail)|"
        r"\bpytest\.(?:skip|xfail|importorskip)\("
    )
    others = [path for path in ROOT.glob("tests/**/*.py") if path != Path(__file__)]
    settings = [ROOT / "Makefile", ROOT / "pyproject.toml", ROOT / ".ci/run"]
    assert [str(path) for path in (*others, *settings) if left_out.search(path.read_text(encoding="utf-8"))] == []
