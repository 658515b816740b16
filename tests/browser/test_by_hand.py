"""What only a browser shows: focus, Enter, and going back."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.walker import Patient, Watch, watched
from tests.serving import Server

BEFORE_YOU: dict[str, Any] = {"respondent": "self", "consent": "true"}


def at_page_you(watch: Watch) -> Page:
    patient = Patient(watch, BEFORE_YOU)
    patient.start()
    for _ in range(2):
        patient.fill(BEFORE_YOU)
        patient.act("continue")
    assert watch.page.url.endswith("/questionnaire/page-you")
    return watch.page


@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_error_summary_takes_focus_and_its_links_lead_to_the_fields(
    server: Server, browser: Browser, scripted: bool
) -> None:
    with watched(browser, server.base, scripted=scripted) as watch:
        page = at_page_you(watch)
        page.fill('[name="full-name"]', "Siobhán Ní Bhriain")
        page.fill('[name="birth-date.day"]', "30")
        page.fill('[name="birth-date.month"]', "13")
        page.fill('[name="birth-date.year"]', "1983")
        page.click('[data-action="continue"]')
        page.wait_for_selector(".errors")  # the page is drawn by a second request, at the same address
        watch.look()
        assert page.title().startswith("Error: ")
        assert page.locator(".errors:focus").count() == 1
        assert page.input_value('[name="birth-date.month"]') == "13"
        assert page.input_value('[name="full-name"]') == "Siobhán Ní Bhriain"
        page.locator("[data-error-summary] a").first.click()
        assert page.locator(":focus").get_attribute("name") == "birth-date.month"
        assert (
            page.locator('[aria-invalid="true"]').evaluate_all("all => all.map(one => one.name)")[0]
            == "birth-date.month"
        )
        assert watch.problems == []


def test_going_back_shows_what_was_typed_and_loses_nothing(server: Server, browser: Browser) -> None:
    with watched(browser, server.base) as watch:
        page = at_page_you(watch)
        page.fill('[name="full-name"]', "Rosa Delgado Peña")
        page.fill('[name="birth-date.day"]', "5")
        page.fill('[name="birth-date.month"]', "July")
        page.fill('[name="birth-date.year"]', "1974")
        page.check('[name="country"][value="MX"]')
        page.click('[data-action="continue"]')
        page.wait_for_url("**/page-contact")
        page.go_back()
        assert page.input_value('[name="full-name"]') == "Rosa Delgado Peña"
        page.click('[data-action="continue"]')
        page.wait_for_url("**/page-contact")
        page.click(".back")
        assert page.input_value('[name="full-name"]') == "Rosa Delgado Peña"
        assert page.input_value('[name="birth-date.year"]') == "1974"
        assert watch.problems == []


@pytest.mark.parametrize("press", ["Change my answers", "Keep as it is", "Enter"])
def test_what_is_typed_under_a_notice_is_kept_whatever_is_pressed(server: Server, browser: Browser, press: str) -> None:
    with watched(browser, server.base) as watch:
        page = at_page_you(watch)
        page.fill('[name="full-name"]', "Kim Roe")
        for part, typed in (("day", "1"), ("month", "2"), ("year", "2015")):
            page.fill(f'[name="birth-date.{part}"]', typed)
        page.check('[name="country"][value="MX"]')
        page.click('main form [data-action="continue"]')
        page.wait_for_selector("[data-notice]")
        assert page.locator("[data-notice]:focus").count() == 1
        page.fill('[name="address-as"]', "Kim, they/them")
        if press == "Enter":
            page.press('[name="address-as"]', "Enter")
            page.wait_for_url("**/page-contact")
        else:
            page.get_by_role("button", name=press).click()
            page.wait_for_selector("[data-notice]", state="detached")
        page.goto(f"{server.base}/questionnaire/page-you")
        assert page.input_value('[name="address-as"]') == "Kim, they/them"
        assert watch.problems == []
