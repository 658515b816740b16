"""`intake records`: one person's data, holds, erasing, and what is due by its date."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from intake.admin.subject import subject_export
from intake.cli.files import see_that_it_is_new, write_whole
from intake.cli.opening import open_intake
from intake.records import erasing, purging
from intake.records.audit import COMMAND_LINE
from intake.records.database import transaction
from intake.web.extensions import now

_reason = click.option("--reason", default="", help="Why; the audit trail keeps it.")


@click.group()
def records() -> None:
    """What is kept of patients: for how long, and what is erased."""


@records.command("purge")
@click.option("--dry-run", is_flag=True, help="Count alone.")
def purge(dry_run: bool) -> None:
    """Erase drafts past their date, and sent responses past INTAKE_RETENTION_DAYS. What is due is counted, and the
    count logged, a day before it is erased."""
    intake = open_intake()
    days = intake.settings.retention_days
    done = purging.purge(intake.engine, now=now(), retention_days=days, count_only=dry_run)
    intake.engine.dispose()
    click.echo(f"{'Would erase' if dry_run or done.why_not else 'Erased'}: {done.words}")
    if done.why_not:
        raise click.ClickException(done.why_not)


@records.command("erase")
@click.argument("reference")
@click.option("--reason", required=True, help="Why; the audit trail keeps it.")
def erase(reference: str, reason: str) -> None:
    """Erase one response for good, draft or sent."""
    _do(reference, reason, erasing.erase)
    click.echo(f"Erased {reference.upper()}. Copy the file of erasures to where the keyring's backup is kept.")


@records.command("hold")
@click.argument("reference")
@_reason
def hold(reference: str, reason: str) -> None:
    """Let nothing erase one response until it is released."""
    _do(reference, reason, erasing.hold)
    click.echo(f"Nothing erases {reference.upper()} until it is released.")


@records.command("release")
@click.argument("reference")
@_reason
def release(reference: str, reason: str) -> None:
    """End the hold on one response."""
    _do(reference, reason, erasing.release)
    click.echo(f"{reference.upper()} is not held any more.")


@records.command("subject-export")
@click.argument("reference")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@_reason
def export_subject(reference: str, out: Path, reason: str) -> None:
    """Write all that is kept of one sent response to OUT, a zip for the person that it is about."""
    intake = open_intake()
    see_that_it_is_new(out)
    with transaction(intake.engine) as sql:
        made = subject_export(sql, intake, reference, COMMAND_LINE, reason=_tidy(reason), now=now())
        write_whole(out, [made.content])  # in the transaction: what could not be written was not handed out
    intake.engine.dispose()


def _do(reference: str, reason: str, verb: Callable[..., None]) -> None:
    intake = open_intake()
    with transaction(intake.engine) as sql:
        verb(sql, erasing.by_reference(sql, reference), COMMAND_LINE, reason=_tidy(reason), now=now())
    intake.engine.dispose()


def _tidy(reason: str) -> str:
    """In one line, as the trail shows it."""
    return " ".join("".join(one if one.isprintable() else " " for one in reason).split())[: erasing.REASON_LENGTH]
