"""The whole database into another one, on SQLite or PostgreSQL either way round: every row of every table, or nothing.

The source is read in one transaction, so that the copy is of one moment however busy it is. In one transaction of the
target the tables are made, filled, read back and compared with the source row by row; only what is equal is kept.
"""

from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, CursorResult, Engine, String, Table, func, insert, select
from sqlalchemy.exc import DBAPIError

from intake.records.database import (
    Base,
    name_of,
    reading,
    refuse_newer,
    tables_in,
    transaction,
    upgrade_within,
    with_rows,
)
from intake.records.errors import CannotCopy

BATCH: Final = 500

ReportProgress = Callable[[str, str, int, int], None]
"""Is told how far it is: what is being done, with which table, how many rows of how many."""


def copy(source: Engine, target: Engine, report: ReportProgress = lambda *_: None) -> dict[str, int]:
    """Copy every row of every table into an empty database; gives how many rows each table has.

    The source has this program's tables (`database.upgrade`). Raises CannotCopy and what `upgrade` raises.
    """
    if _location(source) == _location(target):
        raise CannotCopy("The other database is this one; name another.")
    with reading(source) as here, transaction(target) as there:
        refuse_newer(there)
        _refuse_what_is_not_empty(there, name_of(target.url))
        upgrade_within(there)
        counts = {table.name: _copy_table(here, there, table, report) for table in Base.metadata.sorted_tables}
        for table in Base.metadata.sorted_tables:
            _compare_table(here, there, table, counts[table.name], report)
        return counts


def _location(engine: Engine) -> tuple[str | int | None, ...]:
    """Where a database stands, however its address is written."""
    url = engine.url
    if engine.dialect.name == "sqlite":
        return ("sqlite", str(Path(url.database or "").resolve()))
    return ("postgresql", url.host or str(url.query.get("host", "")), url.port or 5432, url.database)


def _refuse_what_is_not_empty(there: Connection, name: str) -> None:
    """Our own tables without a row are fine: somebody may have started on the new database once."""
    present = tables_in(there)
    others = present - Base.metadata.tables.keys()
    filled = with_rows(there, present - others)
    if others or filled:
        raise CannotCopy(
            f"The database {name} is not empty (there is the table {[*sorted(others), *filled][0]}); name an empty one."
        )


def _copy_table(here: Connection, there: Connection, table: Table, report: ReportProgress) -> int:
    whole, done = here.scalar(select(func.count()).select_from(table)) or 0, 0
    try:
        with _rows(here, table) as result:
            for rows in result.partitions(BATCH):
                there.execute(insert(table), [dict(row._mapping) for row in rows])
                done += len(rows)
                report("copied", table.name, done, whole)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        raise CannotCopy(
            f"The other database does not take a row of the table {table.name}; nothing was copied."
        ) from error
    _number_on(there, table)
    return done


def _number_on(there: Connection, table: Table) -> None:
    """PostgreSQL numbers new rows by a sequence, which does not see the numbers that rows came with. (SQLite looks.)"""
    column = table.autoincrement_column
    if there.dialect.name == "postgresql" and column is not None:
        last = select(func.max(column)).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        there.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))


def _compare_table(here: Connection, there: Connection, table: Table, count: int, report: ReportProgress) -> None:
    """Row by row in the order of the key. Raises CannotCopy at the first that is not the same to the last byte."""
    with _rows(here, table) as rows, _rows(there, table) as copies:
        for done, (row, copied) in enumerate(zip_longest(rows, copies), 1):
            if row is None or copied is None or tuple(row) != tuple(copied):
                raise CannotCopy(f"A row of the table {table.name} did not arrive as it was; nothing was copied.")
            if done % BATCH == 0 or done == count:
                report("compared", table.name, done, count)


def _rows(connection: Connection, table: Table) -> CursorResult[Any]:
    """Every row in the order of the key, read in batches; to be closed."""
    # PostgreSQL sorts words by the rules of some language, SQLite by their bytes
    collated = String if connection.dialect.name == "postgresql" else ()
    keys = [key.collate("C") if isinstance(key.type, collated) else key for key in table.primary_key.columns]
    return connection.execute(select(table).order_by(*keys).execution_options(yield_per=BATCH))
