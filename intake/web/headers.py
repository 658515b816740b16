"""The frame around every answer: security headers on all of them, errors and static files included, and one log line
each.

This stands at the WSGI level, so that nothing that goes wrong inside can leave without it (security.md 3.6).
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from intake.web import logs
from intake.web.bare import bare_page

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REQUEST_ID: Final = "intake.request_id"
ROUTE: Final = "intake.route"
CLEARS: Final = '"cache"'
"""Of `Clear-Site-Data`, when somebody leaves or has sent: no page of the form is left in the browser (ASVS 14.3.1)."""
FOREVER: Final = "public, max-age=31536000, immutable"

# One script of ours (decision 0006), which talks to us alone. Nothing inline, nothing from anywhere else.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
DOWNLOAD_POLICY: Final = "default-src 'none'; sandbox"
"""The stricter policy of a file to be kept: opened in the browser all the same, it can do nothing."""

HEADERS: Final[tuple[tuple[str, str], ...]] = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    (
        "Permissions-Policy",
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), "
        "payment=(), usb=(), browsing-topics=()",
    ),
)
HSTS: Final = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")

HeaderList = list[tuple[str, str]]


def framed(headers: HeaderList, *, https: bool, cache: str = "no-store") -> HeaderList:
    """The headers with ours added; what an answer set by itself (a download's stricter policy) stays, Cache-Control
    never."""
    kept = [(name, value) for name, value in headers if name.lower() not in ("server", "cache-control")]
    present = {name.lower() for name, _ in kept}
    ours = [*HEADERS, HSTS] if https else HEADERS
    return [*kept, *((name, value) for name, value in ours if name.lower() not in present), ("Cache-Control", cache)]


class SecurityHeaders:
    """WSGI middleware: the outermost layer of the application."""

    def __init__(self, inner: WSGIApplication, *, https: bool) -> None:
        self.inner = inner
        self.https = https

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request; whatever is raised inside becomes a plain page that names only the request's id."""
        began = time.monotonic()
        request_id = environ[REQUEST_ID] = new_request_id()
        status = ["500"]

        def start(line: str, headers: HeaderList, exc_info: Any = None) -> Any:
            status[0] = line[:3]
            return start_response(line, framed(headers, https=self.https, cache=_cache(environ, line)), exc_info)

        try:
            body = self.inner(environ, start)
        except Exception as error:  # noqa: BLE001 - the last handler: nobody sees a traceback
            logs.event("error", logging.ERROR, request=request_id, exception=logs.place_of(error))
            page = bare_page(HTTPStatus.INTERNAL_SERVER_ERROR, request_id)
            start(
                "500 Internal Server Error",
                [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page)))],
            )
            body = [page]
        logs.event(
            "request",
            request=request_id,
            method=environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in ("GET", "HEAD", "POST") else "other",
            route=environ.get(ROUTE, "-"),
            status=int(status[0]),
            ms=round((time.monotonic() - began) * 1000, 1),
        )
        return body


def new_request_id() -> str:
    """A short random id that stands in the log and on the error page: “5F2A-91C3”."""
    drawn = secrets.token_hex(4).upper()
    return f"{drawn[:4]}-{drawn[4:]}"


def _cache(environ: WSGIEnvironment, line: str) -> str:
    """Only a static file asked for by its fingerprint may be kept; all else is somebody's page."""
    fingerprinted = environ.get("PATH_INFO", "").startswith("/static/") and environ.get("QUERY_STRING", "").startswith(
        "v="
    )
    return FOREVER if fingerprinted and line[:3] in ("200", "304") else "no-store"
