"""A page of questions as plain data for its template: texts, questions, folds, lists, notices, the way back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from intake.answers.document import StoredDocument
from intake.forms.form import Problem
from intake.forms.page_form import ParsedPage
from intake.forms.questions import Question, stored_question, typed_question
from intake.patient.addresses import FROM_LIST
from intake.patient.consent import ProseBlock
from intake.patient.notices import Notice
from intake.patient.step import Step
from intake.patient.texts import PlaceholderWords, blocks_of, is_urgent
from intake.questionnaire.enable_when import Asked
from intake.questionnaire.journey import Progress, first_field
from intake.questionnaire.model import Item, ItemType
from intake.questionnaire.response import Entry
from intake.questionnaire.roles import ItemRole, Meaning
from intake.questionnaire.values import NO_ANSWER, Answer
from intake.summary.statement import Sentence, Statement, Voice, in_words, joined, sentence, statement, typed


@dataclass(frozen=True)
class Display:
    """A text between the questions. `urgent`: it holds an emergency number."""

    id: str
    blocks: tuple[ProseBlock, ...]
    urgent: bool = False
    focus: bool = False
    kind: str = "display"


@dataclass(frozen=True)
class Fold:
    """Questions that stand in "More, if you like"; open if one holds an answer or an error."""

    questions: tuple[Question, ...]
    kind: str = "fold"

    @property
    def id(self) -> str:
        """The id of its name."""
        return f"more-{self.questions[0].name}"

    @property
    def is_open(self) -> bool:
        """Whether the fold stands open."""
        return any(question.is_filled or question.focus for question in self.questions)


@dataclass(frozen=True)
class ListedEntry:
    """One entry as its list shows it: what and when, then the facts."""

    id: str
    name: str
    title: Sentence
    facts: Sentence
    focus: bool
    change_href: str
    remove_href: str


@dataclass(frozen=True)
class RemovedLine:
    """An entry that can be put back into its list: its id, and what it was."""

    entry_id: str
    title: Sentence


@dataclass(frozen=True)
class ListBlock:
    """A repeating list with its entries, and those removed; `full` once no more can be added. Where questions stand
    `beside` it, what leads to an entry saves them first."""

    item: Item
    entries: tuple[ListedEntry, ...]
    removed: tuple[RemovedLine, ...]
    full: bool
    focus: bool
    titled: bool
    beside: bool
    kind: str = "rows"

    @property
    def comes_first(self) -> bool:
        """Whether to add something is what the page is for now: nothing is listed, and nothing else is asked."""
        return not self.entries and not self.full and not self.beside


PageBlock = Display | Question | Fold | ListBlock
"""What can stand on a page, each drawn by the macro of its kind, a question by that of its type."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A question that is saved otherwise than it was typed here; `typed` is None where that is no answer."""

    stored: Statement
    typed: Statement | None


@dataclass(frozen=True)
class QuestionPage:
    """The page of one step. `heading` is None where the legend of its only question holds the title.

    `grew` counts the questions that the last save brought. `opens_at` says that something on it takes the focus
    already, so that a notice does not. `may_add` offers to go on with another entry. `may_be_told` offers to skip it
    and tell it in person, `told_in_person` says that the patient chose that. `left_open` as in
    `StoredDocument.is_left_open`. `is_saved`: something was saved before, and nothing here waits to be.
    """

    title: str
    progress: Progress
    seen: str
    hidden: Mapping[str, str]
    blocks: tuple[PageBlock, ...]
    heading: str | None = None
    over: str | None = None
    opening: Statement | None = None
    opening_entry: str = ""
    save_words: str = "Continue"
    may_add: bool = False
    problems: tuple[Problem, ...] = ()
    grew: int = 0
    remarks: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    differences: tuple[Difference, ...] = ()
    left_open: bool = False
    may_be_told: bool = False
    told_in_person: bool = False
    helper: Sentence = ()
    opens_at: bool = False
    is_saved: bool = False

    @property
    def is_for_adding(self) -> bool:
        """Whether its list is empty, so that going on is the other way."""
        return any(isinstance(block, ListBlock) and block.comes_first for block in self.blocks)

    @property
    def has_two_versions(self) -> bool:
        """Whether there is a choice: not on a page that was left half-typed where nothing else is saved."""
        return bool(self.differences) and (
            not self.left_open or any(difference.stored.lines for difference in self.differences)
        )


def focused(questions: Mapping[str, Question], leaves: Sequence[Item], wanted: Sequence[str]) -> dict[str, Question]:
    """The questions with the first wanted one opened at; texts that came with it describe it, and so are heard."""
    first = next((link_id for link_id in wanted if link_id in questions), None)
    if first is None:
        return dict(questions)
    texts = tuple(item.link_id for item in leaves if item.type is ItemType.DISPLAY and item.link_id in wanted)
    return {**questions, first: replace(questions[first], focus=True, described_by=texts)}


def in_folds(blocks: Iterable[PageBlock]) -> tuple[PageBlock, ...]:
    """The blocks with neighbouring x-more questions in one fold."""
    folded: list[PageBlock] = []
    for is_more, group in groupby(blocks, key=lambda block: isinstance(block, Question) and block.item.more):
        held = list(group)
        folded += [Fold(tuple(block for block in held if isinstance(block, Question)))] if is_more else held
    return tuple(folded)


def question_page(
    draft: StoredDocument,
    step: Step,
    words: PlaceholderWords,
    at: str = "",
    notices: Sequence[Notice] = (),
    typed: ParsedPage | None = None,
) -> QuestionPage:
    """The page of a step, with what is kept there as it was typed. `at` is an entry or a list to open it at."""
    held, shown = step.answers(draft), step.shown(draft)
    differences = _differences(typed, held) if typed else ()
    problems = typed.problems if typed else ()
    wanted = () if problems or differences else draft.focus.at(step.key)
    if typed is not None:
        drawn = {item.link_id: typed_question(item, typed) for item in shown}
    else:
        drawn = {item.link_id: stored_question(item, held.get(item.link_id, NO_ANSWER)) for item in shown}
    if step.rows is None:
        leaves = [item for item in step.page.leaves if draft.shown.is_shown(item)]
    else:
        leaves = [question.item for question in drawn.values()]
    if helper_line(draft):
        drawn = {link_id: replace(question, own=False) for link_id, question in drawn.items()}
    drawn = focused(drawn, leaves, wanted)
    only = (
        len(leaves) == 1 and leaves[0].is_question and (step.rows is not None or leaves[0].type is not ItemType.BOOLEAN)
    )
    if only:
        drawn = {link_id: replace(question, heading=True) for link_id, question in drawn.items()}
    name = step.page.text if step.rows is None else f"{step.rows.row_label} {step.number(draft)}"
    title = name if not only else leaves[0].text if step.rows is None else f"{leaves[0].text} {name}"
    opened = "" if any(link_id in drawn for link_id in wanted) else next(iter(wanted), "")
    rest_of = step.rows if step.rows is not None and not step.first else None
    return QuestionPage(
        title=title,
        heading=None if only else name,
        over=name if only and step.rows is not None else None,
        opening=_opening(draft, step, first_field(rest_of)) if rest_of is not None else None,
        opening_entry=step.entry_id if rest_of is not None else "",
        save_words=f"Save this {(rest_of.row_label or '').lower()}" if rest_of is not None else "Continue",
        may_add=bool(step.another(draft)),
        progress=draft.journey.progress(step.page),
        seen=step.seen(draft),
        hidden=step.hidden_fields,
        blocks=in_folds(
            drawn[item.link_id]
            if item.is_question
            else _text_or_list(draft, step, item, words, at, focus=item.link_id == opened, titled=item.text != title)
            for item in leaves
        ),
        problems=problems,
        differences=differences,
        left_open=draft.is_left_open(step.key),
        grew=len([name for name in wanted if name in drawn and held.get(name, NO_ANSWER).is_empty]),
        remarks=draft.remarks,
        notices=tuple(notices),
        is_saved=bool(draft.done) and not problems and not differences,
        opens_at=bool(wanted or at or problems or differences),
        may_be_told=step.may_be_told_in_person,
        told_in_person=step.rows is None and step.page.link_id in draft.in_person,
        helper=helper_line(draft) if step.asks_consent else (),
    )


def _differences(typed: ParsedPage, held: Mapping[str, Answer]) -> tuple[Difference, ...]:
    """The questions whose answer as it was typed is not the one that is saved. One that is no answer yet is told where
    something is saved that it would replace."""
    found = []
    for item in typed.items:
        stored, read = held.get(item.link_id, NO_ANSWER), typed.answers.get(item.link_id)
        if read != stored and (read is not None or not stored.is_empty):
            mine = None if read is None else statement(Asked(item), read, Voice.PATIENT)
            found.append(Difference(statement(Asked(item), stored, Voice.PATIENT), mine))
    return tuple(found)


def helper_line(draft: StoredDocument) -> Sentence:
    """Whom a helper answers for; empty where the patient answers (clinical.md 2.1, Who is "I")."""
    respondent = draft.option(ItemRole.RESPONDENT)
    if respondent is None or respondent.means is not Meaning.HELPER:
        return ()
    name = draft.role(ItemRole.NAME).own_words
    return sentence("You are answering for ", typed(" ".join(name.split())) if name else "the patient", ".")


def _text_or_list(
    draft: StoredDocument, page: Step, item: Item, words: PlaceholderWords, at: str, *, focus: bool, titled: bool
) -> Display | ListBlock:
    """A text, or a list with what was added."""
    if not item.is_rows:
        return Display(item.link_id, blocks_of(item.text, words), is_urgent(item.text), focus)
    entries = draft.response.rows(item.link_id)
    steps = (Step(page.page, item, entry.id, True, page.from_check and FROM_LIST) for entry in entries)
    # an entry that was begun anew after it was removed is here, and not gone; one removed twice is gone once
    gone = {one.entry.id: one.entry for one in draft.removed if one.list_link_id == item.link_id}
    for entry in entries:
        gone.pop(entry.id, None)
    full = item.max_rows is not None and len(entries) >= item.max_rows
    return ListBlock(
        item=item,
        removed=() if full else tuple(RemovedLine(entry.id, _title(draft, item, entry)) for entry in gone.values()),
        entries=tuple(listed_entry(draft, step, focus=at == step.entry_id) for step in steps),
        full=full,
        focus=focus or at == item.link_id,
        titled=titled,
        beside=bool(page.shown(draft)),
    )


def listed_entry(draft: StoredDocument, step: Step, *, focus: bool = False) -> ListedEntry:
    """An entry as its list shows it."""
    rows, entry = step.rows, step.entry(draft.response)
    assert rows is not None, "an entry stands in a list"
    assert entry is not None, "and so does this one"
    fields = [item for item in draft.shown.fields(rows, entry) if item is not first_field(rows)]
    answers = [(item, entry.answers[item.link_id]) for item in fields if item.link_id in entry.answers]
    return ListedEntry(
        id=step.entry_id,
        name=f"{rows.row_label} {step.number(draft)}",
        title=_title(draft, rows, entry),
        facts=joined(". ", (fact for fact in (_fact(item, answer) for item, answer in answers) if fact)),
        focus=focus,
        change_href=step.changed_at(draft),
        remove_href=step.of_entry("remove"),
    )


def _title(draft: StoredDocument, rows: Item, entry: Entry) -> Sentence:
    """What an entry is, and when that was."""
    opening = first_field(rows)
    answers = (entry.answers.get(item.link_id) for item in draft.shown.fields(rows, entry) if item is not opening)
    when = next((answer.date for answer in answers if answer is not None and answer.date is not None), None)
    title = [in_words(opening, draft.response.answer(opening.link_id, entry), Voice.PATIENT, quotes=False)]
    return joined(", ", [*title, sentence(when.words)] if when is not None else title)


def _fact(item: Item, answer: Answer) -> Sentence:
    """One fact of an entry, named by its label; dates stand in the title, texts are read on the entry's own page."""
    if not answer.answered or item.type in (ItemType.DATE, ItemType.TEXT):
        return ()
    return sentence(f"{item.label}: ", *in_words(item, answer, Voice.PATIENT, quotes=False))


def _opening(draft: StoredDocument, step: Step, item: Item) -> Statement:
    """What the entry is: its first field with the answer."""
    entry = step.entry(draft.response)
    return statement(Asked(item, entry), draft.response.answer(item.link_id, entry), Voice.PATIENT)
