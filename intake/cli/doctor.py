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
from intake.web.extensions import Installation


@click.command()
@click.option("--host", help="The address you are going to serve on.")
def doctor(host: str | None) -> None:
    """Look at settings, questionnaires, database and keys; exit status 1 if a production start would stop at one of
    them."""
    problems: list[str] = []
    warnings: list[str] = []
    try:
        settings = Settings.from_environment({**os.environ, "INTAKE_ENV": PRODUCTION}, serving=False)
        problems += settings.refusals(host)
        catalogue.open(settings.instance, settings.questionnaire)
        if _is_set_up(settings):
            warnings += Installation.open(settings).warnings
    except QuestionnaireError as error:
        problems += error.problems
    except (SettingsError, CannotStart) as error:
        problems.append(str(error))
    for line in (*problems, *warnings):
        click.echo(line, err=True)
    if problems:
        sys.exit(1)
    click.echo("A production start would be accepted.")


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
