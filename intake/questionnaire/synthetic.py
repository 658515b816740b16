"""Patients who do not exist: random answers that the form would take. For `intake demo` and for the tests."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final, Protocol

from intake.questionnaire.enable_when import Shown
from intake.questionnaire.model import Item, ItemType, Questionnaire
from intake.questionnaire.response import Entry, QuestionnaireResponse, new_entry_id
from intake.questionnaire.roles import ItemRole
from intake.questionnaire.values import Answer, Coding, PartialDate, Value

Words = Callable[[Item, random.Random], str]
"""What is typed into a string, a text, or as own words of an open choice; it is cut to what the question takes."""

BLANK: Final = 0.15
"""How many of the questions that need no answer stay blank."""
TICKED: Final = 0.2
"""How many of the questions beside which a reason can be ticked have one ticked."""
STOPS_EARLY: Final = 0.15
"""How many of those who send leave pages at the end unopened."""
IN_PERSON: Final = 0.06
"""How many of the pages that offer it are to be told about in person."""


class Told(Protocol):
    """What a patient would say if nothing were left out."""

    def entries(self, rows: Item, /) -> Sequence[Any]:
        """What would be listed, one for each entry."""

    def answer(self, item: Item, entry: Any, /) -> Answer:
        """The answer to a question, in an entry to one of its fields."""


@dataclass(frozen=True, slots=True)
class Patient:
    """What a patient who does not exist made of the form: answers, pages saved, those to be told about in person."""

    response: QuestionnaireResponse
    done: tuple[Item, ...]
    in_person: frozenset[str]


def patient(questionnaire: Questionnaire, chance: random.Random, *, sent: bool, told: Told | None = None) -> Patient:
    """One patient's form, sent or left on the way. The same chance gives the same answers; entry ids differ.

    Answers are what would be `told`, some of it left out; or random.

    What is sent holds all that is required; of a draft the check page was not reached.
    """
    filling = Filling(questionnaire, chance, invented_words, told)
    pages = [page for page in questionnaire.pages if page is not questionnaire.welcome]
    reached = _pages_reached(pages, chance, sent)
    done: list[Item] = []
    put_off: set[str] = set()
    for number, page in enumerate(pages):
        if number >= reached and not (sent and page is questionnaire.check):
            continue
        in_person = page.in_person and chance.random() < IN_PERSON
        filling.fill(page, blank=0.8 if in_person else BLANK)
        if any(filling.shown.is_shown(item) for item in page.leaves):
            done.append(page)
            put_off |= {page.link_id} if in_person else set()
    return Patient(filling.response, tuple(done), frozenset(put_off))


def _pages_reached(pages: Sequence[Item], chance: random.Random, sent: bool) -> int:
    """How many pages the patient came to; who sends has come to every page on which something is required."""
    before_check = max(len(pages) - 1, 1)
    if not sent:
        return chance.randint(1, before_check)
    if chance.random() >= STOPS_EARLY:
        return len(pages)
    needed = [number for number, page in enumerate(pages[:-1], 1) if page.needed]
    return chance.randint(max(needed, default=1), before_check)


class Filling:
    """One form while it is filled in, page by page as a patient would: only questions shown at their turn are answered.

    `response` and `shown` see every answer at once. What is asked depends on earlier questions only, so what was looked
    up once stays true, and a whole form costs one `Shown` instead of one a question.
    """

    def __init__(
        self, questionnaire: Questionnaire, chance: random.Random, words: Words, told: Told | None = None
    ) -> None:
        self.questionnaire = questionnaire
        self.chance = chance
        self.words = words
        self.told = told
        self._answers: dict[str, Answer] = {}
        self._entries: dict[str, tuple[Entry, ...]] = {}
        answers, entries = MappingProxyType(self._answers), MappingProxyType(self._entries)
        self.response = QuestionnaireResponse(
            questionnaire.canonical, language=questionnaire.language, answers=answers, entries=entries
        )
        self.shown = Shown(questionnaire, self.response)

    def fill(self, page: Item, *, blank: float) -> None:
        """Answer a page, its lists included; with probability `blank` a question that needs no answer has none."""
        needed = {item.link_id for item in page.needed}
        for item in page.leaves:
            if item.type is ItemType.DISPLAY or not self.shown.is_shown(item):
                continue
            if item.is_rows:
                for said in self._entries_to_fill(item, blank):
                    self._add_entry(item, said, blank)
            elif item.link_id in needed or self._is_answered(item, blank):
                self._put(self._answers, item)

    def _entries_to_fill(self, rows: Item, blank: float) -> Sequence[Any]:
        if self.told is None:
            return (None,) * self.chance.choice((0, 1, 1, 2, 3))
        return self.told.entries(rows) if self._is_answered(rows, blank) else ()

    def _add_entry(self, rows: Item, said: Any, blank: float) -> None:
        answers: dict[str, Answer] = {}
        entry = Entry(new_entry_id(), MappingProxyType(answers))
        others = self._entries.get(rows.link_id, ())
        for field in rows.items:
            if field.row_required or (self.shown.is_shown(field, entry) and self._is_answered(field, blank)):
                self._put(answers, field, said)
                self._entries[rows.link_id] = (*others, entry)

    def _is_answered(self, item: Item, blank: float) -> bool:
        """Who tells a story seldom leaves out what decides about the questions that follow."""
        decides = self.told is not None and item.link_id in self.questionnaire.decides
        return self.chance.random() > (blank**2 if decides else blank)

    def _put(self, answers: dict[str, Answer], item: Item, said: Any = None) -> None:
        told = self.told
        answer = random_answer(item, self.chance, self.words) if told is None else told.answer(item, said)
        if not answer.is_empty:
            answers[item.link_id] = answer


# -- one answer --------------------------------------------------------------------------------------------------------


def random_answer(item: Item, chance: random.Random, words: Words) -> Answer:
    """An answer that the item takes: now and then a ticked reason, own words, or several options."""
    if item.reasons and chance.random() < TICKED:
        return Answer((), chance.choice(item.reasons))
    match item.type:
        case ItemType.BOOLEAN:
            return Answer((True,))
        case ItemType.INTEGER:
            return Answer((_random_number(item, chance),))
        case ItemType.DATE:
            return Answer((_random_date(item, chance),))
        case ItemType.STRING | ItemType.TEXT:
            return Answer((_typed(item, chance, words)[: item.max_length],))
        case _:
            return _random_choice(item, chance, words)


def _typed(item: Item, chance: random.Random, words: Words) -> str:
    text = words(item, chance)
    return text if item.type is ItemType.TEXT else text.replace("\n", " ").replace("\t", " ")


def _random_number(item: Item, chance: random.Random) -> int:
    least = int(item.minimum or 0)
    most = least + 99 if item.maximum is None else int(item.maximum)
    return chance.randint(min(least, most), most)


def _random_date(item: Item, chance: random.Random) -> PartialDate:
    if not item.partial_date:
        return PartialDate.from_date(date(1960, 1, 1) + timedelta(days=chance.randrange(365 * 45)))
    day = date(2012, 1, 1) + timedelta(days=chance.randrange(365 * 14))
    return chance.choice((PartialDate(day.year), PartialDate(day.year, day.month), PartialDate.from_date(day)))


def _random_choice(item: Item, chance: random.Random, words: Words) -> Answer:
    codes = list(item.option_by_code)
    own = item.type is ItemType.OPEN_CHOICE and chance.random() < 0.2
    typed: list[Value] = [_typed(item, chance, words)] if own else []
    if not item.repeats:
        return Answer(tuple(typed or [Coding(chance.choice(codes))]))
    if not own and item.exclusive and chance.random() < 0.2:
        return Answer((Coding(chance.choice(item.exclusive)),))
    free = [code for code in codes if code not in item.exclusive]
    chosen = set(chance.sample(free, chance.randint(0 if own else 1, min(4, len(free)))))
    return Answer((*(Coding(code) for code in codes if code in chosen), *typed))


# -- invented words ----------------------------------------------------------------------------------------------------

GIVEN: Final = (
    *("Aoife", "Bérénice", "Chloë", "Dorota", "Eirlys", "Fatima", "Gülşen"),
    *("Ha-eun", "Inês", "Jūratė", "Łucja", "Marit", "Ngozi", "Zoë"),
)
FAMILY: Final = (
    *("Exemple", "Voorbeeld", "Przykład", "Enghraifft", "Mithal", "Örnek"),
    *("Ejemplo", "Pavyzdys", "Eksempel", "Sample", "Ó Sampla"),
)
"""The word for “example” in many languages: nobody is called this."""
SHORT: Final = (
    "the one I was given",
    "Köhler’s, once a day",
    "about 20 mg",
    "don’t remember the name",
    "as needed",
    "Clinic “São João”",
    "naïve question: is this the right box?",
    "1:160",
)
LONG: Final = (
    "It has been a long way. We would like to know what to do next.",
    "We lost “Bean” in spring — it was never said why.\nPlease read this before we meet.",
    "Nothing more to add.",
    "My notes are with Dr Núñez; I can bring copies.",
    "I’d like to ask:\n1. Which tests make sense now?\n2. How long does it take?",
    "Mostly well. Some days are harder than others, and I find it hard to talk about it on the phone.",
    "Everything is in the letter I sent.\tThe second page matters most.",
)


def _name(_item: Item, chance: random.Random) -> str:
    return f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}"


def _email(item: Item, chance: random.Random) -> str:
    plain = unicodedata.normalize("NFKD", _name(item, chance)).encode("ascii", "ignore").decode().lower()
    return f"{plain.replace(' ', '.')}{chance.randrange(1000)}@example.org"


def _phone(_item: Item, chance: random.Random) -> str:
    return f"+44 20 7946 0{chance.randrange(1000):03}"  # numbers that Ofcom keeps free for drama: nobody has them


BY_ROLE: Final[dict[ItemRole, Words]] = {
    ItemRole.NAME: _name,
    ItemRole.ADDRESS_AS: lambda _item, chance: chance.choice(GIVEN),
    ItemRole.EMAIL: _email,
    ItemRole.PHONE: _phone,
}


def invented_words(item: Item, chance: random.Random) -> str:
    """What is typed in the demo: a name where one is asked for, else lines with accents and quotation marks."""
    if item.role in BY_ROLE:
        return BY_ROLE[item.role](item, chance)
    if item.type is ItemType.STRING and item.export_group == "names":
        return _name(item, chance)
    return chance.choice(LONG if item.type is ItemType.TEXT else SHORT)
