"""Every linkId and code that the rules read: a version without one is found before it is published (decision 0033)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from intake.consultations.nk_intake.checks import REASONS_IN_CHECKLIST
from intake.consultations.nk_intake.checks import RULES as CHECKS
from intake.consultations.nk_intake.counts import ASKED_ON
from intake.consultations.nk_intake.highlights import DONORS
from intake.consultations.nk_intake.highlights import RULES as HIGHLIGHTS
from intake.consultations.nk_intake.page import FRONT_DESK, HEADER, TESTS_HAD, TESTS_TABLE, TICK_OF, WANTS
from intake.consultations.nk_intake.pregnancies import (
    BANDS,
    ENDED,
    LED_TO_PREGNANCY,
    LISTED_ON,
    TRANSFERS_LISTED_ON,
    UNCLEAR,
)
from intake.consultations.nk_intake.words import LOSSES, WORDS_FOR_A_LOSS
from intake.questionnaire.model import Questionnaire

_PREGNANCY = (
    *("preg-ended", "preg-scan", "preg-loss-tests", "preg-loss-told", "preg-notes", "preg-complications"),
    *("preg-scan-weeks", "preg-loss-care", "preg-donor"),
)
_TRANSFER = (
    *("transfer-date", "transfer-kind", "transfer-collected", "transfer-day", "transfer-pgt", "transfer-medicines"),
    "transfer-egg",
)
READERS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    *((rule.id, rule.link_ids) for rule in HIGHLIGHTS),
    *((rule.id, rule.link_ids) for rule in CHECKS),
    ("the head of the page", ("full-name", *HEADER)),
    ("what the patient wants", WANTS),
    ("the tests", (TESTS_HAD, *TESTS_TABLE.values())),
    ("what was answered besides", tuple(sorted(FRONT_DESK))),
    ("the counts", ("egg-collections", "embryos-stored", ASKED_ON, LISTED_ON, TRANSFERS_LISTED_ON)),
    ("the timeline", _PREGNANCY + _TRANSFER),
)
"""Who reads which linkIds."""

CODES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "respondent": ("other", "together"),
        "respondent-permission": ("legal", "not-yet"),
        "contact-safe": ("any", "email-only", "phone-messages", "phone-no-messages"),
        "access-needs": ("none",),
        "visit-reasons": (*REASONS_IN_CHECKLIST, "nk-therapy"),
        "cell-question": ("nk", "stem", "both", "not-sure"),
        "nk-goals": ("not-sure",),
        "pregnant-now": ("yes", "might-be", "no", "not-applicable"),
        "pregnant-care": ("not-yet",),
        "ever-pregnant": ("me", "both", "other", "no"),
        WORDS_FOR_A_LOSS.link_id: (WORDS_FOR_A_LOSS.no_preference,),
        "preg-outcome": (*LOSSES, *ENDED, *UNCLEAR, "live-birth", "neonatal-death", "ongoing"),
        "preg-carrier": ("me", "partner", "surrogate"),
        "preg-weeks-band": tuple(BANDS),
        "preg-conception": ("ivf", "unknown", "declined"),
        "preg-scan": ("heartbeat", "seen", "not-seen", "no-scan"),
        "preg-donor": DONORS,
        "told-findings": ("no-cause",),
        "trying-time": ("not-trying",),
        "fertility-treatments": DONORS,
        "transfers-who": ("me", "partner", "surrogate", "more"),
        "transfer-carrier": ("me", "partner", "surrogate"),
        "transfer-result": (*LED_TO_PREGNANCY, "cancelled", "unknown", "declined"),
        "transfer-egg": ("donor-egg", "donor-embryo"),
        "health-checklist": (*REASONS_IN_CHECKLIST, "clots", "organs", "other", "not-sure", "declined"),
        "weak-immune-why": ("not-told", "unknown", "declined"),
        "infection-confirmed": ("self",),
        "autoimmune-told-by": ("self", "being-checked"),
        "tried-result": ("none-tried",),
        TESTS_HAD: tuple(sorted(set(TICK_OF.values()))),
        "test-kind": tuple(TICK_OF),
        "test-told": ("waiting",),
        "takes-now": ("prescribed", "otc", "supplements", "none", "declined"),
        "supplements": ("none",),
        "allergies": ("yes", "no", "not-sure", "declined"),
        "support": ("have", "not-now", "declined"),
        "private-talk": ("yes", "not-sure"),
    }
)
"""The codes that rules ask for by name, by the question that offers them."""

ONLY: Final = frozenset({"allergies", "contact-safe"})
"""Questions of which the rules have one sentence a code: they can offer no other."""

NEW: Final = (1, 2)
"""The version from which all of this is needed. What was published before lacks some, and the rules do without."""


def missing_for_rules(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    """(linkId, what is wrong) for whatever the rules read and this questionnaire does not have, or has beyond it."""
    if questionnaire.version_number < NEW:
        return
    for link_id, reader in first_readers().items():
        if link_id not in questionnaire.by_link_id:
            yield link_id, f"the summary reads this item ({reader}), and it is missing"
    for link_id in CODES.keys() & questionnaire.by_link_id.keys():
        codes, offered = CODES[link_id], questionnaire.item(link_id).option_by_code
        for code in (code for code in codes if code not in offered):
            yield link_id, f"the summary reads the option {code}, and it is missing"
        for code in (code for code in offered if link_id in ONLY and code not in codes):
            yield link_id, f"the summary has no sentence for the option {code}"


def first_readers() -> dict[str, str]:
    """Every linkId that the rules read, with the first that reads it."""
    return {link_id: reader for reader, link_ids in reversed(READERS) for link_id in link_ids}
