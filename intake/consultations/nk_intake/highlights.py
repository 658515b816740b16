"""Reported highlights H-01 to H-30 (clinical.md 3.2, word for word 3.6): each quotes what was said and judges nothing.

One row of the table `RULES` is one rule: its id, its group, the questions it reads, and the function that writes its
lines. The table's order is the page's order; nothing moves up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from intake.consultations.nk_intake.words import LOSSES, WORDS_FOR_A_LOSS, counted
from intake.questionnaire.response import Entry
from intake.summary.checks import Check
from intake.summary.chosen_words import question_text
from intake.summary.model import Highlight, HighlightGroup, SummarySettings
from intake.summary.patient_answers import NOT_KNOWN, PatientAnswers
from intake.summary.statement import Part, Sentence, filled, joined, optional, sentence
from intake.summary.wording import CUT_AT

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

_UNSAID = frozenset({"unknown", "declined"})


# -- small forms that several rules share ------------------------------------------------------------------------------


def _listing(link_id: str, template: str, without: Collection[str] = ()) -> Writer:
    """`template` with the answer in words for {value}; no line if no option is left."""

    def write(told: HighlightInput) -> Iterator[HighlightLine]:
        words = told.answers.words(link_id, without=without)
        if words:
            yield HighlightLine(filled(template, value=words), _whole(told, link_id, without))

    return write


def _fixed(link_id: str, code: str, text: str) -> Writer:
    """`text`, if that option was chosen."""

    def write(told: HighlightInput) -> Iterator[HighlightLine]:
        if told.answers.code(link_id) == code:
            yield HighlightLine(sentence(text), (link_id,))

    return write


def _whole(told: HighlightInput, link_id: str, without: Collection[str] = ()) -> tuple[str, ...]:
    """The question, if none of its chosen options was left out."""
    answer = told.answers.answer(link_id)
    return (link_id,) if answer.answered and not answer.has(without) else ()


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


def _access_needs(told: HighlightInput) -> Iterator[HighlightLine]:
    needs = told.answers.words("access-needs", without={"none"})
    language = told.answers.words("language")
    if needs:
        text = sentence(
            filled("Asks for: {needs}.", needs=needs), optional(" Language for the visit: {value}.", language)
        )
        yield HighlightLine(text, (*_whole(told, "access-needs", {"none"}), "language"))


def _preferred_words(told: HighlightInput) -> Iterator[HighlightLine]:
    words = told.answers.words("loss-words", quotes=False)
    if words and not told.answers.has("loss-words", WORDS_FOR_A_LOSS.no_preference):
        yield HighlightLine(filled("Prefers the words: “{words}”.", words=words), ("loss-words",))


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
    def condition(row: Entry) -> Sentence:
        answers = told.answers
        by = (
            answers.words("autoimmune-told-by", row)
            if answers.code("autoimmune-told-by", row) in ("self", "being-checked")
            else ()
        )
        return _with_brackets(answers.words("autoimmune-condition", row), answers.known("autoimmune-activity", row), by)

    rows = told.answers.rows("autoimmune")
    if rows:
        yield HighlightLine(sentence("Reports autoimmune condition: ", joined(", ", map(condition, rows)), "."))


def _infections(told: HighlightInput) -> Iterator[HighlightLine]:
    def infection(row: Entry) -> Sentence:
        own_view = sentence("own view") if told.answers.code("infection-confirmed", row) == "self" else ()
        return _with_brackets(
            told.answers.words("infection-name", row), told.answers.known("infection-status", row), own_view
        )

    rows = told.answers.rows("infections")
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


def _weak_immune(told: HighlightInput) -> Iterator[HighlightLine]:
    if told.answers.has("health-checklist", "weak-immune"):
        why = told.answers.words("weak-immune-why", without=_UNSAID)
        text = sentence("Reports a weak immune system", optional("; was told why: {value}", why), ".")
        yield HighlightLine(text, _whole(told, "weak-immune-why", _UNSAID))


def _cancer(told: HighlightInput) -> Iterator[HighlightLine]:
    answers = told.answers
    if answers.has("health-checklist", "cancer"):
        text = sentence(
            "Reports cancer: ",
            answers.words("cancer-type") or "kind not given",
            optional("; {value}", answers.known("cancer-status")),
            optional("; treatment: {value}", answers.words("cancer-treatments", without=_UNSAID)),
            ".",
        )
        tells = (*_whole(told, "cancer-status", NOT_KNOWN), *_whole(told, "cancer-treatments", _UNSAID))
        yield HighlightLine(text, ("cancer-type", *tells))


# -- D: tests, medicines, treatment ------------------------------------------------------------------------------------


def _immune_tests(told: HighlightInput) -> Iterator[HighlightLine]:
    answers = told.answers
    for row in answers.rows("immune-tests"):
        yield HighlightLine(
            sentence(
                "Reports test: ",
                answers.words("test-kind", row),
                optional(", {value}", answers.words("test-date", row)),
                optional("; was told: {value}", answers.known("test-told", row)),
                ".",
            )
        )


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
        yield HighlightLine(joined(" ", parts), _whole(told, "supplements", {"none"}))
    else:
        yield _takes_nothing_listed(answers)


def _medicine(answers: PatientAnswers, row: Entry) -> Sentence:
    """`“name dose”`, or `“name” (dose not known)`."""
    name, dose = answers.words("med-name", row, quotes=False), answers.words("med-dose", row, quotes=False)
    not_known = not dose and answers.answer("med-dose", row).absent is not None
    named: list[Part | Sentence] = [name, *([_patients_space(dose)] if dose else [])]
    return sentence("“", *named, "”", " (dose not known)" if not_known else "")


def _patients_space(dose: Sentence) -> Sentence:
    """The dose behind one space, in the patient's part."""
    return sentence(*(Part(f" {part.text}", part.by) for part in dose))


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


def _tried(told: HighlightInput) -> Iterator[HighlightLine]:
    tried = told.answers.words("tried-treatments", limit=CUT_AT)
    if tried:
        result = told.answers.known("tried-result")
        text = sentence(
            "Reports earlier treatment: ", tried, optional("; as the patient sees it: {value}", result), "."
        )
        yield HighlightLine(text, ("tried-treatments", *_whole(told, "tried-result", NOT_KNOWN)))


def _nk_therapy(told: HighlightInput) -> Iterator[HighlightLine]:
    if not told.answers.has("visit-reasons", "nk-therapy"):
        return
    about = told.answers.words("cell-question", without={"nk"})
    text = sentence(
        "Has questions about NK cell therapy",
        optional(": {value}", told.answers.words("nk-goals")),
        ".",
        optional(" Question is about: {value}.", about),
    )
    yield HighlightLine(text, ("nk-goals", *(("cell-question",) if about else ())))


# -- E: to follow up ---------------------------------------------------------------------------------------------------


def _open_checks(told: HighlightInput) -> Iterator[HighlightLine]:
    for check in told.checks:
        if check.clinician is not None:
            yield HighlightLine(check.clinician, check.tells, check.link_ids)


# -- the table ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HighlightRule:
    """One rule: what it may be made from (the foremost first), and what it writes."""

    id: str
    group: str
    link_ids: tuple[str, ...]
    write: Writer


RULES: tuple[HighlightRule, ...] = (
    HighlightRule(
        "H-01",
        "A",
        ("respondent", "respondent-name", "respondent-relationship", "respondent-permission"),
        _filled_in_by,
    ),
    HighlightRule("H-02", "A", ("contact-safe",), _listing("contact-safe", "Asks to be contacted {value}.", {"any"})),
    HighlightRule(
        "H-03", "A", ("private-talk",), _fixed("private-talk", "yes", "Asks for time alone with the clinician.")
    ),
    HighlightRule("H-04", "A", ("access-needs", "language"), _access_needs),
    HighlightRule("H-05", "A", ("loss-words",), _preferred_words),
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
    HighlightRule(
        "H-17",
        "C",
        ("inflammation-list",),
        _listing("inflammation-list", "Reports condition with inflammation: {value}.", _UNSAID),
    ),
    HighlightRule(
        "H-18", "C", ("hormone-list",), _listing("hormone-list", "Reports about hormones: {value}.", _UNSAID)
    ),
    HighlightRule("H-19", "C", ("health-checklist", "other-health"), _clots_and_other),
    HighlightRule("H-20", "C", ("health-checklist", "weak-immune-why"), _weak_immune),
    HighlightRule("H-21", "C", ("health-checklist", "cancer-type", "cancer-status", "cancer-treatments"), _cancer),
    HighlightRule(
        "H-22", "C", ("family-history",), _listing("family-history", "Reports in the family: {value}.", NOT_KNOWN)
    ),
    HighlightRule("H-23", "D", ("immune-tests", "test-kind", "test-date", "test-told"), _immune_tests),
    HighlightRule("H-24", "D", ("takes-now", "medicines", "med-name", "med-dose", "supplements"), _medicines),
    HighlightRule(
        "H-25",
        "D",
        ("immune-medicines",),
        _listing("immune-medicines", "Reports having been given: {value}.", NOT_KNOWN),
    ),
    HighlightRule("H-26", "D", ("tried-treatments", "tried-result"), _tried),
    HighlightRule(
        "H-27", "D", ("cell-therapy",), _listing("cell-therapy", "Reports earlier cell therapy: {value}.", NOT_KNOWN)
    ),
    HighlightRule("H-28", "D", ("visit-reasons", "nk-goals", "cell-question"), _nk_therapy),
    HighlightRule(
        "H-29", "E", ("support",), _listing("support", "Would like: {value}.", {"have", "not-now", "declined"})
    ),
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
