"""Reported highlights H-01 to H-34 (clinical.md 3.2, word for word 3.6): each quotes what was said and judges nothing.

One row of the table `RULES` is one rule: its id, its group, the questions it reads, and the function that writes its
lines. The table's order is the page's order; nothing moves up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Any

from intake.consultations.nk_intake.counts import ASKED_ON, embryos_of, transfer_results
from intake.consultations.nk_intake.pregnancies import (
    LISTED_ON,
    TRANSFERS_LISTED_ON,
    pregnancies_of,
    transfers_of,
)
from intake.consultations.nk_intake.words import LOSSES, WORDS_FOR_A_LOSS, counted
from intake.questionnaire.placeholders import names_in
from intake.questionnaire.response import Entry
from intake.summary.checks import Check
from intake.summary.chosen_words import question_text
from intake.summary.model import Highlight, HighlightGroup, SummarySettings
from intake.summary.patient_answers import NOT_KNOWN, PatientAnswers
from intake.summary.statement import CUT_AT, Sentence, cut, filled, joined, optional, sentence, tidied

GROUPS = {
    "A": "Before you meet",
    "B": "Pregnancies and transfers",
    "C": "Health",
    "D": "Tests, medicines, treatment",
    "E": "To follow up",
}
"""The headings; they are no part of the sentences, and a group without a line is not shown."""


@dataclass(frozen=True)
class HighlightInput:
    """What the rules read: the answers, what was counted, the open checks, and what the clinic has set."""

    answers: PatientAnswers
    counts: Mapping[str, Any]
    checks: tuple[Check, ...]
    settings: SummarySettings


@dataclass(frozen=True, slots=True)
class HighlightLine:
    """One sentence of a rule, and the stand-alone questions whose whole answer it states."""

    sentence: Sentence
    tells: tuple[str, ...] = ()
    link_ids: tuple[str, ...] = ()


Writer = Callable[[HighlightInput], Iterable[HighlightLine]]

_OPTIONAL = re.compile(r"(\[[^\]]*\])")


@dataclass(frozen=True, slots=True)
class HighlightRule:
    """One rule: what it may be made from (the foremost first), and what it writes."""

    id: str
    group: str
    link_ids: tuple[str, ...]
    write: Writer


# -- small forms that several rules share ------------------------------------------------------------------------------


def _says(
    id: str,
    group: str,
    template: str,
    *,
    when: tuple[str, ...] = (),
    rows: str | None = None,
    without: Mapping[str, Collection[str]] = MappingProxyType({}),
    **more: Any,
) -> HighlightRule:
    """A rule that says an answer in words for each `{linkId}` of its template, or nothing if there are none.

    What stands in `[..]` is left out if it has none, or else what follows its `|` is said. `when` is a question and the
    option that has to be chosen, `rows` a list with a line for each entry, `without` the options left out of an answer,
    where these are others than those of what is not known; the rest is handed to `in_words`.
    """
    slots = tuple(names_in(template))

    def line(told: HighlightInput, row: Entry | None) -> Iterator[HighlightLine]:
        words = {one: told.answers.words(one, row, without=without.get(one, NOT_KNOWN), **more) for one in slots}
        said: list[Sentence] = []
        for part in _OPTIONAL.split(template):
            optional_part, _, otherwise = part[1:-1].partition("|") if part.startswith("[") else (part, "", None)
            there = all(words[one] for one in names_in(optional_part))
            if not there and otherwise is None:
                return
            said.append(filled(optional_part, **words) if there else sentence(otherwise or ""))
        asked = (slots or when[:1]) if row is None else ()
        whole = _whole(told, {one: without.get(one, NOT_KNOWN) for one in asked}, more.get("limit"))
        yield HighlightLine(sentence(*said), whole)

    def write(told: HighlightInput) -> Iterator[HighlightLine]:
        if not when or told.answers.has(*when):
            for row in told.answers.rows(rows) if rows else (None,):
                yield from line(told, row)

    return HighlightRule(id, group, (*when[:1], *((rows,) if rows else ()), *slots), write)


def _whole(told: HighlightInput, without: Mapping[str, Collection[str]], limit: int | None = None) -> tuple[str, ...]:
    """Those of the questions that have an answer of which none of these options was left out, and no text was cut."""
    answers = ((link_id, told.answers.answer(link_id), codes) for link_id, codes in without.items())
    return tuple(
        link_id
        for link_id, answer, codes in answers
        if answer.answered and not answer.has(codes) and not (limit and cut(tidied(answer.own_words or ""), limit)[1])
    )


def _with_brackets(head: Sentence, *notes: Sentence) -> Sentence:
    """`head (note; note)`, without brackets if there is no note (clinical.md 3.6, Joining)."""
    said = [note for note in notes if note]
    return sentence(head, " (", joined("; ", said), ")") if said else head


# -- A: before you meet ------------------------------------------------------------------------------------------------

_AGREEMENT = {
    "not-yet": " Patient's agreement not yet confirmed.",
    "legal": " States a legal right to act for the patient.",
}


def _filled_in_by(told: HighlightInput) -> Iterator[HighlightLine]:
    answers = told.answers
    who = answers.code("respondent")
    if who not in ("other", "together"):
        return
    name = answers.words("respondent-name", quotes=False) or sentence("someone else")
    helper = _with_brackets(name, answers.words("respondent-relationship"))
    if who == "together":
        yield HighlightLine(filled("Form filled in together with {helper}.", helper=helper))
        return
    agreement = _AGREEMENT.get(answers.code("respondent-permission") or "", "")
    yield HighlightLine(
        filled("Form filled in by {helper}, not by the patient.{agreement}", helper=helper, agreement=agreement)
    )


_TIME_ALONE = {
    "yes": "Asks for time alone with the clinician.",
    "not-sure": "Is not sure about time alone with the clinician.",
}


def _time_alone(told: HighlightInput) -> Iterator[HighlightLine]:
    if text := _TIME_ALONE.get(told.answers.code("private-talk") or ""):
        yield HighlightLine(sentence(text), ("private-talk",))


def _pregnant_now(told: HighlightInput) -> Iterator[HighlightLine]:
    now = told.answers.code("pregnant-now")
    if now not in ("yes", "might-be"):
        return
    weeks = told.answers.number("pregnant-weeks")
    given = "weeks not given" if weeks is None else counted(weeks, "week")
    state = f"Reports being pregnant now ({given})." if now == "yes" else "Reports that they might be pregnant now."
    without_care = told.answers.code("pregnant-care") == "not-yet"
    tells = ("pregnant-now", "pregnant-weeks", *(("pregnant-care",) if without_care else ()))
    yield HighlightLine(sentence(state, " Pregnancy care: not yet." if without_care else ""), tells)


_ALLERGIES = {
    "no": "Reports no allergies.",
    "not-sure": "Not sure about allergies.",
    "declined": "Prefers not to say about allergies.",
    None: "Allergies: not answered.",
}


def _allergies(told: HighlightInput) -> Iterator[HighlightLine]:
    code = told.answers.code("allergies")
    detail = told.answers.words("allergies-detail") or sentence("no details given")
    text = filled("Reports allergies: {detail}.", detail=detail) if code == "yes" else sentence(_ALLERGIES[code])
    yield HighlightLine(text, ("allergies", "allergies-detail"))


def _in_person(told: HighlightInput) -> Iterator[HighlightLine]:
    answers = told.answers
    if answers.code("ever-pregnant") is None and answers.told_in_person(ASKED_ON, "ever-pregnant"):
        yield HighlightLine(sentence("Will tell about pregnancies in person."))
    for page, rows, each, more in (
        (LISTED_ON, "pregnancies", "each pregnancy", "the pregnancies"),
        (TRANSFERS_LISTED_ON, "transfers", "each embryo transfer", "the embryo transfers"),
    ):
        if answers.told_in_person(page, rows):
            what = f"more about {more}" if answers.rows(rows) else f"about {each}"
            yield HighlightLine(sentence(f"Will tell {what} in person."), link_ids=(rows,))


# -- B: pregnancies and transfers --------------------------------------------------------------------------------------


def _losses(told: HighlightInput) -> Iterator[HighlightLine]:
    answers, found = told.answers, pregnancies_of(told.answers)
    stated, number = answers.number("loss-count"), Counter(one.kind for one in found.own if one.is_loss)
    kinds = ", ".join(counted(number[kind], LOSSES[kind]) for kind in LOSSES if number[kind])
    listed = f"{counted(number.total(), 'pregnancy loss')}: {kinds}."
    whose = ", whoever carried" if answers.code("ever-pregnant") in ("both", "other") else ""
    if number and stated in (None, found.losses):
        yield HighlightLine(sentence(f"Reports {listed}"))
    elif number:
        yield HighlightLine(sentence(f"Lists {listed} States {stated} in all{whose}."))
    elif stated and stated != found.losses:
        none_listed = "" if found.rows else " None listed."
        yield HighlightLine(sentence(f"States {counted(stated, 'pregnancy loss')}{whose}.{none_listed}"))


def _counted(key: str, thing: str, ending: str = "") -> Writer:
    """A line for one of the counts, if there is any."""

    def write(told: HighlightInput) -> Iterator[HighlightLine]:
        if number := told.counts.get(key):
            yield HighlightLine(sentence(f"Reports {counted(number, thing)}{ending}."))

    return write


def _not_all_living(told: HighlightInput) -> Iterator[HighlightLine]:
    for one in pregnancies_of(told.answers).rows:
        if not one.is_not_all_living:
            continue
        if (one.babies or 0) > 1:
            said = f"a birth of {one.babies} babies, {one.living or 'none'} living now"
        else:
            nobody = "the child is not" if one.babies else "no child from it is"
            said = f"1 live birth; {nobody} living now"
        yield HighlightLine(sentence(f"Reports {said}."))


_CARRIED = {
    "carried_by_partner_or_surrogate": "carried by a partner or surrogate",
    "carrier_not_given": "without saying who carried",
}


def _carried(told: HighlightInput) -> Iterator[HighlightLine]:
    for key, how in _CARRIED.items():
        if carried := told.counts.get(key):
            number = sentence(f"Reports {counted(carried['pregnancies'], 'pregnancy')} {how}")
            losses, unclear = carried.get("losses"), carried.get("not_clear")
            notes = (f"{losses} ended in a loss" if losses else "", f"{unclear} not clear" if unclear else "")
            yield HighlightLine(sentence(_with_brackets(number, *map(sentence, notes)), "."))


def _never_pregnant(told: HighlightInput) -> Iterator[HighlightLine]:
    if told.answers.code("ever-pregnant") == "no" and told.answers.code("pregnant-now") != "yes":
        yield HighlightLine(sentence("Reports no pregnancies so far."), ("ever-pregnant",))


_TO = {
    "me": ("", ""),
    "partner": (" to a partner", " to a partner"),
    "surrogate": (" to a surrogate", " to a surrogate"),
    "not-given": (" without saying who had it", " without saying who had them"),
}
"""Who had a transfer, or several, in the order of the lines."""


def _transfers(told: HighlightInput) -> Iterator[HighlightLine]:
    kept = [one for one in transfers_of(told.answers) if one.result != "cancelled"]
    for who, (to_one, to_several) in _TO.items():
        if had := [one for one in kept if one.to == who]:
            embryos = embryos_of(had)
            at_least = "at least " if embryos.get("embryos_at_least") else ""
            in_all = f"{at_least}{counted(embryos.get('embryos', 0), 'embryo')} in all"
            number = Counter(one.result for one in had)
            results = ", ".join(
                counted(number[code], told.answers.option("transfer-result", code))
                for code in transfer_results(told.answers.questionnaire)
                if number[code]
            )
            head = f"{counted(len(had), 'embryo transfer')}{to_one if len(had) == 1 else to_several}"
            given = in_all if embryos else "number of embryos not given"
            yield HighlightLine(sentence(f"Reports {head}, {given}: {results}."))


DONORS = ("donor-egg", "donor-sperm", "donor-embryo")


def _donors(told: HighlightInput) -> Iterator[HighlightLine]:
    answers = told.answers
    used = {code for row in answers.rows("pregnancies") for code in answers.answer("preg-donor", row).codes}
    used |= {code for row in answers.rows("transfers") for code in answers.answer("transfer-egg", row).codes}
    used |= set(answers.answer("fertility-treatments").codes)
    donors = "; ".join(answers.option("preg-donor", code) for code in DONORS if code in used)
    if donors:
        yield HighlightLine(sentence(f"Reports use of: {donors}."))


def _no_cause_found(told: HighlightInput) -> Iterator[HighlightLine]:
    answers = told.answers
    if answers.has("told-findings", "no-cause"):
        words = optional("; trying for: {value}", answers.words("trying-time", without=NOT_KNOWN))
        how_long = sentence("; not trying now") if answers.has("trying-time", "not-trying") else words
        yield HighlightLine(sentence("Reports being told that tests were done and no cause was found", how_long, "."))


# -- C: health ---------------------------------------------------------------------------------------------------------


def _autoimmune(told: HighlightInput) -> Iterator[HighlightLine]:
    answers = told.answers

    def condition(row: Entry) -> Sentence:
        not_told = answers.code("autoimmune-told-by", row) in ("self", "being-checked")
        by = answers.words("autoimmune-told-by", row) if not_told else ()
        return _with_brackets(answers.words("autoimmune-condition", row), answers.known("autoimmune-activity", row), by)

    if rows := answers.rows("autoimmune"):
        yield HighlightLine(sentence("Reports autoimmune condition: ", joined(", ", map(condition, rows)), "."))


def _infections(told: HighlightInput) -> Iterator[HighlightLine]:
    answers = told.answers

    def infection(row: Entry) -> Sentence:
        own_view = sentence("own view") if answers.code("infection-confirmed", row) == "self" else ()
        return _with_brackets(answers.words("infection-name", row), answers.known("infection-status", row), own_view)

    rows = answers.rows("infections")
    if rows and told.settings.infection_names:
        yield HighlightLine(sentence("Reports infection: ", joined(", ", map(infection, rows)), "."))
    elif rows:
        yield HighlightLine(sentence(f"Reports {counted(len(rows), 'infection')}; see full answers."))


def _clots_and_other(told: HighlightInput) -> Iterator[HighlightLine]:
    answers = told.answers
    said: list[Sentence] = []
    if answers.has(*_ticked("clots")):
        where = optional(": {value}", answers.words("clot-detail"))
        said.append(sentence("Reports a blood clot, now or in the past", where, "."))
    if answers.has(*_ticked("organs")):
        said.append(sentence(f"Reports {answers.option(*_ticked('organs'))}."))
    if answers.has(*_ticked("other")):
        said.append(sentence("Reports another condition or operation."))
    if said:
        words = optional("In their words: {value}.", answers.words("other-health", limit=CUT_AT))
        whole = _whole(told, {"clot-detail": (), "other-health": ()}, CUT_AT)
        yield HighlightLine(joined(" ", [*said, *([words] if words else [])]), whole)


def _weak_immune(told: HighlightInput) -> Iterator[HighlightLine]:
    answers = told.answers
    if answers.has(*_ticked("weak-immune")):
        left_out = {"not-told", "unknown", "declined"}
        why = optional("; was told why: {value}", answers.words("weak-immune-why", without=left_out))
        not_told = "; was not told why" if answers.has("weak-immune-why", "not-told") else ""
        whole = _whole(told, {"weak-immune-why": {"unknown", "declined"}})
        yield HighlightLine(sentence("Reports a weak immune system", why, not_told, "."), whole)


# -- D: tests, medicines, treatment ------------------------------------------------------------------------------------


def _tests(told: HighlightInput) -> Iterator[HighlightLine]:
    answers = told.answers
    for row in answers.rows("immune-tests"):
        when = optional(", {value}", answers.words("test-date", row))
        result = optional("; was told: {value}", answers.known("test-told", row))
        if answers.code("test-told", row) == "waiting":
            result = sentence("; still waiting for the result")
        yield HighlightLine(sentence("Reports test: ", answers.words("test-kind", row), when, result, "."))


def _medicines(told: HighlightInput) -> Iterator[HighlightLine]:
    answers = told.answers
    rows = answers.rows("medicines")
    supplements = answers.words("supplements", without={"none"})
    parts: list[Sentence] = []
    if rows:
        listed = joined(", ", (_medicine(answers, row) for row in rows))
        parts.append(sentence(f"Lists {counted(len(rows), 'medicine or supplement')}: ", listed, "."))
    if supplements:
        parts.append(filled("Supplements ticked: {supplements}.", supplements=supplements))
    if parts:
        yield HighlightLine(joined(" ", parts), _whole(told, {"supplements": {"none"}}))
    else:
        yield _takes_nothing_listed(answers)


def _medicine(answers: PatientAnswers, row: Entry) -> Sentence:
    """`“name dose”`, or `“name” (dose not known)`."""
    name, dose = answers.words("med-name", row, quotes=False), answers.words("med-dose", row, quotes=False)
    not_known = not dose and answers.answer("med-dose", row).absent is not None
    return sentence("“", name, optional(" {value}", dose), "”", " (dose not known)" if not_known else "")


def _takes_nothing_listed(answers: PatientAnswers) -> HighlightLine:
    match answers.answer("takes-now").codes:
        case ("none",):
            return HighlightLine(sentence("Reports taking no medicines or supplements."), ("takes-now",))
        case ("declined",):
            return HighlightLine(sentence("Prefers not to say about medicines and supplements."), ("takes-now",))
        case codes if not {"prescribed", "otc", "supplements"}.isdisjoint(codes):
            return HighlightLine(sentence("Reports taking medicines or supplements; none listed."))
        case _:
            return HighlightLine(sentence("Medicines and supplements: not answered."))


_WHAT_CELLS = {
    "stem": " The question is about stem cells.",
    "both": " The question is about NK cells and stem cells.",
    "not-sure": " Is not sure if the question is about NK cells or stem cells.",
}


def _nk_therapy(told: HighlightInput) -> Iterator[HighlightLine]:
    answers = told.answers
    if not answers.has("visit-reasons", "nk-therapy"):
        return
    goals = optional(": {value}", answers.words("nk-goals", without={"not-sure"}))
    not_sure = f" Is not sure what {'else ' if goals else ''}to ask." if answers.has("nk-goals", "not-sure") else ""
    which = _WHAT_CELLS.get(answers.code("cell-question") or "", "")
    tells = ("nk-goals", *(("cell-question",) if which else ()))
    yield HighlightLine(sentence("Has questions about NK cell therapy", goals, ".", not_sure, which), tells)


# -- E: to follow up ---------------------------------------------------------------------------------------------------


def _open_checks(told: HighlightInput) -> Iterator[HighlightLine]:
    for check in told.checks:
        yield from (HighlightLine(line, link_ids=check.link_ids) for line in check.clinician)


# -- the table ---------------------------------------------------------------------------------------------------------


def _ticked(code: str) -> tuple[str, str]:
    return "health-checklist", code


_ENDINGS = ("pregnancies", "preg-outcome", "preg-carrier")

RULES: tuple[HighlightRule, ...] = (
    HighlightRule(
        "H-01",
        "A",
        ("respondent", "respondent-name", "respondent-relationship", "respondent-permission"),
        _filled_in_by,
    ),
    _says("H-02", "A", "Asks to be contacted {contact-safe}.", without={"contact-safe": {"any"}}),
    HighlightRule("H-03", "A", ("private-talk",), _time_alone),
    _says("H-04", "A", "Asks for: {access-needs}.[ Language for the visit: {language}.]"),
    _says(
        "H-05",
        "A",
        "Prefers the words: “{loss-words}”.",
        without={WORDS_FOR_A_LOSS.link_id: {WORDS_FOR_A_LOSS.no_preference}},
        quotes=False,
    ),
    HighlightRule("H-31", "A", ("ever-pregnant", "pregnancies", "transfers"), _in_person),
    HighlightRule("H-06", "A", ("pregnant-now", "pregnant-weeks", "pregnant-care"), _pregnant_now),
    HighlightRule("H-07", "A", ("allergies", "allergies-detail"), _allergies),
    HighlightRule("H-08", "B", (*_ENDINGS, "loss-count"), _losses),
    HighlightRule("H-32", "B", _ENDINGS, _counted("neonatal_deaths", "live birth", " with death in the first weeks")),
    HighlightRule("H-33", "B", (*_ENDINGS, "preg-living", "preg-babies"), _not_all_living),
    HighlightRule(
        "H-34",
        "B",
        (*_ENDINGS, "preg-born-alive", "preg-living"),
        _counted("different_endings", "pregnancy", " of twins or more with different endings"),
    ),
    HighlightRule(
        "H-09", "B", _ENDINGS, _counted("ended_for_medical_reasons", "pregnancy", " ended for medical reasons")
    ),
    HighlightRule("H-10", "B", (*_ENDINGS, "ever-pregnant"), _carried),
    HighlightRule("H-11", "B", ("ever-pregnant", "pregnant-now"), _never_pregnant),
    HighlightRule(
        "H-12",
        "B",
        ("transfers", "transfer-result", "transfer-embryos", "transfers-who", "transfer-carrier"),
        _transfers,
    ),
    HighlightRule("H-13", "B", ("preg-donor", "transfer-egg", "fertility-treatments"), _donors),
    HighlightRule("H-14", "B", ("told-findings", "trying-time"), _no_cause_found),
    HighlightRule(
        "H-15", "C", ("autoimmune", "autoimmune-condition", "autoimmune-activity", "autoimmune-told-by"), _autoimmune
    ),
    HighlightRule(
        "H-16", "C", ("infections", "infection-name", "infection-status", "infection-confirmed"), _infections
    ),
    _says("H-17", "C", "Reports condition with inflammation: {inflammation-list}."),
    _says("H-18", "C", "Reports about hormones: {hormone-list}."),
    HighlightRule("H-19", "C", ("health-checklist", "clot-detail", "other-health"), _clots_and_other),
    HighlightRule("H-20", "C", ("health-checklist", "weak-immune-why"), _weak_immune),
    _says(
        "H-21",
        "C",
        "Reports cancer: [{cancer-type}|kind not given][; {cancer-status}][; treatment: {cancer-treatments}].",
        when=_ticked("cancer"),
        without={"cancer-treatments": {"unknown", "declined"}},
    ),
    _says("H-22", "C", "Reports in the family: {family-history}."),
    HighlightRule("H-23", "D", ("immune-tests", "test-kind", "test-date", "test-told"), _tests),
    HighlightRule("H-24", "D", ("takes-now", "medicines", "med-name", "med-dose", "supplements"), _medicines),
    _says("H-25", "D", "Reports having been given: {immune-medicines}."),
    _says(
        "H-26",
        "D",
        "Reports earlier treatment: {tried-treatments}[; as the patient sees it: {tried-result}].",
        limit=CUT_AT,
    ),
    _says(
        "H-27",
        "D",
        "Reports earlier cell therapy: {cell-therapy}.[ In their words: {cell-therapy-detail}.]",
        limit=CUT_AT,
    ),
    HighlightRule("H-28", "D", ("visit-reasons", "nk-goals", "cell-question"), _nk_therapy),
    _says("H-29", "E", "Would like: {support}.", without={"support": {"have", "not-now", "declined"}}),
    HighlightRule("H-30", "E", (), _open_checks),
)


def highlights_of(told: HighlightInput) -> tuple[HighlightGroup, ...]:
    """All highlights of one response, in the order of the page, under their headings."""
    answers = told.answers
    words = WORDS_FOR_A_LOSS.chosen(answers.questionnaire, answers.response)
    found = [(rule.group, _highlight(answers, rule, line, words)) for rule in RULES for line in rule.write(told)]
    return tuple(
        HighlightGroup(GROUPS[group], tuple(highlight for _, highlight in together))
        for group, together in groupby(found, key=lambda one: one[0])
    )


def _highlight(answers: PatientAnswers, rule: HighlightRule, line: HighlightLine, words: Sentence) -> Highlight:
    """A line as it is kept: of what a rule may be made from, what this patient answered; the foremost if nothing."""
    link_ids = line.link_ids or rule.link_ids
    made_from = tuple(link_id for link_id in link_ids if _is_answered(answers, link_id)) or link_ids[:1]
    if not made_from:
        return Highlight(rule.id, line.sentence, (), line.tells, (), "")
    foremost = answers.questionnaire.item(made_from[0])
    rows = answers.questionnaire.list_of(foremost.link_id) or foremost
    return Highlight(rule.id, line.sentence, made_from, line.tells, question_text(foremost, words), rows.link_id)


def _is_answered(answers: PatientAnswers, link_id: str) -> bool:
    rows = answers.questionnaire.list_of(link_id)
    if rows is not None:
        return any(answers.answer(link_id, row).answered for row in answers.rows(rows.link_id))
    return answers.answer(link_id).answered or bool(answers.rows(link_id))
