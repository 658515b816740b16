"""`intake export`: the admin's export from the shell, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import click

from intake.admin.request import ExportError, read_request
from intake.admin.stream import Format
from intake.admin.stream import export as export_stream
from intake.cli.opening import open_intake
from intake.questionnaire.invariants import EXPORT_GROUPS


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--for", "who", type=click.Choice(["people", "programs"]), default="people", show_default=True, help="Who will read it.")
@click.option("--include", default="", help=f"Groups to include, separated by commas: {', '.join(EXPORT_GROUPS)}.")
@click.option("--since", help="The first day, such as 2026-03-01.")
@click.option("--until", help="The last day; it is included.")
@click.option("--reason", default="", help="Why groups are included; the audit trail keeps it.")
def export(out: Path, who: str, include: str, since: str | None, until: str | None, reason: str) -> None:
    """Write the export to OUT, a zip that does not exist yet."""
    groups = [group.strip() for group in include.split(",") if group.strip()]
    try:
        wanted = read_request(
            who=who, include=groups, since=since, until=until, reason=reason or ("from the command line" if groups else "")
        )
    except ExportError as error:
        raise click.UsageError(f"--{error.field}: {error}") from None
    if out.exists():
        raise click.ClickException(f"{out} exists already; name another file.")
    intake = open_intake()
    stream = export_stream(intake, wanted, Format.ZIP, agent_id="command-line", agent_name="command line", role="operator")
    part = out.with_name(f".{out.name}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123 - a mode is needed
            for piece in stream:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        part.rename(out)
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"Wrote {out}.")
