"""Reported highlights H-01 to H-30 (clinical.md 3.2, word for word 3.6): each quotes what was said and judges nothing.

One row of the table `RULES` is one rule: its id, its group, the questions it reads, and the function that writes its
lines. The table's order is the page's order; nothing moves up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from intake.questionnaire.response import Entry
from intake.summary.checks import Check
from intake.summary.counts import Counts
from intake.summary.loss_words import NO_PREFERENCE
from intake.summary.reading import NOT_KNOWN, Reading
from intake.summary.statement import Part, Sentence, filled, joined, sentence
from intake.summary.wording import CUT_AT, counted

GROUPS = {
    "A": "Before you meet",
    "B": "Pregnancies and transfers",
    "C": "Health",
    "D": "Tests, medicines, treatment",
    "E": "To follow up",
}
"""The headings; they are no part of the sentences, and a group without a line is not shown."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """One sentence, the rule that wrote it, and the questions and lists that it was made from, the foremost first.

    `tells` are the stand-alone questions whose whole answer the sentence states: they need no line of their own.
    """

    rule: str
    group: str
    sentence: Sentence
    link_ids: tuple[str, ...]
    tells: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """What the rules read: the answers, what was counted, the open checks, and whether infections may be named."""

    reading: Reading
    counts: Counts
    checks: tuple[Check, ...]
    infection_names: bool
    medical_reasons: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a rule, and the stand-alone questions whose whole answer it states."""

    sentence: Sentence
    tells: tuple[str, ...] = ()
    link_ids: tuple[str, ...] = ()


Writer = Callable[[Told], Iterable[Line]]

_UNSAID = frozenset({"unknown", "declined"})


# -- small forms that several rules share ------------------------------------------------------------------------------


def _listing(link_id: str, template: str, without: Collection[str] = ()) -> Writer:
    """`template` with the answer in words for {value}; no line if no option is left."""

    def write(told: Told) -> Iterator[Line]:
        words = told.reading.words(link_id, without=without)
        if words:
            yield Line(filled(template, value=words), _whole(told, link_id, without))

    return write


def _fixed(link_id: str, code: str, text: str) -> Writer:
    """`text`, if that option was chosen."""

    def write(told: Told) -> Iterator[Line]:
        if told.reading.code(link_id) == code:
            yield Line(sentence(text), (link_id,))

    return write


def _whole(told: Told, link_id: str, without: Collection[str] = ()) -> tuple[str, ...]:
    """The question, if none of its chosen options was left out."""
    answer = told.reading.answer(link_id)
    return (link_id,) if answer.answered and not answer.has(without) else ()


def _with_brackets(head: Sentence, *notes: Sentence) -> Sentence:
    """`head (note; note)`, without brackets if there is no note (clinical.md 3.6, Joining)."""
    said = [note for note in notes if note]
    return sentence(head, " (", joined("; ", said), ")") if said else head


def _optional(template: str, value: Sentence) -> Sentence:
    """`template` filled with the value, or nothing without one: what stands in [..] in clinical.md 3.6."""
    return filled(template, value=value) if value else ()


# -- A: before you meet ------------------------------------------------------------------------------------------------

_AGREEMENT = {
    "not-yet": " Patient's agreement not yet confirmed.",
    "legal": " States a legal right to act for the patient.",
}


def _filled_in_by(told: Told) -> Iterator[Line]:
    reading = told.reading
    who = reading.code("respondent")
    if who not in ("other", "together"):
        return
    name = reading.words("respondent-name", quotes=False) or sentence("someone else")
    helper = _with_brackets(name, reading.words("respondent-relationship"))
    tells = ("respondent", "respondent-name", "respondent-relationship")
    if who == "together":
        yield Line(filled("Form filled in together with {helper}.", helper=helper), tells)
        return
    agreement = _AGREEMENT.get(reading.code("respondent-permission") or "", "")
    text = filled("Form filled in by {helper}, not by the patient.{agreement}", helper=helper, agreement=agreement)
    yield Line(text, (*tells, "respondent-permission") if agreement else tells)


def _access_needs(told: Told) -> Iterator[Line]:
    needs = told.reading.words("access-needs", without={"none"})
    language = told.reading.words("language")
    if needs:
        text = sentence(
            filled("Asks for: {needs}.", needs=needs), _optional(" Language for the visit: {value}.", language)
        )
        yield Line(text, (*_whole(told, "access-needs", {"none"}), "language"))


def _preferred_words(told: Told) -> Iterator[Line]:
    words = told.reading.words("loss-words", quotes=False)
    if words and not told.reading.has("loss-words", NO_PREFERENCE):
        yield Line(filled("Prefers the words: “{words}”.", words=words), ("loss-words",))


def _pregnant_now(told: Told) -> Iterator[Line]:
    now = told.reading.code("pregnant-now")
    if now not in ("yes", "might-be"):
        return
    weeks = told.reading.number("pregnant-weeks")
    given = "weeks not given" if weeks is None else counted(weeks, "week")
    state = f"Reports being pregnant now ({given})." if now == "yes" else "Reports that they might be pregnant now."
    without_care = told.reading.code("pregnant-care") == "not-yet"
    tells = ("pregnant-now", "pregnant-weeks", *(("pregnant-care",) if without_care else ()))
    yield Line(sentence(state, " Pregnancy care: not yet." if without_care else ""), tells)


_ALLERGIES = {
    "no": "Reports no allergies.",
    "not-sure": "Not sure about allergies.",
    "declined": "Prefers not to say about allergies.",
    None: "Allergies: not answered.",
}


def _allergies(told: Told) -> Iterator[Line]:
    code = told.reading.code("allergies")
    detail = told.reading.words("allergies-detail") or sentence("no details given")
    text = filled("Reports allergies: {detail}.", detail=detail) if code == "yes" else sentence(_ALLERGIES[code])
    yield Line(text, ("allergies", "allergies-detail"))


# -- B: pregnancies and transfers --------------------------------------------------------------------------------------


def _losses(told: Told) -> Iterator[Line]:
    losses = told.counts.losses
    if losses.total:
        kinds = ", ".join(counted(number, kind) for kind, number in losses.by_kind.items())
        yield Line(sentence(f"Reports {counted(losses.total, 'pregnancy loss')}: {kinds}."))


def _medical_reasons(told: Told) -> Iterator[Line]:
    number = told.counts.ended_for_medical_reasons
    if number and told.medical_reasons:
        yield Line(sentence(f"Reports {counted(number, 'pregnancy')} ended for medical reasons."))


def _carried(told: Told) -> Iterator[Line]:
    counts = told.counts
    for carried, how in (
        (counts.others, "carried by a partner or surrogate"),
        (counts.carrier_not_given, "without saying who carried"),
    ):
        if carried.pregnancies:
            yield Line(
                sentence(
                    f"Reports {counted(carried.pregnancies, 'pregnancy')} {how} ({carried.losses} ended in a loss)."
                )
            )


def _never_pregnant(told: Told) -> Iterator[Line]:
    if told.reading.code("ever-pregnant") == "no" and told.reading.code("pregnant-now") != "yes":
        yield Line(sentence("Reports no pregnancies so far."), ("ever-pregnant",))


def _transfers(told: Told) -> Iterator[Line]:
    transfers = told.counts.transfers
    if transfers is None or not transfers.listed:
        return
    in_all = f"{'at least ' if transfers.embryos_at_least else ''}{counted(transfers.embryos, 'embryo')} in all"
    embryos = "number of embryos not given" if transfers.no_number_given else in_all
    results = ", ".join(
        counted(number, told.reading.option("transfer-result", code)) for code, number in transfers.results.items()
    )
    yield Line(sentence(f"Reports {counted(transfers.listed, 'embryo transfer')}, {embryos}: {results}."))


_DONORS = ("donor-egg", "donor-sperm", "donor-embryo")


def _donors(told: Told) -> Iterator[Line]:
    reading = told.reading
    used = {code for row in reading.rows("pregnancies") for code in reading.answer("preg-donor", row).codes}
    used |= {code for row in reading.rows("transfers") for code in reading.answer("transfer-egg", row).codes}
    donors = "; ".join(reading.option("preg-donor", code) for code in _DONORS if code in used)
    if donors:
        yield Line(sentence(f"Reports use of: {donors}."))


def _no_cause_found(told: Told) -> Iterator[Line]:
    reading = told.reading
    if not reading.has("told-findings", "no-cause"):
        return
    trying = reading.code("trying-time")
    words = _optional("; trying for: {value}", reading.words("trying-time", without=NOT_KNOWN))
    for_how_long = sentence("; not trying now") if trying == "not-trying" else words
    text = sentence("Reports being told that tests were done and no cause was found", for_how_long, ".")
    only = ("told-findings",) if reading.answer("told-findings").codes == ("no-cause",) else ()
    yield Line(text, (*only, *(("trying-time",) if for_how_long else ())))


# -- C: health ---------------------------------------------------------------------------------------------------------


def _autoimmune(told: Told) -> Iterator[Line]:
    def condition(row: Entry) -> Sentence:
        reading = told.reading
        by = (
            reading.words("autoimmune-told-by", row)
            if reading.code("autoimmune-told-by", row) in ("self", "being-checked")
            else ()
        )
        return _with_brackets(reading.words("autoimmune-condition", row), reading.known("autoimmune-activity", row), by)

    rows = told.reading.rows("autoimmune")
    if rows:
        yield Line(sentence("Reports autoimmune condition: ", joined(", ", map(condition, rows)), "."))


def _infections(told: Told) -> Iterator[Line]:
    def infection(row: Entry) -> Sentence:
        own_view = sentence("own view") if told.reading.code("infection-confirmed", row) == "self" else ()
        return _with_brackets(
            told.reading.words("infection-name", row), told.reading.known("infection-status", row), own_view
        )

    rows = told.reading.rows("infections")
    if rows and told.infection_names:
        yield Line(sentence("Reports infection: ", joined(", ", map(infection, rows)), "."))
    elif rows:
        yield Line(sentence(f"Reports {counted(len(rows), 'infection')}; see full answers."))


def _clots_and_other(told: Told) -> Iterator[Line]:
    reading = told.reading
    ticked = {"clots": "Reports a blood clot, now or in the past.", "other": "Reports another condition or operation."}
    said = [sentence(text) for code, text in ticked.items() if reading.has("health-checklist", code)]
    if said:
        words = _optional("In their words: {value}.", reading.words("other-health", limit=CUT_AT))
        yield Line(joined(" ", [*said, *([words] if words else [])]), ("other-health",))


def _weak_immune(told: Told) -> Iterator[Line]:
    if told.reading.has("health-checklist", "weak-immune"):
        why = told.reading.words("weak-immune-why", without=_UNSAID)
        text = sentence("Reports a weak immune system", _optional("; was told why: {value}", why), ".")
        yield Line(text, _whole(told, "weak-immune-why", _UNSAID))


def _cancer(told: Told) -> Iterator[Line]:
    reading = told.reading
    if reading.has("health-checklist", "cancer"):
        text = sentence(
            "Reports cancer: ",
            reading.words("cancer-type") or "kind not given",
            _optional("; {value}", reading.known("cancer-status")),
            _optional("; treatment: {value}", reading.words("cancer-treatments", without=_UNSAID)),
            ".",
        )
        tells = (*_whole(told, "cancer-status", NOT_KNOWN), *_whole(told, "cancer-treatments", _UNSAID))
        yield Line(text, ("cancer-type", *tells))


# -- D: tests, medicines, treatment ------------------------------------------------------------------------------------


def _immune_tests(told: Told) -> Iterator[Line]:
    reading = told.reading
    for row in reading.rows("immune-tests"):
        yield Line(
            sentence(
                "Reports test: ",
                reading.words("test-kind", row),
                _optional(", {value}", reading.words("test-date", row)),
                _optional("; was told: {value}", reading.known("test-told", row)),
                ".",
            )
        )


def _medicines(told: Told) -> Iterator[Line]:
    reading = told.reading
    rows = reading.rows("medicines")
    supplements = reading.words("supplements", without={"none"})
    parts: list[Sentence] = []
    if rows:
        listed = joined(", ", (_medicine(reading, row) for row in rows))
        parts.append(sentence(f"Lists {counted(len(rows), 'medicine or supplement')}: ", listed, "."))
    if supplements:
        parts.append(filled("Supplements ticked: {supplements}.", supplements=supplements))
    if parts:
        yield Line(joined(" ", parts), _whole(told, "supplements", {"none"}))
    else:
        yield _takes_nothing_listed(reading)


def _medicine(reading: Reading, row: Entry) -> Sentence:
    """`“name dose”`, or `“name” (dose not known)`."""
    name, dose = reading.words("med-name", row, quotes=False), reading.words("med-dose", row, quotes=False)
    not_known = not dose and reading.answer("med-dose", row).absent is not None
    named: list[Part | Sentence] = [name, *([_patients_space(dose)] if dose else [])]
    return sentence("“", *named, "”", " (dose not known)" if not_known else "")


def _patients_space(dose: Sentence) -> Sentence:
    """The dose behind one space, in the patient's part."""
    return sentence(*(Part(f" {part.text}", part.by) for part in dose))


def _takes_nothing_listed(reading: Reading) -> Line:
    match reading.answer("takes-now").codes:
        case ("none",):
            return Line(sentence("Reports taking no medicines or supplements."), ("takes-now",))
        case ("declined",):
            return Line(sentence("Prefers not to say about medicines and supplements."), ("takes-now",))
        case codes if not {"prescribed", "otc", "supplements"}.isdisjoint(codes):
            return Line(sentence("Reports taking medicines or supplements; none listed."))
        case _:
            return Line(sentence("Medicines and supplements: not answered."))


def _tried(told: Told) -> Iterator[Line]:
    tried = told.reading.words("tried-treatments", limit=CUT_AT)
    if tried:
        result = told.reading.known("tried-result")
        text = sentence(
            "Reports earlier treatment: ", tried, _optional("; as the patient sees it: {value}", result), "."
        )
        yield Line(text, ("tried-treatments", *_whole(told, "tried-result", NOT_KNOWN)))


def _nk_therapy(told: Told) -> Iterator[Line]:
    if not told.reading.has("visit-reasons", "nk-therapy"):
        return
    about = told.reading.words("cell-question", without={"nk"})
    text = sentence(
        "Has questions about NK cell therapy",
        _optional(": {value}", told.reading.words("nk-goals")),
        ".",
        _optional(" Question is about: {value}.", about),
    )
    yield Line(text, ("nk-goals", *(("cell-question",) if about else ())))


# -- E: to follow up ---------------------------------------------------------------------------------------------------


def _open_checks(told: Told) -> Iterator[Line]:
    for check in told.checks:
        if check.clinician is not None:
            yield Line(check.clinician, check.tells, check.link_ids)


# -- the table ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it may be made from (the foremost first), and what it writes."""

    id: str
    group: str
    link_ids: tuple[str, ...]
    write: Writer


RULES: tuple[Rule, ...] = (
    Rule(
        "H-01",
        "A",
        ("respondent", "respondent-name", "respondent-relationship", "respondent-permission"),
        _filled_in_by,
    ),
    Rule("H-02", "A", ("contact-safe",), _listing("contact-safe", "Asks to be contacted {value}.", {"any"})),
    Rule("H-03", "A", ("private-talk",), _fixed("private-talk", "yes", "Asks for time alone with the clinician.")),
    Rule("H-04", "A", ("access-needs", "language"), _access_needs),
    Rule("H-05", "A", ("loss-words",), _preferred_words),
    Rule("H-06", "A", ("pregnant-now", "pregnant-weeks", "pregnant-care"), _pregnant_now),
    Rule("H-07", "A", ("allergies", "allergies-detail"), _allergies),
    Rule("H-08", "B", ("pregnancies", "preg-outcome", "preg-carrier"), _losses),
    Rule("H-09", "B", ("pregnancies", "preg-outcome", "preg-carrier"), _medical_reasons),
    Rule("H-10", "B", ("pregnancies", "preg-carrier", "preg-outcome", "ever-pregnant"), _carried),
    Rule("H-11", "B", ("ever-pregnant", "pregnant-now"), _never_pregnant),
    Rule("H-12", "B", ("transfers", "transfer-result", "transfer-embryos"), _transfers),
    Rule("H-13", "B", ("preg-donor", "transfer-egg"), _donors),
    Rule("H-14", "B", ("told-findings", "trying-time"), _no_cause_found),
    Rule("H-15", "C", ("autoimmune", "autoimmune-condition", "autoimmune-activity", "autoimmune-told-by"), _autoimmune),
    Rule("H-16", "C", ("infections", "infection-name", "infection-status", "infection-confirmed"), _infections),
    Rule(
        "H-17",
        "C",
        ("inflammation-list",),
        _listing("inflammation-list", "Reports condition with inflammation: {value}.", _UNSAID),
    ),
    Rule("H-18", "C", ("hormone-list",), _listing("hormone-list", "Reports about hormones: {value}.", _UNSAID)),
    Rule("H-19", "C", ("health-checklist", "other-health"), _clots_and_other),
    Rule("H-20", "C", ("health-checklist", "weak-immune-why"), _weak_immune),
    Rule("H-21", "C", ("health-checklist", "cancer-type", "cancer-status", "cancer-treatments"), _cancer),
    Rule("H-22", "C", ("family-history",), _listing("family-history", "Reports in the family: {value}.", NOT_KNOWN)),
    Rule("H-23", "D", ("immune-tests", "test-kind", "test-date", "test-told"), _immune_tests),
    Rule("H-24", "D", ("takes-now", "medicines", "med-name", "med-dose", "supplements"), _medicines),
    Rule(
        "H-25",
        "D",
        ("immune-medicines",),
        _listing("immune-medicines", "Reports having been given: {value}.", NOT_KNOWN),
    ),
    Rule("H-26", "D", ("tried-treatments", "tried-result"), _tried),
    Rule("H-27", "D", ("cell-therapy",), _listing("cell-therapy", "Reports earlier cell therapy: {value}.", NOT_KNOWN)),
    Rule("H-28", "D", ("visit-reasons", "nk-goals", "cell-question"), _nk_therapy),
    Rule("H-29", "E", ("support",), _listing("support", "Would like: {value}.", {"have", "not-now", "declined"})),
    Rule("H-30", "E", (), _open_checks),
)


def highlights_of(told: Told) -> tuple[Highlight, ...]:
    """All highlights of one response, in the order of the page."""
    return tuple(
        Highlight(
            rule.id, rule.group, line.sentence, _made_from(told.reading, line.link_ids or rule.link_ids), line.tells
        )
        for rule in RULES
        for line in rule.write(told)
    )


def _made_from(reading: Reading, link_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Of what a rule may be made from, what this patient answered; the foremost if that is nothing."""
    return tuple(link_id for link_id in link_ids if _is_answered(reading, link_id)) or link_ids[:1]


def _is_answered(reading: Reading, link_id: str) -> bool:
    rows = reading.questionnaire.list_of(link_id)
    if rows is not None:
        return any(reading.answer(link_id, row).answered for row in reading.rows(rows.link_id))
    return reading.answer(link_id).answered or bool(reading.rows(link_id))
