"""The export's files as tables: `responses.csv`, one CSV for each list, `absent.csv`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from intake.answers.flat import AbsencesAsKept, ShownAsKept
from intake.exports.columns import Answers, Column, Derived, Selection, groups_of, standalone
from intake.exports.folding import folded, folding_for, is_folded, told_apart
from intake.questionnaire.absence import NoAnswer, PagesVisited
from intake.questionnaire.model import Item, Questionnaire
from intake.questionnaire.response import QuestionnaireResponse

RESPONSES = "responses.csv"
ABSENT = "absent.csv"


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One sent response: what stands before its answers, the answers as they are kept
    (`flat.kept_response`), and the stored summary's counts.

    Times are aware. `questionnaire` is the version that the response is bound to; `way` says how far its patient came.
    """

    reference: str
    status: str
    review_status: str
    questionnaire: Questionnaire
    language: str
    started_at: datetime
    submitted_at: datetime
    response: QuestionnaireResponse
    counts: Mapping[str, Any] = field(default_factory=dict)
    way: PagesVisited = field(default_factory=PagesVisited)


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file: its name, its columns, and the lines that one response gives."""

    name: str
    columns: tuple[Column, ...]
    lines: Callable[[ExportRow], Iterable[list[str]]]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).isoformat()[:19]}Z"


_REFERENCE = Column("reference", "The response’s reference, as its patient was given it")
_ENTRY = Column("entry", "The entry’s own id, which never changes")
_ABOUT: tuple[tuple[Column, Callable[[ExportRow], str]], ...] = (
    (_REFERENCE, lambda row: row.reference),
    (
        Column(
            "status",
            "The response’s status",
            "code",
            codes=(("completed", "Sent"), ("amended", "Corrected by the patient")),
        ),
        lambda row: row.status,
    ),
    (
        Column(
            "review_status",
            "Whether a clinician marked it as reviewed",
            "code",
            codes=(("new", "New"), ("reviewed", "Reviewed")),
        ),
        lambda row: row.review_status,
    ),
    (
        Column("questionnaire", "The version that was filled in: url|version", "canonical"),
        lambda row: row.questionnaire.canonical,
    ),
    # not `language`: that is a question, and its column bears its linkId
    (Column("form_language", "The language that the form was shown in", "code"), lambda row: row.language),
    (Column("started_at", "When it was begun, in UTC", "dateTime"), lambda row: _time(row.started_at)),
    (Column("submitted_at", "When it was sent, in UTC", "dateTime"), lambda row: _time(row.submitted_at)),
)
_ENTRY_ABOUT = (_REFERENCE, _ENTRY, Column("position", "The entry’s place in the list, from 1", "integer"))
_REASONS = {
    NoAnswer.NOT_ASKED: "Not asked, as other answers did not call for it",
    NoAnswer.NOT_REACHED: "On a page that the patient did not come to",
    NoAnswer.LEFT_BLANK: "Asked and left blank",
    NoAnswer.ASKED_UNKNOWN: "The patient does not know",
    NoAnswer.ASKED_DECLINED: "The patient would rather not say",
    NoAnswer.IN_PERSON: "The patient will tell it in person",
}
_ABSENT_ABOUT = (
    _REFERENCE,
    Column("entry", "The entry whose field it is; empty outside lists"),
    Column("linkId", "The question without an answer, or the list without an entry"),
    Column(
        "reason", "Why there is none", "code", codes=tuple((reason.value, words) for reason, words in _REASONS.items())
    ),
)


def responses_table(questionnaire: Questionnaire, selection: Selection) -> Table:
    """`responses.csv`: one line a response, the stand-alone questions in their order, then the derived counts."""
    questions = Answers(standalone(questionnaire), selection)
    derived = Derived(questionnaire, selection)
    about = [read for _, read in _ABOUT]

    def lines(row: ExportRow) -> Iterable[list[str]]:
        return ([read(row) for read in about] + questions.cells(row.response.answers) + derived.cells(row.counts),)

    return Table(RESPONSES, (*(column for column, _ in _ABOUT), *questions.columns, *derived.columns), lines)


def list_table(questionnaire: Questionnaire, rows: Item, selection: Selection) -> Table:
    """`<list>.csv`: one line an entry, by the entry's stable id; `position` counts from 1 in the order listed."""
    fields = Answers((item for item in rows.walk() if item.is_question), selection)
    folding = folding_for(questionnaire, selection)
    written = folded(questionnaire, rows, folding) if folding else lambda answers: answers

    def lines(row: ExportRow) -> Iterable[list[str]]:
        return [
            [row.reference, entry.id, str(position), *fields.cells(written(entry.answers))]
            for position, entry in enumerate(row.response.rows(rows.link_id), 1)
        ]

    return Table(f"{rows.link_id}.csv", (*_ENTRY_ABOUT, *fields.columns), lines)


def absent_table(selection: Selection) -> Table:
    """`absent.csv`: one line for each question without an answer, with one of the six reasons.

    Nothing of groups that are off; with `endings` off nothing of the fields that are asked after some of the folded
    endings only.
    """
    versions: dict[str, tuple[frozenset[str], frozenset[str]]] = {}

    def version(questionnaire: Questionnaire) -> tuple[frozenset[str], frozenset[str]]:
        """Which linkIds of this version are told, and which of them not of an entry whose codes are folded."""
        told = (item.link_id for item in questionnaire.walk() if selection.includes(groups_of(item)))
        folding = folding_for(questionnaire, selection)
        apart = (told_apart(questionnaire, rows, folding) for rows in questionnaire.lists) if folding else ()
        return frozenset(told), frozenset().union(*apart)

    def lines(row: ExportRow) -> Iterator[list[str]]:
        canonical = row.questionnaire.canonical
        if canonical not in versions:
            versions[canonical] = version(row.questionnaire)
        told, apart = versions[canonical]
        folding = folding_for(row.questionnaire, selection)
        absences = AbsencesAsKept(ShownAsKept(row.questionnaire, row.response), row.way)
        for absence in absences.every(not_asked=selection.not_asked):
            link_id, entry = absence.item.link_id, absence.entry
            if link_id not in told:
                continue
            if folding is not None and entry is not None and link_id in apart and is_folded(folding, entry.answers):
                continue
            yield [row.reference, entry.id if entry is not None else "", link_id, absence.reason.value]

    return Table(ABSENT, _ABSENT_ABOUT, lines)


def columns_in(questionnaire: Questionnaire, selection: Selection) -> list[tuple[str, str]]:
    """Every column of these files, as the file's name and its own."""
    return [(table.name, name) for table in tables(questionnaire, selection) for name in table.header]


def tables(questionnaire: Questionnaire, selection: Selection) -> tuple[Table, ...]:
    """The files that are filled from responses, in order."""
    lists = (list_table(questionnaire, rows, selection) for rows in questionnaire.lists)
    return (responses_table(questionnaire, selection), *lists, absent_table(selection))
