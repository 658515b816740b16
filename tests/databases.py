"""The database of a test, on SQLite or on PostgreSQL: where it is, and what can befall it."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import psutil
from sqlalchemy import Connection, Engine, ExceptionContext, NullPool, create_engine, event, inspect, text

from intake.records.database import open_database, private_folder, upgrade
from tests.postgresql import TEMPLATE, PostgresqlServer, run_server


class Database(ABC):
    """A database for an installation in `folder`; it has our tables already, and nothing in them, unless it was made
    `empty`."""

    kind: str
    url: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engines: list[Engine] = []
        """What is disposed of when the test is over."""

    @classmethod
    @contextmanager
    def made(cls, folder: Path, *, empty: bool = False, **more: Any) -> Iterator[Database]:
        """One for as long as the block runs."""
        database = cls(folder, **more)
        database.make(empty=empty)
        try:
            yield database
        finally:
            for engine in database.engines:
                engine.dispose()
            database.remove()

    @property
    def env(self) -> dict[str, str]:
        """The settings of an installation on it."""
        return {"INTAKE_INSTANCE": str(self.instance), "DATABASE_URL": self.url}

    @property
    def instance(self) -> Path:
        """The instance folder: the keyring, and SQLite's file."""
        return self.folder / "instance"

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """As another program that keeps to none of our rules: each statement is a transaction of its own."""
        engine = create_engine(self.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield connection

    def sql(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """One statement of another program; its rows, if it has some."""
        with self.connected() as connection:
            result = connection.execute(text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    def tables(self) -> set[str]:
        """The names of all tables."""
        with self.connected() as connection:
            return set(inspect(connection).get_table_names())

    @abstractmethod
    def make(self, *, empty: bool) -> None:
        """Make it."""

    @abstractmethod
    def remove(self) -> None:
        """Take it away again."""

    @abstractmethod
    def held(self, *, readers_too: bool = False) -> AbstractContextManager[None]:
        """As long as the block runs another program keeps everybody from writing; from reading as well if
        `readers_too`."""

    @abstractmethod
    def away(self) -> AbstractContextManager[None]:
        """As long as the block runs the database is not where it was; whoever uses it is cut off."""

    @abstractmethod
    def ruin(self) -> None:
        """What is there is no database any more."""

    @abstractmethod
    def stopped_at(self, when: str, table: str) -> AbstractContextManager[None]:
        """As long as the block runs, INSERT, UPDATE or DELETE on this table ends with “stopped here”."""

    def files(self) -> dict[str, bytes]:
        """All that stands on the disk of it, and of the instance folder."""
        places = {self.instance, *self.on_disk()}
        return {path.name: path.read_bytes() for place in places for path in place.rglob("*") if path.is_file()}

    @abstractmethod
    def on_disk(self) -> list[Path]:
        """The folders with its files, everything written there."""

    @abstractmethod
    def store_uncompressed(self) -> None:
        """What is written from here on stands in the files byte for byte."""

    @abstractmethod
    def lock_watch(self, engine: Engine) -> AbstractContextManager[Callable[[], bool]]:
        """As long as the block runs, tells whether somebody who works through this engine had to wait for a lock."""

    @abstractmethod
    def opened_by(self, process: psutil.Process) -> bool:
        """Does this process hold a connection to it?"""


# -- SQLite ------------------------------------------------------------------------------------------------------------


class Sqlite(Database):
    """A file in the instance folder, where it is by default."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.file = self.instance / "intake.sqlite3"
        self.url = f"sqlite:///{self.file}"

    @property
    def env(self) -> dict[str, str]:
        """The settings of an installation on it: this file is what it uses when nothing else is said."""
        return {"INTAKE_INSTANCE": str(self.instance)}

    def make(self, *, empty: bool) -> None:
        """A copy of the template."""
        if not empty:
            private_folder(self.instance)
            shutil.copy(_sqlite_template(), self.file)

    def remove(self) -> None:
        """The folder is pytest's to clear away."""

    @contextmanager
    def held(self, *, readers_too: bool = False) -> Iterator[None]:
        """SQLite's write lock."""
        with self.connected() as other:
            other.exec_driver_sql("BEGIN EXCLUSIVE" if readers_too else "BEGIN IMMEDIATE")
            yield
            other.exec_driver_sql("COMMIT")

    @contextmanager
    def away(self) -> Iterator[None]:
        """The file has another name."""
        away = self.file.rename(self.file.with_name("away"))
        yield
        away.rename(self.file)

    def ruin(self) -> None:
        """The file holds something else."""
        self.file.write_bytes(b"this is no database " * 500)

    @contextmanager
    def stopped_at(self, when: str, table: str) -> Iterator[None]:
        """A trigger."""
        self.sql(f"CREATE TRIGGER stop BEFORE {when} ON {table} BEGIN SELECT RAISE(ABORT, 'stopped here'); END")
        yield
        self.sql("DROP TRIGGER stop")

    def on_disk(self) -> list[Path]:
        """The instance folder holds everything."""
        return [self.instance]

    def store_uncompressed(self) -> None:
        """It always does."""

    @contextmanager
    def lock_watch(self, engine: Engine) -> Iterator[Callable[[], bool]]:
        """By the refusals: whoever wants to write asks for the lock again and again."""
        refusals: list[ExceptionContext] = []
        note = refusals.append
        event.listen(engine, "handle_error", note)
        yield lambda: bool(refusals)
        event.remove(engine, "handle_error", note)

    def opened_by(self, process: psutil.Process) -> bool:
        """By the files it has open."""
        return str(self.file.resolve()) in [opened.path for opened in process.open_files()]


@cache
def _sqlite_template() -> Path:
    """A file with our tables, made once a process."""
    folder = Path(tempfile.mkdtemp(prefix="intake-sqlite-"))
    atexit.register(shutil.rmtree, folder)
    engine = open_database(f"sqlite:///{folder}/template.sqlite3")
    upgrade(engine)
    engine.dispose()
    return folder / "template.sqlite3"


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


class Postgresql(Database):
    """A database of its own on this run's server, or on another."""

    kind = "postgresql"

    def __init__(self, folder: Path, server: PostgresqlServer | None = None) -> None:
        super().__init__(folder)
        self.server = server or run_server()
        self.name = f"test_{uuid.uuid4().hex[:12]}"
        self.url = self.server.url(self.name)

    def make(self, *, empty: bool) -> None:
        """A copy of the template, or of PostgreSQL's own empty one."""
        self.server.run_sql(f"CREATE DATABASE {self.name} TEMPLATE {'template0' if empty else TEMPLATE}")

    def remove(self) -> None:
        """Whoever is connected still is sent away."""
        self.server.run_sql(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    @contextmanager
    def held(self, *, readers_too: bool = False) -> Iterator[None]:
        """A lock on every table."""
        with self.connected() as other:
            other.exec_driver_sql("BEGIN")
            mode = "ACCESS EXCLUSIVE" if readers_too else "EXCLUSIVE"
            other.exec_driver_sql(f"LOCK TABLE {', '.join(sorted(self.tables()))} IN {mode} MODE")
            yield
            other.exec_driver_sql("COMMIT")

    @contextmanager
    def away(self) -> Iterator[None]:
        """The database has another name, and whoever was connected is cut off."""
        self.cut_off()
        self.server.run_sql(f"ALTER DATABASE {self.name} RENAME TO {self.name}_away")
        yield
        self.server.run_sql(f"ALTER DATABASE {self.name}_away RENAME TO {self.name}")

    def ruin(self) -> None:
        """It is gone."""
        self.remove()

    @contextmanager
    def stopped_at(self, when: str, table: str) -> Iterator[None]:
        """A trigger and its function."""
        self.sql(
            "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stopped here'; END $$"
        )
        self.sql(f"CREATE TRIGGER stop BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION stop()")
        yield
        self.sql("DROP FUNCTION stop() CASCADE")

    def on_disk(self) -> list[Path]:
        """The tables' own files. (The server's journal and its log are shared with other tests.)"""
        self.server.run_sql("CHECKPOINT")
        ((oid,),) = self.server.run_sql(f"SELECT oid FROM pg_database WHERE datname = '{self.name}'")
        return [self.server.data / "base" / str(oid)]

    def store_uncompressed(self) -> None:
        """Long values are compressed otherwise."""
        for table, column in self.sql(
            "SELECT table_name, column_name FROM information_schema.columns WHERE udt_name = 'bytea'"
        ):
            if table in self.tables():
                self.sql(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")

    @contextmanager
    def lock_watch(self, engine: Engine) -> Iterator[Callable[[], bool]]:
        """By the server's own list."""
        waiting = "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = "
        yield lambda: bool(self.server.run_sql(f"{waiting}'{self.name}'"))

    def opened_by(self, process: psutil.Process) -> bool:
        """By its sockets: the server talks on nothing else, and a process of ours has no other of this sort."""
        return bool(process.net_connections("unix"))

    def cut_off(self) -> None:
        """Send everybody away who is connected."""
        self.server.run_sql(
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{self.name}'"
        )


KINDS: Final[dict[str, type[Database]]] = {one.kind: one for one in (Sqlite, Postgresql)}

DatabaseIn = Callable[..., AbstractContextManager[Database]]
"""What the fixture `database_in` gives: `database_in(folder, empty=False)`."""
