"""The one page as data: what is made of a response when it is sent, what is stored, and what page and JSON read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from intake.summary.document import UnreadableDocument, from_plain, to_plain
from intake.summary.not_answered import Missing, NotAnswered
from intake.summary.statement import Part, Sentence, joined, sentence, text_of

FORMAT = 3
"""The shape of the stored document; a changed shape has a new number."""
TOLD_APART = 3
"""The first format that has outcome, weeks and details of an event apart, and what was answered besides."""
NOW = "now"
"""Stands for the date of what goes on while the patient answers."""


class ObstetricLine(StrEnum):
    """How pregnancies are written in letters (clinical.md 3.3, the setting `summary_obstetric_line`)."""

    GTPAL = "gtpal"
    PARA = "para"


@dataclass(frozen=True, slots=True)
class SummarySettings:
    """What a clinic can set (docs/settings.md): V in weeks (20 to 28), lines left out (clinical.md 2.7, 3.2, 3.6)."""

    viability_weeks: int = 20
    infection_names: bool = True
    gtpal_line: bool = True
    obstetric_line: ObstetricLine = ObstetricLine.GTPAL
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
    """What the clinician reads of one open check."""

    rule: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Highlight:
    """One sentence, the rule that wrote it, and the questions and lists that it was made from, the foremost first.

    `tells` are the stand-alone questions whose whole answer the sentence states: they need no line of their own.
    `question` is the foremost as the patient read it, `source` where it stands in the full answers: itself or its list.
    """

    rule: str
    sentence: Sentence
    link_ids: tuple[str, ...]
    tells: tuple[str, ...]
    question: Sentence
    source: str


@dataclass(frozen=True, slots=True)
class HighlightGroup:
    """A heading and its highlights; never empty."""

    heading: str
    highlights: tuple[Highlight, ...]


@dataclass(frozen=True, slots=True)
class BoxPart:
    """Figures that a line of the box is made up of, each with its label: by kind, by weeks."""

    name: str
    figures: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class BoxLine:
    """A label and its figure, or the words that stand for it; `link_id` is the question or list that it is of."""

    label: str
    value: str
    parts: tuple[BoxPart, ...] = ()
    link_id: str | None = None

    @property
    def is_figure(self) -> bool:
        """Whether it is a figure, which stands after its label without a colon."""
        return self.value.removeprefix("at least ")[:1].isdigit()


@dataclass(frozen=True, slots=True)
class Box:
    """Counts in a box beside the timeline. `headline` is the line of letters or the words for none, `note` says how
    it was counted, and `legend` what its letters stand for; None where there is none."""

    heading: str
    headline: str | None
    note: str | None
    lines: tuple[BoxLine, ...]
    legend: str | None = None

    @property
    def zeros(self) -> list[tuple[str, list[tuple[str, ...]]]]:
        """The figures of its parts that are zero: what was counted and is none, told last."""
        parts = (
            (line, part, [pair for pair in part.figures if pair[1] == "0"])
            for line in self.lines
            for part in line.parts
        )
        return [(f"{line.label} {part.name}".strip(), zeros) for line, part, zeros in parts if zeros]


@dataclass(frozen=True, slots=True)
class Event:
    """One line. `date` is ISO at the precision given, "now", or None; `date_in_words` is what people read."""

    date: str | None
    date_in_words: str
    kind: str
    outcome: Sentence
    weeks: Sentence
    details: Sentence
    link_id: str
    entry_id: str | None

    @property
    def facts(self) -> Sentence:
        """All that is said of it, in one line."""
        return joined(", ", (part for part in (self.outcome, self.weeks, self.details) if part))


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened, in a few words; the dated lines, oldest first, and then those of now; the lines without a date."""

    about: str = ""
    events: tuple[Event, ...] = ()
    undated: tuple[Event, ...] = ()

    @property
    def has_details(self) -> bool:
        """Whether more is said of an event than its outcome and weeks."""
        return any(event.outcome and event.details for event in (*self.events, *self.undated))


@dataclass(frozen=True, slots=True)
class SummaryTable:
    """Rows with a cell for each column; what was not given is empty. `link_id` is the list that they are of."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Sentence, ...], ...]
    link_id: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with lines under it, and a table above them where there is one."""

    heading: str
    lines: tuple[LabelledLine, ...] = ()
    table: SummaryTable | None = None
    two_columns: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """What the clinician's page shows. Made once, when the patient sends, and stored.

    `wants` stands first, with a sentence where it has no lines; a form without it, without highlights, box or timeline
    has none of them on its page. `also` holds what was answered besides, folded. `format` is the format that it was
    stored in first.
    """

    questionnaire: str
    name: Sentence
    header: tuple[LabelledLine, ...]
    not_answered: NotAnswered
    wants: Section | None = None
    groups: tuple[HighlightGroup, ...] = ()
    box: Box | None = None
    timeline: Timeline = field(default_factory=Timeline)
    sections: tuple[Section, ...] = ()
    also: Section | None = None
    checks: tuple[CheckLine, ...] = ()
    counts: Mapping[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def version(self) -> str:
        """The version of the questionnaire that was filled in."""
        return self.questionnaire.rpartition("|")[2]

    @property
    def is_older(self) -> bool:
        """Whether it was stored in a format that holds less than today's."""
        return self.format < TOLD_APART

    @property
    def highlights(self) -> tuple[Highlight, ...]:
        """All of them, in the page's order."""
        return tuple(highlight for group in self.groups for highlight in group.highlights)

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
            "counts": dict(self.counts),
            "timeline": [self._event(event) for event in self.timeline.events],
            "undated": [self._event(event) for event in self.timeline.undated],
            "checks": [{"rule": check.rule, "text": text_of(check.sentence)} for check in self.checks],
            "not_answered": {reason: _missing_as_json(missing) for reason, missing in self.not_answered.by_reason()},
        }

    def _event(self, event: Event) -> dict[str, Any]:
        """An event as JSON; before format 3 outcome and weeks were not told apart."""
        apart = {
            "outcome": text_of(event.outcome) or None,
            "weeks": text_of(event.weeks) or None,
            "details": text_of(event.details),
        }
        told_apart = apart if not self.is_older else {}
        return {"date": event.date, "kind": event.kind, **told_apart, "facts": text_of(event.facts)}


def _missing_as_json(missing: Iterable[Missing]) -> list[dict[str, str]]:
    return [
        {"linkId": one.link_id, "label": one.label} | ({"entry": one.entry_id} if one.entry_id is not None else {})
        for one in missing
    ]


@dataclass(frozen=True)
class DerivedCount:
    """One count that a form's rules derive: where it stands in `counts`, and its column in exports.

    `left_out` is the cell of a part that names only what there is; `group` the export group that it belongs to.
    """

    path: str
    text: str
    type: str = "integer"
    left_out: str = ""
    group: str | None = None

    def of(self, counts: Mapping[str, Any]) -> Any:
        """Its value; None where the count does not apply (clinical.md 3.3, Keys and types of `counts`)."""
        part = self.part(counts, self.way)
        return None if part is None else part.get(self.last, self.left_out or None)

    @property
    def way(self) -> tuple[str, ...]:
        """The keys that lead to the part of `counts` in which it stands."""
        return tuple(self.path.split(".")[:-1])

    @property
    def last(self) -> str:
        """Its own key there."""
        return self.path.rsplit(".", 1)[-1]

    @staticmethod
    def part(counts: Mapping[str, Any], way: Iterable[str]) -> Any:
        """The part of `counts` to which these keys lead; None if there is none."""
        part: Any = counts
        for key in way:
            part = part.get(key)
            if part is None:
                return None
        return part
