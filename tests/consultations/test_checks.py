"""Gentle checks: each is raised where clinical.md 2.5 says, and not one step before."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from intake.consultations import catalogue
from intake.consultations.nk_intake.checks import RULES
from intake.consultations.rules import open_checks
from intake.questionnaire.absence import PagesVisited
from intake.questionnaire.model import Questionnaire
from intake.summary.checks import Check
from intake.summary.model import SummarySettings
from intake.summary.statement import text_of
from tests.consultations.patients import (
    DECLINED,
    IVF,
    UNKNOWN,
    own,
    pregnancies,
    pregnancy,
    said,
    summary,
    transfer,
    transfers,
)
from tests.factories import SENT_ON


def raised(
    *answers: dict[str, Any], viability_weeks: int = 20, today: date = SENT_ON, in_person: tuple[str, ...] = ()
) -> tuple[Check, ...]:
    return open_checks(
        catalogue.shipped().active,
        said(*answers),
        settings=SummarySettings(viability_weeks=viability_weeks),
        today=today,
        way=PagesVisited(in_person=in_person),
    )


def of(rule: str, *answers: dict[str, Any], **given: Any) -> list[tuple[str, str | None]]:
    """What the patient and the clinician read of one check; of several lines for the clinician each."""
    return [
        (text_of(check.patient), text_of(line) if line is not None else None)
        for check in raised(*answers, **given)
        if check.rule == rule
        for line in (check.clinician or (None,))
    ]


LIVE = pregnancy("live-birth", weeks=39, living=1, conception="no-treatment")
LOSS = pregnancy("miscarriage", weeks=8, conception="no-treatment")
FROM_IVF = pregnancy("miscarriage", weeks=8, conception="ivf")
ADD_CHANGE_LEAVE = "You can add more, change the number, or leave it."
DO_NOT_MATCH = "Your embryo transfers and your pregnancies do not seem to match. You can change them, or leave it."
HARD = "We know some are hard to write about. You can leave it."


def c01(a: str, b: int) -> list[tuple[str, str]]:
    if not b:
        asked = f"You told us about {a} and have not listed any yet. {ADD_CHANGE_LEAVE}"
        return [(asked, f"Stated {a}. None listed.")]
    return [(f"You told us about {a} and have listed {b}. {ADD_CHANGE_LEAVE}", f"Stated {a}, listed {b}.")]


def c02(a: str, b: int) -> list[tuple[str, str]]:
    if not b:
        return [(f"You told us about {a} and have not listed any yet. {HARD}", f"Stated {a}. None listed.")]
    return [(f"You told us about {a} and have listed {b}. {HARD}", f"Stated {a}, listed {b}.")]


def c04(a: int, b: int) -> list[tuple[str, str]]:
    return [(DO_NOT_MATCH, f"Transfers that led to a pregnancy: {a}. Pregnancies listed as starting with IVF: {b}.")]


def c05a(i: int, weeks: str, setting: int) -> list[tuple[str, str]]:
    line = f"Pregnancy {i}: reported as miscarriage at {weeks}; counted by weeks (setting: {setting} weeks)."
    return [(f"You wrote {weeks}. Is that right?", line)]


def c05b(i: int, weeks: str) -> list[tuple[str, str]]:
    return [(f"You wrote {weeks}. Is that right?", f"Pregnancy {i}: live birth reported at {weeks}.")]


def c10(display: str, line: str) -> tuple[str, str]:
    return f"You chose “{display}” and something else. Which is right?", f"{line}, together with other answers."


def c11(display: str, words: str) -> tuple[str, str]:
    asked = f"You came about “{display}”. Would you like to add it here?"
    return asked, f"Wants to talk about: {words}. Not chosen in the health checklist."


def c12(words: str) -> list[tuple[str, str]]:
    return [("Would you like to add what you take?", f"Reports taking: {words}. None listed.")]


def c15(i: int, found: str) -> list[tuple[str, str]]:
    line = f"Pregnancy {i}: reported as very early loss{found}."
    return [("You chose very early loss. Is that right?", line)]


YEAR = [("Please check the year.", None)]
ON_IVF = {"ever-pregnant": "me", **IVF}
CHECKS: list[tuple[str, dict[str, Any], list[tuple[str, str | None]]]] = [
    # -- C-01: all rows and the pregnancy now
    ("C-01", pregnancies(LOSS, pregnancy_count=1), []),
    ("C-01", pregnancies(LOSS, pregnancy_count=2), c01("2 pregnancies", 1)),
    ("C-01", pregnancies(LOSS, LOSS, pregnancy_count=1), c01("1 pregnancy", 2)),
    ("C-01", pregnancies(LOSS, pregnancy_count=0), c01("0 pregnancies", 1)),
    ("C-01", pregnancies(LOSS, pregnancy_count=2, pregnant_now="yes"), []),
    ("C-01", pregnancies(LOSS, pregnancy_count=1, pregnant_now="yes"), c01("1 pregnancy", 2)),
    ("C-01", pregnancies(LOSS, pregnancy_count=2, pregnant_now="might-be"), c01("2 pregnancies", 1)),
    ("C-01", pregnancies({**LOSS, "preg-carrier": "partner"}, pregnancy_count=2, ever="both"), c01("2 pregnancies", 1)),
    ("C-01", pregnancies(LOSS, pregnancy_count=UNKNOWN), []),
    ("C-01", pregnancies(LOSS, pregnancy_count=DECLINED), []),
    ("C-01", pregnancies(LOSS), []),
    ("C-01", {"ever-pregnant": "no", "pregnancy-count": 2}, []),
    # -- C-02: between those that are a loss and those that may be
    ("C-02", pregnancies(LOSS, LIVE, loss_count=1), []),
    ("C-02", pregnancies(LOSS, LIVE, loss_count=2), c02("2 losses", 1)),
    ("C-02", pregnancies(LOSS, LOSS, loss_count=1), c02("1 loss", 2)),
    ("C-02", pregnancies(LOSS, pregnancy("ended-by-choice"), loss_count=2), []),
    ("C-02", pregnancies(LOSS, pregnancy("medical-reasons"), loss_count=3), c02("3 losses", 1)),
    ("C-02", pregnancies(*(pregnancy(end) for end in ("other", "not-sure", "declined")), loss_count=3), []),
    ("C-02", pregnancies(pregnancy("ongoing"), loss_count=1), c02("1 loss", 0)),
    ("C-02", pregnancies({**LOSS, "preg-carrier": "partner"}, loss_count=1, ever="both"), []),
    ("C-02", pregnancies(LOSS, loss_count=UNKNOWN), []),
    ("C-02", {"ever-pregnant": "me", "pregnancy-count": 3, "loss-count": 3}, []),
    ("C-02", {"ever-pregnant": "me", "loss-count": 3}, c02("3 losses", 0)),
    ("C-02", pregnancies(pregnancy("neonatal-death"), loss_count=1), []),
    ("C-02", pregnancies(pregnancy("live-birth", babies=2, living=1), loss_count=1), []),
    ("C-02", pregnancies(pregnancy("mixed"), loss_count=1), []),
    ("C-02", pregnancies(pregnancy("mixed", born_alive=0), loss_count=0), c02("0 losses", 1)),
    # -- C-03
    ("C-03", transfers(transfer("negative"), transfer("cancelled"), transfer_count=1), []),
    ("C-03", transfers(transfer("negative"), transfer("cancelled"), transfer_count=2), c01("2 embryo transfers", 1)),
    ("C-03", transfers(transfer("negative"), transfer("negative"), transfer_count=1), c01("1 embryo transfer", 2)),
    ("C-03", transfers(transfer("negative"), transfer_count=UNKNOWN), []),
    ("C-03", {**IVF, "transfer-count": 3}, c01("3 embryo transfers", 0)),
    # -- C-04
    ("C-04", {**pregnancies(FROM_IVF), **transfers(transfer("miscarriage"))}, []),
    ("C-04", {**pregnancies(LOSS), **transfers(transfer("miscarriage"))}, c04(1, 0)),
    ("C-04", {**pregnancies(FROM_IVF), **transfers(transfer("negative"))}, c04(0, 1)),
    ("C-04", {**pregnancies(FROM_IVF), **transfers(transfer("unknown"))}, []),
    ("C-04", {**pregnancies(FROM_IVF), **transfers(transfer("declined"))}, []),
    ("C-04", {**pregnancies(FROM_IVF), **transfers(transfer("waiting"))}, c04(0, 1)),
    ("C-04", {**pregnancies(pregnancy("miscarriage")), **transfers(transfer("miscarriage"))}, []),
    ("C-04", {**pregnancies(pregnancy("miscarriage", conception="unknown")), **transfers(transfer("ectopic"))}, []),
    ("C-04", {**pregnancies(pregnancy("miscarriage", conception="declined")), **transfers(transfer("other-end"))}, []),
    (
        "C-04",
        {**pregnancies(pregnancy("miscarriage", conception="iui")), **transfers(transfer("stillbirth"))},
        c04(1, 0),
    ),
    *(
        ("C-04", {"ever-pregnant": ever, **transfers(transfer("miscarriage"))}, c04(1, 0))
        for ever in ("me", "both", "other", "no")
    ),
    *(
        ("C-04", {"ever-pregnant": "no", **transfers(transfer(result))}, c04(1, 0))
        for result in ("very-early-loss", "miscarriage", "ectopic", "stillbirth", "neonatal-death", "live-birth")
    ),
    *(
        ("C-04", {"ever-pregnant": "no", **transfers(transfer(result))}, [])
        for result in ("negative", "waiting", "unknown", "declined")
    ),
    ("C-04", {"ever-pregnant": "me", "pregnant-now": "yes", **transfers(transfer("ongoing"))}, []),
    ("C-04", {"ever-pregnant": "me", "pregnant-now": "no", **transfers(transfer("ongoing"))}, c04(1, 0)),
    ("C-04", {"ever-pregnant": "me", "pregnant-now": "yes", **transfers(transfer("negative"))}, []),
    (
        "C-04",
        {**pregnancies(pregnancy("ongoing", conception="ivf"), pregnant_now="yes"), **transfers(transfer("ongoing"))},
        [],
    ),
    ("C-04", {"ever-pregnant": "not-sure", **transfers(transfer("live-birth"))}, []),
    ("C-04", {"ever-pregnant": "declined", **transfers(transfer("live-birth"))}, []),
    ("C-04", transfers(transfer("live-birth")), []),
    ("C-04", {**pregnancies(FROM_IVF), **transfers(transfer("cancelled"))}, []),
    ("C-04", {**pregnancies(FROM_IVF), **IVF}, []),
    # -- C-05a, C-05b
    ("C-05a", pregnancies(LIVE, pregnancy("miscarriage", weeks=20)), c05a(2, "20 weeks", 20)),
    ("C-05a", pregnancies(pregnancy("miscarriage", weeks=19)), []),
    ("C-05a", pregnancies(pregnancy("miscarriage", weeks_band="w20-21")), c05a(1, "about 20 or 21 weeks", 20)),
    ("C-05a", pregnancies(pregnancy("miscarriage", weeks_band="w14-19")), []),
    ("C-05a", pregnancies(pregnancy("miscarriage", weeks=UNKNOWN, weeks_band="unknown")), []),
    ("C-05a", pregnancies(pregnancy("stillbirth", weeks=30)), []),
    (
        "C-05a",
        pregnancies(pregnancy("miscarriage", weeks=30, carrier="partner"), ever="other"),
        c05a(1, "30 weeks", 20),
    ),
    ("C-05b", pregnancies(LOSS, pregnancy("live-birth", weeks=21)), c05b(2, "21 weeks")),
    ("C-05b", pregnancies(pregnancy("live-birth", weeks=22)), []),
    ("C-05b", pregnancies(pregnancy("live-birth", weeks_band="w14-19")), c05b(1, "about 14 to 19 weeks")),
    ("C-05b", pregnancies(pregnancy("live-birth", weeks_band="w20-21")), c05b(1, "about 20 or 21 weeks")),
    ("C-05b", pregnancies(pregnancy("live-birth", weeks_band="w22-23")), []),
    ("C-05b", pregnancies(pregnancy("live-birth", weeks=1)), c05b(1, "1 week")),
    ("C-05b", pregnancies(pregnancy("live-birth", weeks=UNKNOWN)), []),
    # -- C-06: the patient was born on 15 June 1990; the form is sent on 22 November 2026
    ("C-06", pregnancies(pregnancy("miscarriage", ended="2000-06-14")), YEAR),
    ("C-06", pregnancies(pregnancy("miscarriage", ended="2000-06-15")), []),
    ("C-06", pregnancies(pregnancy("miscarriage", ended="2000-05")), YEAR),
    ("C-06", pregnancies(pregnancy("miscarriage", ended="2000-06")), []),
    ("C-06", pregnancies(pregnancy("miscarriage", ended="2000")), []),
    ("C-06", pregnancies(pregnancy("miscarriage", ended="1999")), YEAR),
    ("C-06", pregnancies(pregnancy("miscarriage", ended="2026-11-22")), []),
    ("C-06", pregnancies(pregnancy("miscarriage", ended="2026-11-23")), YEAR),
    ("C-06", pregnancies(pregnancy("miscarriage", ended="2026-11")), []),
    ("C-06", pregnancies(pregnancy("miscarriage", ended="2026")), []),
    ("C-06", pregnancies(pregnancy("miscarriage", ended="2026-12")), YEAR),
    ("C-06", pregnancies(pregnancy("miscarriage", ended="2027")), YEAR),
    ("C-06", pregnancies(pregnancy("miscarriage", ended=UNKNOWN)), []),
    ("C-06", {**pregnancies(pregnancy("miscarriage", ended="1850")), "birth-date": None}, []),
    (
        "C-06",
        transfers(
            transfer("negative", date="1999"), transfer("negative", date="2000"), transfer("negative", date="2030")
        ),
        YEAR * 2,
    ),
    (
        "C-06",
        {
            "health-checklist": ["infection", "autoimmune"],
            "infections": [
                {"infection-name": "tb", "infection-since": "1989"},
                {"infection-name": "tb", "infection-since": "1990"},
            ],
            "autoimmune": [{"autoimmune-condition": "lupus", "autoimmune-since": "1990-05"}],
            "tests-had": ["nk-blood"],
            "immune-tests": [
                {"test-kind": "ana", "test-date": "1990-06-14"},
                {"test-kind": "ana", "test-date": "1990-06-15"},
            ],
        },
        YEAR * 3,
    ),
    # -- C-07
    (
        "C-07",
        pregnancies(LOSS, pregnancy("live-birth", living=2, babies=1)),
        [("Please check these two numbers.", "Pregnancy 2: 2 living children reported from 1 baby.")],
    ),
    (
        "C-07",
        pregnancies(pregnancy("mixed", living=3, born_alive=2, babies=1)),
        [
            ("Please check these two numbers.", f"Pregnancy 1: {line}.")
            for line in (
                "3 living children reported from 1 baby",
                "2 babies born alive reported from 1 baby",
                "3 living children reported from 2 babies born alive",
            )
        ],
    ),
    (
        "C-07",
        pregnancies(pregnancy("mixed", living=1, born_alive=0, babies=2)),
        [("Please check these two numbers.", "Pregnancy 1: 1 living child reported from 0 babies born alive.")],
    ),
    ("C-07", pregnancies(pregnancy("live-birth", living=2, babies=2)), []),
    ("C-07", pregnancies(pregnancy("live-birth", living=2, babies=UNKNOWN)), []),
    ("C-07", pregnancies(pregnancy("live-birth", living=2)), []),
    ("C-07", pregnancies(pregnancy("live-birth", living=DECLINED, babies=1)), []),
    # -- C-08
    (
        "C-08",
        pregnancies(pregnancy("ongoing"), pregnant_now="no"),
        [
            (
                "One pregnancy is marked as going on now. Is that right?",
                "Pregnant now: no; a listed pregnancy is marked as going on now.",
            )
        ],
    ),
    (
        "C-08",
        pregnancies(pregnancy("ongoing"), pregnancy("ongoing"), pregnant_now="not-applicable"),
        [
            (
                "One pregnancy is marked as going on now. Is that right?",
                "Pregnant now: does not apply; a listed pregnancy is marked as going on now.",
            )
        ],
    ),
    ("C-08", pregnancies(pregnancy("ongoing"), pregnant_now="yes"), []),
    ("C-08", pregnancies(pregnancy("ongoing"), pregnant_now="might-be"), []),
    ("C-08", pregnancies(pregnancy("ongoing"), pregnant_now="declined"), []),
    ("C-08", pregnancies(pregnancy("ongoing")), []),
    ("C-08", pregnancies(LOSS, pregnant_now="no"), []),
    ("C-08", pregnancies(pregnancy("ongoing", carrier="partner"), ever="both", pregnant_now="no"), []),
    # -- C-09
    *(
        (
            "C-09",
            {"pregnant-now": "yes", "ever-pregnant": ever},
            [
                (
                    "You told us that you are pregnant now. Please check if your answer here includes it.",
                    f"Pregnant now: yes; ever pregnant: {words}.",
                )
            ],
        )
        for ever, words in (("no", "no"), ("other", "no, but a partner or surrogate has been"))
    ),
    *(("C-09", {"pregnant-now": "yes", "ever-pregnant": ever}, []) for ever in ("me", "both", "not-sure", "declined")),
    ("C-09", {"pregnant-now": "yes"}, []),
    ("C-09", {"pregnant-now": "might-be", "ever-pregnant": "no"}, []),
    # -- C-10
    ("C-10", {"family-history": ["none"], "hopes": ["not-sure", "talk-tests"], "support": ["have", "written"]}, []),
    ("C-10", {"family-history": ["cancer", "none"]}, [c10("None of these", "Family: chose None of these")]),
    ("C-10", {"support": ["not-now", own("a call")]}, [c10("Not now", "Support: chose not now")]),
    ("C-10", {"support": [own("a call")]}, []),
    (
        "C-10",
        {"family-history": ["declined", "unknown"]},
        [
            c10(
                "I don't know, for example I was adopted; I'd rather not say",
                "Family: chose does not know; prefers not to say",
            )
        ],
    ),
    (
        "C-10",
        {
            "stress": "none",
            "documents": ["none", "ivf"],
            **pregnancies(
                FROM_IVF,
                {**FROM_IVF, "preg-donor": ["none", "donor-egg"]},
                {**FROM_IVF, "preg-donor": ["unknown", "donor-egg"]},
            ),
            "access-needs": ["none", "hearing"],
        },
        [
            c10("No, thank you", "Access needs: chose No, thank you"),
            c10("No", "Pregnancy 2: Donor: chose no"),
            c10("I don't know", "Pregnancy 3: Donor: chose does not know"),
            c10("None right now", "Records: chose None right now"),
        ],
    ),
    (
        "C-10",
        transfers(transfer("negative", medicines=["none", "prp"])),
        [c10("None of these", "Embryo transfer 1: Added treatment: chose None of these")],
    ),
    # -- C-11
    ("C-11", {"visit-reasons": ["autoimmune"]}, []),
    ("C-11", {"visit-reasons": ["autoimmune"], "health-checklist": ["autoimmune"]}, []),
    ("C-11", {"visit-reasons": ["autoimmune"], "health-checklist": ["cancer", "not-sure"]}, []),
    ("C-11", {"visit-reasons": ["autoimmune"], "health-checklist": ["declined"]}, []),
    ("C-11", {"visit-reasons": ["nk-results"], "health-checklist": ["none"]}, []),
    (
        "C-11",
        {"visit-reasons": ["cancer", "weak-immune", "infection", "autoimmune"], "health-checklist": ["none"]},
        [
            c11("An autoimmune condition", "An autoimmune condition"),
            c11("An infection that lasts or keeps coming back", "An infection that lasts or keeps coming back"),
            c11("A weak immune system, or getting ill often", "A weak immune system, or getting ill often"),
            c11("Cancer, now or in the past", "Cancer, now or in the past"),
        ],
    ),
    (
        "C-11",
        {"visit-reasons": ["cancer", "infection"], "health-checklist": ["cancer"]},
        [c11("An infection that lasts or keeps coming back", "An infection that lasts or keeps coming back")],
    ),
    # -- C-12
    ("C-12", {"takes-now": ["prescribed"]}, c12("medicines from a doctor")),
    (
        "C-12",
        {"takes-now": ["otc", "prescribed"]},
        c12("medicines from a doctor; medicines bought without a prescription"),
    ),
    ("C-12", {"takes-now": ["supplements"]}, c12("vitamins, herbs or other supplements")),
    ("C-12", {"takes-now": ["supplements"], "supplements": ["iron"]}, []),
    ("C-12", {"takes-now": ["supplements"], "supplements": ["none"]}, []),
    (
        "C-12",
        {"takes-now": ["supplements", "otc"], "supplements": ["iron"]},
        c12("medicines bought without a prescription"),
    ),
    (
        "C-12",
        {"takes-now": ["supplements", "prescribed"]},
        c12("medicines from a doctor; vitamins, herbs or other supplements"),
    ),
    ("C-12", {"takes-now": ["supplements", "prescribed"], "medicines": [{"med-name": "Iron"}]}, []),
    ("C-12", {"takes-now": ["none"]}, []),
    ("C-12", {"takes-now": ["declined"]}, []),
    ("C-12", {}, []),
    # -- C-13
    ("C-13", {"birth-date": "2008-11-23"}, [("The clinic may need to talk with a parent or guardian.", None)]),
    ("C-13", {"birth-date": "2008-11-22"}, []),
    ("C-13", {"birth-date": None}, []),
    # -- C-14
    (
        "C-14",
        {"contact-safe": "email-only", "email": None, "phone": "123"},
        [
            (
                "You asked us to use email only. Would you like to add an email address?",
                "Asks to be contacted by email only; no email address given.",
            )
        ],
    ),
    *(
        (
            "C-14",
            {"contact-safe": code},
            [
                (
                    "You asked us to use the phone only. Would you like to add a phone number?",
                    f"Asks to be contacted {words}; no phone number given.",
                )
            ],
        )
        for code, words in (
            ("phone-messages", "by phone only, messages fine"),
            ("phone-no-messages", "by phone only, no messages"),
        )
    ),
    ("C-14", {"contact-safe": "email-only"}, []),
    ("C-14", {"contact-safe": "phone-messages", "phone": "123"}, []),
    (
        "C-14",
        {"contact-safe": "phone-messages", "phone": " "},
        [
            (
                "You asked us to use the phone only. Would you like to add a phone number?",
                "Asks to be contacted by phone only, messages fine; no phone number given.",
            )
        ],
    ),
    ("C-14", {"contact-safe": "any"}, []),
    ("C-14", {}, []),
    # -- C-15: each part only if it raised the check
    ("C-15", pregnancies(pregnancy("very-early-loss", weeks=16)), c15(1, " at 16 weeks")),
    ("C-15", pregnancies(LOSS, pregnancy("very-early-loss", scan="seen")), c15(2, "; scan: seen, without a heartbeat")),
    (
        "C-15",
        pregnancies(pregnancy("very-early-loss", weeks_band="w10-13", scan="heartbeat")),
        c15(1, " at about 10 to 13 weeks; scan: seen, with a heartbeat"),
    ),
    ("C-15", pregnancies(pregnancy("very-early-loss", weeks=9, scan="not-seen")), []),
    ("C-15", pregnancies(pregnancy("very-early-loss")), []),
    ("C-15", pregnancies(pregnancy("miscarriage", weeks=16, scan="seen")), []),
]


@pytest.mark.parametrize(
    ("rule", "answers", "texts"), CHECKS, ids=lambda value: value if isinstance(value, str) else None
)
def test_a_check_is_raised_exactly_there(
    rule: str, answers: dict[str, Any], texts: list[tuple[str, str | None]]
) -> None:
    assert of(rule, answers) == texts


def test_every_check_is_tried_above_raised_and_not_raised() -> None:
    ids = {rule.id for rule in RULES}
    assert len(ids) == 16
    assert {rule for rule, _, texts in CHECKS if texts} == ids
    assert {rule for rule, _, texts in CHECKS if not texts} == ids


@pytest.mark.parametrize(("viability_weeks", "texts"), [(23, []), (22, c05a(1, "about 22 or 23 weeks", 22))])
def test_a_band_that_the_weeks_setting_falls_inside_raises_nothing(
    viability_weeks: int, texts: list[tuple[str, str]]
) -> None:
    assert (
        of("C-05a", pregnancies(pregnancy("miscarriage", weeks_band="w22-23")), viability_weeks=viability_weeks)
        == texts
    )


def test_the_weeks_setting_moves_c_05a() -> None:
    row = pregnancies(pregnancy("miscarriage", weeks=23))
    assert of("C-05a", row, viability_weeks=23) == c05a(1, "23 weeks", 23)
    assert of("C-05a", row, viability_weeks=24) == []


def test_a_birthday_on_29_february_is_kept_on_1_march() -> None:
    rows = pregnancies(pregnancy("miscarriage", ended="2006-02-28"), pregnancy("miscarriage", ended="2006-03-01"))
    assert [
        check.places[0].entry_id for check in raised(rows, {"birth-date": "1996-02-29"}) if check.rule == "C-06"
    ] == ["pregnancies-1"]


def test_nothing_declined_unknown_or_blank_raises_a_check(questionnaire: Questionnaire) -> None:
    declined: dict[str, Any] = {}
    for item in questionnaire.walk():
        if (
            item.is_question
            and item.link_id not in ("birth-date", "visit-reasons")
            and questionnaire.list_of(item.link_id) is None
        ):
            code = next((code for code in ("declined", "unknown", "not-sure") if code in item.option_by_code), None)
            if code:
                declined[item.link_id] = code
            elif item.unknown or item.decline:
                declined[item.link_id] = UNKNOWN if item.unknown else DECLINED
    assert len(declined) > 15
    assert raised(declined) == raised() == ()


def test_hidden_answers_raise_nothing() -> None:
    assert (
        raised(
            {"visit-reasons": ["infection"]},
            pregnancies(LOSS, pregnancy_count=9),
            transfers(transfer("miscarriage"), transfer_count=9),
        )
        == ()
    )


def test_checks_and_h_30_say_the_same_in_the_same_order() -> None:
    made = summary(
        pregnancies(
            pregnancy("miscarriage", weeks=30, ended="1850"),
            pregnancy("live-birth", weeks=10, living=2, babies=1),
            pregnancy_count=5,
            loss_count=4,
        ),
        {
            "takes-now": ["prescribed"],
            "contact-safe": "phone-messages",
            "birth-date": "2010-01-01",
            "family-history": ["none", "clots"],
        },
        transfers(transfer("miscarriage"), transfer_count=3),
    )
    lines = [text_of(one.sentence) for one in made.highlights if one.rule == "H-30"]
    assert [text_of(check.sentence) for check in made.checks] == lines
    assert [check.rule for check in made.checks] == [
        "C-01",
        "C-02",
        "C-03",
        "C-05a",
        "C-05b",
        "C-07",
        "C-10",
        "C-12",
        "C-14",
    ]


PLACES = [
    ("C-01", pregnancies(LOSS, pregnancy_count=2), "C-01 pregnancies"),
    ("C-02", pregnancies(LOSS, loss_count=2), "C-02 pregnancies"),
    ("C-03", transfers(transfer("negative"), transfer_count=2), "C-03 transfers"),
    ("C-04", {"ever-pregnant": "no", **transfers(transfer("live-birth"))}, "C-04 transfers"),
    ("C-05a", pregnancies(pregnancy("miscarriage", weeks=30)), "C-05a preg-weeks/pregnancies-1"),
    ("C-05b", pregnancies(LIVE, pregnancy("live-birth", weeks_band="w14-19")), "C-05b preg-weeks-band/pregnancies-2"),
    ("C-06", pregnancies(pregnancy("miscarriage", ended="1850")), "C-06 preg-ended/pregnancies-1"),
    (
        "C-07",
        pregnancies(pregnancy("live-birth", living=2, babies=1)),
        "C-07 preg-living/pregnancies-1 preg-babies/pregnancies-1",
    ),
    ("C-08", pregnancies(LOSS, pregnancy("ongoing"), pregnant_now="no"), "C-08 preg-outcome/pregnancies-2"),
    ("C-09", {"pregnant-now": "yes", "ever-pregnant": "no"}, "C-09 ever-pregnant"),
    ("C-10", {"family-history": ["none", "clots"]}, "C-10 none family-history"),
    ("C-10", pregnancies({**FROM_IVF, "preg-donor": ["none", "donor-egg"]}), "C-10 none preg-donor/pregnancies-1"),
    ("C-11", {"visit-reasons": ["cancer"], "health-checklist": ["none"]}, "C-11 cancer health-checklist"),
    ("C-12", {"takes-now": ["otc"]}, "C-12 medicines"),
    ("C-13", {"birth-date": "2012-01-01"}, "C-13 birth-date"),
    ("C-14", {"contact-safe": "phone-messages"}, "C-14 phone"),
]


@pytest.mark.parametrize(("rule", "answers", "key"), PLACES)
def test_a_check_names_its_place_and_keeps_its_key(rule: str, answers: dict[str, Any], key: str) -> None:
    assert [check.key for check in raised(answers) if check.rule == rule] == [key]


def test_headings_say_the_facts() -> None:
    found = (
        *raised(
            pregnancies(
                pregnancy("miscarriage", weeks=30, ended="1850-03"),
                pregnancy("live-birth", weeks=1, living=2, babies=1),
                pregnancy("ongoing"),
                pregnancy_count=2,
                loss_count=0,
                pregnant_now="not-applicable",
            ),
            transfers(transfer("live-birth"), transfer("waiting"), transfer_count=1),
            {
                "contact-safe": "phone-messages",
                "visit-reasons": ["trying", "cancer"],
                "health-checklist": ["none", "other"],
            },
            {"birth-date": "2012-01-01", "takes-now": ["prescribed"]},
        ),
        *(
            check
            for check in raised({"pregnant-now": "yes", "ever-pregnant": "no", **transfers(transfer("live-birth"))})
            if check.rule in "C-04 C-09"
        ),
    )
    assert {check.rule: check.heading for check in found} == {
        "C-01": "2 pregnancies, 3 listed",
        "C-02": "0 losses, 1 listed",
        "C-03": "1 embryo transfer, 2 listed",
        "C-04": "Your embryo transfers and your pregnancies",
        "C-05a": "Pregnancy 1: 30 weeks",
        "C-05b": "Pregnancy 2: 1 week",
        "C-06": "Pregnancy 1: Mar 1850",
        "C-07": "Pregnancy 2: 2 living children, 1 baby",
        "C-08": "Pregnant now: “This does not apply to me”",
        "C-09": "Pregnant now, and “No”",
        "C-10": "Have you ever had any of these, or been told you have?",
        "C-11": "“Cancer, now or in the past” is not ticked here",
        "C-12": "Nothing is listed yet",
        "C-13": "Under 18",
        "C-14": "No phone number yet",
    }


def test_every_check_reads_and_tells_questions_that_exist(questionnaire: Questionnaire) -> None:
    named = {link_id for rule in RULES for link_id in (*rule.link_ids, *rule.tells)}
    assert named <= set(questionnaire.by_link_id)
