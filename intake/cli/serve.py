"""`intake serve`: the database brought up to date, keys made on the very first run, then the production server."""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import click
from flask import Flask

from intake.accounts import passwords, staff
from intake.accounts.staff import Role
from intake.config import Settings
from intake.records import purging
from intake.records.database import transaction
from intake.records.errors import CannotStart, DatabaseUnreachable, RecordsError
from intake.web import logs, proxied, server
from intake.web.extensions import Installation, mark_as_production, now

if TYPE_CHECKING:
    from intake.cli import MakeApp


FIRST_AFTER: Final = 600.0
EVERY: Final = 3600.0
"""Seconds: from a start to the first look at what is due, and from one look to the next."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port to serve on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="How many processes.")
@click.option(
    "--wait",
    "seconds",
    default=0,
    show_default=True,
    type=click.IntRange(0, 3600),
    help="How many seconds to wait for a database that does not answer yet.",
)
@click.pass_obj
def serve(make_app: MakeApp, host: str, port: int, workers: int, seconds: int) -> None:
    """Bring the database up to date and serve. TERM finishes what is in flight."""
    settings = Settings.from_environment(bind=host)
    bound = server.listen(host, port)
    if not sys.stdin.isatty():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # where nobody sits before it, a terminal's end means nothing
    try:
        app = once_reachable(lambda: make_app(settings), seconds)
        accounts = tryout_accounts(app.extensions["intake"]) if settings.tryout else []
        mark_as_production(app.extensions["intake"])
    except CannotStart:
        raise
    except RecordsError as error:  # a full disk or a database in use ends a start as a wrong keyring does
        raise CannotStart(str(error)) from error
    for name in app.jinja_env.list_templates():  # compiled before the fork, so that the workers share them
        app.jinja_env.get_template(name)
    # no connection may be open when the server forks: two workers would talk on one
    app.extensions["intake"].engine.dispose()
    for line in accounts:
        click.echo(line)
    click.echo(f"Serving on http://{f'[{host}]' if ':' in host else host}:{port}")
    logs.configure()
    proxied.forget(settings)
    behind_proxy = settings.proxy_hops > 0
    chore = server.Chore(partial(keep, app.extensions["intake"]), FIRST_AFTER, EVERY)
    https = settings.secure_cookies
    server.serve(app.wsgi_app, bound, workers=workers, https=https, behind_proxy=behind_proxy, chore=chore)


def once_reachable(make: Callable[[], Flask], seconds: float) -> Flask:
    """Make the application, and try again each second while its database does not answer. Raises what `make` raises."""
    until = time.monotonic() + seconds
    while True:
        try:
            return make()
        except DatabaseUnreachable:
            if time.monotonic() >= until:
                raise
            time.sleep(min(1.0, max(0.0, until - time.monotonic())))


def keep(intake: Installation) -> None:
    """Erase what is due, unless that was seen to within the last hours. What goes wrong is logged, and tried again an
    hour later: patients and staff go on meanwhile."""
    try:
        if purging.is_due(intake.engine, now()):
            done = purging.purge(intake.engine, now=now(), retention_days=intake.settings.retention_days)
            logs.event("purge", drafts=done.drafts, sent=done.sent, held=done.held, why_not=done.why_not)
    except RecordsError as error:
        logs.event("error", logging.ERROR, exception=logs.place_of(error))


def tryout_accounts(intake: Installation) -> list[str]:
    """One account for each role on the very first run of a try-out; gives a line with each password, kept nowhere."""
    made = {role: passwords.new_password() for role in Role}
    hashes = {role: passwords.hash_password(password) for role, password in made.items()}
    with transaction(intake.engine) as sql:
        if staff.anyone(sql):
            return []
        for role, kept in hashes.items():
            email, name = f"{role.value}@example.org", f"Try-out {role.value}"
            staff.add(sql, email=email, name=name, roles=[role], password_hash=kept, now=now())
    return [f"{role.value} {role.value}@example.org {password}" for role, password in made.items()]
