"""Not answered: which labels stand where, by the exact rule of clinical.md 3.6."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from intake.consultations import catalogue
from intake.summary.not_answered import NotAnswered
from tests.consultations.patients import (
    DECLINED,
    IMMUNE,
    UNKNOWN,
    own,
    pregnancies,
    pregnancy,
    summary,
    transfer,
    transfers,
)


def not_answered(*answers: dict[str, Any], done: list[str] | None = None, in_person: Sequence[str] = ()) -> NotAnswered:
    return summary(*answers, done=done, in_person=in_person).not_answered


def labels(*answers: dict[str, Any], starting: str = "") -> dict[str, list[str]]:
    """The labels by reason, those only that start so."""
    made = not_answered(*answers)
    by_reason = {"blank": made.blank, "unknown": made.unknown, "declined": made.declined}
    return {
        reason: found
        for reason, all_ in by_reason.items()
        if (found := [one.label for one in all_ if one.label.startswith(starting)])
    }


def test_everything_left_blank_stands_in_the_questionnaires_order_without_folds_texts_and_booleans() -> None:
    assert labels(IMMUNE) == {
        "blank": [
            "Safe contact",
            "Access needs",
            "Hopes for the visit",
            "What they know of NK cells",
            "Pregnant now",
            "Ever pregnant",
            "Fertility treatment",
            "Health checklist",
            "Tests had",
            "Takes now",
            "Immune and related treatment, ever",
            "Allergies",
            "Family",
            "Stress, past month",
            "Tobacco, alcohol, drugs",
            "Support",
            "Time alone",
        ]
    }


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"pregnancy-count": UNKNOWN, "ever-pregnant": "me"}, {"unknown": ["Pregnancies (stated)"]}),
        ({"pregnancy-count": DECLINED, "ever-pregnant": "me"}, {"declined": ["Pregnancies (stated)"]}),
        ({"pregnancy-count": 0, "ever-pregnant": "me"}, {}),
        ({"ever-pregnant": "me"}, {"blank": ["Pregnancies (stated)"]}),
        ({"ever-pregnant": "no"}, {}),
    ],
)
def test_a_ticked_reason_is_told_from_a_blank(answers: dict[str, Any], reason: dict[str, list[str]]) -> None:
    assert labels(answers, starting="Pregnancies (") == reason


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        (["unknown"], {"unknown": ["Family"]}),
        (["declined"], {"declined": ["Family"]}),
        (["declined", "unknown"], {}),
        (["cancer", "unknown"], {}),
        (["none"], {}),
    ],
)
def test_an_option_is_a_reason_only_if_it_stands_alone(codes: list[str], reason: dict[str, list[str]]) -> None:
    assert labels({"family-history": codes}, starting="Family") == reason


def test_not_sure_beside_own_words_is_an_answer() -> None:
    assert labels({"hopes": ["not-sure"]}, starting="Hopes") == {"unknown": ["Hopes for the visit"]}
    assert labels({"hopes": ["not-sure", own("rest")]}, starting="Hopes") == {}


def test_a_field_in_a_fold_is_listed_only_with_a_reason() -> None:
    assert labels(starting="Physical") == {}
    assert labels({"body-strain": ["declined"]}, starting="Physical") == {"declined": ["Physical strain"]}


@pytest.mark.parametrize(
    ("weeks", "expected"),
    [
        ({}, {"blank": ["Pregnancy 1: Weeks"]}),
        ({"weeks": UNKNOWN}, {"unknown": ["Pregnancy 1: Weeks"]}),
        ({"weeks_band": "w06-09"}, {}),
        ({"weeks_band": "unknown"}, {"unknown": ["Pregnancy 1: Weeks (about)"]}),
        ({"weeks": UNKNOWN, "weeks_band": "w06-09"}, {"unknown": ["Pregnancy 1: Weeks"]}),
        (
            {"weeks": UNKNOWN, "weeks_band": "unknown"},
            {"unknown": ["Pregnancy 1: Weeks", "Pregnancy 1: Weeks (about)"]},
        ),
        ({"weeks": 8}, {}),
    ],
)
def test_weeks_and_their_band(weeks: dict[str, Any], expected: dict[str, list[str]]) -> None:
    assert labels(pregnancies(pregnancy("miscarriage", **weeks)), starting="Pregnancy 1: Weeks") == expected


def test_row_fields_stand_row_by_row_at_the_place_of_their_list() -> None:
    rows = [pregnancy("ectopic", weeks=7), pregnancy("not-sure", ended=UNKNOWN, weeks=8, conception="declined")]
    made = labels(pregnancies(*rows), starting="Preg")
    assert made == {
        "blank": [
            "Pregnant now",
            "Pregnancies (stated)",
            "Pregnancy 1: Ended",
            "Pregnancy 1: Conception",
            "Pregnancy 1: Scan",
        ],
        "unknown": ["Pregnancy 2: Outcome", "Pregnancy 2: Ended"],
        "declined": ["Pregnancy 2: Conception"],
    }


def test_of_a_declined_outcome_only_the_outcome_is_listed() -> None:
    rows = [
        pregnancy("declined", conception="unknown", ended=UNKNOWN),
        pregnancy("ongoing", weeks=3, conception="medicine"),
    ]
    assert labels(pregnancies(*rows), starting="Pregnancy ") == {"declined": ["Pregnancy 1: Outcome"]}


def test_the_result_of_a_transfer_can_be_unknown() -> None:
    made = labels(transfers(transfer("unknown", date="2021", embryos=1, egg="own")), starting="Embryo transfer")
    assert made == {"unknown": ["Embryo transfer 1: Result"]}


def test_a_shown_list_without_rows_stands_by_its_title() -> None:
    made = not_answered({"ever-pregnant": "me", "health-checklist": ["infection"]})
    empty = [(one.link_id, one.label, one.entry_id) for one in made.blank if one.label.startswith("Each")]
    assert empty == [("pregnancies", "Each pregnancy", None), ("infections", "Each infection", None)]


def test_email_and_phone_stand_for_each_other() -> None:
    assert labels({"phone": None}, starting="Phone") == labels({"email": None, "phone": "1"}, starting="Email") == {}
    assert labels({"email": None}, starting="Email") == {"blank": ["Email"]}


def test_how_to_be_called_is_never_missed() -> None:
    assert labels(starting="Call me") == {}


def test_a_row_field_names_its_entry_in_the_json() -> None:
    made = summary(pregnancies(pregnancy("ectopic", weeks=7))).as_json("7KQ4-M2XD")["not_answered"]
    assert {"linkId": "preg-ended", "label": "Pregnancy 1: Ended", "entry": "pregnancies-1"} in made["blank"]
    assert {"linkId": "pregnant-now", "label": "Pregnant now"} in made["blank"]
    assert made["in_person"] == []


# -- not reached -------------------------------------------------------------------------------------------------------

PAGES = [page.link_id for page in catalogue.shipped().active.pages]


def test_without_the_pages_done_nothing_is_called_not_reached() -> None:
    assert not_answered().not_reached == ()


def test_with_all_pages_done_nothing_is_not_reached() -> None:
    assert not_answered(done=PAGES) == not_answered()


def test_a_blank_on_a_page_neither_done_nor_answered_was_not_reached() -> None:
    done = [page for page in PAGES if page not in ("page-family", "page-life", "page-immune-medicines", "page-last")]
    made = not_answered({"allergies": "no", "private-talk": "not-sure"}, done=done)
    assert [one.link_id for one in made.not_reached] == ["family-history", "stress", "substances", "support"]
    blank = {one.link_id for one in made.blank}
    assert "immune-medicines" in blank, "the page holds an answer"
    assert "private-talk" in {one.link_id for one in made.unknown}


def test_an_empty_list_on_a_page_not_reached_was_not_reached() -> None:
    made = not_answered({"ever-pregnant": "me"}, done=[page for page in PAGES if page != "page-pregnancies"])
    assert [one.label for one in made.not_reached] == ["Each pregnancy"]


def test_blank_and_not_reached_together_are_what_was_blank() -> None:
    some = not_answered(done=PAGES[:8])
    assert {*some.blank, *some.not_reached} == set(not_answered().blank)
    assert some.not_reached and some.blank


# -- in person ---------------------------------------------------------------------------------------------------------


def test_what_a_page_told_in_person_leaves_blank_stands_apart() -> None:
    made = not_answered({"stress": "little", "substances": ["declined"]}, done=PAGES, in_person=["page-life"])
    assert [one.label for one in made.in_person] == ["Support"], "folds are left out as among the blanks"
    assert "substances" in [one.link_id for one in made.declined]
    assert {*made.in_person, *made.blank} == set(not_answered({"stress": "little", "substances": ["declined"]}).blank)


def test_in_person_is_more_than_not_reached() -> None:
    made = not_answered(done=[], in_person=["page-life"])
    assert "stress" in [one.link_id for one in made.in_person]
    assert "family-history" in [one.link_id for one in made.not_reached]


def test_a_long_text_to_be_told_is_listed_though_a_blank_one_is_not() -> None:
    asked = {"health-checklist": ["other"]}
    assert "other-health" not in [one.link_id for one in not_answered(asked, done=PAGES).blank]
    assert [one.link_id for one in not_answered(asked, done=PAGES, in_person=["page-more-health"]).in_person] == [
        "other-health"
    ]


def test_lists_told_in_person_and_blank_fields_of_their_entries() -> None:
    told = {"done": PAGES, "in_person": ["page-pregnancies"]}
    assert [one.label for one in not_answered({"ever-pregnant": "me"}, **told).in_person] == ["Each pregnancy"]
    made = not_answered(pregnancies(pregnancy("ectopic", weeks=7)), **told)
    assert [one.label for one in made.in_person] == [
        "Pregnancy 1: Ended",
        "Pregnancy 1: Conception",
        "Pregnancy 1: Scan",
    ]


def test_it_stands_in_the_json_under_its_own_key() -> None:
    written = summary({"ever-pregnant": "me"}, done=PAGES, in_person=["page-pregnancies"]).as_json("7KQ4-M2XD")[
        "not_answered"
    ]
    assert written["in_person"] == [{"linkId": "pregnancies", "label": "Each pregnancy"}]
