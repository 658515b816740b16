"""What the running application holds: its settings, its database, its keys; and the two ways to work in that
database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from flask import current_app
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from intake.config import Settings
from intake.consultations import catalogue
from intake.consultations.catalogue import Catalogue
from intake.records import database
from intake.records.keyring import Keyring, open_keyring


@dataclass(frozen=True)
class Intake:
    """One installation, open: settings, database, keys, forms."""

    settings: Settings
    engine: Engine
    keyring: Keyring
    forms: Catalogue

    @classmethod
    def open(cls, settings: Settings) -> Intake:
        """Open the database, bring it up to date, and open its keyring, made now if this is the very first run.

        No connection is left open, so that a server may fork after this call. Raises CannotStart.
        """
        forms = catalogue.shipped()
        database.private_folder(settings.instance)
        engine = database.open_database(settings.database_url)
        database.upgrade(engine)
        keyring = open_keyring(engine, settings.keyring_file)
        engine.dispose()
        return cls(settings, engine, keyring, forms)


def current() -> Intake:
    """The installation that the running application serves."""
    return cast(Intake, current_app.extensions["intake"])


@contextmanager
def transaction() -> Iterator[Session]:
    """A session that may write, in the application's database (see `records.database.transaction`)."""
    with database.transaction(current().engine) as session:
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """A session that only reads, in the application's database (see `records.database.reading`)."""
    with database.reading(current().engine) as session:
        yield session


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)
