"""What the program's own code never does: run what was written down, start other programs, call other servers, use
other cryptography than its own few kinds, or take chance for a secret."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "intake"

RUNS = frozenset({"eval", "exec", "compile", "__import__"})
RUNNERS = ("subprocess", "pickle", "marshal", "shelve", "dill", "pty", "commands", "code", "ctypes")
CALLERS = ("urllib.request", "http.client", "smtplib", "ftplib", "imaplib", "telnetlib", "requests", "httpx", "xmlrpc")
OLD_HASHES = frozenset({"md5", "sha1", "new"})
OURS = frozenset(
    {
        "cryptography.exceptions.InvalidTag",
        "cryptography.hazmat.primitives.ciphers.aead.AESGCM",
        "cryptography.hazmat.primitives.hashes.SHA256",
        "cryptography.hazmat.primitives.kdf.hkdf.HKDF",
    }
)
"""All that is used of the one library for cryptography; passwords have argon2id beside it."""
MAY_USE_CHANCE = frozenset(
    {
        "questionnaire/synthetic.py",
        "questionnaire/burden.py",
        "consultations/rules.py",
        "consultations/nk_intake/stories/__init__.py",
        "consultations/nk_intake/stories/story.py",
        "cli/demo.py",
        "records/database.py",
    }
)
"""Patients who do not exist, the model of how long a form takes, and how long a locked database is left alone."""


def imported(tree: ast.AST) -> Iterator[str]:
    """Every name that is imported, with its module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called(tree: ast.AST) -> Iterator[tuple[str, str, ast.Call]]:
    """Every call by name: what it is called on, its name, the call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield "", node.func.id, node
            elif isinstance(node.func, ast.Attribute):
                on = node.func.value
                yield on.id if isinstance(on, ast.Name) else "?", node.func.attr, node


def is_of(name: str, modules: tuple[str, ...]) -> bool:
    """Whether an import is of one of these modules."""
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def faults(code: str, where: str = "some/file.py") -> set[str]:
    """What a piece of code does that none of ours may do."""
    tree = ast.parse(code)
    found: set[str] = set()
    for name in imported(tree):
        top = name.partition(".")[0]
        if is_of(name, (*RUNNERS, *CALLERS)):
            found.add(f"imports {name}")
        if top == "uuid" or (top == "random" and where not in MAY_USE_CHANCE):
            found.add(f"imports {name}")
        if top in ("cryptography", "Crypto", "nacl", "jose", "jwt") and name not in OURS:
            found.add(f"imports {name}")
    for on, name, call in called(tree):
        if (on == "" and name in RUNS) or (on == "os" and name in ("system", "popen")):
            found.add(f"calls {name}")
        if on == "yaml" and name in ("load", "load_all", "unsafe_load", "full_load"):
            found.add(f"calls yaml.{name}")
        if on == "hashlib" and name in OLD_HASHES:
            found.add(f"calls hashlib.{name}")
        if name == "compose" and not any(
            isinstance(word.value, ast.Attribute) and word.value.attr == "CSafeLoader" for word in call.keywords
        ):
            found.add("reads YAML without the safe loader")
        if name in ("render_template_string", "from_string"):
            found.add(f"calls {name}")
        if name == "Markup" and not all(isinstance(given, ast.Constant) for given in call.args):
            found.add("marks as markup what is not written in the code")
    return found


def test_the_program_does_none_of_it() -> None:
    files = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
    assert len(files) > 100, "the files were found"
    wrong = {
        (name := path.relative_to(PACKAGE).as_posix()): faults(path.read_text(encoding="utf-8"), name) for path in files
    }
    assert {name: found for name, found in wrong.items() if found} == {}


def test_each_file_that_may_use_chance_does() -> None:
    uses = {name for name in MAY_USE_CHANCE if "random" in set(imported(ast.parse((PACKAGE / name).read_text())))}
    assert uses == MAY_USE_CHANCE


@pytest.mark.parametrize(
    "planted",
    [
        "eval(typed)",
        "os.system('ls')",
        "import subprocess",
        "from pickle import loads",
        "import urllib.request",
        "from http.client import HTTPSConnection",
        "import smtplib",
        "yaml.load(text)",
        "yaml.compose(text)",
        "hashlib.md5(text)",
        "from cryptography.hazmat.primitives.ciphers.modes import ECB",
        "import random",
        "from uuid import uuid4",
        "Markup(typed)",
        "render_template_string(typed)",
    ],
)
def test_each_of_it_is_seen_when_it_is_planted(planted: str) -> None:
    assert len(faults(planted)) == 1


def test_what_looks_alike_is_let_be() -> None:
    for sound in ("secrets.token_hex(16)", "hashlib.sha256(b'')", "from http import HTTPStatus", "re.compile('a')"):
        assert faults(sound) == set()
    assert faults("Markup('<b>{}</b>').format(typed)") == set()
