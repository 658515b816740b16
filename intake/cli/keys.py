"""`intake keys`: which keys there are, a new one, and everything wrapped under it."""

from __future__ import annotations

import click

from intake.cli.opening import open_intake
from intake.records import audit, keyring, rewrapping
from intake.records.audit import COMMAND_LINE, AuditAction, Entity, Subject
from intake.records.database import transaction
from intake.web.extensions import Installation, now

NOTE = "Copy {} to where its backup is kept, beside the file of erasures."


@click.group()
def keys() -> None:
    """The keys of this installation. They stand outside the database, and no backup of it holds them."""


@keys.command("list")
def list_keys() -> None:
    """One line a key: its id, what it is for, whether it is in use, and how many sent responses it wraps."""
    intake = open_intake()
    counted = rewrapping.counts(intake.engine)
    for key in intake.keyring.keys.values():
        in_use = "in use" if intake.keyring.active[key.use] == key.id else "older"
        wraps = f" {counted.get(key.id, 0)} responses" if key.use == "kek" else ""
        click.echo(f"{key.id} {key.use} {in_use}{wraps}")
    intake.engine.dispose()


@keys.command("rotate")
def rotate() -> None:
    """Make a new key that wraps what is sent from now on. A server that runs goes on, and meets it by itself."""
    intake = open_intake()
    made = keyring.rotate(intake.engine, intake.settings.keyring_file, intake.settings.instance)
    id = made.active["kek"]
    _record(intake, AuditAction.KEYS_ROTATED, id)
    intake.engine.dispose()
    click.echo(f"{id} wraps what is sent from now on. {NOTE.format(intake.settings.keyring_file)}")


@keys.command("rewrap")
@click.option("--batch", default=rewrapping.BATCH, show_default=True, type=click.IntRange(1, 10_000), help="At a time.")
def rewrap(batch: int) -> None:
    """Wrap under the key in use what older keys wrap, while patients and staff go on."""
    intake = open_intake()
    done, closed = rewrapping.rewrap(intake.engine, intake.keyring, batch=batch)
    _record(intake, AuditAction.KEYS_REWRAPPED, f"{done} under {intake.keyring.active['kek']}")
    intake.engine.dispose()
    click.echo(f"Wrapped {done} responses anew.")
    _refuse(closed)


@keys.command("verify")
def verify() -> None:
    """Open the key of every sent response. Exit status 1 names those that do not open."""
    intake = open_intake()
    closed = rewrapping.unopened(intake.engine, intake.keyring)
    intake.engine.dispose()
    _refuse(closed)
    click.echo("Every sent response opens with this keyring.")


def _record(intake: Installation, action: AuditAction, detail: str) -> None:
    with transaction(intake.engine) as sql:
        audit.record(sql, action, COMMAND_LINE, Subject(Entity.KEYS), detail=detail, now=now())


def _refuse(closed: list[str]) -> None:
    if closed:
        raise click.ClickException(f"These do not open with this keyring: {', '.join(closed)}.")
