"""Counts: each letter, each "+", each key by the rules of clinical.md 3.3, with what is unknown left unknown."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from intake.consultations.nk_intake.counts import counts_of, place
from intake.consultations.nk_intake.pregnancies import BANDS, Weeks, pregnancies_of
from intake.questionnaire.model import Questionnaire
from intake.summary.model import ObstetricLine
from intake.summary.patient_answers import PatientAnswers
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

OFF_THE_PATH = {"visit-reasons": ["infection"]}
LIST, TRANSFER_LIST, INTRO = "page-pregnancies", "page-transfers", "page-pregnancies-intro"


def counts(*answers: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return dict(summary(*answers, **settings).counts)


# -- the letters -------------------------------------------------------------------------------------------------------

LETTERS = [
    # one own row, weeks setting, the line, rows not placed
    (pregnancy("live-birth", weeks=37, living=1), 20, "G1 T1 P0 A0 L1", 0),
    (pregnancy("live-birth", weeks=36, living=2, babies=2), 20, "G1 T0 P1 A0 L2", 0),
    (pregnancy("live-birth", weeks=19, living=0), 20, "G1 T0 P1 A0 L0", 0),
    (pregnancy("live-birth", weeks_band="w20-21", living=1), 22, "G1 T0 P1 A0 L1", 0),
    (pregnancy("live-birth", weeks_band="w37-44", living=1), 20, "G1 T1 P0 A0 L1", 0),
    (pregnancy("live-birth", living=1), 20, "G1 T0+ P0+ A0 L1", 1),
    (pregnancy("live-birth", weeks=40), 20, "G1 T1 P0 A0 L0+", 0),
    (pregnancy("live-birth", weeks=40, living=DECLINED), 20, "G1 T1 P0 A0 L0+", 0),
    (pregnancy("neonatal-death", weeks=24), 20, "G1 T0 P1 A0 L0", 0),
    (pregnancy("neonatal-death", weeks=18), 20, "G1 T0 P1 A0 L0", 0),
    (pregnancy("neonatal-death"), 20, "G1 T0+ P0+ A0 L0", 1),
    (pregnancy("mixed", weeks=31, born_alive=1, living=1), 20, "G1 T0 P1 A0 L1", 0),
    (pregnancy("mixed", weeks=38, born_alive=1), 20, "G1 T1 P0 A0 L0+", 0),
    (pregnancy("mixed", weeks=31, born_alive=0), 20, "G1 T0 P1 A0 L0", 0),
    (pregnancy("mixed", weeks=18, born_alive=0), 20, "G1 T0 P0 A1 L0", 0),
    (pregnancy("mixed", born_alive=0), 20, "G1 T0+ P0+ A0+ L0", 1),
    (pregnancy("mixed", weeks=31), 20, "G1 T0 P1 A0 L0+", 0),
    (pregnancy("mixed", weeks=18), 20, "G1 T0 P0+ A0+ L0+", 1),
    (pregnancy("mixed"), 20, "G1 T0+ P0+ A0+ L0+", 1),
    (pregnancy("mixed", weeks=31, born_alive=0, living=1), 20, "G1 T0 P1 A0 L1", 0),
    (pregnancy("stillbirth", weeks=37), 20, "G1 T1 P0 A0 L0", 0),
    (pregnancy("stillbirth", weeks=20), 20, "G1 T0 P1 A0 L0", 0),
    (pregnancy("stillbirth", weeks=23), 24, "G1 T0 P0 A1 L0", 0),
    (pregnancy("stillbirth", weeks_band="w24-27"), 24, "G1 T0 P1 A0 L0", 0),
    (pregnancy("stillbirth", weeks_band="w24-27"), 26, "G1 T0 P0+ A0+ L0", 1),
    (pregnancy("stillbirth", weeks_band="w22-23"), 23, "G1 T0 P0+ A0+ L0", 1),
    (pregnancy("stillbirth"), 20, "G1 T0+ P0+ A0+ L0", 1),
    (pregnancy("stillbirth", weeks=UNKNOWN, weeks_band="unknown"), 20, "G1 T0+ P0+ A0+ L0", 1),
    (pregnancy("miscarriage", weeks=19), 20, "G1 T0 P0 A1 L0", 0),
    (pregnancy("miscarriage", weeks=20), 20, "G1 T0 P1 A0 L0", 0),
    (pregnancy("miscarriage", weeks=20), 24, "G1 T0 P0 A1 L0", 0),
    (pregnancy("miscarriage", weeks=38), 20, "G1 T1 P0 A0 L0", 0),
    (pregnancy("miscarriage", weeks_band="w22-23"), 23, "G1 T0 P0 A1 L0", 0),
    (pregnancy("miscarriage", weeks_band="w28-36"), 28, "G1 T0 P1 A0 L0", 0),
    (pregnancy("miscarriage"), 20, "G1 T0 P0 A1 L0", 0),
    (pregnancy("very-early-loss"), 20, "G1 T0 P0 A1 L0", 0),
    (pregnancy("ectopic", weeks=30), 20, "G1 T0 P0 A1 L0", 0),
    (pregnancy("molar", weeks=30), 20, "G1 T0 P0 A1 L0", 0),
    (pregnancy("unknown-location", weeks=30), 20, "G1 T0 P0 A1 L0", 0),
    (pregnancy("medical-reasons", weeks=19), 20, "G1 T0 P0 A1 L0", 0),
    (pregnancy("medical-reasons", weeks=22), 20, "G1 T0 P0+ A0 L0", 1),
    (pregnancy("medical-reasons", weeks=37), 20, "G1 T0+ P0 A0 L0", 1),
    (pregnancy("medical-reasons"), 20, "G1 T0+ P0+ A0+ L0", 1),
    (pregnancy("medical-reasons", weeks_band="w22-23"), 23, "G1 T0 P0+ A0+ L0", 1),
    (pregnancy("ended-by-choice", weeks_band="w06-09"), 20, "G1 T0 P0 A1 L0", 0),
    (pregnancy("ended-by-choice"), 20, "G1 T0+ P0+ A0+ L0", 1),
    (pregnancy("ongoing", weeks=12), 20, "G1 T0 P0 A0 L0", 0),
    (pregnancy("other"), 20, "G1 T0+ P0+ A0+ L0+", 1),
    (pregnancy("not-sure", weeks=8), 20, "G1 T0 P0 A0+ L0", 1),
    (pregnancy("other", weeks=30), 20, "G1 T0 P0+ A0+ L0+", 1),
    (pregnancy("declined"), 20, "G1 T0+ P0+ A0+ L0+", 1),
]


@pytest.mark.parametrize(("row", "viability_weeks", "gtpal", "not_placed"), LETTERS)
def test_one_row_goes_to_its_letter(row: dict[str, Any], viability_weeks: int, gtpal: str, not_placed: int) -> None:
    made = counts(pregnancies(row), viability_weeks=viability_weeks)
    assert (made["gtpal"], made["not_placed"], made["viability_weeks"]) == (gtpal, not_placed, viability_weeks)


def test_no_band_crosses_a_line_or_a_gap() -> None:
    bands = list(BANDS.values())
    assert bands[0].lowest == 1 and bands[-1].highest == 44
    assert all(earlier.highest + 1 == later.lowest for earlier, later in pairwise(bands))
    assert {10, 14, 20, 22, 24, 28, 37} <= {band.lowest for band in bands}


def test_bands_are_the_options_of_the_question(questionnaire: Questionnaire) -> None:
    assert [*BANDS, "unknown"] == list(questionnaire.item("preg-weeks-band").option_by_code)


@pytest.mark.parametrize("viability_weeks", range(20, 29))
@pytest.mark.parametrize("outcome", ["miscarriage", "stillbirth", "live-birth", "medical-reasons", "mixed"])
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


NOT_SHOWN = "not shown (no pregnancy carried by the patient was reported)"
WHICH_LINE = [
    ({"ever-pregnant": "no"}, (), "G0 T0 P0 A0 L0"),
    ({"ever-pregnant": "no", "pregnant-now": "yes"}, (), "G1 T0 P0 A0 L0"),
    ({"ever-pregnant": "no", "pregnant-now": "might-be"}, (), "G0 T0 P0 A0 L0"),
    ({"ever-pregnant": "me"}, (), "not listed"),
    ({"ever-pregnant": "me", "pregnancy-count": 1}, (), "not listed (stated 1 pregnancy)"),
    (
        {"ever-pregnant": "me", "pregnancy-count": 3, "loss-count": 3},
        (LIST,),
        "not listed (stated 3 pregnancies; to be told in person)",
    ),
    ({"ever-pregnant": "both"}, (LIST,), "not listed (to be told in person)"),
    ({"ever-pregnant": "me", "pregnant-now": "yes"}, (), "G1+ T0+ P0+ A0+ L0+"),
    ({"ever-pregnant": "other"}, (), NOT_SHOWN),
    ({"ever-pregnant": "other", "pregnant-now": "yes"}, (), "G1 T0 P0 A0 L0"),
    ({"ever-pregnant": "not-sure", "pregnant-now": "yes"}, (), "not said"),
    ({"ever-pregnant": "declined"}, (INTRO,), "not said"),
    ({}, (), "not said"),
    ({}, (INTRO,), "not said (to be told in person)"),
    (OFF_THE_PATH, (), "not asked"),
    ({**OFF_THE_PATH, "ever-pregnant": "me"}, (), "not asked"),
    (IMMUNE, (), "not said"),
    ({**OFF_THE_PATH, "pregnant-now": "yes", "ever-pregnant": "no"}, (), "G1 T0 P0 A0 L0"),
]


@pytest.mark.parametrize(("answers", "in_person", "gtpal"), WHICH_LINE)
def test_which_line_is_shown(answers: dict[str, Any], in_person: tuple[str, ...], gtpal: str) -> None:
    made = counts(answers, in_person=in_person)
    letters = gtpal.startswith("G")
    assert made["gtpal"] == gtpal
    assert letters or made["para"] == gtpal
    assert ("not_placed" in made) is letters


def test_rows_without_a_carrier_alone_are_not_placed() -> None:
    made = counts(pregnancies(pregnancy("live-birth", weeks=38, living=1), ever="both"))
    assert made["gtpal"] == "not placed: 1"
    assert "losses" not in made
    going_on = counts(pregnancies(pregnancy("ongoing"), ever="both", pregnant_now="yes", pregnancy_count=1))
    assert going_on["gtpal"] == "G1+ T0+ P0+ A0+ L0+"


STATED = [
    ("me", [pregnancy("miscarriage")], "no", 3, "G1 (stated 3) T0+ P0+ A1+ L0+", 2),
    ("me", [pregnancy("miscarriage")] * 3, "no", 2, "G3 (stated 2) T0 P0 A3 L0", None),
    ("me", [pregnancy("miscarriage")], "yes", 2, "G2 T0 P0 A1 L0", None),
    ("me", [pregnancy("miscarriage")], "yes", 1, "G2 (stated 1) T0 P0 A1 L0", None),
    ("me", [pregnancy("miscarriage"), pregnancy("ongoing")], "yes", 2, "G2 T0 P0 A1 L0", None),
    ("both", [pregnancy("miscarriage", carrier="me")], "no", 3, "G1+ T0+ P0+ A1+ L0+", 2),
    ("both", [pregnancy("miscarriage", carrier="me")], "no", 1, "G1 T0 P0 A1 L0", None),
    ("both", [pregnancy("ongoing", carrier="partner")], "yes", 2, "G1 T0 P0 A0 L0", None),
    ("both", [pregnancy("miscarriage", carrier="declined")], "no", 1, "not placed: 1 (stated 1 pregnancy)", None),
    ("other", [pregnancy("miscarriage", carrier="me")], "no", 1, "G1 T0 P0 A1 L0", None),
    ("me", [pregnancy("miscarriage")], "no", UNKNOWN, "G1 T0 P0 A1 L0", None),
]


@pytest.mark.parametrize(("ever", "rows", "now", "stated", "gtpal", "unlisted"), STATED)
def test_stated_and_listed(
    ever: str, rows: list[dict[str, Any]], now: str, stated: Any, gtpal: str, unlisted: int | None
) -> None:
    made = counts(pregnancies(*rows, ever=ever, pregnancy_count=stated, pregnant_now=now))
    assert (made["gtpal"], made.get("unlisted")) == (gtpal, unlisted)


def test_a_stated_loss_that_is_not_listed_may_be_anywhere_but_among_the_living() -> None:
    row = pregnancy("live-birth", weeks=39, living=1)
    made = counts(pregnancies(row, loss_count=3))
    assert made["gtpal"] == "G1+ T1+ P0+ A0+ L1"
    assert "losses" not in made
    assert counts(pregnancies(row, loss_count=3, pregnancy_count=1))["gtpal"] == "G1 T1 P0 A0 L1"
    perhaps = pregnancy("neonatal-death", weeks=30)
    assert counts(pregnancies(row, perhaps, loss_count=1))["gtpal"] == "G2 T1 P1 A0 L1"


def test_a_list_left_to_the_visit_may_lack_anything() -> None:
    row = pregnancy("miscarriage", weeks=8)
    assert counts(pregnancies(row), in_person=(LIST,))["gtpal"] == "G1+ T0+ P0+ A1+ L0+"
    assert counts(pregnancies(row, pregnancy_count=1), in_person=(LIST,))["gtpal"] == "G1 T0 P0 A1 L0"


def test_a_transfer_may_have_led_to_a_pregnancy_that_is_not_listed() -> None:
    lost = transfers(transfer("very-early-loss", embryos=1))
    assert counts({"ever-pregnant": "no"}, lost)["gtpal"] == "G0+ T0 P0 A0+ L0"
    listed = pregnancies(pregnancy("very-early-loss", conception="ivf"))
    assert counts(listed, lost)["gtpal"] == "G1 T0 P0 A1 L0"
    elsewhere = pregnancies(pregnancy("very-early-loss", conception="no-treatment"))
    assert counts(elsewhere, lost)["gtpal"] == "G1+ T0 P0 A1+ L0"
    born = transfers(transfer("live-birth"), transfer("stillbirth"))
    assert counts({"ever-pregnant": "no"}, born)["gtpal"] == "G0+ T0+ P0+ A0+ L0+"
    to_a_partner = transfers(transfer("very-early-loss"), transfers_who="partner")
    assert counts({"ever-pregnant": "no"}, to_a_partner)["gtpal"] == "G0 T0 P0 A0 L0"
    going_on = {**transfers(transfer("ongoing")), "pregnant-now": "yes"}
    assert counts({"ever-pregnant": "no"}, going_on)["gtpal"] == "G1 T0 P0 A0 L0"


def test_who_carried_plays_no_part_where_it_is_not_asked() -> None:
    rows = [pregnancy("miscarriage", carrier="partner")]
    assert counts(pregnancies(*rows, ever="me"))["gtpal"] == "G1 T0 P0 A1 L0"


def test_twins_count_once_and_their_living_children_each() -> None:
    rows = [
        pregnancy("live-birth", weeks=38, babies=2, living=2),
        pregnancy("live-birth", weeks=35, babies=3, living=3),
    ]
    made = counts(pregnancies(*rows))
    assert (made["gtpal"], made["para"]) == ("G2 T1 P1 A0 L5", "G2 P2+0")


PARA = [
    ([pregnancy("live-birth", weeks=39, living=1), *[pregnancy("miscarriage")] * 6], {}, "G7 P1+6"),
    ([pregnancy("miscarriage")] * 2 + [pregnancy("not-sure")], {"pregnancy_count": 6}, "G3 (stated 6) P0+2 (at least)"),
    ([pregnancy("live-birth", weeks=39)], {}, "G1 P1+0"),
]


@pytest.mark.parametrize(("rows", "more", "para"), PARA)
def test_the_british_and_irish_way(rows: list[dict[str, Any]], more: dict[str, Any], para: str) -> None:
    assert counts(pregnancies(*rows, **more))["para"] == para


# -- losses ------------------------------------------------------------------------------------------------------------


def test_losses_are_counted_by_kind_in_the_order_of_the_rule() -> None:
    kinds = ["stillbirth", "unknown-location", "molar", "ectopic", "miscarriage", "very-early-loss", "miscarriage"]
    rows = [
        pregnancy("mixed", weeks=31, born_alive=0),
        *(pregnancy(kind) for kind in kinds),
        *(pregnancy(kind) for kind in ("medical-reasons", "ended-by-choice", "live-birth", "neonatal-death")),
        pregnancy("mixed", born_alive=1),
    ]
    made = counts(pregnancies(*rows))
    assert made["losses"]["total"] == 8
    assert list(made["losses"]["by_kind"].items()) == [
        ("very-early-loss", 1),
        ("miscarriage", 2),
        ("ectopic", 1),
        ("molar", 1),
        ("unknown-location", 1),
        ("stillbirth", 1),
        ("mixed", 1),
    ]
    assert (made["ended_for_medical_reasons"], made["neonatal_deaths"], made["different_endings"]) == (1, 1, 1)


def test_losses_by_weeks() -> None:
    rows = [
        pregnancy("miscarriage", weeks=9),
        pregnancy("miscarriage", weeks_band="w10-13"),
        pregnancy("very-early-loss"),
        pregnancy("miscarriage", weeks=14),
        pregnancy("stillbirth", weeks_band="w22-23"),
        pregnancy("stillbirth", weeks=24),
        pregnancy("miscarriage"),
        pregnancy("ectopic", weeks=UNKNOWN, weeks_band="unknown"),
    ]
    by_weeks = counts(pregnancies(*rows))["losses"]["by_weeks"]
    assert by_weeks == {"before-10": 2, "10-to-13": 1, "14-to-23": 2, "24-or-later": 1, "not-given": 2}


def test_losses_seen_on_a_scan_leave_out_ectopic_and_molar() -> None:
    rows = [
        pregnancy("miscarriage", scan="heartbeat"),
        pregnancy("stillbirth", scan="seen"),
        pregnancy("miscarriage", scan="not-seen"),
        pregnancy("miscarriage", scan="no-scan"),
        pregnancy("very-early-loss"),
        pregnancy("unknown-location"),
        pregnancy("very-early-loss", scan="unknown"),
        pregnancy("miscarriage", scan="declined"),
        pregnancy("miscarriage"),
        pregnancy("mixed", weeks=31, born_alive=0),
        pregnancy("ectopic", scan="seen"),
        pregnancy("molar", scan="seen"),
    ]
    assert counts(pregnancies(*rows))["losses"]["seen_on_scan"] == {"yes": 2, "no": 4, "not-said": 4}


def test_no_loss_is_counted_only_where_nothing_is_missing_or_unclear() -> None:
    born = pregnancy("live-birth", weeks=39, living=1)
    assert counts(pregnancies(born))["losses"]["total"] == 0
    assert counts({"ever-pregnant": "no"})["losses"]["total"] == 0
    for unclear in (pregnancy("declined"), pregnancy("mixed", weeks=31), pregnancy("stillbirth")):
        made = counts(pregnancies(born, unclear))
        assert ("losses" in made) is (unclear["preg-outcome"] == "stillbirth")
    assert "losses" not in counts(pregnancies(born, pregnancy_count=3))
    assert "losses" not in counts({"ever-pregnant": "me"})


def test_live_births_after_which_not_all_are_living() -> None:
    rows = [
        pregnancy("live-birth", living=0),
        pregnancy("live-birth", babies=2, living=1),
        pregnancy("live-birth", babies=2, living=2),
        pregnancy("live-birth", babies=2),
        pregnancy("live-birth", living=1),
        pregnancy("live-birth", living=0, carrier="partner"),
    ]
    made = counts(pregnancies(*({"preg-carrier": "me", **row} for row in rows), ever="both"))
    assert made["live_births_not_all_living"] == 3


CARRIED = [
    ([pregnancy("live-birth", living=1)], {"pregnancies": 1, "losses": 0, "living_children": 1}),
    ([pregnancy("live-birth")], {"pregnancies": 1, "losses": 0}),
    ([pregnancy("declined")], {"pregnancies": 1, "not_clear": 1}),
    ([pregnancy("mixed")], {"pregnancies": 1, "not_clear": 1}),
    ([pregnancy("mixed", born_alive=0)], {"pregnancies": 1, "losses": 1, "living_children": 0}),
    ([pregnancy("miscarriage"), pregnancy("other")], {"pregnancies": 2, "losses": 1, "not_clear": 1}),
    ([pregnancy("neonatal-death")], {"pregnancies": 1, "losses": 0, "living_children": 0}),
]


@pytest.mark.parametrize(("rows", "carried"), CARRIED)
def test_pregnancies_that_others_carried_or_that_nobody_is_named_for(
    rows: list[dict[str, Any]], carried: dict[str, int]
) -> None:
    by_a_partner = counts(pregnancies(*(row | {"preg-carrier": "partner"} for row in rows), ever="both"))
    assert by_a_partner["carried_by_partner_or_surrogate"] == carried
    without = counts(pregnancies(*(row | {"preg-carrier": "declined"} for row in rows), ever="both"))
    assert without["carrier_not_given"] == {key: one for key, one in carried.items() if key != "living_children"}


def test_stated_numbers_stand_where_they_were_given() -> None:
    assert counts({"ever-pregnant": "me", "pregnancy-count": 0})["stated"] == {"pregnancies": 0}
    assert "stated" not in counts({"ever-pregnant": "me", "loss-count": UNKNOWN})


# -- transfers and numbers ---------------------------------------------------------------------------------------------


def test_transfers_are_counted_with_cancelled_ones_apart() -> None:
    rows = [
        transfer("miscarriage", embryos=2, egg="own"),
        transfer("negative"),
        transfer("cancelled"),
        transfer("declined", embryos=UNKNOWN),
        transfer("negative", embryos=1, egg="donor-embryo"),
    ]
    made = counts(transfers(*rows, transfer_count=6, transfers_who="me"))["transfers"]
    assert made == {
        "stated": 6,
        "listed": 4,
        "cancelled": 1,
        "embryos": 3,
        "embryos_at_least": True,
        "results": {"negative": 2, "miscarriage": 1, "declined": 1},
        "carried_by": {"me": 4},
        "donor_egg_or_embryo": 1,
    }
    assert list(made["results"]) == ["negative", "miscarriage", "declined"]


def test_who_had_the_transfers() -> None:
    rows = [transfer("negative", carrier=who) for who in ("surrogate", "me", "declined", "me")] + [transfer("negative")]
    assert counts(transfers(*rows, transfers_who="more"))["transfers"]["carried_by"] == {
        "me": 2,
        "surrogate": 1,
        "not-given": 2,
    }
    assert counts(transfers(*rows, transfers_who="declined"))["transfers"]["carried_by"] == {"not-given": 5}


def test_donated_eggs_are_none_only_where_each_is_known() -> None:
    def donated(*eggs: str) -> Any:
        found = counts(transfers(*(transfer("negative", egg=egg) for egg in eggs)))["transfers"]
        return found.get("donor_egg_or_embryo")

    assert donated("own", "partner-egg") == 0
    assert donated("own", "unknown") is None
    assert donated("donor-egg", "declined") == 1
    assert "donor_egg_or_embryo" not in counts(transfers(transfer("cancelled")))["transfers"]


def test_transfers_are_left_out_if_there_is_neither_a_row_nor_a_number() -> None:
    assert "transfers" not in counts(IVF)
    assert "transfers" not in counts(IVF, {"transfer-count": UNKNOWN})
    assert counts(IVF, {"transfer-count": 0})["transfers"] == {"stated": 0}
    assert counts(transfers(transfer("cancelled")))["transfers"] == {
        "listed": 0,
        "cancelled": 1,
        "results": {},
        "carried_by": {},
    }
    assert "embryos" not in counts(transfers(transfer("negative")))["transfers"]


def test_numbers_stand_only_where_a_number_was_given() -> None:
    made = counts(IVF, {"egg-collections": 0, "embryos-stored": DECLINED})
    assert made["egg_collections"] == 0
    assert "embryos_stored" not in made


def test_lines_switched_off_leave_out_their_keys_only() -> None:
    rows = pregnancies(pregnancy("medical-reasons", weeks=12))
    everything = counts(rows)
    without = {key: value for key, value in everything.items() if key not in ("gtpal", "para")}
    assert counts(rows, gtpal_line=False) == without
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
    answers = PatientAnswers(questionnaire, random_response(questionnaire, seed))
    made = counts_of(answers, viability_weeks=20, age=None)
    if "not_placed" in made:
        words = made["gtpal"].split()
        letters = {part[0]: int(part[1:].rstrip("+")) for part in words if part[0] in "GTPAL"}
        split = pregnancies_of(answers)
        going_on = sum(one.outcome == "ongoing" for one in split.own) + split.now
        assert letters["G"] == letters["T"] + letters["P"] + letters["A"] + made["not_placed"] + going_on
    if losses := made.get("losses"):
        assert losses["total"] == sum(losses["by_kind"].values()) == sum(losses["by_weeks"].values())


# -- the box -----------------------------------------------------------------------------------------------------------


def box(*answers: dict[str, Any], **settings: Any) -> list[str]:
    """The lines as they are read: a figure after its label, words after a colon."""
    made = summary(*answers, **settings).box
    assert made is not None
    return [f"{line.label}{' ' if line.is_figure else ': '}{line.value}" for line in made.lines]


def test_the_box_stands_where_pregnancies_are_asked_about_only() -> None:
    assert summary(OFF_THE_PATH).box is None
    made = summary({"ever-pregnant": "declined"}, IVF, {"egg-collections": 2}, viability_weeks=24).box
    assert made is not None
    assert (made.headline, made.note, made.legend) == ("not said", None, None)
    assert box({"ever-pregnant": "declined"}, IVF, {"egg-collections": 2}) == [
        "Transfers: not said",
        "Egg collections 2",
        "Embryos stored: not said",
    ]


def test_letters_have_their_setting_and_are_spelled_out_once() -> None:
    made = summary({"ever-pregnant": "no"}, viability_weeks=24).box
    assert made is not None
    assert (made.headline, made.note) == ("G0 T0 P0 A0 L0", "weeks setting 24; from what the patient listed")
    assert made.legend == (
        "G pregnancies · T born at 37 weeks or later · P born from 24 to 36 weeks, or alive before · "
        "A ended before 24 weeks · L living children"
    )
    off = summary({"ever-pregnant": "no"}, gtpal_line=False).box
    assert off is not None
    assert (off.headline, off.note, off.legend) == (None, None, None)


def test_the_british_way_has_living_children_on_a_line_of_their_own() -> None:
    way = {"obstetric_line": ObstetricLine.PARA}
    rows = pregnancies(pregnancy("live-birth", weeks=39, living=1))
    made = summary(rows, **way).box
    assert made is not None
    assert made.headline == "G1 P1+0"
    assert made.legend == (
        "G pregnancies · P births from 20 weeks (or alive before) + pregnancies that ended before 20 weeks"
    )
    assert box(rows, **way) == ["Living children 1", "Losses 0"]
    unsaid = pregnancies(pregnancy("live-birth", weeks=39))
    assert box(unsaid, **way)[0] == "Living children at least 0"
    assert "Living children" not in " ".join(box(unsaid, gtpal_line=False, **way))


LOSSES = [
    (
        pregnancies(pregnancy("miscarriage"), pregnancy("miscarriage"), loss_count=5, pregnancy_count=5),
        (),
        "Losses 2 (stated 5)",
    ),
    (pregnancies(pregnancy("miscarriage"), loss_count=1), (), "Losses 1"),
    ({"ever-pregnant": "me", "loss-count": 3}, (LIST,), "Losses: stated 3; to be told in person"),
    ({"ever-pregnant": "me", "pregnancy-count": 3, "loss-count": 3}, (), "Losses: stated 3"),
    ({"ever-pregnant": "me"}, (), "Losses: not said"),
    ({"ever-pregnant": "me"}, (LIST,), "Losses: to be told in person"),
    ({"ever-pregnant": "no"}, (), "Losses 0"),
    ({"ever-pregnant": "both", "loss-count": 2}, (), "Losses: stated 2, whoever carried"),
    ({"ever-pregnant": "other", "loss-count": 2}, (), "Losses: stated 2, whoever carried"),
    (pregnancies(pregnancy("live-birth", weeks=38, living=1), ever="both"), (), "Losses: not said"),
    (pregnancies(pregnancy("neonatal-death", weeks=24), loss_count=1), (), "Losses: stated 1"),
]


@pytest.mark.parametrize(("answers", "in_person", "line"), LOSSES)
def test_the_line_of_losses(answers: dict[str, Any], in_person: tuple[str, ...], line: str) -> None:
    assert box(answers, in_person=in_person)[0] == line


def test_no_zero_of_losses_stands_above_a_baby_who_died() -> None:
    for row, line in (
        (pregnancy("neonatal-death", weeks=24), "Live births with death in the first weeks 1"),
        (pregnancy("live-birth", weeks=39, living=0), "Live births, not all living now 1"),
        (pregnancy("mixed", weeks=31, born_alive=1, living=1), "Twins or more with different endings 1"),
        (pregnancy("medical-reasons", weeks=12), "Ended for medical reasons 1"),
    ):
        assert box(pregnancies(row)) == [line]


def test_no_losses_are_spoken_of_where_nobody_was_asked_and_nobody_said() -> None:
    assert box({"ever-pregnant": "declined"}) == []
    assert box({"ever-pregnant": "other"}) == []


TRANSFERS = [
    (transfers(transfer("negative"), transfer_count=4), (), "Transfers 1 (stated 4)"),
    (transfers(transfer("negative"), transfer_count=1), (), "Transfers 1"),
    ({**IVF, "transfer-count": 3}, (), "Transfers: stated 3"),
    (IVF, (), "Transfers: not said"),
    ({**IVF, "transfer-count": 3}, (TRANSFER_LIST,), "Transfers: stated 3; to be told in person"),
    (transfers(transfer("negative")), (TRANSFER_LIST,), "Transfers 1 (to be told in person)"),
    (transfers(transfer("cancelled")), (), "Transfers 0"),
]


@pytest.mark.parametrize(("answers", "in_person", "line"), TRANSFERS)
def test_the_line_of_transfers(answers: dict[str, Any], in_person: tuple[str, ...], line: str) -> None:
    found = box({"ever-pregnant": "declined"}, answers, in_person=in_person)
    assert found[0] == line
    assert ("Cancelled 1" in found) is (line == "Transfers 0")


def test_the_box_says_what_was_counted() -> None:
    rows = [
        pregnancy("miscarriage", weeks=9, carrier="me"),
        pregnancy("live-birth", weeks=38, living=1, carrier="partner"),
        pregnancy("miscarriage"),
    ]
    treatment = transfers(
        transfer("negative"), transfer("miscarriage", embryos=2), transfer("cancelled"), transfer_count=4
    )
    said = (pregnancies(*rows, ever="both", pregnancy_count=5), treatment)
    assert box(*said) == [
        "Losses 1",
        "Carried by a partner or surrogate 1 pregnancy, living children 1",
        "Carrier not said 1 pregnancy, losses 1",
        "Transfers 2 (stated 4)",
        "Cancelled 1",
        "Embryos at least 2",
        "With donor egg or embryo: not said",
        "Egg collections: not said",
        "Embryos stored: not said",
    ]
    made = summary(*said).box
    assert made is not None
    assert [(part.name, part.figures) for line in made.lines for part in line.parts] == [
        ("by kind", (("miscarriage", "1"),)),
        (
            "by weeks",
            (
                ("before 10 weeks", "1"),
                ("10 to 13 weeks", "0"),
                ("14 to 23 weeks", "0"),
                ("24 weeks or later", "0"),
                ("not said", "0"),
            ),
        ),
        ("seen on a scan", (("yes", "0"), ("no", "0"), ("not said", "1"))),
        ("to", (("not said", "2"),)),
        ("results", (("negative test", "1"), ("miscarriage", "1"))),
    ]
    assert made.zeros[0][0] == "Losses by weeks"


def test_living_children_of_others_are_unsaid_where_nobody_said() -> None:
    rows = pregnancies(pregnancy("live-birth", carrier="partner"), ever="other")
    assert box(rows) == ["Carried by a partner or surrogate 1 pregnancy, living children: not said"]
