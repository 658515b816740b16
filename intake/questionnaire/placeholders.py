"""The placeholders that texts may hold, and where: `{emergency_number}` and the like (docs/authoring.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final

from intake.questionnaire.model import Item, ItemType, Questionnaire


class Placeholder(StrEnum):
    """What stands for something that only the clinic's settings or the patient's answers know."""

    EMERGENCY_NUMBER = "emergency_number"
    CRISIS_LINE = "crisis_line"
    MATERNITY_CONTACT = "maternity_contact"
    CONSENT_TOPICS = "consent_topics"
    LOSS_WORDS = "loss_words"


IN_DISPLAYS: Final = frozenset(Placeholder)
IN_QUESTIONS: Final = frozenset({Placeholder.LOSS_WORDS})
"""Which may stand in a text between the questions, and which in a question's text or help and in a title."""
ALONE: Final = frozenset({Placeholder.CONSENT_TOPICS})
"""Which must be the whole text."""

_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


def names_in(text: str) -> list[str]:
    """What stands in curly brackets in a text, in order."""
    return _PLACEHOLDER.findall(text)


def split(text: str) -> list[str]:
    """A text cut at its placeholders: words and names in turn, words first and last."""
    return _PLACEHOLDER.split(text)


def filled(text: str, words: Mapping[str, str]) -> str:
    """The text with these placeholders filled in, in one go: what is filled in is not read for placeholders again."""
    return _PLACEHOLDER.sub(lambda found: words.get(found[1], found[0]), text)


def with_texts_filled(questionnaire: Questionnaire, words: Mapping[str, str]) -> Questionnaire:
    """The questionnaire with titles, questions and their help filled in. Texts between the questions stay as they are:
    a page fills them in with links."""
    return replace(
        questionnaire, items=tuple(_with_texts(item, lambda text: filled(text, words)) for item in questionnaire.items)
    )


def _with_texts(item: Item, fill: Callable[[str], str]) -> Item:
    if item.type is ItemType.DISPLAY:
        return item
    below = tuple(_with_texts(child, fill) for child in item.items)
    return replace(item, text=fill(item.text), help=fill(item.help) if item.help else item.help, items=below)
