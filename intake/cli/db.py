"""`intake db`: the database as a whole."""

from __future__ import annotations

import sys

import click

from intake.cli.opening import open_intake
from intake.records.copy import copy as copy_all
from intake.records.database import open_database

EVERY = 10_000  # after so many rows of one table a line says how far it is


@click.group()
def db() -> None:
    """The database as a whole."""


@db.command("copy")
@click.argument("url")
def copy(url: str) -> None:
    """Copy this installation's database into the empty one at URL, and compare every row.

    Stop the server first: what is written during the copy stays behind. Afterwards start with DATABASE_URL set to URL;
    the keyring stays where it is.
    """
    intake = open_intake()
    target = open_database(url, named="URL")
    try:
        counts = copy_all(intake.engine, target, _tell)
    finally:
        intake.engine.dispose()
        target.dispose()
    for table, count in counts.items():
        click.echo(f"{table}: {count}")
    click.echo(f"Copied and compared {sum(counts.values())} rows of {len(counts)} tables.")


def _tell(deed: str, table: str, done: int, whole: int) -> None:
    if done % EVERY == 0 and done < whole:
        print(f"{table}: {deed} {done} of {whole}", file=sys.stderr, flush=True)
