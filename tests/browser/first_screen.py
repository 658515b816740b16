"""What a clinician reads on the first screen of the one page: half a minute is 119 words, at 238 a minute."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

WIDTH, HEIGHT = 1280, 800
FRAME: Final = ".masthead, .back, .head .actions, .foot, .try-out, .skip, .vh, .from, .legend, .zeros, .strip"
"""What is the frame of every page, the legend, the zeros and the years of the drawing, and no word to be read."""
_WORDS: Final = """([frame, height]) => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    const closed = element.closest('details:not([open])');
    if (element.closest(frame) || (closed && !element.closest('summary')) || !element.checkVisibility()) continue;
    const range = document.createRange();
    for (const word of node.data.matchAll(/\\S*[\\p{L}\\p{N}]\\S*/gu)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if (range.getBoundingClientRect().top < height) found.push(word[0]);
    }
  }
  return found;
}"""
_ENDS: Final = "name => document.querySelector(`[aria-labelledby=${name}]`)?.getBoundingClientRect().bottom ?? 0"


def words(page: Page) -> list[str]:
    """The words that are to be seen on the first screen of an open page."""
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    found: list[str] = page.evaluate(_WORDS, [FRAME, HEIGHT])
    return found


def ends_at(page: Page, section: str) -> float:
    """Where a section of the page ends, in px from the top; 0 if it is not there."""
    found: float = page.evaluate(_ENDS, section)
    return found
