"""What the stories of invented patients are made of, as tables. A text such as `none*6 quiet-wait*2 companion` holds
codes with their shares; a code without a number has one share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


def _rows(text: str) -> Mapping[str, str]:
    """The rows of a table that is written as `name: what is said of it`, one a line or with a semicolon between."""
    rows = (row.partition(": ") for row in text.replace(";", "\n").splitlines() if row.strip())
    return {name.strip(): said.strip() for name, _, said in rows}


# -- who, and why ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """Who a patient is to the story: who carries, how pregnancies start without IVF, whose sperm it is, and whose eggs
    are put back into the patient (`eggs`) and into others who carry (`lent`)."""

    calls: str = "she/her*14 they/them"
    carriers: tuple[str, ...] = ("me",)
    starts: str = "no-treatment*12 medicine iui"
    sperm: tuple[str, ...] = ()
    eggs: str = "own"
    lent: str = "own*5 donor-egg"
    partner: bool = True
    periods: str = "monthly*8 irregular*3 painful*3 heavy*2 no-periods none"
    womb: bool = True


_DONOR = ("donor-sperm",)
PEOPLE: Final[Mapping[str, Person]] = {
    "with-a-man": Person(),
    "two-women": Person("she/her", ("me", "partner"), "iui*3 home*2", _DONOR, "own*5 partner-egg", "partner-egg*5 own"),
    "alone": Person(starts="iui*2 home", sperm=_DONOR, partner=False),
    "transgender-man": Person("he/him*5 they/them", periods="no-periods*2 irregular monthly declined"),
    "with-a-surrogate": Person(carriers=("me", "surrogate")),
    "two-men": Person("he/him", ("surrogate",), "", (), "", "donor-egg*9 donor-embryo", True, "not-applicable", False),
    "a-man": Person("he/him", (), "", periods="not-applicable", womb=False),
}
WHO: Final = "with-a-man*76 two-women*8 alone*6 transgender-man*3 with-a-surrogate*4 two-men*4"
WITHOUT_PREGNANCIES: Final = "a-man with-a-man"
"""Who comes about an infection or cancer is a man in half of the stories."""
NEEDS_A_WOMB: Final = frozenset(("womb", "vaginal", "pcos", "endometriosis", "early-menopause", "prolactin"))
"""Conditions that nobody without one has."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Why somebody comes, and what has happened: how many pregnancies without IVF, and how many embryo transfers;
    how many of them are pregnant now, and which tests they had."""

    reasons: tuple[str, ...]
    also: str = "-"
    ages: tuple[int, int] = (27, 43)
    pregnancies: str = "0"
    transfers: str = "0"
    pregnant: float = 0.03
    tests: str = "none*3 other-immune"


_LOSS_TESTS = "thyroid*5 antiphospholipid*5 clotting*3 womb-scan*4 chromosomes-me*2 chromosomes-partner vitamin-d*2"
_IVF_TESTS = "womb-scan*5 sperm*4 thyroid*3 womb-lining*3 nk-blood*2 nk-biopsy*2 vitamin-d*2 chromosomes-me"
_ALL_TESTS = f"{_LOSS_TESTS} {_IVF_TESTS} other-immune"
_LOSS, _IVF, _PLANS = "pregnancy-loss", "ivf-not-worked", "pregnant-or-planning"
_AUTOIMMUNE = f"-*3 {_LOSS} {_PLANS} nk-results"
KINDS: Final[Mapping[str, Kind]] = {
    "losses": Kind((_LOSS,), f"-*5 trying nk-results {_PLANS}", (24, 43), "2*4 3*5 4*3 5", tests=_LOSS_TESTS),
    "ivf": Kind((_IVF,), "-*5 nk-results", (29, 44), "0*4 1", "1 2*4 3*4 4*2 5 6", tests=_IVF_TESTS),
    "both": Kind((_LOSS, _IVF), "-*6 autoimmune", (29, 44), "1*3 2*3 3", "1*2 2*3 3*2 4 5", tests=_ALL_TESTS),
    "trying": Kind(("trying",), f"-*4 {_PLANS}", (25, 41), "0*3 1", tests="none*3 thyroid vitamin-d sperm"),
    "pregnant": Kind((_PLANS,), f"-*2 {_LOSS}*3", (24, 43), "1*3 2*3 3", "0*5 1 2", 0.85, "none"),
    "autoimmune": Kind(("autoimmune",), _AUTOIMMUNE, (23, 43), "0*2 1*2 2 3", tests="thyroid antiphospholipid none"),
    "infection": Kind(("infection",), "-*2 nk-therapy", (21, 68)),
    "weak-immune": Kind(("weak-immune",), "-*2 nk-therapy infection", (20, 66)),
    "cancer": Kind(("cancer",), "nk-therapy*2 -", (34, 72)),
    "nk-therapy": Kind(("nk-therapy",), "-", (28, 70), tests="none*3 nk-blood"),
    "nk-results": Kind(("nk-results",), "-*2 trying", (26, 42), "0 1*2 2", "0*2 1 2", tests="nk-blood*3 nk-biopsy*2"),
    "other": Kind(("other",), "-", (20, 65)),
}
WHY: Final = (
    "losses*30 ivf*20 both*14 trying*6 pregnant*7 autoimmune*5 infection*5 weak-immune*4 cancer*5 nk-therapy*2 "
    "nk-results*3 other*2"
)

# -- pregnancies and transfers -----------------------------------------------------------------------------------------

LOSSES_COME: Final = "miscarriage*24 very-early-loss*10 ectopic*3 molar unknown-location*2 stillbirth*2"
"""How the last pregnancies of somebody who comes about losses ended; any other pregnancy as `ENDINGS` say."""
ENDINGS: Final = (
    "miscarriage*46 very-early-loss*20 live-birth*26 ectopic*5 molar*2 unknown-location*3 stillbirth*4 "
    "neonatal-death*2 mixed*5 medical-reasons*3 ended-by-choice*4 other not-sure declined"
)
RESULTS: Final = (
    "negative*56 very-early-loss*14 miscarriage*14 live-birth*5 ectopic*2 stillbirth neonatal-death other-end*2 "
    "cancelled*4 unknown declined"
)
OTHER_ENDS: Final = "molar unknown-location medical-reasons mixed*2 other"
"""How a pregnancy after a transfer ended in another way."""
WEEKS: Final = _rows("""
    very-early-loss: 4-6; miscarriage: 6-12*9 13-19; ectopic: 5-9; molar: 8-13; unknown-location: 4-7
    stillbirth: 20-29*3 30-40; neonatal-death: 22-30*4 31-40; live-birth: 38-41*9 32-37*2 24-31; mixed: 24-37
    medical-reasons: 13-19 20-24; ended-by-choice: 5-11; ongoing: 5-14*2 15-36; other: 5-16; not-sure: 5-10
    declined: 6-20
""")
"""How many weeks a pregnancy that ended so had lasted."""
SCANS: Final = _rows("""
    very-early-loss: no-scan*3 not-seen*2; early miscarriage: seen*3 not-seen no-scan heartbeat unknown
    miscarriage: heartbeat*4 seen*3 declined; ectopic: not-seen*3 seen no-scan; molar: seen*3 not-seen
    stillbirth: heartbeat
""")
"""`early`: before 8 weeks."""
CARE: Final = _rows("""
    miscarriage: waited*3 medicine*3 operation*3 none unknown declined; ectopic: operation*3 medicine*2 waited
    molar: operation; unknown-location: waited*2 medicine
""")
EARLY_BIRTH: Final = "waters-early*3 high-blood-pressure*2 small-baby*2 placenta*2 none"
"""What happens in a pregnancy that ends before 35 weeks."""
OF_A_PREGNANCY: Final = frozenset(("caesarean", "after-ended", "tube"))
"""Operations that belong to one."""

# -- health ------------------------------------------------------------------------------------------------------------

HEALTH: Final = _rows("""
    infection: 7; autoimmune: 11; inflammation: 15; hormones: 20; clots: 5; weak-immune: 1; cancer: 2; organs: 6
    other: 7
""")
"""How many in a hundred have each, besides those who come about it."""
MORE: Final = _rows("inflammation: inflammation-list; hormones: hormone-list; weak-immune: weak-immune-why")
"""By what was ticked in the checklist: the question that asks for more."""
TAKES: Final = _rows("""
    Levothyroxine, 75 micrograms daily, thyroid: hashimoto thyroid-under
    Carbimazole, 10 mg daily, thyroid: graves thyroid-over
    Hydroxychloroquine, 200 mg twice a day, joints: lupus sjogren
    Aspirin, 75 mg daily, sticky blood: antiphospholipid
    Enoxaparin (heparin), 40 mg injection once a day, sticky blood: antiphospholipid
    Certolizumab, 200 mg every two weeks, joints: rheumatoid-arthritis
    Adalimumab, 40 mg every two weeks, my gut: crohns
    Mesalazine, 2.4 g daily, colitis: ulcerative-colitis
    Insulin, with a pump, diabetes: type-1-diabetes
    Calcipotriol cream, once a day, skin: psoriasis
    Glatiramer, 40 mg three times a week, MS: multiple-sclerosis
    Tenofovir, 245 mg daily, hepatitis B: hepatitis-b
    Biktarvy, one tablet daily, HIV: hiv
    Aciclovir, 400 mg twice a day, cold sores: herpes
    Nitrofurantoin, 50 mg at night, bladder infections: bladder
    Metformin, 500 mg twice a day, PCOS: pcos
    Metformin, 1 g twice a day, diabetes: type-2
    Cabergoline, 0.5 mg twice a week, prolactin: prolactin
    Estradiol patches, 50 micrograms twice a week, early menopause: early-menopause
    Salbutamol inhaler, 2 puffs when needed, asthma: asthma
    Cetirizine, 10 mg daily, hay fever: allergy
    Immunoglobulin, a drip every four weeks, low antibodies: born
    Azathioprine, 100 mg daily, my liver: medicine
    Tacrolimus, 2 mg twice a day, kidney transplant: transplant
    Penicillin V, 250 mg twice a day, no spleen: spleen
    Progesterone pessaries, 400 mg twice a day, this pregnancy: losses-and-pregnant
    Folic acid, 400 micrograms daily: folic-acid
    Vitamin D, 1000 IU daily: vitamin-d
    Iron, every other day, tiredness: iron
""")
"""A medicine, its dose and what it is for, by conditions for which it is taken."""
GIVEN: Final = _rows("""
    hydroxychloroquine: lupus sjogren; heparin: antiphospholipid clots; aspirin: antiphospholipid; ivig: born
    steroids: lupus rheumatoid-arthritis transplant; anti-tnf: rheumatoid-arthritis crohns; tacrolimus: transplant
    g-csf: cancer-treatment; progesterone: losses-and-pregnant
""")
"""What was ever given for a condition."""
NOW: Final = _rows("""
    controlled: hepatitis-b hiv; comes-and-goes*3 controlled: herpes; cleared*3 unknown: pelvic lyme tb toxoplasmosis
    comes-and-goes*4 present cleared: bladder chest-sinus vaginal skin-boils ear gut mouth-thrush
    quiet*4 treated: coeliac; treated: hashimoto graves type-1-diabetes antiphospholipid
""")
"""How such a condition is now; any other as is usual."""
CANCERS: Final = _rows("""
    Breast: surgery*3 chemo*2 radiotherapy*2 hormone*4; Lymphoma: chemo*4 immunotherapy*2 transplant
    Bowel: surgery*4 chemo*2; Melanoma on the back: surgery*3 immunotherapy; Leukaemia: chemo*3 transplant*2
    Thyroid: surgery*3 none unknown
""")
SHOWN_BY: Final = _rows("above: hashimoto thyroid-under antiphospholipid; below: graves thyroid-over")
"""What the test told that showed a condition: one of antiphospholipid antibodies, or of the thyroid."""
TEST_ROWS: Final = _rows("""
    nk-blood: nk-blood-number*2 nk-blood-activity*2 nk-blood
    other-immune: ana*3 cytokines*2 hla-kir*2 lymphocytes*2 unknown; not-sure: unknown
""")
"""What a ticked test is as an entry; each of the others has the same code in both."""
TOLD: Final = _rows("""
    within*5 above below: thyroid lymphocytes; below within: vitamin-d; within*5 above waiting: antiphospholipid
    above within: nk-blood-number nk-blood-activity nk-blood ana cytokines; within*3 below*2: sperm
""")
"""What people are told after these tests; after any other as is usual."""
VALUES: Final = _rows("""
    thyroid above: TSH 6.8 mIU/L; thyroid within: TSH 1.9 mIU/L; thyroid below: TSH 0.1 mIU/L
    vitamin-d below: 31 nmol/L; vitamin-d within: 80 nmol/L; nk-blood-number above: 21 %; ana above: 1:320
    nk-blood-number within: 11 %; nk-blood-activity above: 27 %; nk-blood-activity within: 12 %
""")
"""A value as a report would write it."""

# -- what people usually answer ----------------------------------------------------------------------------------------

USUAL: Final = _rows("""
    respondent: self*86 together*8 other*6
    respondent-relationship: partner*8 family-friend parent carer interpreter staff
    respondent-permission: agrees*7 legal not-yet
    contact-safe: any*12 email-only*3 phone-messages*2 phone-no-messages*2
    country: GB*10 US*5 IE*3 CA*3 MX*2 other
    cell-question: nk*5 both stem
    nk-goals: what*3 safety*3 research*2 cost*2 after-others*2 immune stay-well infection cancer not-sure
    told-findings: none*6 no-cause*6 endometriosis egg-reserve ovulation fibroids womb-shape tubes cervix
    womb-operations: none*12 fibroids-polyps endometriosis scar-wall cervix
    partner-health: none*7 not-tested*4 sperm*2 autoimmune chromosomes infection
    preg-complications: none*9 high-blood-pressure small-baby diabetes placenta
    transfer-pgt: not-tested*6 tested-expected*3 tested-mosaic
    transfer-medicines: none*6 progesterone*5 steroids*2 aspirin*2 heparin intralipid scratch g-csf prp ivig
    infection-status: cleared*3 present comes-and-goes
    autoimmune-condition: hashimoto*9 lupus*4 antiphospholipid*4 rheumatoid-arthritis*3 coeliac*3 graves*2 \
psoriasis*2 type-1-diabetes*2 crohns*2 ulcerative-colitis*2 sjogren*2 multiple-sclerosis*2 ankylosing-spondylitis \
vitiligo-alopecia unknown
    weak-immune-why: born*3 medicine*3 not-told*3 cancer-treatment transplant*2 hiv spleen unknown
    hormone-list: thyroid-under*6 pcos*5 thyroid-over*2 prolactin*2 type-2*2 thyroid-unsure early-menopause
    autoimmune-told-by: specialist*6 family-doctor*3 being-checked self
    autoimmune-activity: treated*3 quiet*2 comes-and-goes*2 active
    test-told: expected*6 finding unclear waiting
    supplements: folic-acid*8 vitamin-d*5 multivitamin*3 omega-3*2 coq10*2 iron probiotics
    immune-medicines: none*9 progesterone
    tried-result: helped-some*3 mixed*3 helped*2 no-change*2 too-soon stopped worse
    cell-therapy: none*12 stem nk
    substances: none*7 alcohol-less*4 alcohol-weekly tobacco vape
    allergies: no*8 yes*2
    private-talk: no*6 yes
""")
"""What people usually answer; to any other choice anything that is offered, and nothing at all in half of them."""
AGAINST: Final = _rows("""
    no-cause: endometriosis egg-reserve ovulation fibroids womb-shape tubes cervix sperm
    alcohol-weekly: alcohol-less; monthly: irregular no-periods
""")
"""What is not said beside an answer."""
RESERVED: Final = ("unknown", "not-sure", "declined", "other")
"""What nobody is drawn to: a few choose one of them nevertheless."""
HARD: Final = """
    preg-born-alive preg-scan-weeks preg-carrier transfer-carrier transfers-who embryos-stored pregnant-weeks
    pregnant-care infection-since infection-status infection-courses infection-hospital infection-confirmed
    autoimmune-told-by autoimmune-activity cancer-type cancer-status cancer-treatments clot-detail tried-result
""".split()  # noqa: SIM905 - a table
"""What more people hold back."""
PHONES: Final = _rows("GB: +44 20 7946 00; IE: +353 20 910 00; US: +1 312 555 01; CA: +1 416 555 01")
"""How numbers begin that are kept free for stories: nobody has them."""
