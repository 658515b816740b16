"""Counts: each letter, each "+", each key by the rules of clinical.md 3.3, with what is unknown left unknown."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from intake.consultations.nk_intake.counts import BANDS, Weeks, place
from intake.questionnaire.model import Questionnaire
from tests.consultations.patients import (
    DECLINED,
    IMMUNE,
    IVF,
    UNKNOWN,
    pregnancies,
    pregnancy,
    summary,
    transfer,
    transfers,
)
from tests.factories import random_response


def counts(*answers: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return dict(summary(*answers, **settings).counts)


# -- the letters -------------------------------------------------------------------------------------------------------

LETTERS = [
    # one own row, weeks setting, the line, rows not placed
    (pregnancy("live-birth", weeks=37, living=1), 20, "G1 T1 P0 A0 L1", 0),
    (pregnancy("live-birth", weeks=36, living=2, babies=2), 20, "G1 T0 P1 A0 L2", 0),
    (pregnancy("live-birth", weeks=19, living=0), 20, "G1 T0 P1 A0 L0", 0),
    (pregnancy("live-birth", weeks_band="w20-23", living=1), 22, "G1 T0 P1 A0 L1", 0),
    (pregnancy("live-birth", weeks_band="w37-44", living=1), 20, "G1 T1 P0 A0 L1", 0),
    (pregnancy("live-birth", living=1), 20, "G1 T0+ P0+ A0 L1", 1),
    (pregnancy("live-birth", weeks=40), 20, "G1 T1 P0 A0 L0+", 0),
    (pregnancy("live-birth", weeks=40, living=DECLINED), 20, "G1 T1 P0 A0 L0+", 0),
    (pregnancy("stillbirth", weeks=37), 20, "G1 T1 P0 A0 L0", 0),
    (pregnancy("stillbirth", weeks=20), 20, "G1 T0 P1 A0 L0", 0),
    (pregnancy("stillbirth", weeks=23), 24, "G1 T0 P0 A1 L0", 0),
    (pregnancy("stillbirth", weeks_band="w24-27"), 24, "G1 T0 P1 A0 L0", 0),
    (pregnancy("stillbirth", weeks_band="w24-27"), 26, "G1 T0 P0+ A0+ L0", 1),
    (pregnancy("stillbirth", weeks_band="w20-23"), 23, "G1 T0 P0+ A0+ L0", 1),
    (pregnancy("stillbirth"), 20, "G1 T0+ P0+ A0 L0", 1),
    (pregnancy("stillbirth", weeks=UNKNOWN, weeks_band="unknown"), 20, "G1 T0+ P0+ A0 L0", 1),
    (pregnancy("miscarriage", weeks=19), 20, "G1 T0 P0 A1 L0", 0),
    (pregnancy("miscarriage", weeks=20), 20, "G1 T0 P1 A0 L0", 0),
    (pregnancy("miscarriage", weeks=20), 24, "G1 T0 P0 A1 L0", 0),
    (pregnancy("miscarriage", weeks=38), 20, "G1 T1 P0 A0 L0", 0),
    (pregnancy("miscarriage", weeks_band="w20-23"), 23, "G1 T0 P0 A1 L0", 0),
    (pregnancy("miscarriage", weeks_band="w28-36"), 28, "G1 T0 P1 A0 L0", 0),
    (pregnancy("miscarriage"), 20, "G1 T0 P0 A1 L0", 0),
    (pregnancy("very-early-loss"), 20, "G1 T0 P0 A1 L0", 0),
    (pregnancy("ectopic", weeks=30), 20, "G1 T0 P0 A1 L0", 0),
    (pregnancy("molar", weeks=30), 20, "G1 T0 P0 A1 L0", 0),
    (pregnancy("unknown-location", weeks=30), 20, "G1 T0 P0 A1 L0", 0),
    (pregnancy("medical-reasons", weeks=19), 20, "G1 T0 P0 A1 L0", 0),
    (pregnancy("medical-reasons", weeks=20), 20, "G1 T0+ P0+ A0+ L0", 1),
    (pregnancy("medical-reasons"), 20, "G1 T0+ P0+ A0+ L0", 1),
    (pregnancy("medical-reasons", weeks_band="w20-23"), 22, "G1 T0+ P0+ A0+ L0", 1),
    (pregnancy("ended-by-choice", weeks_band="w06-09"), 20, "G1 T0 P0 A1 L0", 0),
    (pregnancy("ended-by-choice"), 20, "G1 T0+ P0+ A0+ L0", 1),
    (pregnancy("ongoing", weeks=12), 20, "G1 T0 P0 A0 L0", 0),
    (pregnancy("other"), 20, "G1 T0+ P0+ A0+ L0+", 1),
    (pregnancy("not-sure", weeks=8), 20, "G1 T0+ P0+ A0+ L0+", 1),
    (pregnancy("declined"), 20, "G1 T0+ P0+ A0+ L0+", 1),
]


@pytest.mark.parametrize(("row", "viability_weeks", "gtpal", "not_placed"), LETTERS)
def test_one_row_goes_to_its_letter(row: dict[str, Any], viability_weeks: int, gtpal: str, not_placed: int) -> None:
    made = counts(pregnancies(row), viability_weeks=viability_weeks)
    assert (made["gtpal"], made["not_placed"], made["viability_weeks"]) == (gtpal, not_placed, viability_weeks)


def test_no_band_crosses_14_28_or_37_weeks_or_a_gap() -> None:
    bands = list(BANDS.values())
    assert bands[0].lowest == 1 and bands[-1].highest == 44
    assert all(earlier.highest + 1 == later.lowest for earlier, later in pairwise(bands))
    assert {14, 20, 24, 28, 37} <= {band.lowest for band in bands}


def test_bands_are_the_options_of_the_question(questionnaire: Questionnaire) -> None:
    assert [*BANDS, "unknown"] == list(questionnaire.item("preg-weeks-band").option_by_code)


@pytest.mark.parametrize("viability_weeks", range(20, 29))
@pytest.mark.parametrize("outcome", ["miscarriage", "stillbirth", "live-birth", "medical-reasons"])
def test_a_band_is_placed_only_where_every_week_in_it_would_be(outcome: str, viability_weeks: int) -> None:
    for band in BANDS.values():
        singles = {
            place(outcome, Weeks(week, week), viability_weeks).letter for week in range(band.lowest, band.highest + 1)
        }
        placed = place(outcome, band, viability_weeks)
        if len(singles) == 1:
            assert placed.letter in singles
        elif outcome == "miscarriage":  # the word itself means before the setting
            assert placed.letter == "A"
        else:
            assert placed.letter is None and set(placed.perhaps) >= {letter for letter in singles if letter}


WHICH_LINE = [
    ({"ever-pregnant": "no"}, "G0 T0 P0 A0 L0"),
    ({"ever-pregnant": "no", "pregnant-now": "yes"}, "G1 T0 P0 A0 L0"),
    ({"ever-pregnant": "no", "pregnant-now": "might-be"}, "G0 T0 P0 A0 L0"),
    ({"ever-pregnant": "me"}, "G0 T0 P0 A0 L0"),
    ({"ever-pregnant": "other"}, "not shown (no pregnancy carried by the patient was reported)"),
    ({"ever-pregnant": "other", "pregnant-now": "yes"}, "G1 T0 P0 A0 L0"),
    ({"ever-pregnant": "not-sure", "pregnant-now": "yes"}, "not given"),
    ({"ever-pregnant": "declined"}, "not given"),
    ({}, "not given"),
    ({**IMMUNE}, "not asked"),
    ({**IMMUNE, "pregnant-now": "yes"}, "not asked"),
    ({**IMMUNE, "ever-pregnant": "me"}, "not asked"),
]


@pytest.mark.parametrize(("answers", "gtpal"), WHICH_LINE)
def test_which_line_is_shown(answers: dict[str, Any], gtpal: str) -> None:
    made = counts(answers)
    assert made["gtpal"] == gtpal
    letters = gtpal.startswith("G")
    assert {key in made for key in ("not_placed", "losses", "ended_for_medical_reasons")} == {letters}


def test_the_first_worked_example() -> None:
    made = counts(
        pregnancies(
            pregnancy("miscarriage", weeks=9, carrier="me"),
            pregnancy("live-birth", weeks=38, living=1, carrier="partner"),
            pregnancy("miscarriage"),
            ever="both",
        )
    )
    assert made["gtpal"] == "G1+ T0+ P0+ A1+ L0+"
    assert made["carried_by_partner_or_surrogate"] == {"pregnancies": 1, "losses": 0, "living_children": 1}
    assert made["carrier_not_given"] == {"pregnancies": 1, "losses": 1}
    assert made["losses"]["total"] == 1


STATED = [
    ("me", [pregnancy("miscarriage")], "no", 3, "G1 (stated 3) T0+ P0+ A1+ L0+", 2),
    ("me", [pregnancy("miscarriage")] * 3, "no", 2, "G3 (stated 2) T0 P0 A3 L0", None),
    ("me", [pregnancy("miscarriage")], "yes", 2, "G2 T0 P0 A1 L0", None),
    ("me", [pregnancy("miscarriage")], "yes", 1, "G2 (stated 1) T0 P0 A1 L0", None),
    ("me", [pregnancy("miscarriage"), pregnancy("ongoing")], "yes", 2, "G2 T0 P0 A1 L0", None),
    ("both", [pregnancy("miscarriage", carrier="me")], "no", 3, "G1+ T0+ P0+ A1+ L0+", 2),
    ("both", [pregnancy("miscarriage", carrier="me")], "no", 1, "G1 T0 P0 A1 L0", None),
    ("both", [pregnancy("ongoing", carrier="partner")], "yes", 2, "G1 T0 P0 A0 L0", None),
    ("both", [pregnancy("miscarriage", carrier="declined")], "no", 1, "G0+ T0+ P0+ A0+ L0+", None),
    ("other", [pregnancy("miscarriage", carrier="me")], "no", 1, "G1 T0 P0 A1 L0", None),
    ("me", [pregnancy("miscarriage")], "no", UNKNOWN, "G1 T0 P0 A1 L0", None),
]


@pytest.mark.parametrize(("ever", "rows", "now", "stated", "gtpal", "unlisted"), STATED)
def test_stated_and_listed(
    ever: str, rows: list[dict[str, Any]], now: str, stated: Any, gtpal: str, unlisted: int | None
) -> None:
    made = counts(pregnancies(*rows, ever=ever, pregnancy_count=stated, pregnant_now=now))
    assert (made["gtpal"], made.get("unlisted")) == (gtpal, unlisted)


def test_who_carried_plays_no_part_where_it_is_not_asked() -> None:
    rows = [pregnancy("miscarriage", carrier="partner")]
    assert counts(pregnancies(*rows, ever="me"))["gtpal"] == "G1 T0 P0 A1 L0"


def test_twins_count_once_and_their_living_children_each() -> None:
    rows = [
        pregnancy("live-birth", weeks=38, babies=2, living=2),
        pregnancy("live-birth", weeks=35, babies=3, living=3),
    ]
    assert counts(pregnancies(*rows))["gtpal"] == "G2 T1 P1 A0 L5"


# -- losses ------------------------------------------------------------------------------------------------------------


def test_losses_are_counted_by_kind_in_the_order_of_the_rule() -> None:
    kinds = ["stillbirth", "unknown-location", "molar", "ectopic", "miscarriage", "very-early-loss", "miscarriage"]
    rows = [
        *(pregnancy(kind) for kind in kinds),
        pregnancy("medical-reasons"),
        pregnancy("ended-by-choice"),
        pregnancy("live-birth"),
    ]
    made = counts(pregnancies(*rows))
    assert made["losses"]["total"] == 7
    assert list(made["losses"]["by_kind"].items()) == [
        ("very-early-loss", 1),
        ("miscarriage", 2),
        ("ectopic", 1),
        ("molar", 1),
        ("unknown-location", 1),
        ("stillbirth", 1),
    ]
    assert made["ended_for_medical_reasons"] == 1


def test_losses_by_weeks() -> None:
    rows = [
        pregnancy("miscarriage", weeks=13),
        pregnancy("miscarriage", weeks_band="w10-13"),
        pregnancy("very-early-loss"),
        pregnancy("miscarriage", weeks=14),
        pregnancy("stillbirth", weeks_band="w24-27"),
        pregnancy("stillbirth", weeks=28),
        pregnancy("miscarriage"),
        pregnancy("ectopic", weeks=UNKNOWN, weeks_band="unknown"),
    ]
    by_weeks = counts(pregnancies(*rows))["losses"]["by_weeks"]
    assert by_weeks == {"before_14": 3, "14_to_27": 2, "28_or_later": 1, "weeks_not_given": 2}


# -- transfers and numbers ---------------------------------------------------------------------------------------------


def test_transfers_are_counted_with_cancelled_ones_apart() -> None:
    rows = [
        transfer("miscarriage", embryos=2),
        transfer("negative"),
        transfer("cancelled"),
        transfer("declined", embryos=UNKNOWN),
        transfer("negative", embryos=1),
    ]
    made = counts(transfers(*rows, transfer_count=6))["transfers"]
    assert made == {
        "listed": 4,
        "stated": 6,
        "cancelled": 1,
        "embryos": 3,
        "embryos_at_least": True,
        "results": {"negative": 2, "miscarriage": 1, "declined": 1},
    }
    assert list(made["results"]) == ["negative", "miscarriage", "declined"]


def test_transfers_are_left_out_if_there_is_neither_a_row_nor_a_number() -> None:
    assert "transfers" not in counts(IVF)
    assert "transfers" not in counts(IVF, {"transfer-count": UNKNOWN})
    assert counts(IVF, {"transfer-count": 0})["transfers"]["stated"] == 0
    assert counts(transfers(transfer("cancelled")))["transfers"] == {
        "listed": 0,
        "stated": None,
        "cancelled": 1,
        "embryos": 0,
        "embryos_at_least": False,
        "results": {},
    }


def test_numbers_stand_only_where_a_number_was_given() -> None:
    made = counts(IVF, {"egg-collections": 0, "embryos-stored": DECLINED})
    assert made["egg_collections"] == 0
    assert "embryos_stored" not in made


def test_lines_switched_off_leave_out_their_keys_only() -> None:
    rows = pregnancies(pregnancy("medical-reasons", weeks=12))
    everything = counts(rows)
    assert counts(rows, gtpal_line=False) == {key: value for key, value in everything.items() if key != "gtpal"}
    assert counts(rows, medical_reasons=False) == {
        key: value for key, value in everything.items() if key != "ended_for_medical_reasons"
    }


@pytest.mark.parametrize(("birth", "age"), [("1990-11-22", 36), ("1990-11-23", 35), ("2008-02-29", 18)])
def test_age_is_in_whole_years(birth: str, age: int) -> None:
    assert counts({"birth-date": birth})["age"] == age


@pytest.mark.parametrize("seed", range(60))
def test_every_own_pregnancy_is_in_one_letter_or_not_placed_or_going_on(
    questionnaire: Questionnaire, seed: int
) -> None:
    from intake.consultations.nk_intake.counts import counts_of, pregnancies_of
    from intake.summary.patient_answers import PatientAnswers

    answers = PatientAnswers(questionnaire, random_response(questionnaire, seed))
    made = counts_of(answers, viability_weeks=20, age=None)
    if losses := made.get("losses"):
        letters = {part[0]: int(part[1:].rstrip("+")) for part in made["gtpal"].split() if part[0] in "GTPAL"}
        split = pregnancies_of(answers)
        going_on = sum(answers.code("preg-outcome", row) == "ongoing" for row in split.own) + split.now
        assert letters["G"] == letters["T"] + letters["P"] + letters["A"] + made["not_placed"] + going_on
        assert losses["total"] == sum(losses["by_kind"].values()) == sum(losses["by_weeks"].values())


# -- the box -----------------------------------------------------------------------------------------------------------


def box(*answers: dict[str, Any], **settings: Any) -> list[tuple[str, str, int]]:
    made = summary(*answers, **settings).box
    assert made is not None
    return [(line.label, line.value, line.indent) for line in made.lines]


def test_the_box_stands_on_the_fertility_path_only() -> None:
    assert summary(IMMUNE).box is None
    made = summary({"ever-pregnant": "declined"}, IVF, {"egg-collections": 2}, viability_weeks=24).box
    assert made is not None
    assert (made.headline, made.note) == ("not given", "weeks setting 24; from what the patient listed")
    assert [(line.label, line.value) for line in made.lines] == [("Egg collections", "2")]


def test_the_box_says_what_was_counted() -> None:
    rows = [
        pregnancy("miscarriage", weeks=9, carrier="me"),
        pregnancy("live-birth", weeks=38, living=1, carrier="partner"),
        pregnancy("miscarriage"),
    ]
    treatment = transfers(
        transfer("negative"), transfer("miscarriage", embryos=2), transfer("cancelled"), transfer_count=4
    )
    assert box(pregnancies(*rows, ever="both", pregnancy_count=5), treatment) == [
        ("Not placed", "0", 0),
        ("Stated but not listed", "2", 0),
        ("Losses", "1", 0),
        ("miscarriage", "1", 1),
        ("before 14 weeks", "1", 1),
        ("14 to 27 weeks", "0", 1),
        ("28 weeks or later", "0", 1),
        ("weeks not given", "0", 1),
        ("Ended for medical reasons", "0", 0),
        ("Carried by a partner or surrogate", "1", 0),
        ("losses", "0", 1),
        ("living children", "1", 1),
        ("Without saying who carried", "1", 0),
        ("losses", "1", 1),
        ("Embryo transfers", "2 (stated 4)", 0),
        ("cancelled", "1", 1),
        ("Embryos", "at least 2", 0),
    ]


def test_the_box_says_if_no_number_of_embryos_was_given() -> None:
    assert ("Embryos", "not given", 0) in box(transfers(transfer("negative")))


def test_the_box_leaves_out_what_the_clinic_switched_off() -> None:
    rows = pregnancies(pregnancy("medical-reasons"))
    assert "Ended for medical reasons" not in [line[0] for line in box(rows, medical_reasons=False)]
    made = summary(rows, gtpal_line=False).box
    assert made is not None and made.headline is None
