"""Whom to call now, by country (clinical.md 2.7): numbers and crisis lines, each a link, and who cares for a
pregnancy. Every page's foot has the first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from flask import g
from markupsafe import Markup, escape

from intake.web import extensions

_NUMBER: Final = re.compile(r"\[([^\]]+)\]")


@dataclass(frozen=True, slots=True)
class Country:
    """The words of one country; a telephone number stands in square brackets and becomes a link."""

    emergency: str
    crisis: str
    maternity: str


_UNIT: Final = "your maternity or early pregnancy unit"
COUNTRIES: Final[Mapping[str, Country]] = {
    "GB": Country(
        "[999] (or [112])",
        "Samaritans on [116 123], NHS [111] (mental health option), or in Northern Ireland Lifeline on [0808 808 8000]",
        _UNIT,
    ),
    "IE": Country("[112] or [999]", "Samaritans on [116 123], or text 50808", _UNIT),
    "US": Country("[911]", "[988] (call or text)", "your OB/GYN office"),
    "CA": Country(
        "[911]", "[988] (call or text); in French also [1 866 277-3553] (1 866 APPELLE)", "your maternity unit"
    ),
    "MX": Country("[911]", "Línea de la Vida on [800 911 2000]", "urgencias obstétricas"),
}
ELSEWHERE: Final = Country("the emergency number where you are", "a crisis line where you are", "your maternity unit")


def country_of(code: str | None, clinic: str | None, crisis_line: str | None = None) -> Country:
    """The patient's country once it is known, before that the clinic's; where neither is, words without a number.

    In the clinic's own country its own crisis line stands, if it has one.
    """
    code = code or clinic
    country = COUNTRIES.get(code or "", ELSEWHERE)
    return replace(country, crisis=crisis_line) if crisis_line and code == clinic else country


def remember(code: str | None) -> None:
    """Let this request's page have the numbers of the patient's country."""
    g.country_code = code


def here() -> Country:
    """The country whose numbers this request's page has."""
    settings = extensions.current().settings
    return country_of(g.get("country_code"), settings.clinic_country, settings.clinic_crisis_line)


def help_now() -> Markup:
    """The line of help that every page ends with."""
    return Markup("Need help now? Call {}. No one watches this form live.").format(with_links(here().emergency))


def with_links(words: str) -> Markup:
    """Words as markup, each number in square brackets a link that calls it."""
    parts = _NUMBER.split(words)
    return Markup("").join(escape(part) if place % 2 == 0 else _link(part) for place, part in enumerate(parts))


def _link(number: str) -> Markup:
    return Markup('<a href="tel:{}">{}</a>').format(number.replace(" ", ""), number)
