"""The Questionnaire, in FHIR R4's words: frozen, typed, loaded once and read by everyone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from intake.questionnaire.roles import ItemRole, Meaning
from intake.questionnaire.values import AbsentReason, Coding, Value


class ItemType(StrEnum):
    """The FHIR R4 item types that this form uses (clinical.md 2.1)."""

    GROUP = "group"
    DISPLAY = "display"
    BOOLEAN = "boolean"
    STRING = "string"
    TEXT = "text"
    DATE = "date"
    INTEGER = "integer"
    CHOICE = "choice"
    OPEN_CHOICE = "open-choice"


CHOICES = frozenset({ItemType.CHOICE, ItemType.OPEN_CHOICE})
TYPED = frozenset({ItemType.STRING, ItemType.TEXT})
OWN_WORDS_LENGTH = 200
"""The longest own words of an open choice, in code points (docs/interfaces.md, Answers)."""


class GroupKind(StrEnum):
    """What a group is on screen (`x-kind`): sections hold pages, a part is a block inside a page, rows repeat."""

    SECTION = "section"
    PAGE = "page"
    PART = "part"
    ROWS = "rows"


class Operator(StrEnum):
    """The enableWhen operators of FHIR R4."""

    EXISTS = "exists"
    EQUAL = "="
    NOT_EQUAL = "!="
    GREATER = ">"
    LESS = "<"
    GREATER_OR_EQUAL = ">="
    LESS_OR_EQUAL = "<="


class EnableBehavior(StrEnum):
    """Whether all or any of the conditions must hold."""

    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class AnswerOption:
    """One option: the patient reads `display`, the clinician `short` where there is one (clinical.md 2.1, x-short)."""

    code: str
    display: str
    short: str | None = None
    means: Meaning | None = None

    @property
    def words(self) -> str:
        """The clinician's wording."""
        return self.short or self.display


@dataclass(frozen=True, slots=True)
class EnableWhen:
    """One condition on another question's answer."""

    question: str
    operator: Operator
    answer: Value


@dataclass(frozen=True)
class Item:
    """One group, display text or question. Fields after `enable_behavior` are our `x-*` keys (clinical.md 2.1)."""

    link_id: str
    type: ItemType
    text: str
    items: tuple[Item, ...] = ()
    required: bool = False
    repeats: bool = False
    max_length: int | None = None
    options: tuple[AnswerOption, ...] = ()
    enable_when: tuple[EnableWhen, ...] = ()
    enable_behavior: EnableBehavior | None = None
    kind: GroupKind | None = None
    row_label: str | None = None
    max_rows: int | None = None
    add_label: str | None = None
    add_first_label: str | None = None
    row_required: bool = False
    help: str | None = None
    label: str = ""
    phrase: str = "{value}"
    exclusive: tuple[str, ...] = ()
    unknown: bool = False
    decline: bool = False
    more: bool = False
    minimum: str | None = None
    maximum: str | None = None
    partial_date: bool = False
    required_unless: str | None = None
    must_be_true: bool = False
    export_group: str | None = None
    in_person: bool = False
    code: str | None = None
    note: str | None = None
    role: ItemRole | None = None
    column: str | None = None

    @cached_property
    def is_question(self) -> bool:
        """Whether this item takes an answer."""
        return self.type not in (ItemType.GROUP, ItemType.DISPLAY)

    @cached_property
    def is_choice(self) -> bool:
        """Whether this item offers options."""
        return self.type in CHOICES

    @cached_property
    def is_rows(self) -> bool:
        """Whether this item is a repeating list."""
        return self.kind is GroupKind.ROWS

    @cached_property
    def option_by_code(self) -> Mapping[str, AnswerOption]:
        """The options by their codes, in the questionnaire's order."""
        return MappingProxyType({option.code: option for option in self.options})

    @property
    def reasons(self) -> tuple[AbsentReason, ...]:
        """The reasons for no answer that can be ticked beside this question."""
        offered = ((AbsentReason.ASKED_UNKNOWN, self.unknown), (AbsentReason.ASKED_DECLINED, self.decline))
        return tuple(reason for reason, is_offered in offered if is_offered)

    @cached_property
    def one_of(self) -> tuple[str, frozenset[str]] | None:
        """The question and the codes, if the conditions only say that one of these was chosen there, as most do."""
        codes = [
            condition.answer.code
            for condition in self.enable_when
            if condition.operator is Operator.EQUAL and isinstance(condition.answer, Coding)
        ]
        questions = {condition.question for condition in self.enable_when}
        any_will_do = len(self.enable_when) == 1 or self.enable_behavior is EnableBehavior.ANY
        plain = len(questions) == 1 and len(codes) == len(self.enable_when) and any_will_do
        return (questions.pop(), frozenset(codes)) if plain else None

    def walk(self) -> Iterator[Item]:
        """This item and all items below it, in document order."""
        return iter(self._in_order)

    @cached_property
    def _in_order(self) -> tuple[Item, ...]:
        return (self, *(below for child in self.items for below in child.walk()))

    @cached_property
    def leaves(self) -> tuple[Item, ...]:
        """What stands below and holds nothing itself, in order: display texts, stand-alone questions and lists."""
        parts = (
            child.leaves if child.type is ItemType.GROUP and not child.is_rows else (child,) for child in self.items
        )
        return tuple(leaf for part in parts for leaf in part)

    @cached_property
    def needed(self) -> tuple[Item, ...]:
        """The stand-alone questions below this item that must be answered, or may have to be."""
        return tuple(item for item in self.questions() if item.required or item.required_unless or item.must_be_true)

    def questions(self) -> Iterator[Item]:
        """The questions below this item, in document order, those of repeating lists left out."""
        return (item for item in self.leaves if item.is_question)

    @cached_property
    def fields(self) -> tuple[Item, ...]:
        """The questions of a repeating list, in document order."""
        return tuple(item for item in self.walk() if item.is_question)

    def lists(self) -> Iterator[Item]:
        """The repeating lists below this item."""
        return (item for item in self.walk() if item.is_rows)


@dataclass(frozen=True, slots=True)
class Gate:
    """An item that has conditions, the list that it belongs to, and the next such item around it."""

    item: Item
    rows: Item | None
    outer: Gate | None


Places = tuple[tuple[str, Item, Gate | None], ...]
"""Where an answer can stand, in order: the linkId, the item, and what decides whether it is shown."""


@dataclass(frozen=True)
class Questionnaire:
    """One published version of the questions, with what is needed to find a thing in it by its linkId."""

    url: str
    version: str
    id: str
    name: str
    title: str
    status: str
    language: str
    items: tuple[Item, ...]

    def __hash__(self) -> int:
        return hash(self.canonical)  # not of everything in it: what is made once a version is found by this

    @cached_property
    def canonical(self) -> str:
        """`url|version`: what a response is bound to for good."""
        return f"{self.url}|{self.version}"

    @property
    def version_number(self) -> tuple[int, ...]:
        """The version as numbers, so that 1.10.0 is newer than 1.9.0."""
        return tuple(int(part) for part in self.version.split("."))

    def walk(self) -> Iterator[Item]:
        """All items in document order."""
        for item in self.items:
            yield from item.walk()

    @cached_property
    def by_link_id(self) -> Mapping[str, Item]:
        """Every item by its linkId."""
        return MappingProxyType({item.link_id: item for item in self.walk()})

    @cached_property
    def parents(self) -> Mapping[str, Item]:
        """What each item stands in, by the linkId of the item; nothing for those at the top."""
        return MappingProxyType({child.link_id: item for item in self.walk() for child in item.items})

    @cached_property
    def by_role(self) -> Mapping[ItemRole, Item]:
        """The items that have a role (`x-role`)."""
        return MappingProxyType({item.role: item for item in self.walk() if item.role is not None})

    def item(self, link_id: str) -> Item:
        """The item of this linkId. Raises KeyError if there is none."""
        return self.by_link_id[link_id]

    @cached_property
    def sections(self) -> tuple[Item, ...]:
        """The sections, in order."""
        return tuple(item for item in self.walk() if item.kind is GroupKind.SECTION)

    @cached_property
    def pages(self) -> tuple[Item, ...]:
        """The pages, in order, the welcome and the check page among them."""
        return tuple(item for item in self.walk() if item.kind is GroupKind.PAGE)

    @cached_property
    def lists(self) -> tuple[Item, ...]:
        """The repeating lists, in order."""
        return tuple(item for item in self.walk() if item.is_rows)

    @cached_property
    def page_numbers(self) -> Mapping[str, int]:
        """Where each page stands among the pages, from 0, by its linkId."""
        return MappingProxyType({page.link_id: number for number, page in enumerate(self.pages)})

    @cached_property
    def pages_by_section(self) -> tuple[tuple[Item, tuple[Item, ...]], ...]:
        """Each section with its pages, in order."""
        return tuple(
            (section, tuple(item for item in section.walk() if item.kind is GroupKind.PAGE))
            for section in self.sections
        )

    @cached_property
    def decides(self) -> Mapping[str, frozenset[str]]:
        """For each item that decides what is shown, by its linkId: the pages where it does, be it by a detour."""
        pages: dict[str, set[str]] = {}
        for link_id, page in self.page_names.items():
            for decisive in self.depends_on[link_id]:
                pages.setdefault(decisive, set()).add(page)
        return MappingProxyType({link_id: frozenset(names) for link_id, names in pages.items()})

    @cached_property
    def depends_on(self) -> Mapping[str, frozenset[str]]:
        """By linkId all that decides, by whatever detour, whether an item is shown; what is around it does too."""
        near = {item.link_id: {condition.question for condition in item.enable_when} for item in self.walk()}
        for link_id, parent in self.parents.items():
            near[link_id].add(parent.link_id)
        found = {}
        for link_id in near:
            seen: set[str] = set()
            todo = list(near[link_id])
            while todo:
                name = todo.pop()
                if name in near and name not in seen:
                    seen.add(name)
                    todo.extend(near[name])
            found[link_id] = frozenset(seen)
        return MappingProxyType(found)

    @cached_property
    def welcome(self) -> Item | None:
        """The first page, if it asks nothing: it is the start page, read before a response exists."""
        first = self.pages[0]
        return None if any(item.is_question for item in first.walk()) else first

    @property
    def check(self) -> Item:
        """The last page: where answers are checked and sent."""
        return self.pages[-1]

    def page_of(self, link_id: str) -> Item:
        """The page that an item stands on. Raises KeyError for an item above the pages."""
        return self.item(self.page_names[link_id])

    def list_of(self, link_id: str) -> Item | None:
        """The repeating list that an item belongs to, None for a stand-alone item."""
        return self.list_by_field.get(link_id)

    @cached_property
    def holds_placeholders(self) -> bool:
        """Whether a title, question or help holds a placeholder: most forms have them between the questions only."""
        asked = (item for item in self.walk() if item.type is not ItemType.DISPLAY)
        return any("{" in item.text or "{" in (item.help or "") for item in asked)

    @cached_property
    def places(self) -> Places:
        """The stand-alone questions and the lists."""
        return self._places(item for item in self.walk() if self.list_of(item.link_id) is None)

    @cached_property
    def field_places(self) -> Mapping[str, Places]:
        """The fields of each list, by the list's linkId."""
        return {rows.link_id: self._places(rows.fields) for rows in self.lists}

    def _places(self, items: Iterable[Item]) -> Places:
        return tuple(
            (item.link_id, item, self.gates[item.link_id]) for item in items if item.is_question or item.is_rows
        )

    @cached_property
    def gates(self) -> Mapping[str, Gate | None]:
        """By linkId the nearest item with a condition, itself or one around it; None: the item is always shown."""
        gates: dict[str, Gate | None] = {}
        for item in self.walk():
            parent = self.parents.get(item.link_id)
            outer = gates[parent.link_id] if parent is not None else None
            gates[item.link_id] = Gate(item, self.list_of(item.link_id), outer) if item.enable_when else outer
        return MappingProxyType(gates)

    @cached_property
    def page_names(self) -> Mapping[str, str]:
        """The linkId of the page that each item stands on, by its own."""
        return MappingProxyType({item.link_id: page.link_id for page in self.pages for item in page.walk()})

    @cached_property
    def list_by_field(self) -> Mapping[str, Item]:
        """The list that each item of a list belongs to, by the item's linkId."""
        return {item.link_id: rows for rows in self.lists for item in rows.walk() if item is not rows}
