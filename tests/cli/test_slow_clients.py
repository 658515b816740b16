"""Whoever sends slowly, folds a header or opens hundreds of connections ends, and holds nobody else up."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest

from tests.cli.test_serve import raw
from tests.databases import Database, Sqlite
from tests.serving import Server, serving
from tests.waiting import wait_until

SHORT = (
    "from intake.web.server import worker; "
    "worker.HEAD_SECONDS, worker.WHOLE_SECONDS, worker.CONNECTIONS_EACH = 1, 3, 20; "
)
HEAD = b"GET /account/login HTTP/1.1\r\nHost: 127.0.0.1\r\n"
POST = b"POST /start HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of short patience: a head in 1 second, the whole in 3, 20 connections of one address to a process."""
    with (
        Sqlite.made(tmp_path_factory.mktemp("hasty")) as database,
        serving(database, launcher=["-c", SHORT + "from intake.app import main; main()"]) as server,
    ):
        yield server


def connect(server: Server) -> socket.socket:
    """A connection to it."""
    host, _, port = server.base.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=10)


def rest(sock: socket.socket) -> bytes:
    """What still comes until the other end says that it is done."""
    sock.settimeout(10)
    found = b""
    while piece := sock.recv(65536):
        found += piece
    return found


def trickle(sock: socket.socket, first: bytes, seconds: float) -> bytes:
    """Send this, then a byte now and then; gives what comes back, nothing if the time goes by."""
    sock.sendall(first)
    sock.settimeout(0.2)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            sock.sendall(b"a")
            if found := sock.recv(65536):
                return found + rest(sock)
        except TimeoutError:
            continue
        except OSError:
            break
    return b""


@pytest.mark.parametrize(
    "first",
    [
        HEAD + b"X-Slow: ",
        POST + b"Content-Length: 100000\r\n\r\nfull-name=",
        POST + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n",
    ],
)
def test_a_request_that_trickles_in_gets_408_and_a_page_of_ours(hasty: Server, first: bytes):
    with connect(hasty) as sock:
        answer = trickle(sock, first, 12)
    assert answer.split()[1] == b"408"
    assert b"The connection was too slow" in answer
    assert b"Content-Security-Policy" in answer


def test_a_page_on_a_slow_line_comes_in_as_long_as_it_is_within_its_time(hasty: Server):
    with connect(hasty) as sock:
        sock.sendall(HEAD + b"Connection: close\r\n")
        time.sleep(0.6)
        sock.sendall(b"\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_connection_that_is_kept_open_is_not_late_at_its_second_request(hasty: Server):
    with httpx.Client(base_url=hasty.base) as client:
        assert client.get("/account/login").status_code == 200
        time.sleep(1.5)
        assert client.get("/account/login").status_code == 200


def test_hundreds_of_connections_of_one_address_leave_its_pages_open(hasty: Server):
    held = []
    try:
        for _ in range(150):
            held.append(connect(hasty))
            held[-1].sendall(b"GET / HTTP/1.1\r\n")
        began = time.monotonic()
        assert httpx.get(f"{hasty.base}/account/login", timeout=10).status_code == 200
        assert time.monotonic() - began < 5
        workers = psutil.Process(hasty.process.pid).children()
        wait_until(lambda: all(len(worker.net_connections("tcp")) <= 25 for worker in workers), 20)
    finally:
        for sock in held:
            sock.close()


@pytest.mark.parametrize("fold", [b"X-One: a\r\n b\r\n", b"Content-Length: 1\r\n\t0\r\n", b"X-One: a\n b\r\n"])
def test_a_header_that_goes_on_in_the_next_line_is_refused(hasty: Server, fold: bytes):
    assert raw(hasty, HEAD + fold + b"\r\n").split()[1] == b"400"


def test_a_hangup_ends_nothing_where_no_terminal_is(hasty: Server):
    hasty.process.send_signal(1)
    time.sleep(0.5)
    assert hasty.process.poll() is None
    assert httpx.get(f"{hasty.base}/healthz").status_code == 200


def test_no_memory_is_dumped_to_disk(hasty: Server):
    for process in (psutil.Process(hasty.process.pid), *psutil.Process(hasty.process.pid).children()):
        assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)


def test_a_server_waits_for_its_database_as_long_as_it_was_told(empty_database: Database):
    away = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    began = time.monotonic()
    with (
        pytest.raises(AssertionError, match="ended with status 69"),
        serving(empty_database, arguments=("--wait", "3"), DATABASE_URL=away),
    ):
        pass
    assert time.monotonic() - began >= 3
