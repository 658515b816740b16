"""This form's own words: kinds of losses and their weeks by code, and numbers with their words."""

from __future__ import annotations

from intake.summary.chosen_words import WordsQuestion

LOSSES = {
    "very-early-loss": "very early loss",
    "miscarriage": "miscarriage",
    "ectopic": "ectopic pregnancy",
    "molar": "molar pregnancy",
    "unknown-location": "pregnancy of unknown location",
    "stillbirth": "stillbirth",
}
"""The six outcomes that are a loss, in the order in which kinds are named (clinical.md 3.2 H-08), and what a clinician
reads of each. Counts are keyed by the codes: a version that words its options otherwise changes none of them."""

LOSS_WEEKS = {
    "before_14": "before 14 weeks",
    "14_to_27": "14 to 27 weeks",
    "28_or_later": "28 weeks or later",
    "weeks_not_given": "weeks not given",
}

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
    **{one: f"{one}s" for one in ("week", "embryo", "embryo transfer", "infection", "miscarriage", "stillbirth")},
    **{one: f"{one}s" for one in ("negative test", "live birth")},
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
