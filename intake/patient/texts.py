"""The texts between the questions as one patient reads them: one table says what stands for each placeholder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from types import MappingProxyType
from typing import Final

from markupsafe import Markup, escape

from intake.answers.document import StoredDocument
from intake.consultations.rules import chosen_words
from intake.patient.consent import ProseBlock
from intake.questionnaire.placeholders import Placeholder, split
from intake.summary.chosen_words import in_a_text
from intake.summary.statement import Sentence
from intake.web.filters import sentence
from intake.web.help_now import Country, with_links


@dataclass(frozen=True)
class PlaceholderWords:
    """What the placeholders stand for: the country's numbers, the clinic's text on consent, and the words that the
    patient of this draft chose for a loss."""

    country: Country
    consent: tuple[ProseBlock, ...] = ()
    draft: StoredDocument | None = None

    @cached_property
    def loss(self) -> Sentence:
        """The words chosen; empty if none were."""
        return () if self.draft is None else chosen_words(self.draft.questionnaire, self.draft.response)


FILLED: Final[Mapping[Placeholder, Callable[[PlaceholderWords], Markup]]] = MappingProxyType(
    {
        Placeholder.EMERGENCY_NUMBER: lambda words: with_links(words.country.emergency),
        Placeholder.CRISIS_LINE: lambda words: with_links(words.country.crisis),
        Placeholder.MATERNITY_CONTACT: lambda words: escape(words.country.maternity),
        Placeholder.LOSS_WORDS: lambda words: sentence(in_a_text(words.loss)),
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


def blocks_of(text: str, words: PlaceholderWords) -> tuple[ProseBlock, ...]:
    """A text as it stands on a page: lines that begin with `- ` are one list, any other is a paragraph (clinical.md
    2.1, Texts with lines); the clinic's text on consent where the text stands for that."""
    if text == f"{{{Placeholder.CONSENT_TOPICS}}}":
        return words.consent
    parts = groupby(text.splitlines(), key=lambda line: line.startswith("- "))
    return tuple(block for is_list, lines in parts for block in _blocks(is_list, lines, words))


def _blocks(is_list: bool, lines: Iterable[str], words: PlaceholderWords) -> Iterator[ProseBlock]:
    filled = tuple(fill(line.removeprefix("- "), words) for line in lines if line.strip())
    if is_list:
        yield ProseBlock("list", filled)
    else:
        yield from (ProseBlock("paragraph", (line,)) for line in filled)
