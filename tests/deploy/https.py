"""A browser that opens the site's name at a port of this machine, as a name server and the usual port would."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any, Final

import httpx

NAME: Final = "intake.example.org"


class Resolved(httpx.BaseTransport):
    """Sends what is for the name to a port of this machine."""

    def __init__(self, port: int, trusted: ssl.SSLContext) -> None:
        self.port, self.inner = port, httpx.HTTPTransport(verify=trusted)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on."""
        url = request.url.copy_with(host="127.0.0.1", port=self.port)
        headers = httpx.Headers(request.headers)
        headers["Host"] = NAME
        extensions = {**request.extensions, "sni_hostname": NAME}
        return self.inner.handle_request(
            httpx.Request(request.method, url, headers=headers, stream=request.stream, extensions=extensions)
        )

    def close(self) -> None:
        """Let go of the connections."""
        self.inner.close()


def client(port: int, certificate: Path, **more: Any) -> httpx.Client:
    """A browser that keeps cookies, follows redirects, and trusts this certificate alone."""
    trusted = ssl.create_default_context(cafile=str(certificate))
    transport = Resolved(port, trusted)
    return httpx.Client(base_url=f"https://{NAME}", transport=transport, follow_redirects=True, timeout=60, **more)
