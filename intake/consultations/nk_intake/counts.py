"""Pregnancies, losses and transfers, counted by the rules of clinical.md 3.3: nothing blank becomes zero."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from intake.consultations.nk_intake.pregnancies import (
    LISTED_ON,
    NOT_SAID,
    SOME_BORN_ALIVE,
    UNCLEAR,
    Pregnancies,
    Pregnancy,
    Transfer,
    Weeks,
    pregnancies_of,
    transfers_of,
)
from intake.consultations.nk_intake.words import (
    LOSS_WEEKS,
    LOSS_WEEKS_BEFORE_1_2_0,
    LOSSES,
    SEEN_ON_SCAN,
    TRANSFERS_TO,
    counted,
)
from intake.questionnaire.model import Questionnaire
from intake.summary.model import DerivedCount, SummarySettings
from intake.summary.patient_answers import NOT_KNOWN, PatientAnswers

NOT_SHOWN: Final = "not shown (no pregnancy carried by the patient was reported)"
NOT_LISTED: Final = "not listed"
NOT_ASKED: Final = "not asked"
IN_PERSON: Final = "to be told in person"
ASKED_ON: Final = "page-pregnancies-intro"
TERM: Final = 37
"""The week from which a birth counts in T."""


# -- the letters -------------------------------------------------------------------------------------------------------


class Placement(NamedTuple):
    """The letter that takes a row, None if none can; and the letters that the row might also belong to ("+")."""

    letter: str | None
    perhaps: str = ""


def place(kind: str, weeks: Weeks | None, viability_weeks: int) -> Placement:
    """Where one own row counts (clinical.md 3.3, Where each own row goes). `kind` is that of a Pregnancy.

    Of a band that the setting falls inside neither "before" nor "reached" holds.
    """
    before = weeks is not None and weeks.highest < viability_weeks
    reached = weeks is not None and weeks.lowest >= viability_weeks
    birth = "T" if weeks is not None and weeks.lowest >= TERM else "P"
    match kind:
        case "ongoing":
            return Placement("G")
        case "very-early-loss" | "ectopic" | "molar" | "unknown-location":
            return Placement("A")
        case "miscarriage":
            return Placement(birth if reached else "A")
        case "live-birth" | "neonatal-death" | "mixed, some born alive":
            return Placement(None, "TP") if weeks is None else Placement(birth)
        case "medical-reasons" | "ended-by-choice":
            return Placement("A") if before else Placement(None, _possible(weeks, viability_weeks))
        case "stillbirth" | "mixed" | "mixed, not said" if reached:
            return Placement(birth)
        case "stillbirth" | "mixed" if before:
            return Placement("A")
        case "stillbirth" | "mixed" | "mixed, not said":
            return Placement(None, "TPA" if weeks is None else "PA")
        case _:
            births = _possible(weeks, viability_weeks).replace("A", "")
            return Placement(None, f"{births}A{'L' if births else ''}")


def _possible(weeks: Weeks | None, viability_weeks: int) -> str:
    """The letters whose weeks these may be: T from 37, P from the setting to 36, A below it."""
    if weeks is None:
        return "TPA"
    may_be = {
        "T": weeks.highest >= TERM,
        "P": weeks.lowest < TERM and weeks.highest >= viability_weeks,
        "A": weeks.lowest < viability_weeks,
    }
    return "".join(letter for letter, may in may_be.items() if may)


class Letters(NamedTuple):
    """G, T, P, A and L, those of which each number is the least that it can be, and the rows that none takes."""

    number: Mapping[str, int]
    at_least: frozenset[str]
    not_placed: int

    def gtpal(self, stated: str) -> str:
        """The American way: `G3+ (stated 6) T0+ P0 A2 L0`."""
        letters = [f"{one}{self.number[one]}{'+' if one in self.at_least else ''}" for one in "GTPAL"]
        return " ".join([f"{letters[0]}{stated}", *letters[1:]])

    def para(self, stated: str) -> str:
        """The British and Irish way: `G7 P1+6`."""
        births, at_least = self.number["T"] + self.number["P"], not self.at_least.isdisjoint("GTPA")
        return f"G{self.number['G']}{stated} P{births}+{self.number['A']}{' (at least)' if at_least else ''}"


_OF_A_RESULT: Final[Mapping[str, str]] = {
    "very-early-loss": "A",
    "miscarriage": "A",
    "ectopic": "A",
    "stillbirth": "TPA",
    "neonatal-death": "TP",
    "live-birth": "TPL",
    "other-end": "TPA",
    "ongoing": "",
}
"""The letters that the pregnancy of a transfer may belong to, where it is not listed."""


def letters_of(
    answers: PatientAnswers, pregnancies: Pregnancies, transfers: Iterable[Transfer], viability_weeks: int
) -> Letters:
    """The letters of the patient's own pregnancies with the clinic's weeks setting (20 to 28)."""
    places = [place(one.kind, one.weeks, viability_weeks) for one in pregnancies.own]
    number = Counter(one.letter for one in places if one.letter)
    number["G"] = len(pregnancies.own) + pregnancies.now
    number["L"] = sum(one.living or 0 for one in pregnancies.own)
    at_least = {letter for one in places for letter in one.perhaps}
    at_least |= {"L"} if any(one.has_living and one.living is None for one in pregnancies.own) else set()
    at_least |= set(_not_listed(answers, pregnancies)) | set(_from_transfers(answers, pregnancies, transfers))
    return Letters(number, frozenset(at_least), sum(one.letter is None for one in places))


def _not_listed(answers: PatientAnswers, pregnancies: Pregnancies) -> str:
    """The letters to which a pregnancy that is not listed, or of which nobody said who carried it, might add."""
    ever = answers.code("ever-pregnant")
    stated, losses = answers.number("pregnancy-count"), answers.number("loss-count")
    only_now = not pregnancies.own and pregnancies.now and ever in ("me", "both") and stated is None
    is_open = stated is None or stated > pregnancies.listed
    if pregnancies.carrier_not_given or only_now or (answers.told_in_person(LISTED_ON, "pregnancies") and is_open):
        return "GTPAL"
    if stated is not None:
        return "" if stated <= pregnancies.listed else "TPAL" if ever == "me" else "GTPAL"
    return "GTPA" if losses is not None and losses > pregnancies.losses_at_most else ""


def _from_transfers(answers: PatientAnswers, pregnancies: Pregnancies, transfers: Iterable[Transfer]) -> str:
    """The letters to which a pregnancy might add that a transfer led to and that is not listed."""
    led = [one.result for one in transfers if one.led_to_pregnancy and one.to in ("me", "not-given")]
    starts = [answers.code("preg-conception", one.row) for one in (*pregnancies.own, *pregnancies.carrier_not_given)]
    listed = sum(start in ("ivf", None, "unknown", "declined") for start in starts)
    listed += pregnancies.extra if "ongoing" in led else 0
    return "".join(("G", *(_OF_A_RESULT[result] for result in led))) if len(led) > listed else ""


# -- what is derived ---------------------------------------------------------------------------------------------------


def counts_of(answers: PatientAnswers, *, viability_weeks: int, age: int | None) -> dict[str, Any]:
    """Everything that is counted, with the clinic's weeks setting (20 to 28): keys and types of clinical.md 3.3.

    Kinds, results and weeks are keyed by codes. What does not apply, or whose figure nobody gave, has no key.
    """
    pregnancies, transfers = pregnancies_of(answers), transfers_of(answers)
    ever = answers.code("ever-pregnant")
    counts: dict[str, Any] = {}
    if ever == "no" or pregnancies.own or pregnancies.now:
        counts |= _with_letters(answers, pregnancies, letters_of(answers, pregnancies, transfers, viability_weeks))
    else:
        counts["gtpal"] = counts["para"] = _without_letters(answers, pregnancies, ever)
    counts |= _if_any(
        ended_for_medical_reasons=sum(one.outcome == "medical-reasons" for one in pregnancies.own),
        stated=_given(pregnancies=answers.number("pregnancy-count"), losses=answers.number("loss-count")),
        neonatal_deaths=sum(one.outcome == "neonatal-death" for one in pregnancies.rows),
        live_births_not_all_living=sum(one.is_not_all_living for one in pregnancies.rows),
        different_endings=sum(one.kind in (SOME_BORN_ALIVE, NOT_SAID) for one in pregnancies.rows),
        carried_by_partner_or_surrogate=_carried(pregnancies.others) | _living(pregnancies.others),
        carrier_not_given=_carried(pregnancies.carrier_not_given),
        transfers=_given(stated=answers.number("transfer-count")) | _transfers(answers, transfers),
    )
    return counts | _given(
        egg_collections=answers.number("egg-collections"),
        embryos_stored=answers.number("embryos-stored"),
        age=age,
        viability_weeks=viability_weeks,
    )


def _given(**numbers: int | None) -> dict[str, int]:
    return {key: number for key, number in numbers.items() if number is not None}


def _if_any(**figures: Any) -> dict[str, Any]:
    return {key: figure for key, figure in figures.items() if figure}


def _with_letters(answers: PatientAnswers, pregnancies: Pregnancies, letters: Letters) -> dict[str, Any]:
    count, ever = answers.number("pregnancy-count"), answers.code("ever-pregnant")
    differs = ever == "me" and count not in (None, pregnancies.listed)
    stated = f" (stated {count})" if differs else ""
    counts = {"gtpal": letters.gtpal(stated), "para": letters.para(stated), "not_placed": letters.not_placed}
    counts |= _if_any(unlisted=max(0, (count or 0) - pregnancies.listed))
    losses = _losses(answers, pregnancies.own)
    unclear = "A" in letters.at_least or any(one.kind == NOT_SAID for one in pregnancies.own)
    return counts | ({} if unclear and not losses["total"] else {"losses": losses})


def _without_letters(answers: PatientAnswers, pregnancies: Pregnancies, ever: str | None) -> str:
    """The words in place of the letters (clinical.md 3.3, When which line)."""
    if ever in ("me", "both"):
        unplaced = len(pregnancies.carrier_not_given)
        stated = answers.number("pregnancy-count")
        notes = [] if stated is None else [f"stated {counted(stated, 'pregnancy')}"]
        notes += [IN_PERSON] if answers.told_in_person(LISTED_ON, "pregnancies") else []
        words = f"not placed: {unplaced}" if unplaced else NOT_LISTED
        return f"{words} ({'; '.join(notes)})" if notes else words
    if ever == "other":
        return NOT_SHOWN
    if not answers.is_shown("ever-pregnant"):
        return NOT_ASKED
    in_person = ever is None and answers.told_in_person(ASKED_ON, "ever-pregnant")
    return f"not said ({IN_PERSON})" if in_person else "not said"


def _losses(answers: PatientAnswers, own: Iterable[Pregnancy]) -> dict[str, Any]:
    rows = [one for one in own if one.is_loss]
    kinds = Counter(one.kind for one in rows)
    weeks = Counter(_loss_weeks(one) for one in rows)
    scans = Counter(_seen(answers, one) for one in rows if one.kind not in ("ectopic", "molar"))
    return {
        "total": len(rows),
        "by_kind": {kind: kinds[kind] for kind in LOSSES if kinds[kind]},
        "by_weeks": {key: weeks[key] for key in LOSS_WEEKS},
        "seen_on_scan": {key: scans[key] for key in SEEN_ON_SCAN},
    }


def _loss_weeks(one: Pregnancy) -> str:
    if one.weeks is None:
        return "before-10" if one.kind == "very-early-loss" else "not-given"
    ends = {"before-10": 10, "10-to-13": 14, "14-to-23": 24}
    return next((key for key, end in ends.items() if one.weeks.highest < end), "24-or-later")


_SEEN: Final[Mapping[str, str]] = {"heartbeat": "yes", "seen": "yes", "not-seen": "no", "no-scan": "no"}


def _seen(answers: PatientAnswers, one: Pregnancy) -> str:
    """Whether a loss was seen on a scan; two kinds are unseen by their words, if the scan was not answered."""
    scan = answers.code("preg-scan", one.row)
    if scan is None and one.kind in ("very-early-loss", "unknown-location"):
        return "no"
    return _SEEN.get(scan or "", "not-said")


def _carried(rows: tuple[Pregnancy, ...]) -> dict[str, int]:
    losses, not_clear = (sum(one.is_loss for one in rows), sum(one.is_not_clear for one in rows))
    counts = {"pregnancies": len(rows)} if rows else {}
    counts |= {"losses": losses} if rows and (losses or not not_clear) else {}
    return counts | _if_any(not_clear=not_clear)


def _living(rows: tuple[Pregnancy, ...]) -> dict[str, int]:
    unknown = any(one.outcome in UNCLEAR or (one.has_living and one.living is None) for one in rows)
    return {} if unknown or not rows else {"living_children": sum(one.living or 0 for one in rows)}


def _transfers(answers: PatientAnswers, transfers: tuple[Transfer, ...]) -> dict[str, Any]:
    """What the rows say; nothing without one."""
    if not transfers:
        return {}
    kept = [one for one in transfers if one.result != "cancelled"]
    results = Counter(one.result for one in kept)
    had_by = Counter(one.to for one in kept)
    return {
        "listed": len(kept),
        "cancelled": len(transfers) - len(kept),
        **embryos_of(kept),
        "results": {code: results[code] for code in transfer_results(answers.questionnaire) if results[code]},
        "carried_by": {who: had_by[who] for who in TRANSFERS_TO if had_by[who]},
        **_donated(answers, kept),
    }


def embryos_of(transfers: Iterable[Transfer]) -> dict[str, Any]:
    """The sum of embryos, and whether it is the least that it can be; nothing if no number was given."""
    numbers = [one.embryos for one in transfers]
    given = [number for number in numbers if number is not None]
    return {"embryos": sum(given), "embryos_at_least": len(given) < len(numbers)} if given else {}


def _donated(answers: PatientAnswers, kept: Iterable[Transfer]) -> dict[str, int]:
    eggs = [answers.code("transfer-egg", one.row) for one in kept]
    donated = sum(egg in ("donor-egg", "donor-embryo") for egg in eggs)
    all_known = bool(eggs) and not any(egg is None or egg in NOT_KNOWN for egg in eggs)
    return {"donor_egg_or_embryo": donated} if donated or all_known else {}


def transfer_results(questionnaire: Questionnaire) -> list[str]:
    """What a transfer that was not cancelled can have come to, as codes in the order of the options."""
    return [code for code in questionnaire.item("transfer-result").option_by_code if code != "cancelled"]


def without_switched_off(counts: Mapping[str, Any], settings: SummarySettings) -> dict[str, Any]:
    """The counts without the lines that the clinic leaves out."""
    off = {*(() if settings.gtpal_line else ("gtpal", "para"))}
    off |= set() if settings.medical_reasons else {"ended_for_medical_reasons"}
    return {key: count for key, count in counts.items() if key not in off}


# -- columns of exports ------------------------------------------------------------------------------------------------

_OTHERS, _UNSAID = "carried_by_partner_or_surrogate", "carrier_not_given"
ENDINGS = "endings"
"""The export group of figures that, with weeks and outcomes beside them, tell how a pregnancy ended (decision 0013)."""


def figures(questionnaire: Questionnaire) -> Iterator[DerivedCount]:
    """Every count that there can be, in the order of clinical.md 3.3."""
    yield DerivedCount("gtpal", "Pregnancies in letters (GTPAL), as the summary writes them", "string", group=ENDINGS)
    yield DerivedCount("para", "The same the British and Irish way (G and P)", "string", group=ENDINGS)
    yield DerivedCount("not_placed", "Own pregnancies that no letter takes", group=ENDINGS)
    yield DerivedCount("unlisted", "Pregnancies stated beyond those listed")
    yield DerivedCount("losses.total", "Losses of the patient’s own pregnancies")
    for kind, words in LOSSES.items():
        yield DerivedCount(f"losses.by_kind.{kind}", f"Losses: {words}", left_out="0")
    for weeks, label in LOSS_WEEKS.items():
        yield DerivedCount(f"losses.by_weeks.{weeks}", f"Losses by weeks: {label}")
    for weeks, label in LOSS_WEEKS_BEFORE_1_2_0.items():
        yield DerivedCount(f"losses.by_weeks.{weeks}", f"Losses by weeks, counted before questionnaire 1.2.0: {label}")
    for seen, label in SEEN_ON_SCAN.items():
        yield DerivedCount(f"losses.seen_on_scan.{seen}", f"Losses seen on a scan (no ectopic, no molar): {label}")
    yield DerivedCount("ended_for_medical_reasons", "Pregnancies ended for medical reasons", group=ENDINGS)
    yield DerivedCount("stated.pregnancies", "Pregnancies stated as a number")
    yield DerivedCount("stated.losses", "Losses stated as a number")
    yield DerivedCount("neonatal_deaths", "Live births with death in the first weeks")
    yield DerivedCount("live_births_not_all_living", "Live births, not all children living now")
    yield DerivedCount("different_endings", "Pregnancies of twins or more with different endings")
    by_others, unsaid = "carried by a partner or surrogate", "for which it was not said who carried"
    for key, how in ((_OTHERS, by_others), (_UNSAID, unsaid)):
        yield DerivedCount(f"{key}.pregnancies", f"Pregnancies {how}")
        yield DerivedCount(f"{key}.losses", f"Losses of pregnancies {how}")
        yield DerivedCount(f"{key}.not_clear", f"Pregnancies {how} whose ending is not clear")
    yield DerivedCount(f"{_OTHERS}.living_children", f"Living children of pregnancies {by_others}")
    yield DerivedCount("transfers.stated", "Embryo transfers stated as a number")
    yield DerivedCount("transfers.listed", "Embryo transfers listed, cancelled ones left out")
    yield DerivedCount("transfers.cancelled", "Cancelled transfers listed")
    yield DerivedCount("transfers.embryos", "Embryos transferred")
    yield DerivedCount(
        "transfers.embryos_at_least", "Whether the number of embryos is the least that it can be", "boolean"
    )
    for code in transfer_results(questionnaire):
        words = questionnaire.item("transfer-result").option_by_code[code].words
        yield DerivedCount(f"transfers.results.{code}", f"Transfers: {words}", left_out="0")
    for who, words in TRANSFERS_TO.items():
        yield DerivedCount(f"transfers.carried_by.{who}", f"Transfers to: {words}", left_out="0")
    yield DerivedCount("transfers.donor_egg_or_embryo", "Transfers with a donor egg or embryo")
    yield DerivedCount("egg_collections", "Egg collections")
    yield DerivedCount("embryos_stored", "Embryos stored")
    yield DerivedCount("age", "Age in whole years when it was sent")
    yield DerivedCount("viability_weeks", "The clinic’s weeks setting that the letters were made with")
