"""The hardest page that must still be one sheet: six pregnancies and six transfers, and much else answered (DESIGN.md
7)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import yaml

from tests.factories import Scenario, scenarios

_ROWS = """
pregnancies:
- {preg-outcome: live-birth, preg-ended: '2015', preg-weeks: '39', preg-conception: no-treatment, preg-living: '1', preg-babies: '1'}
- {preg-outcome: miscarriage, preg-ended: '2017', preg-weeks: '8', preg-conception: no-treatment, preg-loss-tests: 'no', preg-scan: seen}
- {preg-outcome: very-early-loss, preg-ended: '2017-03', preg-weeks: '5', preg-conception: no-treatment, preg-loss-tests: 'no'}
- {preg-outcome: ectopic, preg-ended: '2020', preg-weeks: '7', preg-conception: no-treatment}
- {preg-outcome: very-early-loss, preg-ended: '2021-03', preg-weeks: '5', preg-conception: ivf, preg-loss-tests: 'no'}
- {preg-outcome: not-sure}
transfers:
- {transfer-result: negative, transfer-date: '2019', transfer-embryos: '2', transfer-egg: own, transfer-kind: fresh, transfer-day: day-2-3}
- {transfer-result: negative, transfer-date: '2019', transfer-embryos: '1', transfer-egg: own, transfer-kind: frozen, transfer-day: day-5-6}
- {transfer-result: very-early-loss, transfer-date: '2021-02', transfer-embryos: '1', transfer-egg: own, transfer-kind: frozen,
   transfer-day: day-5-6, transfer-pgt: not-tested}
- {transfer-result: negative, transfer-date: '2023', transfer-embryos: '1', transfer-egg: donor-egg, transfer-kind: fresh,
   transfer-day: day-5-6}
- {transfer-result: negative, transfer-date: '2024', transfer-embryos: '1', transfer-egg: donor-egg, transfer-kind: frozen,
   transfer-day: day-5-6, transfer-pgt: not-tested}
- {transfer-result: miscarriage, transfer-date: '2025-09-09', transfer-embryos: '1', transfer-egg: donor-egg, transfer-kind: frozen,
   transfer-day: day-5-6, transfer-medicines: [progesterone, steroids]}
pregnancy-count: '6'
loss-count: '4'
transfer-count: '6'
own-words: We have been trying for eight years and would like someone to look at all of it together.
top-questions: What would you do differently next time?
immune-tests:
- {test-kind: nk-blood-activity, test-date: '2018', test-told: within}
- {test-kind: nk-biopsy, test-date: '2022-05', test-told: unclear, test-value: 12 %, test-place: Clinic in London}
family-history: [autoimmune]
family-detail: Aunt, rheumatoid arthritis
body-strain: [sleep]
"""


def dense() -> Scenario:
    """Open scenario 2 with six pregnancies and six transfers, more tests, and words of her own."""
    story = next(scenario for scenario in scenarios() if scenario.id == "open-2")
    more: dict[str, Any] = yaml.safe_load(_ROWS)
    return replace(story, answers=story.answers | more)
