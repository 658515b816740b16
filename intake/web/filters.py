"""How templates write times in the clinic's zone, dates, sentences of parts, and addresses of static files."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from flask import Flask, url_for
from markupsafe import Markup, escape

from intake.forms import messages
from intake.questionnaire.direction import balanced, isolated
from intake.questionnaire.values import PartialDate
from intake.summary.statement import Author, Sentence, plain_text
from intake.web.extensions import Installation
from intake.web.help_now import help_now


def day(value: date | PartialDate) -> str:
    """A date in words, as precise as it is: “2021”, “Jun 2024”, “14 Jan 2026” (clinical.md 3.6, Dates)."""
    return (value if isinstance(value, PartialDate) else PartialDate.from_date(value)).words


def local_time(moment: datetime, zone: ZoneInfo) -> str:
    """A moment on the clinic's clock: “22 Nov 2026, 08:51”."""
    there = moment.astimezone(zone)
    return f"{day(there.date())}, {there:%H:%M}"


# those of earlier stored texts too, which kept what office programs put there
_LINE_BREAK: Final = re.compile("\r\n|[\n\v\r\x85\u2028\u2029]")
_IN_TEXT, _IN_MARKUP = Markup("\n"), Markup("<br>")


def lines(text: str, line_break: Markup = _IN_MARKUP) -> Markup:
    """Typed text as it was typed: escaped, its line breaks kept, each line by itself in a direction of its own, so that
    it moves nothing round it."""
    apart = (Markup("<bdi>{}</bdi>").format(balanced(line)) if line else "" for line in _LINE_BREAK.split(text))
    return line_break.join(apart)


def sentence(parts: Sentence, line_break: Markup = _IN_TEXT) -> Markup:
    """A sentence of parts as markup: every part escaped, whoever wrote it, and what was typed stands by itself."""
    drawn = [lines(text, line_break) if by is Author.PATIENT else escape(text) for text, by in parts]
    return Markup("").join(drawn)


def verbatim(parts: Sentence) -> Markup:
    """The same with line breaks of typed text as markup."""
    return sentence(parts, _IN_MARKUP)


def init_app(app: Flask, intake: Installation) -> None:
    """Give the templates these filters, and what every page shows: the clinic, and whether this is a try-out."""
    settings = intake.settings

    @cache
    def asset(name: str) -> str:
        """The address of a static file with its fingerprint, so that a browser may keep it for good."""
        content = (Path(str(app.static_folder)) / name).read_bytes()
        return url_for("static", filename=name, v=hashlib.sha256(content).hexdigest()[:12])

    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {
        "day": day,
        "local_time": lambda moment: local_time(moment, settings.clinic_timezone),
        "local_day": lambda moment: day(moment.astimezone(settings.clinic_timezone).date()),
        "sentence": sentence,
        "lines": lines,
        "verbatim": verbatim,
        "plain": plain_text,
        "isolated": isolated,
    }
    app.jinja_env.globals |= {
        "asset": asset,
        "clinic": {"name": settings.clinic_name, "contact": settings.clinic_contact},
        "tryout": settings.tryout,
        "help_now": help_now,
        "error_title": messages.title,
    }
