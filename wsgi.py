"""The application for a WSGI server of your own choice (docs/operating.md); `intake serve` needs no such file."""

import os
import resource

from intake.app import create_app
from intake.cli import plain_refusals
from intake.web import logs
from intake.web.extensions import mark_as_production

os.umask(0o077)  # whatever is made from here on is for this user only
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump of memory holds answers and keys
logs.configure()
with plain_refusals():
    app = create_app()
    mark_as_production(app.extensions["intake"])
