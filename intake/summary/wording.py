"""Numbers with their words, typed text made fit for a sentence, and weeks: the small forms of clinical.md 3.6."""

from __future__ import annotations

CUT_AT = 400
"""The longest quote, in characters, where a quote may be cut at all (clinical.md 3.6, In words)."""

_PLURALS = {
    "week": "weeks",
    "embryo": "embryos",
    "embryo transfer": "embryo transfers",
    "pregnancy": "pregnancies",
    "loss": "losses",
    "pregnancy loss": "pregnancy losses",
    "baby": "babies",
    "living child": "living children",
    "medicine or supplement": "medicines or supplements",
    "infection": "infections",
    "very early loss": "very early losses",
    "miscarriage": "miscarriages",
    "ectopic pregnancy": "ectopic pregnancies",
    "molar pregnancy": "molar pregnancies",
    "pregnancy of unknown location": "pregnancies of unknown location",
    "stillbirth": "stillbirths",
    "negative test": "negative tests",
    "live birth": "live births",
}
_CURLY = str.maketrans("“”", "‘’")


def counted(number: int, thing: str) -> str:
    """The number with its word: `1 week`, `0 weeks`, `2 losses`. A thing without a plural stays: `2 waiting for
    test`."""
    return f"{number} {thing if number == 1 else _PLURALS.get(thing, thing)}"


def agreeing(template: str, number: int) -> str:
    """A template such as `States {value} losses` for this number: `States {value} loss` for 1 (clinical.md 3.6,
    Numbers)."""
    if number == 1:
        for one, many in _PLURALS.items():
            if f"{{value}} {many} " in f"{template} ":
                return template.replace(f"{{value}} {many}", f"{{value}} {one}")
    return template


def tidied(text: str) -> str:
    """Typed text for a sentence: white space in single spaces, ends trimmed, curly double quotes made single."""
    return " ".join(text.split()).translate(_CURLY)


def cut(text: str, limit: int) -> tuple[str, str]:
    """Tidied text within `limit` characters, and what marks that some was left out (clinical.md 3.6, In words)."""
    return (text, "") if len(text) <= limit else (text[:limit].rstrip(), " […]")
