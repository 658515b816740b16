"""Synthetic patients for all tests: the acceptance scenarios, random valid responses, and the form data that types
them."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from intake.consultations import catalogue
from intake.questionnaire import synthetic
from intake.questionnaire.model import Item, ItemType, Questionnaire
from intake.questionnaire.response import QuestionnaireResponse, new_entry_id
from intake.questionnaire.values import AbsentReason, Answer, Coding, PartialDate, Value

CONTENT = Path(__file__).parent / "content"
SCENARIOS = CONTENT / "scenarios_open.md"
SENT_ON = date(2026, 11, 22)
"""The day on which the scenarios are sent: ages are reckoned at it."""

TEXTS = (
    "Siobhán Ní Bhriain",
    "We lost “Bean” — and nobody said ‘why’.",
    "=1+1; @cmd, +49 30 123, -5",
    "two\nlines and a\ttab",
    "<b>not bold</b> & {{7*7}} %s",
    "漢字 и кириллица",
    "👩‍👩‍👧 e\u0301 é",
    "'quoted' \"doubly\"",
    "a" * 55,
)


class _TextLoader(yaml.SafeLoader):
    """YAML in which every scalar stays the text that was written."""


_TextLoader.yaml_implicit_resolvers = {}


@dataclass(frozen=True)
class Scenario:
    """One acceptance case: what the patient answers and what must come of it."""

    id: str
    title: str
    answers: dict[str, Any]
    age: int
    counts: dict[str, Any]
    highlights: tuple[tuple[str, str], ...]
    shown: int
    row_questions: int
    in_folds: int

    def response(self, questionnaire: Questionnaire, *, reverse_rows: bool = False) -> QuestionnaireResponse:
        """The draft that holds the scenario's answers, rows listed as written or from the last to the first."""
        return response_of(questionnaire, self.answers, reverse_rows=reverse_rows)


def response_of(
    questionnaire: Questionnaire, answers: Mapping[str, Any], *, reverse_rows: bool = False
) -> QuestionnaireResponse:
    """The draft that holds answers as a scenario writes them."""
    response = QuestionnaireResponse(questionnaire.canonical)
    for link_id, written in answers.items():
        item = questionnaire.item(link_id)
        if item.is_rows:
            for row in reversed(written) if reverse_rows else written:
                fields = {name: as_answer(questionnaire.item(name), value) for name, value in row.items()}
                response = response.with_entry(link_id, new_entry_id(), fields)
        else:
            response = response.with_answers({link_id: as_answer(item, written)})
    return response


def as_answer(item: Item, written: Any) -> Answer:
    """An answer as a scenario writes it: a text, a list of texts, `{absent: …}` or `{other: …}`."""
    values: list[Value] = []
    for one in written if isinstance(written, list) else [written]:
        if isinstance(one, dict) and "absent" in one:
            return Answer((), AbsentReason(one["absent"]))
        text = one["other"] if isinstance(one, dict) else one
        if item.is_choice:
            values.append(Coding(text) if text in item.option_by_code else text)
        elif item.type is ItemType.INTEGER:
            values.append(int(text))
        elif item.type is ItemType.DATE:
            values.append(PartialDate.parse(text))
        elif item.type is ItemType.BOOLEAN:
            values.append(text == "true")
        else:
            values.append(text)
    return Answer(in_option_order(item, values))


def in_option_order(item: Item, values: Sequence[Value]) -> tuple[Value, ...]:
    """Codings in the order of the questionnaire's options, own words last: the order in which answers are kept."""
    order = list(item.option_by_code)
    return tuple(sorted(values, key=lambda value: order.index(value.code) if isinstance(value, Coding) else len(order)))


def scenarios(path: Path = SCENARIOS) -> list[Scenario]:
    """The acceptance cases of a scenarios file."""
    return [_scenario(part) for part in _parts(path)]


def answers_in(path: Path = SCENARIOS) -> dict[str, dict[str, Any]]:
    """What the patients of a scenarios file answer, by case, whichever version it was written for."""
    return {part.partition(":")[0]: _blocks(part)[0] for part in _parts(path)}


def _parts(path: Path) -> list[str]:
    return re.split(r"(?m)^## (?=[a-z-]+\d+:)", path.read_text(encoding="utf-8"))[1:]


def _blocks(part: str) -> list[dict[str, Any]]:
    return [yaml.load(block, _TextLoader) for block in re.findall(r"```yaml\n(.*?)```", part, re.S)]


def _scenario(part: str) -> Scenario:
    head, _, body = part.partition("\n")
    case, _, title = head.partition(":")
    path = re.search(r"questions shown: (\d+); row questions shown: (\d+) \(\+(\d+) in folds\)", body)
    assert path is not None, f"{case} has no path line"
    expected = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", body, re.S)[1])
    return Scenario(
        id=case.strip(),
        title=title.strip(),
        answers=_blocks(body)[0],
        age=expected["age"],
        counts=expected["at_V20"],
        highlights=tuple(re.findall(r"(?m)^- `(H-\d+)` (.*)$", body)),
        shown=int(path[1]),
        row_questions=int(path[2]),
        in_folds=int(path[3]),
    )


# -- random responses --------------------------------------------------------------------------------------------------


def random_response(
    questionnaire: Questionnaire | None = None,
    seed: int = 0,
    *,
    texts: Sequence[str] = TEXTS,
    words: synthetic.Words | None = None,
    blank: float = synthetic.BLANK,
) -> QuestionnaireResponse:
    """A response that the form would accept, by the generator of `intake demo`, with texts that are hard on whatever
    handles them; `words` writes others.

    The same seed gives the same answers (entry ids differ).
    """
    questionnaire = questionnaire or catalogue.shipped().active
    filling = synthetic.Filling(
        questionnaire, random.Random(seed), words or (lambda _item, chance: chance.choice(texts))
    )
    for page in questionnaire.pages:
        filling.fill(page, blank=blank)
    return filling.response


# -- typing it into the form -------------------------------------------------------------------------------------------


def form_data(item: Item, answer: Answer) -> list[tuple[str, str]]:
    """The names and values that a browser posts for this answer (docs/interfaces.md, Hooks in the pages)."""
    data = [(f"{item.link_id}.absent", answer.absent.value)] if answer.absent is not None else []
    for value in answer.values:
        match value:
            case Coding(code):
                data.append((item.link_id, code))
            case bool():
                data.append((item.link_id, "true"))
            case PartialDate(year, month, day):
                parts = zip(("year", "month", "day"), (year, month, day), strict=True)
                data += [(f"{item.link_id}.{part}", f"{number}") for part, number in parts if number is not None]
            case str() if item.is_choice:
                data += [(item.link_id, "other"), (f"{item.link_id}.other", value)]
            case _:
                data.append((item.link_id, f"{value}"))
    return data


def texts_of(response: QuestionnaireResponse) -> Mapping[str, str]:
    """Every text that the patient typed, by linkId (of row fields: the last)."""
    return {link_id: answer.own_words for link_id, _, answer in response.said() if answer.own_words is not None}
