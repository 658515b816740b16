"""Highlights: each rule's sentences, exactly as clinical.md 3.6 writes them, and nothing where a rule's "if" does not
hold."""

from __future__ import annotations

from typing import Any

import pytest

from intake.consultations.nk_intake.highlights import GROUPS, RULES
from intake.questionnaire.model import Questionnaire
from intake.summary.statement import text_of
from tests.consultations.patients import (
    DECLINED,
    IMMUNE,
    IVF,
    PREGNANT_BEFORE,
    UNKNOWN,
    highlights,
    own,
    pregnancies,
    pregnancy,
    summary,
    transfer,
    transfers,
)

HELPER = {"respondent": "other", "respondent-name": "Daniel  “Dan” Osei ", "respondent-relationship": "partner"}
TOGETHER = {**HELPER, "respondent": "together"}
LOSS = {**PREGNANT_BEFORE, "loss-count": 1}
ALLERGIC = {"allergies": "yes"}
NK = {"visit-reasons": ["nk-therapy"]}
CHECKLIST = "health-checklist"
AUTOIMMUNE = {CHECKLIST: ["autoimmune"]}
INFECTION = {CHECKLIST: ["infection"]}
LONG = "x" * 399 + " " + "y" * 20


def autoimmune(*rows: dict[str, Any]) -> dict[str, Any]:
    return {**AUTOIMMUNE, "autoimmune": [{f"autoimmune-{name}": value for name, value in row.items()} for row in rows]}


def infections(*rows: dict[str, Any]) -> dict[str, Any]:
    return {**INFECTION, "infections": [{f"infection-{name}": value for name, value in row.items()} for row in rows]}


def immune_tests(*rows: dict[str, Any]) -> dict[str, Any]:
    return {
        "tests-had": ["nk-blood"],
        "immune-tests": [{f"test-{name}": value for name, value in row.items()} for row in rows],
    }


def medicines(*rows: dict[str, Any], takes: str = "prescribed", **more: Any) -> dict[str, Any]:
    return {
        "takes-now": [takes],
        "medicines": [{f"med-{name}": value for name, value in row.items()} for row in rows],
        **more,
    }


SENTENCES: list[tuple[str, dict[str, Any], list[str]]] = [
    # -- H-01
    ("H-01", {}, []),
    (
        "H-01",
        {**HELPER, "respondent-permission": "agrees"},
        ["Form filled in by Daniel ‘Dan’ Osei (partner), not by the patient."],
    ),
    (
        "H-01",
        {**HELPER, "respondent-permission": "not-yet"},
        ["Form filled in by Daniel ‘Dan’ Osei (partner), not by the patient. Patient's agreement not yet confirmed."],
    ),
    (
        "H-01",
        {**HELPER, "respondent-relationship": "parent", "respondent-permission": "legal"},
        [
            "Form filled in by Daniel ‘Dan’ Osei (parent or guardian), not by the patient. States a legal right to act "
            "for the patient."
        ],
    ),
    (
        "H-01",
        {**TOGETHER, "respondent-relationship": own("his godmother")},
        ["Form filled in together with Daniel ‘Dan’ Osei (“his godmother”)."],
    ),
    # -- H-02, H-03
    ("H-02", {}, []),
    ("H-02", {"contact-safe": "any"}, []),
    ("H-02", {"contact-safe": "email-only"}, ["Asks to be contacted by email only."]),
    ("H-02", {"contact-safe": "phone-messages"}, ["Asks to be contacted by phone only, messages fine."]),
    ("H-02", {"contact-safe": "phone-no-messages"}, ["Asks to be contacted by phone only, no messages."]),
    ("H-03", {"private-talk": "yes"}, ["Asks for time alone with the clinician."]),
    ("H-03", {"private-talk": "no"}, []),
    ("H-03", {"private-talk": "not-sure"}, ["Is not sure about time alone with the clinician."]),
    # -- H-04
    ("H-04", {"access-needs": ["none"]}, []),
    ("H-04", {"access-needs": ["more-time", "interpreter"]}, ["Asks for: interpreter; extra time."]),
    (
        "H-04",
        {"access-needs": ["interpreter"], "language": " Irish\u00a0 Sign "},
        ["Asks for: interpreter. Language for the visit: “Irish Sign”."],
    ),
    ("H-04", {"access-needs": ["step-free"], "language": "Irish"}, ["Asks for: step-free access."]),
    ("H-04", {"access-needs": [own("A “dark” room"), "hearing"]}, ["Asks for: help with hearing; “A ‘dark’ room”."]),
    ("H-04", {"access-needs": ["none", own("a chair")]}, ["Asks for: “a chair”."]),
    # -- H-05
    ("H-05", {**LOSS, "loss-words": "no-preference"}, []),
    ("H-05", {**LOSS, "loss-words": "miscarriage"}, ["Prefers the words: “miscarriage”."]),
    ("H-05", {**LOSS, "loss-words": own("our “Bean”")}, ["Prefers the words: “our ‘Bean’”."]),
    ("H-05", {**PREGNANT_BEFORE, "loss-count": 0, "loss-words": "baby"}, []),
    # -- H-06
    ("H-06", {"pregnant-now": "no"}, []),
    ("H-06", {"pregnant-now": "declined"}, []),
    ("H-06", {"pregnant-now": "yes", "pregnant-weeks": 1}, ["Reports being pregnant now (1 week)."]),
    ("H-06", {"pregnant-now": "yes", "pregnant-weeks": UNKNOWN}, ["Reports being pregnant now (weeks not given)."]),
    (
        "H-06",
        {"pregnant-now": "yes", "pregnant-weeks": 12, "pregnant-care": "not-yet"},
        ["Reports being pregnant now (12 weeks). Pregnancy care: not yet."],
    ),
    ("H-06", {"pregnant-now": "might-be", "pregnant-care": "yes"}, ["Reports that they might be pregnant now."]),
    (
        "H-06",
        {"pregnant-now": "might-be", "pregnant-care": "not-yet"},
        ["Reports that they might be pregnant now. Pregnancy care: not yet."],
    ),
    # -- H-07
    ("H-07", {}, ["Allergies: not answered."]),
    ("H-07", {"allergies": "no"}, ["Reports no allergies."]),
    ("H-07", {"allergies": "not-sure"}, ["Not sure about allergies."]),
    ("H-07", {"allergies": "declined"}, ["Prefers not to say about allergies."]),
    ("H-07", {**ALLERGIC}, ["Reports allergies: no details given."]),
    ("H-07", {**ALLERGIC, "allergies-detail": " \n\t "}, ["Reports allergies: no details given."]),
    ("H-07", {**ALLERGIC, "allergies-detail": " Nuts,\r\n\r\nlatex "}, ["Reports allergies: “Nuts, latex”."]),
    ("H-07", {**ALLERGIC, "allergies-detail": LONG + "z" * 60}, [f"Reports allergies: “{LONG}{'z' * 60}”."]),
    ("H-07", {"allergies": "no", "allergies-detail": "Nuts"}, ["Reports no allergies."]),
    # -- H-08, H-09
    ("H-08", pregnancies(pregnancy("live-birth"), pregnancy("medical-reasons")), []),
    ("H-08", pregnancies(pregnancy("molar")), ["Reports 1 pregnancy loss: 1 molar pregnancy."]),
    (
        "H-08",
        pregnancies(
            *(
                pregnancy(kind)
                for kind in ("stillbirth", "unknown-location", "stillbirth", "ectopic", "unknown-location")
            )
        ),
        ["Reports 5 pregnancy losses: 1 ectopic pregnancy, 2 pregnancies of unknown location, 2 stillbirths."],
    ),
    ("H-08", pregnancies(pregnancy("miscarriage", carrier="partner"), ever="other"), []),
    ("H-09", pregnancies(pregnancy("medical-reasons")), ["Reports 1 pregnancy ended for medical reasons."]),
    ("H-09", pregnancies(*[pregnancy("medical-reasons")] * 2), ["Reports 2 pregnancies ended for medical reasons."]),
    ("H-09", pregnancies(pregnancy("ended-by-choice")), []),
    # -- H-10
    ("H-10", pregnancies(pregnancy("miscarriage", carrier="me"), ever="both"), []),
    (
        "H-10",
        pregnancies(
            pregnancy("miscarriage", weeks=9, carrier="me"),
            pregnancy("live-birth", carrier="partner"),
            pregnancy("miscarriage"),
            ever="both",
        ),
        [
            "Reports 1 pregnancy carried by a partner or surrogate.",
            "Reports 1 pregnancy without saying who carried (1 ended in a loss).",
        ],
    ),
    (
        "H-10",
        pregnancies(
            pregnancy("stillbirth", carrier="surrogate"), pregnancy("medical-reasons", carrier="partner"), ever="other"
        ),
        ["Reports 2 pregnancies carried by a partner or surrogate (1 ended in a loss)."],
    ),
    (
        "H-10",
        pregnancies(pregnancy("ongoing", carrier="declined"), pregnancy("ectopic"), ever="other"),
        ["Reports 2 pregnancies without saying who carried (1 ended in a loss)."],
    ),
    (
        "H-10",
        pregnancies(pregnancy("declined", carrier="partner"), ever="other"),
        ["Reports 1 pregnancy carried by a partner or surrogate (1 not clear)."],
    ),
    # -- H-31
    ("H-31", {"ever-pregnant": "me"}, []),
    # -- H-32 to H-34
    ("H-32", pregnancies(pregnancy("live-birth")), []),
    (
        "H-32",
        pregnancies(pregnancy("neonatal-death"), pregnancy("neonatal-death")),
        ["Reports 2 live births with death in the first weeks."],
    ),
    ("H-33", pregnancies(pregnancy("live-birth", babies=2, living=2), pregnancy("live-birth")), []),
    (
        "H-33",
        pregnancies(
            pregnancy("live-birth", babies=3, living=1),
            pregnancy("live-birth", babies=2, living=0),
            pregnancy("live-birth", babies=1, living=0),
            pregnancy("live-birth", living=0),
        ),
        [
            "Reports a birth of 3 babies, 1 living now.",
            "Reports a birth of 2 babies, none living now.",
            "Reports 1 live birth; the child is not living now.",
            "Reports 1 live birth; no child from it is living now.",
        ],
    ),
    ("H-34", pregnancies(pregnancy("mixed", weeks=31, born_alive=0)), []),
    (
        "H-34",
        pregnancies(pregnancy("mixed", born_alive=1)),
        ["Reports 1 pregnancy of twins or more with different endings."],
    ),
    # -- H-08 by what was stated
    ("H-08", {"ever-pregnant": "me", "loss-count": 3}, ["States 3 pregnancy losses. None listed."]),
    (
        "H-08",
        pregnancies(pregnancy("miscarriage"), pregnancy("miscarriage"), loss_count=5),
        ["Lists 2 pregnancy losses: 2 miscarriages. States 5 in all."],
    ),
    ("H-08", pregnancies(pregnancy("neonatal-death"), loss_count=1), ["States 1 pregnancy loss."]),
    (
        "H-08",
        pregnancies(pregnancy("mixed", weeks=31, born_alive=0)),
        ["Reports 1 pregnancy loss: 1 pregnancy of twins or more with none born alive."],
    ),
    (
        "H-08",
        pregnancies(pregnancy("miscarriage", carrier="partner"), ever="both", loss_count=2),
        ["States 2 pregnancy losses, whoever carried."],
    ),
    # -- H-12 by who had them
    (
        "H-12",
        transfers(
            transfer("negative", embryos=1, carrier="partner"),
            transfer("miscarriage", carrier="me", embryos=1),
            transfer("negative", embryos=2),
            transfer("negative", embryos=2),
            transfers_who="more",
        ),
        [
            "Reports 1 embryo transfer, 1 embryo in all: 1 miscarriage.",
            "Reports 1 embryo transfer to a partner, 1 embryo in all: 1 negative test.",
            "Reports 2 embryo transfers without saying who had them, 4 embryos in all: 2 negative tests.",
        ],
    ),
    # -- H-11
    ("H-11", {"ever-pregnant": "no"}, ["Reports no pregnancies so far."]),
    ("H-11", {"ever-pregnant": "no", "pregnant-now": "might-be"}, ["Reports no pregnancies so far."]),
    ("H-11", {"ever-pregnant": "no", "pregnant-now": "yes"}, []),
    ("H-11", {"ever-pregnant": "other"}, []),
    # -- H-12
    ("H-12", transfers(transfer("cancelled")), []),
    (
        "H-12",
        transfers(transfer("negative", embryos=1), transfers_who="me"),
        ["Reports 1 embryo transfer, 1 embryo in all: 1 negative test."],
    ),
    (
        "H-12",
        transfers(transfer("negative"), transfer("miscarriage", embryos=2), transfers_who="me"),
        ["Reports 2 embryo transfers, at least 2 embryos in all: 1 negative test, 1 miscarriage."],
    ),
    (
        "H-12",
        transfers(
            transfer("negative"), transfer("negative", embryos=UNKNOWN), transfer("cancelled"), transfers_who="me"
        ),
        ["Reports 2 embryo transfers, number of embryos not given: 2 negative tests."],
    ),
    (
        "H-12",
        transfers(
            *(
                transfer(result, embryos=1)
                for result in ("declined", "unknown", "waiting", "ongoing", "other-end", "live-birth") * 2
            ),
            transfers_who="me",
        ),
        [
            "Reports 12 embryo transfers, 12 embryos in all: 2 live births, 2 ended in another way, 2 pregnant now, "
            "2 waiting for test, 2 result not known, 2 result not said."
        ],
    ),
    # -- H-13
    (
        "H-13",
        {
            **pregnancies(pregnancy("miscarriage", conception="iui", donor=["donor-sperm", "partner-egg"])),
            **transfers(
                transfer("negative", egg="donor-embryo"),
                transfer("negative", egg="donor-egg"),
                transfer("negative", egg="donor-egg"),
            ),
        },
        ["Reports use of: donor egg; donor sperm; donor embryo."],
    ),
    ("H-13", pregnancies(pregnancy("miscarriage", conception="ivf", donor=["none"])), []),
    ("H-13", pregnancies(pregnancy("miscarriage", conception="no-treatment", donor=["donor-egg"])), []),
    ("H-13", transfers(transfer("cancelled", egg="donor-egg")), []),
    # -- H-14
    ("H-14", {"told-findings": ["fibroids"], "trying-time": "1-2y"}, []),
    ("H-14", {"told-findings": ["no-cause"]}, ["Reports being told that tests were done and no cause was found."]),
    (
        "H-14",
        {"told-findings": ["no-cause", "tubes"], "trying-time": "1-2y"},
        ["Reports being told that tests were done and no cause was found; trying for: 1 year, but less than 3 years."],
    ),
    (
        "H-14",
        {"told-findings": ["no-cause"], "trying-time": "not-trying"},
        ["Reports being told that tests were done and no cause was found; not trying now."],
    ),
    (
        "H-14",
        {"told-findings": ["no-cause"], "trying-time": "declined"},
        ["Reports being told that tests were done and no cause was found."],
    ),
    # -- H-15
    ("H-15", AUTOIMMUNE, []),
    (
        "H-15",
        autoimmune(
            {"condition": "lupus", "activity": "active", "told-by": "specialist"},
            {"condition": own("Behçet"), "activity": "unknown", "told-by": "self"},
            {"condition": "declined", "activity": "quiet", "told-by": "being-checked"},
            {"condition": "coeliac", "told-by": "declined"},
        ),
        [
            "Reports autoimmune condition: Lupus (SLE) (active), “Behçet” (own view, not told by a doctor), "
            "prefers not to say which (quiet; still being checked), Coeliac disease."
        ],
    ),
    # -- H-16
    (
        "H-16",
        infections({"name": "declined", "status": "cleared"}, {"name": own("Chagas"), "confirmed": "self"}),
        ["Reports infection: prefers not to say which (treated and gone), “Chagas” (own view)."],
    ),
    (
        "H-16",
        infections(
            {"name": "unknown", "status": "declined", "confirmed": "told"},
            {"name": "hiv", "status": "present", "confirmed": "self"},
        ),
        ["Reports infection: kind not known, HIV (still there; own view)."],
    ),
    ("H-16", {**infections({"name": "tb"}), CHECKLIST: ["cancer"]}, []),
    # -- H-17, H-18
    ("H-17", {CHECKLIST: ["inflammation"], "inflammation-list": ["declined"]}, []),
    (
        "H-17",
        {CHECKLIST: ["inflammation"], "inflammation-list": [own("sinuses"), "gums", "bowel"]},
        ["Reports condition with inflammation: bowel condition; gum disease; “sinuses”."],
    ),
    ("H-18", {CHECKLIST: ["hormones"], "hormone-list": ["unknown"]}, []),
    (
        "H-18",
        {CHECKLIST: ["hormones"], "hormone-list": ["prolactin", "unknown"]},
        ["Reports about hormones: high prolactin (as told)."],
    ),
    # -- H-19
    ("H-19", {CHECKLIST: ["clots"]}, ["Reports a blood clot, now or in the past."]),
    ("H-19", {CHECKLIST: ["other"]}, ["Reports another condition or operation."]),
    (
        "H-19",
        {CHECKLIST: ["clots", "other"], "other-health": "Leg, 2020.\nAppendix."},
        [
            "Reports a blood clot, now or in the past. Reports another condition or operation. In their words: “Leg, "
            "2020. Appendix.”."
        ],
    ),
    (
        "H-19",
        {CHECKLIST: ["other"], "other-health": LONG},
        [f"Reports another condition or operation. In their words: “{'x' * 399} […]”."],
    ),
    ("H-19", {CHECKLIST: ["cancer"], "other-health": "Leg"}, []),
    # -- H-20
    ("H-20", {CHECKLIST: ["cancer"], "weak-immune-why": ["born"]}, []),
    ("H-20", {CHECKLIST: ["weak-immune"]}, ["Reports a weak immune system."]),
    ("H-20", {CHECKLIST: ["weak-immune"], "weak-immune-why": ["declined"]}, ["Reports a weak immune system."]),
    (
        "H-20",
        {CHECKLIST: ["weak-immune"], "weak-immune-why": ["not-told"]},
        ["Reports a weak immune system; was not told why."],
    ),
    (
        "H-20",
        {CHECKLIST: ["weak-immune"], "weak-immune-why": ["spleen", "born", own("mystery")]},
        ["Reports a weak immune system; was told why: born with it; spleen removed or not working; “mystery”."],
    ),
    # -- H-21
    ("H-21", {CHECKLIST: ["clots"], "cancer-type": "breast"}, []),
    ("H-21", {CHECKLIST: ["cancer"]}, ["Reports cancer: kind not given."]),
    (
        "H-21",
        {CHECKLIST: ["cancer"], "cancer-type": DECLINED, "cancer-status": "declined"},
        ["Reports cancer: kind not given."],
    ),
    (
        "H-21",
        {
            CHECKLIST: ["cancer"],
            "cancer-type": "breast, 2019",
            "cancer-status": "watched",
            "cancer-treatments": ["chemo", "surgery"],
        },
        ["Reports cancer: “breast, 2019”; being checked, no treatment; treatment: surgery; chemotherapy."],
    ),
    (
        "H-21",
        {CHECKLIST: ["cancer"], "cancer-treatments": ["none"]},
        ["Reports cancer: kind not given; treatment: none."],
    ),
    ("H-21", {CHECKLIST: ["cancer"], "cancer-treatments": ["unknown"]}, ["Reports cancer: kind not given."]),
    # -- H-22
    ("H-22", {"family-history": ["none"]}, []),
    ("H-22", {"family-history": ["unknown"]}, []),
    ("H-22", {"family-history": ["cancer", "losses"]}, ["Reports in the family: several pregnancy losses; cancer."]),
    # -- H-23
    ("H-23", immune_tests({"kind": "ana"}), ["Reports test: ANA or other antibodies."]),
    (
        "H-23",
        immune_tests(
            {"kind": own("CD57"), "date": "2024-06", "told": "waiting"},
            {"kind": "unknown", "date": UNKNOWN, "told": "unknown"},
        ),
        ["Reports test: “CD57”, Jun 2024; still waiting for the result.", "Reports test: kind not known."],
    ),
    ("H-23", {**immune_tests({"kind": "ana"}), "tests-had": ["none"]}, []),
    # -- H-24
    ("H-24", {}, ["Medicines and supplements: not answered."]),
    ("H-24", {"takes-now": ["none"]}, ["Reports taking no medicines or supplements."]),
    ("H-24", {"takes-now": ["declined"]}, ["Prefers not to say about medicines and supplements."]),
    ("H-24", {"takes-now": ["none", "declined"]}, ["Medicines and supplements: not answered."]),
    ("H-24", {"takes-now": ["otc"]}, ["Reports taking medicines or supplements; none listed."]),
    ("H-24", {"takes-now": ["none", "otc"]}, ["Reports taking medicines or supplements; none listed."]),
    (
        "H-24",
        {"takes-now": ["supplements"], "supplements": ["none"]},
        ["Reports taking medicines or supplements; none listed."],
    ),
    (
        "H-24",
        {"takes-now": ["supplements"], "supplements": [own("Maca"), "iron"]},
        ["Supplements ticked: iron; “Maca”."],
    ),
    (
        "H-24",
        medicines({"name": "Tacrolimus", "dose": UNKNOWN}),
        ["Lists 1 medicine or supplement: “Tacrolimus” (dose not known)."],
    ),
    (
        "H-24",
        medicines(
            {"name": " Aspirin  “low” ", "dose": " 75  mg "},
            {"name": "Iron"},
            takes="supplements",
            supplements=["none", "omega-3"],
        ),
        ["Lists 2 medicines or supplements: “Aspirin ‘low’ 75 mg”, “Iron”. Supplements ticked: omega-3 or fish oil."],
    ),
    ("H-24", medicines({"name": "Iron"}, takes="none"), ["Reports taking no medicines or supplements."]),
    ("H-24", medicines({"name": "  "}, {"name": "Iron"}), ["Lists 1 medicine or supplement: “Iron”."]),
    # -- H-25
    ("H-25", {"immune-medicines": ["none"]}, []),
    ("H-25", {"immune-medicines": ["unknown"]}, []),
    (
        "H-25",
        {"immune-medicines": ["aspirin", "ivig", own("Humira"), "declined"]},
        ["Reports having been given: IVIG; aspirin for pregnancy; “Humira”."],
    ),
    # -- H-26
    ("H-26", {**NK, "tried-result": "helped"}, []),
    ("H-26", {**NK, "tried-treatments": "Rest", "tried-result": "declined"}, ["Reports earlier treatment: “Rest”."]),
    (
        "H-26",
        {**NK, "tried-treatments": "Rest", "tried-result": "none-tried"},
        ["Reports earlier treatment: “Rest”; as the patient sees it: none tried yet."],
    ),
    ("H-26", {**NK, "tried-treatments": "a" * 400}, [f"Reports earlier treatment: “{'a' * 400}”."]),
    ("H-26", {**NK, "tried-treatments": "a" * 401}, [f"Reports earlier treatment: “{'a' * 400} […]”."]),
    ("H-26", {"tried-treatments": "Rest"}, []),
    # -- H-27
    ("H-27", {**NK, "cell-therapy": ["none"]}, []),
    ("H-27", {**NK, "cell-therapy": ["not-sure"]}, []),
    (
        "H-27",
        {**NK, "cell-therapy": ["other-cells", "nk", own("T cells")]},
        ["Reports earlier cell therapy: NK cells; another cell treatment; “T cells”."],
    ),
    # -- H-28
    ("H-28", IMMUNE, []),
    ("H-28", NK, ["Has questions about NK cell therapy."]),
    (
        "H-28",
        {**NK, "cell-question": "nk", "nk-goals": ["not-sure"]},
        ["Has questions about NK cell therapy. Is not sure what to ask."],
    ),
    (
        "H-28",
        {**NK, "cell-question": "stem"},
        ["Has questions about NK cell therapy. The question is about stem cells."],
    ),
    (
        "H-28",
        {**NK, "cell-question": "not-sure"},
        ["Has questions about NK cell therapy. Is not sure if the question is about NK cells or stem cells."],
    ),
    (
        "H-28",
        {**NK, "cell-question": "both", "nk-goals": ["cost", own("travel"), "what"]},
        [
            "Has questions about NK cell therapy: what it is and how it is given; cost and practical details; "
            "“travel”. "
            "The question is about NK cells and stem cells."
        ],
    ),
    # -- H-29
    ("H-29", {"support": ["have"]}, []),
    ("H-29", {"support": ["not-now"]}, []),
    ("H-29", {"support": ["have", "written", own("a call")]}, ["Would like: something to read; “a call”."]),
    # -- H-30
    ("H-30", {}, []),
    ("H-30", {"ever-pregnant": "no", "pregnant-now": "yes"}, ["Pregnant now: yes; ever pregnant: no."]),
    (
        "H-30",
        {"contact-safe": "email-only", "email": None, "phone": "123"},
        ["Asks to be contacted by email only; no email address given."],
    ),
]


@pytest.mark.parametrize(
    ("rule", "answers", "sentences"), SENTENCES, ids=lambda value: value if isinstance(value, str) else None
)
def test_a_rule_writes_exactly(rule: str, answers: dict[str, Any], sentences: list[str]) -> None:
    assert highlights(rule, answers) == sentences


def test_every_rule_is_tried_above_with_and_without_a_line() -> None:
    with_line = {rule for rule, _, sentences in SENTENCES if sentences}
    without = {rule for rule, _, sentences in SENTENCES if not sentences}
    ids = [rule.id for rule in RULES]
    assert ids == [f"H-{number:02}" for number in (*range(1, 6), 31, 6, 7, 8, 32, 33, 34, *range(9, 31))]
    assert with_line == set(ids) - {"H-31"}, "which has a test of its own"
    assert without == set(ids) - {"H-07", "H-24"}, "these two speak of a missing answer"


def test_infection_names_can_be_switched_off() -> None:
    one, two = infections({"name": "hiv", "status": "present"}), infections({"name": "hiv"}, {"name": "tb"})
    assert highlights("H-16", one, infection_names=False) == ["Reports 1 infection; see full answers."]
    assert highlights("H-16", two, infection_names=False) == ["Reports 2 infections; see full answers."]
    assert "HIV" not in str(summary(two, infection_names=False).to_document())


def test_endings_for_medical_reasons_can_be_switched_off() -> None:
    assert highlights("H-09", pregnancies(pregnancy("medical-reasons")), medical_reasons=False) == []


def test_the_patients_words_are_parts_of_their_own() -> None:
    made = summary(medicines({"name": "Iron", "dose": "1 a day"}))
    line = next(one.sentence for one in made.highlights if one.rule == "H-24")
    assert [(part.text, part.by.value) for part in line] == [
        ("Lists 1 medicine or supplement: “", "ours"),
        ("Iron", "patient"),
        (" ", "ours"),
        ("1 a day", "patient"),
        ("”.", "ours"),
    ]


def test_options_in_quotes_stay_ours() -> None:
    made = summary({**LOSS, "loss-words": "baby"})
    line = next(one.sentence for one in made.highlights if one.rule == "H-05")
    assert [part.by.value for part in line] == ["ours"]


def test_a_highlight_names_what_it_was_made_from_the_foremost_first() -> None:
    made = {one.rule: one.link_ids for one in summary({"allergies": "yes", **medicines({"name": "Iron"})}).highlights}
    assert made["H-07"] == ("allergies",)
    assert made["H-24"] == ("takes-now", "medicines", "med-name")
    made = {one.rule: one.link_ids for one in summary({"pregnancy-count": 2, **PREGNANT_BEFORE}).highlights}
    assert made["H-30"] == ("pregnancy-count",)
    assert made["H-24"] == ("takes-now",), "it speaks of a missing answer"


def test_groups_stand_in_their_order_and_none_is_empty() -> None:
    groups = summary({"support": ["written"], "ever-pregnant": "no"}).groups
    assert [group.heading for group in groups] == [GROUPS[key] for key in "ABDE"]
    assert all(group.highlights for group in groups)


def test_every_rule_reads_questions_that_exist(questionnaire: Questionnaire) -> None:
    assert {link_id for rule in RULES for link_id in rule.link_ids} <= set(questionnaire.by_link_id)


IN_PERSON = [
    ({}, ("page-pregnancies-intro",), ["Will tell about pregnancies in person."]),
    ({"ever-pregnant": "no"}, ("page-pregnancies-intro", "page-pregnancies"), []),
    ({"ever-pregnant": "me"}, ("page-pregnancies",), ["Will tell about each pregnancy in person."]),
    (
        pregnancies(pregnancy("miscarriage")),
        ("page-pregnancies",),
        ["Will tell more about the pregnancies in person."],
    ),
    (IVF, ("page-transfers",), ["Will tell about each embryo transfer in person."]),
    (
        transfers(transfer("negative")),
        ("page-transfers",),
        ["Will tell more about the embryo transfers in person."],
    ),
]


@pytest.mark.parametrize(("answers", "in_person", "sentences"), IN_PERSON)
def test_what_is_left_to_the_visit_is_said(
    answers: dict[str, Any], in_person: tuple[str, ...], sentences: list[str]
) -> None:
    assert highlights("H-31", answers, in_person=in_person) == sentences


def test_answers_to_hidden_questions_play_no_part() -> None:
    hidden = {
        "visit-reasons": ["infection"],
        **pregnancies(pregnancy("miscarriage")),
        **transfers(transfer("negative")),
        "told-findings": ["no-cause"],
    }
    rules = [one.rule for one in summary(hidden).highlights]
    assert rules == ["H-07", "H-24"]


def test_a_value_beside_a_ticked_reason_is_the_answer(questionnaire: Questionnaire) -> None:
    from intake.consultations.rules import summarise
    from intake.questionnaire.values import AbsentReason, Answer
    from intake.summary.model import SummarySettings
    from tests.consultations.patients import said
    from tests.factories import SENT_ON

    response = said(medicines({"name": "Iron"}))
    response = response.with_entry(
        "medicines", "medicines-1", {"med-dose": Answer(("1 a day",), AbsentReason.ASKED_UNKNOWN)}
    )
    made = summarise(questionnaire, response, settings=SummarySettings(), today=SENT_ON)
    assert "Lists 1 medicine or supplement: “Iron 1 a day”." in [text_of(one.sentence) for one in made.highlights]
