"""What only one form knows stands in its package of rules: no linkId and no code of nk-intake is anywhere else."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import intake
from intake.consultations import catalogue
from intake.questionnaire.absence import NoAnswer
from intake.questionnaire.invariants import EXPORT_GROUPS
from intake.questionnaire.model import ItemType
from intake.questionnaire.roles import ItemRole, Meaning
from intake.questionnaire.values import AbsentReason

PACKAGE = Path(intake.__file__).parent
OWN = ("consultations/nk_intake", "questionnaires")
"""Where a form's knowledge belongs."""
KINDS = {".py", ".html", ".svg", ".css"}

NOT_OF_THE_FORM = {*ItemRole, *Meaning, *NoAnswer, *AbsentReason, *ItemType, *EXPORT_GROUPS}
"""Names of roles, of what an option means, of reasons for no answer, of kinds of questions and of export groups."""

CONVENTIONS = {"not-sure": "what any form calls “I'm not sure”: drawn apart, and listed among what is not known"}
"""Codes that mean the same in any form, each with what the program makes of it."""


def names() -> set[str]:
    """Every linkId and code of every version of nk-intake that holds a hyphen."""
    versions = [one for one in catalogue.shipped().published.values() if one.id == catalogue.NK_INTAKE]
    items = [item for version in versions for item in version.walk()]
    found = {item.link_id for item in items} | {code for item in items for code in item.option_by_code}
    return {name for name in found if "-" in name} - {str(name) for name in NOT_OF_THE_FORM} - set(CONVENTIONS)


def found_in(folder: Path) -> Iterator[tuple[str, str]]:
    """Each of them in the sources of this folder, with its file."""
    word = re.compile(
        rf"(?<![A-Za-z0-9-])(?:{'|'.join(sorted(map(re.escape, names()), key=len, reverse=True))})(?![A-Za-z0-9-])"
    )
    for file in sorted(folder.rglob("*")):
        where = file.relative_to(folder).as_posix()
        if file.suffix in KINDS and not where.startswith(OWN):
            yield from ((where, name) for name in set(word.findall(file.read_text(encoding="utf-8"))))


def test_no_link_id_and_no_code_of_the_form_is_outside_its_package() -> None:
    assert len(names()) > 200
    assert list(found_in(PACKAGE)) == []


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("clinician/views.py", '\nONE = "preg-outcome"\n'),
        ("summary/plain.py", "\nCODES = {'very-early-loss'}\n"),
        ("exports/columns.py", "\n# the column infection-name___other\n"),
        ("templates/clinician/response.html", '{% if q.link_id == "transfer-result" %}{% endif %}'),
        ("templates/macros/when.svg", "<!-- live-birth -->"),
        ("static/css/staff.css", "\n[data-answer=own-words] { color: red; }\n"),
    ],
)
def test_a_planted_one_is_found(tmp_path: Path, where: str, text: str) -> None:
    file = tmp_path / where
    file.parent.mkdir(parents=True)
    shutil.copy(PACKAGE / where, file)
    before = set(found_in(tmp_path))
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")
    assert len(set(found_in(tmp_path)) - before) == 1
