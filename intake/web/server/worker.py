"""One worker process: waitress accepts connections from the shared socket until told to stop, then finishes.

All that leans on waitress's own classes stands here; tests/cli/test_serve.py watches it with each new version.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import socket
import time
from http import HTTPStatus
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import Error

from intake.web import limits, logs
from intake.web.bare import bare_page
from intake.web.headers import framed

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS: Final = 8
CONNECTIONS: Final = 1000
LARGEST_BODY: Final = 2 * limits.BODY_BYTES
"""Above this the server answers 413 and reads no further; below, down to our own limit, the application does so."""

DISCARD_BYTES: Final = 4 * 1024 * 1024
DISCARD_SECONDS: Final = 3.0
DRAIN_SECONDS: Final = 30.0
NEVER: Final = 1 << 40
"""Bytes after which waitress would write to a temporary file: more than it is ever given."""
HEAD_SECONDS: Final = 30.0
WHOLE_SECONDS: Final = 180.0
"""From its first byte on: when the head of a request, and when all of it, must have come in."""
CONNECTIONS_EACH: Final = 200
"""Of one address, where it is the client's: whoever opens more loses the oldest that waits for something."""


FOLDED: Final = re.compile(rb"\n[ \t]")


class TooSlow(Error):  # type: ignore[misc]
    """A request that did not come in in time."""

    code, reason = HTTPStatus.REQUEST_TIMEOUT.value, HTTPStatus.REQUEST_TIMEOUT.phrase


class UnambiguousParser(HTTPRequestParser):  # type: ignore[misc]
    """Reads one request."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head; a body's length given in two ways is refused: a proxy before us may have read the other."""
        if FOLDED.search(header_plus):
            raise ParsingError("a header that goes on in the next line")  # RFC 9112 5.2: read differently elsewhere
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length beside Transfer-Encoding")


class ApplicationTask(WSGITask):  # type: ignore[misc]
    """Answers one request; while the worker stops, the last one on its connection."""

    def build_response_header(self) -> bytes:
        """The head of the answer."""
        if self.channel.server.draining:
            self.set_close_on_finish()
        head: bytes = super().build_response_header()
        return head


class RefusalTask(ErrorTask):  # type: ignore[misc]
    """Answers what is turned away before the application sees it: a plain page with all our headers."""

    def execute(self) -> None:
        """Write the page."""
        status = HTTPStatus(self.request.error.code)
        page = bare_page(status)
        self.status = f"{status.value} {status.phrase}"
        self.response_headers.extend(
            framed([("Content-Type", "text/html; charset=utf-8")], https=self.channel.server.https)
        )
        self.set_close_on_finish()
        self.content_length = len(page)
        self.channel.refused = True
        logs.event("refused", status=status.value)
        self.write(page)


class ClientConnection(HTTPChannel):  # type: ignore[misc]
    """One connection. What a refused client still sends is read and thrown away for a while before closing: a
    connection that is closed on it loses the page we sent."""

    parser_class = UnambiguousParser
    task_class = ApplicationTask
    error_task_class = RefusalTask
    refused = False
    discards_until: float | None = None
    discarded = 0
    begun: float | None = None
    """When the first byte of the request came that is coming in."""

    def readable(self) -> bool:
        """Whether to read."""
        return self.discards_until is not None or bool(super().readable())

    def writable(self) -> bool:
        """Whether there is something to send, or time to close."""
        if self.discards_until is not None:
            return time.monotonic() > self.discards_until
        return bool(super().writable())

    def handle_read(self) -> None:
        """Take what came in; while discarding, only its length counts."""
        if self.discards_until is None:
            before = self._coming_in
            super().handle_read()
            if self._coming_in is None:
                self.begun = None
            elif self._coming_in is not before:
                self.begun = time.monotonic()
            return
        with contextlib.suppress(OSError):
            self.discarded += len(self.recv(64 * 1024))
        if self.discarded > DISCARD_BYTES:
            self.handle_close()

    def handle_write(self) -> None:
        """Send what is to be sent, or close when the time is over."""
        if self.discards_until is None:
            super().handle_write()
        else:
            self.handle_close()

    def handle_close(self) -> None:
        """Close; if the client may still be sending, say that we are done and begin to discard."""
        if self.refused and self.discards_until is None and self.connected:
            self.discards_until = time.monotonic() + DISCARD_SECONDS
            self.will_close = self.close_when_flushed = False
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
                return
        super().handle_close()

    @property
    def _coming_in(self) -> UnambiguousParser | None:
        """The request of which a part came in."""
        request: UnambiguousParser | None = self.request
        return request

    def end_if_late(self, now: float) -> None:
        """Answer 408 to a request that came in too slowly, and take no more of it."""
        request = self._coming_in
        if self.begun is None or request is None:
            return
        if now - self.begun > (WHOLE_SECONDS if request.headers_finished else HEAD_SECONDS):
            self.begun = None
            with self.requests_lock:
                request.error, request.completed = TooSlow("This request did not come in in time."), True
                self.request = None
                self.requests.append(request)
                if len(self.requests) == 1:
                    self.server.add_task(self)

    @property
    def waits(self) -> bool:
        """Whether nothing is worked on or answered here: it waits for a request, or for more of one."""
        return not self.requests and not self.total_outbufs_len

    @property
    def busy(self) -> bool:
        """Whether a request comes in, is worked on or answered; on a connection just made, one may be about to come."""
        new = self.last_activity == self.creation_time and time.time() - self.creation_time < 1
        return bool(self.requests or self._coming_in is not None or self.total_outbufs_len or new)


class Worker:
    """waitress's loop, which ends as soon as it may: when told to stop, or when the parent is gone."""

    def __init__(
        self, app: WSGIApplication, bound: socket.socket, *, parent: int, https: bool, behind_proxy: bool
    ) -> None:
        self.parent = parent
        self.stopping = False
        self.server: Any = create_server(
            app,
            sockets=[bound],
            threads=THREADS,
            connection_limit=CONNECTIONS,
            asyncore_use_poll=True,
            channel_timeout=60,
            cleanup_interval=10,
            ident=None,
            max_request_header_size=32 * 1024,
            max_request_body_size=LARGEST_BODY,
            inbuf_overflow=NEVER,
            outbuf_overflow=NEVER,
            outbuf_high_watermark=1024 * 1024,
            clear_untrusted_proxy_headers=not behind_proxy,
            log_socket_errors=False,
            expose_tracebacks=False,
        )
        self.server.channel_class, self.server.draining, self.server.https = ClientConnection, False, https
        if not behind_proxy:  # behind one all have the same address
            self.server.channel_class = self._one_of_few

    def run(self) -> None:
        """Serve, then drain."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        looked = time.monotonic()
        while not self.stopping and os.getppid() == self.parent:
            self._handle_events(1.0)
            if (now := time.monotonic()) - looked >= 1.0:  # under load events come thousands of times a second
                looked = now
                for connection in list(self.server.active_channels.values()):
                    connection.end_if_late(now)
        self._drain()

    def _one_of_few(self, server: Any, sock: socket.socket, address: Any, adj: Any, map: Any = None) -> None:
        """Take a connection; if its address has too many, the oldest of those that wait goes."""
        own = [one for one in list(server.active_channels.values()) if one.addr[0] == address[0]]
        if len(own) >= CONNECTIONS_EACH and (waiting := [one for one in own if one.waits]):
            min(waiting, key=lambda one: one.creation_time).handle_close()
        ClientConnection(server, sock, address, adj, map=map)

    def _handle_events(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, use_poll=True, map=self.server._map, count=1)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True
        self.server.pull_trigger()

    def _drain(self) -> None:
        """Take what has connected already, close the socket, and finish every request that has begun."""
        server, connections = self.server, self.server.active_channels
        while select.select([server.socket], [], [], 0)[0]:
            before = len(connections)
            server.handle_accept()
            if len(connections) == before:
                break  # another worker was faster
        server.draining = True
        server.del_channel()
        server.socket.close()
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline and any(one.busy for one in list(connections.values())):
            self._handle_events(0.1)
        server.task_dispatcher.shutdown(cancel_pending=True, timeout=1)
