"""`intake doctor`: everything that a production start would refuse, each in one line with its remedy."""

from __future__ import annotations

import os
import sys

import click

from intake.config import PRODUCTION, Settings, SettingsError
from intake.consultations import catalogue
from intake.questionnaire.loader import QuestionnaireError
from intake.records import database
from intake.records.errors import CannotStart
from intake.web.extensions import Intake


@click.command()
@click.option("--host", help="The address you are going to serve on.")
def doctor(host: str | None) -> None:
    """Look at settings, questionnaires, database and keys; exit status 1 if a production start would stop at one of
    them."""
    problems = find_problems(host)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(1)
    click.echo("A production start would be accepted.")


def find_problems(host: str | None) -> list[str]:
    """One line for each thing that a production start would refuse."""
    problems: list[str] = []
    try:
        settings = Settings.from_environment({**os.environ, "INTAKE_ENV": PRODUCTION}, serving=False)
    except SettingsError as error:
        return [str(error)]
    problems += settings.refusals(host)
    try:
        catalogue.shipped()
    except QuestionnaireError as error:
        problems += error.problems
    try:
        if _is_set_up(settings):
            Intake.open(settings)
    except CannotStart as error:
        problems.append(str(error))
    return problems


def _is_set_up(settings: Settings) -> bool:
    """Whether there is something to open; looking must not make a first run."""
    if settings.keyring_file.exists():
        return True
    if settings.database_url.startswith("sqlite"):  # opening it would make it
        return any(settings.instance.glob("*.sqlite3"))
    engine = database.open_database(settings.database_url)
    with engine.connect() as connection:
        found = bool(database.tables_in(connection))
    engine.dispose()
    return found
