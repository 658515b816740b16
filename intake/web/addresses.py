"""What may stand in an address for a row: its id, and nothing that is none."""

from __future__ import annotations

import re
from typing import Final

from flask import Flask
from werkzeug.routing import BaseConverter


class RecordId(BaseConverter):
    """A row's id in an address: 32 hex digits."""

    regex = "[0-9a-f]{32}"


RECORD_ID: Final = re.compile(RecordId.regex)


def init_app(app: Flask) -> None:
    """Let every door write `<record:id>` in its addresses."""
    app.url_map.converters["record"] = RecordId
