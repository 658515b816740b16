"""A file for whoever asked for it, which no browser shows as a page of ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response

from intake.web.headers import DOWNLOAD_POLICY


def json_download(document: Mapping[str, Any], mimetype: str, filename: str) -> Response:
    """A JSON document as a file of this name."""
    return Response(
        json.dumps(document, ensure_ascii=False, indent=2) + "\n",
        content_type=f"{mimetype}; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{filename}"',
            "Content-Security-Policy": DOWNLOAD_POLICY,
        },
    )
