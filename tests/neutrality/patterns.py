"""The patterns that no text of ours may match, and the few exceptions, each tied to its place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from tests.factories import CONTENT

PLACES: dict[str, tuple[str, ...]] = {
    "told-findings": ("told-findings",),
    "stress": ("stress",),
    "H-14": ("H-14", "consultations/nk_intake/highlights.py:_no_cause_found"),
    "consent text and summary footer": (
        "patient/consent.md",
        "clinician/response.html",
        "clinician/answers.html",
        "static/css/staff.css",
        "layouts/staff.html",
        "summary/text.py:_lines",
        "summary.txt",
    ),
}
"""Where each exception of the patterns' file holds: a linkId, a rule of the summary, a function, or a file."""

OWN_CLAIMS = {
    "O-01": r"\btriag",
    "O-02": r"\bdetect",
    "O-03": r"\bassess",
    "O-04": r"\bscreen(s|ed|ing)?\s+(for|out|patients|you|people)\b|\bscreening\b",
}
"""What this program would claim to be if it said so of itself: triage, detection, assessment, screening."""

FORBIDDEN = {
    "N-01": "It seems that you may have an immune problem.",
    "N-02": "Your diagnosis is ready.",
    "N-03": "This suggests an infection.",
    "N-04": "You are at risk.",
    "N-05": "This was the cause of it.",
    "N-06": "Your NK cells are elevated.",
    "N-07": "You should take vitamin D.",
    "N-08": "This treatment will help you.",
    "N-09": "The embryo transfer failed.",
    "N-10": "Please don't worry.",
    "N-11": "Ask about our novel therapy.",
    "N-12": "This meets criteria for RIF.",
    "O-01": "The form triages what patients say.",
    "O-02": "Problems are detected early.",
    "O-03": "Your answers are assessed by the program.",
    "O-04": "It screens patients for an infection.",
}
"""One sentence for each pattern that it must find."""


@dataclass(frozen=True)
class Text:
    """Something of ours that a person can read, and where it stands."""

    where: str
    words: str


@dataclass(frozen=True)
class Finding:
    """A text that matches a pattern."""

    pattern: str
    where: str
    words: str

    def __str__(self) -> str:
        return f"{self.pattern} in {self.where}: {self.words}"


@cache
def _rules() -> dict[str, Any]:
    rules: dict[str, Any] = yaml.safe_load((CONTENT / "neutrality_patterns.yaml").read_text(encoding="utf-8"))
    return rules


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """The patterns by their ids: those handed over, and ours for what we would claim of ourselves."""
    handed_over = {rule["id"]: rule["regex"] for rule in _rules()["patterns"]}
    return {name: re.compile(regex, re.IGNORECASE) for name, regex in (handed_over | OWN_CLAIMS).items()}


@cache
def allowed() -> frozenset[tuple[str, str]]:
    """Pairs of a pattern's id and the place where it may match."""
    return frozenset((rule["pattern"], place) for rule in _rules()["allowed"] for place in PLACES[rule["where"]])


@cache
def _matching(words: str) -> tuple[str, ...]:
    return tuple(name for name, pattern in patterns().items() if pattern.search(words))


def scan(texts: Iterable[Text]) -> list[Finding]:
    """Every place where a text of ours matches a pattern, those allowed left out. White space counts as one space."""
    return [
        Finding(name, text.where, words)
        for text in texts
        for words in [" ".join(text.words.split())]
        for name in _matching(words)
        if (name, text.where) not in allowed()
    ]
