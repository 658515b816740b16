"""The direction of imports holds, and a wrong import anywhere is noticed; the pure packages run where nothing else is
installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
LINTER = Path(sysconfig.get_path("scripts")) / "lint-imports"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """What the import contracts say about the package in this folder."""
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        [str(LINTER), "--no-cache"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package and its contracts in a folder of its own."""
    shutil.copytree(ROOT / "intake", tmp_path / "intake", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold(copy: Path) -> None:
    result = lint(copy)
    assert result.returncode == 0, result.stdout


PLANTED = {
    "a framework in the questionnaire": ("questionnaire/model.py", "import flask"),
    "the database in the summary": ("summary/model.py", "import sqlalchemy"),
    "a framework in the records": ("records/codes.py", "import werkzeug"),
    "a framework in the exports": ("exports/table.py", "import flask"),
    "the rules of one form in the summary": ("summary/plain.py", "import intake.consultations.nk_intake"),
    "the summary from the questionnaire": ("questionnaire/values.py", "import intake.summary"),
    "the web from the forms": ("forms/fields.py", "import intake.web.sessions"),
    "exports from records": ("records/codes.py", "import intake.exports.table"),
    "staff accounts from patients' pages": ("patient/__init__.py", "import intake.accounts.staff"),
    "the inside of the server": ("cli/serve.py", "import intake.web.server.worker"),
    "the server's library outside of it": ("web/logs.py", "import waitress"),
    "a clinician's page from an admin's": ("admin/__init__.py", "import intake.clinician"),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_wrong_import_is_noticed(copy: Path, what: str) -> None:
    name, statement = PLANTED[what]
    file = copy / "intake" / name
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{statement}  # noqa\n", encoding="utf-8")
    result = lint(copy)
    assert result.returncode != 0
    assert "BROKEN" in result.stdout, result.stdout


WALK = """
import sys
from datetime import UTC, date, datetime
from intake.exports.columns import Selection
from intake.exports.table import ExportRow, responses_table
from intake.consultations import catalogue
from intake.questionnaire.absence import PagesVisited
from intake.questionnaire.enable_when import as_sent
from intake.questionnaire.journey import Journey
from intake.consultations.rules import summarise
from intake.summary.model import SummarySettings
from tests.factories import scenarios

questionnaire = catalogue.shipped().active
case = scenarios()[0]
response = case.response(questionnaire)
pages, page = [], Journey(questionnaire, response).pages[0]
while page is not questionnaire.check:
    pages.append(page.link_id)
    page = Journey(questionnaire, response, pages).next_page(page)
assert Journey(questionnaire, response, pages).first_incomplete() is questionnaire.check
way = PagesVisited(pages)
summary = summarise(questionnaire, response, settings=SummarySettings(), today=date(2026, 11, 22), way=way)
texts = summary.as_json("7KQ4-M2XD")["highlights"]
assert [(one["rule"], one["text"]) for one in texts] == list(case.highlights), texts
now = datetime.now(UTC)
sent = as_sent(questionnaire, response)
row = ExportRow("7KQ4-M2XD", "completed", "new", questionnaire, "en", now, now, sent, summary.counts)
((reference, *_),) = responses_table(questionnaire, Selection()).lines(row)
assert reference == row.reference
heavy = {"flask", "werkzeug", "jinja2", "wtforms", "flask_wtf", "sqlalchemy", "alembic", "cryptography", "click"}
assert heavy.isdisjoint(sys.modules), heavy & set(sys.modules)
print(f"{len(pages)} pages, {len(texts)} highlights")
"""


def test_a_walk_and_its_summary_need_nothing_but_pyyaml(tmp_path: Path) -> None:
    """A fresh interpreter that sees the standard library, PyYAML and this project: no site-packages at all."""
    for name, place in {
        "yaml": Path(yaml.__file__).parent,
        "_yaml": Path(yaml.__file__).parents[1] / "_yaml",
        "intake": ROOT / "intake",
        "tests": ROOT / "tests",
    }.items():
        (tmp_path / name).symlink_to(place)
    script = (
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n"
        "try:\n    import sqlalchemy\nexcept ImportError:\n    pass\nelse:\n    sys.exit('SQLAlchemy can be imported "
        "here')\n" + WALK
    )
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith(" highlights\n")
