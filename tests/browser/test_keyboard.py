"""A whole form with the keyboard alone: Tab, arrows, Space and Enter; the ring is always there, and the focus where it
helps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.desk import Desk
from tests.browser.walker import watched
from tests.factories import scenarios

_HERE = """() => {
  const at = document.activeElement, drawn = [at, at.closest('.option')].filter(Boolean).some(one => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  });
  return {name: at.name || '', value: at.value || '', type: at.type || '', action: at.dataset.action || '',
          checked: !!at.checked, ring: drawn,
          text: (at.textContent || '').trim(), top: at.getBoundingClientRect().top + scrollY};
}"""


class Keyboard:
    """Somebody who has no pointer: every press of Tab is looked at."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def here(self) -> dict[str, Any]:
        """Where the focus is."""
        found: dict[str, Any] = self.page.evaluate(_HERE)
        return found

    def press(self, key: str) -> dict[str, Any]:
        """Press a key; gives where the focus is then. Enter is pressed where it leads somewhere."""
        if key == "Enter":
            with self.page.expect_navigation():
                self.page.keyboard.press(key)
            return self.here  # a new page: nothing is reached yet, unless the page opens at something
        self.page.keyboard.press(key)
        here = self.here
        assert here["ring"], f"no ring at {here} of {self.page.url}"
        return here

    def tab_to(self, limit: int = 120, **wanted: str) -> None:
        """Press Tab until the focus is on what has this name, action, value or text; never up the page on the way."""
        above = -1.0
        for _ in range(limit):
            here = self.press("Tab")
            if all(here[key] == value for key, value in wanted.items()):
                return
            if here["name"] and not here["action"]:
                assert here["top"] >= above - 1, f"{here} stands above what came before it, at {self.page.url}"
                above = here["top"]
        raise AssertionError(f"Tab never comes to {wanted} at {self.page.url}")

    def choose(self, name: str, value: str) -> None:
        """Go to a group of options and choose one with the arrows and Space, or tick a box."""
        self.tab_to(name=name)
        for _ in range(80):
            here = self.here
            if here["value"] == value:
                if not here["checked"]:
                    self.press("Space")
                return
            self.press("ArrowDown" if here["type"] == "radio" else "Tab")
        raise AssertionError(f"no {value} in {name}")

    def type(self, name: str, text: str) -> None:
        """Go to a box and type."""
        self.tab_to(name=name)
        self.page.keyboard.type(text)

    def go_on(self) -> None:
        """Enter, and the next page."""
        self.tab_to(action="continue")
        self.press("Enter")


def test_a_form_is_filled_in_and_sent_with_the_keyboard_alone(desk: Desk, browser: Browser) -> None:
    with watched(browser, desk.base) as watch:
        page, keys = watch.page, Keyboard(watch.page)
        page.goto(desk.base)
        page.bring_to_front()
        assert keys.press("Tab")["text"] == "Skip to the page"
        keys.press("Enter")
        keys.tab_to(action="start")
        keys.press("Enter")
        keys.go_on()
        keys.choose("respondent", "self")
        keys.press("Enter")
        keys.choose("consent", "true")
        keys.go_on()

        keys.type("full-name", "Rosa Delgado")
        keys.type("birth-date.day", "30")
        keys.type("birth-date.month", "13")
        keys.type("birth-date.year", "1983")
        keys.go_on()
        assert page.locator(".errors:focus").count() == 1, (
            "after an answer that cannot be accepted the summary has the focus"
        )
        keys.press("Tab")
        keys.press("Enter")
        assert keys.here["name"] == "birth-date.month"
        page.keyboard.press("Control+a")
        page.keyboard.type("July")
        keys.choose("country", "MX")
        keys.go_on()
        page.wait_for_url("**/page-contact")

        everything_but_lists = replace(
            scenarios()[0], answers={k: v for k, v in scenarios()[0].answers.items() if k != "pregnancies"}
        )
        desk.fill_in(page, everything_but_lists)
        page.goto(f"{desk.base}/questionnaire/page-pregnancies")
        keys.tab_to(action="add")
        keys.press("Enter")
        keys.choose("preg-outcome", "live-birth")
        keys.go_on()
        keys.type("preg-ended.year", "2017")
        keys.go_on()
        assert page.locator(".entries h2:focus").count() == 1, "after an entry was added its title has the focus"
        keys.tab_to(action="remove")
        keys.press("Enter")
        keys.tab_to(action="remove")
        keys.press("Enter")
        assert keys.here["action"] == "add", "after an entry was removed the focus is on adding another"

        page.goto(f"{desk.base}/check")
        keys.tab_to(limit=300, action="submit")
        keys.press("Enter")
        page.wait_for_selector("[data-reference]")
    assert watch.problems == []
