"""Three engines behind the same few verbs: Chromium by Playwright, Firefox by WebDriver BiDi, WebKit by WebDriver."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import websocket
from playwright.sync_api import Browser, BrowserContext, Page
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
    "remote.events.async.enabled": False,  # a click would go where the page stood before it was scrolled
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}
WEBKIT_DRIVER = "/usr/bin/WebKitWebDriver"
WEBKIT = next(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"), Path("MiniBrowser"))
IN_A_CONTAINER = {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1", "LIBGL_ALWAYS_SOFTWARE": "1"}
CONTROL, ENTER = "\ue009", "\ue007"
"""Keys without a letter, as WebDriver writes them."""
MIDDLE = """(() => {
    const one = document.querySelector(%s);
    if (!one) return null;
    one.scrollIntoView({block: 'center', behavior: 'instant'});
    const box = one.getClientRects()[0];
    if (!box) return null;
    const [x, y] = [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
    const there = document.elementFromPoint(x, y);
    return there && (one.contains(there) || [...one.labels ?? []].some(label => label.contains(there))) ? [x, y] : null;
})()"""


class EngineError(AssertionError):
    """The engine did not do what it was asked for."""


class Engine(ABC):
    """A browser with one tab in front, worked by mouse and keyboard as a person does."""

    # -- what each engine does in its own way --------------------------------------------------------------------------

    @abstractmethod
    def fresh(self) -> None:
        """A browser that knows nothing: no cookie, no history, one empty tab."""

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
    def _click_at(self, x: int, y: int) -> None:
        """Press the mouse there."""

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

    def click(self, css: str) -> None:
        """Click in the middle of the first such element, and wait for nothing."""
        found: list[list[int]] = []

        def has_come() -> bool:
            at = self.evaluate(MIDDLE % json.dumps(css))
            found.extend([at] if at else [])
            return bool(found)

        wait_until(has_come, 5, f"nothing to click at {css}")
        self._click_at(*found[0])

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

    context: BrowserContext
    page: Page

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    def fresh(self) -> None:
        for context in self.browser.contexts:
            context.close()
        self.context = self.browser.new_context(viewport={"width": 447, "height": 800})
        self.page = self.context.new_page()

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

    def _click_at(self, x: int, y: int) -> None:
        self.page.mouse.click(x, y)

    def _type(self, *strokes: Sequence[str]) -> None:
        for keys in strokes:
            if len(keys) > 1:
                self.page.keyboard.press("+".join(keys).replace(CONTROL, "Control"))
            else:
                self.page.keyboard.type(keys[0])


class Driven(Engine):
    """An engine that takes mouse and keyboard as the W3C writes them, in WebDriver and in BiDi alike."""

    @abstractmethod
    def _perform(self, kind: str, actions: list[dict[str, Any]]) -> None:
        """Perform the actions of one device."""

    def _click_at(self, x: int, y: int) -> None:
        moved = {"type": "pointerMove", "x": x, "y": y, "duration": 0}
        self._perform("pointer", [moved, *({"type": f"pointer{how}", "button": 0} for how in ("Down", "Up"))])

    def _type(self, *strokes: Sequence[str]) -> None:
        self._perform(
            "key",
            [
                {"type": how, "value": ENTER if key == "\n" else key}
                for keys in strokes
                for how, those in (("keyDown", keys), ("keyUp", reversed(keys)))
                for key in those
            ],
        )


class Firefox(Driven):
    """Debian's Firefox, headless, over WebDriver BiDi."""

    def __init__(self, socket: websocket.WebSocket) -> None:
        self.socket = socket
        self.number = 0
        self.person = self.tab = ""
        self._ask("session.new", capabilities={})

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                break
        if answer["type"] == "error":
            raise EngineError(f"{method}: {answer['error']}: {answer['message']}")
        return dict(answer["result"])

    def fresh(self) -> None:
        if self.person:
            self._ask("browser.removeUserContext", userContext=self.person)
        self.person = self._ask("browser.createUserContext")["userContext"]
        self.tab = self._ask("browsingContext.create", type="tab", userContext=self.person)["context"]
        self._ask("browsingContext.setViewport", context=self.tab, viewport={"width": 447, "height": 800})

    def evaluate(self, expression: str) -> Any:
        answer = self._ask(
            "script.evaluate",
            expression=f"JSON.stringify({expression})",
            target={"context": self.tab},
            awaitPromise=False,
        )
        if answer["type"] == "exception":
            raise EngineError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"].get("value", "null"))

    def goto(self, address: str) -> None:
        self._ask("browsingContext.navigate", context=self.tab, url=address, wait="complete")

    def tabs(self) -> list[str]:
        tabs = self._ask("browsingContext.getTree", maxDepth=0)["contexts"]
        return [tab["url"] for tab in tabs if tab["userContext"] == self.person]

    def _step(self, by: int) -> None:
        self._ask("browsingContext.traverseHistory", context=self.tab, delta=by)

    def _perform(self, kind: str, actions: list[dict[str, Any]]) -> None:
        device = {"type": kind, "id": kind, "actions": actions}
        self._ask("input.performActions", context=self.tab, actions=[device])


class WebKit(Driven):
    """Debian's WebKitGTK in its own small browser, over WebDriver."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.session = ""

    def _ask(self, method: str, path: str, **params: Any) -> Any:
        said = {"json": params} if method == "POST" else {}
        answer = self.client.request(method, f"/session{path}", **said)
        value = answer.json()["value"]
        if answer.is_error:
            raise EngineError(f"{path}: {value['error']}: {value['message']}")
        return value

    def fresh(self) -> None:
        self.close()
        options = {"binary": str(WEBKIT), "args": ["--automation"]}
        wanted = {"alwaysMatch": {"browserName": "MiniBrowser", "webkitgtk:browserOptions": options}}
        self.session = "/" + self._ask("POST", "", capabilities=wanted)["sessionId"]

    def close(self) -> None:
        """End the browser that is open."""
        if self.session:
            self._ask("DELETE", self.session)
            self.session = ""

    def evaluate(self, expression: str) -> Any:
        return self._ask("POST", f"{self.session}/execute/sync", script=f"return {expression}", args=[])

    def goto(self, address: str) -> None:
        self._ask("POST", f"{self.session}/url", url=address)

    def tabs(self) -> list[str]:
        in_front = self._ask("GET", f"{self.session}/window")
        found = []
        for handle in [*self._ask("GET", f"{self.session}/window/handles"), in_front]:
            self._ask("POST", f"{self.session}/window", handle=handle)
            found.append(self._ask("GET", f"{self.session}/url"))
        return found[:-1]

    def _step(self, by: int) -> None:
        self._ask("POST", f"{self.session}/{'back' if by < 0 else 'forward'}")

    def _perform(self, kind: str, actions: list[dict[str, Any]]) -> None:
        self._ask("POST", f"{self.session}/actions", actions=[{"type": kind, "id": kind, "actions": actions}])


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
    wait_until(
        lambda: re.search(pattern, said.read_text("utf-8", "replace"), re.MULTILINE) is not None,
        PATIENCE,
        f"{said.stem} did not say that it is ready",
    )
    found = re.search(pattern, said.read_text("utf-8", "replace"), re.MULTILINE)
    assert found is not None, "it stood there a moment ago"
    return found[1]


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """Firefox with a profile of its own."""
    profile = folder / "profile"
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in FIREFOX_SETTINGS.items()]
    (profile / "user.js").write_text("".join(lines), encoding="utf-8")
    command = (FIREFOX, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0")
    with program(folder, *command) as said:
        address = word_in(said, r"BiDi listening on (ws://\S+)$")
        # a browser refuses a client that names an origin, as a page would
        with closing(
            websocket.create_connection(f"{address}/session", timeout=PATIENCE, suppress_origin=True)
        ) as socket:
            yield Firefox(socket)


@contextmanager
def webkit(folder: Path) -> Iterator[WebKit]:
    """WebKit on a screen of its own that nobody sees."""
    with program(folder, "Xvfb", "-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp") as said:
        screen, port = ":" + word_in(said, r"^(\d+)$"), free_port()
        driver = (WEBKIT_DRIVER, f"--port={port}")
        with (
            program(folder, *driver, DISPLAY=screen, **IN_A_CONTAINER),
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=2 * PATIENCE) as client,
        ):
            wait_until(lambda: _answers(client), PATIENCE, "WebKit's driver does not answer")
            engine = WebKit(client)
            yield engine
            with suppress(EngineError, httpx.HTTPError):  # what does not end by itself is ended now
                engine.close()


def _answers(client: httpx.Client) -> bool:
    with suppress(httpx.TransportError):
        return client.get("/status").is_success
    return False
