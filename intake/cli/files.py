"""Files that commands make: new, for this user only, whole or not there at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import click


def see_that_it_is_new(out: Path) -> None:
    """Raises ClickException for a file that is there."""
    if out.exists():
        raise click.ClickException(f"{out} exists already; move it, or name another file.")


def write_whole(out: Path, pieces: Iterable[bytes]) -> None:
    """All of it or nothing: the file has its name only once it is whole and on the disk."""
    part = out.with_name(f".{out.name}.part")
    try:
        # a mode is needed
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        part.rename(out)
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"Wrote {out}.")
