"""Pregnancies, losses and transfers, counted by the rules of clinical.md 3.3; what is unknown stays unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from intake.consultations.nk_intake.words import LOSS_WEEKS, LOSSES, counted
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import Entry
from intake.summary.model import Box, BoxLine, DerivedCount, SummarySettings
from intake.summary.patient_answers import NOT_KNOWN, PatientAnswers
from intake.summary.statement import text_of

ENDED = ("medical-reasons", "ended-by-choice")
UNCLEAR = ("other", "not-sure", "declined")
NOT_SHOWN = "not shown (no pregnancy carried by the patient was reported)"
NOT_GIVEN = "not given"
NOT_ASKED = "not asked"
BOX_HEADING = "Pregnancy counts"
TERM = 37
"""The week from which a birth counts in T."""


class Weeks(NamedTuple):
    """The lowest and the highest week that the patient's answer can mean."""

    lowest: int
    highest: int


_FIRST_WEEKS = (1, 6, 10, 14, 20, 24, 28, 37, 45)
BANDS = {f"w{first:02}-{end - 1:02}": Weeks(first, end - 1) for first, end in pairwise(_FIRST_WEEKS)}
"""What the options of `preg-weeks-band` stand for: `w01-05` for weeks 1 to 5."""


def weeks_of(answers: PatientAnswers, row: Entry) -> Weeks | None:
    """The weeks of a pregnancy: the number, else the band, else None (clinical.md 3.3, Weeks)."""
    number = answers.number("preg-weeks", row)
    if number is not None:
        return Weeks(number, number)
    return BANDS.get(answers.code("preg-weeks-band", row) or "")


def weeks_in_words(answers: PatientAnswers, row: Entry) -> str:
    """`8 weeks`, `about 6 to 9 weeks` or `weeks not given` (clinical.md 3.6, {weeks})."""
    number = answers.number("preg-weeks", row)
    if number is not None:
        return counted(number, "week")
    band = text_of(answers.words("preg-weeks-band", row, without=NOT_KNOWN))
    return f"about {band}" if band else "weeks not given"


def outcome(answers: PatientAnswers, row: Entry) -> str:
    """How a pregnancy ended, as a code."""
    return answers.code("preg-outcome", row) or ""


def loss_rows(answers: PatientAnswers, rows: Iterable[Entry]) -> list[Entry]:
    """Those rows that are a loss."""
    return [row for row in rows if outcome(answers, row) in LOSSES]


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


def pregnancies_of(answers: PatientAnswers) -> Pregnancies:
    """Who carried is asked only where someone else may have; otherwise all rows are the patient's own."""
    rows = answers.rows("pregnancies")
    ever = answers.code("ever-pregnant")
    shared = ever in ("both", "other")
    by = {row.id: answers.code("preg-carrier", row) if shared else "me" for row in rows}
    own = tuple(row for row in rows if by[row.id] == "me")
    others = tuple(row for row in rows if by[row.id] in ("partner", "surrogate"))
    is_now = answers.code("pregnant-now") == "yes" and ever in ("me", "both", "other", "no")
    return Pregnancies(
        rows=rows,
        own=own,
        others=others,
        carrier_not_given=tuple(row for row in rows if row not in own and row not in others),
        now=int(is_now and not any(outcome(answers, row) == "ongoing" for row in own)),
    )


# -- the letters -------------------------------------------------------------------------------------------------------


class Placement(NamedTuple):
    """The letter that takes a row, None if none can; and the letters that the row might also belong to ("+")."""

    letter: str | None
    perhaps: str = ""


_G_ONLY = Placement("G")


def place(outcome: str, weeks: Weeks | None, viability_weeks: int) -> Placement:
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
            return Placement("A")
        case "miscarriage":
            return Placement(birth if reached else "A")
        case "live-birth" | "stillbirth" if weeks is None:
            return Placement(None, "TP")
        case "live-birth":
            return Placement(birth)
        case "stillbirth":
            return Placement("A") if before else Placement(birth) if reached else Placement(None, "PA")
        case "medical-reasons" | "ended-by-choice":
            return Placement("A") if before else Placement(None, "TPA")
        case _:
            return Placement(None, "TPAL")


# -- what is derived ---------------------------------------------------------------------------------------------------


def counts_of(answers: PatientAnswers, *, viability_weeks: int, age: int | None) -> dict[str, Any]:
    """Everything that is counted, with the clinic's weeks setting (20 to 28): keys and types of clinical.md 3.3.

    Kinds, results and weeks are keyed by codes. What does not apply has no key.
    """
    pregnancies = pregnancies_of(answers)
    places = [place(outcome(answers, row), weeks_of(answers, row), viability_weeks) for row in pregnancies.own]
    gtpal, letters = _gtpal(answers, pregnancies, places)
    counts: dict[str, Any] = {"gtpal": gtpal}
    if letters:
        counts["not_placed"] = sum(one.letter is None for one in places)
        if unlisted := _unlisted(answers, pregnancies):
            counts["unlisted"] = unlisted
        counts["losses"] = _losses(answers, pregnancies.own)
        counts["ended_for_medical_reasons"] = sum(outcome(answers, row) == "medical-reasons" for row in pregnancies.own)
    if pregnancies.others:
        living = {"living_children": _living(answers, pregnancies.others)}
        counts["carried_by_partner_or_surrogate"] = _carried(answers, pregnancies.others) | living
    if pregnancies.carrier_not_given:
        counts["carrier_not_given"] = _carried(answers, pregnancies.carrier_not_given)
    if (transfers := _transfers(answers)) is not None:
        counts["transfers"] = transfers
    numbers = (answers.number("egg-collections"), answers.number("embryos-stored"), age, viability_weeks)
    keys = ("egg_collections", "embryos_stored", "age", "viability_weeks")
    return counts | {key: number for key, number in zip(keys, numbers, strict=True) if number is not None}


def _gtpal(answers: PatientAnswers, pregnancies: Pregnancies, places: list[Placement]) -> tuple[str, bool]:
    """The line, and whether it is the letters (clinical.md 3.3, Line)."""
    ever = answers.code("ever-pregnant")
    if ever in ("me", "both", "no") or pregnancies.own or pregnancies.now:
        return _letters(answers, pregnancies, places), True
    if ever == "other":
        return NOT_SHOWN, False
    return (NOT_GIVEN if answers.is_shown("ever-pregnant") else NOT_ASKED), False


def _letters(answers: PatientAnswers, pregnancies: Pregnancies, places: list[Placement]) -> str:
    number = Counter(one.letter for one in places)
    number["G"] = len(pregnancies.own) + pregnancies.now
    number["L"] = _living(answers, pregnancies.own)
    at_least = _at_least(answers, pregnancies, places)
    letters = [f"{letter}{number[letter]}{'+' if letter in at_least else ''}" for letter in "GTPAL"]
    stated = answers.number("pregnancy-count")
    if answers.code("ever-pregnant") == "me" and stated is not None and stated != pregnancies.listed:
        letters[0] += f" (stated {stated})"
    return " ".join(letters)


def _at_least(answers: PatientAnswers, pregnancies: Pregnancies, places: list[Placement]) -> set[str]:
    """The letters that get a "+" (clinical.md 3.3)."""
    letters = {letter for one in places for letter in one.perhaps}
    if _unlisted(answers, pregnancies):
        letters.update("TPAL" if answers.code("ever-pregnant") == "me" else "GTPAL")
    if pregnancies.carrier_not_given:
        letters.update("GTPAL")
    births = [row for row in pregnancies.own if outcome(answers, row) == "live-birth"]
    if any(answers.number("preg-living", row) is None for row in births):
        letters.add("L")
    return letters


def _unlisted(answers: PatientAnswers, pregnancies: Pregnancies) -> int:
    return max(0, (answers.number("pregnancy-count") or 0) - pregnancies.listed)


def _living(answers: PatientAnswers, rows: Iterable[Entry]) -> int:
    return sum(answers.number("preg-living", row) or 0 for row in rows)


def _losses(answers: PatientAnswers, own: Iterable[Entry]) -> dict[str, Any]:
    rows = loss_rows(answers, own)
    kinds = Counter(outcome(answers, row) for row in rows)
    weeks = Counter(_loss_weeks(answers, row) for row in rows)
    return {
        "total": len(rows),
        "by_kind": {kind: kinds[kind] for kind in LOSSES if kinds[kind]},
        "by_weeks": {key: weeks[key] for key in LOSS_WEEKS},
    }


def _loss_weeks(answers: PatientAnswers, row: Entry) -> str:
    weeks = weeks_of(answers, row)
    if weeks is None:
        return "before_14" if outcome(answers, row) == "very-early-loss" else "weeks_not_given"
    return "before_14" if weeks.highest < 14 else "14_to_27" if weeks.highest < 28 else "28_or_later"


def _carried(answers: PatientAnswers, rows: tuple[Entry, ...]) -> dict[str, int]:
    return {"pregnancies": len(rows), "losses": len(loss_rows(answers, rows))}


def _transfers(answers: PatientAnswers) -> dict[str, Any] | None:
    rows = answers.rows("transfers")
    stated = answers.number("transfer-count")
    if not rows and stated is None:
        return None
    results = Counter(answers.code("transfer-result", row) for row in rows)
    kept = (row for row in rows if answers.code("transfer-result", row) != "cancelled")
    put_back = [answers.number("transfer-embryos", row) for row in kept]
    return {
        "listed": len(put_back),
        "stated": stated,
        "cancelled": results["cancelled"],
        "embryos": sum(number or 0 for number in put_back),
        "embryos_at_least": None in put_back,
        "results": {code: results[code] for code in transfer_results(answers.questionnaire) if results[code]},
    }


def transfer_results(questionnaire: Questionnaire) -> list[str]:
    """What a transfer that was not cancelled can have come to, as codes in the order of the options."""
    return [code for code in questionnaire.item("transfer-result").option_by_code if code != "cancelled"]


# -- one table: columns of exports, and lines of the box ---------------------------------------------------------------

Say = Callable[[Any, Mapping[str, Any]], str]
"""A figure as the box says it, from its value and all counts; empty: it has no line there."""


@dataclass(frozen=True, kw_only=True)
class Figure(DerivedCount):
    """One count, with its label in the box if it has a line there, how far that is indented, and what it says."""

    label: str = ""
    indent: int = 0
    say: Say = lambda value, _: f"{value}"


def _of_losses(value: Any, counts: Mapping[str, Any]) -> str:
    return f"{value}" if counts["losses"]["total"] else ""


def _if_any(value: Any, _counts: Mapping[str, Any]) -> str:
    return f"{value}" if value else ""


def _listed(value: Any, counts: Mapping[str, Any]) -> str:
    stated = counts["transfers"]["stated"]
    return f"{value}" if stated in (None, value) else f"{value} (stated {stated})"


def _embryos(value: Any, counts: Mapping[str, Any]) -> str:
    transfers = counts["transfers"]
    if not transfers["listed"]:
        return ""
    at_least = "at least " if transfers["embryos_at_least"] else ""
    return "not given" if at_least and not value else f"{at_least}{value}"


_OTHERS, _UNSAID = "carried_by_partner_or_surrogate", "carrier_not_given"
ENDINGS = "endings"
"""The export group of figures that, with weeks and outcomes beside them, tell how a pregnancy ended (decision 0013)."""


def figures(questionnaire: Questionnaire) -> Iterator[Figure]:
    """Every count that there can be, in the order of clinical.md 3.3."""
    yield Figure("gtpal", "Pregnancies in letters (GTPAL), as the summary writes them", "string", group=ENDINGS)
    yield Figure("not_placed", "Own pregnancies that no letter takes", label="Not placed", group=ENDINGS)
    yield Figure("unlisted", "Pregnancies stated beyond those listed", label="Stated but not listed")
    yield Figure("losses.total", "Losses of the patient’s own pregnancies", label="Losses")
    for kind, words in LOSSES.items():
        path = f"losses.by_kind.{kind}"
        yield Figure(path, f"Losses: {words}", left_out="0", label=words, indent=1, say=_of_losses)
    for weeks, label in LOSS_WEEKS.items():
        at = label if weeks in ("before_14", "weeks_not_given") else f"at {label}"
        yield Figure(f"losses.by_weeks.{weeks}", f"Losses {at}", label=label, indent=1, say=_of_losses)
    ended = "ended for medical reasons"
    yield Figure("ended_for_medical_reasons", f"Pregnancies {ended}", label=ended.capitalize(), group=ENDINGS)
    by_others, unsaid = "carried by a partner or surrogate", "for which it was not said who carried"
    yield Figure(f"{_OTHERS}.pregnancies", f"Pregnancies {by_others}", label=by_others.capitalize())
    yield Figure(f"{_OTHERS}.losses", f"Losses of pregnancies {by_others}", label="losses", indent=1)
    yield Figure(f"{_OTHERS}.living_children", f"Living children {by_others}", label="living children", indent=1)
    yield Figure(f"{_UNSAID}.pregnancies", f"Pregnancies {unsaid} them", label="Without saying who carried")
    yield Figure(f"{_UNSAID}.losses", f"Losses {unsaid} the pregnancy", label="losses", indent=1)
    listed = "Embryo transfers listed, cancelled ones left out"
    yield Figure("transfers.listed", listed, label="Embryo transfers", say=_listed)
    yield Figure("transfers.stated", "Embryo transfers stated as a number")
    yield Figure("transfers.cancelled", "Cancelled transfers listed", label="cancelled", indent=1, say=_if_any)
    yield Figure("transfers.embryos", "Embryos transferred", label="Embryos", say=_embryos)
    yield Figure("transfers.embryos_at_least", "Whether the number of embryos is the least that it can be", "boolean")
    for code in transfer_results(questionnaire):
        words = questionnaire.item("transfer-result").option_by_code[code].words
        yield Figure(f"transfers.results.{code}", f"Transfers: {words}", left_out="0")
    yield Figure("egg_collections", "Egg collections", label="Egg collections")
    yield Figure("embryos_stored", "Embryos stored", label="Embryos stored")
    yield Figure("age", "Age in whole years when it was sent")
    yield Figure("viability_weeks", "The clinic’s weeks setting that the letters were made with")


def box_of(questionnaire: Questionnaire, counts: Mapping[str, Any], settings: SummarySettings) -> Box | None:
    """The box on the page; None off the fertility path (clinical.md 3.1, 4)."""
    if counts["gtpal"] == NOT_ASKED:
        return None
    shown = without_switched_off(counts, settings)
    return Box(
        heading=BOX_HEADING,
        headline=shown.get("gtpal"),
        note=f"weeks setting {counts['viability_weeks']}; from what the patient listed",
        lines=tuple(_box_lines(questionnaire, shown)),
    )


def _box_lines(questionnaire: Questionnaire, counts: Mapping[str, Any]) -> Iterator[BoxLine]:
    for figure in figures(questionnaire):
        value = figure.of(counts) if figure.label else None
        if value not in (None, figure.left_out) and (said := figure.say(value, counts)):
            yield BoxLine(figure.label, said, figure.indent)


def without_switched_off(counts: Mapping[str, Any], settings: SummarySettings) -> dict[str, Any]:
    """The counts without the lines that the clinic leaves out."""
    kept = {"gtpal": settings.gtpal_line, "ended_for_medical_reasons": settings.medical_reasons}
    return {key: count for key, count in counts.items() if kept.get(key, True)}
