"""What the README and the docs say of the program claims nothing of it that it does not do (docs/neutrality.md)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.neutrality.patterns import FORBIDDEN, OWN_CLAIMS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
NAMES = {
    "docs/neutrality.md": "the program triages, detects, assesses or screens",
    "docs/privacy/dpia.md": "ata protection impact assessment",
}
"""Where one of the words is named, not said of the program: the rule itself, and a paper that the law calls so."""


def claims(page: str, text: str) -> list[str]:
    """The patterns that a page matches, without what it may name."""
    words = text.replace(NAMES[page], "") if page in NAMES else text
    return [name for name, pattern in OWN_CLAIMS.items() if re.search(pattern, words, re.IGNORECASE)]


def test_no_page_claims_it() -> None:
    assert len(PAGES) > 60, "the pages were found"
    texts = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
    assert {page: found for page, text in texts.items() if (found := claims(page, text))} == {}
    assert [page for page, words in NAMES.items() if words not in texts[page]] == []


@pytest.mark.parametrize("pattern", OWN_CLAIMS)
@pytest.mark.parametrize("page", ["README.md", *NAMES])
def test_a_claim_that_is_planted_is_found(page: str, pattern: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert claims(page, f"{text}\n{FORBIDDEN[pattern]}\n") == [pattern]
