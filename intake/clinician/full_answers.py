"""All answers verbatim, page by page, entries of lists under headings of their own; and what was not asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from intake.questionnaire.absence import Absence, Absences, NoAnswer
from intake.questionnaire.enable_when import Asked
from intake.questionnaire.model import Item
from intake.questionnaire.values import NO_ANSWER
from intake.summary.statement import Statement, Voice, statement


@dataclass(frozen=True, slots=True)
class AnswerBlock:
    """Some statements under one heading: stand-alone questions (no heading) or one entry of a list."""

    heading: str | None
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
    return AnsweredPage(page.text, (*_blocks(absences, page), *_empty_lists(absences, page)))


def _blocks(absences: Absences, page: Item) -> Iterator[AnswerBlock]:
    for _, group in groupby(absences.shown.questions_in(page), key=lambda one: one.entry.id if one.entry else None):
        questions = list(group)
        first = questions[0]
        statements = tuple(_statement(absences, one) for one in questions)
        if first.rows is None:
            yield AnswerBlock(None, None, statements)
        else:
            yield AnswerBlock(
                f"{first.rows.row_label} {first.number}", first.rows.link_id if first.number == 1 else None, statements
            )


def _empty_lists(absences: Absences, page: Item) -> Iterator[AnswerBlock]:
    """A list that was shown and has no entry says why, like a question."""
    for rows in absences.shown.lists_in(page):
        if not absences.shown.response.rows(rows.link_id):
            yield AnswerBlock(None, None, (_statement(absences, Asked(rows)),))


def _statement(absences: Absences, asked: Asked) -> Statement:
    answer = NO_ANSWER if asked.item.is_rows else absences.shown.response.answer(asked.item.link_id, asked.entry)
    return statement(asked, answer, Voice.CLINICIAN, blank=absences.blank(asked.item))
