"""Patients' start page while staff sign in: its median with 20 sign-ins at a time, beside that when nobody does."""

from __future__ import annotations

import re
import threading
import time
from statistics import median
from typing import Final

import httpx

from bench.serving import served
from bench.table import number, show, times

AT_ONCE: Final = 20
PAGES: Final = 60
_TOKEN: Final = re.compile(r'name="csrf_token" value="([^"]+)"')


def measure() -> None:
    """Print the table."""
    with served("ours") as server:
        base = f"http://127.0.0.1:{server.port}"
        _start_page(base)  # everything is loaded
        idle = _start_page(base)
        stop, statuses = threading.Event(), list[int]()
        staff = [threading.Thread(target=_sign_in, args=(base, stop, statuses)) for _ in range(AT_ONCE)]
        for one in staff:
            one.start()
        time.sleep(0.5)
        busy = _start_page(base)
        stop.set()
        for one in staff:
            one.join(30)
    told = f"{len(statuses)} sign-ins, {statuses.count(503)} of them told to come back"
    rows = [
        ("nobody signs in", number(idle * 1000), "", ""),
        (f"{AT_ONCE} at a time", number(busy * 1000), times(busy, idle), told),
    ]
    show("The start page while staff sign in: median ms", ("", "ms", "× idle", ""), rows)


def _start_page(base: str) -> float:
    spent = []
    with httpx.Client(base_url=base, timeout=30) as patient:
        for _ in range(PAGES):
            before = time.monotonic()
            assert patient.get("/").status_code == 200
            spent.append(time.monotonic() - before)
    return median(spent)


def _sign_in(base: str, stop: threading.Event, statuses: list[int]) -> None:
    """Try wrong passwords, one after the other; a right one costs the same."""
    with httpx.Client(base_url=base, timeout=60) as browser:
        while not stop.is_set():
            token = _TOKEN.search(browser.get("/account/login").text)
            assert token is not None
            fields = {"email": "a@example.org", "password": "not this one", "csrf_token": token[1]}
            statuses.append(browser.post("/account/login", data=fields).status_code)
            stop.wait(0.3)  # a person reads what came back
