"""Whether the proxy in front says who asks: noticed at the first request that lacks it, said once in the log, and noted
in the instance folder for `intake doctor`."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from intake.config import Settings
from intake.web import logs
from intake.web.health import PROBES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NOTE: Final = "proxy-warning"
TOO_LITTLE: Final = (
    "The proxy sends no X-Forwarded-For, so that all clients count as one; let it send X-Forwarded-For, "
    "X-Forwarded-Proto and Host as docs/deploy shows."
)
TOO_FEW: Final = (
    "X-Forwarded-For names fewer proxies than INTAKE_PROXY_HOPS; set it to the number of proxies of yours, or clients "
    "cannot be told apart."
)
NOT_TOLD: Final = (
    "A proxy in front sends X-Forwarded-For, and INTAKE_PROXY_HOPS is 0, so that all clients count as one; set it to 1."
)


class ProxyWatch:
    """WSGI middleware, outside of whatever reads the forwarding headers: says once what is amiss."""

    def __init__(self, inner: WSGIApplication, settings: Settings) -> None:
        self.inner = inner
        self.hops = settings.proxy_hops
        self.note = settings.instance / NOTE
        self.said = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Look, and go on."""
        if not self.said and (words := self._amiss(environ)):
            self.said = True
            logs.event("proxy", logging.WARNING, words=words)
            with suppress(OSError):  # a full disk hinders no request
                self.note.write_text(words, encoding="utf-8")
        return self.inner(environ, start_response)

    def _amiss(self, environ: WSGIEnvironment) -> str | None:
        forwarded = [one for one in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if one.strip()]
        if environ.get("PATH_INFO") in PROBES:
            return None  # asked past the proxy
        if not self.hops:
            return NOT_TOLD if forwarded and environ.get("REMOTE_ADDR") in ("127.0.0.1", "::1") else None
        return TOO_LITTLE if not forwarded else TOO_FEW if len(forwarded) < self.hops else None


def noted(settings: Settings) -> str | None:
    """What was found amiss since the last start, if anything."""
    try:
        return _file(settings).read_text(encoding="utf-8")
    except OSError:
        return None


def forget(settings: Settings) -> None:
    """A new start looks anew."""
    with suppress(OSError):
        _file(settings).unlink(missing_ok=True)


def _file(settings: Settings) -> Path:
    return settings.instance / NOTE
