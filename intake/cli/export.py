"""`intake export`: the admin's export from the shell, or one for people turned back; written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import click
from werkzeug.datastructures import MultiDict

from intake.admin.request import ExportForm
from intake.admin.stream import Format
from intake.admin.stream import export as export_stream
from intake.cli.files import see_that_it_is_new, write_whole
from intake.cli.opening import open_intake
from intake.exports.archive import MANIFEST
from intake.exports.decode import NotForPeople, decode_csv, decode_zip
from intake.questionnaire.invariants import EXPORT_GROUPS
from intake.records.audit import COMMAND_LINE

WRITE = "write"
READERS = click.Choice(["people", "programs"])


class _Export(click.Group):
    """`intake export OUT …` is `intake export write OUT …`."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Put the command in front where it was left out."""
        if args and args[0] not in (*self.commands, *self.get_help_option_names(context)):
            args = [WRITE, *args]
        return super().parse_args(context, args)


@click.group(cls=_Export)
def export() -> None:
    """Write the export to a zip: `intake export OUT`. Or turn one for people back: `intake export decode FILE`."""


@export.command(WRITE)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--form", default="", help="Which form, by its name; the one that new responses get if left out.")
@click.option("--for", type=READERS, default="people", show_default=True, help="Who will read it.")
@click.option("--include", default="", help=f"Groups to include, separated by commas: {', '.join(EXPORT_GROUPS)}.")
@click.option("--since", default="", help="The first day, such as 2026-03-01.")
@click.option("--until", default="", help="The last day; it is included.")
@click.option("--reason", default="", help="Why groups are included; the audit trail keeps it.")
@click.option("--not-asked", is_flag=True, help="Also list in absent.csv what was not asked.")
def write(out: Path, include: str, reason: str, not_asked: bool, **typed: str) -> None:
    """Write the export to OUT, a zip that does not exist yet."""
    groups = [group.strip() for group in include.split(",") if group.strip()]
    why = reason or ("from the command line" if groups else "")
    asked = MultiDict(typed | {"reason": why} | ({"not-asked": "1"} if not_asked else {}))
    asked.setlist("include", groups)
    intake = open_intake()
    wanted = ExportForm(asked, intake.forms.names)
    if not wanted.validate():
        raise click.UsageError(f"--{wanted.problems[0].control}: {wanted.problems[0].sentence}")
    see_that_it_is_new(out)
    write_whole(out, export_stream(intake, wanted.request(), Format.ZIP, COMMAND_LINE))
    with ZipFile(out) as made:
        unreadable = json.loads(made.read(MANIFEST))["unreadable"]
    if unreadable:
        raise click.ClickException(f"Stored responses that do not open are not in it: {', '.join(unreadable)}.")


@export.command("decode")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def decode(file: Path) -> None:
    """Turn FILE, an export for people (the zip, or one of its CSV files), into the exact bytes for programs, beside
    it."""
    out = file.with_name(f"{file.stem}-decoded{file.suffix}")
    see_that_it_is_new(out)
    try:
        with file.open("rb") as made:
            is_zip = made.read(2) == b"PK"
            made.seek(0)
            write_whole(out, decode_zip(made) if is_zip else decode_csv(made))
    except NotForPeople as error:
        raise click.ClickException(f"{file}: {error}") from None
