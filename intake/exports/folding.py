"""Codes of a list's question that exports write alike while a group is off, with nothing beside them that tells them
apart (decision 0013). Which, a form's rules say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from intake.answers.flat import Json, has_code
from intake.consultations.rules import Folding, rules_for
from intake.exports.columns import Selection
from intake.questionnaire.model import EnableWhen, Item, Questionnaire
from intake.questionnaire.values import Coding

Answers = Mapping[str, Json]


def folding_for(questionnaire: Questionnaire, selection: Selection) -> Folding | None:
    """What is to be written alike in this export; None if nothing is."""
    folding = rules_for(questionnaire).folding
    return None if folding is None or selection.includes((folding.group,)) else folding


def is_folded(folding: Folding, answers: Answers) -> bool:
    """Whether this entry has one of the codes that are written alike."""
    return has_code(answers.get(folding.question), folding.codes)


def folded(questionnaire: Questionnaire, rows: Item, folding: Folding) -> Callable[[Answers], Answers]:
    """How the answers of one entry of this list are written: unchanged, or without what tells the codes apart."""
    apart = told_apart(questionnaire, rows, folding)

    def written(answers: Answers) -> Answers:
        if not is_folded(folding, answers):
            return answers
        kept = {link_id: answer for link_id, answer in answers.items() if link_id not in apart}
        return MappingProxyType({**kept, folding.question: folding.code})

    return written


def folded_codes(folding: Folding, codes: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """What the codebook then lists for the question: one code where the several would stand."""
    return (*((code, display) for code, display in codes if code not in folding.codes), (folding.code, folding.words))


def told_apart(questionnaire: Questionnaire, rows: Item, folding: Folding) -> frozenset[str]:
    """The fields that are asked after some of these codes and not after others, by whatever detour."""
    found: set[str] = set()
    for item in rows.walk():
        conditions = list(_conditions(questionnaire, item, rows))
        asked_after = [one.answer for one in conditions if one.question == folding.question]
        named = {answer.code for answer in asked_after if isinstance(answer, Coding)} & folding.codes
        if (named and named != folding.codes) or any(one.question in found for one in conditions):
            found.add(item.link_id)
    return frozenset(found)


def _conditions(questionnaire: Questionnaire, item: Item, rows: Item) -> Iterator[EnableWhen]:
    while item is not rows:
        yield from item.enable_when
        item = questionnaire.parents[item.link_id]
