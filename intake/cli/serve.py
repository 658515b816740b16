"""`intake serve`: the database brought up to date, keys made on the very first run, then the production server."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Final

import click

from intake.accounts import passwords, staff
from intake.accounts.staff import Role
from intake.config import Settings
from intake.records import purging
from intake.records.database import transaction
from intake.records.errors import CannotStart, RecordsError
from intake.web import logs, server
from intake.web.extensions import Installation, now

if TYPE_CHECKING:
    from intake.cli import MakeApp


FIRST_AFTER: Final = 600.0
EVERY: Final = 3600.0
"""Seconds: from a start to the first look at what is due, and from one look to the next."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port to serve on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="How many processes.")
@click.pass_obj
def serve(make_app: MakeApp, host: str, port: int, workers: int) -> None:
    """Bring the database up to date and serve. TERM finishes what is in flight."""
    settings = Settings.from_environment(bind=host)
    bound = server.listen(host, port)
    try:
        app = make_app(settings)
        accounts = tryout_accounts(app.extensions["intake"]) if settings.tryout else []
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
    proxied = settings.proxy_hops > 0
    chore = server.Chore(partial(keep, app.extensions["intake"]), FIRST_AFTER, EVERY)
    https = settings.secure_cookies
    server.serve(app.wsgi_app, bound, workers=workers, https=https, behind_proxy=proxied, chore=chore)


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
