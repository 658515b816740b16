"""Frozen dataclasses ↔ plain JSON, exactly and both ways: the shape in which a summary is stored."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


class UnreadableDocument(Exception):
    """Stored JSON that this version cannot read; the message names the field, never a value."""


def to_plain(value: Any) -> Any:
    """Dataclasses as objects, tuples as lists, enums by their value; text, numbers, booleans and null as they are."""
    kind: Any = type(value)
    if kind is str or value is None:
        return value
    names = _names(kind)
    if names:
        return {name: to_plain(getattr(value, name)) for name in names}
    if isinstance(value, tuple | list):
        return [to_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {key: to_plain(one) for key, one in value.items()}
    return value.value if isinstance(value, Enum) else value


@cache
def _names(kind: type) -> tuple[str, ...]:
    """The names of a dataclass's fields; of any other type none."""
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()


def from_plain(kind: type[T], plain: Any) -> T:
    """The inverse of `to_plain` for a dataclass. Raises UnreadableDocument if the JSON is no `kind`."""
    shape: Any = kind  # a type can be looked up like any value, which mypy does not know
    read: T = _reader(shape, kind.__name__)(plain)
    return read


Reader = Callable[[Any], Any]


@cache
def _reader(kind: Any, where: str) -> Reader:
    """Reads a value of this type. Made once a field: a stored summary has hundreds of parts, and looking at types is
    slow."""
    if dataclasses.is_dataclass(kind):
        return _object_reader(kind, where)
    if isinstance(kind, types.UnionType):
        read = _reader(get_args(kind)[0], where)
        return lambda plain: None if plain is None else read(plain)
    origin = get_origin(kind)
    if origin is tuple:
        return _tuple_reader(_reader(get_args(kind)[0], where), where)
    if origin is not None:
        return lambda plain: dict(_checked(plain, dict, where))
    if issubclass(kind, Enum):
        return _enum_reader({member.value: member for member in kind}, where)
    return lambda plain: _checked(plain, kind, where)


def _object_reader(kind: Any, where: str) -> Reader:
    readers = {name: _reader(hint, f"{where}.{name}") for name, hint in get_type_hints(kind).items()}

    def read(plain: Any) -> Any:
        if not isinstance(plain, dict) or plain.keys() != readers.keys():
            raise UnreadableDocument(f"{where} cannot be read")
        return kind(**{name: read(plain[name]) for name, read in readers.items()})

    return read


def _tuple_reader(read: Reader, where: str) -> Reader:
    return lambda plain: tuple([read(one) for one in _checked(plain, list, where)])


def _enum_reader(members: Mapping[Any, Enum], where: str) -> Reader:
    def read(plain: Any) -> Any:
        if type(plain) is not str or plain not in members:
            raise UnreadableDocument(f"{where} cannot be read")
        return members[plain]

    return read


def _checked(plain: Any, kind: type, where: str) -> Any:
    if type(plain) is not kind:
        raise UnreadableDocument(f"{where} cannot be read")
    return plain
