"""The looks in which every page must be usable, and what is measured in each (DESIGN.md 9.6; WCAG 2.2: 1.3.2, 1.4.3,
1.4.4, 1.4.10 to 1.4.12, 2.3.3, 2.4.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

_MEASURE: Final = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
_SPACING: Final = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } "
    "p { margin-block-end: 2em !important }"
)
_LARGE: Final = "html { font-size: 200% !important }"
"""The distances of WCAG 1.4.12, and the letters of 1.4.4; a sheet made by script, as the content policy admits none
inline."""


@dataclass(frozen=True)
class Look:
    """One way to look at a page: how wide and high, with which wishes of the reader, and what is measured."""

    name: str
    width: int
    checks: Sequence[str]
    height: int = 800
    wishes: dict[str, Any] = field(default_factory=dict)
    rtl: bool = False
    css: str = ""


LARGE: Final = Look("text twice as large", 360, ("wide", "cut"), css=_LARGE)
"""For patients: staff's tables and boxes are made for a screen of their own."""
LOOKS: Final = (
    Look("320 px, as 400 % zoom", 320, ("wide", "cut", "order", "fixed"), height=256),
    Look("text spaced", 320, ("wide", "cut"), height=256, css=_SPACING),
    LARGE,
    Look("360 px", 360, ("wide", "text", "edges", "ring")),
    Look("dark", 360, ("text", "edges", "ring"), wishes={"color_scheme": "dark"}),
    Look("forced colours", 360, ("text", "edges", "ring"), wishes={"forced_colors": "active"}),
    Look("dark forced colours", 360, ("text", "edges"), wishes={"forced_colors": "active", "color_scheme": "dark"}),
    Look("right to left", 360, ("wide",), rtl=True),
    Look("wide, right to left", 1280, ("wide",), rtl=True),
    Look("1280 px, no motion", 1280, ("wide", "still")),
)
_PLAIN: Final = {
    "color_scheme": "light",
    "forced_colors": "none",
    "reduced_motion": "reduce",
}  # no colour is measured on its way


def looked_over(page: Page, looks: Sequence[Look] = LOOKS) -> list[str]:
    """What is found in any of the looks. The page is left as it was, what is typed included."""
    before = page.viewport_size
    page.keyboard.press("Tab")  # from here on, who moves the focus moves it as a keyboard does
    found = [f"{look.name}: {problem}" for look in looks for problem in _found(page, look)]
    page.emulate_media(**_PLAIN)  # type: ignore[arg-type]
    _dress(page)
    if before is not None:
        page.set_viewport_size(before)
    return found


def _found(page: Page, look: Look) -> list[str]:
    page.set_viewport_size({"width": look.width, "height": look.height})
    page.emulate_media(**(_PLAIN | look.wishes))
    _dress(page, rtl=look.rtl, css=look.css)
    found: list[str] = page.evaluate(_MEASURE, look.checks)
    return found


def _dress(page: Page, *, rtl: bool = False, css: str = "") -> None:
    page.evaluate(
        """([dir, css]) => {
          document.documentElement.dir = dir;
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(css);
          document.adoptedStyleSheets = [sheet];
        }""",
        ["rtl" if rtl else "ltr", css],
    )
