"""One bar of signal: a relay before a server that is slow, and cuts requests before or after the server took them."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

CUTS = ("before", "after", "half-way")
"""Where a request is cut: before the server sees it, once it answered, or in the middle of its answer."""


@dataclass
class Bar:
    """The line: bits a second (0: as fast as it goes), seconds there and back, and how many of how many are cut."""

    seed: int
    bits: int = 0
    delay: float = 0.0
    cut: int = 1
    of: int = 3
    cuts: Counter[str] = field(default_factory=Counter)
    carried: int = 0
    held: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def fate(self) -> str:
        """What becomes of the next request: one of `CUTS`, or empty."""
        with self.lock:
            fate = self.chance.choice(CUTS) if self.chance.randrange(self.of) < self.cut else ""
            self.cuts[fate or "none"] += 1
            return fate

    def wait(self, size: int) -> None:
        """Wait as long as so many bytes take on their way, one after another as on a phone's one line."""
        if self.bits:
            with self.lock:
                time.sleep(size * 8 / self.bits)


@contextmanager
def relayed(base: str, bar: Bar) -> Iterator[str]:
    """The address of a relay to the server at `base`, over this line."""
    target = urlsplit(base)

    class Relay(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def cut(self) -> None:
            """Break the connection as a lost line does: by a reset, not by an end."""
            self.close_connection = True
            with suppress(OSError):
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()

        def relay(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            bar.carried += 1
            fate = bar.fate()
            time.sleep(bar.delay)
            bar.wait(len(body) + 500)
            if fate == "before":
                return self.cut()
            upstream = HTTPConnection(target.hostname or "", target.port, timeout=60)
            kept = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            upstream.request(self.command, self.path, body or None, kept)
            answer = upstream.getresponse()
            content = answer.read()
            upstream.close()
            if fate == "after":
                return self.cut()
            bar.wait(len(content) + 500)
            with suppress(OSError):
                self.send_response_only(answer.status, answer.reason)
                for name, value in answer.getheaders():
                    if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Connection", "close")
                self.end_headers()
                half = fate == "half-way" and content
                self.wfile.write(content[: len(content) // 2] if half else content)
                self.wfile.flush()
                if half:
                    time.sleep(0.05)
                    return self.cut()
            self.close_connection = True
            return None

        do_GET = do_POST = do_HEAD = relay  # noqa: N815 - names that http.server calls

    server = ThreadingHTTPServer(("127.0.0.1", 0), Relay)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign] - a connection that was cut is no news
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
