"""The application for a WSGI server of your own choice (docs/operating.md); `intake serve` needs no such file."""

from intake.app import create_app
from intake.cli import keep_to_this_user, plain_refusals
from intake.web import logs
from intake.web.extensions import mark_as_production

keep_to_this_user()
logs.configure()
with plain_refusals():
    app = create_app()
    mark_as_production(app.extensions["intake"])
