"""Rows for any table as it stands in a database, made from its columns alone: a migration yet unwritten has its tables
filled, too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, types

MOMENT = datetime(2026, 3, 29, 1, 30, 15, 123456, tzinfo=UTC)  # an hour that some zones' clocks leave out


def a_row(table: Table, number: int) -> dict[str, Any]:
    """One row, other than that of any other number; what refers to another table refers to the row of the same number
    there."""
    return {column.name: value_of(column, number) for column in table.columns}


def value_of(column: Column[Any], number: int) -> Any:
    """A value of the column's type; “nothing” now and then where that may be."""
    if column.nullable and number == 2:
        return None
    kind = column.type.impl if isinstance(column.type, types.TypeDecorator) else column.type
    match kind:
        case types.Boolean():
            return number % 2 == 0
        case types.Integer():
            return number * 7 + 1  # with gaps: numbers are kept, not given anew
        case types.DateTime() as moment:
            when = MOMENT + timedelta(days=number)
            return when if moment.timezone else when.replace(tzinfo=None)
        case types.Date():
            return date(2026, 3, 29) + timedelta(days=number)
        case types.LargeBinary():
            return bytes([number]) + bytes(range(256))
        case types.String() as words:
            return f"{number} “Ñ é 中文 \U0001f600”'\\%\n"[: words.length]
    raise AssertionError(f"no value for {column}")
