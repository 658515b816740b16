"""The commands of `intake`. Whatever is wrong is one line on stderr, and the exit status says of which kind."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from flask import Flask

from intake import __version__
from intake.accounts.passwords import WeakPassword
from intake.accounts.staff import StaffError
from intake.cli.audit import audit
from intake.cli.backup import backup
from intake.cli.db import db
from intake.cli.demo import demo
from intake.cli.doctor import doctor
from intake.cli.export import export
from intake.cli.keys import keys
from intake.cli.questionnaire import questionnaire
from intake.cli.records import records
from intake.cli.serve import serve
from intake.cli.staff import staff
from intake.cli.statuses import DONE, FOUND_WRONG, OUR_FAULT, REFUSED, UNREACHABLE, WRONG_USAGE
from intake.config import Settings, SettingsError
from intake.questionnaire.loader import QuestionnaireError
from intake.records.errors import CannotStart, DatabaseUnreachable, RecordsError
from intake.web import logs
from intake.web.server import CannotListen

MakeApp = Callable[[Settings], Flask]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="intake", message="%(prog)s %(version)s")
def intake() -> None:
    """A pre-visit questionnaire: patients fill it in, a clinician reads it on one page, an admin exports it."""


for command in (serve, staff, demo, export, questionnaire, db, audit, keys, records, backup, doctor):
    intake.add_command(command)


def run(make_app: MakeApp) -> None:
    """Run the command line and end the process with its exit status; whatever is wrong is one line on stderr."""
    keep_to_this_user()
    try:
        with plain_refusals():
            status = intake.main(prog_name="intake", standalone_mode=False, obj=make_app)
    except click.ClickException as error:
        _end(WRONG_USAGE if isinstance(error, click.UsageError) else FOUND_WRONG, error.format_message())
    except (RecordsError, StaffError, WeakPassword) as error:
        _end(FOUND_WRONG, str(error))
    except (click.Abort, KeyboardInterrupt):
        _end(FOUND_WRONG, "Stopped.")
    except BrokenPipeError:
        os._exit(FOUND_WRONG)  # whoever read our output is gone
    except OSError as error:
        _end(REFUSED, f"{error.filename or 'The system'}: {error.strerror or error}; check the path and its rights.")
    except Exception as error:  # noqa: BLE001 - the last handler: nobody sees a traceback, which may hold answers
        _end(OUR_FAULT, f"Something went wrong in this program ({logs.place_of(error)}). Nothing more was done.")
    else:
        sys.exit(status if isinstance(status, int) else DONE)


def keep_to_this_user() -> None:
    """Let nothing that this process makes be read by others, and nothing of its memory be put on the disk: a dump holds
    answers and keys."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextmanager
def plain_refusals() -> Iterator[None]:
    """End the process with status 78 and one line on stderr where settings, database, keys or form refuse a start; with
    69 where the database does not answer, which may mend itself."""
    try:
        yield
    except DatabaseUnreachable as error:
        _end(UNREACHABLE, str(error))
    except (SettingsError, CannotStart, CannotListen, QuestionnaireError) as error:
        _end(REFUSED, str(error))


def _end(status: int, words: str) -> None:
    """One line: a list of things found wrong becomes one line with its first, and how many more there are."""
    first, *more = words.splitlines() or [""]
    click.echo(first + (f" (and {len(more)} more)" if more else ""), err=True)
    sys.exit(status)
