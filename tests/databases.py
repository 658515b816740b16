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
from typing import Final

from sqlalchemy import Engine

from intake.records.database import open_database, private_folder, upgrade
from tests.postgresql import TEMPLATE, PostgresqlServer, run_server


class Database(ABC):
    """A database for an installation in `folder`; it has our tables already, and nothing in them, unless it was made `empty`."""

    kind: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engines: list[Engine] = []
        """What is disposed of when the test is over."""

    @property
    @abstractmethod
    def url(self) -> str:
        """What DATABASE_URL says."""

    @property
    def env(self) -> dict[str, str]:
        """The settings of an installation on it."""
        return {"INTAKE_INSTANCE": str(self.instance), "DATABASE_URL": self.url}

    @property
    def instance(self) -> Path:
        """The instance folder: the keyring, and SQLite's file."""
        return self.folder / "instance"

    @abstractmethod
    def make(self, *, empty: bool) -> None:
        """Make it."""

    @abstractmethod
    def remove(self) -> None:
        """Take it away again."""

    @classmethod
    @contextmanager
    def made(cls, folder: Path, *, empty: bool = False) -> Iterator[Database]:
        """One for as long as the block runs."""
        database = cls(folder)
        database.make(empty=empty)
        try:
            yield database
        finally:
            for engine in database.engines:
                engine.dispose()
            database.remove()


class Sqlite(Database):
    """A file in the instance folder, where it is by default."""

    kind = "sqlite"
    @property
    def env(self) -> dict[str, str]:
        """The settings of an installation on it: this file is what it uses when nothing else is said."""
        return {"INTAKE_INSTANCE": str(self.instance)}

    @property
    def url(self) -> str:
        """What DATABASE_URL says."""
        return f"sqlite:///{self.file}"

    @property
    def file(self) -> Path:
        """The database itself."""
        return self.instance / "intake.sqlite3"

    def make(self, *, empty: bool) -> None:
        """Copy the template."""
        if not empty:
            private_folder(self.instance)
            shutil.copy(_sqlite_template(), self.file)

    def remove(self) -> None:
        """The folder is pytest's to clear away."""


@cache
def _sqlite_template() -> Path:
    """A file with our tables, made once a process."""
    folder = Path(tempfile.mkdtemp(prefix="intake-sqlite-"))
    atexit.register(shutil.rmtree, folder)
    engine = open_database(f"sqlite:///{folder}/template.sqlite3")
    upgrade(engine)
    engine.dispose()
    return folder / "template.sqlite3"


class Postgresql(Database):
    """A database of its own on this run's server."""

    kind = "postgresql"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.server: PostgresqlServer = run_server()
        self.name = f"test_{uuid.uuid4().hex[:12]}"

    @property
    def url(self) -> str:
        """What DATABASE_URL says."""
        return self.server.url(self.name)

    def make(self, *, empty: bool) -> None:
        """Copy the template, or the empty one of PostgreSQL itself."""
        self.server.run_sql(f"CREATE DATABASE {self.name} TEMPLATE {'template0' if empty else TEMPLATE}")

    def remove(self) -> None:
        """Whoever is connected still is sent away."""
        self.server.run_sql(f"DROP DATABASE {self.name} WITH (FORCE)")


DatabaseIn = Callable[..., AbstractContextManager[Database]]
"""What the fixture `database_in` gives: `database_in(folder, empty=False)`."""

KINDS: Final[dict[str, type[Database]]] = {one.kind: one for one in (Sqlite, Postgresql)}
