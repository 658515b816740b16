"""Rules of the house that no other tool checks: docstrings, nothing left to do, nothing passed over, templates without
inline code."""

from __future__ import annotations

import ast
import hashlib
import io
import re
import tokenize
from collections.abc import Callable
from pathlib import Path

import pytest

from intake.consultations.catalogue import SHIPPED, form_files
from intake.exports.columns import COLUMNS
from intake.forms.fields import FIELDS
from intake.questionnaire.model import ItemType

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "intake").rglob("*.py"), *(ROOT / "tests").rglob("*.py")])
TEMPLATES = sorted((ROOT / "intake/templates").rglob("*.html"))
QUESTIONS = set(ItemType) - {ItemType.GROUP, ItemType.DISPLAY}

PINNED = {
    "first-visit-1.0.0.yaml": "b7c05f40a07479c00efd5c0c9b2616cd3f7095e75ed498420dde4dc7c9314791",
    "nk-intake-1.0.0.yaml": "e35b87069ab7abc53dfa898e492f2fc29bd4af1caa15aad98936c39051032b26",
    "nk-intake-1.1.0.yaml": "a2d0dfda1033506809784f3b5942e85efec229694329097ab0327df64074481a",
    "nk-intake-1.2.0.yaml": "94d469664bb01c40b454d29e44a9baa29a98c96d952a2e88d35c954db5172482",
}
"""A published questionnaire never changes: responses are bound to it for good. New words are a new version in a new
file."""


def test_published_questionnaires_are_as_they_were_published() -> None:
    assert {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in form_files(SHIPPED)} == PINNED


def offenders(files: list[Path], breaks: Callable[[str], bool]) -> list[str]:
    """The files whose text breaks a rule."""
    assert len(files) > 5, "the files were found"
    return [file.relative_to(ROOT).as_posix() for file in files if breaks(file.read_text(encoding="utf-8"))]


def test_every_module_says_what_it_is_for() -> None:
    assert offenders(SOURCES, lambda text: bool(text.strip()) and not ast.get_docstring(ast.parse(text))) == []


def test_nothing_is_left_to_do() -> None:
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HACK)\b")

    def is_unfinished(text: str) -> bool:
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        return any(token.type == tokenize.COMMENT and marks.search(token.string) for token in tokens)

    assert offenders(SOURCES, is_unfinished) == []


def test_no_test_is_passed_over() -> None:
    ways = {"skip", "skipif", "skipUnless", "skipIf", "xfail", "importorskip", "expectedFailure"}

    def passes_over(text: str) -> bool:
        nodes = list(ast.walk(ast.parse(text)))
        used = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        named = {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
        return not ways.isdisjoint(used | named)

    assert offenders([source for source in SOURCES if "tests" in source.parts], passes_over) == []


def test_no_setting_of_pytest_leaves_tests_out() -> None:
    settings = (
        (ROOT / "pyproject.toml")
        .read_text(encoding="utf-8")
        .partition("[tool.pytest.ini_options]")[2]
        .partition("\n[")[0]
    )
    assert not re.search(r"--(ignore|deselect|exitfirst|maxfail)|-[km] ", settings)


INLINE = {
    "a script": r"<script(?! src=\"\{\{ asset\([^)]*\) \}\}\" defer></script>)",
    "a style sheet of its own": r"<style",
    "an inline style": r"\sstyle\s*=",
    "an event handler": r"\son[a-z]+\s*=",
    "an address that is code": r"javascript:",
}


@pytest.mark.parametrize("what", INLINE)
def test_no_template_has_inline_code(what: str) -> None:
    assert offenders(TEMPLATES, lambda text: re.search(INLINE[what], text, re.IGNORECASE) is not None) == []


def test_nothing_but_style_sheets_and_one_small_script_is_served_as_static() -> None:
    served = [file for file in (ROOT / "intake/static").rglob("*") if file.is_file()]
    assert [file.name for file in served if file.suffix != ".css"] == ["form.js"]


def test_the_script_is_small_and_keeps_nothing_in_the_browser() -> None:
    script = ROOT / "intake/static/js/form.js"
    assert script.stat().st_size <= 6_000
    used = script.read_text(encoding="utf-8")
    for storage in ("localStorage", "sessionStorage", "indexedDB", "cookie", "caches", "serviceWorker", "history"):
        assert storage not in used
    for maker in ("innerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "import("):
        assert maker not in used


def test_every_kind_of_question_has_a_field_columns_and_a_macro() -> None:
    macros = (ROOT / "intake/templates/macros/questions.html").read_text(encoding="utf-8")
    drawn = re.search(r"\{\{ \{((?:'[a-z-]+': \w+,?\s*)+)\}\[q\.kind\]\(q\) \}\}", macros)
    assert drawn is not None, "the macro that draws a question by its kind"
    assert set(FIELDS) == set(COLUMNS) == QUESTIONS
    assert set(re.findall(r"'([a-z-]+)'", drawn[1])) == {str(kind) for kind in QUESTIONS}


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    kinds = {".py", ".html", ".css", ".md", ".txt", ".yaml", ".toml", ".cfg", ".json", ".mako", ""}
    ours = [file for part in ("intake", "tests", "docs", ".ci") for file in (ROOT / part).rglob("*")] + list(
        ROOT.iterdir()
    )
    texts = [file for file in ours if file.is_file() and file.suffix in kinds]
    somebodys = re.compile(r"(?<![\w./])/(?:home|root|Users|work\w*)/\w")
    assert offenders(texts, lambda text: somebodys.search(text) is not None) == []
