"""Pregnancies, losses and transfers, counted by the rules of clinical.md 3.3; what is unknown stays unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from intake.questionnaire.response import Entry
from intake.summary.reading import NOT_KNOWN, Reading
from intake.summary.statement import text_of
from intake.summary.wording import counted

LOSSES = ("very-early-loss", "miscarriage", "ectopic", "molar", "unknown-location", "stillbirth")
"""The six outcomes that are a loss, in the order in which kinds are named (clinical.md 3.2 H-08)."""
ENDED = ("medical-reasons", "ended-by-choice")
UNCLEAR = ("other", "not-sure", "declined")
NOT_SHOWN = "not shown (no pregnancy carried by the patient was reported)"
NOT_GIVEN = "not given"
NOT_ASKED = "not asked"
TERM = 37
"""The week from which a birth counts in T."""


class Weeks(NamedTuple):
    """The lowest and the highest week that the patient's answer can mean."""

    lowest: int
    highest: int


BANDS = {
    "w01-05": Weeks(1, 5),
    "w06-09": Weeks(6, 9),
    "w10-13": Weeks(10, 13),
    "w14-19": Weeks(14, 19),
    "w20-23": Weeks(20, 23),
    "w24-27": Weeks(24, 27),
    "w28-36": Weeks(28, 36),
    "w37-44": Weeks(37, 44),
}
"""What the options of `preg-weeks-band` stand for."""


def weeks_of(reading: Reading, row: Entry) -> Weeks | None:
    """The weeks of a pregnancy: the number, else the band, else None (clinical.md 3.3, Weeks)."""
    number = reading.number("preg-weeks", row)
    if number is not None:
        return Weeks(number, number)
    return BANDS.get(reading.code("preg-weeks-band", row) or "")


def weeks_in_words(reading: Reading, row: Entry) -> str:
    """`8 weeks`, `about 6 to 9 weeks` or `weeks not given` (clinical.md 3.6, {weeks})."""
    number = reading.number("preg-weeks", row)
    if number is not None:
        return counted(number, "week")
    band = text_of(reading.words("preg-weeks-band", row, without=NOT_KNOWN))
    return f"about {band}" if band else "weeks not given"


def outcome(reading: Reading, row: Entry) -> str:
    """How a pregnancy ended, as a code."""
    return reading.code("preg-outcome", row) or ""


def loss_rows(reading: Reading, rows: Iterable[Entry]) -> list[Entry]:
    """Those rows that are a loss."""
    return [row for row in rows if outcome(reading, row) in LOSSES]


@dataclass(frozen=True, slots=True)
class Pregnancies:
    """The rows of `pregnancies` by who carried, and *now*: 1 if a pregnancy goes on without a row of its own (3.3)."""

    rows: tuple[Entry, ...]
    own: tuple[Entry, ...]
    others: tuple[Entry, ...]
    carrier_not_given: tuple[Entry, ...]
    now: int

    @property
    def listed(self) -> int:
        """Rows, and the pregnancy now if it has none."""
        return len(self.rows) + self.now


def pregnancies_of(reading: Reading) -> Pregnancies:
    """Who carried is asked only where someone else may have; otherwise all rows are the patient's own."""
    rows = reading.rows("pregnancies")
    ever = reading.code("ever-pregnant")
    shared = ever in ("both", "other")
    by = {row.id: reading.code("preg-carrier", row) if shared else "me" for row in rows}
    own = tuple(row for row in rows if by[row.id] == "me")
    others = tuple(row for row in rows if by[row.id] in ("partner", "surrogate"))
    is_now = reading.code("pregnant-now") == "yes" and ever in ("me", "both", "other", "no")
    return Pregnancies(
        rows=rows,
        own=own,
        others=others,
        carrier_not_given=tuple(row for row in rows if row not in own and row not in others),
        now=int(is_now and not any(outcome(reading, row) == "ongoing" for row in own)),
    )


# -- the letters -------------------------------------------------------------------------------------------------------


class Place(NamedTuple):
    """The letter that takes a row, None if none can; and the letters that the row might also belong to ("+")."""

    letter: str | None
    perhaps: str = ""


_G_ONLY = Place("G")


def place(outcome: str, weeks: Weeks | None, viability_weeks: int) -> Place:
    """Where one own row counts (clinical.md 3.3, T, P, A, Not placed and "+").

    Of a band that the setting falls inside neither "before" nor "reached" holds.
    """
    before = weeks is not None and weeks.highest < viability_weeks
    reached = weeks is not None and weeks.lowest >= viability_weeks
    birth = "T" if weeks is not None and weeks.lowest >= TERM else "P"
    match outcome:
        case "ongoing":
            return _G_ONLY
        case "very-early-loss" | "ectopic" | "molar" | "unknown-location":
            return Place("A")
        case "miscarriage":
            return Place(birth if reached else "A")
        case "live-birth" | "stillbirth" if weeks is None:
            return Place(None, "TP")
        case "live-birth":
            return Place(birth)
        case "stillbirth":
            return Place("A") if before else Place(birth) if reached else Place(None, "PA")
        case "medical-reasons" | "ended-by-choice":
            return Place("A") if before else Place(None, "TPA")
        case _:
            return Place(None, "TPAL")


# -- what is derived ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Losses:
    """Own losses by kind (in words, singular) and by weeks."""

    total: int
    by_kind: dict[str, int]
    by_weeks: dict[str, int]


@dataclass(frozen=True, slots=True)
class Transfers:
    """Embryo transfers; results by code, in the order of the options, cancelled ones apart."""

    listed: int
    stated: int | None
    cancelled: int
    embryos: int
    embryos_at_least: bool
    results: dict[str, int]

    @property
    def no_number_given(self) -> bool:
        """Whether not one transfer says how many embryos."""
        return self.embryos_at_least and self.embryos == 0


@dataclass(frozen=True, slots=True)
class Carried:
    """Pregnancies that someone else carried, or of which it is not said who did."""

    pregnancies: int
    losses: int
    living_children: int


@dataclass(frozen=True, slots=True)
class Counts:
    """All counts of one response. `letters` says whether `gtpal` holds letters: only then losses are given."""

    viability_weeks: int
    gtpal: str
    letters: bool
    not_placed: int
    unlisted: int
    losses: Losses
    ended_for_medical_reasons: int
    others: Carried
    carrier_not_given: Carried
    transfers: Transfers | None
    egg_collections: int | None
    embryos_stored: int | None
    age: int | None


def counts_of(reading: Reading, *, viability_weeks: int, age: int | None) -> Counts:
    """Everything that is counted (clinical.md 3.3), with the clinic's weeks setting (20 to 28)."""
    pregnancies = pregnancies_of(reading)
    places = [place(outcome(reading, row), weeks_of(reading, row), viability_weeks) for row in pregnancies.own]
    gtpal, letters = _gtpal(reading, pregnancies, places)
    return Counts(
        viability_weeks=viability_weeks,
        gtpal=gtpal,
        letters=letters,
        not_placed=sum(one.letter is None for one in places),
        unlisted=_unlisted(reading, pregnancies),
        losses=_losses(reading, pregnancies.own),
        ended_for_medical_reasons=sum(outcome(reading, row) == "medical-reasons" for row in pregnancies.own),
        others=_carried(reading, pregnancies.others),
        carrier_not_given=_carried(reading, pregnancies.carrier_not_given),
        transfers=_transfers(reading),
        egg_collections=reading.number("egg-collections"),
        embryos_stored=reading.number("embryos-stored"),
        age=age,
    )


def _gtpal(reading: Reading, pregnancies: Pregnancies, places: list[Place]) -> tuple[str, bool]:
    """The line, and whether it is the letters (clinical.md 3.3, Line)."""
    ever = reading.code("ever-pregnant")
    if ever in ("me", "both", "no") or pregnancies.own or pregnancies.now:
        return _letters(reading, pregnancies, places), True
    if ever == "other":
        return NOT_SHOWN, False
    return (NOT_GIVEN if reading.is_shown("ever-pregnant") else NOT_ASKED), False


def _letters(reading: Reading, pregnancies: Pregnancies, places: list[Place]) -> str:
    number = Counter(one.letter for one in places)
    number["G"] = len(pregnancies.own) + pregnancies.now
    number["L"] = _living(reading, pregnancies.own)
    at_least = _at_least(reading, pregnancies, places)
    letters = [f"{letter}{number[letter]}{'+' if letter in at_least else ''}" for letter in "GTPAL"]
    stated = reading.number("pregnancy-count")
    if reading.code("ever-pregnant") == "me" and stated is not None and stated != pregnancies.listed:
        letters[0] += f" (stated {stated})"
    return " ".join(letters)


def _at_least(reading: Reading, pregnancies: Pregnancies, places: list[Place]) -> set[str]:
    """The letters that get a "+" (clinical.md 3.3)."""
    letters = {letter for one in places for letter in one.perhaps}
    if _unlisted(reading, pregnancies):
        letters.update("TPAL" if reading.code("ever-pregnant") == "me" else "GTPAL")
    if pregnancies.carrier_not_given:
        letters.update("GTPAL")
    births = [row for row in pregnancies.own if outcome(reading, row) == "live-birth"]
    if any(reading.number("preg-living", row) is None for row in births):
        letters.add("L")
    return letters


def _unlisted(reading: Reading, pregnancies: Pregnancies) -> int:
    return max(0, (reading.number("pregnancy-count") or 0) - pregnancies.listed)


def _living(reading: Reading, rows: Iterable[Entry]) -> int:
    return sum(reading.number("preg-living", row) or 0 for row in rows)


def _losses(reading: Reading, own: Iterable[Entry]) -> Losses:
    rows = loss_rows(reading, own)
    kinds = Counter(outcome(reading, row) for row in rows)
    weeks = Counter(_loss_weeks(reading, row) for row in rows)
    return Losses(
        total=len(rows),
        by_kind={reading.option("preg-outcome", kind): kinds[kind] for kind in LOSSES if kinds[kind]},
        by_weeks={key: weeks[key] for key in ("before_14", "14_to_27", "28_or_later", "weeks_not_given")},
    )


def _loss_weeks(reading: Reading, row: Entry) -> str:
    weeks = weeks_of(reading, row)
    if weeks is None:
        return "before_14" if outcome(reading, row) == "very-early-loss" else "weeks_not_given"
    return "before_14" if weeks.highest < 14 else "14_to_27" if weeks.highest < 28 else "28_or_later"


def _carried(reading: Reading, rows: tuple[Entry, ...]) -> Carried:
    return Carried(pregnancies=len(rows), losses=len(loss_rows(reading, rows)), living_children=_living(reading, rows))


def _transfers(reading: Reading) -> Transfers | None:
    rows = reading.rows("transfers")
    stated = reading.number("transfer-count")
    if not rows and stated is None:
        return None
    results = Counter(reading.code("transfer-result", row) for row in rows)
    put_back = [
        reading.number("transfer-embryos", row) for row in rows if reading.code("transfer-result", row) != "cancelled"
    ]
    order = reading.questionnaire.item("transfer-result").option_by_code
    return Transfers(
        listed=len(put_back),
        stated=stated,
        cancelled=results["cancelled"],
        embryos=sum(number or 0 for number in put_back),
        embryos_at_least=None in put_back,
        results={code: results[code] for code in order if results[code] and code != "cancelled"},
    )


# -- as JSON and as lines of the box -----------------------------------------------------------------------------------


def counts_as_json(counts: Counts, *, gtpal_line: bool = True, medical_reasons: bool = True) -> dict[str, Any]:
    """`counts` of summary.json: keys and types of clinical.md 3.3; a line that the clinic switched off leaves out its
    key."""
    json: dict[str, Any] = {"gtpal": counts.gtpal} if gtpal_line else {}
    if counts.letters:
        json["not_placed"] = counts.not_placed
        if counts.unlisted:
            json["unlisted"] = counts.unlisted
        losses = counts.losses
        json["losses"] = {"total": losses.total, "by_kind": losses.by_kind, "by_weeks": losses.by_weeks}
        if medical_reasons:
            json["ended_for_medical_reasons"] = counts.ended_for_medical_reasons
    if counts.others.pregnancies:
        others = counts.others
        json["carried_by_partner_or_surrogate"] = {
            "pregnancies": others.pregnancies,
            "losses": others.losses,
            "living_children": others.living_children,
        }
    if counts.carrier_not_given.pregnancies:
        unsaid = counts.carrier_not_given
        json["carrier_not_given"] = {"pregnancies": unsaid.pregnancies, "losses": unsaid.losses}
    if (transfers := counts.transfers) is not None:
        json["transfers"] = {
            "listed": transfers.listed,
            "stated": transfers.stated,
            "cancelled": transfers.cancelled,
            "embryos": transfers.embryos,
            "embryos_at_least": transfers.embryos_at_least,
            "results": transfers.results,
        }
    numbers = {"egg_collections": counts.egg_collections, "embryos_stored": counts.embryos_stored, "age": counts.age}
    json |= {key: number for key, number in numbers.items() if number is not None}
    json["viability_weeks"] = counts.viability_weeks
    return json


@dataclass(frozen=True, slots=True)
class BoxLine:
    """A label and its number; `indent` 1 stands under the line above it."""

    label: str
    value: str
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Box:
    """The pregnancy counts box. `gtpal` is None where the clinic switched that line off; `setting` stands beside it."""

    gtpal: str | None
    setting: str
    lines: tuple[BoxLine, ...]


_WEEKS_LABELS = {
    "before_14": "before 14 weeks",
    "14_to_27": "14 to 27 weeks",
    "28_or_later": "28 weeks or later",
    "weeks_not_given": "weeks not given",
}


def box_of(counts: Counts, *, gtpal_line: bool = True, medical_reasons: bool = True) -> Box | None:
    """The box on the page; None off the fertility path (clinical.md 3.1, 4)."""
    if counts.gtpal == NOT_ASKED:
        return None
    return Box(
        gtpal=counts.gtpal if gtpal_line else None,
        setting=f"weeks setting {counts.viability_weeks}; from what the patient listed",
        lines=(*_pregnancy_lines(counts, medical_reasons), *_carried_lines(counts), *_treatment_lines(counts)),
    )


def _pregnancy_lines(counts: Counts, medical_reasons: bool) -> Iterable[BoxLine]:
    if not counts.letters:
        return
    yield BoxLine("Not placed", f"{counts.not_placed}")
    if counts.unlisted:
        yield BoxLine("Stated but not listed", f"{counts.unlisted}")
    yield BoxLine("Losses", f"{counts.losses.total}")
    if counts.losses.total:
        yield from (BoxLine(kind, f"{number}", 1) for kind, number in counts.losses.by_kind.items())
        yield from (BoxLine(_WEEKS_LABELS[key], f"{number}", 1) for key, number in counts.losses.by_weeks.items())
    if medical_reasons:
        yield BoxLine("Ended for medical reasons", f"{counts.ended_for_medical_reasons}")


def _carried_lines(counts: Counts) -> Iterable[BoxLine]:
    if counts.others.pregnancies:
        yield BoxLine("Carried by a partner or surrogate", f"{counts.others.pregnancies}")
        yield BoxLine("losses", f"{counts.others.losses}", 1)
        yield BoxLine("living children", f"{counts.others.living_children}", 1)
    if counts.carrier_not_given.pregnancies:
        yield BoxLine("Without saying who carried", f"{counts.carrier_not_given.pregnancies}")
        yield BoxLine("losses", f"{counts.carrier_not_given.losses}", 1)


def _treatment_lines(counts: Counts) -> Iterable[BoxLine]:
    transfers = counts.transfers
    if transfers is not None:
        stated = "" if transfers.stated in (None, transfers.listed) else f" (stated {transfers.stated})"
        yield BoxLine("Embryo transfers", f"{transfers.listed}{stated}")
        if transfers.cancelled:
            yield BoxLine("cancelled", f"{transfers.cancelled}", 1)
        if transfers.listed:
            yield BoxLine("Embryos", _embryos(transfers))
    if counts.egg_collections is not None:
        yield BoxLine("Egg collections", f"{counts.egg_collections}")
    if counts.embryos_stored is not None:
        yield BoxLine("Embryos stored", f"{counts.embryos_stored}")


def _embryos(transfers: Transfers) -> str:
    if transfers.no_number_given:
        return "not given"
    return f"{'at least ' if transfers.embryos_at_least else ''}{transfers.embryos}"
