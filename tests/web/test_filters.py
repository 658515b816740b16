"""How templates write times, dates and sentences."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from intake.questionnaire.values import PartialDate
from intake.summary.statement import plain_text, text_of, typed
from intake.summary.statement import sentence as sentence_of
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
    assert filters.sentence(parts) == ("a &lt; b “<bdi>&lt;script&gt;alert(1)&lt;/script&gt; &amp; ‘x’</bdi>”")


def test_typed_lines_stay_lines_each_by_itself():
    assert filters.lines("one\r\n\rtwo\u2028three\n<b>") == (
        "<bdi>one</bdi><br><br><bdi>two</bdi><br><bdi>three</bdi><br><bdi>&lt;b&gt;</bdi>"
    )
    parts = sentence_of("We read: ", typed("one\ntwo"), ".")
    assert filters.sentence(parts) == "We read: <bdi>one</bdi>\n<bdi>two</bdi>."
    assert filters.verbatim(parts) == "We read: <bdi>one</bdi><br><bdi>two</bdi>."


def test_what_a_line_opens_is_closed_in_it_and_what_it_closes_is_opened():
    assert filters.lines("\u2067a\nb\u2069") == "<bdi>\u2067a\u2069</bdi><br><bdi>\u2068b\u2069</bdi>"


def test_two_typed_parts_with_a_space_of_ours_between_them_stay_two():
    parts = sentence_of("“", typed("ليفو"), " ", typed("75 micrograms"), "”")
    assert filters.sentence(parts) == "“<bdi>ليفو</bdi> <bdi>75 micrograms</bdi>”"
    assert text_of(parts) == "“ليفو 75 micrograms”"


def test_in_a_title_typed_text_stands_by_itself_without_markup():
    parts = sentence_of("Hart, ", typed("שרה"), " <", typed("Amelia"), ">")
    assert plain_text(parts) == "Hart, \u2068שרה\u2069 <Amelia>"
