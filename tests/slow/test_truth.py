"""The one page says what was answered and no more: over random patients, and by changing one answer at a time.

The rules are not read here: what must stand where is worked out from the answers and from what each line says that it
is made of.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from intake.consultations.rules import summarise
from intake.questionnaire import synthetic
from intake.questionnaire.absence import PagesVisited
from intake.questionnaire.enable_when import Shown
from intake.questionnaire.model import Item, Questionnaire
from intake.questionnaire.response import Entry, QuestionnaireResponse
from intake.questionnaire.values import AbsentReason, Answer, Coding
from intake.summary.model import Highlight, Summary, SummarySettings
from intake.summary.statement import Part, Voice, in_words, text_of
from intake.summary.text import as_text
from tests.factories import SENT_ON
from tests.fhir.patients import Patient, patient

RESPONSES = 2000
BATCH = 250
TEXTS = tuple(f"{word} {number}" for word in ("amber", "birch", "cedar", "delta") for number in (3, 14, 15, 92))
"""What they type: short, and each is found again."""


def summary_of(questionnaire: Questionnaire, response: QuestionnaireResponse, way: PagesVisited | None) -> Summary:
    return summarise(questionnaire, response, settings=SummarySettings(), today=SENT_ON, way=way)


def everyone(questionnaire: Questionnaire, first: int) -> Iterator[Patient]:
    return (patient(questionnaire, seed, texts=TEXTS) for seed in range(first, first + BATCH))


BY_OTHERS = ("partner", "surrogate")
UNCLEAR = ("not-sure", "declined", "other")
"""Endings that may be a loss."""

batches = pytest.mark.parametrize("first", range(0, RESPONSES, BATCH))


# -- figures -----------------------------------------------------------------------------------------------------------


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every figure of the counts with its path."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from leaves(one, f"{path}.{key}" if path else key)
    else:
        yield path, value


def codes_of(row: Entry, link_id: str) -> tuple[str, ...]:
    return row.answers.get(link_id, Answer()).codes


def unsaid_zeros(made: Summary, response: QuestionnaireResponse) -> list[str]:
    """Figures that are 0 though no answer says so.

    A 0 of a list is said by what is listed, or by an answer that there was none: so it may stand where something is
    listed, and nothing that was stated is missing from the list.
    """
    rows = response.rows("pregnancies")
    numbers = {name: answer.number for name, entry, answer in response.said() if entry is None}
    stated, losses = numbers.get("pregnancy-count"), numbers.get("loss-count")
    none = response.answer("ever-pregnant").codes == ("no",) or 0 in (stated, losses)
    listed = len(rows) + (response.answer("pregnant-now").codes == ("yes",))
    own = [row.answers for row in rows if not {*BY_OTHERS} & {*codes_of(row, "preg-carrier")}]
    clear = not any({*UNCLEAR} & {*answers.get("preg-outcome", Answer()).codes} for answers in own)
    is_short = stated > listed if stated is not None else (losses or 0) > listed
    says = {
        "losses": none or (listed and clear and not is_short) or made.counts.get("losses", {}).get("total"),
        "stated": none,
        "transfers": response.rows("transfers") or numbers.get("transfer-count") == 0,
        "egg_collections": numbers.get("egg-collections") == 0,
        "embryos_stored": numbers.get("embryos-stored") == 0,
        "letters": listed or none,
    }
    wrong = [
        path
        for path, figure in leaves(made.counts)
        if figure == 0 and not isinstance(figure, bool) and not says.get(path.partition(".")[0], says["letters"])
    ]
    if re.search(r"[TPAL]0(?!\+)", made.counts.get("gtpal", "")) and not (listed or none):
        wrong.append("gtpal")
    return wrong


@batches
def test_no_figure_is_zero_unless_an_answer_says_so(questionnaire: Questionnaire, first: int) -> None:
    zeros = Counter[str]()
    for one in everyone(questionnaire, first):
        made = summary_of(questionnaire, one.response, one.way)
        zeros.update(path for path, figure in leaves(made.counts) if figure == 0)
        assert unsaid_zeros(made, one.response) == [], (made.counts, one.response)
    assert zeros, "there were zeros to be judged"


def test_a_zero_that_nobody_said_is_seen(questionnaire: Questionnaire) -> None:
    one = next(one for one in everyone(questionnaire, 0) if not one.response.rows("pregnancies"))
    empty = replace(one.response, answers={})
    made = summary_of(questionnaire, empty, None)
    planted = replace(made, counts={**made.counts, "gtpal": "G0 T0 P0 A0 L0", "losses": {"total": 0}})
    assert unsaid_zeros(planted, empty) == ["losses.total", "gtpal"]


# -- the timeline ------------------------------------------------------------------------------------------------------


@batches
def test_every_pregnancy_and_transfer_listed_is_in_the_timeline_or_without_a_date(
    questionnaire: Questionnaire, first: int
) -> None:
    listed = 0
    for one in everyone(questionnaire, first):
        timeline = summary_of(questionnaire, one.response, one.way).timeline
        drawn = Counter(event.entry_id for event in (*timeline.events, *timeline.undated) if event.entry_id)
        rows = Counter(
            row.id
            for name in ("pregnancies", "transfers")
            for row in Shown(questionnaire, one.response).without_hidden().response.rows(name)
            if row.answers.get(questionnaire.item(name).items[0].link_id, Answer()).answered
        )
        assert drawn == rows
        listed += len(rows)
    assert listed > BATCH / 2


# -- every answer ------------------------------------------------------------------------------------------------------

FULL_ANSWERS = "in full answers"
SAYS_LITTLE = {"consent", "declare"}
"""Boxes without which nothing is sent: that it was sent says them."""
NOT_ON_THE_PAGE: Mapping[str, frozenset[str]] = {
    "infection-since": frozenset(),
    "infection-confirmed": frozenset({"self"}),
    "autoimmune-since": frozenset(),
    "autoimmune-told-by": frozenset({"self", "being-checked"}),
    "med-for": frozenset(),
    "preg-same-partner": frozenset(),
    "preg-notes": frozenset(),
}
"""Fields of lists that the page does not say, but for these codes: the exact words of H-15, H-16, H-24 and of the
timeline (clinical.md 3.6) leave them to the full answers."""
NO_DETAILS = ("ended-by-choice", "other", "not-sure", "declined")
"""Endings of which the timeline says “details in full answers” and nothing else (clinical.md 3.6)."""


def words_on_the_page(made: Summary) -> str:
    """All that can be read on the page."""
    return as_text(made, "7KQ4-M2XD", SENT_ON)


def unsaid_texts(questionnaire: Questionnaire, one: Patient, page: str) -> list[tuple[str, str]]:
    """What was typed and does not stand on the page; of a note on a pregnancy, that there is one."""
    missing = []
    for link_id, entry, answer in Shown(questionnaire, one.response).without_hidden().response.said():
        rows = questionnaire.list_of(link_id)
        is_listed = entry is None or rows is None or entry.answers.get(rows.items[0].link_id, Answer()).answered
        typed = [value for value in answer.values if isinstance(value, str)] if is_listed else []
        if link_id in NOT_ON_THE_PAGE:
            typed = [FULL_ANSWERS] if typed and link_id == "preg-notes" else []
        missing += [(link_id, text) for text in typed if text not in page]
    return missing


@batches
def test_everything_that_was_typed_stands_on_the_page(questionnaire: Questionnaire, first: int) -> None:
    found = Counter[str]()
    for one in everyone(questionnaire, first):
        page = words_on_the_page(summary_of(questionnaire, one.response, one.way))
        found.update(link_id for link_id, _ in unsaid_texts(questionnaire, one, page))
    assert found == {}


@batches
def test_every_answered_question_has_a_line_that_is_made_of_it(questionnaire: Questionnaire, first: int) -> None:
    for one in everyone(questionnaire, first):
        made = summary_of(questionnaire, one.response, one.way)
        response = Shown(questionnaire, one.response).without_hidden().response
        answered = {link_id for link_id, entry, answer in response.said() if entry is None and answer.answered}
        of = {link_id for line in lines_of(made) for link_id in line.of} | SAYS_LITTLE
        if response.rows("immune-tests"):
            of |= {"tests-had"}  # each tick that has a row stands in it
        assert answered - of == set()


# -- one answer changed ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A line of the page: what it says, and the questions, lists and entries that it says it is made of."""

    kind: str
    words: str
    of: frozenset[str]


def lines_of(made: Summary) -> Iterator[Line]:
    """Every line of the page; figures of the box are lines too."""
    yield Line("name", text_of(made.name), frozenset({"full-name"}))
    for line in made.header:
        yield Line("header", f"{line.label}: {text_of(line.sentence)}", frozenset({line.link_id or "birth-date"}))
    wants = [made.wants] if made.wants else []
    for section in (*wants, *made.sections, *([made.also] if made.also else [])):
        for line in section.lines:
            yield Line("line", f"{line.label}: {text_of(line.sentence)}", frozenset({line.link_id or ""}))
        if section.table:
            for row in section.table.rows:
                yield Line("row", " | ".join(map(text_of, row)), frozenset({section.table.link_id or ""}))
    for event in (*made.timeline.events, *made.timeline.undated):
        said = f"{event.date_in_words}, {event.kind}: {text_of(event.facts)}"
        yield Line("event", said, frozenset({event.link_id, event.entry_id or ""}))
    for highlight in made.highlights:
        said = f"{highlight.rule} {text_of(highlight.sentence)}"
        yield Line("highlight", said, frozenset({*highlight.link_ids, *highlight.tells}))
    for line in made.box.lines if made.box else ():
        yield Line("box", f"{line.label} {line.value} {line.parts}", frozenset({line.link_id or "pregnancies"}))
    for reason, missing in made.not_answered.by_reason():
        for one in missing:
            yield Line("missing", f"{reason} {one.label}", frozenset({one.link_id, one.entry_id or ""}))


COUNTED = frozenset(
    {
        *(
            "pregnancies",
            "transfers",
            "ever-pregnant",
            "pregnancy-count",
            "loss-count",
            "pregnant-now",
            "pregnant-weeks",
        ),
        *("birth-date", "transfers-who", "transfer-count", "egg-collections", "embryos-stored"),
    }
)
"""Lists and stand-alone questions that figures are made of."""
WITH: Mapping[str, frozenset[str]] = {
    "transfers-who": frozenset({"transfers"}),  # whose transfers they are
    "pregnant-weeks": frozenset({"pregnant-now"}),  # one event of the timeline
    "pregnant-now": frozenset({"ever-pregnant", "pregnancies"}),  # H-11 is silent for who is pregnant now
    "ever-pregnant": frozenset({"pregnant-now", "loss-count", "loss-words", "pregnancies"}),
    "pregnancy-count": frozenset({"pregnancies"}),
    "loss-count": frozenset({"pregnancies"}),
    "transfer-count": frozenset({"transfers"}),
    "tests-had": frozenset({"immune-tests"}),  # which results are missed
    "takes-now": frozenset({"medicines"}),  # whether a list is missed
    "tried-treatments": frozenset({"tried-result"}),  # how something went
}
"""Questions whose answer says how others are read (clinical.md 3.2 to 3.4, 3.6)."""


def changed_lines(before: Summary, after: Summary) -> list[Line]:
    first, second = set(lines_of(before)), set(lines_of(after))
    return [*(first - second), *(second - first)]


@dataclass(frozen=True)
class Asked:
    """The question that was changed."""

    item: Item
    entry: Entry | None
    rows: Item | None

    @property
    def opens(self) -> bool:
        """Whether it is the first field of its list, without which there is no entry."""
        return self.rows is not None and self.rows.items[0].link_id == self.item.link_id

    @property
    def names(self) -> set[str]:
        """What a line that is made of it may name: the question, its list, its entry, and what is read with it."""
        own = {self.item.link_id, *WITH.get(self.item.link_id, ())}
        return own | ({self.rows.link_id} if self.rows else set()) | ({self.entry.id} if self.entry else set())


def with_answer(response: QuestionnaireResponse, asked: Asked, answer: Answer) -> QuestionnaireResponse:
    """The same with this answer to this question."""
    if asked.entry is None or asked.rows is None:
        return response.with_answers({asked.item.link_id: answer})
    return response.with_entry(asked.rows.link_id, asked.entry.id, {asked.item.link_id: answer})


def same_questions(questionnaire: Questionnaire, one: QuestionnaireResponse, other: QuestionnaireResponse) -> bool:
    """Whether both are asked the same."""
    first, second = (
        [(found.item.link_id, found.entry and found.entry.id) for found in Shown(questionnaire, response).questions()]
        for response in (one, other)
    )
    return first == second


@dataclass(frozen=True)
class Change:
    """One answer in place of another, with what the page was made of before and after it."""

    asked: Asked
    old: Answer
    new: Answer
    before: QuestionnaireResponse
    after: QuestionnaireResponse

    @property
    def must_be_seen(self) -> bool:
        """Whether a reader must see it: both answers say something, in other words, that the page is to say."""
        item, entry = self.asked.item, self.asked.entry
        first, second = (text_of(in_words(item, answer, Voice.CLINICIAN)) for answer in (self.old, self.new))
        if not (self.old.answered and self.new.answered) or first == second:
            return False
        if entry is not None and {*NO_DETAILS} & {*codes_of(entry, "preg-outcome")}:
            return False
        said = NOT_ON_THE_PAGE.get(item.link_id)
        return said is None or bool(said & {*self.old.codes, *self.new.codes})


def changes(
    questionnaire: Questionnaire, one: Patient, chance: random.Random, new: Callable[[Item], Answer | None]
) -> Iterator[Change]:
    """One stand-alone answer changed, and one field of a list: all others as they were, the same questions shown."""
    questions = [
        Asked(found.item, found.entry, questionnaire.list_of(found.item.link_id))
        for found in Shown(questionnaire, one.response).questions()
    ]
    for in_a_list in (False, True):
        some = [asked for asked in questions if (asked.rows is not None) is in_a_list and not asked.opens]
        for asked in chance.sample(some, len(some)):
            old = one.response.answer(asked.item.link_id, asked.entry)
            answer = new(asked.item) if asked.item.link_id not in SAYS_LITTLE else None
            if answer is None or answer == old:
                continue
            response = with_answer(one.response, asked, answer)
            if same_questions(questionnaire, one.response, response):
                yield Change(asked, old, answer, one.response, response)
                break


def strangers(questionnaire: Questionnaire, asked: Asked, changed: list[Line]) -> list[Line]:
    """Lines that changed though they say that they are made of something else.

    A highlight may say so before the change or after it. An answer is the first of its page, or the only one: then
    what is missing there is not reached, or left blank.
    """
    page = questionnaire.page_of(asked.item.link_id)
    beside = {item.link_id for item in page.leaves} | {rows.link_id for rows in page.items if rows.is_rows}
    own = asked.names
    rules = {line.words.split()[0] for line in changed if line.kind == "highlight" and line.of & own}
    return [
        line
        for line in changed
        if not line.of & own
        and not (line.kind == "highlight" and line.words.split()[0] in rules)
        and not (line.kind == "missing" and line.of & beside)
    ]


def everywhere(questionnaire: Questionnaire, before: Summary, after: Summary, asked: Asked) -> list[str]:
    """What is wrong with how page, summary.json and summary.txt changed."""
    changed = changed_lines(before, after)
    wrong = [
        f"{line.kind} {line.words}: made of {sorted(line.of)}" for line in strangers(questionnaire, asked, changed)
    ]
    counted = bool(asked.names & COUNTED)
    if before.counts != after.counts and not counted:
        wrong.append(f"counts {before.counts} {after.counts}")
    of_page = bool(changed) or before.box != after.box
    if (as_text(before, "R", SENT_ON) != as_text(after, "R", SENT_ON)) != of_page:
        wrong.append("summary.txt does not change with the page")
    in_json = ("highlights", "timeline", "undated", "not_answered", "counts")
    first, second = before.as_json("R"), after.as_json("R")
    kinds = {"highlight": ("highlights",), "event": ("timeline", "undated"), "missing": ("not_answered",)}
    allowed = {name for line in changed for name in kinds.get(line.kind, ())} | ({"counts"} if counted else set())
    wrong += [f"summary.json: {name}" for name in in_json if first[name] != second[name] and name not in allowed]
    return wrong


@batches
def test_a_changed_answer_changes_what_is_made_of_it_and_nothing_else(questionnaire: Questionnaire, first: int) -> None:
    seen = Counter[bool]()
    for seed in range(first, first + BATCH):
        chance = random.Random(seed)
        one = patient(questionnaire, seed, texts=TEXTS)
        for change in changes(questionnaire, one, chance, lambda item, chance=chance: an_answer(item, chance)):
            before, after = (summary_of(questionnaire, it, one.way) for it in (change.before, change.after))
            assert everywhere(questionnaire, before, after, change.asked) == [], change.asked
            if change.must_be_seen:
                assert changed_lines(before, after), (change.asked, change.old, change.new)
                seen[change.asked.rows is not None] += 1
    assert min(seen[False], seen[True]) > BATCH / 10, "answers of both kinds had to be seen"


def an_answer(item: Item, chance: random.Random) -> Answer:
    return synthetic.random_answer(item, chance, lambda _item, words: words.choice(TEXTS))


UNKNOWN = frozenset({"unknown", "not-sure"})


def not_known(item: Item) -> Answer | None:
    """“I don't know” to this question, if it can be said."""
    if AbsentReason.ASKED_UNKNOWN in item.reasons:
        return Answer(absent=AbsentReason.ASKED_UNKNOWN)
    code = next((code for code in item.option_by_code if code in UNKNOWN), None)
    return Answer((Coding(code),)) if code else None


def denials(lines: list[Line]) -> Counter[str]:
    return Counter(word.lower() for line in lines for word in re.findall(r"(?i)\b(?:no|none|never)\b", line.words))


@batches
def test_not_known_is_never_printed_as_no(questionnaire: Questionnaire, first: int) -> None:
    seen = Counter[str]()
    for seed in range(first, first + BATCH):
        one = patient(questionnaire, seed, texts=TEXTS)
        for change in changes(questionnaire, one, random.Random(seed), not_known):
            empty = with_answer(one.response, change.asked, Answer())
            before, after = (list(lines_of(summary_of(questionnaire, it, one.way))) for it in (empty, change.after))
            new = [line for line in after if line not in before]
            gone = [line for line in before if line not in after]
            assert denials(new) - denials(gone) == Counter(), (change.asked.item.link_id, new)
            seen[change.asked.item.link_id] += 1
    assert len(seen) > 15


# -- these oracles see a fault -----------------------------------------------------------------------------------------


def planted(made: Summary, highlight: Highlight) -> Summary:
    """The summary with one highlight instead of those of its rule."""
    groups = tuple(
        replace(group, highlights=tuple(highlight if one.rule == highlight.rule else one for one in group.highlights))
        for group in made.groups
    )
    return replace(made, groups=groups)


def test_a_line_that_changes_with_a_strangers_answer_is_seen(questionnaire: Questionnaire) -> None:
    one = patient(questionnaire, 7, texts=TEXTS)
    made = summary_of(questionnaire, one.response, one.way)
    first = made.highlights[0]
    other = planted(made, replace(first, sentence=(*first.sentence, Part(" and more", first.sentence[0].by))))
    stranger = Asked(questionnaire.item("habits"), None, None)
    assert any(first.rule in wrong for wrong in everywhere(questionnaire, made, other, stranger))
    assert everywhere(questionnaire, made, made, stranger) == []


def test_a_count_that_changes_with_a_strangers_answer_is_seen(questionnaire: Questionnaire) -> None:
    one = patient(questionnaire, 7, texts=TEXTS)
    made = summary_of(questionnaire, one.response, one.way)
    other = replace(made, counts={**made.counts, "losses": {"total": 9}})
    wrong = everywhere(questionnaire, made, other, Asked(questionnaire.item("habits"), None, None))
    assert [one.split()[0] for one in wrong] == ["counts", "summary.json:"]


def test_a_typed_answer_that_is_left_out_is_seen(questionnaire: Questionnaire) -> None:
    one = next(one for one in everyone(questionnaire, 0) if one.response.answer("own-words").answered)
    page = words_on_the_page(summary_of(questionnaire, one.response, one.way))
    typed = one.response.answer("own-words").values[0]
    assert isinstance(typed, str)
    assert unsaid_texts(questionnaire, one, page) == []
    assert ("own-words", typed) in unsaid_texts(questionnaire, one, page.replace(typed, ""))


def test_a_field_of_a_list_that_is_not_said_would_be_seen(questionnaire: Questionnaire) -> None:
    """Each field of a list that the page is to say had to be seen by somebody, and those left to the full answers are
    as the table says: neither half of the oracle is empty."""
    had_to, never = set[str](), set[str]()
    for seed in range(600):
        one = patient(questionnaire, seed, texts=TEXTS)
        chance = random.Random(seed)
        for change in changes(questionnaire, one, chance, lambda item, chance=chance: an_answer(item, chance)):
            if change.asked.rows is not None and change.old.answered and change.new.answered:
                (had_to if change.must_be_seen else never).add(change.asked.item.link_id)
    assert len(had_to) > 20
    assert {link_id for link_id, codes in NOT_ON_THE_PAGE.items() if not codes} <= never - had_to
