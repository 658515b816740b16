"""A page on paper: how many sheets it takes, which words stand on them, and how small they are."""

from __future__ import annotations

import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from playwright.sync_api import Page
from pypdf import PdfReader

SIZES = {"A4": 210 - 2 * 12, "Letter": 215.9 - 2 * 12}
"""Name of a paper → the width between its margins, in mm."""
WIDEST = "DejaVu Sans"
"""The widest of the usual faces, in Debian's fonts-dejavu-core: what fits in it fits in others."""
_SHOWN = """() => {
  const texts = [], sizes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest('.vh, title, desc, textarea')) continue;
    texts.push(walker.currentNode.data);
    sizes.push(parseFloat(getComputedStyle(element).fontSize) * (element.currentCSSZoom || 1) * .75);
  }
  const cut = [document.documentElement, ...document.querySelectorAll('body *')].filter(one =>
    one.scrollWidth > one.clientWidth + 1 && (one === document.documentElement || getComputedStyle(one).overflowX !== 'visible')
    && !one.closest('.vh') && one.checkVisibility());
  return [texts.join(' '), Math.min(...sizes), cut.map(one => one.tagName + '.' + one.className)];
}"""


@dataclass(frozen=True)
class Printed:
    """What came out of the printer: the text of each sheet.

    `asked` is what the page shows, `smallest` its smallest type in pt, `cut` what is wider than its place and would
    lose an end.
    """

    sheets: tuple[str, ...] = field(repr=False)
    asked: str = field(repr=False)
    smallest: float
    cut: list[str]

    @property
    def lost(self) -> list[str]:
        """Words of the page that no sheet holds, or fewer times; a word broken over two lines is not lost."""
        found = Counter(word for sheet in self.sheets for word in _words(sheet))
        together = "".join("".join(sheet.split()) for sheet in self.sheets)
        return [
            word
            for word, times in Counter(_words(self.asked)).items()
            if found[word] < times and together.count(word) < times
        ]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text))  # a sheet may hold "fi" as one letter


def printed(page: Page, size: str = "A4") -> Printed:
    """Print the page as it stands, in the widest face."""
    page.emulate_media(media="print")
    page.evaluate("face => document.documentElement.style.setProperty('--sans', face)", WIDEST)
    before = page.viewport_size
    page.set_viewport_size({"width": int(SIZES[size] / 25.4 * 96), "height": 900})
    asked, smallest, cut = page.evaluate(_SHOWN)
    pdf = PdfReader(io.BytesIO(page.pdf(format=size, prefer_css_page_size=True)))
    page.emulate_media(media="screen")
    if before is not None:
        page.set_viewport_size(before)
    return Printed(tuple(sheet.extract_text() for sheet in pdf.pages), asked, smallest, cut)
