"""The counts box beside the timeline, in the words of clinical.md 3.3: a 0 only where somebody said so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from intake.consultations.nk_intake.counts import (
    IN_PERSON,
    NOT_ASKED,
    NOT_LISTED,
    transfer_results,
)
from intake.consultations.nk_intake.pregnancies import LISTED_ON, TRANSFERS_LISTED_ON, pregnancies_of
from intake.consultations.nk_intake.words import LOSS_LABELS, LOSS_WEEKS, SEEN_ON_SCAN, TRANSFERS_TO, counted
from intake.summary.model import Box, BoxLine, BoxPart, ObstetricLine, SummarySettings
from intake.summary.patient_answers import PatientAnswers

HEADING: Final = "Counts"
UNSAID: Final = "not said"
LEGENDS: Final[Mapping[ObstetricLine, str]] = {
    ObstetricLine.GTPAL: "G pregnancies · T born at 37 weeks or later · P born from {V} to 36 weeks, or alive before · "
    "A ended before {V} weeks · L living children",
    ObstetricLine.PARA: "G pregnancies · P births from {V} weeks (or alive before) + pregnancies that ended before {V} "
    "weeks",
}
BIRTHS: Final[Mapping[str, str]] = {
    "neonatal_deaths": "Live births with death in the first weeks",
    "live_births_not_all_living": "Live births, not all living now",
    "different_endings": "Twins or more with different endings",
    "ended_for_medical_reasons": "Ended for medical reasons",
}
"""Lines of what is in no loss, only where there is any: beside one of them “Losses 0” would read as if no baby had
died."""
CARRIED: Final[Mapping[str, str]] = {
    "carried_by_partner_or_surrogate": "Carried by a partner or surrogate",
    "carrier_not_given": "Carrier not said",
}


def box_of(answers: PatientAnswers, counts: Mapping[str, Any], settings: SummarySettings) -> Box | None:
    """The box on the page; None where nobody was asked about pregnancies. `counts` holds what is switched off too."""
    if counts["gtpal"] == NOT_ASKED:
        return None
    has_letters, viability = "not_placed" in counts, settings.viability_weeks
    shows_letters = settings.gtpal_line and has_letters
    return Box(
        heading=HEADING,
        headline=counts[settings.obstetric_line] if settings.gtpal_line else None,
        note=f"weeks setting {viability}; from what the patient listed" if shows_letters else None,
        legend=LEGENDS[settings.obstetric_line].replace("{V}", f"{viability}") if shows_letters else None,
        lines=tuple(_lines(answers, counts, settings)),
    )


def _lines(answers: PatientAnswers, counts: Mapping[str, Any], settings: SummarySettings) -> Iterator[BoxLine]:
    is_para = settings.gtpal_line and settings.obstetric_line is ObstetricLine.PARA
    if is_para and "not_placed" in counts:
        living = counts["gtpal"].rpartition("L")[2]
        yield _of_pregnancies("Living children", f"at least {living[:-1]}" if living.endswith("+") else living)
    births = [_of_pregnancies(label, f"{counts[key]}") for key, label in BIRTHS.items() if key in counts]
    if not settings.medical_reasons:
        births = [line for line in births if line.label != BIRTHS["ended_for_medical_reasons"]]
    yield from _losses(answers, counts, zero_would_mislead=bool(births))
    yield from births
    for key, label in CARRIED.items():
        if (carried := counts.get(key)) is not None:
            says_living = key == "carried_by_partner_or_surrogate"
            yield _of_pregnancies(label, ", ".join(_carried(carried, says_living=says_living)))
    yield from _transfers(answers, counts.get("transfers", {}))
    for link_id, label in (("egg-collections", "Egg collections"), ("embryos-stored", "Embryos stored")):
        if answers.is_shown(link_id):
            number = answers.number(link_id)
            yield BoxLine(label, UNSAID if number is None else f"{number}", link_id=link_id)


def _of_pregnancies(label: str, value: str, parts: tuple[BoxPart, ...] = ()) -> BoxLine:
    return BoxLine(label, value, parts, "pregnancies")


def _losses(answers: PatientAnswers, counts: Mapping[str, Any], *, zero_would_mislead: bool) -> Iterator[BoxLine]:
    losses, stated = counts.get("losses"), answers.number("loss-count")
    listed = "not_placed" in counts or counts["gtpal"].startswith((NOT_LISTED, "not placed"))
    if not listed and stated is None:
        return
    tail = []
    if stated is not None and (losses is None or stated != pregnancies_of(answers).losses):
        whose = ", whoever carried" if answers.code("ever-pregnant") in ("both", "other") else ""
        tail.append(f"stated {stated}{whose}")
    if answers.told_in_person(LISTED_ON, "pregnancies"):
        tail.append(IN_PERSON)
    said = "; ".join(tail)
    if losses is None or (losses["total"] == 0 and zero_would_mislead):
        if said or losses is None:
            yield _of_pregnancies("Losses", said or UNSAID)
        return
    parts = (
        ("by kind", losses["by_kind"], LOSS_LABELS),
        ("by weeks", losses["by_weeks"], LOSS_WEEKS),
        ("seen on a scan", losses["seen_on_scan"], SEEN_ON_SCAN),
    )
    yield _of_pregnancies("Losses", _with_tail(losses["total"], said), _parts(parts) if losses["total"] else ())


def _with_tail(number: int, tail: str) -> str:
    return f"{number} ({tail})" if tail else f"{number}"


def _parts(parts: tuple[tuple[str, Mapping[str, int], Mapping[str, str]], ...]) -> tuple[BoxPart, ...]:
    """Figures below a line, in the order of their words; none without a figure."""
    return tuple(
        BoxPart(name, tuple((words[code], f"{figures[code]}") for code in words if code in figures))
        for name, figures, words in parts
        if figures
    )


def _carried(carried: Mapping[str, int], *, says_living: bool) -> Iterator[str]:
    yield counted(carried["pregnancies"], "pregnancy")
    for key, label in (("losses", "losses"), ("not_clear", "not clear")):
        if carried.get(key):
            yield f"{label} {carried[key]}"
    if says_living:
        living = carried.get("living_children")
        yield f"living children: {UNSAID}" if living is None else f"living children {living}"


def _of_transfers(label: str, value: str, parts: tuple[BoxPart, ...] = ()) -> BoxLine:
    return BoxLine(label, value, parts, "transfers")


def _transfers(answers: PatientAnswers, transfers: Mapping[str, Any]) -> Iterator[BoxLine]:
    stated, listed = transfers.get("stated"), transfers.get("listed")
    if stated is None and not answers.is_shown("transfers"):
        return
    tail = [f"stated {stated}"] if stated is not None and stated != listed else []
    tail += [IN_PERSON] if answers.told_in_person(TRANSFERS_LISTED_ON, "transfers") else []
    said = "; ".join(tail)
    if listed is None:
        yield _of_transfers("Transfers", said or UNSAID)
        return
    results = {code: answers.option("transfer-result", code) for code in transfer_results(answers.questionnaire)}
    parts = (("to", transfers["carried_by"], TRANSFERS_TO), ("results", transfers["results"], results))
    yield _of_transfers("Transfers", _with_tail(listed, said), _parts(parts))
    if transfers["cancelled"]:
        yield _of_transfers("Cancelled", f"{transfers['cancelled']}")
    if listed:
        at_least = "at least " if transfers.get("embryos_at_least") else ""
        yield _of_transfers("Embryos", f"{at_least}{transfers.get('embryos', UNSAID)}")
        yield _of_transfers("With donor egg or embryo", f"{transfers.get('donor_egg_or_embryo', UNSAID)}")
