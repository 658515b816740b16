"""Reported highlights H-01 to H-30 (clinical.md 3.2, word for word 3.6): each quotes what was said and judges nothing.

One row of the table `RULES` is one rule: its id, its group, the questions it reads, and the function that writes its
lines. The table's order is the page's order; nothing moves up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Any

from intake.consultations.nk_intake.words import LOSSES, WORDS_FOR_A_LOSS, counted
from intake.questionnaire.placeholders import names_in
from intake.questionnaire.response import Entry
from intake.summary.checks import Check
from intake.summary.chosen_words import question_text
from intake.summary.model import Highlight, HighlightGroup, SummarySettings
from intake.summary.patient_answers import NOT_KNOWN, PatientAnswers
from intake.summary.statement import CUT_AT, Part, Sentence, filled, joined, optional, sentence

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
        yield HighlightLine(sentence(*said), _whole(told, {one: without.get(one, NOT_KNOWN) for one in asked}))

    def write(told: HighlightInput) -> Iterator[HighlightLine]:
        if not when or told.answers.has(*when):
            for row in told.answers.rows(rows) if rows else (None,):
                yield from line(told, row)

    return HighlightRule(id, group, (*when[:1], *((rows,) if rows else ()), *slots), write)


def _whole(told: HighlightInput, without: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Those of the questions that have an answer of which none of these options was left out."""
    answers = ((link_id, told.answers.answer(link_id), codes) for link_id, codes in without.items())
    return tuple(link_id for link_id, answer, codes in answers if answer.answered and not answer.has(codes))


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
    tells = ("respondent", "respondent-name", "respondent-relationship")
    if who == "together":
        yield HighlightLine(filled("Form filled in together with {helper}.", helper=helper), tells)
        return
    agreement = _AGREEMENT.get(answers.code("respondent-permission") or "", "")
    text = filled("Form filled in by {helper}, not by the patient.{agreement}", helper=helper, agreement=agreement)
    yield HighlightLine(text, (*tells, "respondent-permission") if agreement else tells)


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


# -- B: pregnancies and transfers --------------------------------------------------------------------------------------


def _losses(told: HighlightInput) -> Iterator[HighlightLine]:
    losses = told.counts.get("losses")
    if losses and losses["total"]:
        kinds = ", ".join(counted(number, LOSSES[kind]) for kind, number in losses["by_kind"].items())
        yield HighlightLine(sentence(f"Reports {counted(losses['total'], 'pregnancy loss')}: {kinds}."))


def _medical_reasons(told: HighlightInput) -> Iterator[HighlightLine]:
    number = told.counts.get("ended_for_medical_reasons")
    if number and told.settings.medical_reasons:
        yield HighlightLine(sentence(f"Reports {counted(number, 'pregnancy')} ended for medical reasons."))


_CARRIED = {
    "carried_by_partner_or_surrogate": "carried by a partner or surrogate",
    "carrier_not_given": "without saying who carried",
}


def _carried(told: HighlightInput) -> Iterator[HighlightLine]:
    for key, how in _CARRIED.items():
        if carried := told.counts.get(key):
            number = counted(carried["pregnancies"], "pregnancy")
            yield HighlightLine(sentence(f"Reports {number} {how} ({carried['losses']} ended in a loss)."))


def _never_pregnant(told: HighlightInput) -> Iterator[HighlightLine]:
    if told.answers.code("ever-pregnant") == "no" and told.answers.code("pregnant-now") != "yes":
        yield HighlightLine(sentence("Reports no pregnancies so far."), ("ever-pregnant",))


def _transfers(told: HighlightInput) -> Iterator[HighlightLine]:
    transfers = told.counts.get("transfers")
    if not transfers or not transfers["listed"]:
        return
    number, at_least = transfers["embryos"], "at least " if transfers["embryos_at_least"] else ""
    in_all = f"{at_least}{counted(number, 'embryo')} in all"
    embryos = "number of embryos not given" if at_least and not number else in_all
    results = ", ".join(
        counted(number, told.answers.option("transfer-result", code)) for code, number in transfers["results"].items()
    )
    yield HighlightLine(sentence(f"Reports {counted(transfers['listed'], 'embryo transfer')}, {embryos}: {results}."))


DONORS = ("donor-egg", "donor-sperm", "donor-embryo")


def _donors(told: HighlightInput) -> Iterator[HighlightLine]:
    answers = told.answers
    used = {code for row in answers.rows("pregnancies") for code in answers.answer("preg-donor", row).codes}
    used |= {code for row in answers.rows("transfers") for code in answers.answer("transfer-egg", row).codes}
    donors = "; ".join(answers.option("preg-donor", code) for code in DONORS if code in used)
    if donors:
        yield HighlightLine(sentence(f"Reports use of: {donors}."))


def _no_cause_found(told: HighlightInput) -> Iterator[HighlightLine]:
    answers = told.answers
    if not answers.has("told-findings", "no-cause"):
        return
    trying = answers.code("trying-time")
    words = optional("; trying for: {value}", answers.words("trying-time", without=NOT_KNOWN))
    for_how_long = sentence("; not trying now") if trying == "not-trying" else words
    text = sentence("Reports being told that tests were done and no cause was found", for_how_long, ".")
    only = ("told-findings",) if answers.answer("told-findings").codes == ("no-cause",) else ()
    yield HighlightLine(text, (*only, *(("trying-time",) if for_how_long else ())))


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
    ticked = {"clots": "Reports a blood clot, now or in the past.", "other": "Reports another condition or operation."}
    said = [sentence(text) for code, text in ticked.items() if answers.has("health-checklist", code)]
    if said:
        words = optional("In their words: {value}.", answers.words("other-health", limit=CUT_AT))
        yield HighlightLine(joined(" ", [*said, *([words] if words else [])]), ("other-health",))


# -- D: tests, medicines, treatment ------------------------------------------------------------------------------------


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
    behind_a_space = [Part(f" {part.text}", part.by) for part in dose]  # which is in the patient's part too
    return sentence("“", name, *behind_a_space, "”", " (dose not known)" if not_known else "")


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


# -- E: to follow up ---------------------------------------------------------------------------------------------------


def _open_checks(told: HighlightInput) -> Iterator[HighlightLine]:
    for check in told.checks:
        if check.clinician is not None:
            yield HighlightLine(check.clinician, check.tells, check.link_ids)


# -- the table ---------------------------------------------------------------------------------------------------------


def _ticked(code: str) -> tuple[str, str]:
    return "health-checklist", code


RULES: tuple[HighlightRule, ...] = (
    HighlightRule(
        "H-01",
        "A",
        ("respondent", "respondent-name", "respondent-relationship", "respondent-permission"),
        _filled_in_by,
    ),
    _says("H-02", "A", "Asks to be contacted {contact-safe}.", without={"contact-safe": {"any"}}),
    _says("H-03", "A", "Asks for time alone with the clinician.", when=("private-talk", "yes")),
    _says("H-04", "A", "Asks for: {access-needs}.[ Language for the visit: {language}.]"),
    _says(
        "H-05",
        "A",
        "Prefers the words: “{loss-words}”.",
        without={WORDS_FOR_A_LOSS.link_id: {WORDS_FOR_A_LOSS.no_preference}},
        quotes=False,
    ),
    HighlightRule("H-06", "A", ("pregnant-now", "pregnant-weeks", "pregnant-care"), _pregnant_now),
    HighlightRule("H-07", "A", ("allergies", "allergies-detail"), _allergies),
    HighlightRule("H-08", "B", ("pregnancies", "preg-outcome", "preg-carrier"), _losses),
    HighlightRule("H-09", "B", ("pregnancies", "preg-outcome", "preg-carrier"), _medical_reasons),
    HighlightRule("H-10", "B", ("pregnancies", "preg-carrier", "preg-outcome", "ever-pregnant"), _carried),
    HighlightRule("H-11", "B", ("ever-pregnant", "pregnant-now"), _never_pregnant),
    HighlightRule("H-12", "B", ("transfers", "transfer-result", "transfer-embryos"), _transfers),
    HighlightRule("H-13", "B", ("preg-donor", "transfer-egg"), _donors),
    HighlightRule("H-14", "B", ("told-findings", "trying-time"), _no_cause_found),
    HighlightRule(
        "H-15", "C", ("autoimmune", "autoimmune-condition", "autoimmune-activity", "autoimmune-told-by"), _autoimmune
    ),
    HighlightRule(
        "H-16", "C", ("infections", "infection-name", "infection-status", "infection-confirmed"), _infections
    ),
    _says("H-17", "C", "Reports condition with inflammation: {inflammation-list}."),
    _says("H-18", "C", "Reports about hormones: {hormone-list}."),
    HighlightRule("H-19", "C", ("health-checklist", "other-health"), _clots_and_other),
    _says("H-20", "C", "Reports a weak immune system[; was told why: {weak-immune-why}].", when=_ticked("weak-immune")),
    _says(
        "H-21",
        "C",
        "Reports cancer: [{cancer-type}|kind not given][; {cancer-status}][; treatment: {cancer-treatments}].",
        when=_ticked("cancer"),
        without={"cancer-treatments": {"unknown", "declined"}},
    ),
    _says("H-22", "C", "Reports in the family: {family-history}."),
    _says(
        "H-23",
        "D",
        "Reports test: {test-kind}[, {test-date}][; was told: {test-told}].",
        rows="immune-tests",
        without={"test-kind": ()},
    ),
    HighlightRule("H-24", "D", ("takes-now", "medicines", "med-name", "med-dose", "supplements"), _medicines),
    _says("H-25", "D", "Reports having been given: {immune-medicines}."),
    _says(
        "H-26",
        "D",
        "Reports earlier treatment: {tried-treatments}[; as the patient sees it: {tried-result}].",
        limit=CUT_AT,
    ),
    _says("H-27", "D", "Reports earlier cell therapy: {cell-therapy}."),
    _says(
        "H-28",
        "D",
        "Has questions about NK cell therapy[: {nk-goals}].[ Question is about: {cell-question}.]",
        when=("visit-reasons", "nk-therapy"),
        without={"nk-goals": (), "cell-question": {"nk"}},
    ),
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
