"""What the summary reads of a questionnaire: every linkId and every code, so that a version without one is found before
it is published."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from intake.questionnaire.model import Questionnaire
from intake.summary.checks import RULES as CHECKS
from intake.summary.counts import BANDS, ENDED, LOSSES, UNCLEAR
from intake.summary.highlights import RULES as HIGHLIGHTS
from intake.summary.loss_words import NO_PREFERENCE

READERS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    *((rule.id, rule.link_ids) for rule in HIGHLIGHTS),
    *((rule.id, rule.link_ids) for rule in CHECKS),
    ("the head of the page", ("full-name", "address-as", "birth-date", "country")),
    ("what the patient wants", ("hopes", "top-questions", "own-words", "nk-knowledge")),
    ("the tests", ("tests-had", "tests-told", "test-value", "test-place")),
    ("the counts", ("egg-collections", "embryos-stored")),
    (
        "the timeline",
        (
            *("preg-ended", "preg-scan", "preg-loss-tests", "preg-loss-told", "preg-notes"),
            *("transfer-date", "transfer-kind", "transfer-day", "transfer-pgt", "transfer-medicines"),
        ),
    ),
)
"""Who reads which linkIds; what a highlight or a check reads already is not repeated below."""

_BOTH_WAYS: Final = ("autoimmune", "infection", "weak-immune", "cancer")
_DONORS: Final = ("donor-egg", "donor-sperm", "donor-embryo")

CODES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "respondent": ("other", "together"),
        "respondent-permission": ("legal", "not-yet"),
        "contact-safe": ("any", "email-only", "phone-messages", "phone-no-messages"),
        "access-needs": ("none",),
        "visit-reasons": (*_BOTH_WAYS, "nk-therapy"),
        "cell-question": ("nk",),
        "pregnant-now": ("yes", "might-be", "no", "not-applicable"),
        "pregnant-care": ("not-yet",),
        "ever-pregnant": ("me", "both", "other", "no"),
        "loss-words": (NO_PREFERENCE,),
        "preg-outcome": (*LOSSES, *ENDED, *UNCLEAR, "live-birth", "ongoing"),
        "preg-carrier": ("me", "partner", "surrogate"),
        "preg-weeks-band": tuple(BANDS),
        "preg-conception": ("ivf", "unknown", "declined"),
        "preg-donor": _DONORS,
        "told-findings": ("no-cause",),
        "trying-time": ("not-trying",),
        "transfer-result": (
            *("very-early-loss", "miscarriage", "ectopic", "stillbirth", "live-birth", "other-end", "ongoing"),
            *("cancelled", "unknown", "declined"),
        ),
        "transfer-egg": ("donor-egg", "donor-embryo"),
        "health-checklist": (*_BOTH_WAYS, "clots", "other", "not-sure", "declined"),
        "infection-confirmed": ("self",),
        "autoimmune-told-by": ("self", "being-checked"),
        "takes-now": ("prescribed", "otc", "supplements", "none", "declined"),
        "supplements": ("none",),
        "allergies": ("yes", "no", "not-sure", "declined"),
        "support": ("have", "not-now", "declined"),
        "private-talk": ("yes",),
    }
)
"""The codes that rules ask for by name, by the question that offers them."""

ONLY: Final = frozenset({"allergies", "contact-safe"})
"""Questions of which the summary has one sentence a code: they can offer no other."""


def missing_for_summary(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    """(linkId, what is wrong) for whatever the summary reads and this questionnaire does not have, or has beyond it."""
    for link_id, reader in first_readers().items():
        if link_id not in questionnaire.by_link_id:
            yield link_id, f"the summary reads this item ({reader}), and it is missing"
    for link_id, codes in CODES.items():
        offered: Collection[str] = (
            questionnaire.by_link_id[link_id].option_by_code if link_id in questionnaire.by_link_id else codes
        )
        for code in (code for code in codes if code not in offered):
            yield link_id, f"the summary reads the option {code}, and it is missing"
        for code in (code for code in offered if link_id in ONLY and code not in codes):
            yield link_id, f"the summary has no sentence for the option {code}"


def first_readers() -> dict[str, str]:
    """Every linkId that the summary reads, with the first that reads it."""
    readers: dict[str, str] = {}
    for reader, link_ids in READERS:
        for link_id in link_ids:
            readers.setdefault(link_id, reader)
    return readers
