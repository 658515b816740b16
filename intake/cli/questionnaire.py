"""`intake questionnaire`: the author's tools. Problems are `file:line: linkId: what is wrong`, one a line on stderr, exit status 1."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import click

from intake.questionnaire import loader
from intake.questionnaire.loader import QuestionnaireError
from intake.questionnaire.model import Questionnaire
from intake.summary.highlights import RULES


@click.group()
def questionnaire() -> None:
    """The author's tools."""


@questionnaire.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Read FILE and say everything that is wrong with it."""
    try:
        found = loader.load(file)
    except QuestionnaireError as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        sys.exit(1)
    if missing := missing_for_summary(found):
        for link_id, rule in missing:
            click.echo(f"{file.name}:1: {link_id}: the summary reads this item ({rule}), and it is missing", err=True)
        sys.exit(1)
    questions = sum(1 for item in found.walk() if item.is_question)
    click.echo(f"{file.name}: {found.canonical}: {len(found.pages)} pages, {len(found.lists)} lists, {questions} questions.")


def missing_for_summary(found: Questionnaire) -> list[tuple[str, str]]:
    """The linkIds that the highlights of the summary read and this questionnaire does not have, with the first rule that does."""
    needed: dict[str, str] = {}
    for rule in RULES:
        for link_id in rule.link_ids:
            needed.setdefault(link_id, rule.id)
    return [(link_id, rule) for link_id, rule in needed.items() if link_id not in found.by_link_id]


@questionnaire.command("list")
def list_() -> None:
    """The published versions, and which one new responses are filled in with."""
    active = loader.active()
    for canonical, found in loader.published().items():
        click.echo("\t".join((canonical, found.status, *(("new responses",) if found is active else ()))))


@questionnaire.command("codebook")
def codebook() -> None:
    """What each linkId and code of the active version means, as CSV on standard output."""
    out = csv.writer(sys.stdout, lineterminator="\r\n")
    out.writerow(("list", "linkId", "type", "text", "code", "display"))
    found = loader.active()
    for item in found.walk():
        if not item.is_question:
            continue
        rows = found.list_of(item.link_id)
        about = (rows.link_id if rows else "", item.link_id, item.type.value, item.text)
        out.writerow((*about, "", ""))
        out.writerows((*about, option.code, option.display) for option in item.options)
