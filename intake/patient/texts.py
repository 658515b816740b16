"""The texts between the questions as one patient reads them: one table says what stands for each placeholder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from markupsafe import Markup, escape

from intake.patient.consent import Block
from intake.patient.country import Country, with_links
from intake.questionnaire.placeholders import Placeholder, split
from intake.summary.chosen_words import in_a_text
from intake.summary.statement import Sentence, text_of


@dataclass(frozen=True)
class Words:
    """What the placeholders stand for: the country's numbers, the words chosen for a loss, the clinic's text on
    consent."""

    country: Country
    loss: Sentence = ()
    consent: tuple[Block, ...] = ()


FILLED: Final[Mapping[Placeholder, Callable[[Words], Markup]]] = MappingProxyType(
    {
        Placeholder.EMERGENCY_NUMBER: lambda words: with_links(words.country.emergency),
        Placeholder.CRISIS_LINE: lambda words: with_links(words.country.crisis),
        Placeholder.LOSS_WORDS: lambda words: escape(text_of(in_a_text(words.loss))),
        Placeholder.CONSENT_TOPICS: lambda words: Markup(" ").join(
            line for block in words.consent for line in block.lines
        ),
    }
)


def fill(text: str, words: Words) -> Markup:
    """A text of the questionnaire as markup, everything but telephone numbers escaped, its placeholders filled in in
    one go."""
    parts = split(text)
    return Markup("").join(
        escape(part) if place % 2 == 0 else FILLED[Placeholder(part)](words) for place, part in enumerate(parts)
    )


def is_urgent(text: str) -> bool:
    """Whether a text tells whom to call: it stands out then."""
    return f"{{{Placeholder.EMERGENCY_NUMBER}}}" in text


def blocks_of(text: str, words: Words) -> tuple[Block, ...]:
    """The clinic's text on consent where the text stands for that, which then has headings and lists; else nothing."""
    return words.consent if text == f"{{{Placeholder.CONSENT_TOPICS}}}" else ()
