"""`intake serve`, as a real process: what it refuses to start with, what it prints, how it stops, and that it holds
up."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from intake.consultations import catalogue
from tests.databases import Database, DatabaseIn, Sqlite
from tests.factories import scenarios
from tests.serving import Server, environment, free_port, serving
from tests.staffroom import build
from tests.waiting import wait_until

PRODUCTION = {
    "INTAKE_ENV": "production",
    "INTAKE_ALLOW_PLAIN_HTTP": "loopback",
    "INTAKE_TRUSTED_HOSTS": "127.0.0.1",
    "INTAKE_TWO_FACTOR": "optional",
}


def start(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A start that ends by itself, on SQLite unless a setting says otherwise."""
    command = [sys.executable, "-c", "from intake.app import main; main()", "serve", *arguments]
    return subprocess.run(
        command, env=environment(folder, **settings), capture_output=True, text=True, timeout=60, check=False
    )


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that a refused start says."""
    assert done.returncode == 78, (done.returncode, done.stdout, done.stderr)
    (line,) = done.stderr.splitlines()
    assert done.stdout == ""
    return line


def raw(server: Server, request: bytes, timeout: float = 10) -> bytes:
    """What comes back for these very bytes."""
    host, _, port = server.base.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=timeout) as sock:
        sock.sendall(request)
        sock.shutdown(socket.SHUT_WR)
        found = b""
        while piece := sock.recv(65536):
            found += piece
    return found


# -- wrong starts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"INTAKE_ALLOW_PLAIN_HTTP": ""}, "INTAKE_PUBLIC_URL"),
        ({"INTAKE_ALLOW_PLAIN_HTTP": "", "INTAKE_PUBLIC_URL": "http://x.example.org"}, "INTAKE_PUBLIC_URL"),
        ({"INTAKE_TRUSTED_HOSTS": ""}, "INTAKE_TRUSTED_HOSTS"),
        ({"INTAKE_CLINIC_TIMEZONE": "Nowhere"}, "INTAKE_CLINIC_TIMEZONE"),
        ({"DATABASE_URL": "sqlite:////proc/none/intake.sqlite3"}, "database"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        ({"DATABASE_URL": "mysql://nobody:secret-word@127.0.0.1/none"}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite+none://"}, "driver"),
        ({"INTAKE_INSTANCE": "/proc/none/instance"}, "/proc/none/instance"),
        ({"INTAKE_INSTANCE": "/dev/null/instance"}, "/dev/null/instance"),
    ],
)
def test_a_wrong_setting_is_one_line_and_status_78(tmp_path, settings: dict[str, str], named: str):
    line = refusal(start(tmp_path, "--port", str(free_port()), **PRODUCTION | settings))
    assert named in line
    assert "secret-word" not in line


def test_plain_http_on_every_address_is_refused(tmp_path):
    assert "--host" in refusal(start(tmp_path, "--host", "0.0.0.0", "--port", str(free_port()), **PRODUCTION))
    assert "INTAKE_RATE_LIMIT" in refusal(
        start(
            tmp_path,
            "--host",
            "0.0.0.0",
            "--port",
            str(free_port()),
            **PRODUCTION,
            INTAKE_RATE_LIMIT="0",
            INTAKE_PUBLIC_URL="https://x.example.org",
        )
    )


def test_a_port_in_use_is_one_line_and_nothing_is_made(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Port {port} on 127.0.0.1 is in use" in refusal(start(tmp_path, "--port", str(port)))
    assert not (tmp_path / "instance").exists()
    away = {"INTAKE_PUBLIC_URL": "https://x.example.org"}
    assert "is not an address of this machine" in refusal(
        start(tmp_path, "--host", "192.0.2.1", "--port", str(free_port()), **PRODUCTION, **away)
    )


@pytest.mark.parametrize("host", ["a" * 300, "two..dots", "no.such.invalid"])
def test_a_host_that_is_none_is_one_line(tmp_path, host: str):
    away = PRODUCTION | {"INTAKE_PUBLIC_URL": "https://x.example.org"}
    line = refusal(start(tmp_path, "--host", host, "--port", str(free_port()), **away))
    assert "is not an address of this machine" in line


def test_a_disk_that_is_full_at_the_start_is_one_line_and_status_78(tmp_path):
    # pages: what SQLite calls a full disk
    full = "from intake.records import database; database.PRAGMAS['max_page_count'] = ('2', 2); "
    command = [sys.executable, "-c", full + "from intake.app import main; main()", "serve", "--port", str(free_port())]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, timeout=60, check=False)
    assert "no room left" in refusal(done)
    assert not (tmp_path / "instance" / "keyring.json").exists()


def another_keyring(database: Database) -> None:
    """The keyring of a database that somebody else made."""
    with Sqlite.made(database.folder / "other") as other:
        build(other)
        shutil.copy2(other.instance / "keyring.json", database.instance / "keyring.json")


SPOILT: dict[str, tuple[Callable[[Database], object], str]] = {
    "missing keyring": (lambda database: (database.instance / "keyring.json").unlink(), "keyring"),
    "keyring of another": (another_keyring, "keyring"),
    "keyring open to others": (lambda database: (database.instance / "keyring.json").chmod(0o640), "chmod 600"),
    "damaged keyring": (lambda database: (database.instance / "keyring.json").write_text("{}"), "keyring"),
    "newer database": (lambda database: database.sql("UPDATE alembic_version SET version_num = '9999'"), "newer"),
    "no database at all": (lambda database: database.ruin(), "database"),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_spoilt_instance_is_refused_in_one_line_and_left_as_it_is(database: Database, spoilt: str):
    house = build(database)
    house.send(scenarios()[0].response(catalogue.shipped().active))
    house.intake.engine.dispose()
    spoil, named = SPOILT[spoilt]
    spoil(database)
    before = {path.name: path.read_bytes() for path in database.instance.iterdir()}
    assert named in refusal(start(database.folder, "--port", str(free_port()), **database.env))
    assert {path.name: path.read_bytes() for path in database.instance.iterdir()} == before


def test_a_broken_questionnaire_is_one_line(tmp_path):
    planted = tmp_path / "questionnaires"
    shutil.copytree(catalogue.SHIPPED, planted)
    catalogue.form_files(planted)[0].write_text("resourceType: [", encoding="utf-8")
    code = (
        f"from pathlib import Path; from intake.consultations import catalogue; catalogue.SHIPPED = "
        f"Path({str(planted)!r}); from intake.app import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "serve", "--port", str(free_port())],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert re.match(r"[\w.-]+\.yaml:\d+: ", refusal(done))


# -- the first run -----------------------------------------------------------------------------------------------------


def test_the_first_try_out_prints_two_accounts_the_second_none(empty_database: Database):
    with serving(empty_database) as first:
        assert set(first.accounts) == {"clinician", "admin"}
        assert all(email.endswith("@example.org") for email, _ in first.accounts.values())
        passwords = [password for _, password in first.accounts.values()]
        assert len(set(passwords)) == 2
        assert {stat.S_IMODE(path.stat().st_mode) for path in first.instance.iterdir()} == {0o600}
        assert stat.S_IMODE(first.instance.stat().st_mode) == 0o700
        keyring = (first.instance / "keyring.json").read_bytes()
    (empty_database.folder / "stdout").unlink()
    with serving(empty_database) as second:
        assert second.accounts == {}
        assert (second.instance / "keyring.json").read_bytes() == keyring
    kept = b"".join(empty_database.files().values())
    assert not any(password.encode() in kept for password in passwords)


@pytest.mark.parametrize("starts", [1, 2])
def test_no_connection_is_open_when_the_workers_are_made(empty_database: Database, starts: int):
    for _ in range(starts):
        with serving(empty_database) as server:
            assert not empty_database.opened_by(psutil.Process(server.process.pid))
            for _ in range(20):
                assert httpx.get(f"{server.base}/readyz").status_code == 200
            assert any(empty_database.opened_by(worker) for worker in workers_of(server))


def test_production_makes_no_accounts(empty_database: Database):
    with serving(empty_database, **PRODUCTION) as server:
        assert server.accounts == {}
        assert "try-out" not in httpx.get(f"{server.base}/account/login").text


def test_every_page_of_a_try_out_says_so(empty_database: Database):
    with serving(empty_database) as server:
        for path in ("/", "/account/login", "/no/such/page"):
            assert "This is a try-out" in httpx.get(server.base + path).text


# -- stopping ----------------------------------------------------------------------------------------------------------


def refuses(host: str, port: int) -> bool:
    """Whether nobody listens there any more."""
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return True
    return False


def was_read(client: socket.socket) -> bool:
    """Whether the other end took this connection and read all that was sent so far: what the kernel says of it."""
    own, other = (f":{name[1]:04X}" for name in (client.getsockname(), client.getpeername()))
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        _, at, to, _, queues, _, _, _, _, inode, *_ = line.split()
        if at.endswith(other) and to.endswith(own):
            return inode != "0" and int(queues.partition(":")[2], 16) == 0
    return False


def workers_of(server: Server) -> list[psutil.Process]:
    return psutil.Process(server.process.pid).children()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_stop_finishes_what_is_in_flight_and_ends_with_0(empty_database: Database, number: signal.Signals):
    with serving(empty_database) as server:
        host, _, port = server.base.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=15) as slow:
            slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n")  # the head of a request that goes on later
            wait_until(lambda: was_read(slow))
            server.process.send_signal(number)
            wait_until(lambda: refuses(host, int(port)))
            assert server.process.poll() is None
            slow.sendall(b"\r\n")
            answer = slow.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"Connection: close" in answer
        assert server.process.wait(10) == 0


def test_a_signal_to_stop_under_load_loses_no_request(empty_database: Database):
    """Requests that were taken are answered; a client only ever finds the door closed."""
    lost: list[str] = []
    answered = [0]

    def ask(base: str) -> None:
        with httpx.Client(base_url=base, timeout=20, headers={"Connection": "close"}) as client:
            while True:
                try:
                    status = client.get("/account/login").status_code
                except httpx.ConnectError:
                    return
                except httpx.TransportError as error:
                    lost.append(repr(error))
                    return
                answered[0] += 1
                if status != 200:
                    lost.append(str(status))

    with serving(empty_database) as server:
        clients = [threading.Thread(target=ask, args=(server.base,)) for _ in range(6)]
        for client in clients:
            client.start()
        wait_until(lambda: answered[0] > 30)
        server.process.terminate()
        assert server.process.wait(30) == 0
        for client in clients:
            client.join(15)
    assert answered[0] > 30
    assert lost == []


def test_a_worker_that_is_killed_is_replaced(empty_database: Database):
    with serving(empty_database) as server:
        before = workers_of(server)
        assert len(before) == 2
        before[0].kill()
        wait_until(lambda: bool({one.pid for one in workers_of(server)} - {one.pid for one in before}))
        assert len([one for one in workers_of(server) if one.status() != psutil.STATUS_ZOMBIE]) == 2
        for _ in range(20):
            assert httpx.get(f"{server.base}/healthz").status_code == 200
        assert "worker replaced" in server.output()


SECOND_IS_LATE = """
import os, time
from intake.web.server import worker
made = worker.Worker.__init__
def late(self, *arguments, **named):
    try:
        os.mkdir(os.environ["TMPDIR"] + "/first")
    except FileExistsError:
        time.sleep(3)
    made(self, *arguments, **named)
worker.Worker.__init__ = late
"""


def test_a_worker_whose_parent_died_while_it_began_stops(empty_database: Database):
    with serving(empty_database, launcher=["-c", SECOND_IS_LATE + "from intake.app import main; main()"]) as server:
        workers = workers_of(server)
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(5)
        assert psutil.wait_procs(workers, timeout=10)[1] == []


def test_workers_stop_when_their_parent_is_killed(empty_database: Database):
    with serving(empty_database) as server:
        workers = workers_of(server)
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(5)
        gone, alive = psutil.wait_procs(workers, timeout=10)
        assert len(gone) == 2
        assert alive == []


# -- holding up --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(database_in: DatabaseIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with database_in(tmp_path_factory.mktemp("served"), empty=True) as database, serving(database) as running:
        yield running


HEADERS = (
    b"Content-Security-Policy: default-src 'none'",
    b"X-Content-Type-Options: nosniff",
    b"Referrer-Policy: no-referrer",
    b"Cache-Control: no-store",
)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", 200),
        (b"GET //evil.example/x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", 404),
        (b"GET /%252e%252e/etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", 404),
        (b"GET /static/..%2f..%2fconfig.py HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", 404),
        (b"GET /%ff%fe HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", 404),
        (b"TRACE / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", 405),
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 40_000 + b"\r\n\r\n", 431),
        (b"POST /start HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (
            b"POST /start HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: "
            b"chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (b"POST /start HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"POST /start HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    ],
    ids=lambda value: value[:40].decode("latin-1").strip() if isinstance(value, bytes) else str(value),
)
def test_whatever_is_sent_the_answer_has_our_headers(server: Server, request_bytes: bytes, status: int):
    answer = raw(server, request_bytes)
    head = answer.partition(b"\r\n\r\n")[0]
    assert int(head.split()[1]) == status
    for header in HEADERS:
        assert header in head
    assert b"waitress" not in answer.lower()
    assert b"Server:" not in head


def test_a_body_whose_length_is_said_in_two_ways_is_refused_and_nothing_after_it_is_read(server: Server):
    smuggled = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    head = (
        b"POST /start HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        % (5 + len(smuggled))
    )
    answer = raw(server, head + smuggled)
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == 1


def test_a_huge_chunked_body_gets_413_and_touches_no_disk(server: Server):
    watched = {path: path.stat().st_size for path in (server.folder / "tmp").rglob("*")}
    workers = workers_of(server)
    before = sum(worker.memory_info().rss for worker in workers)
    host, _, port = server.base.removeprefix("http://").partition(":")
    sent = 0
    with socket.create_connection((host, int(port)), timeout=10) as sock:
        sock.sendall(b"POST /start HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        try:
            for _ in range(1600):
                sock.sendall(chunk)
                sent += 65536
            answer = sock.recv(65536)
        except OSError:
            answer = b""  # the server hung up on what it does not want
    assert sent < 64 * 1024 * 1024
    assert not answer or answer.startswith(b"HTTP/1.1 413")
    after = sum(worker.memory_info().rss for worker in workers)
    assert after - before < 30 * 1024 * 1024
    assert {path: path.stat().st_size for path in (server.folder / "tmp").rglob("*")} == watched
    for worker in workers:
        assert not [
            opened.path
            for opened in worker.open_files()
            if "intake.sqlite3" not in opened.path and "/std" not in opened.path
        ]
    assert httpx.get(f"{server.base}/healthz").status_code == 200


@pytest.mark.parametrize("size", [300_000, 600_000, 3_000_000])
def test_a_body_that_is_too_large_gets_its_page_whatever_its_size(server: Server, size: int):
    answer = httpx.post(
        f"{server.base}/start",
        content=b"x" * size,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=10,
    )
    assert answer.status_code == 413
    assert "too much at once" in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_eighty_slow_clients_hold_nobody_up(server: Server):
    host, _, port = server.base.removeprefix("http://").partition(":")
    slow = [socket.create_connection((host, int(port)), timeout=5) for _ in range(80)]
    try:
        with httpx.Client(base_url=server.base, timeout=10) as quick:
            for sock in slow:
                sock.sendall(b"POST /start HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\na")
            for _ in range(10):
                for sock in slow:
                    sock.sendall(b"b")
                assert (
                    quick.get("/account/login").status_code == 200
                )  # a server that waited for the slow ones would not answer at all
    finally:
        for sock in slow:
            sock.close()


def test_the_log_has_routes_and_no_values(server: Server):
    before = server.output().count('"event": "request"')
    httpx.get(
        f"{server.base}/clinician/?q=jane-doe-secret",
        headers={"User-Agent": "agent-secret", "Cookie": "intake-staff=cookie-secret"},
    )
    raw(server, b"GET /path-secret HTTP/1.1\r\nHost: host-secret\r\nConnection: close\r\n\r\n")
    wait_until(lambda: server.output().count('"event": "request"') == before + 2)
    output = server.output()
    assert '"route": "/clinician/"' in output
    assert "secret" not in output
    assert "Traceback" not in output
