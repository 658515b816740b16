"""(Questionnaire, QuestionnaireResponse) → Summary: everything on the clinician's page, in its order (clinical.md
3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from intake.questionnaire.absence import Way
from intake.questionnaire.model import Item, Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from intake.summary.checks import checks_of
from intake.summary.counts import Box, Counts, box_of, counts_as_json, counts_of
from intake.summary.document import UnreadableDocument, from_plain, to_plain
from intake.summary.highlights import GROUPS, Highlight, Told, highlights_of
from intake.summary.not_answered import Missing, NotAnswered, not_answered
from intake.summary.reading import Reading, age_on
from intake.summary.statement import Part, Sentence, filled, sentence, text_of
from intake.summary.timeline import Event, timeline_of
from intake.summary.wording import CUT_AT, agreeing

FORMAT = 1
"""The shape of the stored document; a changed shape has a new number."""
_LANGUAGES = {"en": "English", "es": "Spanish", "fr": "French"}


@dataclass(frozen=True, slots=True)
class SummarySettings:
    """What a clinic can set (docs/settings.md): V in weeks (20 to 28), and which lines it leaves out (clinical.md 2.7,
    3.2, 3.6)."""

    viability_weeks: int = 20
    infection_names: bool = True
    gtpal_line: bool = True
    medical_reasons: bool = True


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """A label and a sentence; `link_id` is None where no question stands behind it."""

    link_id: str | None
    label: str
    sentence: Sentence

    @property
    def value(self) -> Sentence:
        """The sentence beside its label: without the label where it begins with it, so that nothing is read twice."""
        first, *rest = self.sentence
        return sentence(Part(first.text.removeprefix(f"{self.label}: "), first.by), *rest)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """What the clinician reads of one open check: the same text as its H-30 line."""

    rule: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class ReportedTest:
    """One row of the table of tests; what was not given is empty."""

    test: Sentence
    date: Sentence
    told: Sentence
    value: Sentence
    lab: Sentence


@dataclass(frozen=True, slots=True)
class HighlightGroup:
    """A heading and its highlights; never empty."""

    heading: str
    highlights: tuple[Highlight, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What the clinician's page shows. Made once, when the patient sends, and stored."""

    questionnaire: str
    name: Sentence
    header: tuple[LabelledLine, ...]
    wants: tuple[LabelledLine, ...]
    highlights: tuple[Highlight, ...]
    counts: Mapping[str, Any]
    box: Box | None
    timeline: tuple[Event, ...]
    undated: tuple[Event, ...]
    tests: tuple[ReportedTest, ...]
    test_lines: tuple[LabelledLine, ...]
    lines: tuple[LabelledLine, ...]
    checks: tuple[CheckLine, ...]
    not_answered: NotAnswered

    @property
    def groups(self) -> tuple[HighlightGroup, ...]:
        """The highlights under their headings; a group without a line is not there."""
        groups = (
            HighlightGroup(GROUPS[key], tuple(one for one in self.highlights if one.group == key)) for key in GROUPS
        )
        return tuple(group for group in groups if group.highlights)

    def to_document(self) -> dict[str, Any]:
        """The JSON in which the summary is stored, its parts kept apart as ours and the patient's."""
        return {"format": FORMAT, "summary": to_plain(self)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Summary:
        """The inverse of `to_document`. Raises UnreadableDocument for anything else."""
        if document.get("format") != FORMAT:
            raise UnreadableDocument("this summary was stored in a format that this version cannot read")
        return from_plain(cls, document.get("summary"))

    def as_json(self, reference: str) -> dict[str, Any]:
        """summary.json, exactly (docs/interfaces.md); `reference` is the response's, such as `7KQ4-M2XD`."""
        return {
            "reference": reference,
            "questionnaire": self.questionnaire,
            "highlights": [{"rule": one.rule, "text": text_of(one.sentence)} for one in self.highlights],
            "counts": to_plain(self.counts),
            "timeline": [_event_as_json(event) for event in self.timeline],
            "undated": [_event_as_json(event) for event in self.undated],
            "checks": [{"rule": check.rule, "text": text_of(check.sentence)} for check in self.checks],
            "not_answered": {
                "blank": _missing_as_json(self.not_answered.blank),
                "unknown": _missing_as_json(self.not_answered.unknown),
                "declined": _missing_as_json(self.not_answered.declined),
                "in_person": _missing_as_json(self.not_answered.in_person),
                "not_reached": _missing_as_json(self.not_answered.not_reached),
            },
        }


def _event_as_json(event: Event) -> dict[str, Any]:
    return {"date": event.date, "kind": event.kind, "facts": text_of(event.facts)}


def _missing_as_json(missing: Iterable[Missing]) -> list[dict[str, str]]:
    return [
        {"linkId": one.link_id, "label": one.label} | ({"entry": one.entry_id} if one.entry_id is not None else {})
        for one in missing
    ]


def summarise(
    questionnaire: Questionnaire,
    response: QuestionnaireResponse,
    *,
    settings: SummarySettings,
    today: date,
    way: Way | None = None,
) -> Summary:
    """The summary of a response, which may be a whole draft: answers to hidden questions play no part.

    `today` is the day of sending at the clinic. `way` says how far the patient came; with it, what was not
    reached and what is to be told in person are told from what was left blank.
    """
    reading = Reading(questionnaire, response)
    checks = checks_of(reading, viability_weeks=settings.viability_weeks, today=today)
    birth = reading.answer("birth-date").date
    counts = counts_of(
        reading, viability_weeks=settings.viability_weeks, age=age_on(birth.first, today) if birth else None
    )
    highlights = highlights_of(Told(reading, counts, checks, settings.infection_names, settings.medical_reasons))
    timeline = timeline_of(reading)
    missing = not_answered(reading, way or Way())
    box = box_of(counts, gtpal_line=settings.gtpal_line, medical_reasons=settings.medical_reasons)
    elsewhere = {*_SHOWN_APART, *_told_by(highlights), *_listed_in(missing), *(_IN_BOX if box else ())}
    return Summary(
        questionnaire=questionnaire.canonical,
        name=reading.words("full-name", quotes=False),
        header=tuple(_header(reading, counts)),
        wants=tuple(_lines(reading, _WANTS, limit=CUT_AT)),
        highlights=highlights,
        counts=counts_as_json(counts, gtpal_line=settings.gtpal_line, medical_reasons=settings.medical_reasons),
        box=box,
        timeline=timeline.events,
        undated=timeline.undated,
        tests=tuple(_tests(reading)),
        test_lines=tuple(_lines(reading, _TESTS)),
        lines=tuple(_lines(reading, (one for one in _stand_alone(questionnaire) if one not in elsewhere))),
        checks=tuple(CheckLine(check.rule, check.clinician) for check in checks if check.clinician is not None),
        not_answered=missing,
    )


# -- where each stand-alone answer stands on the page ------------------------------------------------------------------

_HEADER = ("address-as", "birth-date", "country", "respondent")
_WANTS = ("visit-reasons", "hopes", "top-questions", "own-words", "nk-knowledge", "nk-goals")
_TESTS = ("tests-had", "tests-told")
_SHOWN_APART = frozenset({"full-name", *_HEADER, *_WANTS, *_TESTS})
_IN_BOX = frozenset({"transfer-count", "egg-collections", "embryos-stored"})
_WITHOUT_QUOTES = frozenset({"full-name", "address-as", "respondent-name", "email", "phone"})
"""Typed texts that stand without quotation marks (clinical.md 2.1, x-phrase)."""
_SAYS_LITTLE = frozenset({"Reports", "Adds"})
"""Beginnings of a phrase that name nothing by themselves."""


def _stand_alone(questionnaire: Questionnaire) -> Iterable[str]:
    return (item.link_id for page in questionnaire.pages for item in page.questions())


def _told_by(highlights: Iterable[Highlight]) -> set[str]:
    """The questions whose whole answer a highlight states."""
    return {link_id for highlight in highlights for link_id in highlight.tells}


def _listed_in(missing: NotAnswered) -> set[str]:
    """The stand-alone questions that stand under “does not know” or “prefers not to say”."""
    return {one.link_id for one in (*missing.unknown, *missing.declined) if one.entry_id is None}


def _header(reading: Reading, counts: Counts) -> Iterable[LabelledLine]:
    for link_id in _HEADER:
        words = reading.words(link_id, quotes=link_id not in _WITHOUT_QUOTES)
        if words:
            yield LabelledLine(link_id, reading.questionnaire.item(link_id).label, words)
        if link_id == "birth-date" and counts.age is not None:
            yield LabelledLine(None, "Age", sentence(f"{counts.age}"))
    questionnaire = reading.questionnaire
    yield LabelledLine(None, "Form", sentence(f"{questionnaire.id} {questionnaire.version}"))
    language = reading.response.language
    yield LabelledLine(None, "Form language", sentence(_LANGUAGES.get(language, language)))


def _lines(reading: Reading, link_ids: Iterable[str], limit: int | None = None) -> Iterable[LabelledLine]:
    """One line for each of these questions that was answered."""
    for link_id in link_ids:
        if reading.answer(link_id).answered:
            item = reading.questionnaire.item(link_id)
            yield LabelledLine(link_id, _head(item), _phrase(reading, item, limit))


def _head(item: Item) -> str:
    """What stands beside a line: the beginning of its phrase, `Reports trying for`; the item's label where it has none
    of its own."""
    head, _, rest = item.phrase.partition(": ")
    return head if rest in ("{value}", "“{value}”") and head not in _SAYS_LITTLE else item.label


def _phrase(reading: Reading, item: Item, limit: int | None) -> Sentence:
    """The item's x-phrase with the answer in words; typed text has its quotation marks once, an option none
    (clinical.md 2.1)."""
    number = reading.number(item.link_id)
    phrase = item.phrase if number is None else agreeing(item.phrase, number)
    if reading.answer(item.link_id).own_words is None:
        phrase = phrase.replace("“{value}”", "{value}")
    quotes = item.link_id not in _WITHOUT_QUOTES and "“{value}”" not in phrase
    return filled(phrase, value=reading.words(item.link_id, quotes=quotes, limit=limit))


def _tests(reading: Reading) -> Iterable[ReportedTest]:
    for row in reading.rows("immune-tests"):
        yield ReportedTest(
            test=reading.words("test-kind", row),
            date=reading.words("test-date", row),
            told=reading.words("test-told", row),
            value=reading.words("test-value", row),
            lab=reading.words("test-place", row),
        )
