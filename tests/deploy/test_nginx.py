"""docs/deploy/nginx.conf in front of a served installation: what it forwards, logs, and never writes down."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from intake.web import proxied
from tests.databases import Sqlite
from tests.deploy import https
from tests.deploy.https import NAME
from tests.patient.visitor import Visitor
from tests.serving import Server, environment, free_port, serving
from tests.waiting import wait_until

DEPLOY = Path(__file__).parents[2] / "docs/deploy"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"  # not on everybody's path
CANARY = "Kanarienvogel-ελληνικά-"
PRODUCTION = {
    "INTAKE_ENV": "production",
    "INTAKE_PUBLIC_URL": f"https://{NAME}",
    "INTAKE_TRUSTED_HOSTS": NAME,
    "INTAKE_PROXY_HOPS": "1",
    "INTAKE_TWO_FACTOR": "optional",
}


def certificate(folder: Path) -> None:
    """One that no browser trusts, for the name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


@dataclass
class Nginx:
    """The proxy, running with a folder of its own."""

    folder: Path
    plain: int
    tls: int
    server: Server

    def client(self, **more: object) -> httpx.Client:
        """A browser that opens the name, wherever that is served."""
        return https.client(self.tls, self.folder / "fullchain.pem", **more)

    def log(self) -> str:
        """What it logged, errors included."""
        return "".join(path.read_text(encoding="utf-8") for path in sorted((self.folder / "log").iterdir()))

    def written(self) -> bytes:
        """All that stands in its folder, on the disk."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return b"".join(path.read_bytes() for path in files)


@contextmanager
def under_gunicorn(database: Sqlite) -> Iterator[Server]:
    """`wsgi.py` on the other server that docs/deploy names."""
    port = free_port()
    command = ["-m", "gunicorn", "--workers", "2", "--threads", "8", "--bind", f"127.0.0.1:{port}", "wsgi:app"]
    env = environment(database.folder, **database.env, **PRODUCTION)
    with (database.folder / "stdout").open("ab") as out, (database.folder / "stderr").open("ab") as err:
        process = subprocess.Popen([sys.executable, *command], cwd=DEPLOY.parents[1], env=env, stdout=out, stderr=err)
    server = Server(f"http://127.0.0.1:{port}", database, process, {})
    try:
        with httpx.Client(base_url=server.base) as client:
            wait_until(lambda: answers(client))
        yield server
    finally:
        process.terminate()
        process.wait(30)


SERVERS = {"intake serve": lambda database: serving(database, **PRODUCTION), "gunicorn": under_gunicorn}


@pytest.fixture(scope="module", params=list(SERVERS))
def nginx(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """The file of the docs, with other ports and folders, in front of each server."""
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "log").mkdir()
    certificate(folder)
    with Sqlite.made(tmp_path_factory.mktemp("behind")) as database, SERVERS[request.param](database) as server:
        plain, tls = free_port(), free_port()
        text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
        for old, new in (
            ("    listen [::]:80;\n", ""),
            ("    listen [::]:443 ssl http2;\n", ""),
            ("listen 80;", f"listen 127.0.0.1:{plain};"),
            ("listen 443 ssl http2;", f"listen 127.0.0.1:{tls} ssl http2;"),
            ("/etc/ssl/intake/", f"{folder}/"),
            ("/var/log/nginx/", f"{folder}/log/"),
            ("http://127.0.0.1:8000", server.base),
        ):
            assert old in text, old
            text = text.replace(old, new)
        (folder / "site.conf").write_text(text, encoding="utf-8")
        temporary = "".join(
            f"    {kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"worker_processes 1;\npid {folder}/pid;\nerror_log {folder}/log/start.log crit;\ndaemon off;\n"
            f"events {{ worker_connections 256; }}\nhttp {{\n    types {{ text/css css; }}\n{temporary}"
            f"    include {folder}/site.conf;\n}}\n",
            encoding="utf-8",
        )
        command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        subprocess.run([*command, "-t"], check=True, capture_output=True, timeout=30)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            found = Nginx(folder, plain, tls, server)
            with found.client() as client:
                wait_until(lambda: answers(client))
            yield found
        finally:
            process.terminate()
            process.wait(15)


def answers(client: httpx.Client) -> bool:
    """Whether somebody is there."""
    try:
        return client.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_plain_http_leads_to_https(nginx: Nginx) -> None:
    answer = httpx.get(f"http://127.0.0.1:{nginx.plain}/resume", headers={"Host": NAME})
    assert (answer.status_code, answer.headers["Location"]) == (301, f"https://{NAME}/resume")


def test_the_program_knows_that_it_is_https_and_who_asks(nginx: Nginx) -> None:
    with nginx.client(headers={"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "http"}) as client:
        answer = client.get("/account/login")
        stream = answer.extensions["network_stream"]
        assert stream.get_extra_info("ssl_object").version() in ("TLSv1.2", "TLSv1.3")
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert "__Host-intake-staff=" in answer.headers["Set-Cookie"]
        visitor = Visitor(client)
        visitor.get("/resume")
        statuses = [visitor.act("continue", [("code", "wrong")]).response.status_code for _ in range(21)]
    assert statuses == [200] * 20 + [429], "what the client claims to be is not believed"
    assert not (nginx.server.folder / "instance" / proxied.NOTE).exists()
    assert '"event": "proxy"' not in nginx.server.output()


def test_a_page_is_saved_through_it_and_a_long_answer_touches_no_disk(nginx: Nginx) -> None:
    long = CANARY * 80
    with nginx.client() as client:
        visitor = Visitor(client).begin().go("page-you")
        assert len(long.encode()) > 2000
        visitor.fill(**{"full-name": CANARY * 4, "birth-date.day": "", "address-as": "A"})
        fields = {"own-words": long * 30}
        token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.response.text)
        assert token is not None
        body = {**fields, "csrf_token": token[1]}
        assert 60_000 < len(httpx.Request("POST", "https://x/", data=body).content) < 256 * 1024
        answer = client.post("/questionnaire/page-wishes", data=body)
        assert answer.status_code in (200, 400, 404, 422)
        huge = client.post("/questionnaire/page-you", data={"full-name": "x" * 300_000, "csrf_token": token[1]})
        assert huge.status_code == 413
        assert "That was too much at once" in huge.text
    assert CANARY.encode() not in nginx.written()
    folders = [nginx.folder / kind for kind in ("client_body", "proxy")]
    assert [path for folder in folders for path in folder.rglob("*") if path.is_file()] == []


def test_readiness_is_not_for_outside_and_the_log_holds_no_link_no_id_and_no_question(nginx: Nginx) -> None:
    secret, id = "Zq" * 21 + "A", "0123456789abcdef" * 2
    with nginx.client() as client:
        assert client.get("/readyz").status_code == 404
        assert client.get("/healthz").text == "ok\n"
        client.get(f"/account/link/{secret}")
        client.get(f"/clinician/responses/{id}/answers?next={secret}")
        client.get("/clinician/", params={"q": "7KQ4-M2XD"})
    assert httpx.get(f"{nginx.server.base}/readyz").text == "ready\n"
    wait_until(lambda: "/account/link/*" in nginx.log())
    wait_until(lambda: "/clinician/responses/*/answers" in nginx.log())
    assert not re.search(rf"{secret}|{id}|7KQ4|\?", nginx.log())


def test_while_the_program_is_away_a_plain_page_says_so(nginx: Nginx) -> None:
    site = (nginx.folder / "site.conf").read_text(encoding="utf-8")
    (nginx.folder / "site.conf").write_text(site.replace(nginx.server.base, "http://127.0.0.1:1"), encoding="utf-8")
    pid = int((nginx.folder / "pid").read_text(encoding="ascii"))
    try:
        subprocess.run(["kill", "-HUP", str(pid)], check=True)
        with nginx.client() as client:
            wait_until(lambda: client.get("/").status_code == 503)
            answer = client.get(urlsplit("/").path)
        assert "Everything up to your last saved page is kept" in answer.text
        assert answer.headers["Retry-After"] == "30"
    finally:
        (nginx.folder / "site.conf").write_text(site, encoding="utf-8")
        subprocess.run(["kill", "-HUP", str(pid)], check=True)
