"""How long a form takes, by a model: what one patient is shown, reads and presses. No person was ever timed for it.

Words are all that stands open on a page, each time that it is shown: titles, questions, help, options, texts, what was
listed, and about as many as our pages set around them. A question in a fold counts once it is answered.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from intake.questionnaire import synthetic
from intake.questionnaire.enable_when import Asked, Shown
from intake.questionnaire.journey import Journey
from intake.questionnaire.model import Item, Questionnaire
from intake.questionnaire.placeholders import filled
from intake.questionnaire.response import Entry, QuestionnaireResponse
from intake.questionnaire.values import Answer, Coding, PartialDate, Value

SECONDS_AN_ANSWER: Final = 10.6
"""The rate behind the 85 questions in 15 minutes that Pew puts at most (clinical.md 2.2)."""
START_MINUTES: Final = 2.0
"""For the start page and the consent."""
WORDS_A_MINUTE: Final = 238
"""How fast adults read silently: so the check page is read."""
CAREFUL_WORDS_A_MINUTE: Final = 200
CAREFUL_SECONDS_A_TAP: Final = 4.0
"""The careful reader reads every word, slowly, and looks before each tap."""
AROUND: Final = 48
"""Words around the questions of a page: the way back, the part, labels of boxes, buttons, the foot."""
START_WORDS, CODE_WORDS = 110, 125
"""What the start page says beside the form's own texts, and the page with the code."""
PATIENTS: Final = 99
"""How many patients who do not exist the stories of a form are taken from, always the same."""
STORIES: Final = MappingProxyType({"light": 0.1, "usual": 0.5, "heavy": 0.9})
"""Each story by the share of these patients whose form takes less time."""
NO_TEXTS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class View:
    """A page as it is shown once: what is asked on it for the first time, all its words, the taps that it takes."""

    page: Item
    asked: tuple[Asked, ...]
    words: int
    taps: int
    is_check: bool = False

    @property
    def minutes(self) -> float:
        """By the first rule: so long a question; the check page is read as well."""
        return len(self.asked) * SECONDS_AN_ANSWER / 60 + (self.words / WORDS_A_MINUTE if self.is_check else 0)


@dataclass(frozen=True)
class Burden:
    """All that one patient goes through, page after page: from the start page to the check page."""

    views: tuple[View, ...]

    @property
    def questions(self) -> int:
        """How many questions are met."""
        return sum(len(view.asked) for view in self.views)

    @property
    def words(self) -> int:
        """How many words are shown."""
        return sum(view.words for view in self.views)

    @property
    def taps(self) -> int:
        """How often an option is chosen, a box ticked or gone to, a button pressed."""
        return sum(view.taps for view in self.views)

    @property
    def minutes(self) -> float:
        """By the first rule."""
        return START_MINUTES + sum(view.minutes for view in self.views)

    @property
    def careful_minutes(self) -> float:
        """The careful reader's."""
        return self.words / CAREFUL_WORDS_A_MINUTE + self.taps * CAREFUL_SECONDS_A_TAP / 60


def burden(
    questionnaire: Questionnaire, response: QuestionnaireResponse, texts: Mapping[str, str] = NO_TEXTS
) -> Burden:
    """What the patient of this response goes through; `texts` are what stands for placeholders."""
    shown = Shown(questionnaire, response)
    walk = _Walk(shown, texts)
    pages = Journey(questionnaire, response, shown=shown).pages
    return Burden((*walk.start(), *(view for page in pages for view in walk.views(page)), walk.check()))


@dataclass(frozen=True, slots=True)
class _Walk:
    """One patient's way, with all that will have been answered in the end."""

    shown: Shown
    texts: Mapping[str, str]

    def start(self) -> Iterator[View]:
        """The start page, and the code to come back with."""
        first, welcome = self.shown.questionnaire.pages[0], self.shown.questionnaire.welcome
        yield View(first, (), START_WORDS + sum(map(self._words, welcome.leaves if welcome else ())), 1)
        yield View(first, (), CODE_WORDS, 1)

    def views(self, page: Item) -> Iterator[View]:
        """A page each time that it is shown: again with what was opened on it, and after each entry of a list."""
        words = self._count(page.text)
        for new in self._rounds(page.leaves):
            words += sum(self._words(item) for item in new)
            yield self._view(page, [Asked(item) for item in new if item.is_question], words)
        for rows in self.shown.lists_in(page):
            for number, entry in enumerate(self.shown.response.rows(rows.link_id), 1):
                yield from self._entry(page, rows, entry, number)
                words += self._said(rows.fields, entry)
                yield self._view(page, [], words)

    def _entry(self, page: Item, rows: Item, entry: Entry, number: int) -> Iterator[View]:
        """The pages of an entry: its first field, and the rest under the answer to that."""
        opening, *rest = rows.fields
        words = self._count(f"{rows.row_label} {number}")
        yield self._view(page, [Asked(opening, entry, number, rows)], words + self._words(opening))
        words += self._count(opening.text) + self._said([opening], entry)
        for new in self._rounds(rest, entry):
            words += sum(self._words(item, entry) for item in new)
            yield self._view(page, [Asked(item, entry, number, rows) for item in new], words)

    def check(self) -> View:
        """The check page: every question with its answer, and what is asked there."""
        page = self.shown.questionnaire.check
        told = [one for one in self.shown.questions() if one.item not in page.items]
        headings = {one.entry_name for one in told if one.entry_name}
        words = self._count(page.text, *headings) + sum(map(self._words, page.leaves))
        words += sum(self._count(one.item.text, "Change") + (self._said([one.item], one.entry) or 2) for one in told)
        return self._view(page, [Asked(item) for item in page.questions()], words, is_check=True)

    def _rounds(self, items: Sequence[Item], entry: Entry | None = None) -> Iterator[list[Item]]:
        """What each showing adds: first what stands there before anything on it is answered, then what that opened."""
        names = {item.link_id for item in items}
        seen: set[str] = set()
        while True:
            unseen = names - seen
            given = replace(self.shown.response, answers=_without(self.shown.response.answers, unseen))
            own = Entry(entry.id, _without(entry.answers, unseen)) if entry is not None else None
            look = Shown(self.shown.questionnaire, given)
            new = [item for item in items if item.link_id in unseen and look.is_shown(item, own)]
            if not new:
                return
            yield new
            seen |= {item.link_id for item in new}

    def _view(self, page: Item, new: Sequence[Asked], words: int, *, is_check: bool = False) -> View:
        """A showing; whoever is through with it presses a button."""
        met = [one for one in new if self._is_met(one.item, one.entry)]
        taps = 1 + sum(_taps(self._answer(one.item, one.entry)) for one in met)
        return View(page, tuple(met), words + AROUND, taps, is_check)

    def _answer(self, item: Item, entry: Entry | None = None) -> Answer:
        return self.shown.response.answer(item.link_id, entry)

    def _is_met(self, item: Item, entry: Entry | None = None) -> bool:
        return not item.more or not self._answer(item, entry).is_empty

    def _words(self, item: Item, entry: Entry | None = None) -> int:
        """The words of a text, a question with its options, or a list before anything stands in it."""
        if not self._is_met(item, entry):
            return 0
        return self._count(item.text, item.help or "", *(option.display for option in item.options))

    def _said(self, items: Iterable[Item], entry: Entry | None = None) -> int:
        """The words of what was answered."""
        return sum(self._count(_in_words(item, value)) for item in items for value in self._answer(item, entry).values)

    def _count(self, *texts: str) -> int:
        return sum(len(filled(text, self.texts).split()) for text in texts)


def _without(answers: Mapping[str, Answer], names: set[str]) -> Mapping[str, Answer]:
    return {name: answer for name, answer in answers.items() if name not in names}


def _in_words(item: Item, value: Value) -> str:
    match value:
        case Coding(code):
            return item.option_by_code[code].display
        case PartialDate():
            return value.words
        case _:
            return f"{value}"


def _taps(answer: Answer) -> int:
    """One for each option, tick box, text, number and box of a date."""
    dates = (value for value in answer.values if isinstance(value, PartialDate))
    more_boxes = sum((date.month is not None) + (date.day is not None) for date in dates)
    return len(answer.values) + (answer.absent is not None) + more_boxes


# -- the stories of a form ---------------------------------------------------------------------------------------------


def stories(questionnaire: Questionnaire, texts: Mapping[str, str] = NO_TEXTS) -> Mapping[str, Burden]:
    """A light, a usual and a heavy story of this form: by the time they take, of patients who do not exist."""
    burdens = sorted((burden(questionnaire, one, texts) for one in _patients(questionnaire)), key=lambda it: it.minutes)
    return {name: burdens[int(share * PATIENTS)] for name, share in STORIES.items()}


@lru_cache(maxsize=16)
def section_minutes(questionnaire: Questionnaire) -> Mapping[str, tuple[int, int]]:
    """How long each section takes, by its linkId: in the usual and in the heavy story of those who come to it.

    The start and the consent are in the first. Worked out once a version: hand in the published one, not one in the
    words of a patient.
    """
    spent: dict[str, list[float]] = {}
    for response in _patients(questionnaire):
        its_own: dict[str, float] = {questionnaire.sections[0].link_id: START_MINUTES}
        for view in burden(questionnaire, response).views:
            section = questionnaire.parents[view.page.link_id].link_id
            its_own[section] = its_own.get(section, 0) + view.minutes
        for section, minutes in its_own.items():
            spent.setdefault(section, []).append(minutes)
    shares = STORIES["usual"], STORIES["heavy"]
    return MappingProxyType({name: _at(sorted(minutes), *shares) for name, minutes in spent.items()})


def _at(minutes: Sequence[float], usual: float, heavy: float) -> tuple[int, int]:
    return (max(1, round(minutes[int(usual * len(minutes))])), max(1, round(minutes[int(heavy * len(minutes))])))


def _patients(questionnaire: Questionnaire) -> Iterator[QuestionnaireResponse]:
    """Patients who do not exist, always the same: they open every page, and leave some questions blank."""
    for seed in range(PATIENTS):
        chance = random.Random(seed)  # noqa: S311 - guards nothing # nosec B311
        filling = synthetic.Filling(questionnaire, chance, synthetic.invented_words)
        for page in questionnaire.pages:
            filling.fill(page, blank=synthetic.BLANK)
        yield filling.response
