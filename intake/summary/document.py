"""Frozen dataclasses ↔ plain JSON, exactly and both ways: the compact shape in which a summary is stored.

The whole is an object by the names of its fields. Below it a dataclass is a list of its fields' values, and a sentence
a text if it is all ours, else a list of its parts: ours as a text, the patient's as a list of one text.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from intake.summary.statement import Author, Part, Sentence

T = TypeVar("T")
Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]
"""Writes a value as JSON, and reads it again."""


class UnreadableDocument(Exception):
    """Stored JSON that this version cannot read; the message names the field, never a value."""


def to_plain(value: Any) -> dict[str, Any]:
    """A dataclass as an object."""
    kind: Any = type(value)
    return {name: write(getattr(value, name)) for name, (write, _) in _fields(kind).items()}


def from_plain(kind: type[T], plain: Any) -> T:
    """The inverse of `to_plain`. Raises UnreadableDocument if the JSON is no `kind`."""
    shape: Any = kind  # a type can be looked up like any value, which mypy does not know
    codecs = _fields(shape)
    if not isinstance(plain, dict) or plain.keys() != codecs.keys():
        raise UnreadableDocument(f"{kind.__name__} cannot be read")
    return kind(**{name: read(plain[name]) for name, (_, read) in codecs.items()})


@cache
def _fields(kind: Any) -> Mapping[str, Codec]:
    return {name: _codec(hint, f"{kind.__name__}.{name}") for name, hint in get_type_hints(kind).items()}


@cache
def _codec(kind: Any, where: str) -> Codec:
    """How a value of this type is written and read. Made once a field: a stored summary has hundreds of parts, and
    looking at types is slow."""
    if kind == Sentence:
        return _write_sentence, lambda plain: _read_sentence(plain, where)
    if dataclasses.is_dataclass(kind):
        return _dataclass_codec(kind, where)
    if isinstance(kind, types.UnionType):
        write, read = _codec(get_args(kind)[0], where)
        return (
            lambda value: None if value is None else write(value),
            lambda plain: None if plain is None else read(plain),
        )
    if get_origin(kind) is tuple:
        write, read = _codec(get_args(kind)[0], where)
        return (
            lambda value: [write(one) for one in value],
            lambda plain: tuple([read(one) for one in _checked(plain, list, where)]),
        )
    plain_kind = dict if get_origin(kind) else kind
    return (dict if plain_kind is dict else lambda value: value), lambda plain: _checked(plain, plain_kind, where)


def _dataclass_codec(kind: Any, where: str) -> Codec:
    names, codecs = list(_fields(kind)), list(_fields(kind).values())
    writers, readers = [write for write, _ in codecs], [read for _, read in codecs]

    def read(plain: Any) -> Any:
        if len(_checked(plain, list, where)) != len(readers):
            raise UnreadableDocument(f"{where} cannot be read")
        return kind(*[read(one) for read, one in zip(readers, plain, strict=True)])

    return lambda value: [write(getattr(value, name)) for name, write in zip(names, writers, strict=True)], read


def _write_sentence(parts: Sentence) -> Any:
    if all(part.by is Author.OURS for part in parts):
        return "".join(part.text for part in parts)
    return [part.text if part.by is Author.OURS else [part.text] for part in parts]


def _read_sentence(plain: Any, where: str) -> Sentence:
    if type(plain) is str:
        return (Part(plain, Author.OURS),) if plain else ()
    return tuple([_read_part(one, where) for one in _checked(plain, list, where)])


def _read_part(plain: Any, where: str) -> Part:
    if type(plain) is str:
        return Part(plain, Author.OURS)
    if type(plain) is list and len(plain) == 1:
        return Part(_checked(plain[0], str, where), Author.PATIENT)
    raise UnreadableDocument(f"{where} cannot be read")


def _checked(plain: Any, kind: type, where: str) -> Any:
    if type(plain) is not kind:
        raise UnreadableDocument(f"{where} cannot be read")
    return plain
