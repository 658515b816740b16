"""What a page of questions shows, as plain data for its template: texts, questions, folds, lists, notices, the way
back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from markupsafe import Markup

from intake.forms.form import Problem
from intake.forms.page_form import ParsedPage
from intake.forms.questions import Question, stored_question, typed_question
from intake.patient.consent import Block as Prose
from intake.patient.draft import Draft
from intake.patient.notices import Notice
from intake.patient.places import EntryPlace, PagePlace, Place, fingerprint
from intake.patient.saving import FROM_LIST
from intake.patient.texts import Words, blocks_of, fill, is_urgent
from intake.questionnaire.enable_when import Asked, Shown
from intake.questionnaire.journey import Progress, first_field
from intake.questionnaire.model import Item, ItemType
from intake.questionnaire.response import Entry
from intake.questionnaire.values import Answer
from intake.summary.statement import Sentence, Statement, Voice, in_words, joined, sentence, statement


@dataclass(frozen=True)
class Display:
    """A text between the questions. `urgent` ones hold an emergency number; `blocks` is the clinic's text on
    consent."""

    id: str
    words: Markup
    urgent: bool = False
    focus: bool = False
    blocks: tuple[Prose, ...] = ()
    kind: str = "display"


@dataclass(frozen=True)
class QuestionBlock:
    """One question."""

    question: Question
    kind: str = "question"


@dataclass(frozen=True)
class Fold:
    """Questions that stand in "More, if you like"; open if one holds an answer or an error."""

    questions: tuple[Question, ...]
    kind: str = "fold"

    @property
    def is_open(self) -> bool:
        """Whether the fold stands open."""
        return any(question.is_filled or question.focus for question in self.questions)


@dataclass(frozen=True)
class Listed:
    """One entry as its list shows it: what and when, then the facts."""

    id: str
    name: str
    title: Sentence
    facts: Sentence
    focus: bool
    endpoint: str


@dataclass(frozen=True)
class Rows:
    """A repeating list with its entries; `full` once no more can be added."""

    item: Item
    entries: tuple[Listed, ...]
    full: bool
    focus: bool
    titled: bool
    kind: str = "rows"


Block = Display | QuestionBlock | Fold | Rows


@dataclass(frozen=True)
class Page:
    """One page. `heading` is None where the legend of its only question holds the title.

    `opens_at` says that something on it takes the focus already, so that a notice does not. `may_be_told` offers to
    skip it and tell it in person, `told_in_person` says that the patient chose that.
    """

    title: str
    page_id: str
    progress: Progress
    back: str
    seen: str
    origin: str
    blocks: tuple[Block, ...]
    heading: str | None = None
    over: str | None = None
    opening: Statement | None = None
    opening_href: str = ""
    save_words: str = "Continue"
    problems: tuple[Problem, ...] = ()
    notices: tuple[Notice, ...] = ()
    differences: tuple[Statement, ...] = ()
    may_be_told: bool = False
    told_in_person: bool = False
    helper: str | None = None
    hidden: Mapping[str, str] = field(default_factory=dict)
    opens_at: bool = False

    @property
    def entry_origin(self) -> str:
        """Where an entry that is opened from this page's list leads back to."""
        return FROM_LIST if self.origin else ""

    @property
    def has_list(self) -> bool:
        """Whether a list stands on the page, whose "add" would else be what Enter presses."""
        return any(isinstance(block, Rows) for block in self.blocks)


@dataclass(frozen=True)
class Scene:
    """What drawing needs beside the place: the draft, what its texts are filled in with, and where to open the page."""

    draft: Draft
    words: Words
    at: str = ""


# -- questions ---------------------------------------------------------------------------------------------------------


def questions_of(scene: Scene, place: Place, reading: ParsedPage | None) -> dict[str, Question]:
    """The questions that stand at a place, by linkId: as they were sent, or as they are stored."""
    if reading is not None:
        return {item.link_id: typed_question(item, reading) for item in reading.items}
    return {item.link_id: stored_question(item, place.answer(scene.draft, item)) for item in place.shown(scene.draft)}


def focused(questions: Mapping[str, Question], leaves: Sequence[Item], wanted: Sequence[str]) -> dict[str, Question]:
    """The questions with the first wanted one opened at; texts that came with it describe it, so that they are
    heard."""
    first = next((link_id for link_id in wanted if link_id in questions), None)
    if first is None:
        return dict(questions)
    texts = tuple(item.link_id for item in leaves if item.type is ItemType.DISPLAY and item.link_id in wanted)
    return {**questions, first: replace(questions[first], focus=True, described_by=texts)}


def in_folds(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks with neighbouring x-more questions in one fold."""
    folded: list[Block] = []
    for is_more, group in groupby(
        blocks, key=lambda block: isinstance(block, QuestionBlock) and block.question.item.more
    ):
        held = list(group)
        folded += (
            [Fold(tuple(block.question for block in held if isinstance(block, QuestionBlock)))] if is_more else held
        )
    return tuple(folded)


# -- a page ------------------------------------------------------------------------------------------------------------


def stand_alone(scene: Scene, place: PagePlace, *, back: str, origin: str, reading: ParsedPage | None = None) -> Page:
    """The page of this place, with what was sent if something was."""
    draft = scene.draft
    wanted = () if reading is not None else draft.focus.at(place.key)
    drawn = questions_of(scene, place, reading)
    leaves = [item for item in place.leaves(draft) if not item.is_question or item.link_id in drawn]
    leaves += [item for item in (reading.items if reading else ()) if item not in leaves]
    drawn = focused(drawn, leaves, wanted)
    only = len(leaves) == 1 and leaves[0].is_question and leaves[0].type is not ItemType.BOOLEAN
    if only:
        drawn = {name: replace(question, heading=True) for name, question in drawn.items()}
    title = leaves[0].text if only else place.page.text
    no_question = not any(link_id in drawn for link_id in wanted)
    blocks = in_folds(
        _block(scene, item, drawn, opened=no_question and item.link_id in wanted[:1], title=title) for item in leaves
    )
    return Page(
        title=title,
        page_id=place.page.link_id,
        heading=None if only else title,
        progress=draft.journey.progress(place.page),
        back=back,
        seen=fingerprint(place, draft),
        origin=origin,
        blocks=blocks,
        problems=reading.problems if reading else (),
        opens_at=bool(wanted or scene.at),
        may_be_told=place.may_be_told_in_person,
        told_in_person=place.page.link_id in draft.in_person,
    )


def _block(scene: Scene, item: Item, drawn: Mapping[str, Question], *, opened: bool, title: str) -> Block:
    if item.is_question:
        return QuestionBlock(drawn[item.link_id])
    if item.is_rows:
        return list_block(scene, item, opened=opened, titled=item.text != title)
    return Display(
        item.link_id, fill(item.text, scene.words), is_urgent(item.text), opened, blocks_of(item.text, scene.words)
    )


def list_block(scene: Scene, rows: Item, *, opened: bool, titled: bool) -> Rows:
    """A repeating list with what was added."""
    entries = scene.draft.response.rows(rows.link_id)
    shown = Shown(scene.draft.questionnaire, scene.draft.response)
    listed = tuple(_listed(scene, shown, rows, entry, number) for number, entry in enumerate(entries, 1))
    return Rows(
        item=rows,
        entries=listed,
        full=rows.max_rows is not None and len(entries) >= rows.max_rows,
        focus=opened or scene.at == rows.link_id,
        titled=titled,
    )


def _listed(scene: Scene, shown: Shown, rows: Item, entry: Entry, number: int) -> Listed:
    opening = first_field(rows)
    fields = [item for item in shown.fields(rows, entry) if item is not opening]
    when = next(
        (answer.date for item in fields if (answer := entry.answers.get(item.link_id, Answer())).date is not None), None
    )
    title = [in_words(opening, shown.response.answer(opening.link_id, entry), Voice.PATIENT, quotes=False)]
    title += [sentence(when.words)] if when is not None else []
    facts = (_fact(item, entry.answers.get(item.link_id, Answer())) for item in fields)
    return Listed(
        id=entry.id,
        name=f"{rows.row_label} {number}",
        title=joined(", ", title),
        facts=joined(". ", (fact for fact in facts if fact)),
        focus=scene.at == entry.id,
        endpoint="show_entry" if fields else "start_entry",
    )


def _fact(item: Item, answer: Answer) -> Sentence:
    """One fact of an entry, named by its label; dates stand in the title, texts are read on the entry's own page."""
    if not answer.answered or item.type in (ItemType.DATE, ItemType.TEXT):
        return ()
    return sentence(f"{item.label}: ", *in_words(item, answer, Voice.PATIENT, quotes=False))


# -- an entry ----------------------------------------------------------------------------------------------------------


def entry(
    scene: Scene,
    place: EntryPlace,
    *,
    back: str,
    origin: str,
    opening_href: str = "",
    reading: ParsedPage | None = None,
) -> Page:
    """The page of one entry: its first field, or the rest of it."""
    draft = scene.draft
    wanted = () if reading is not None else draft.focus.at(place.key)
    drawn = questions_of(scene, place, reading)
    items = reading.items if reading is not None else place.shown(draft)
    drawn = focused(drawn, items, wanted)
    name = place.name(draft.response)
    only = len(items) == 1
    if only:
        drawn = {link_id: replace(question, heading=True) for link_id, question in drawn.items()}
    opening = None if place.first else _opening(scene, place)
    return Page(
        title=f"{items[0].text} {name}" if only else name,
        page_id=place.page.link_id,
        heading=None if only else name,
        over=name if only else None,
        opening=opening,
        opening_href=opening_href,
        progress=draft.journey.progress(place.page),
        back=back,
        seen=fingerprint(place, draft),
        origin=origin,
        blocks=in_folds(QuestionBlock(drawn[item.link_id]) for item in items),
        opens_at=bool(wanted),
        save_words="Continue" if place.first else f"Save this {(place.rows.row_label or '').lower()}",
        problems=reading.problems if reading else (),
    )


def _opening(scene: Scene, place: EntryPlace) -> Statement:
    """What the entry is: its first field with the answer."""
    item = first_field(place.rows)
    held = place.entry(scene.draft.response)
    return statement(Asked(item, held), scene.draft.response.answer(item.link_id, held), Voice.PATIENT)


def differences(stored: Mapping[str, Answer], reading: ParsedPage) -> tuple[Statement, ...]:
    """What stands in the draft now where it differs from what was typed here."""
    changed = (item for item in reading.items if stored[item.link_id] != reading.answers[item.link_id])
    return tuple(statement(Asked(item), stored[item.link_id], Voice.PATIENT) for item in changed)
