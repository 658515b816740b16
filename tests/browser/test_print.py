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
            assert f"{number} / {len(paper.sheets)}" in sheet
