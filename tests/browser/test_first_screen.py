"""The 30-second screen: who, the agenda, timeline and counts stand on the first screen, in few words, and each line is
one step from its raw answer."""

from __future__ import annotations

import pytest

from tests.browser.dense import dense
from tests.browser.desk import Desk
from tests.browser.first_screen import HEIGHT, ends_at, words
from tests.factories import Scenario, scenarios

HALF_A_MINUTE, ALARM, MOST = 119, 150, 190


def test_the_first_screen_is_read_in_half_a_minute_or_little_more(desk: Desk) -> None:
    numbers = sorted(len(words(desk.summary_of(case))) for case in scenarios())
    assert numbers[2] <= HALF_A_MINUTE
    assert numbers[4] <= ALARM
    assert numbers[-1] <= MOST
    assert numbers[0] > 20, "the words are counted"


@pytest.mark.parametrize("case", scenarios(), ids=lambda case: case.id)
def test_it_holds_who_the_agenda_timeline_and_counts(desk: Desk, case: Scenario) -> None:
    page = desk.summary_of(case)
    seen = " ".join(words(page))
    assert case.answers["full-name"] in seen
    for section in ("s-want", "s-time", "s-count"):
        assert ends_at(page, section) <= HEIGHT, section
    for text in (case.answers.get("top-questions"), case.answers.get("own-words")):
        assert not text or text in seen.replace("“", "").replace("”", "")


def test_every_line_is_one_step_from_its_raw_answer(desk: Desk) -> None:
    page = desk.summary_of(dense())
    links = page.eval_on_selector_all("a.to", "all => all.map(one => one.getAttribute('href'))")
    lines = page.eval_on_selector_all(
        ".summary .lines > div > dt, .events th[scope=row], .counts div:not(.in) > dt, .tests th[scope=row]",
        "all => all.filter(one => !one.closest('#none')).length",
    )
    assert len(links) > 40
    assert lines - len(links) <= 5, "only what was not answered leads nowhere"
    page.goto(f"{page.url}/answers")
    anchors = set(page.eval_on_selector_all("[id]", "all => all.map(one => one.id)"))
    assert {link.partition("#")[2] for link in links} <= anchors
