"""An email address that was copied is found whatever came along with it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from intake.questionnaire.unseen import pasted_email

ROUND = st.text(st.sampled_from(" \t\v\x85\u00a0.,;<>()\u200b\u200e\u202a\ufeff"), max_size=6)


@given(ROUND, ROUND)
def test_what_a_copy_brings_along_makes_no_difference(before: str, after: str) -> None:
    assert pasted_email(f"{before}Ana.Ruiz@Example.org{after}") == "ana.ruiz@example.org"


def test_another_address_stays_another() -> None:
    assert pasted_email("ana ruiz@example.org") == "ana ruiz@example.org"
    assert pasted_email("ana@example.org, ben@example.org") == "ana@example.org, ben@example.org"
