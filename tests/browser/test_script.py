"""What the one script adds on a page of questions: half-typed pages are kept, a send waits, one press is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.walker import Patient, Watch, watched
from tests.serving import Server

OWN_WORDS = '[name="own-words"]'


@pytest.fixture
def watch(server: Server, browser: Browser) -> Iterator[Watch]:
    """A browser that has come to the page with room for own words, under a clock that can be moved."""
    with watched(browser, server.base) as watch:
        watch.page.clock.install()
        patient = Patient(watch, {"respondent": "self", "consent": "true"} | YOU)
        patient.start()
        while watch.page.query_selector(OWN_WORDS) is None:
            patient.fill(patient.answers)
            patient.act("continue")
        watch.problems.clear()
        yield watch


YOU: dict[str, Any] = {
    "full-name": "Amelia Hart",
    "birth-date": "1992-04-18",
    "country": "GB",
    "email": "amelia@example.org",
    "visit-reasons": ["pregnancy-loss"],
}


def kept(page: Page) -> Any:
    """Waits for what the script sends, and for its answer."""
    return page.expect_response(lambda answer: answer.url.endswith("/typed"))


def again(page: Page) -> str:
    """What stands in the box once the page is drawn anew in another tab of this browser."""
    tab = page.context.new_page()
    tab.goto(page.url)
    text = tab.input_value(OWN_WORDS)
    tab.close()
    return text


def test_what_is_typed_is_kept_in_a_pause(watch: Watch) -> None:
    page = watch.page
    with kept(page) as answer:
        page.type(OWN_WORDS, "They gave us")
        page.clock.run_for(2000)
    assert answer.value.status == 204
    assert again(page) == "They gave us"


def test_somebody_who_types_without_a_pause_is_kept_too(watch: Watch) -> None:
    page = watch.page
    with kept(page):
        for _ in range(12):
            page.type(OWN_WORDS, "on ")
            page.clock.run_for(1000)
    assert again(page).startswith("on on")


def test_a_page_that_is_left_by_a_link_is_kept_as_it_stands(watch: Watch) -> None:
    page, address = watch.page, watch.page.url
    page.type(OWN_WORDS, "half a sen")
    page.goto(watch.base + "/privacy")
    page.wait_for_timeout(500)  # nobody is told when what leaving sent has arrived
    page.goto(address)
    assert page.input_value(OWN_WORDS) == "half a sen"
    assert "What you typed here is not saved yet" in page.inner_text("main")
    watch.look()
    assert watch.problems == []


def test_an_app_that_is_switched_away_keeps_the_page(watch: Watch) -> None:
    page = watch.page
    page.type(OWN_WORDS, "the phone rings")
    with kept(page):
        page.evaluate("""Object.defineProperty(document, "hidden", {value: true, configurable: true});
            document.dispatchEvent(new Event("visibilitychange"));""")
    assert again(page) == "the phone rings"


def test_a_send_waits_for_the_connection_and_says_so(watch: Watch) -> None:
    page, address = watch.page, watch.page.url
    page.check('[name="visit-reasons"][value="pregnancy-loss"]')
    page.context.set_offline(True)
    page.type(OWN_WORDS, "in the lift")
    page.click('[data-action="continue"]')
    page.wait_for_selector('[role="status"] [data-say="down"]')
    assert "What you typed stays on this page" in page.inner_text('#said[role="status"]')
    watch.look()
    assert page.url == address
    page.context.set_offline(False)
    page.clock.run_for(20_000)
    page.wait_for_url(lambda url: url != address)
    page.goto(address)
    assert page.input_value(OWN_WORDS) == "in the lift"
    assert "not saved yet" not in page.inner_text("main")


def test_what_the_server_could_not_take_is_sent_again(watch: Watch) -> None:
    page, tries = watch.page, []
    page.route("**/typed", lambda route: tries.append(1) or route.fulfill(status=503))
    page.type(OWN_WORDS, "kept in the end")
    page.clock.run_for(2000)
    page.wait_for_timeout(300)
    page.unroute("**/typed")
    with kept(page):
        page.clock.run_for(20_000)
    assert (len(tries), again(page)) == (1, "kept in the end")


def test_what_is_typed_on_after_a_save_whose_answer_was_lost_is_kept(watch: Watch) -> None:
    page, saved = watch.page, []

    def lose(route: Route) -> None:
        saved.append(route.fetch(max_redirects=0).status)
        route.fulfill(status=204)  # a browser stays where it is

    page.route("**?save", lose)
    page.type(OWN_WORDS, "They gave")
    page.click(".actions [data-action=continue]")
    page.unroute("**?save")
    with kept(page):
        page.type(OWN_WORDS, " us hope")
        page.clock.run_for(12000)
    assert saved == [303]
    assert again(page) == "They gave us hope"


def test_leaving_keeps_the_last_words(watch: Watch) -> None:
    page, address = watch.page, watch.page.url
    page.goto(watch.base + "/resume-code")
    code = page.inner_text("[data-resume-code]")
    page.goto(address)
    page.type(OWN_WORDS, "and then he came in")
    page.click('[data-action="leave"]')
    page.wait_for_function("document.title === 'Blank page'")
    page.goto(watch.base + "/resume")
    page.fill('[name="code"]', code)
    page.click('[data-action="continue"]')
    for part, number in (("year", "1992"), ("month", "4"), ("day", "18")):
        page.fill(f'[name="birth-date.{part}"]', number)
    page.click('[data-action="continue"]')
    page.goto(address)
    assert page.input_value(OWN_WORDS) == "and then he came in"


def test_a_second_press_while_it_waits_lets_the_browser_try(watch: Watch) -> None:
    page = watch.page
    tried: list[str] = []
    page.on("requestfailed", lambda request: tried.append(f"{request.method} {request.resource_type}"))
    page.context.set_offline(True)
    page.click('[data-action="continue"]')
    page.wait_for_selector('[data-say="down"]')
    page.click('[data-action="continue"]')
    page.wait_for_timeout(300)
    assert "POST document" not in tried, "a double press is still one"
    page.clock.run_for(1500)
    page.click('[data-action="continue"]')
    page.wait_for_timeout(500)
    assert "POST document" in tried


@pytest.mark.parametrize("scripted", [True, False], ids=["with the script", "without it"])
def test_a_double_press_becomes_one(watch: Watch, scripted: bool) -> None:
    page, posts = watch.page, []
    if not scripted:
        page.route("**/form.js*", lambda route: route.abort())
        page.reload()
    page.check('[name="visit-reasons"][value="pregnancy-loss"]')
    slowly = page.context.new_cdp_session(page)
    slowly.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 1500, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.focus('[data-action="continue"]')
    for _ in range(2):
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
    page.wait_for_url(lambda url: "page-reason" not in url)
    assert posts == [watch.base + "/questionnaire/page-reason?save"] * (1 if scripted else 2)


def test_leaving_is_never_held_back_by_a_press_before(watch: Watch) -> None:
    page = watch.page
    page.evaluate("""document.querySelector("[data-action=continue]").click();
        document.querySelector("[data-action=leave]").click();""")
    page.wait_for_function("document.title === 'Blank page'")


def test_leaving_hides_the_page_at_once_and_is_not_held_without_a_connection(watch: Watch) -> None:
    page = watch.page
    page.type(OWN_WORDS, "nobody else reads this")
    page.context.set_offline(True)
    left = """() => { document.querySelector("[data-action=leave]").click();
        return [document.documentElement.hidden, document.querySelectorAll("#said [data-say]").length]; }"""
    assert page.evaluate(left) == [True, 0]


def test_the_page_says_before_it_closes_and_stays_if_asked_to(watch: Watch) -> None:
    page = watch.page
    page.clock.run_for("54:00")
    assert page.inner_text("#said") == ""
    page.clock.run_for("02:00")
    assert "This page closes in about 4 minutes" in page.inner_text('#said[role="status"]')
    watch.look()
    assert watch.problems == []
    with kept(page):
        page.click("[data-stay]")
    page.wait_for_function("document.getElementById('said').textContent === ''")
    page.clock.run_for("10:00")
    assert page.inner_text("#said") == ""


def test_a_phone_that_slept_too_long_says_what_a_press_will_do(watch: Watch) -> None:
    page = watch.page
    page.clock.fast_forward("03:00:00")
    page.clock.run_for(20_000)
    assert "it asks for your code, and then shows what you typed" in page.inner_text("#said")


def test_characters_are_counted_near_the_limit_alone(watch: Watch) -> None:
    page = watch.page
    most = int(page.get_attribute(OWN_WORDS, "data-longest") or 0)
    counted = page.locator("#own-words-left")
    for typed, said in (
        (most // 2, ""),
        (most - 7, "You can type 7 more characters here."),
        (most + 3, "This is 3 characters longer than the box can hold."),
        (most // 2, ""),
    ):
        page.fill(OWN_WORDS, "🙂" * typed)
        page.clock.run_for(1000)
        assert counted.inner_text() == said
    assert counted.get_attribute("role") == "status"


def test_the_script_is_on_patients_pages_and_not_on_staffs(server: Server, browser: Browser) -> None:
    with watched(browser, server.base) as watch:
        for path, scripts in (("/", 1), ("/resume", 1), ("/account/login", 0)):
            watch.page.goto(server.base + path)
            assert watch.page.locator("script").count() == scripts
        assert watch.problems == []


def test_what_says_that_a_form_came_whole_is_seen_and_touched_by_nobody(watch: Watch) -> None:
    whole = watch.page.locator("[name=whole]")
    assert whole.is_checked()
    assert not whole.is_visible()
