"""Typed text stands by itself: whatever way it is written, our words and numbers keep their order, left to right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from intake.consultations import catalogue
from tests.browser.desk import Desk, open_desk
from tests.browser.everything import everything
from tests.browser.walker import watched
from tests.factories import Scenario

TYPED = (
    "أمل حسن 12",
    "שרה (45) Hart",
    "override \u202e12 left",
    "\u202bembedded 7",
    "ב isolate \u2067open 3",
    "closes \u2069 and \u202e overrides 8",
    "٣٤ - 5",
    "שלום 12, two\nlines \u202e34\n\nأمل",
)
"""Arabic and Hebrew beside numbers; overrides, embeddings and isolates without end, and an end of none."""

# Every sign of ours and each piece that a patient typed, in the order of the text, and whether each stands to the right
# of the one before it, where they stand in one line of one block; and whether what was typed is written its own way.
MEASURE = r"""() => {
  const block = node => {
    while (getComputedStyle(node).display === 'inline') node = node.parentElement;
    return node;
  };
  const pieces = [], range = document.createRange();
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, by = text.parentElement, typed = by.closest('bdi');
    if (!by.checkVisibility() || by.closest('.vh, textarea, svg, noscript')) continue;
    const signs = [...text.data.matchAll(/\S/gu)].map(one => [one.index, one.index + one[0].length]);
    const parts = typed ? [[0, text.length]] : signs;
    for (const [start, end] of parts) {
      range.setStart(text, start);
      range.setEnd(text, end);
      const boxes = [...range.getClientRects()].filter(one => one.width);
      if (boxes.length) pieces.push({block: block(by), boxes, says: text.data.slice(start, end), about: text.data});
    }
  }
  const found = [];
  for (let n = 1; n < pieces.length; n++) {
    const before = pieces[n - 1], now = pieces[n];
    for (const left of before.boxes) for (const right of now.boxes) {
      const near = Math.abs(left.bottom - right.bottom) < Math.min(left.height, right.height) / 2;
      if (before.block === now.block && near && left.right > right.left + 1)
        found.push(`“${now.says}” of “${now.about.trim()}” stands before “${before.says}”`);
    }
  }
  for (const one of document.querySelectorAll('main bdi')) {
    const strong = one.textContent.match(/\p{L}/u)?.[0] ?? 'a', wanted = /[\u0590-\u07ff]/.test(strong) ? 'rtl' : 'ltr';
    if (getComputedStyle(one).direction !== wanted) found.push(`“${one.textContent}” is not written ${wanted}`);
  }
  return {found, pieces: pieces.length, typed: document.querySelectorAll('main bdi').length};
}"""
UNDRESS = """style => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [sheet];
}"""


@pytest.fixture(scope="module")
def desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A clinic of its own: names that turn round what is read would mislead whoever looks at the shared one's paper."""
    with open_desk(tmp_path_factory.mktemp("directions"), browser) as opened:
        yield opened


def typing(first: int = 0) -> Scenario:
    """Everything answered, each text with the next of these, in turn; the name and the words chosen with that one."""
    form = catalogue.shipped().active
    texts, one = cycle((*TYPED[first:], *TYPED[:first])), TYPED[first].replace("\n", " ")

    def typed(link_id: str, written: Any) -> Any:
        if isinstance(written, list):
            return [typed(link_id, one) for one in written]
        if isinstance(written, dict):
            return {name: typed(name if name in form.by_link_id else "", one) for name, one in written.items()}
        if not isinstance(written, str) or set(written) != {"W"}:
            return written
        text, limit = next(texts), form.item(link_id).max_length if link_id else None
        return text if link_id and form.item(link_id).type == "text" else text.replace("\n", " ")[:limit]

    complete = everything(form)
    answers = {name: typed(name, written) for name, written in complete.answers.items()}
    return replace(complete, answers=answers | {"respondent": "other", "full-name": one, "loss-words": {"other": one}})


def disorder(page: Page) -> list[str]:
    """What of ours stands in another order than it reads, on a page that shows something typed."""
    measured = page.evaluate(MEASURE)
    assert measured["typed"] > 0, f"nothing typed at {page.url}"
    assert measured["pieces"] > 50
    return list(measured["found"])


def pages_of_the_clinic(desk: Desk, scenario: Scenario) -> Iterator[Page]:
    page = desk.summary_of(scenario)
    yield page
    page.goto(f"{page.url}/answers")
    yield page
    page.goto(f"{desk.base}/clinician/")
    yield page


def pages_of_the_patient(desk: Desk, page: Page, scenario: Scenario) -> Iterator[Page]:
    page.goto(desk.base)
    page.click('[data-action="start"]')
    desk.fill_in(page, scenario)
    for path in ("/questionnaire/page-consent", "/questionnaire/page-medicines", "/check"):
        page.goto(desk.base + path)
        yield page
    page.click('[data-action="submit"]')
    page.wait_for_url("**/submitted")
    yield page


@pytest.mark.parametrize("first", range(len(TYPED)))
def test_on_every_page_of_the_clinic_our_words_keep_their_order(desk: Desk, first: int) -> None:
    for page in pages_of_the_clinic(desk, typing(first)):
        for medium in ("screen", "print"):
            page.emulate_media(media=medium)
            assert disorder(page) == [], page.url
        page.emulate_media(media="screen")


@pytest.mark.parametrize("first", range(len(TYPED)))
def test_on_every_page_of_the_patient_our_words_keep_their_order(desk: Desk, browser: Browser, first: int) -> None:
    with watched(browser, desk.base) as watch:
        for page in pages_of_the_patient(desk, watch.page, typing(first)):
            assert disorder(page) == [], page.url


def test_text_that_does_not_stand_by_itself_is_seen_on_every_page(desk: Desk, browser: Browser) -> None:
    """The fault, planted: `<bdi>` without its effect."""
    with watched(browser, desk.base) as watch:
        seen = {}
        for pages in (pages_of_the_clinic(desk, typing(1)), pages_of_the_patient(desk, watch.page, typing(2))):
            for page in pages:
                page.evaluate(UNDRESS, "bdi { unicode-bidi: normal; direction: inherit }")
                seen[page.url] = disorder(page)
    assert [where for where, found in seen.items() if not found] == []
    assert sum(any("stands before" in one for one in found) for found in seen.values()) >= 4, "and by its place"


def test_a_box_is_written_in_the_direction_of_what_stands_in_it(desk: Desk, browser: Browser) -> None:
    with watched(browser, desk.base) as watch:
        for page in pages_of_the_patient(desk, watch.page, typing(0)):
            if page.url.endswith("/check"):
                break
        page.goto(f"{desk.base}/questionnaire/page-hopes")
        boxes = page.locator("input.text, textarea").evaluate_all(
            "all => all.map(one => [one.value, getComputedStyle(one).direction])"
        )
        assert boxes
        for value, direction in boxes:
            first = next((sign for sign in value if sign.isalpha()), "a")
            assert direction == ("rtl" if "\u0590" < first < "\u0780" else "ltr"), value


def test_a_title_holds_the_name_by_itself(desk: Desk) -> None:
    page = desk.summary_of(typing(1))
    assert page.title().startswith("\u2068שרה (45) Hart\u2069, ")
