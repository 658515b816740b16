"""The application for a WSGI server of your own choice; `intake serve` needs no such file."""

from intake.app import create_app

app = create_app()
