"""`intake questionnaire`: the author's tools. Problems go to stderr, `file:line: linkId: what is wrong`, status 1."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import NoReturn

import click

from intake.config import Settings
from intake.consultations import catalogue
from intake.consultations.catalogue import Catalogue
from intake.exports.codebook import HEADER
from intake.exports.codebook import codebook as lines_of
from intake.exports.columns import GROUPS, Selection
from intake.patient import consent
from intake.questionnaire import loader, translation
from intake.questionnaire.burden import stories
from intake.questionnaire.diff import differences
from intake.questionnaire.loader import QuestionnaireError
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.placeholders import Placeholder


@click.group()
def questionnaire() -> None:
    """The author's tools."""


@questionnaire.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Read FILE, and its translations beside it, and say everything that is wrong with them; of one without mistakes,
    about how long it takes.

    The minutes are a model, no measurement of people: a light, a usual and a heavy story, the 10th, the 50th and the
    90th of 99 patients who do not exist, by how long their form takes. 10.6 seconds a question, 2 minutes for the start
    and the consent, and the words of the check page at 238 a minute. A careful reader reads every word of every page,
    200 a minute, and takes 4 seconds for each tap.

    FILE may be the name alone of one of the clinic's own, in the folder `questionnaires` of the instance folder.
    """
    settings = Settings.from_environment(serving=False)
    own = settings.instance / catalogue.OWN_FOLDER / file
    path = own if own.is_file() and not file.exists() else file
    try:
        found = catalogue.load(path)
        translations = [
            translation.read(loader.content(one), one.name, found) for one in translation.files_beside(path)
        ]
    except QuestionnaireError as error:
        _refuse(error, 1)
    questions = sum(item.is_question for item in found.walk())
    parts = f"{len(found.pages)} pages, {len(found.lists)} lists, {questions} questions"
    click.echo(f"{file.name}: {found.canonical}: {parts}.")
    for one in translations:
        click.echo(f"{one.language}: {len(one.texts)} of {len(one.texts) + len(one.problems)} texts, {one.status}.")
    if problems := [problem for one in translations for problem in one.problems]:
        _refuse(QuestionnaireError(problems), 1)
    for name, story in stories(found, {Placeholder.CONSENT_TOPICS: consent.read(settings.consent_file).text}).items():
        click.echo(
            f"{name}: {story.minutes:.0f} minutes (a careful reader: {story.careful_minutes:.0f}), {story.questions} "
            f"questions, {len(story.views)} pages, {story.words:,} words, {story.taps} taps"
        )


@questionnaire.command("list")
def list_() -> None:
    """The versions that come with the program and the clinic's own, and which one new responses are filled in with."""
    forms = _forms()
    for canonical, found in forms.published.items():
        click.echo("\t".join((canonical, found.status, *(("new responses",) if found is forms.active else ()))))


@questionnaire.command("codebook")
@click.argument("version", required=False)
def codebook(version: str | None) -> None:
    """What every column and code of VERSION (the one that new responses get) means, as CSV on standard output: an
    export's codebook.csv, every group in it.

    VERSION is a form such as first-visit, a version of the form that new responses get such as 1.0.0, or a file.
    """
    found = _find(version) if version else _forms().active
    out = csv.writer(sys.stdout, lineterminator="\r\n")
    out.writerow(HEADER)
    out.writerows(lines_of(found, Selection(GROUPS, for_people=False)))


@questionnaire.command("diff")
@click.argument("old")
@click.argument("new")
def diff(old: str, new: str) -> None:
    """What changed from OLD to NEW, one line each: `linkId: what changed`. Exit status 0 if nothing did, 1 if something
    did.

    Each is a form such as first-visit, a version of the form that new responses get such as 1.0.0, or a file.
    """
    lines = [f"{link_id}: {what}" for link_id, what in differences(_find(old), _find(new))]
    for line in lines:
        click.echo(line)
    sys.exit(1 if lines else 0)


def _forms() -> Catalogue:
    settings = Settings.from_environment(serving=False)
    return catalogue.open(settings.instance, settings.questionnaire)


def _find(which: str) -> Questionnaire:
    """The form of this name, `url|version`, or version of the form that new responses get; or the file of this name."""
    forms = _forms()
    if which in forms.names:
        return forms.columns_of(which)
    own = {found.version: found for found in forms.published.values() if found.id == forms.name}
    if found := forms.published.get(which) or own.get(which):
        return found
    if not Path(which).is_file():
        raise click.UsageError(
            f"{which} is neither a file nor a published version ({', '.join(own)}), nor a form "
            f"({', '.join(forms.names)})."
        )
    try:
        return catalogue.load(Path(which))
    except QuestionnaireError as error:
        _refuse(error, 2)


def _refuse(error: QuestionnaireError, status: int) -> NoReturn:
    for problem in error.problems:
        click.echo(problem, err=True)
    sys.exit(status)
