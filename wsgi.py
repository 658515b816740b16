"""The application for a WSGI server of your own choice (docs/operating.md); `intake serve` needs no such file."""

import os

from intake.app import create_app
from intake.cli import plain_refusals
from intake.web import logs

os.umask(0o077)  # whatever is made from here on is for this user only
logs.configure()
with plain_refusals():
    app = create_app()
