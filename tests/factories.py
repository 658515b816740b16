"""Synthetic patients for all tests: the acceptance scenarios, random valid responses, and the form data that types them."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from intake.questionnaire import loader
from intake.questionnaire.enable_when import Shown
from intake.questionnaire.model import Item, ItemType, Questionnaire
from intake.questionnaire.response import Entry, QuestionnaireResponse, new_entry_id
from intake.questionnaire.values import AbsentReason, Answer, Coding, PartialDate, Value

CONTENT = Path(__file__).parent / "content"
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
        response = QuestionnaireResponse(questionnaire.canonical)
        for link_id, written in self.answers.items():
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


def scenarios(path: Path = CONTENT / "scenarios_open.md") -> list[Scenario]:
    """The acceptance cases of a scenarios file."""
    text = path.read_text(encoding="utf-8")
    return [_scenario(part) for part in re.split(r"(?m)^## (?=[a-z-]+\d+:)", text)[1:]]


def _scenario(part: str) -> Scenario:
    head, _, body = part.partition("\n")
    case, _, title = head.partition(":")
    blocks = [yaml.load(block, _TextLoader) for block in re.findall(r"```yaml\n(.*?)```", body, re.S)]
    path = re.search(r"questions shown: (\d+); row questions shown: (\d+) \(\+(\d+) in folds\)", body)
    assert path is not None, f"{case} has no path line"
    expected = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", body, re.S)[1])
    return Scenario(
        id=case.strip(),
        title=title.strip(),
        answers=blocks[0],
        age=expected["age"],
        counts=expected["at_V20"],
        highlights=tuple(re.findall(r"(?m)^- `(H-\d+)` (.*)$", body)),
        shown=int(path[1]),
        row_questions=int(path[2]),
        in_folds=int(path[3]),
    )


# -- random responses --------------------------------------------------------------------------------------------------


def random_response(
    questionnaire: Questionnaire | None = None, seed: int = 0, *, texts: Sequence[str] = TEXTS, blank: float = 0.15
) -> QuestionnaireResponse:
    """A response that the form would accept: what is required is there, the rest is blank with probability `blank`.

    Only questions shown at their turn are answered, page by page as a patient would; the same seed gives the same
    answers (entry ids differ).
    """
    questionnaire = questionnaire or loader.active()
    chance = random.Random(seed)
    response = QuestionnaireResponse(questionnaire.canonical)
    for page in questionnaire.pages:
        for item in page.walk():
            rows = questionnaire.list_of(item.link_id)
            if item.is_rows and Shown(questionnaire, response).is_shown(item):
                for _ in range(chance.choice((0, 1, 1, 2, 3))):
                    response = _with_random_entry(questionnaire, response, item, chance, texts, blank)
            elif item.is_question and rows is None and Shown(questionnaire, response).is_shown(item):
                must = item.required or item.must_be_true or item.required_unless is not None
                if must or chance.random() > blank:
                    response = response.with_answers({item.link_id: random_answer(item, chance, texts)})
    return response


def _with_random_entry(
    questionnaire: Questionnaire, response: QuestionnaireResponse, rows: Item, chance: random.Random, texts: Sequence[str], blank: float
) -> QuestionnaireResponse:
    entry_id = new_entry_id()
    for field in rows.items:
        entry = next((row for row in response.rows(rows.link_id) if row.id == entry_id), Entry(entry_id))
        if field.row_required or (Shown(questionnaire, response).is_shown(field, entry) and chance.random() > blank):
            response = response.with_entry(rows.link_id, entry_id, {field.link_id: random_answer(field, chance, texts)})
    return response


def random_answer(item: Item, chance: random.Random, texts: Sequence[str] = TEXTS) -> Answer:
    """An answer that the item takes: now and then a ticked reason, own words, or several options."""
    reasons = [
        reason for reason, offered in ((AbsentReason.ASKED_UNKNOWN, item.unknown), (AbsentReason.ASKED_DECLINED, item.decline)) if offered
    ]
    if reasons and chance.random() < 0.2:
        return Answer((), chance.choice(reasons))
    match item.type:
        case ItemType.BOOLEAN:
            return Answer((True,))
        case ItemType.INTEGER:
            return Answer((chance.randint(int(item.minimum or 0), int(item.maximum or 99)),))
        case ItemType.DATE:
            return Answer((_random_date(item, chance),))
        case ItemType.STRING:
            return Answer((chance.choice(texts).replace("\n", " ").replace("\t", " ")[: item.max_length],))
        case ItemType.TEXT:
            return Answer((chance.choice(texts)[: item.max_length],))
        case _:
            return _random_choice(item, chance, texts)


def _random_date(item: Item, chance: random.Random) -> PartialDate:
    if not item.partial_date:
        return PartialDate.from_date(date(1960, 1, 1) + timedelta(days=chance.randrange(365 * 45)))
    day = date(2012, 1, 1) + timedelta(days=chance.randrange(365 * 14))
    return chance.choice((PartialDate(day.year), PartialDate(day.year, day.month), PartialDate.from_date(day)))


def _random_choice(item: Item, chance: random.Random, texts: Sequence[str]) -> Answer:
    codes = list(item.option_by_code)
    own = item.type is ItemType.OPEN_CHOICE and chance.random() < 0.2
    words: list[Value] = [chance.choice(texts).replace("\n", " ").replace("\t", " ")] if own else []
    if not item.repeats:
        return Answer(tuple(words or [Coding(chance.choice(codes))]))
    if not own and item.exclusive and chance.random() < 0.2:
        return Answer((Coding(chance.choice(item.exclusive)),))
    free = [code for code in codes if code not in item.exclusive]
    chosen = chance.sample(free, chance.randint(0 if own else 1, min(4, len(free))))
    return Answer(in_option_order(item, [Coding(code) for code in chosen] + words))


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
