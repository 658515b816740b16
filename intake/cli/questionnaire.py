"""`intake questionnaire`: the author's tools. Problems are `file:line: linkId: what is wrong`, one a line on stderr,
exit status 1."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import NoReturn

import click

from intake.consultations import catalogue
from intake.consultations.rules import rules_for
from intake.exports.codebook import HEADER
from intake.exports.codebook import codebook as lines_of
from intake.exports.columns import GROUPS, Selection
from intake.questionnaire import loader
from intake.questionnaire.diff import differences
from intake.questionnaire.loader import QuestionnaireError
from intake.questionnaire.model import Questionnaire

DIFFERENT = 1
UNREADABLE = 2


@click.group()
def questionnaire() -> None:
    """The author's tools."""


@questionnaire.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Read FILE and say everything that is wrong with it."""
    try:
        found = loader.load(file, also=(lambda found: rules_for(found).needs(found),))
    except QuestionnaireError as error:
        _refuse(error, 1)
    questions = sum(1 for item in found.walk() if item.is_question)
    click.echo(
        f"{file.name}: {found.canonical}: {len(found.pages)} pages, {len(found.lists)} lists, {questions} questions."
    )


@questionnaire.command("list")
def list_() -> None:
    """The published versions, and which one new responses are filled in with."""
    active = catalogue.shipped().active
    for canonical, found in catalogue.shipped().published.items():
        click.echo("\t".join((canonical, found.status, *(("new responses",) if found is active else ()))))


@questionnaire.command("codebook")
@click.argument("version", required=False)
def codebook(version: str | None) -> None:
    """What every column and code of VERSION (the active one) means, as CSV on standard output: an export's
    codebook.csv, every group in it.

    VERSION is a version such as 1.0.0, or a file.
    """
    found = _find(version) if version else catalogue.shipped().active
    out = csv.writer(sys.stdout, lineterminator="\r\n")
    out.writerow(HEADER)
    out.writerows(lines_of(found, Selection(GROUPS, for_people=False)))


@questionnaire.command("diff")
@click.argument("old")
@click.argument("new")
def diff(old: str, new: str) -> None:
    """What changed from OLD to NEW, one line each: `linkId: what changed`. Exit status 0 if nothing did, 1 if something
    did.

    Each is a version such as 1.0.0, or a file.
    """
    lines = [f"{link_id}: {what}" for link_id, what in differences(_find(old), _find(new))]
    for line in lines:
        click.echo(line)
    sys.exit(DIFFERENT if lines else 0)


def _find(which: str) -> Questionnaire:
    """The published version of this number or canonical name, or the file of this name."""
    for canonical, found in catalogue.shipped().published.items():
        if which in (canonical, found.version):
            return found
    if not Path(which).is_file():
        versions = ", ".join(found.version for found in catalogue.shipped().published.values())
        raise click.UsageError(f"{which} is neither a file nor a published version ({versions}).")
    try:
        return loader.load(Path(which))
    except QuestionnaireError as error:
        _refuse(error, UNREADABLE)


def _refuse(error: QuestionnaireError, status: int) -> NoReturn:
    for problem in error.problems:
        click.echo(problem, err=True)
    sys.exit(status)
