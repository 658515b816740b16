"""`wsgi.py` under servers of somebody else's, behind a reverse proxy: it refuses as `intake serve` does, and what a
patient
and her browser are promised holds there too."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.databases import Database
from tests.patient.visitor import Visitor
from tests.serving import environment, free_port

HERE = Path(__file__).parent.parent.parent
PUBLIC = "https://intake.example.org"
BEHIND_A_PROXY = {
    "INTAKE_ENV": "production",
    "INTAKE_PUBLIC_URL": PUBLIC,
    "INTAKE_TRUSTED_HOSTS": "intake.example.org",
    "INTAKE_PROXY_HOPS": "1",
    "INTAKE_TWO_FACTOR": "optional",
}
SERVERS = {
    "waitress": ["-m", "waitress", "--no-clear-untrusted-proxy-headers", "--listen=127.0.0.1:{port}", "wsgi:app"],
    "gunicorn": ["-m", "gunicorn", "--workers=2", "--threads=8", "--bind=127.0.0.1:{port}", "wsgi:app"],
    "wsgiref": [
        "-c",
        "from wsgiref.simple_server import make_server; import wsgi; "
        "make_server('127.0.0.1', {port}, wsgi.app).serve_forever()",
    ],
}
"""Stock servers, each with the one thing that it needs to be told: to leave the proxy's headers to the application."""


# -- starting ----------------------------------------------------------------------------------------------------------


def imported(folder: Path, code: str, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "INTAKE_INSTANCE": str(folder), **settings}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=HERE, env=env, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_wrong_setting_ends_the_import_with_one_line_and_status_78(tmp_path: Path) -> None:
    ended = imported(tmp_path, "import wsgi", INTAKE_ENV="banana")
    assert ended.returncode == 78
    assert ended.stderr == "INTAKE_ENV: set it to one of production, tryout, or leave it out.\n"


def test_sound_settings_give_the_application(tmp_path: Path) -> None:
    ended = imported(tmp_path / "instance", "from wsgi import app; print(app.name)", INTAKE_ENV="tryout")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "intake\n", "")


def test_what_it_makes_is_for_this_user_only(tmp_path: Path) -> None:
    imported(tmp_path / "instance", "import wsgi", INTAKE_ENV="tryout")
    made = [tmp_path / "instance", *(tmp_path / "instance").iterdir()]
    assert len(made) > 2
    assert [path.name for path in made if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


# -- behind a proxy ----------------------------------------------------------------------------------------------------


@dataclass
class ReverseProxy(httpx.BaseTransport):
    """What stands in front: speaks https to the world, and says in headers who asked for what."""

    port: int
    client: str = "203.0.113.7"
    claimed: str = ""
    """Addresses that the client itself wrote into its X-Forwarded-For."""

    def __post_init__(self) -> None:
        self.behind = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on."""
        headers = httpx.Headers(request.headers)
        headers["Host"] = f"127.0.0.1:{self.port}"
        headers["X-Forwarded-Host"] = request.url.host
        headers["X-Forwarded-Proto"] = request.url.scheme
        headers["X-Forwarded-For"] = ", ".join(one for one in (self.claimed, self.client) if one)
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        return self.behind.handle_request(httpx.Request(request.method, url, headers=headers, stream=request.stream))

    def close(self) -> None:
        """Let go of the connections."""
        self.behind.close()


@dataclass
class Foreign:
    """A server of somebody else's that runs."""

    port: int
    folder: Path

    @contextmanager
    def browser(self, base: str = PUBLIC, **who: str) -> Iterator[httpx.Client]:
        """A browser that comes by the proxy."""
        proxy = ReverseProxy(self.port, **who)
        with httpx.Client(base_url=base, transport=proxy, follow_redirects=True, timeout=30) as client:
            yield client

    def tries(self, client: httpx.Client, number: int) -> list[int]:
        """The statuses of so many wrong resume codes."""
        visitor = Visitor(client)
        visitor.get("/resume")
        return [visitor.act("continue", [("code", "wrong")]).response.status_code for _ in range(number)]

    def log(self) -> list[dict[str, object]]:
        """The lines of the program's own log."""
        lines = (self.folder / "stderr").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


Serve = Callable[..., Foreign]


@pytest.fixture(params=list(SERVERS))
def serve(request: pytest.FixtureRequest, database: Database) -> Iterator[Serve]:
    """Starts the server with settings of its own beside those for a proxy."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(**settings: str) -> Foreign:
        found = Foreign(free_port(), database.folder)
        command = [part.format(port=found.port) for part in SERVERS[request.param]]
        env = environment(database.folder, **database.env | BEHIND_A_PROXY | settings)
        with (database.folder / "stderr").open("wb") as err:
            processes.append(
                subprocess.Popen([sys.executable, *command], cwd=HERE, env=env, stdout=subprocess.DEVNULL, stderr=err)
            )
        end = time.monotonic() + 40
        while time.monotonic() < end and processes[-1].poll() is None:
            try:
                socket.create_connection(("127.0.0.1", found.port), timeout=1).close()
                return found
            except OSError:
                time.sleep(0.05)
        raise AssertionError((database.folder / "stderr").read_text(encoding="utf-8"))

    yield start
    for process in processes:
        process.terminate()
        process.wait(15)


def test_a_patient_goes_her_way_over_https(serve: Serve) -> None:
    with serve().browser() as client:
        visitor = Visitor(client).begin()
        assert str(visitor.response.url) == f"{PUBLIC}/questionnaire/page-hopes"
        (cookie,) = client.cookies.jar
        assert (cookie.name, cookie.secure, cookie.domain) == ("__Host-intake-patient", True, "intake.example.org")
        headers = visitor.response.headers
        assert headers["Strict-Transport-Security"].startswith("max-age=")
        assert headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        token = visitor.soup.find(attrs={"name": "csrf_token"})["value"]  # type: ignore[index]
        for origin, status in (("https://evil.example", 400), (PUBLIC, 200)):
            assert client.post("/leave", data={"csrf_token": token}, headers={"Origin": origin}).status_code == status


def test_tries_are_counted_by_the_address_that_the_proxy_saw(serve: Serve) -> None:
    server = serve()
    with server.browser() as one, server.browser(client="203.0.113.8") as other:
        assert server.tries(one, 21) == [200] * 20 + [429]
        assert server.tries(other, 1) == [200]
    with server.browser(claimed="198.51.100.1") as forging:
        assert server.tries(forging, 1) == [429]


def test_without_the_setting_no_forwarding_header_is_believed(serve: Serve) -> None:
    server = serve(INTAKE_PROXY_HOPS="0", INTAKE_TRUSTED_HOSTS="127.0.0.1", INTAKE_ENV="tryout", INTAKE_RATE_LIMIT="1")
    statuses = []
    for number in range(21):
        with server.browser("https://127.0.0.1", client=f"203.0.113.{number}") as client:
            statuses += server.tries(client, 1)
    assert statuses == [200] * 20 + [429]


def test_another_host_and_a_body_too_large_get_their_pages(serve: Serve) -> None:
    server = serve()
    with server.browser("https://evil.example") as client:
        assert client.get("/").status_code == 400
    with server.browser() as client:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = client.post("/start", content=b"x" * 400_000, headers=form)
        assert (answer.status_code, answer.headers["X-Content-Type-Options"]) == (413, "nosniff")
        assert "too much at once" in answer.text


def test_the_log_is_the_one_that_our_own_server_writes(serve: Serve) -> None:
    server = serve()
    with server.browser() as client:
        client.get("/clinician/?q=jane-doe-secret", headers={"User-Agent": "agent-secret"})
    requests = [line for line in server.log() if line["event"] == "request"]
    assert "/clinician/" in [line["route"] for line in requests]
    assert "secret" not in json.dumps(requests)
