"""How templates write times, dates and sentences."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from intake.questionnaire.values import PartialDate
from intake.summary.statement import sentence as sentence_of
from intake.summary.statement import typed
from intake.web import filters


def test_a_moment_is_told_by_the_clinics_clock():
    moment = datetime(2026, 7, 1, 23, 5, tzinfo=UTC)
    assert filters.local_time(moment, ZoneInfo("Europe/Dublin")) == "2 Jul 2026, 00:05"
    assert filters.local_time(moment, ZoneInfo("America/New_York")) == "1 Jul 2026, 19:05"


@pytest.mark.parametrize(
    ("value", "words"),
    [(PartialDate(2021), "2021"), (PartialDate(2024, 6), "Jun 2024"), (date(2026, 1, 4), "4 Jan 2026")],
)
def test_a_date_is_as_precise_as_it_is(value: date | PartialDate, words: str):
    assert filters.day(value) == words


def test_every_part_of_a_sentence_is_escaped_whoever_wrote_it():
    parts = sentence_of("a < b “", typed("<script>alert(1)</script> & ‘x’"), "”")
    assert filters.sentence(parts) == "a &lt; b “&lt;script&gt;alert(1)&lt;/script&gt; &amp; ‘x’”"


def test_typed_lines_stay_lines():
    assert filters.lines("one\r\ntwo\rthree\n<b>") == "one<br>two<br>three<br>&lt;b&gt;"
