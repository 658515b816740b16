"""All answers verbatim, page by page, entries of lists under headings of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from intake.questionnaire.enable_when import Asked, Shown
from intake.questionnaire.journey import is_reached
from intake.questionnaire.model import Item, Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from intake.summary.statement import Statement, Voice, statement


@dataclass(frozen=True, slots=True)
class Block:
    """Some statements under one heading: stand-alone questions (no heading) or one entry of a list."""

    heading: str | None
    anchor: str | None
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the form, as this patient saw it."""

    title: str
    blocks: tuple[Block, ...]


def full_answers(questionnaire: Questionnaire, response: QuestionnaireResponse, done: frozenset[str]) -> tuple[Page, ...]:
    """Every question shown, in the questionnaire's order, with its answer or the reason for none. `done` are the pages saved."""
    shown = Shown(questionnaire, response)
    pages = (_page(shown, page, done) for page in questionnaire.pages)
    return tuple(page for page in pages if page.blocks)


def _page(shown: Shown, page: Item, done: frozenset[str]) -> Page:
    asked = list(shown.questions_in(page))
    reached = is_reached(shown, page, done)
    blocks = [*_blocks(shown, asked, reached), *_empty_lists(shown, page, reached)]
    return Page(page.text, tuple(blocks))


def _blocks(shown: Shown, asked: list[Asked], reached: bool) -> Iterator[Block]:
    for _, group in groupby(asked, key=lambda one: one.entry.id if one.entry else None):
        questions = list(group)
        first = questions[0]
        statements = tuple(
            statement(one, shown.response.answer(one.item.link_id, one.entry), Voice.CLINICIAN, reached=reached) for one in questions
        )
        if first.rows is None:
            yield Block(None, None, statements)
        else:
            yield Block(f"{first.rows.row_label} {first.number}", first.rows.link_id if first.number == 1 else None, statements)


def _empty_lists(shown: Shown, page: Item, reached: bool) -> Iterator[Block]:
    """A list that was shown and has no entry is said to be blank, like a question."""
    for rows in shown.lists_in(page):
        if not shown.response.rows(rows.link_id):
            yield Block(None, None, (statement(Asked(rows), shown.response.answer(rows.link_id), Voice.CLINICIAN, reached=reached),))
