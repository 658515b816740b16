"""The migrations: they make exactly the tables that are declared, go up, down and up again with data, whole or not at all."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, text

import intake.accounts.tables
from intake.records.database import WRITING, Base, migrations_config, open_database, reading, transaction, upgrade
from intake.records.errors import DatabaseIsNewer
from intake.records.keyring import open_keyring
from tests.records import clinic
from tests.records.clinic import Patient, Records

ALL_TABLES = {
    "questionnaire_response", "data_key", "resume_code", "response_summary", "review", "audit_event",
    "web_session", "throttle", "key_check", "staff_user", "staff_role",
}  # fmt: skip


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(**WRITING) as connection, connection.begin():
        yield connection


@pytest.fixture
def empty(tmp_path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path}/other/intake.sqlite3")
    yield engine
    engine.dispose()


def schema_of(engine: Engine) -> dict[str, str]:
    """The text of every table and index, however it was wrapped and in whatever order its constraints stand."""
    with reading(engine) as session:
        rows = session.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('table', 'index')")).all()
    return {name: sorted(re.sub(r"\s+", " ", line).strip(" ,\t)") for line in sql.splitlines()) for name, sql in rows}


def tables_of(engine: Engine) -> set[str]:
    with reading(engine) as session:
        names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        return {name for name in names if not name.startswith("sqlite_")}


def test_all_tables_are_declared_on_one_metadata():
    assert intake.accounts.tables.StaffUser.metadata is Base.metadata
    assert set(Base.metadata.tables) == ALL_TABLES


def test_alembic_finds_no_difference_between_the_migrated_database_and_the_declared_tables(records: Records):
    with writing(records.engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_migrated_tables_are_letter_for_letter_the_declared_ones(records: Records, empty: Engine):
    with writing(empty) as connection:
        Base.metadata.create_all(connection)
    migrated = schema_of(records.engine)
    migrated.pop("alembic_version")
    assert migrated == schema_of(empty)


def test_up_down_and_up_again_with_data(records: Records, noise: list[Patient]):
    assert tables_of(records.engine) == ALL_TABLES | {"alembic_version"}
    with writing(records.engine) as connection:
        command.downgrade(migrations_config(connection), "base")
    assert tables_of(records.engine) == {"alembic_version"}
    upgrade(records.engine)
    keyring = open_keyring(records.engine, records.folder / "keyring.json")
    again = Records(records.engine, keyring, records.folder)
    assert clinic.queue_of(again) == []
    patient = clinic.begin(again, {"answer": "after"})
    clinic.send(again, patient)
    assert clinic.sent_of(again, patient.id).document == {"answer": "after"}


def test_an_upgrade_of_an_up_to_date_database_changes_nothing(records: Records, patient: Patient):
    before = schema_of(records.engine)
    upgrade(records.engine)
    assert schema_of(records.engine) == before
    assert clinic.draft_of(records, patient).document["answer"] == "mine"


def test_an_upgrade_that_stops_half_way_leaves_nothing(empty: Engine):
    with pytest.raises(ZeroDivisionError), writing(empty) as connection:
        command.upgrade(migrations_config(connection), "head")
        _ = 1 // 0
    assert tables_of(empty) == set()


def test_a_database_made_by_a_newer_version_is_left_alone(records: Records):
    with transaction(records.engine) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseIsNewer, match="newer version"):
        upgrade(records.engine)


def test_every_constraint_has_a_name_so_that_later_migrations_can_change_it():
    unnamed = [
        (table.name, constraint) for table in Base.metadata.tables.values() for constraint in table.constraints if not constraint.name
    ]
    assert unnamed == []
