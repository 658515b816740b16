"""The application for a WSGI server of your own choice; `intake serve` needs no such file."""

from intake.app import create_app
from intake.cli import plain_refusals

with plain_refusals():
    app = create_app()
