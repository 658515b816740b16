"""`intake audit`: is the trail whole, and what stands in it."""

from __future__ import annotations

import csv
import sys
from datetime import datetime

import click

from intake.accounts import staff
from intake.cli.opening import open_intake
from intake.config import Settings
from intake.records import chain, trail
from intake.records.audit import AuditAction
from intake.records.database import open_database, reading, refuse_older
from intake.records.keyring import read_keyring
from intake.records.trail import Wanted
from intake.records.verify import verify as verify_trail

ACTIONS = click.Choice([action.value for action in AuditAction])


@click.group()
def audit() -> None:
    """The trail: who did what to which response."""


@audit.command("verify")
def verify() -> None:
    """See that no event was changed, moved, added or taken away. Writes nothing; exit status 1 names the first that is
    not as it was written."""
    settings = Settings.from_environment(serving=False)
    keyring = read_keyring(settings.keyring_file, settings.instance)
    engine = open_database(settings.database_url)
    try:
        with reading(engine) as sql:
            refuse_older(sql)
            verdict = verify_trail(sql, keyring, chain.noted(keyring.trail_head) if keyring.trail_head else None)
    finally:
        engine.dispose()
    if verdict.fault is not None:
        raise click.ClickException(f"Event {verdict.fault.n} {verdict.fault.what}.")
    click.echo(f"The trail is whole: {verdict.events} events.")


@audit.command("list")
@click.option("--object", "reference", default="", help="The reference of a response, such as 7KQ4-M2XD.")
@click.option("--who", default="", help="The email of an account.")
@click.option("--action", type=ACTIONS, help="What was done.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="The first day, such as 2026-03-01.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day; it is included.")
def list_events(reference: str, who: str, action: str | None, since: datetime | None, until: datetime | None) -> None:
    """Write events to standard output as CSV, newest first."""
    intake = open_intake()
    zone = intake.settings.clinic_timezone
    try:
        with reading(intake.engine) as sql:
            days = (since and since.date(), until and until.date())
            who_id = staff.known(sql, who).id if who else ""
            wanted = Wanted(reference, who_id, AuditAction(action) if action else None, *trail.span_of(*days, zone))
            out = csv.writer(sys.stdout)
            out.writerow(trail.HEADINGS)
            out.writerows(event.cells for event in trail.events(sql, wanted))
    finally:
        intake.engine.dispose()
