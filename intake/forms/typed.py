"""The controls of one question: their names (docs/interfaces.md, Hooks in the pages), and what an answer puts there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from intake.questionnaire.model import Item, ItemType
from intake.questionnaire.values import AbsentReason, Answer, Coding, PartialDate

OTHER = "other"
"""The value of the radio or tick box that stands beside an open choice's own words."""
TICKED = "true"
DATE_PARTS = ("day", "month", "year")


def reasons(item: Item) -> tuple[AbsentReason, ...]:
    """The reasons for no answer that can be ticked beside a number, a date or a text (x-unknown, x-decline)."""
    if item.is_choice:
        return ()
    offered = ((item.unknown, AbsentReason.ASKED_UNKNOWN), (item.decline, AbsentReason.ASKED_DECLINED))
    return tuple(reason for here, reason in offered if here)


def control_names(item: Item) -> tuple[str, ...]:
    """The names of all controls of one question."""
    names = [f"{item.link_id}.{part}" for part in DATE_PARTS] if item.type is ItemType.DATE else [item.link_id]
    if item.type is ItemType.OPEN_CHOICE:
        names.append(f"{item.link_id}.other")
    if reasons(item):
        names.append(f"{item.link_id}.absent")
    return tuple(names)


def first_control(item: Item) -> str:
    """The id of a question's first control: errors link to it, the focus goes to it."""
    return control_names(item)[0]


@dataclass(frozen=True, slots=True)
class Typed:
    """The values that stand in a question's controls, by control name, as they were sent."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of one control."""
        return self.values.get(name, ())

    def text(self, name: str) -> str:
        """The one value of a box, empty if nothing stands there."""
        return next(iter(self.all(name)), "")

    def holds(self, name: str, value: str) -> bool:
        """Whether a radio or tick box is chosen."""
        return value in self.all(name)


NOTHING_TYPED = Typed()


def as_it_reads(item: Item, typed: Typed) -> str:
    """What stands in a question's controls, in one line: “31 February 1990”."""
    codes = {code: option.display for code, option in item.option_by_code.items()} | {OTHER: ""}
    parts = [codes.get(value, value) for name in control_names(item) for value in typed.all(name) if item.is_choice]
    if not item.is_choice:
        boxes = (name for name in control_names(item) if not name.endswith(".absent"))
        parts = [value for name in boxes for value in typed.all(name)]
    return " ".join(" ".join(parts).split())


def typed_from(item: Item, answer: Answer) -> Typed:
    """What stands in a question's controls when its stored answer is shown again."""
    name = item.link_id
    values: dict[str, list[str]] = {}
    for value in answer.values:
        match value:
            case Coding(code):
                values.setdefault(name, []).append(code)
            case PartialDate(year, month, day):
                values |= {
                    f"{name}.{part}": [str(number)]
                    for part, number in zip(DATE_PARTS, (day, month, year), strict=True)
                    if number
                }
            case True:
                values[name] = [TICKED]
            case str() if item.type is ItemType.OPEN_CHOICE:
                values.setdefault(name, []).append(OTHER)
                values[f"{name}.other"] = [value]
            case _:
                values[name] = [str(value)]
    if answer.absent is not None:
        values[f"{name}.absent"] = [answer.absent.value]
    return Typed(MappingProxyType({control: tuple(held) for control, held in values.items()}))
