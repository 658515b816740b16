"""`intake backup`: made while people work, checked as a whole, and brought back into an empty installation."""

from __future__ import annotations

from pathlib import Path

import click

from intake.cli.files import see_that_it_is_new
from intake.cli.opening import open_intake
from intake.config import Settings
from intake.records import backup as backups
from intake.records.database import open_database, private_folder
from intake.records.keyring import read_keyring
from intake.web.extensions import now

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def backup() -> None:
    """Backups of the database. The keyring and the file of erasures are never in one: copy them apart."""


@backup.command("create")
@click.argument("file", type=FILE)
def create(file: Path) -> None:
    """Write everything of this moment to FILE, which does not exist yet. Patients and staff go on."""
    intake = open_intake()
    see_that_it_is_new(file)
    try:
        report = backups.create(intake.engine, intake.keyring, file.absolute(), now=now())
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None
    finally:
        intake.engine.dispose()
    click.echo(f"Wrote {file}: {report.words}.")


@backup.command("verify")
@click.argument("file", type=FILE)
def verify(file: Path) -> None:
    """See that FILE is whole and opens with this installation's keyring: every sent response, every draft's seal, the
    trail."""
    settings = Settings.from_environment(serving=False)
    keyring = read_keyring(settings.keyring_file, settings.instance)
    report = backups.verify(file, keyring, settings.instance)
    if report.wrong:
        raise click.ClickException(f"In {file}, {'; '.join(report.wrong)}.")
    click.echo(f"{file} is whole: {report.words}.")


@backup.command("restore")
@click.argument("file", type=FILE)
@click.option("--no-erasures", is_flag=True, help="Nothing was ever erased here: go on without the file of erasures.")
def restore(file: Path, no_erasures: bool) -> None:
    """Bring FILE back into an empty installation, into whose folder the keyring and the file of erasures were put by
    hand. What was erased since is erased again before anything is served."""
    settings = Settings.from_environment(serving=False)
    keyring = read_keyring(settings.keyring_file, settings.instance)
    private_folder(settings.instance)
    engine = open_database(settings.database_url)
    try:
        report = backups.restore(file, engine, keyring, without_erasures=no_erasures, now=now())
    finally:
        engine.dispose()
    if report.wrong:
        raise click.ClickException(f"Brought back, but {'; '.join(report.wrong)}.")
    click.echo(f"Brought back {report.words}.")
