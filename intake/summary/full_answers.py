"""All answers verbatim, page by page, entries of lists under headings of their own; and what was not asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from intake.questionnaire.absence import Absence, Absences, NoAnswer
from intake.questionnaire.enable_when import Asked
from intake.questionnaire.model import Item
from intake.summary.statement import Statement, Voice, statement_of


@dataclass(frozen=True, slots=True)
class AnswerBlock:
    """Some statements under one heading: stand-alone questions (no heading) or one entry of a list; `anchor` is the
    list's name at its first entry."""

    heading: str | None
    entry_id: str | None
    anchor: str | None
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class AnsweredPage:
    """One page of the form, as this patient saw it."""

    title: str
    blocks: tuple[AnswerBlock, ...]


@dataclass(frozen=True, slots=True)
class NotAsked:
    """What one page of the form can ask and this patient was not asked, by the clinician's labels."""

    title: str
    labels: tuple[str, ...]


def full_answers(absences: Absences) -> tuple[AnsweredPage, ...]:
    """Every question shown, in the questionnaire's order, with its answer or the reason for none."""
    pages = (_page(absences, page) for page in absences.shown.questionnaire.pages)
    return tuple(page for page in pages if page.blocks)


def not_asked(absences: Absences) -> tuple[NotAsked, ...]:
    """The rest: page by page, fields of lists by their entry, a list that was not shown by its title."""
    questionnaire = absences.shown.questionnaire
    left_out = (one for one in absences.every(not_asked=True) if one.reason is NoAnswer.NOT_ASKED)
    by_page = groupby(left_out, key=lambda one: questionnaire.page_of(one.item.link_id).text)
    return tuple(NotAsked(title, tuple(_label(absences, one) for one in together)) for title, together in by_page)


def _label(absences: Absences, absence: Absence) -> str:
    rows = absences.shown.questionnaire.list_of(absence.item.link_id)
    if rows is None or absence.entry is None:
        return absence.item.label or absence.item.text
    number = absences.shown.response.rows(rows.link_id).index(absence.entry) + 1
    return f"{rows.row_label} {number}: {absence.item.label}"


def _page(absences: Absences, page: Item) -> AnsweredPage:
    """A page; a list that was shown and has no entry says why, like a question, after everything else."""
    groups = sorted(absences.shown.groups_in([page]), key=lambda asked: asked[0].item.is_rows)
    return AnsweredPage(page.text, tuple(_block(absences, asked) for asked in groups))


def _block(absences: Absences, asked: Sequence[Asked]) -> AnswerBlock:
    first = asked[0]
    anchor = first.rows.link_id if first.rows is not None and first.number == 1 else None
    statements = tuple(statement_of(absences, one, Voice.CLINICIAN) for one in asked)
    return AnswerBlock(first.entry_name, first.entry.id if first.entry else None, anchor, statements)
