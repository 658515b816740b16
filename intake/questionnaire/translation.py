"""The words of a form in another language: a file beside the form's own, by linkId, each with the mark of what it
translates, so that a text that changed is known to be out of date.

`nk-intake-1.2.0.es.yaml` beside `nk-intake-1.2.0.yaml` holds, under `items`, for each linkId the keys of the form's
file (docs/authoring.md): `text: [4f3c9a1e, ¿Cuál es su nombre completo?]`. Under `options` stand those of each code.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml

from intake.questionnaire.loader import QuestionnaireError
from intake.questionnaire.model import AnswerOption, Item, Questionnaire
from intake.questionnaire.placeholders import names_in

OF_ITEMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "text": "text",
        "x-help": "help",
        "x-label": "label",
        "x-phrase": "phrase",
        "x-row-label": "row_label",
        "x-add-label": "add_label",
        "x-add-first-label": "add_first_label",
    }
)
"""The keys of an item that are translated, each with its field."""
OF_OPTIONS: Final[Mapping[str, str]] = MappingProxyType({"display": "display", "x-short": "short"})
"""The same of an option."""
STATES: Final = ("draft", "active")
"""FHIR's PublicationStatus: `draft` until somebody who grew up with the language and knows the clinic has signed it."""
MARK: Final = 8
"""Characters of a source text's SHA-256 that a translation bears."""

_LANGUAGE: Final = re.compile(r"\.[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
"""The end of a translation's name, which is no part of a version's number."""

Node = yaml.nodes.Node
Key = tuple[str, str, str]
"""A text of a form: the linkId, the code of the option or nothing, and the key under which it stands."""


@dataclass(frozen=True)
class Translation:
    """A form's words in one language. `problems` names each text that is missing or out of date, as `file:line: linkId:
    what is wrong`; those are shown in the form's own language."""

    language: str
    status: str
    title: str
    texts: Mapping[Key, str]
    problems: tuple[str, ...] = ()


def mark_of(source: str) -> str:
    """What a translation bears of the text that it translates."""
    return hashlib.sha256(source.encode()).hexdigest()[:MARK]


def texts_of(questionnaire: Questionnaire) -> Iterator[tuple[Key, str]]:
    """Every text of a form that is translated, in the form's order."""
    for item in questionnaire.walk():
        for key, name in OF_ITEMS.items():
            if written := _written(item, name):
                yield (item.link_id, "", key), written
        for option in item.options:
            for key, name in OF_OPTIONS.items():
                if written := getattr(option, name):
                    yield (item.link_id, option.code, key), written


def _written(item: Item, name: str) -> str:
    """A text of an item, empty where it has none of its own."""
    held = getattr(item, name) or ""
    return "" if name == "phrase" and held == Item.phrase else held


def files_beside(path: Path) -> list[Path]:
    """The translations that stand beside a form's file, in the order of their languages."""
    found = sorted(path.parent.glob(f"{path.stem}.*.yaml"))
    return [one for one in found if Path(one.stem).stem == path.stem and is_translation(one)]


def is_translation(path: Path) -> bool:
    """Whether a file's name says that it translates another: `<form>.<language>.yaml`, whose form is there."""
    form = Path(path.stem)
    return _LANGUAGE.fullmatch(form.suffix) is not None and path.with_name(f"{form.stem}.yaml").is_file()


def read(written: str | bytes, name: str, questionnaire: Questionnaire) -> Translation:
    """A translation of this form, from YAML; `name` is the file's, for messages. Raises QuestionnaireError for what is
    no translation of it at all: what cannot be read, another form, a linkId or a code that the form does not have."""
    try:
        root = yaml.compose(written, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        line = mark.line + 1 if (mark := getattr(error, "problem_mark", None)) else 1
        raise QuestionnaireError([f"{name}:{line}: -: cannot be read as YAML"]) from None
    head = {key: node for key, node, _ in _pairs(root)}
    if _text(head.get("questionnaire")) != questionnaire.canonical:
        raise QuestionnaireError([f"{name}:1: -: questionnaire must be {questionnaire.canonical}"])
    language, status = _text(head.get("language")), _text(head.get("status"))
    if status not in STATES or not language:
        raise QuestionnaireError([f"{name}:1: -: it needs a language, and a status of {' or '.join(STATES)}"])
    sources, texts = dict(texts_of(questionnaire)), {}
    lines: dict[Key, int] = {(link_id, "", ""): line for link_id, _, line in _pairs(head.get("items"))}
    wrong: list[str] = []
    for key, node, line in _entries(head.get("items")):
        lines[key] = line
        where, source, given = f"{name}:{line}: {key[0]}", sources.get(key), _marked(node)
        if source is None:
            wrong.append(f"{where}: the form has no {_told(key)} here")
        elif given is None:
            wrong.append(f"{where}: {_told(key)} needs a mark and a text, as in [{mark_of(source)}, …]")
        elif sorted(names_in(given[1])) != sorted(names_in(source)):
            wrong.append(f"{where}: {_told(key)} must have the placeholders of {source!r}")
        elif given[0] == mark_of(source):
            texts[key] = given[1]
    if wrong:
        raise QuestionnaireError(wrong)
    problems = [
        f"{name}:{lines.get(key, lines.get((key[0], '', ''), 1))}: {key[0]}: {_told(key)} is "
        + (f"out of date: {source!r} has the mark {mark_of(source)}" if key in lines else f"missing: {source!r}")
        for key, source in sources.items()
        if key not in texts
    ]
    mark, title = _marked(head.get("title")) or ("", "")
    if mark != mark_of(questionnaire.title):
        problems.insert(0, f"{name}:1: -: title is missing or out of date: {questionnaire.title!r}")
        title = ""
    return Translation(language, status, title, MappingProxyType(texts), tuple(problems))


def _told(key: Key) -> str:
    return f"{key[2]} of option {key[1]}" if key[1] else key[2]


def _text(node: Node | None) -> str:
    return str(node.value) if isinstance(node, yaml.nodes.ScalarNode) else ""


def _marked(node: Node | None) -> tuple[str, str] | None:
    """A mark and the text behind it; None where that is not what stands there."""
    held = [_text(one).strip() for one in node.value] if isinstance(node, yaml.nodes.SequenceNode) else []
    return (held[0], _text(node.value[1])) if node is not None and len(held) == 2 and all(held) else None


def _pairs(node: Node | None) -> Iterator[tuple[str, Node, int]]:
    """The keys of a mapping, each with what stands under it and its line; no key where something else stands."""
    if isinstance(node, yaml.nodes.MappingNode):
        for key, value in node.value:
            yield _text(key), value, key.start_mark.line + 1
    elif node is not None:
        yield "", node, node.start_mark.line + 1


def _entries(items: Node | None) -> Iterator[tuple[Key, Node, int]]:
    """Every text that is given, with its line."""
    for link_id, held, _ in _pairs(items):
        for key, node, line in _pairs(held):
            if key != "options":
                yield (link_id, "", key), node, line
                continue
            for code, texts, _ in _pairs(node):
                for name, one, at in _pairs(texts):
                    yield (link_id, code, name), one, at


def translated(questionnaire: Questionnaire, translation: Translation) -> Questionnaire:
    """The form in that language; a text without a translation stays as it is (`Translation.problems`)."""
    title = translation.title or questionnaire.title
    items = tuple(_in_words(item, translation.texts) for item in questionnaire.items)
    return replace(questionnaire, language=translation.language, title=title, items=items)


def _in_words(item: Item, texts: Mapping[Key, str]) -> Item:
    keys = ((key, name) for key, name in OF_ITEMS.items() if (item.link_id, "", key) in texts)
    words: dict[str, Any] = {name: texts[item.link_id, "", key] for key, name in keys}
    options = tuple(_option(item.link_id, option, texts) for option in item.options)
    return replace(item, **words, options=options, items=tuple(_in_words(child, texts) for child in item.items))


def _option(link_id: str, option: AnswerOption, texts: Mapping[Key, str]) -> AnswerOption:
    keys = ((key, name) for key, name in OF_OPTIONS.items() if (link_id, option.code, key) in texts)
    words: dict[str, Any] = {name: texts[link_id, option.code, key] for key, name in keys}
    return replace(option, **words)
