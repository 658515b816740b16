"""Paper: the clinician's page is one sheet for six pregnancies and six transfers, and nothing is ever cut (DESIGN.md
7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.browser.dense import dense
from tests.browser.desk import Desk
from tests.browser.paper import SIZES, printed
from tests.factories import Scenario, scenarios

MARGIN = "What the patient reported. Not checked, not a diagnosis."
HARDEST = replace(dense(), id="six of each")


@pytest.mark.parametrize("scenario", [*scenarios(), HARDEST], ids=lambda scenario: scenario.id)
def test_the_summary_is_one_sheet_of_a4_or_letter(desk: Desk, scenario: Scenario) -> None:
    page = desk.summary_of(scenario)
    for size in SIZES:
        paper = printed(page, size)
        on_others = [sheet[:200] for sheet in paper.sheets[1:]]
        assert on_others == [], size
        assert paper.lost == []
        assert paper.cut == []
        assert paper.smallest >= 8
        assert "Mark as reviewed" not in paper.sheets[0]
        assert MARGIN in paper.sheets[0]
        assert "1 / 1" in paper.sheets[0]


def test_a_summary_too_long_for_a_sheet_goes_on_and_loses_nothing(desk: Desk) -> None:
    medicines = [
        {"med-name": f"Medicine number {number} with quite a long name", "med-dose": "2 a day"}
        for number in range(1, 31)
    ]
    rows = {name: HARDEST.answers[name] * 3 for name in ("pregnancies", "transfers", "immune-tests")}
    rows["immune-tests"][0] = rows["immune-tests"][0] | {"test-value": "w" * 120, "test-place": "W" * 120}
    long = replace(HARDEST, answers=HARDEST.answers | rows | {"medicines": medicines, "own-words": "long " * 300})
    page = desk.summary_of(long)
    for size in SIZES:
        paper = printed(page, size)
        assert len(paper.sheets) > 1
        assert paper.lost == []
        assert paper.cut == []
        for number, sheet in enumerate(paper.sheets, 1):
            assert MARGIN in sheet
            assert whose(desk) in sheet
            assert f"{number} / {len(paper.sheets)}" in sheet


def test_every_sheet_of_the_full_answers_says_whose_they_are(desk: Desk) -> None:
    page = desk.summary_of(HARDEST)
    page.goto(f"{page.url}/answers")
    for size in SIZES:
        paper = printed(page, size)
        assert len(paper.sheets) > 1
        assert [sheet for sheet in paper.sheets if whose(desk) not in sheet] == []


def whose(desk: Desk) -> str:
    """What names the patient of the page that is open, on paper."""
    [(reference,)] = desk.house.rows("SELECT reference FROM questionnaire_response WHERE id = :id", id=id_in(desk))
    return f"Siobhán Ní Bhriain, born 30 Sep 1983, reference {reference}"


def id_in(desk: Desk) -> str:
    return desk.page.url.split("/responses/")[1].split("/")[0]


def test_what_was_answered_besides_is_printed_if_it_stands_open(desk: Desk) -> None:
    page = desk.summary_of(HARDEST)
    assert "Agreement to use of answers" not in printed(page).sheets[0]
    page.click("details.also > summary")
    assert "Agreement to use of answers" in "".join(printed(page).sheets)
