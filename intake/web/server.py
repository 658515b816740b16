"""The production server: waitress on several processes, under a small pre-fork of ours.

One socket is bound before anything is forked; every worker takes from it. TERM and INT stop taking, finish what is in
flight and end with status 0; a worker that dies is replaced; workers that lose their parent stop by themselves. Nothing
of a request or an answer is ever put into a temporary file: what is too large is turned away, and what is being sent
waits in memory up to a mark.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask, WSGITask

from intake.web import limits, logs
from intake.web.bare import bare_page
from intake.web.headers import framed

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS: Final = 8
CONNECTIONS: Final = 1000
DRAIN_SECONDS: Final = 30.0
RESPAWN_PAUSE: Final = 1.0
LARGEST_BODY: Final = 2 * limits.BODY_BYTES
"""Above this the server itself answers 413 without taking the rest; between this and our own limit the application
does, more kindly."""

HEARD_BYTES: Final = 4 * 1024 * 1024
HEARD_SECONDS: Final = 3.0
NEVER: Final = 1 << 40
"""Bytes after which waitress would write to a temporary file: more than it is ever given."""


class CannotListen(Exception):
    """The address cannot be served on; its one line says what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to an address and listening. Raises CannotListen."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(1024)
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that no host can have
        raise CannotListen(_listen_words(error, host, port)) from None
    bound.setblocking(False)
    return bound


def _listen_words(error: OSError | UnicodeError, host: str, port: int) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use; stop what uses it, or serve on another with --port."
    if number in (errno.EACCES, errno.EPERM):
        return f"Port {port} may not be used by this user; choose one from 1024 on with --port."
    return f"{host} is no address of this machine; serve on 127.0.0.1, or on an address that this machine has."


def serve(app: WSGIApplication, bound: socket.socket, *, workers: int, https: bool, behind_proxy: bool) -> None:
    """Serve until TERM or INT, on `workers` processes where the system can fork, else in this one."""
    _more_files()

    def work() -> None:
        _Worker(app, bound, https=https, behind_proxy=behind_proxy).run()

    if hasattr(os, "fork"):
        _Herd(work, bound, workers).run()
    else:
        work()


def _more_files() -> None:
    """Room for every connection: the usual 1024 open files are few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * CONNECTIONS if hard == resource.RLIM_INFINITY else min(4 * CONNECTIONS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Herd:
    """The parent: forks, replaces, and passes the signal to stop on. It serves nothing itself."""

    def __init__(self, work: Callable[[], None], bound: socket.socket, workers: int) -> None:
        self.work = work
        self.bound = bound
        self.workers = workers
        self.alive: dict[int, float] = {}
        self.stopping = False

    def run(self) -> None:
        """Keep the workers alive until told to stop, then wait until each has finished what it was doing."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self.stopping:
            while len(self.alive) < self.workers and not self.stopping:
                self._fork()
            self._bury()
        self.bound.close()
        deadline = time.monotonic() + DRAIN_SECONDS + 5
        while self.alive and time.monotonic() < deadline:
            self._tell(signal.SIGTERM)
            self._bury()
        self._tell(signal.SIGKILL)

    def _fork(self) -> None:
        # Held back around the fork, so that a signal to stop never meets a child that cannot hear it yet.
        held = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, held)
        pid = os.fork()
        if pid == 0:
            self._be_a_worker(held)
        self.alive[pid] = time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, held)

    def _be_a_worker(self, held: set[signal.Signals]) -> None:
        status = 1
        try:
            for number in held:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, held)
            self.work()
            status = 0
        except BaseException as error:  # noqa: BLE001 - a worker ends here, in one line
            logs.event("worker stopped", logging.CRITICAL, exception=logs.place_of(error))
        finally:
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)

    def _bury(self) -> None:
        """Wait a moment for a worker to end. One that ended without being told to is replaced, at most one a second."""
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            self.alive.clear()
            return
        if pid == 0:
            time.sleep(0.1)
            return
        lived = time.monotonic() - self.alive.pop(pid, 0.0)
        if not self.stopping:
            logs.event("worker replaced", logging.WARNING, status=os.waitstatus_to_exitcode(status))
            if lived < RESPAWN_PAUSE:
                time.sleep(RESPAWN_PAUSE)

    def _tell(self, number: signal.Signals) -> None:
        for pid in self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True


class _Task(WSGITask):  # type: ignore[misc]
    """One answer; while the worker stops, the last one on its connection."""

    def build_response_header(self) -> bytes:
        """The head of the answer."""
        if self.channel.server.draining:
            self.set_close_on_finish()
        head: bytes = super().build_response_header()
        return head


class _PlainError(ErrorTask):  # type: ignore[misc]
    """What the server turns away before the application sees it: a plain page with all our headers."""

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
        self.channel.hears_out = True
        logs.event("refused", status=status.value)
        self.write(page)


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """One request."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head. One that gives its body's length in two ways is refused: a proxy before us may have read the
        other one."""
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length beside Transfer-Encoding")


class _Channel(HTTPChannel):  # type: ignore[misc]
    """One connection."""

    parser_class = _Parser
    task_class = _Task
    error_task_class = _PlainError
    hears_out = False
    """Whether what the client still sends is read and thrown away before closing: a connection closed on it loses the
    page we sent."""
    hears_until: float | None = None
    heard = 0

    def readable(self) -> bool:
        """Whether to read."""
        return self.hears_until is not None or bool(super().readable())

    def writable(self) -> bool:
        """Whether there is something to send, or time to close."""
        return time.monotonic() > self.hears_until if self.hears_until is not None else bool(super().writable())

    def handle_read(self) -> None:
        """Take what came in; while hearing out, only its length counts."""
        if self.hears_until is None:
            super().handle_read()
            return
        with contextlib.suppress(OSError):
            self.heard += len(self.recv(64 * 1024))
        if self.heard > HEARD_BYTES:
            self.handle_close()

    def handle_write(self) -> None:
        """Send what is to be sent, or close when the time is over."""
        if self.hears_until is None:
            super().handle_write()
        else:
            self.handle_close()

    def handle_close(self) -> None:
        """Close; if the client may still be sending, say that we are done and hear it out first."""
        if self.hears_out and self.hears_until is None and self.connected:
            self.hears_until = time.monotonic() + HEARD_SECONDS
            self.will_close = self.close_when_flushed = False
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
                return
        super().handle_close()

    @property
    def busy(self) -> bool:
        """Whether a request is coming in, being worked on or being answered; a connection just made may be about to
        ask."""
        new = self.last_activity == self.creation_time and time.time() - self.creation_time < 1
        return bool(self.requests or self.request is not None or self.total_outbufs_len or new)


class _Worker:
    """One process: takes connections from the shared socket until told to stop, then finishes what it has."""

    def __init__(self, app: WSGIApplication, bound: socket.socket, *, https: bool, behind_proxy: bool) -> None:
        self.parent = os.getppid()
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
        self.server.channel_class = _Channel
        self.server.draining = False
        self.server.https = https

    def run(self) -> None:
        """Serve until told to stop, or until the parent is gone; then drain."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self.stopping and os.getppid() == self.parent:
            self._turn(1.0)
        self._drain()

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, use_poll=True, map=self.server._map, count=1)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True
        self.server.pull_trigger()

    def _drain(self) -> None:
        """Take what has connected already, close the socket, and finish every request that has begun."""
        while select.select([self.server.socket], [], [], 0)[0]:
            before = len(self.server.active_channels)
            self.server.handle_accept()
            if len(self.server.active_channels) == before:
                break  # another worker was faster
        self.server.draining = True
        self.server.del_channel()
        self.server.socket.close()
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline and any(
            channel.busy for channel in list(self.server.active_channels.values())
        ):
            self._turn(0.1)
        self.server.task_dispatcher.shutdown(cancel_pending=True, timeout=1)
