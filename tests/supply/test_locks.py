"""The locks hold one version of every package with its hashes, for every Python that is promised, and nothing is
installed past them."""

from __future__ import annotations

import base64
import configparser
import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.supply.locks import ROOT, Pin, for_this_machine, lock, pins

LOCKS = ["requirements", "requirements-test", "requirements-build"]
SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
PYTHONS = ["3.11", "3.12", "3.13"]


def asked_for(section: str, option: str) -> list[Requirement]:
    """The requirements of setup.cfg, with their ranges."""
    parsed = configparser.ConfigParser()
    parsed.read(ROOT / "setup.cfg", encoding="utf-8")
    rows = (row.strip() for row in parsed[section][option].splitlines())
    return [Requirement(row) for row in rows if row and not row.startswith("#")]


RUN = asked_for("options", "install_requires")
TEST = asked_for("options.extras_require", "test")
BUILD = [
    Requirement(row)
    for row in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
]


def not_admitted(requirements: list[Requirement], locked: dict[str, Pin]) -> list[str]:
    """The requirements that a lock does not hold, or in another version than they admit."""
    held = [(one, locked.get(canonicalize_name(one.name))) for one in requirements]
    return [str(one) for one, pin in held if pin is None or not one.specifier.contains(pin.version)]


@pytest.mark.parametrize(("name", "requirements"), list(zip(LOCKS, [RUN, RUN + TEST, BUILD], strict=True)))
def test_a_lock_holds_what_is_asked_for_in_a_version_that_is_admitted(
    name: str, requirements: list[Requirement]
) -> None:
    assert requirements
    assert not_admitted(requirements, lock(name)) == []
    planted = [Requirement("planted"), Requirement(f"{requirements[0].name}>=9999")]
    assert not_admitted([*requirements, *planted], lock(name)) == list(map(str, planted))


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_is_one_version_with_hashes(name: str) -> None:
    listed = pins((ROOT / f"{name}.lock").read_text(encoding="utf-8"))
    assert len(listed) == len(dict(listed)) > 0
    assert [named for named, pin in listed if not pin.hashes or not all(map(SHA256.fullmatch, pin.hashes))] == []


@pytest.mark.parametrize(
    "planted",
    ["planted>=1 --hash=sha256:0", "planted @ https://example.org/planted.whl", "--index-url https://example.org"],
)
def test_what_is_no_pin_is_caught(planted: str) -> None:
    with pytest.raises(ValueError, match=r"planted|index-url"):
        pins(f"flask==3.1.3 \\\n    --hash=sha256:0\n    # via intake\n{planted}\n")


def test_what_is_tested_is_what_is_served() -> None:
    run, test = lock("requirements"), lock("requirements-test")
    assert {name: pin for name, pin in test.items() if name in run} == run


def test_what_is_installed_is_what_is_locked() -> None:
    locked = lock("requirements-test") | lock("requirements-build")
    here = {name: locked[name].version for name in for_this_machine(locked)}
    assert {name: metadata.version(name) for name in here} == here


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_is_whole_on_every_python_that_is_promised(python: str) -> None:
    locked = lock("requirements-test")
    environment = {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    missing = []
    for name in for_this_machine(locked):
        package = metadata.metadata(name)
        if not SpecifierSet(package.get("Requires-Python", "")).contains(f"{python}.0"):
            missing.append(f"{name} for Python {python}")
        wanted = [Requirement(one) for one in metadata.requires(name) or []]
        here = [one for one in wanted if one.marker is None or one.marker.evaluate(environment)]
        missing += [f"{name}: {one}" for one in not_admitted(here, locked)]
    assert missing == []


def test_the_pythons_that_are_promised_are_those_that_are_looked_at() -> None:
    text = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    assert re.findall(r"Programming Language :: Python :: (3\.\d+)", text) == PYTHONS
    assert f"python_requires = >={PYTHONS[0]}" in text
    assert f"--python-version {PYTHONS[0]} " in (ROOT / "Makefile").read_text(encoding="utf-8")


# -- nothing is installed past them ------------------------------------------------------------------------------------


def installs(text: str) -> list[str]:
    """The commands of pip that install something."""
    return [row.strip() for row in re.findall(r"[^\n&]*\bpip install\b[^\n&]*", text)]


def is_locked(command: str) -> bool:
    """Whether a command installs by hash, or the project itself with nothing else."""
    by_hash = "--require-hashes" in command and "--only-binary :all:" in command
    itself = "--no-deps --no-build-isolation" in command and re.search(r" (-e )?\.`?$", command)
    return bool(by_hash or itself)


def test_make_and_the_docs_install_by_hash_alone() -> None:
    targets = ["make", "--dry-run", "--always-make", ".venv/.run", ".venv/.test"]
    said = subprocess.run(targets, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    page = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    for text in (said, page):
        assert len(installs(text)) >= 2
        assert [command for command in installs(text) if not is_locked(command)] == []
    assert not is_locked("pip install -e .")
    assert not is_locked("pip install --no-deps --no-build-isolation planted")


def unpinned_actions(text: str) -> list[str]:
    """The actions of a hosted run that are not named by a commit."""
    return [one for one in re.findall(r"uses: *(\S+)", text) if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one)]


def test_hosted_runs_use_actions_of_a_named_commit() -> None:
    runs = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / ".github/workflows").glob("*.yml"))
    assert "uses: " in runs
    assert unpinned_actions(runs) == []
    assert unpinned_actions("- uses: actions/planted@v4") == ["actions/planted@v4"]


def wheel(folder: Path, content: str) -> Path:
    """A package of one module."""
    made = folder / "planted-1-py3-none-any.whl"
    info = "planted-1.dist-info"
    files = {
        "planted.py": content,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: planted\nVersion: 1\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        record += f"{name},sha256={digest},{len(text.encode())}\n"
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in (files | {f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}).items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return made


def test_a_file_that_was_changed_at_its_source_is_not_installed(tmp_path: Path) -> None:
    good = hashlib.sha256(wheel(tmp_path, "said = 'good'\n").read_bytes()).hexdigest()
    (tmp_path / "planted.lock").write_text(f"planted==1 \\\n    --hash=sha256:{good}\n", encoding="utf-8")
    into = tmp_path / "into"
    command = [sys.executable, "-m", "pip", "--isolated", "install", "--no-index", "--no-cache-dir", "--find-links"]
    command += [str(tmp_path), "--target", str(into), "--only-binary", ":all:", "--require-hashes"]
    command += ["-r", str(tmp_path / "planted.lock")]

    wheel(tmp_path, "said = 'evil'\n")
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "DO NOT MATCH THE HASHES" in refused.stderr
    assert not into.exists()

    wheel(tmp_path, "said = 'good'\n")
    subprocess.run(command, capture_output=True, text=True, check=True)
    assert (into / "planted.py").exists()
