"""The production server: waitress in several processes. `listen` takes an address, `serve` serves an app on it.

One socket is bound before anything is forked, and every worker accepts from it. TERM and INT stop accepting, finish
what is in flight and end with status 0; a worker that dies is replaced; workers whose parent has died stop by
themselves. Nothing of a request or an answer is ever put into a temporary file: what is too large is turned away, and
what is being sent waits in memory up to a mark. The rest of the program uses the names below (decision 0010).
"""

from __future__ import annotations

import errno
import os
import resource
import socket
from typing import TYPE_CHECKING

from intake.web.server.processes import Chore, WorkerProcesses
from intake.web.server.worker import CONNECTIONS, Worker

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["CannotListen", "Chore", "listen", "serve"]


class CannotListen(Exception):
    """The address cannot be served on; its one line says what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to an address and listening. Raises CannotListen."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        bound = socket.create_server(address, family=family, backlog=1024, dualstack_ipv6=family == socket.AF_INET6)
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that no host can have
        number = error.errno if isinstance(error, OSError) else None
        raise CannotListen(_what_to_do(number, host, port)) from None
    bound.setblocking(False)
    return bound


def _what_to_do(number: int | None, host: str, port: int) -> str:
    if number == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use; stop what uses it, or serve on another with --port."
    if number in (errno.EACCES, errno.EPERM):
        return f"Port {port} may not be used by this user; choose one from 1024 on with --port."
    return f"{host} is not an address of this machine; serve on 127.0.0.1, or on an address that this machine has."


def serve(
    app: WSGIApplication,
    bound: socket.socket,
    *,
    workers: int,
    https: bool,
    behind_proxy: bool,
    chore: Chore | None = None,
) -> None:
    """Serve on a socket from `listen` in `workers` processes, until TERM or INT.

    `https` says that the public address is https, `behind_proxy` that forwarding headers come from a proxy of ours.
    A chore has a process of its own while it is done; TERM ends it at once.
    """
    _allow_open_files(4 * CONNECTIONS)
    parent = os.getpid()  # asked before the fork: a worker whose parent died at once would take another for it

    def work() -> None:
        Worker(app, bound, parent=parent, https=https, behind_proxy=behind_proxy).run()

    WorkerProcesses(work, bound, workers, chore).run()


def _allow_open_files(wanted: int) -> None:
    """Room for every connection: the usual 1024 open files are few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
