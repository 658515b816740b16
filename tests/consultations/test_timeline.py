"""The timeline: oldest first at the precision given, with exactly the facts of clinical.md 3.6."""

from __future__ import annotations

from typing import Any

import pytest

from intake.summary.statement import text_of
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

Lines = list[tuple[str | None, str, str]]


def lines(*answers: dict[str, Any]) -> tuple[Lines, Lines]:
    """What stands in the JSON: dated and now, and undated."""
    made = summary(*answers).as_json("7KQ4-M2XD")
    dated, undated = (
        [(event["date"], event["kind"], event["facts"]) for event in made[key]] for key in ("timeline", "undated")
    )
    return dated, undated


def facts(*answers: dict[str, Any]) -> str:
    """The facts of the only line."""
    dated, undated = lines(*answers)
    (only,) = dated + undated
    return only[2]


FACTS = [
    (
        pregnancies(
            pregnancy(
                "live-birth",
                carrier="surrogate",
                weeks=35,
                babies=2,
                conception="ivf",
                donor=["partner-egg", "donor-egg"],
                living=1,
                notes="x",
            ),
            ever="other",
        ),
        "live birth, 35 weeks, carried by a surrogate, 2 babies, with IVF or an embryo transfer, donor egg, partner's "
        "egg, 1 living, "
        "note in full answers",
    ),
    (
        pregnancies(pregnancy("live-birth", babies=1, living=0, carrier="partner")),
        "live birth, weeks not given, 0 living",
    ),
    (pregnancies(pregnancy("live-birth", living=DECLINED, babies=UNKNOWN)), "live birth, weeks not given"),
    (pregnancies(pregnancy("ectopic", weeks=1, carrier="me"), ever="both"), "ectopic pregnancy, 1 week"),
    (pregnancies(pregnancy("ectopic", carrier="declined"), ever="both"), "ectopic pregnancy, weeks not given"),
    (pregnancies(pregnancy("miscarriage", weeks_band="w01-05")), "miscarriage, about less than 6 weeks"),
    (pregnancies(pregnancy("stillbirth", weeks_band="w37-44")), "stillbirth, about 37 weeks or more"),
    (pregnancies(pregnancy("miscarriage", weeks=UNKNOWN, weeks_band="unknown")), "miscarriage, weeks not given"),
    (pregnancies(pregnancy("medical-reasons", weeks=12, notes=" ")), "ended for medical reasons, 12 weeks"),
    (
        pregnancies(pregnancy("miscarriage", weeks=8, conception="declined", loss_tests="declined", scan="unknown")),
        "miscarriage, 8 weeks",
    ),
    (
        pregnancies(pregnancy("miscarriage", weeks=8, loss_tests="yes", loss_told="unknown", scan="no-scan")),
        "miscarriage, 8 weeks, chromosome test: yes, scan: no scan",
    ),
    (
        pregnancies(pregnancy("miscarriage", weeks=8, loss_tests="yes", loss_told="no-result", scan="heartbeat")),
        "miscarriage, 8 weeks, chromosome test: no result, scan: seen, with a heartbeat",
    ),
    (
        pregnancies(pregnancy("miscarriage", weeks=8, loss_tests="no", loss_told="usual")),
        "miscarriage, 8 weeks, chromosome test: no",
    ),
    (
        pregnancies(pregnancy("miscarriage", weeks=8, conception="iui", donor=["unknown"])),
        "miscarriage, 8 weeks, with IUI",
    ),
    (pregnancies(pregnancy("ongoing")), "going on now"),
    (pregnancies(pregnancy("ongoing", weeks_band="w06-09", babies=2)), "going on now, about 6 to 9 weeks, 2 babies"),
    *(
        (
            pregnancies(
                pregnancy(outcome, weeks=9, conception="ivf", donor=["donor-egg"], notes="x", carrier="partner"),
                ever="both",
            ),
            "details in full answers",
        )
        for outcome in ("ended-by-choice", "other", "not-sure", "declined")
    ),
    (transfers(transfer("cancelled", egg="own")), "cancelled"),
    (transfers(transfer("negative")), "negative test, embryos not given"),
    (transfers(transfer("negative", embryos=UNKNOWN)), "negative test, embryos not given"),
    (
        transfers(
            transfer(
                "ongoing",
                embryos=2,
                egg="partner-egg",
                kind="frozen",
                day="other",
                pgt="tested-mosaic",
                medicines=["prp", own("“acupuncture”"), "heparin"],
            )
        ),
        "pregnant now, 2 embryos, partner's egg, frozen, another embryo age, PGT-A: tested, told mosaic, with heparin; "
        "PRP; “‘acupuncture’”",
    ),
    (
        transfers(
            transfer(
                "waiting", embryos=1, egg="unknown", kind="unknown", day="unknown", pgt="unknown", medicines=["unknown"]
            )
        ),
        "waiting for test, 1 embryo",
    ),
    (transfers(transfer("negative", embryos=1, egg="declined", medicines=["none"])), "negative test, 1 embryo"),
    (transfers(transfer("unknown", embryos=1)), "1 embryo"),
]


@pytest.mark.parametrize(("answers", "text"), FACTS)
def test_the_facts_of_a_row(answers: dict[str, Any], text: str) -> None:
    assert facts(answers) == text


def test_a_transfer_stands_where_its_date_begins_and_a_pregnancy_where_it_ends() -> None:
    dated, _ = lines(
        pregnancies(*(pregnancy("miscarriage", ended=when) for when in ("2026", "2026-01", "2026-01-14"))),
        transfers(*(transfer("negative", date=when) for when in ("2026-01-14", "2026-01", "2026"))),
    )
    assert [(when, kind[:3]) for when, kind, _ in dated] == [
        ("2026", "Emb"),
        ("2026-01", "Emb"),
        ("2026-01-14", "Emb"),
        ("2026-01-14", "Pre"),
        ("2026-01", "Pre"),
        ("2026", "Pre"),
    ]


def test_of_two_pregnancies_a_year_stands_after_its_months_and_a_month_after_its_days() -> None:
    dates = ["2021-03-02", "2021-03", "2020-12-31", "2021", "2021-02-28", "2022"]
    dated, _ = lines(pregnancies(*(pregnancy("miscarriage", ended=when) for when in dates)))
    assert [when for when, _, _ in dated] == ["2020-12-31", "2021-02-28", "2021-03-02", "2021-03", "2021", "2022"]


def test_on_equal_dates_a_transfer_stands_first_and_then_rows_as_listed() -> None:
    dated, _ = lines(
        pregnancies(pregnancy("ectopic", ended="2021"), pregnancy("molar", ended="2021")),
        transfers(transfer("negative", date="2021", embryos=1), transfer("miscarriage", date="2021", embryos=1)),
    )
    assert [text.split(",")[0] for _, _, text in dated] == [
        "negative test",
        "miscarriage",
        "ectopic pregnancy",
        "molar pregnancy",
    ]


def test_what_goes_on_now_comes_after_the_dated_and_what_has_no_date_last() -> None:
    dated, undated = lines(
        pregnancies(
            pregnancy("miscarriage"),
            pregnancy("ongoing", carrier="partner", weeks=20),
            pregnancy("ectopic", ended="2099", carrier="me"),
            ever="both",
            pregnant_now="yes",
            pregnant_weeks=9,
        ),
        transfers(transfer("negative", date=UNKNOWN, embryos=1), transfer("waiting", embryos=1)),
    )
    assert dated == [
        ("2099", "Pregnancy", "ectopic pregnancy, weeks not given"),
        ("now", "Pregnancy", "going on now, 20 weeks, carried by a partner"),
        ("now", "Pregnancy", "going on now, 9 weeks"),
    ]
    assert undated == [
        (None, "Embryo transfer", "negative test, 1 embryo"),
        (None, "Embryo transfer", "waiting for test, 1 embryo"),
        (None, "Pregnancy", "miscarriage, weeks not given"),
    ]


def test_a_pregnancy_now_with_a_row_of_its_own_stands_once() -> None:
    dated, undated = lines(pregnancies(pregnancy("ongoing", weeks=9), pregnant_now="yes", pregnant_weeks=10))
    assert (dated, undated) == ([("now", "Pregnancy", "going on now, 9 weeks")], [])


@pytest.mark.parametrize(
    "answers", [{"ever-pregnant": "declined"}, {}, IMMUNE, {"ever-pregnant": "no", "pregnant-now": "might-be"}]
)
def test_a_pregnancy_now_is_a_line_only_where_it_counts(answers: dict[str, Any]) -> None:
    assert lines({"pregnant-now": "yes"}, answers) == ([], [])


def test_weeks_not_given_are_left_out_of_a_pregnancy_now() -> None:
    assert facts({"ever-pregnant": "no", "pregnant-now": "yes", "pregnant-weeks": UNKNOWN}) == "going on now"


def test_dates_are_shown_in_words_and_stored_as_iso() -> None:
    made = summary(pregnancies(*(pregnancy("ectopic", ended=when) for when in ("2021", "2024-06", "2026-01-04"))))
    assert [(event.date, event.date_in_words) for event in made.timeline.events] == [
        ("2021", "2021"),
        ("2024-06", "Jun 2024"),
        ("2026-01-04", "4 Jan 2026"),
    ]


def test_a_line_knows_its_list_and_entry() -> None:
    made = summary(pregnancies(pregnancy("ectopic", ended="2021")), transfers(transfer("negative")))
    assert [(event.link_id, event.entry_id) for event in (*made.timeline.events, *made.timeline.undated)] == [
        ("pregnancies", "pregnancies-1"),
        ("transfers", "transfers-1"),
    ]


def test_own_words_on_the_timeline_are_the_patients_part() -> None:
    (event,) = summary(transfers(transfer("negative", medicines=[own("tea")]))).timeline.undated
    assert [part.by.value for part in event.facts] == ["ours", "patient", "ours"]
    assert text_of(event.facts).endswith("with “tea”")
