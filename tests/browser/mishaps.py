"""Patients to whom the same mishap happens at every page, between typing it and going on from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.browser.walker import Patient, Watch

Standing = dict[str, list[str]]
"""What the controls of a page hold, by name."""

STANDING = """() => {
    const form = document.getElementById("answers");
    const found = {};
    for (const one of form ? form.elements : [])
        if (one.name && one.name !== "whole" && !/hidden|submit/.test(one.type)
            && (one.checked || !/radio|checkbox/.test(one.type)))
            (found[one.name] ||= []).push(one.value);
    return found;
}"""


def said(standing: Standing) -> Standing:
    """What says something: a question that a save brought to the page is blank at first."""
    return {
        name: [value.lstrip("0") if value.isdigit() else value for value in held]
        for name, held in standing.items()
        if any(held)
    }


class Unlucky(Patient):
    """One who types a page, meets the mishap as she goes on, and says how often that was."""

    def __init__(self, watch: Watch, answers: dict[str, Any]) -> None:
        super().__init__(watch, answers)
        self.code = ""
        self.met: list[str] = []
        self.scope: dict[str, Any] = {}
        self.before: Standing = {}

    def passed(self, name: str | None = None) -> None:
        """How pages look is asked by other tests."""

    def start(self) -> str:
        """The first page of questions; the way there has no mishap."""
        self.page.goto(self.watch.base)
        self.press("start")
        self.code = self.page.locator("[data-resume-code]").inner_text()
        self.press("continue")
        return self.code

    def fill(self, scope: dict[str, Any]) -> None:
        """Type the page, and remember what stood there before."""
        self.scope, self.before = scope, self.standing()
        super().fill(scope)

    def act(self, name: str) -> None:
        """Go on from a page of questions, which the mishap does not let her do at once."""
        if name not in ("continue", "add"):
            self.press(name)
            return
        self.met.append(self.page.url)
        self.meet(name)

    def meet(self, name: str) -> None:
        """What happens, and what she does about it; she has gone on afterwards."""
        raise NotImplementedError

    def press(self, name: str) -> None:
        """Press the first control of this action, and wait for the page that comes of it."""
        self.click(f'[data-action="{name}"]')

    def click(self, selector: str) -> None:
        """Press a control, and wait for the page that comes of it."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()

    def standing(self) -> Standing:
        """What the page holds now."""
        found: Standing = self.page.evaluate(STANDING)
        return found

    def stands(self, wanted: Standing) -> None:
        """The page holds this and nothing else; a number that was saved may have lost its leading zeros."""
        held, wanted = said(self.standing()), said(wanted)
        differs = {
            name: (wanted.get(name), held.get(name)) for name in wanted | held if wanted.get(name) != held.get(name)
        }
        assert differs == {}, f"{self.page.url} holds something else than was typed: {differs}"

    def no_conflict(self) -> None:
        """She is not asked to choose between two versions where there is one."""
        assert self.page.locator("[data-choose]").count() == 0, f"{self.page.url} asks about two versions"


class CookieDeleted(Unlucky):
    """Her browser forgets the session."""

    def meet(self, name: str) -> None:
        """The code's page carries what she typed to her own page, where it is not saved before she goes on."""
        typed = self.standing()
        self.page.context.clear_cookies()
        self.press(name)
        assert self.page.locator('[name="carried"]').count() == 1
        self.page.fill('[name="code"]', self.code)
        self.press("continue")
        if self.page.query_selector('[name="birth-date.day"]') and self.page.query_selector('[name="code"]'):
            for part, number in zip(("year", "month", "day"), self.answers["birth-date"].split("-"), strict=True):
                self.page.fill(f'[name="birth-date.{part}"]', number)
            self.press("continue")
        self.stands(typed)
        unsaved = "What you typed here is not saved yet" in self.page.inner_text("main")
        assert unsaved == (said(typed) != said(self.before)), f"{self.page.url}: {self.before} became {typed}"
        now, saved = said(typed), said(self.before)
        changed = {name.partition(".")[0] for name in now | saved if now.get(name) != saved.get(name)}
        asks = self.page.locator("[data-choose]").count() > 0
        assert asks == any(name.partition(".")[0] in changed for name in saved), f"{self.page.url}: {self.before}"
        self.press(name)


class BackPressed(Unlucky):
    """She goes back and forth."""

    def meet(self, name: str) -> None:
        """Back shows what she typed; Forward, and going on once more from there, lead where she was."""
        typed, here = self.standing(), urlsplit(self.page.url).path
        self.press(name)
        on = self.page.url
        if urlsplit(on).path == here:  # the page grew: she goes on from it next
            return
        self.page.go_back()
        self.stands(typed)
        self.page.go_forward()
        assert self.page.url == on
        self.page.go_back()
        self.press(name)
        self.no_conflict()
        assert name == "add" or self.page.url == on


class StaleTabs(Unlucky):
    """The page stands open in two more tabs."""

    def fill(self, scope: dict[str, Any]) -> None:
        """The first tab lacks the last answer of the page."""
        self.scope, self.before = scope, self.standing()
        if self.page.query_selector('[data-action="submit"]'):
            Patient.fill(self, scope)
            return
        here = [one.get_attribute("data-link-id") for one in self.page.query_selector_all("main [data-link-id]")]
        self.last = [link_id for link_id in here if link_id in scope][-1:]
        self.stale = [self.opened(), self.opened()]
        Patient.fill(self, self.short())

    def short(self) -> dict[str, Any]:
        """What is typed into the first two tabs."""
        return {link_id: written for link_id, written in self.scope.items() if link_id not in self.last}

    def opened(self) -> Page:
        """The page once more, before it is saved."""
        tab = self.page.context.new_page()
        tab.goto(self.page.url)
        return tab

    def meet(self, name: str) -> None:
        """A tab with the same typing is no conflict; of one with more she keeps what she typed there."""
        self.press(name)
        same, more = self.stale
        with self.in_tab(same):
            Patient.fill(self, self.short())
            self.press(name)
            self.no_conflict()
        with self.in_tab(more):
            Patient.fill(self, self.scope)
            typed = self.standing()
            self.press(name)
            if self.page.query_selector("[data-choose]"):
                self.chosen += 1
                self.stands(typed)
                Patient.fill(self, self.scope)  # what the first tab's save brought is asked here
                self.click('[data-choose="mine"]')
            on = self.page.url
        if name == "continue":
            self.page.goto(on)

    chosen = 0

    @contextmanager
    def in_tab(self, tab: Page) -> Iterator[None]:
        """She looks at another tab, and closes it."""
        first, self.page = self.page, tab
        yield
        self.page = first
        tab.close()


class ServerGone(Unlucky):
    """The server is killed, and comes back."""

    def __init__(
        self, watch: Watch, answers: dict[str, Any], kill: Callable[[], None], again: Callable[[], None]
    ) -> None:
        super().__init__(watch, answers)
        self.kill, self.again = kill, again

    def meet(self, name: str) -> None:
        """What she presses while it is down shows the browser's own page; Back from there she finds what she typed."""
        typed = self.standing()
        self.kill()
        self.page.locator(f'[data-action="{name}"]').first.click()
        self.page.wait_for_url("chrome-error://**")
        self.again()
        self.page.go_back()
        self.stands(typed)
        self.press(name)
        self.no_conflict()
