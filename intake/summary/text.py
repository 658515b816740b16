"""The one page as plain text to paste into a record: one “Label: value” a line, in the page's order, without rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from intake.questionnaire.values import PartialDate
from intake.summary.model import Box, Event, LabelledLine, Summary, SummaryTable
from intake.summary.statement import Sentence, plain_text

NOT_ANSWERED = {
    "blank": "Left blank",
    "unknown": "Does not know",
    "declined": "Prefers not to say",
    "in_person": "Will say in person",
    "not_reached": "Not reached",
}
"""What the lists of what was not answered are called, by their names in summary.json."""


def as_text(summary: Summary, reference: str, sent: date, state: str = "") -> str:
    """The summary of the response with this reference, sent on this day at the clinic; `state` is what became of it
    since, if anything. Ends with a line break."""
    return "".join(f"{label}: {value}\n" for label, value in _lines(summary, reference, sent, state))


def _lines(summary: Summary, reference: str, sent: date, state: str) -> Iterator[tuple[str, str]]:
    day = PartialDate.from_date(sent).words
    if summary.name:
        yield "Name", plain_text(summary.name)
    yield from ((line.label, plain_text(line.sentence)) for line in summary.header)
    yield "Sent", day
    if state:
        yield "State", state
    yield "Reference", reference
    yield from map(_labelled, summary.wants.lines if summary.wants else ())
    yield from map(_event, (*summary.timeline.events, *summary.timeline.undated))
    yield from _box(summary.box) if summary.box else ()
    for group in summary.groups:
        yield from ((group.heading, plain_text(highlight.sentence)) for highlight in group.highlights)
    for section in summary.sections:
        yield from _table(section.table) if section.table else ()
        yield from map(_labelled, section.lines)
    yield from map(_labelled, summary.also.lines if summary.also else ())
    for reason, missing in summary.not_answered.by_reason():
        if missing:
            yield NOT_ANSWERED[reason], "; ".join(one.label for one in missing)
    form = summary.questionnaire.rpartition("/")[2].replace("|", " ")
    yield "Source", f"what the patient reported in the form {form}. Not checked, not a diagnosis."


def _labelled(line: LabelledLine) -> tuple[str, str]:
    return line.label, plain_text(line.value)


def _event(event: Event) -> tuple[str, str]:
    return f"{event.date_in_words or 'Date not given'}, {event.kind}", plain_text(event.facts)


def _box(box: Box) -> Iterator[tuple[str, str]]:
    if box.headline is not None:
        yield box.heading, f"{box.headline} ({box.note})" if box.note else box.headline
    for line in box.lines:
        yield line.label, line.value
        for part in line.parts:
            yield f"{line.label} {part.name}".strip(), "; ".join(f"{label} {number}" for label, number in part.figures)


def _table(table: SummaryTable) -> Iterator[tuple[str, str]]:
    for row in table.rows:
        first, *others = zip(table.columns, row, strict=True)
        yield first[0], "; ".join([_cell(first[1]), *(f"{name}: {_cell(cell)}" for name, cell in others if cell)])


def _cell(cell: Sentence) -> str:
    return plain_text(cell) or "not given"
