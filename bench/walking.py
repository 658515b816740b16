"""A browser as lean as can be, so that what is measured is the server: http.client, cookies, and the page hooks by
regular expressions."""

from __future__ import annotations

import http.client
import re
import time
from collections import Counter
from html import unescape
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

from bench.patient import Data, said_of

_FORM: Final = re.compile(r"<form([^>]*)>(.*?)</form>", re.DOTALL)
_HIDDEN: Final = re.compile(r'<input[^>]*type="hidden"[^>]*>')
_ASKED: Final = re.compile(r'data-link-id="([^"]*)"')
_PARTS: Final = re.compile(r'<(?:link|script|img)[^>]*?(?:href|src)="([^"]*)"')
_LIST: Final = re.compile(r'data-list="([^"]*)"')
LONGEST: Final = 200


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


class Walker:
    """One browser at one server, of the patient who is shown so many lists.

    `steps` holds the seconds of each step: from
    the press to the next page read."""

    def __init__(self, port: int, lists: int = 0) -> None:
        self.lists = lists
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        self.path = "/"
        self.text = ""
        self.steps: list[float] = []

    def close(self) -> None:
        """End the connection."""
        self.connection.close()

    def fetch(self, path: str, data: Data | None = None) -> bytes:
        """One request and, after a 303, the next; gives the last body."""
        headers = (
            {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        )
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(
            "GET" if data is None else "POST", path, urlencode(data) if data is not None else None, headers
        )
        answer = self.connection.getresponse()
        body = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status in (302, 303):
            return self.fetch(urljoin(path, answer.headers["Location"]))
        if answer.status != 200:
            raise AssertionError(f"{answer.status} at {path}")
        self.path = urlsplit(path).path
        return body

    def open(self, path: str) -> bytes:
        """Show a page."""
        body = self.fetch(path)
        self.text = body.decode()
        return body

    def press(self, action: str) -> None:
        """Press the control of this action, what the patient says typed into the page; this is one step."""
        wanted = f'data-action="{action}"'
        button = re.compile(rf"<button[^>]*{wanted}[^>]*>")
        form = next((found for found in _FORM.finditer(self.text) if button.search(found[2])), None)
        began = time.perf_counter()
        if form is None:
            link = re.search(rf"<a[^>]*{wanted}[^>]*>", self.text)
            assert link is not None, f"nothing to press for {action} at {self.path}"
            body = self.fetch(urljoin(self.path, _attribute(link[0], "href")))
        else:
            hidden = [(_attribute(tag, "name"), _attribute(tag, "value")) for tag in _HIDDEN.findall(form[2])]
            data = [*hidden, *said_of(iter(_ASKED.findall(form[2])), self.lists)]
            if (pressed := button.search(form[2])) and (name := _attribute(pressed[0], "name")):
                data.append((name, _attribute(pressed[0], "value")))
            body = self.fetch(urljoin(self.path, _attribute(form[1], "action")) or self.path, data)
        self.steps.append(time.perf_counter() - began)
        self.text = body.decode()

    def walk(self, entries: int = 0, until: str = "") -> None:
        """The whole way: start, every page, sent, or until a path; with so many entries added to each list shown."""
        self.cookies.clear()
        self.open("/")
        self.press("start")
        added: Counter[str] = Counter()
        for _ in range(LONGEST):
            if "data-reference" in self.text or self.path == until:
                return
            listed = _LIST.search(self.text)
            if listed and added[listed[1]] < entries:
                added[listed[1]] += 1
                self.press("add")
            else:
                self.press("submit" if 'data-action="submit"' in self.text else "continue")
        raise AssertionError(f"not sent after {LONGEST} steps, at {self.path}")

    def parts(self) -> set[str]:
        """What a browser fetches beside the page shown."""
        return {urljoin(self.path, part) for part in _PARTS.findall(self.text) if not part.startswith("data:")}
