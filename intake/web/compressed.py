"""Answers that travel compressed: our style sheets and the script, and those pages from whose length nothing secret can
be told (decision 0077)."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from flask import Flask, Response, request

PAGES: Final = frozenset({"patient.check", "patient.preview", "patient.own_copy", "patient.who_opened"})
"""Long pages on which nothing stands that a request chose: their addresses take no parameters."""
KINDS: Final[Mapping[str, str]] = MappingProxyType({".css": "text/css", ".js": "text/javascript"})
_COMMENT: Final = re.compile(rb"/\*.*?\*/\s*", re.DOTALL)
"""Of a style sheet: for whoever reads it here."""


def init_app(app: Flask) -> None:
    """Compress for whoever takes it."""
    of_files = app.view_functions["static"]

    folder = Path(str(app.static_folder))
    ours = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.suffix in KINDS}
    plain = {name: _content(path) for name, path in ours.items()}
    packed = {name: gzip.compress(content, 9, mtime=0) for name, content in plain.items()}

    def static(filename: str) -> Any:
        if filename not in plain:
            return of_files(filename=filename)
        answer = Response(plain[filename], mimetype=KINDS[ours[filename].suffix])
        answer.vary.add("Accept-Encoding")
        return _carry(answer, packed[filename]) if _is_taken() else answer

    app.view_functions["static"] = static
    app.after_request(_compress)


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    return _COMMENT.sub(b"", content) if path.suffix == ".css" else content


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
