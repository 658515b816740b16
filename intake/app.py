"""The one file that knows every room: it makes the application, and hands it to the commands."""

from __future__ import annotations

import sys

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from intake.accounts import directory, first_admin, permissions
from intake.accounts import views as accounts
from intake.admin import exports as admin
from intake.admin import records, trail
from intake.clinician import views as clinician
from intake.config import Settings
from intake.patient import views as patient
from intake.records import database
from intake.web import compressed, errors, filters, health, limits
from intake.web.extensions import Installation
from intake.web.headers import SecurityHeaders
from intake.web.proxied import ProxyWatch
from intake.web.sessions import TokenSessions


def create_app(settings: Settings | None = None) -> Flask:
    """The application, its database up to date, its keys open, no connection left open. Raises what a start must
    refuse: SettingsError, CannotStart, QuestionnaireError."""
    settings = settings or Settings.from_environment()
    loose = database.make_private(settings.database_url)
    intake = Installation.open(settings)
    for warning in (*loose, *intake.warnings):
        sys.stderr.write(f"{warning}\n")
    app = Flask("intake", instance_path=str(settings.instance))
    app.extensions["intake"] = intake
    app.secret_key = intake.keyring.web_secret
    app.session_interface = TokenSessions()
    app.config["TRUSTED_HOSTS"] = list(settings.trusted_hosts) or None
    app.url_map.merge_slashes = False  # “//” is another address, not a redirect to anywhere
    filters.init_app(app, intake)
    limits.init_app(app)
    errors.init_app(app)
    first_admin.init_app(app)
    permissions.init_app(app)
    compressed.init_app(app)
    for part in (health, patient, accounts, directory, clinician, admin, trail, records):
        app.register_blueprint(part.door)
    app.wsgi_app = SecurityHeaders(app.wsgi_app, https=settings.secure_cookies)  # type: ignore[method-assign]
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_port=0, x_prefix=0)  # type: ignore[method-assign]
    app.wsgi_app = ProxyWatch(health.AnyHost(app.wsgi_app, settings.trusted_hosts), settings)  # type: ignore[method-assign]
    return app


def main() -> None:
    """The console script `intake`."""
    from intake.cli import run

    run(create_app)
