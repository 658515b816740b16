"""Answers that travel compressed: our style sheets and the script, and those pages from whose length nothing secret can
be told (decision 0077)."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from flask import Flask, Response, request
from werkzeug.security import safe_join

PAGES: Final = frozenset({"patient.check", "patient.preview", "patient.own_copy", "patient.who_opened"})
"""Long pages on which nothing stands that a request chose: their addresses take no parameters."""
KINDS: Final[Mapping[str, str]] = MappingProxyType({".css": "text/css", ".js": "text/javascript"})
_COMMENT: Final = re.compile(rb"/\*.*?\*/\s*", re.DOTALL)
"""Of a style sheet: for whoever reads it here."""


def init_app(app: Flask) -> None:
    """Compress for whoever takes it."""
    of_files = app.view_functions["static"]

    @cache
    def content(name: str) -> tuple[bytes, bytes] | None:
        """A style sheet or script as it is sent, and compressed; None if it is none of ours."""
        path = safe_join(str(app.static_folder), name)
        if path is None or not Path(path).is_file():
            return None
        plain = Path(path).read_bytes()
        plain = _COMMENT.sub(b"", plain) if name.endswith(".css") else plain
        return plain, gzip.compress(plain, 9, mtime=0)

    def static(filename: str) -> Any:
        kind = KINDS.get(Path(filename).suffix)
        if kind is None or (found := content(filename)) is None:
            return of_files(filename=filename)
        answer = Response(found[0], mimetype=kind)
        answer.vary.add("Accept-Encoding")
        return _carry(answer, found[1]) if _is_taken() else answer

    app.view_functions["static"] = static
    app.after_request(_compress)


def _compress(answer: Response) -> Response:
    if request.endpoint in PAGES and answer.status_code == HTTPStatus.OK:
        answer.vary.add("Accept-Encoding")
        if _is_taken():
            return _carry(answer, gzip.compress(answer.get_data(), 6, mtime=0))
    return answer


def _is_taken() -> bool:
    return request.accept_encodings["gzip"] > 0


def _carry(answer: Response, content: bytes) -> Response:
    answer.set_data(content)
    answer.headers["Content-Encoding"] = "gzip"
    return answer
