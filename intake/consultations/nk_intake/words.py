"""This form's own words: kinds of losses, their weeks and scans by code, and numbers with their words."""

from __future__ import annotations

from intake.summary.chosen_words import WordsQuestion

MIXED = "mixed"
"""Twins or more with different endings: one loss, of this kind, where none of them was born alive."""

LOSSES = {
    "very-early-loss": "very early loss",
    "miscarriage": "miscarriage",
    "ectopic": "ectopic pregnancy",
    "molar": "molar pregnancy",
    "unknown-location": "pregnancy of unknown location",
    "stillbirth": "stillbirth",
    MIXED: "pregnancy of twins or more with none born alive",
}
"""The kinds of losses in the order in which they are named (clinical.md 3.6 H-08), and the word of each. Counts are
keyed by the codes: a version that words its options otherwise changes none of them."""

LOSS_LABELS = LOSSES | {MIXED: "twins or more, none born alive"}
"""The kinds in the counts box (clinical.md 3.3, the table of codes); so are the following three."""

LOSS_WEEKS = {
    "before-10": "before 10 weeks",
    "10-to-13": "10 to 13 weeks",
    "14-to-23": "14 to 23 weeks",
    "24-or-later": "24 weeks or later",
    "not-given": "not said",
}
LOSS_WEEKS_BEFORE_1_2_0 = {
    "before_14": "before 14 weeks",
    "14_to_27": "14 to 27 weeks",
    "28_or_later": "28 weeks or later",
    "weeks_not_given": "not said",
}
"""How summaries of format 1 and 2 cut them: an export still holds what was counted then."""
SEEN_ON_SCAN = {"yes": "yes", "no": "no", "not-said": "not said"}
TRANSFERS_TO = {"me": "the patient", "partner": "partner", "surrogate": "surrogate", "not-given": "not said"}

WORDS_FOR_A_LOSS = WordsQuestion("loss-words", "no-preference")

_PLURALS = {
    "pregnancy": "pregnancies",
    "loss": "losses",
    "pregnancy loss": "pregnancy losses",
    "baby": "babies",
    "living child": "living children",
    "medicine or supplement": "medicines or supplements",
    "ectopic pregnancy": "ectopic pregnancies",
    "molar pregnancy": "molar pregnancies",
    "pregnancy of unknown location": "pregnancies of unknown location",
    "very early loss": "very early losses",
    LOSSES[MIXED]: "pregnancies of twins or more with none born alive",
    "live birth with death in the first weeks": "live births with death in the first weeks",
    **{one: f"{one}s" for one in ("week", "embryo", "embryo transfer", "infection", "miscarriage", "stillbirth")},
    **{one: f"{one}s" for one in ("negative test", "live birth", "egg collection")},
}


def counted(number: int, thing: str) -> str:
    """The number with its word: `1 week`, `2 losses`. A thing without a plural stays: `2 waiting for test`."""
    return f"{number} {thing if number == 1 else _PLURALS.get(thing, thing)}"


def agreeing(template: str, number: int) -> str:
    """A template for this number: `States {value} losses` says `loss` for 1 (clinical.md 3.6, Numbers)."""
    if number == 1:
        for one, many in _PLURALS.items():
            if f"{{value}} {many} " in f"{template} ":
                return template.replace(f"{{value}} {many}", f"{{value}} {one}")
    return template
