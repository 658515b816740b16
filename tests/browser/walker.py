"""A patient and the staff in a real browser: typing, clicking and looking at every page passed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ElementHandle, Page, Playwright, Request

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Look = Callable[[str], None]


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium, headless and without its own traffic."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


@dataclass
class Watch:
    """Looks over every page of a context: console, requests to elsewhere, width, and axe-core with all its rules."""

    page: Page
    base: str
    scripted: bool = True
    problems: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on(
            "console",
            lambda message: (
                self._note(f"console {message.type}: {message.text}") if message.type in ("error", "warning") else None
            ),
        )
        self.page.on("pageerror", lambda error: self._note(f"page error: {error}"))
        self.page.on("request", self._request)

    def _note(self, problem: str) -> None:
        self.problems.append(f"{urlsplit(self.page.url).path}: {problem}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.base, "data:")):
            self._note(f"request to another origin: {request.url}")

    def look(self) -> None:
        """Look over the page as it stands; what is found is kept in `problems`."""
        self.seen.append(urlsplit(self.page.url).path)
        if not self.scripted:
            return
        for violation in Axe().run(self.page).response["violations"]:
            nodes = "; ".join(str(node["target"]) for node in violation["nodes"][:3])
            self._note(f"axe {violation['id']}: {nodes}")
        widths = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        if widths[0] > widths[1]:
            self._note(f"wider than the screen: {widths}")


@contextmanager
def watched(browser: Browser, base: str, *, scripted: bool = True, width: int = 360, **options: Any) -> Iterator[Watch]:
    """A fresh browser context whose pages are looked over."""
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=scripted, **options)
    try:
        yield Watch(context.new_page(), base, scripted)
    finally:
        context.close()


class Patient:
    """One patient who fills in the form from a scenario's answers, by the page hooks alone."""

    def __init__(self, watch: Watch, answers: dict[str, Any], look: Look | None = None) -> None:
        self.watch, self.page, self.answers = watch, watch.page, answers
        self.rows = {
            name: list(rows)
            for name, rows in answers.items()
            if isinstance(rows, list) and rows and isinstance(rows[0], dict)
        }
        self.look_at = look or (lambda _: None)

    def act(self, name: str) -> None:
        """Press the first control of this action."""
        self.page.locator(f'[data-action="{name}"]').first.click()
        self.page.wait_for_load_state()

    def start(self) -> str:
        """Open the start page, start, and come to the first page; gives the resume code."""
        self.page.goto(self.watch.base)
        self.passed("index")
        self.act("start")
        code = self.page.locator("[data-resume-code]").inner_text()
        self.passed("resume-code")
        self.act("continue")
        return "".join(code.split())

    def passed(self, name: str | None = None) -> None:
        """The page is looked over, and shown to whoever watches."""
        self.watch.look()
        self.look_at(name or urlsplit(self.page.url).path.strip("/").replace("/", "-"))

    def fill(self, scope: dict[str, Any]) -> None:
        """Type this scope's answers into every question of the page."""
        for fold in self.page.query_selector_all("details.fold:not([open])"):
            if any(
                question.get_attribute("data-link-id") in scope
                for question in fold.query_selector_all("[data-link-id]")
            ):
                fold.query_selector("summary").click()  # type: ignore[union-attr]
        for question in self.page.query_selector_all("main [data-link-id]"):
            link_id = question.get_attribute("data-link-id") or ""
            if link_id in scope and question.query_selector("input, textarea"):
                self._answer(question, link_id, scope[link_id])

    def _answer(self, question: ElementHandle, link_id: str, written: Any) -> None:
        def control(name: str, value: str | None = None) -> ElementHandle | None:
            return question.query_selector(f'[name="{name}"]' + (f'[value="{value}"]' if value is not None else ""))

        for one in written if isinstance(written, list) else [written]:
            if isinstance(one, dict) and "absent" in one:
                control(f"{link_id}.absent", one["absent"]).check()  # type: ignore[union-attr]
            elif control(f"{link_id}.year"):
                for part, number in zip(("year", "month", "day"), str(one).split("-"), strict=False):
                    control(f"{link_id}.{part}").fill(number)  # type: ignore[union-attr]
            elif (box := control(link_id, None)) and box.get_attribute("type") not in ("radio", "checkbox"):
                box.fill(str(one))
            elif option := control(link_id, one["other"] if isinstance(one, dict) else str(one)):
                option.check()
            else:
                control(link_id, "other").check()  # type: ignore[union-attr]
                control(f"{link_id}.other").fill(one["other"] if isinstance(one, dict) else str(one))

    def send(self, limit: int = 200) -> str:
        """Go from the first page to the confirmation; gives the reference."""
        row: dict[str, Any] | None = None
        for _ in range(limit):
            if reference := self.page.query_selector("[data-reference]"):
                self.passed("confirmation")
                return reference.inner_text().strip()
            at_list = self.page.query_selector("[data-list]")
            if at_list and row is not None:
                row = None
            waiting = at_list and self.rows.get(at_list.get_attribute("data-list") or "")
            if waiting:
                self.fill(self.answers)
                self.passed()
                row = waiting.pop(0)
                self.act("add")
                continue
            self.fill(self.answers if row is None else row)
            if self.page.query_selector('[data-action="submit"]'):
                self.passed("check")
                self.act("submit")
            else:
                self.passed()
                self.act("continue")
            errors = self.page.query_selector("[data-error-summary]")
            assert errors is None, f"{self.page.url}: {errors.inner_text() if errors else ''}"
        raise AssertionError(f"no end after {limit} pages, at {self.page.url}")


def sign_in(watch: Watch, account: tuple[str, str], path: str) -> None:
    """Sign in as staff and come to a page."""
    watch.page.goto(watch.base + path)
    watch.look()
    watch.page.fill('[name="email"]', account[0])
    watch.page.fill('[name="password"]', account[1])
    watch.page.click("main button")
    watch.page.wait_for_load_state()
    watch.look()
