"""The texts between the questions as one patient reads them: one table says what stands for each placeholder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final

from markupsafe import Markup, escape

from intake.answers.document import StoredDocument
from intake.consultations.rules import chosen_words
from intake.patient.consent import ConsentBlock
from intake.questionnaire.placeholders import Placeholder, split
from intake.summary.chosen_words import in_a_text
from intake.summary.statement import Sentence, text_of
from intake.web.help_now import Country, with_links


@dataclass(frozen=True)
class PlaceholderWords:
    """What the placeholders stand for: the country's numbers, the clinic's text on consent, and the words that the
    patient of this draft chose for a loss."""

    country: Country
    consent: tuple[ConsentBlock, ...] = ()
    draft: StoredDocument | None = None

    @cached_property
    def loss(self) -> Sentence:
        """The words chosen; empty if none were."""
        return () if self.draft is None else chosen_words(self.draft.questionnaire, self.draft.response)


FILLED: Final[Mapping[Placeholder, Callable[[PlaceholderWords], Markup]]] = MappingProxyType(
    {
        Placeholder.EMERGENCY_NUMBER: lambda words: with_links(words.country.emergency),
        Placeholder.CRISIS_LINE: lambda words: with_links(words.country.crisis),
        Placeholder.LOSS_WORDS: lambda words: escape(text_of(in_a_text(words.loss))),
        Placeholder.CONSENT_TOPICS: lambda words: Markup(" ").join(
            line for block in words.consent for line in block.lines
        ),
    }
)


def fill(text: str, words: PlaceholderWords) -> Markup:
    """A text of the questionnaire as markup, placeholders filled in at one go, all but telephone numbers escaped."""
    parts = split(text)
    return Markup("").join(
        escape(part) if place % 2 == 0 else FILLED[Placeholder(part)](words) for place, part in enumerate(parts)
    )


def is_urgent(text: str) -> bool:
    """Whether a text tells whom to call: it stands out then."""
    return f"{{{Placeholder.EMERGENCY_NUMBER}}}" in text


def blocks_of(text: str, words: PlaceholderWords) -> tuple[ConsentBlock, ...]:
    """The clinic's text on consent where the text stands for that, which then has headings and lists; else nothing."""
    return words.consent if text == f"{{{Placeholder.CONSENT_TOPICS}}}" else ()
