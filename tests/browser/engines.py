"""Three engines behind the same few verbs: Chromium by Playwright, Firefox by Marionette, WebKit by WebDriver."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Protocol

import httpx
from playwright.sync_api import Browser, BrowserContext
from playwright.sync_api import Error as PlaywrightError

from tests.serving import free_port
from tests.waiting import wait_until

PATIENCE = 30
"""Seconds until a page that does not come counts as lost."""
FIREFOX = "/usr/bin/firefox-esr"
FIREFOX_SETTINGS = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "marionette.port": 0,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}
WEBKIT_DRIVER = "/usr/bin/WebKitWebDriver"
WEBKIT = next(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"), Path("MiniBrowser"))
IN_A_CONTAINER = {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1", "LIBGL_ALWAYS_SOFTWARE": "1"}
CONTROL, ENTER = "\ue009", "\ue007"
"""Keys without a letter, as WebDriver writes them."""
INTO_VIEW = "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})"


class EngineError(AssertionError):
    """The engine did not do what it was asked for."""


class Engine(ABC):
    """A browser with one tab in front, worked by mouse and keyboard as a person does."""

    # -- what each engine does in its own way --------------------------------------------------------------------------

    @abstractmethod
    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page in front. Raises EngineError."""

    @abstractmethod
    def goto(self, address: str) -> None:
        """Open an address, as if it was typed."""

    @abstractmethod
    def tabs(self) -> list[str]:
        """The addresses of all tabs."""

    @abstractmethod
    def _step(self, by: int) -> None:
        """The browser's own Back (-1) or Forward (1)."""

    @abstractmethod
    def click(self, css: str) -> None:
        """Click the first such element, as soon as there is one, and wait for nothing."""

    @abstractmethod
    def _type(self, *strokes: Sequence[str]) -> None:
        """Strokes of the keyboard, the keys of one held together."""

    # -- what they have in common --------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The address of the page in front."""
        return str(self.evaluate("location.href"))

    def text(self, css: str) -> str:
        """What can be read in the first such element."""
        return str(self.evaluate(f"document.querySelector({json.dumps(css)}).innerText"))

    def value(self, css: str) -> str:
        """What stands in the first such control."""
        return str(self.evaluate(f"document.querySelector({json.dumps(css)}).value"))

    def count(self, css: str) -> int:
        """How many such elements there are."""
        return int(self.evaluate(f"document.querySelectorAll({json.dumps(css)}).length"))

    def tick(self, css: str) -> None:
        """Choose an option that may be chosen already."""
        if not self.count(f"{css}:checked"):
            self.click(css)
            wait_until(lambda: self.count(f"{css}:checked") == 1, 5, f"{css} is not chosen by a click")

    def fill(self, css: str, typed: str) -> None:
        """Type over what stands in a text box."""
        self.click(css)
        self._type((CONTROL, "a"), *typed)
        wait_until(lambda: self.value(css) == typed, PATIENCE, f"what was typed does not stand in {css}: {typed!r}")

    def press(self, css: str) -> None:
        """Click what leads to another page, and wait for that page."""
        self._leaving(lambda: self.click(css))

    def back(self) -> None:
        """The browser's Back, until the page stands."""
        self._leaving(lambda: self._step(-1))

    def forward(self) -> None:
        """The browser's Forward, until the page stands."""
        self._leaving(lambda: self._step(1))

    def _leaving(self, act: Callable[[], None]) -> None:
        """Do what brings another page: it stands once the mark that was left on this one is gone."""
        mark = secrets.token_hex(8)
        self.evaluate(f"window.left = '{mark}'")
        before = self.url
        act()
        wait_until(lambda: self._is_another(mark), PATIENCE, f"no other page came after {before}")

    def _is_another(self, mark: str) -> bool:
        with suppress(EngineError):  # between two pages
            left, state = self.evaluate("[window.left ?? '', document.readyState]")
            return bool(left != mark and state == "complete")
        return False


class Chromium(Engine):
    """Debian's Chromium, driven by Playwright."""

    def __init__(self, context: BrowserContext) -> None:
        self.context, self.page = context, context.new_page()

    def evaluate(self, expression: str) -> Any:
        try:
            return self.page.evaluate(expression)
        except PlaywrightError as error:
            raise EngineError(str(error)) from error

    def goto(self, address: str) -> None:
        self.page.goto(address)

    def tabs(self) -> list[str]:
        self.evaluate("0")  # Playwright hears of other tabs only while it is asked something
        return [page.url for page in self.context.pages]

    def _step(self, by: int) -> None:
        (self.page.go_back if by < 0 else self.page.go_forward)(wait_until="commit")

    def click(self, css: str) -> None:
        self.page.locator(css).first.click(no_wait_after=True)

    def _type(self, *strokes: Sequence[str]) -> None:
        for keys in strokes:
            if len(keys) > 1:
                self.page.keyboard.press("+".join(keys).replace(CONTROL, "Control"))
            else:
                self.page.keyboard.type(keys[0])


class Ask(Protocol):
    """Asks a browser for one command of the W3C's WebDriver, by the name that Marionette and geckodriver use."""

    def __call__(self, command: str, /, **params: Any) -> Any:
        """Its value. Raises EngineError."""


class Driven(Engine):
    """An engine that understands the W3C's WebDriver commands, however they come to it."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask

    def click(self, css: str) -> None:
        found: list[dict[str, str]] = []

        def has_come() -> bool:
            with suppress(EngineError):
                found.append(self.ask("FindElement", using="css selector", value=css))
            return bool(found)

        wait_until(has_come, 5, f"nothing to click at {css}")
        self.ask("ExecuteScript", script=INTO_VIEW, args=found)  # a page that scrolls smoothly is not there yet
        (reference,) = found[0].values()
        self.ask("ElementClick", id=reference)

    def evaluate(self, expression: str) -> Any:
        return self.ask("ExecuteScript", script=f"return {expression}", args=[])

    def goto(self, address: str) -> None:
        self.ask("Navigate", url=address)

    def tabs(self) -> list[str]:
        in_front, found = self.ask("GetWindowHandle"), []
        for handle in [*self.ask("GetWindowHandles"), in_front]:
            self.ask("SwitchToWindow", handle=handle)
            found.append(self.ask("GetCurrentURL"))
        return found[:-1]

    def _step(self, by: int) -> None:
        self.ask("Back" if by < 0 else "Forward")

    def _type(self, *strokes: Sequence[str]) -> None:
        keys = [
            {"type": how, "value": ENTER if key == "\n" else key}
            for held in strokes
            for how, those in (("keyDown", held), ("keyUp", reversed(held)))
            for key in those
        ]
        self.ask("PerformActions", actions=[{"type": "key", "id": "keyboard", "actions": keys}])


class Firefox(Driven):
    """Debian's Firefox, headless, driven by its own Marionette."""


class WebKit(Driven):
    """Debian's WebKitGTK in its own small browser, driven by its WebDriver."""


class Marionette:
    """Firefox's own way to be asked: commands as JSON over a socket, each with its length before it."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection, self.answers, self.number = connection, connection.makefile("rb"), 0
        self._next()  # says who it is

    def _next(self) -> Any:
        length = b""
        while (one := self.answers.read(1)) != b":":
            if not one:
                raise EngineError("Firefox has gone")
            length += one
        return json.loads(self.answers.read(int(length)))

    def __call__(self, command: str, /, **params: Any) -> Any:
        """The value of a command. Raises EngineError."""
        self.number += 1
        body = json.dumps([0, self.number, f"WebDriver:{command}", params]).encode()
        self.connection.sendall(b"%d:%b" % (len(body), body))
        _, _, error, result = self._next()
        if error is not None:
            raise EngineError(f"{command}: {error['error']}: {error['message']}")
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result


HTTP: Final[Mapping[str, str]] = {
    "Navigate": "POST /url",
    "GetCurrentURL": "GET /url",
    "Back": "POST /back",
    "Forward": "POST /forward",
    "ExecuteScript": "POST /execute/sync",
    "PerformActions": "POST /actions",
    "FindElement": "POST /element",
    "ElementClick": "POST /element/{id}/click",
    "GetWindowHandle": "GET /window",
    "GetWindowHandles": "GET /window/handles",
    "SwitchToWindow": "POST /window",
}
"""Method and path of each command that is used here, as the W3C has them."""


class OverHttp:
    """The same for a WebDriver that is a small server, as WebKit's is."""

    def __init__(self, client: httpx.Client) -> None:
        self.client, self.session = client, ""
        options = {"binary": str(WEBKIT), "args": ["--automation"]}
        wanted = {"alwaysMatch": {"browserName": "MiniBrowser", "webkitgtk:browserOptions": options}}
        self.session = "/" + self._sent("POST", "", capabilities=wanted)["sessionId"]

    def _sent(self, method: str, path: str, **params: Any) -> Any:
        said = {"json": params} if method == "POST" else {}
        answer = self.client.request(method, f"/session{self.session}{path}", **said)
        value = answer.json()["value"]
        if answer.is_error:
            raise EngineError(f"{path}: {value['error']}: {value['message']}")
        return value

    def __call__(self, command: str, /, **params: Any) -> Any:
        """The value of a command. Raises EngineError."""
        method, path = HTTP[command].split(" ")
        return self._sent(method, path.format_map(params), **params)


# -- starting them, and ending them for sure ---------------------------------------------------------------------------


@contextmanager
def program(folder: Path, *command: str, **settings: str) -> Iterator[Path]:
    """A program and all that it starts, until the block ends; gives the file that it writes to."""
    said = folder / f"{Path(command[0]).name}.txt"
    own = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "TMPDIR": str(folder)}
    with said.open("wb") as out:
        process = subprocess.Popen(
            command,
            env=os.environ | own | settings,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        yield said
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def word_in(said: Path, pattern: str) -> str:
    """The word that a program writes once it is ready."""
    found: list[str] = []

    def is_ready() -> bool:
        found.extend(re.findall(pattern, said.read_text("utf-8", "replace"), re.MULTILINE))
        return bool(found)

    wait_until(is_ready, PATIENCE, f"{said.stem} did not say that it is ready")
    return found[0]


@contextmanager
def firefox(folder: Path) -> Iterator[Engine]:
    """Firefox with a profile of its own."""
    profile = folder / "profile"
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in FIREFOX_SETTINGS.items()]
    (profile / "user.js").write_text("".join(lines), encoding="utf-8")
    with program(folder, FIREFOX, "--headless", "--no-remote", "--profile", str(profile), "--marionette") as said:
        port = int(word_in(said, r"Marionette\s+INFO\s+Listening on port (\d+)$"))
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            ask = Marionette(connection)
            ask("NewSession", capabilities={})
            yield Firefox(ask)


@contextmanager
def webkit(folder: Path) -> Iterator[Engine]:
    """WebKit on a screen of its own that nobody sees."""
    with program(folder, "Xvfb", "-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp") as said:
        screen = ":" + word_in(said, r"^(\d+)$")
        for tries_left in (2, 1, 0):
            with ExitStack() as running:
                try:
                    ask = running.enter_context(_webkit(folder, screen))
                except httpx.TimeoutException:  # its browser did not come up: that happens on a busy machine
                    if not tries_left:
                        raise
                    continue
                yield WebKit(ask)
                return


@contextmanager
def _webkit(folder: Path, screen: str) -> Iterator[OverHttp]:
    port = free_port()
    with (
        program(folder, WEBKIT_DRIVER, f"--port={port}", DISPLAY=screen, **IN_A_CONTAINER),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client,
    ):
        wait_until(lambda: _answers(client), PATIENCE, "WebKit's driver does not answer")
        yield OverHttp(client)


def _answers(client: httpx.Client) -> bool:
    with suppress(httpx.TransportError):
        return client.get("/status").is_success
    return False


@contextmanager
def chromium(browser: Browser) -> Iterator[Engine]:
    """Chromium that knows nothing of what was before."""
    context = browser.new_context(viewport={"width": 447, "height": 800})
    try:
        yield Chromium(context)
    finally:
        context.close()
