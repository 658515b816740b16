"""`intake serve`: the database brought up to date, keys made on the very first run, then the production server."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from intake.config import Settings
from intake.web import logs, server

if TYPE_CHECKING:
    from intake.cli import MakeApp


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port to serve on.")
@click.option(
    "--workers", default=2 if hasattr(os, "fork") else 1, show_default=True, type=click.IntRange(1, 64), help="How many processes."
)
@click.pass_obj
def serve(make_app: MakeApp, host: str, port: int, workers: int) -> None:
    """Bring the database up to date and serve. TERM finishes what is in flight."""
    settings = Settings.from_environment(bind=host)
    bound = server.listen(host, port)
    app = make_app(settings)
    click.echo(f"Serving on http://{f'[{host}]' if ':' in host else host}:{port}")
    logs.configure()
    server.serve(app.wsgi_app, bound, workers=workers, https=settings.secure_cookies, behind_proxy=settings.proxy_hops > 0)
