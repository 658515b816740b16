"""Months and numbers that are typed as words, in the languages of our patients; a word with two readings has none."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from intake.questionnaire.unseen import without_unseen
from intake.questionnaire.values import MONTHS

_ENGLISH: Final = (*(f"{name} {name[:3]}" for name in MONTHS[:8]), "September Sep Sept", "October Oct")
MONTH_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (*_ENGLISH, "November Nov", "December Dec"),
    "es": (
        *("enero ene", "febrero feb", "marzo mar", "abril abr", "mayo may", "junio jun", "julio jul", "agosto ago"),
        *("septiembre setiembre sep sept set", "octubre oct", "noviembre nov", "diciembre dic"),
    ),
    "fr": (
        *("janvier janv jan", "février févr fév", "mars mar", "avril avr", "mai", "juin", "juillet juil", "août"),
        *("septembre sept", "octobre oct", "novembre nov", "décembre déc"),
    ),
}
"""By language, for each month from January its names and usual abbreviations."""
NUMBER_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
        *("ten", "eleven", "twelve"),
    ),
    "es": (
        *("cero", "un uno una", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
        *("diez", "once", "doce"),
    ),
    "fr": (
        *("zéro zero", "un une", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
        *("dix", "onze", "douze"),
    ),
}
"""By language, for each number from zero its words. "No" and "none" are none of them: nothing said is not zero."""
_OTHERWISE: Final = frozenset({"once"})
"""Eleven in Spanish, but one time in English: asked back."""


def word(typed: str) -> str:
    """A word as it is compared: case, blanks, signs that nobody sees and dots at its end do not matter."""
    return without_unseen(typed).strip().rstrip(".").rstrip().casefold()


def month_word(typed: str) -> str:
    """The same without accents, of which no two months differ."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", word(typed)) if not unicodedata.combining(sign))


def number_word(typed: str) -> str:
    """The same with accents, in one form: “tres” is three, “très” is not."""
    return unicodedata.normalize("NFKC", word(typed))


def _read(lists: Iterable[Iterable[str]], first: int, key: Callable[[str], str]) -> Mapping[str, int]:
    return MappingProxyType(
        {key(one): at for words in lists for at, names in enumerate(words, first) for one in names.split()}
    )


MONTH_BY_WORD: Final = _read(MONTH_WORDS.values(), 1, month_word)
NUMBER_BY_WORD: Final[Mapping[str, int]] = MappingProxyType(
    {one: number for one, number in _read(NUMBER_WORDS.values(), 0, number_word).items() if one not in _OTHERWISE}
)
