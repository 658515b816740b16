"""A patient who does not give up: she looks at what the browser shows, loads it again or goes back, and goes on."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

from playwright.sync_api import Error

from tests.browser.walker import Patient, Watch

WHOLE = "() => !!document.querySelector('.foot ul, [data-reference]')"
PRESSED = "() => window.pressed && !document.querySelector('[data-say=down]')"


class Persistent(Patient):
    """Fills in a scenario over a bad line. What she sees decides what she does: she keeps no plan of where she is."""

    def __init__(self, watch: Watch, base: str, answers: dict[str, Any], seed: int, patience: float = 2) -> None:
        super().__init__(watch, answers)
        self.base, self.patience = base, patience * 1000
        self.chance = random.Random(seed)
        self.entries: dict[str, dict[str, Any]] = {}
        self.next_row: dict[str, Any] = {}
        self.again = 0
        self.switched = 0
        self.held = 0
        self.page.set_default_timeout(20_000)

    def press(self, selector: str) -> None:
        """Press, once or twice, and wait for what the browser makes of it: another page, or a word that it waits."""
        button = self.page.wait_for_selector(selector, state="attached")
        assert button is not None
        with suppress(Error):  # cut, or gone meanwhile: what stands there then tells
            self.page.evaluate("() => { window.pressed = true; }")
            button.click(no_wait_after=True)
            if self.chance.random() < 0.1:
                button.click(no_wait_after=True, timeout=300)
            for _ in range(600):
                if not self.page.evaluate(PRESSED):
                    break
                self.page.wait_for_timeout(100)
        self.settle()

    @property
    def broken(self) -> bool:
        """Whether the browser shows its own page instead of ours."""
        return self.page.url.startswith("chrome-error:")

    def settle(self) -> None:
        """Load again, or go back and look, until a whole page of ours stands there."""
        for _ in range(60):
            with suppress(Error):
                if self.is_whole():
                    return
            self.again += 1
            self.page.wait_for_timeout(100)
            with suppress(Error):
                if self.broken and self.chance.random() < 0.3:
                    self.page.go_back(wait_until="commit")
                else:
                    self.page.reload(wait_until="commit")
        raise AssertionError(f"no whole page, at {self.page.url}")

    def is_whole(self) -> bool:
        """Whether the page arrived to its end; one whose connection was cut stays as it is for good."""
        if self.broken:
            return False
        self.page.wait_for_function(WHOLE, timeout=self.patience)  # with a limit, which an evaluation has not
        return True

    def open(self, address: str) -> None:
        """Open an address, as often as it takes."""
        with suppress(Error):
            self.page.goto(address, wait_until="commit")
        self.settle()

    def switch_away(self) -> None:
        """Another app comes to the front, and this one again."""
        self.switched += 1
        session = self.page.context.new_cdp_session(self.page)
        for state in ("frozen", "active"):
            session.send("Page.setWebLifecycleState", {"state": state})
        session.detach()

    def send_all(self, limit: int = 400) -> str:
        """From the start page to the confirmation; gives the reference."""
        self.open(self.base)
        for _ in range(limit):
            try:
                if reference := self.page.query_selector("[data-reference]"):
                    return reference.inner_text().strip()
                self.step()
            except Error:  # the page went while she was at it
                self.settle()
        raise AssertionError(f"no end after {limit} pages, at {self.page.url}")

    def step(self) -> None:
        """What she does at the page that stands there."""
        page = self.page
        if page.query_selector('[data-say="down"]'):
            self.held += 1
            page.wait_for_timeout(500)
            return self.settle() if self.held % 20 else self.press('[data-action="continue"]')
        if page.query_selector("[data-resume-code]"):
            return self.press('[data-action="continue"]')
        if page.query_selector('[data-action="start"]'):
            going_on = page.query_selector('a[href="/go-on"]')
            return self.open(f"{self.base}/go-on") if going_on else self.press('[data-action="start"]')
        if page.query_selector('[data-action="submit"]'):
            self.fill(self.answers)
            return self.press('[data-action="submit"]')
        if page.query_selector("[data-choose]"):
            return self.press('[data-choose="mine"]')
        if (listed := page.query_selector("[data-list]")) is not None:
            return self.at_list(listed.get_attribute("data-list") or "")
        if page.query_selector("#answers") is None:
            return self.open(f"{self.base}/go-on")
        scope = self.entry_here() if page.query_selector("main [data-link-id]") else None
        self.fill(self.answers if scope is None else scope)
        if self.chance.random() < 0.2:
            self.switch_away()
        return self.press('[data-action="continue"]')

    def at_list(self, name: str) -> None:
        """Add what is not in the list yet."""
        self.fill(self.answers)
        rows = self.answers.get(name, [])
        number = self.page.locator(f'[data-list="{name}"] li').count()
        if number < len(rows):
            self.next_row = rows[number]
            return self.press('[data-action="add"]')
        return self.press('[data-action="continue"]')

    def entry_here(self) -> dict[str, Any] | None:
        """The row that this page's entry is; none on a page of the form itself."""
        parts = self.page.evaluate("""() => {
            const form = document.getElementById("answers"), path = location.pathname.split("/");
            return [form && form.elements.entry ? form.elements.entry.value : path[3] || "",
                    document.querySelector("main [data-link-id]").dataset.linkId];
        }""")
        entry, first = parts
        if not entry:
            return None
        row = self.entries.setdefault(entry, self.next_row)
        assert first in row or row, f"an entry that nobody added, at {self.page.url}"
        return row
