"""YAML → Questionnaire: every scalar is read as the text that was written, every error names its line and linkId."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISCHR, S_ISFIFO
from typing import Any, TypeVar, cast

import yaml

from intake.questionnaire.invariants import INVARIANTS, Invariant
from intake.questionnaire.model import (
    AnswerOption,
    EnableBehavior,
    EnableWhen,
    Item,
    ItemType,
    Kind,
    Operator,
    Questionnaire,
)
from intake.questionnaire.roles import ItemRole, Meaning
from intake.questionnaire.values import Coding, PartialDate, Value

Node = yaml.nodes.Node
T = TypeVar("T")


class QuestionnaireError(Exception):
    """A questionnaire file that cannot be used; `problems` holds one line for each thing that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _WrongValue(Exception):
    """One value that does not fit its key."""


@dataclass
class _File:
    """One file while it is read: its name, where each linkId stands, which items were read, and what is wrong so
    far."""

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


ITEM_KEYS: Mapping[str, tuple[str, Callable[[Node], Any]]] = {
    "linkId": ("link_id", _text),
    "type": ("type", _one_of(ItemType)),
    "text": ("text", _text),
    "required": ("required", _flag),
    "repeats": ("repeats", _flag),
    "maxLength": ("max_length", _limit),
    "enableBehavior": ("enable_behavior", _one_of(EnableBehavior)),
    "x-kind": ("kind", _one_of(Kind)),
    "x-row-label": ("row_label", _text),
    "x-max-rows": ("max_rows", _limit),
    "x-add-label": ("add_label", _text),
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
}
"""Key of the YAML → field of Item and how to read it. A new key is one line here and one in docs/authoring.md."""

_OPTION_KEYS: Mapping[str, tuple[str, Callable[[Node], Any]]] = {
    "code": ("code", _text),
    "display": ("display", _text),
    "x-short": ("short", _text),
    "x-means": ("means", _one_of(Meaning)),
}
_HEAD_KEYS = ("resourceType", "id", "url", "version", "name", "title", "status", "subjectType", "language", "item")
_ANSWERS: Mapping[str, Callable[[Node], Value]] = {
    "answerCoding": lambda node: Coding(_text(node)),
    "answerInteger": _whole_number,
    "answerBoolean": _flag,
    "answerString": _text,
    "answerDate": lambda node: PartialDate.parse(_text(node)),
}


def _pairs(
    file: _File, node: Node, link_id: str, known: Mapping[str, Any] | tuple[str, ...]
) -> Iterator[tuple[str, Node]]:
    """The keys of a mapping with their nodes; says what is doubled or not known."""
    if not isinstance(node, yaml.nodes.MappingNode):
        file.wrong(node, link_id, "must be a mapping of keys to values")
        return
    seen = set()
    for key, value in node.value:
        name = str(key.value)
        if name in seen:
            file.wrong(key, link_id, f"the key {name} stands here twice")
        elif name not in known:
            file.wrong(key, link_id, f"the key {name} is not known")
        else:
            seen.add(name)
            yield name, value


def _children(file: _File, node: Node, link_id: str, key: str) -> list[Node]:
    if isinstance(node, yaml.nodes.SequenceNode):
        return list(node.value)
    file.wrong(node, link_id, f"{key} must be a list")
    return []


def _name_of(node: Node, parent: str) -> str:
    """The linkId of an item that is not read yet, so that errors inside it can name it."""
    if isinstance(node, yaml.nodes.MappingNode):
        for key, value in node.value:
            if key.value == "linkId" and isinstance(value, yaml.nodes.ScalarNode):
                return str(value.value)
    return parent


def _option(file: _File, node: Node, link_id: str) -> AnswerOption | None:
    values: dict[str, Any] = {}
    for key, value in _pairs(file, node, link_id, _OPTION_KEYS):
        name, read = _OPTION_KEYS[key]
        try:
            values[name] = read(value)
        except _WrongValue as wrong:
            file.wrong(value, link_id, f"{key} {wrong}")
    if missing := [key for key in ("code", "display") if key not in values]:
        file.wrong(node, link_id, f"an option needs {' and '.join(missing)}")
        return None
    return AnswerOption(**values)


def _condition(file: _File, node: Node, link_id: str) -> EnableWhen | None:
    question = operator = answer = None
    before = len(file.problems)
    for key, value in _pairs(file, node, link_id, ("question", "operator", *_ANSWERS)):
        try:
            if key == "question":
                question = _text(value)
            elif key == "operator":
                operator = _one_of(Operator)(value)
            elif answer is not None:
                file.wrong(value, link_id, "enableWhen has more than one answer")
            else:
                answer = _ANSWERS[key](value)
        except (_WrongValue, ValueError) as wrong:
            file.wrong(value, link_id, f"{key} {wrong}")
    if question is None or operator is None or answer is None:
        if len(file.problems) == before:
            file.wrong(node, link_id, "enableWhen needs question, operator and answer[x] (FHIR R4)")
        return None
    return EnableWhen(question, operator, answer)


def _item(file: _File, node: Node, parent: str) -> Item | None:
    link_id = _name_of(node, parent)
    if id(node) in file.items:  # read again, and what stands below it, a small file of aliases would have no end
        file.wrong(node, link_id, "an alias (*) brings this item in once more (que-2)")
        return None
    file.items.add(id(node))
    values: dict[str, Any] = {}
    for key, value in _pairs(file, node, link_id, (*ITEM_KEYS, "item", "answerOption", "enableWhen")):
        if key == "item":
            values["items"] = tuple(
                _present(_item(file, child, link_id) for child in _children(file, value, link_id, key))
            )
        elif key == "answerOption":
            values["options"] = tuple(
                _present(_option(file, child, link_id) for child in _children(file, value, link_id, key))
            )
        elif key == "enableWhen":
            values["enable_when"] = tuple(
                _present(_condition(file, child, link_id) for child in _children(file, value, link_id, key))
            )
        else:
            name, read = ITEM_KEYS[key]
            try:
                values[name] = read(value)
            except _WrongValue as wrong:
                file.wrong(value, link_id, f"{key} {wrong}")
    if missing := [
        key for key, (name, _) in ITEM_KEYS.items() if key in ("linkId", "type", "text") and name not in values
    ]:
        if not any(line >= node.start_mark.line + 1 for line, name, _ in file.problems if name == link_id):
            file.wrong(node, link_id, f"an item needs {' and '.join(missing)}")
        return None
    file.lines.setdefault(link_id, node.start_mark.line + 1)
    return Item(**values)


def _present(values: Iterator[T | None]) -> Iterator[T]:
    return (value for value in values if value is not None)


def loads(
    text: str | bytes,
    name: str = "questionnaire.yaml",
    *,
    complete: Callable[[Questionnaire], Questionnaire] = lambda read: read,
    also: Iterable[Invariant] = (),
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
    head: dict[str, str] = {}
    items: tuple[Item, ...] = ()
    for key, value in _pairs(file, root, "-", _HEAD_KEYS):
        if key == "item":
            try:
                items = tuple(_present(_item(file, child, "-") for child in _children(file, value, "-", key)))
            except RecursionError:
                file.wrong(value, "-", "items stand too deep inside each other")
        elif key != "subjectType":
            try:
                head[key] = _text(value)
            except _WrongValue as wrong:
                file.wrong(value, "-", f"{key} {wrong}")
    wanted = ("resourceType", "id", "url", "version", "name", "title", "status", "language")
    if missing := [key for key in wanted if key not in head]:
        file.wrong(root, "-", f"the questionnaire needs {', '.join(missing)}")
    elif head["resourceType"] != "Questionnaire":
        file.wrong(root, "-", "resourceType must be Questionnaire")
    file.raise_if_wrong()
    del head["resourceType"]
    questionnaire = complete(Questionnaire(items=items, **head))
    for invariant in (*INVARIANTS, *also):
        for link_id, what in invariant(questionnaire):
            file.wrong(file.lines.get(link_id, 1), link_id, what)
    file.raise_if_wrong()
    return questionnaire


def load(path: Path) -> Questionnaire:
    """Read a questionnaire file. Raises QuestionnaireError (see `loads`), also when the file cannot be read."""
    return loads(content(path), path.name)


def content(path: Path) -> bytes:
    """What stands in a file. Raises QuestionnaireError when it cannot be read."""
    try:
        if S_ISFIFO(path.stat().st_mode) or S_ISCHR(path.stat().st_mode):
            raise QuestionnaireError([f"{path.name}:1: -: this is no file"])  # reading it might never end
        return path.read_bytes()
    except OSError as error:
        raise QuestionnaireError([f"{path.name}:1: -: the file cannot be read: {error.strerror}"]) from None
