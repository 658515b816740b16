"""How an ended pregnancy is written while the group `endings` is off: three ways alike, and nothing beside tells them
apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from intake.questionnaire.model import EnableWhen, Item, Questionnaire
from intake.questionnaire.values import NO_ANSWER, Answer, Coding

OUTCOME = "preg-outcome"
FOLDED = frozenset({"medical-reasons", "ended-by-choice", "other"})
"""Written alike, as one code for one of them would name it (clinical.md 3.5)."""

_CODE = "ended-other"
_WORDS = "Ended in one of three ways that are not told apart without the group endings"
ENDED_OTHER = Answer((Coding(_CODE),))

Answers = Mapping[str, Answer]


def is_folded(answers: Answers) -> bool:
    """Whether this entry is of a pregnancy that ended in one of the three ways."""
    return answers.get(OUTCOME, NO_ANSWER).has(FOLDED)


def fold_endings(questionnaire: Questionnaire, rows: Item) -> Callable[[Answers], Answers]:
    """How the answers of one entry of this list are written: unchanged, or without what names the kind of ending."""
    apart = told_apart(questionnaire, rows)

    def folded(answers: Answers) -> Answers:
        if not is_folded(answers):
            return answers
        kept = {link_id: answer for link_id, answer in answers.items() if link_id not in apart}
        return MappingProxyType({**kept, OUTCOME: ENDED_OTHER})

    return folded


def folded_codes(codes: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """What the codebook then lists for the outcome: one code where the three would stand."""
    left = [(code, display) for code, display in codes if code not in FOLDED]
    return (*left, (_CODE, _WORDS))


def told_apart(questionnaire: Questionnaire, rows: Item) -> frozenset[str]:
    """The fields that are asked after some of these endings and not after others, by whatever detour."""
    found: set[str] = set()
    for item in rows.walk():
        conditions = list(_conditions(questionnaire, item, rows))
        named = {
            code
            for condition in conditions
            if condition.question == OUTCOME
            for code in Answer((condition.answer,)).codes
        } & FOLDED
        if (named and named != FOLDED) or any(condition.question in found for condition in conditions):
            found.add(item.link_id)
    return frozenset(found)


def _conditions(questionnaire: Questionnaire, item: Item, rows: Item) -> Iterator[EnableWhen]:
    while item is not rows:
        yield from item.enable_when
        item = questionnaire.parents[item.link_id]
