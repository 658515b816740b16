"""YAML → Questionnaire: every scalar is read as the text that was written, every error names its line and linkId."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from stat import S_ISCHR, S_ISFIFO
from types import MappingProxyType
from typing import Any, TypeVar, cast

import yaml

from intake.questionnaire.invariants import Problem, problems_of
from intake.questionnaire.model import (
    AnswerOption,
    EnableBehavior,
    EnableWhen,
    GroupKind,
    Item,
    ItemType,
    Operator,
    Questionnaire,
)
from intake.questionnaire.roles import ItemRole, Meaning
from intake.questionnaire.values import Coding, PartialDate

Node = yaml.nodes.Node
T = TypeVar("T")
Keys = Mapping[str, tuple[str, Callable[[Node], Any]]]
"""Key of the YAML → field of what is read, and how to read it."""


class QuestionnaireError(Exception):
    """A questionnaire file that cannot be used; `problems` holds one line for each thing that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _WrongValue(Exception):
    """One value that does not fit its key."""


@dataclass
class _File:
    """One file while it is read: its name, where each linkId stands, which items were read, and what is wrong."""

    name: str
    lines: dict[str, int] = field(default_factory=dict)
    items: set[int] = field(default_factory=set)
    problems: list[tuple[int, str, str]] = field(default_factory=list)

    def wrong(self, node: Node | int, link_id: str, what: str) -> None:
        line = node if isinstance(node, int) else node.start_mark.line + 1
        self.problems.append((line, link_id, what))

    def raise_if_wrong(self) -> None:
        if self.problems:
            raise QuestionnaireError(
                [f"{self.name}:{line}: {link_id}: {what}" for line, link_id, what in sorted(self.problems)]
            )


def _text(node: Node) -> str:
    if not isinstance(node, yaml.nodes.ScalarNode) or not node.value.strip():
        raise _WrongValue("must be a text")
    if any(sign < " " and sign not in "\t\n" for sign in node.value):
        raise _WrongValue("must be without control characters")
    return cast(str, node.value)


def _flag(node: Node) -> bool:
    if isinstance(node, yaml.nodes.ScalarNode) and node.value in ("true", "false"):
        return bool(node.value == "true")
    raise _WrongValue("must be true or false")


def _whole_number(node: Node) -> int:
    try:
        return int(_text(node))
    except ValueError:
        raise _WrongValue("must be a whole number") from None


def _limit(node: Node) -> int:
    if (number := _whole_number(node)) < 1:
        raise _WrongValue("must be 1 or more")
    return number


def _one_of(choices: Callable[[str], T]) -> Callable[[Node], T]:
    def read(node: Node) -> T:
        try:
            return choices(_text(node))
        except ValueError:
            raise _WrongValue(
                f"must be one of {', '.join(str(choice) for choice in cast(Any, choices))}, not {_text(node)!r}"
            ) from None

    return read


def _texts(node: Node) -> tuple[str, ...]:
    if not isinstance(node, yaml.nodes.SequenceNode):
        raise _WrongValue("must be a list")
    return tuple(_text(child) for child in node.value)


ITEM_KEYS: Keys = {
    "linkId": ("link_id", _text),
    "type": ("type", _one_of(ItemType)),
    "text": ("text", _text),
    "required": ("required", _flag),
    "repeats": ("repeats", _flag),
    "maxLength": ("max_length", _limit),
    "enableBehavior": ("enable_behavior", _one_of(EnableBehavior)),
    "x-kind": ("kind", _one_of(GroupKind)),
    "x-row-label": ("row_label", _text),
    "x-max-rows": ("max_rows", _limit),
    "x-add-label": ("add_label", _text),
    "x-add-first-label": ("add_first_label", _text),
    "x-row-required": ("row_required", _flag),
    "x-help": ("help", _text),
    "x-label": ("label", _text),
    "x-phrase": ("phrase", _text),
    "x-exclusive": ("exclusive", _texts),
    "x-unknown": ("unknown", _flag),
    "x-decline": ("decline", _flag),
    "x-more": ("more", _flag),
    "x-min": ("minimum", _text),
    "x-max": ("maximum", _text),
    "x-partial-date": ("partial_date", _flag),
    "x-required-unless": ("required_unless", _text),
    "x-must-be-true": ("must_be_true", _flag),
    "x-export-group": ("export_group", _text),
    "x-in-person": ("in_person", _flag),
    "x-code": ("code", _text),
    "x-note": ("note", _text),
    "x-role": ("role", _one_of(ItemRole)),
    "x-column": ("column", _text),
}
"""Those of Item. A new key is one line here and one in docs/authoring.md."""
OPTION_KEYS: Keys = {
    "code": ("code", _text),
    "display": ("display", _text),
    "x-short": ("short", _text),
    "x-means": ("means", _one_of(Meaning)),
}
_CONDITION_KEYS: Keys = {
    "question": ("question", _text),
    "operator": ("operator", _one_of(Operator)),
    "answerCoding": ("answer", lambda node: Coding(_text(node))),
    "answerInteger": ("answer", _whole_number),
    "answerBoolean": ("answer", _flag),
    "answerString": ("answer", _text),
    "answerDate": ("answer", lambda node: PartialDate.parse(_text(node))),
}
_HEAD = ("resourceType", "id", "url", "version", "name", "title", "status", "language")
_HEAD_KEYS: Keys = {key: (key, _text) for key in _HEAD} | {"subjectType": ("subjectType", lambda _node: None)}


def _values(
    file: _File,
    node: Node,
    link_id: str,
    keys: Keys,
    lists: Mapping[str, tuple[str, Callable[[_File, Node, str], object]]] = MappingProxyType({}),
) -> dict[str, Any]:
    """What stands in a mapping, by the fields of its keys; says what is doubled, not known or does not fit.

    `lists` are the keys under which a list stands, each with its field and how one of the list is read.
    """
    values: dict[str, Any] = {}
    if not isinstance(node, yaml.nodes.MappingNode):
        file.wrong(node, link_id, "must be a mapping of keys to values")
        return values
    seen = set()
    for key, value in node.value:
        name = str(key.value)
        if name not in keys and name not in lists:
            file.wrong(key, link_id, f"the key {name} is not known")
        elif name in seen:
            file.wrong(key, link_id, f"the key {name} stands here twice")
        elif name in lists:
            field_name, read_one = lists[name]
            if isinstance(value, yaml.nodes.SequenceNode):
                found = (read_one(file, child, link_id) for child in value.value)
                values[field_name] = tuple(one for one in found if one is not None)
            else:
                file.wrong(value, link_id, f"{name} must be a list")
        elif keys[name][0] in values:  # of all fields only an answer can stand under several keys
            file.wrong(value, link_id, "enableWhen has more than one answer")
        else:
            field_name, read = keys[name]
            try:
                values[field_name] = read(value)
            except (_WrongValue, ValueError) as wrong:
                file.wrong(value, link_id, f"{name} {wrong}")
        seen.add(name)
    return values


def _name_of(node: Node, parent: str) -> str:
    """The linkId of an item that is not read yet, so that errors inside it can name it."""
    if isinstance(node, yaml.nodes.MappingNode):
        for key, value in node.value:
            if key.value == "linkId" and isinstance(value, yaml.nodes.ScalarNode):
                return str(value.value)
    return parent


def _option(file: _File, node: Node, link_id: str) -> AnswerOption | None:
    values = _values(file, node, link_id, OPTION_KEYS)
    if missing := [key for key in ("code", "display") if key not in values]:
        file.wrong(node, link_id, f"an option needs {' and '.join(missing)}")
        return None
    return AnswerOption(**values)


def _condition(file: _File, node: Node, link_id: str) -> EnableWhen | None:
    before = len(file.problems)
    values = _values(file, node, link_id, _CONDITION_KEYS)
    if len(values) == len(fields(EnableWhen)):
        return EnableWhen(**values)
    if len(file.problems) == before:
        file.wrong(node, link_id, "enableWhen needs question, operator and answer[x] (FHIR R4)")
    return None


def _item(file: _File, node: Node, parent: str) -> Item | None:
    link_id = _name_of(node, parent)
    if id(node) in file.items:  # read again, and what stands below it, a small file of aliases would have no end
        file.wrong(node, link_id, "an alias (*) brings this item in once more (que-2)")
        return None
    file.items.add(id(node))
    values = _values(file, node, link_id, ITEM_KEYS, _ITEM_LISTS)
    if missing := [key for key in ("linkId", "type", "text") if ITEM_KEYS[key][0] not in values]:
        if not any(line >= node.start_mark.line + 1 for line, name, _ in file.problems if name == link_id):
            file.wrong(node, link_id, f"an item needs {' and '.join(missing)}")
        return None
    file.lines.setdefault(link_id, node.start_mark.line + 1)
    return Item(**values)


_ITEM_LISTS = {
    "item": ("items", _item),
    "answerOption": ("options", _option),
    "enableWhen": ("enable_when", _condition),
}


def loads(
    text: str | bytes,
    name: str = "questionnaire.yaml",
    *,
    complete: Callable[[Questionnaire], Questionnaire] = lambda read: read,
    also: Callable[[Questionnaire], Iterable[Problem]] = lambda _: (),
) -> Questionnaire:
    """Read a questionnaire from YAML text; `name` is the file's name for messages, `complete` adds what the file cannot
    say itself, and `also` is what must hold beside the invariants.

    Raises QuestionnaireError with every problem found, each as `file:line: linkId: what is wrong`.
    """
    file = _File(name)
    try:
        root = yaml.compose(text.decode() if isinstance(text, bytes) else text, Loader=yaml.CSafeLoader)
    except UnicodeDecodeError:
        raise QuestionnaireError([f"{name}:1: -: the file is not UTF-8 text"]) from None
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        raise QuestionnaireError(
            [f"{name}:{mark.line + 1 if mark else 1}: -: {problem or 'cannot be read as YAML'}"]
        ) from None
    if root is None:
        raise QuestionnaireError([f"{name}:1: -: the file is empty"])
    try:
        values = _values(file, root, "-", _HEAD_KEYS, {"item": ("items", _item)})
    except RecursionError:
        raise QuestionnaireError([f"{name}:1: -: items stand too deep inside each other"]) from None
    if missing := [key for key in _HEAD if key not in values]:
        file.wrong(root, "-", f"the questionnaire needs {', '.join(missing)}")
    elif values["resourceType"] != "Questionnaire":
        file.wrong(root, "-", "resourceType must be Questionnaire")
    file.raise_if_wrong()
    head = {key: values[key] for key in _HEAD if key != "resourceType"}
    questionnaire = complete(Questionnaire(items=values.get("items", ()), **head))
    for link_id, what in (*problems_of(questionnaire), *also(questionnaire)):
        file.wrong(file.lines.get(link_id, 1), link_id, what)
    file.raise_if_wrong()
    return questionnaire


def content(path: Path) -> bytes:
    """What stands in a file. Raises QuestionnaireError when it cannot be read."""
    try:
        if S_ISFIFO(path.stat().st_mode) or S_ISCHR(path.stat().st_mode):
            raise QuestionnaireError([f"{path.name}:1: -: this is no file"])  # reading it might never end
        return path.read_bytes()
    except OSError as error:
        raise QuestionnaireError([f"{path.name}:1: -: the file cannot be read: {error.strerror}"]) from None
