"""One story while it is told: who it is about, what happened, what the patient says of it, and how chance is asked.

Months are counted from the year 0.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import accumulate
from typing import Final

from intake.consultations.nk_intake.stories import tables
from intake.consultations.nk_intake.stories.words import TEXTS
from intake.questionnaire.model import Item, ItemType, Questionnaire
from intake.questionnaire.values import NO_ANSWER, Answer, Coding, PartialDate

TOLD_ON: Final = date(2026, 5, 20)
"""The day on which all stories are told, so that the same chance tells the same: nothing in them is later."""
THIS_MONTH: Final = TOLD_ON.year * 12 + TOLD_ON.month - 1
ANYTHING: Final = 0.06
"""How many answer something else than people usually do, where it makes no difference to the story."""
HELD_BACK, HARD_TO_SAY = 0.02, 0.1
"""How many answers are that the patient does not know or would rather not say; and of those in `tables.HARD`."""

Said = str | int | bool | PartialDate | tuple[str, ...] | None
Row = dict[str, Said]


@dataclass(slots=True)
class Event:
    """An embryo transfer (it has a `result`), a pregnancy (it has an `ending`), or a transfer and the pregnancy after
    it; `began` is the month of the transfer, else that in which the pregnancy began."""

    began: int
    start: str
    result: str = ""
    ending: str = ""
    weeks: int = 0
    carrier: str = "me"
    egg: str = "own"

    @property
    def ended(self) -> int:
        """The month in which it was over; weeks of pregnancy are counted from before a transfer."""
        return self.began + max(0, round((self.weeks - (3 if self.result else 0)) / 4.35))


class Story:
    """What happened to one patient (`events`), and what they would say of it by linkId (`say`, `lists`)."""

    def __init__(self, questionnaire: Questionnaire, chance: random.Random) -> None:
        self.form, self.chance = questionnaire, chance
        self.kind = self.pick(tables.WHY)
        self.plan = plan = tables.KINDS[self.kind]
        self.reasons = tuple(dict.fromkeys((*plan.reasons, *self.pick(plan.also).strip("-").split())))
        may_carry = plan.pregnancies != "0" or plan.transfers != "0"
        self.person = tables.PEOPLE[self.pick(tables.WHO if may_carry else tables.WITHOUT_PREGNANCIES)]
        self.age = chance.randint(*plan.ages)
        self.events: list[Event] = []
        self.conditions: list[str] = list(self.reasons)
        self.given: list[str] = []
        self.say: Row = {}
        self.lists: dict[str, list[Row]] = {}

    def maybe(self, share: float) -> bool:
        """Whether something that is so in this share of stories is so in this one."""
        return self.chance.random() < share

    def pick(self, text: str) -> str:
        """One of the codes of a text of the tables, each as often as its share says."""
        codes, shares = _shares(text)
        return self.chance.choices(codes, cum_weights=shares)[0]

    def text(self, *topics: str) -> str | None:
        """One of the texts about these topics, if there are any."""
        texts = [text for topic in topics for text in TEXTS.get(topic, ())]
        return self.chance.choice(texts).format(year=self.year()) if texts else None

    def codes(self, link_id: str, likely: str = "") -> tuple[str, ...]:
        """What people usually answer to a choice; a few answer anything at all, or in their own words."""
        item = self.form.item(link_id)
        likely = likely or tables.USUAL.get(link_id) or _anything_offered(item)
        drawn = [self.pick(likely) for _ in range(self.chance.choice((1, 1, 2, 3)) if item.repeats else 1)]
        if self.maybe(ANYTHING):
            drawn = [self.chance.choice((*item.option_by_code, *TEXTS.get(link_id, ())))]
        if drawn[0] in item.exclusive:
            return (drawn[0],)
        against = [*item.exclusive, *(code for one in drawn for code in tables.AGAINST.get(one, "").split())]
        return tuple(dict.fromkeys(one for one in drawn if one not in against))

    def when(self, month: int, *, late: bool = False) -> PartialDate:
        """A month as it is remembered: the longer ago, the less exactly. A `late` day is in its second half."""
        ago = (THIS_MONTH - month) // 12
        exact = self.pick("day*4 month*5 year" if ago < 2 else "day month*5 year*4" if ago < 7 else "month year*4")
        if exact == "year":
            return PartialDate(month // 12)
        day = self.chance.randint(15, 28) if late else self.chance.randint(1, 14)
        return PartialDate(month // 12, month % 12 + 1, day if exact == "day" else None)

    def year(self) -> int:
        """A year of this life from the age of sixteen on; most are not long ago."""
        return TOLD_ON.year - round((self.age - 16) * self.chance.random() ** 2)

    @property
    def pregnancies(self) -> list[Event]:
        """All of them, in order of time, one that goes on now among them."""
        return [event for event in self.events if event.ending]

    @property
    def transfers(self) -> list[Event]:
        """All of them, in order of time."""
        return [event for event in self.events if event.result]

    @property
    def now(self) -> Event | None:
        """The pregnancy that goes on now."""
        return next((event for event in self.events if event.ending == "ongoing"), None)

    # -- what the form is told -----------------------------------------------------------------------------------------

    def entries(self, rows: Item) -> Sequence[Row]:
        """What would be listed."""
        return self.lists.get(rows.link_id, ())

    def answer(self, item: Item, row: Mapping[str, Said] | None) -> Answer:
        """What is said, or else what people usually say; a little of it is held back."""
        said = (self.say if row is None else row).get(item.link_id, self._usual)
        said = said(item) if callable(said) else said
        if said in (None, ()):
            return NO_ANSWER
        held_back = self.maybe(HARD_TO_SAY if item.link_id in tables.HARD else HELD_BACK)
        if held_back and item.reasons:
            return Answer((), self.chance.choice(item.reasons))
        if not (item.is_choice and isinstance(said, str | tuple)):
            assert not isinstance(said, tuple | None), f"{item.link_id} takes one answer"
            return Answer((said,))
        chosen = (said,) if isinstance(said, str) else said
        if held_back and (reserved := [code for code in tables.RESERVED[:3] if code in item.option_by_code]):
            chosen = (self.chance.choice(reserved),)
        own = [one for one in chosen if one not in item.option_by_code]
        return Answer((*(Coding(code) for code in item.option_by_code if code in chosen), *own[:1]))

    def _usual(self, item: Item) -> Said:
        if item.is_choice:
            return self.codes(item.link_id)
        if item.type is ItemType.BOOLEAN:
            return True
        return self.text(item.link_id) if item.type is not ItemType.TEXT or self.maybe(0.5) else None


def _anything_offered(item: Item) -> str:
    """The options as a text of the tables; none of them is as likely as all others together, if that can be said."""
    offered = [code for code in item.option_by_code if code not in (*tables.RESERVED, *item.exclusive)]
    return " ".join((*offered, *(f"{code}*{len(offered)}" for code in item.exclusive if code == "none")))


@cache
def _shares(text: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    parts = [part.partition("*") for part in text.split()]
    return tuple(code for code, _, _ in parts), tuple(accumulate(int(share or 1) for _, _, share in parts))
