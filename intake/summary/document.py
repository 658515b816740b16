"""Frozen dataclasses ↔ plain JSON, exactly and both ways: the shape in which a summary is stored."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


class UnreadableDocument(Exception):
    """Stored JSON that this version cannot read; the message names the field, never a value."""


def to_plain(value: Any) -> Any:
    """Dataclasses as objects, tuples as lists, enums by their value; text, numbers, booleans and null as they are."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [to_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {key: to_plain(one) for key, one in value.items()}
    return value.value if isinstance(value, Enum) else value


def from_plain(kind: type[T], plain: Any) -> T:
    """The inverse of `to_plain` for a dataclass. Raises UnreadableDocument if the JSON is no `kind`."""
    read: T = _read(kind, plain, kind.__name__)
    return read


def _read(kind: Any, plain: Any, where: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return _read_object(kind, plain, where)
    if isinstance(kind, types.UnionType):
        return None if plain is None else _read(get_args(kind)[0], plain, where)
    origin = get_origin(kind)
    if origin is tuple and isinstance(plain, list):
        return tuple(_read(get_args(kind)[0], one, where) for one in plain)
    if origin is not None and isinstance(plain, dict):
        return dict(plain)
    if isinstance(kind, type) and issubclass(kind, Enum) and plain in [member.value for member in kind]:
        return kind(plain)
    if isinstance(kind, type) and type(plain) is kind:
        return plain
    raise UnreadableDocument(f"{where} cannot be read")


def _read_object(kind: Any, plain: Any, where: str) -> Any:
    hints = _hints(kind)
    if not isinstance(plain, dict) or set(plain) != set(hints):
        raise UnreadableDocument(f"{where} cannot be read")
    return kind(**{name: _read(hint, plain[name], f"{where}.{name}") for name, hint in hints.items()})


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)
