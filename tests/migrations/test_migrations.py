"""The migrations: up from nothing, down and up again with rows in every table, exactly the tables that are declared,
whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, Table, func, insert, inspect, select, text

import intake.accounts.tables
import intake.records.tables  # noqa: F401 - both fill Base.metadata
from intake.records.database import Base, migrations_config, open_database, transaction, upgrade
from intake.records.errors import DatabaseIsNewer
from tests.databases import Database, DatabaseIn
from tests.migrations.rows import a_row


@pytest.fixture
def engine(empty_database: Database) -> Engine:
    """Nothing is in it."""
    opened = open_database(empty_database.url)
    empty_database.engines.append(opened)
    return opened


def revisions() -> list[str]:
    """All revisions, the first one first."""
    scripts = ScriptDirectory.from_config(migrations_config(None))  # type: ignore[arg-type]
    return [script.revision for script in scripts.walk_revisions()][::-1]


def move(engine: Engine, to: str) -> None:
    """Up or down to a revision, or to `base`."""
    with transaction(engine) as connection:
        at = MigrationContext.configure(connection).get_current_revision()
        config = migrations_config(connection)
        down = to == "base" or (at is not None and revisions().index(to) < revisions().index(at))
        (command.downgrade if down else command.upgrade)(config, to)


def tables_of(connection: Connection) -> list[Table]:
    """The tables as they stand in the database, those that others refer to first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def fill(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Put rows into every empty table; gives all rows."""
    with transaction(engine) as connection:
        for table in tables_of(connection):
            if not connection.scalar(select(func.count()).select_from(table)):
                connection.execute(insert(table), [a_row(table, number) for number in range(3)])
    return rows_of(engine)


def rows_of(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with transaction(engine) as connection:
        return {table.name: sorted(map(tuple, connection.execute(select(table)))) for table in tables_of(connection)}


def schema_of(engine: Engine) -> dict[str, Any]:
    """Columns, keys and indices of every table."""
    with transaction(engine) as connection:
        look = inspect(connection)
        return {
            table: (
                [(column["name"], str(column["type"]), column["nullable"]) for column in look.get_columns(table)],
                look.get_pk_constraint(table),
                sorted(look.get_foreign_keys(table), key=lambda one: str(one["name"])),
                sorted(look.get_unique_constraints(table), key=lambda one: str(one["name"])),
                sorted(look.get_indexes(table), key=lambda one: str(one["name"])),
            )
            for table in look.get_table_names()
        }


def triggers_of(database: Database) -> set[str]:
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    return {name for (name,) in database.sql(query[database.kind])}


def test_up_from_nothing_makes_the_declared_tables(engine: Engine):
    upgrade(engine)
    with transaction(engine) as connection:
        assert {table.name for table in tables_of(connection)} == set(Base.metadata.tables)
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_comparison_would_find_a_difference(engine: Engine):
    upgrade(engine)
    with transaction(engine) as connection:
        connection.execute(text("DROP INDEX ix_questionnaire_response_due"))
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert [change[0] for change in compare_metadata(context, Base.metadata)] == ["add_index"]


def test_the_migrated_tables_are_the_declared_ones(engine: Engine, database_in: DatabaseIn, tmp_path: Path):
    upgrade(engine)
    with database_in(tmp_path / "declared", empty=True) as other:
        declared = open_database(other.url)
        other.engines.append(declared)
        with transaction(declared) as connection:
            Base.metadata.create_all(connection)
        assert {name: table for name, table in schema_of(engine).items() if name != "alembic_version"} == schema_of(
            declared
        )


def test_step_by_step_up_down_and_up_again_with_rows_in_every_table(engine: Engine, empty_database: Database):
    """Each step up keeps every row that was there; each step down takes back what the step up brought and keeps the
    rest."""
    schemas: dict[str, Any] = {}
    triggers: dict[str, set[str]] = {}
    steps = revisions()
    kept: dict[str, list[tuple[Any, ...]]] = {}
    for revision in steps:
        move(engine, revision)
        now = rows_of(engine)
        assert {name: len(rows) for name, rows in kept.items()} == {name: len(now[name]) for name in kept}
        kept = fill(engine)
        assert kept
        assert all(kept.values())
        schemas[revision], triggers[revision] = schema_of(engine), triggers_of(empty_database)
    for before, revision in zip([*steps[:-1]][::-1], steps[:0:-1], strict=True):
        move(engine, before)
        assert schema_of(engine) == schemas[before], f"down from {revision}"
        assert triggers_of(empty_database) == triggers[before]
        assert all(rows_of(engine).values())
    move(engine, "base")
    assert empty_database.tables() == {"alembic_version"}
    assert triggers_of(empty_database) == set()
    upgrade(engine)
    assert schema_of(engine) == schemas[steps[-1]]
    assert triggers_of(empty_database) == triggers[steps[-1]]
    assert fill(engine).keys() == Base.metadata.tables.keys()


def test_an_upgrade_of_an_up_to_date_database_changes_nothing(engine: Engine):
    upgrade(engine)
    before = fill(engine), schema_of(engine)
    upgrade(engine)
    assert (rows_of(engine), schema_of(engine)) == before


def test_an_upgrade_that_stops_half_way_leaves_nothing(engine: Engine, empty_database: Database):
    with pytest.raises(ZeroDivisionError), transaction(engine) as connection:
        command.upgrade(migrations_config(connection), "head")
        _ = 1 // 0
    assert empty_database.tables() == set()


def test_a_database_made_by_a_newer_version_is_left_alone(engine: Engine, empty_database: Database):
    upgrade(engine)
    empty_database.sql("UPDATE alembic_version SET version_num = '9999'")
    before = fill(engine)
    with pytest.raises(DatabaseIsNewer, match="newer version"):
        upgrade(engine)
    assert rows_of(engine) == before


def test_every_constraint_has_a_name_so_that_later_migrations_can_change_it():
    unnamed = [
        (table.name, constraint)
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if not constraint.name
    ]
    assert unnamed == []
