"""What the running application holds: settings, database, keys, forms; and the two ways to work in that database."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import cast

from flask import current_app
from sqlalchemy import Connection, Engine

from intake.config import Settings
from intake.consultations import catalogue
from intake.consultations.catalogue import Catalogue
from intake.records import audit, database, form_files
from intake.records.audit import AuditAction, Entity, Subject
from intake.records.errors import ProductionDatabase
from intake.records.keyring import Keyring, open_keyring
from intake.records.sealing_anew import seal_anew


@dataclass(frozen=True)
class Installation:
    """One installation, open: settings, database, keys, forms."""

    settings: Settings
    engine: Engine
    keyring: Keyring
    forms: Catalogue
    missing_forms: tuple[str, ...] = ()
    """The versions, as `url|version`, that responses are bound to and no file has."""

    @property
    def warnings(self) -> list[str]:
        """What does not hinder a start, in one line each."""
        names, folder = ", ".join(self.missing_forms), catalogue.OWN_FOLDER
        return [f"Responses to {names} stay closed until the file is back in the folder {folder}."] if names else []

    @classmethod
    def open(cls, settings: Settings) -> Installation:
        """Open the database, bring it up to date, and open its keyring, made now if this is the very first run.

        No connection is left open, however this ends, so that a server may fork after this call. Raises
        QuestionnaireError before anything is opened, and CannotStart.
        """
        forms = catalogue.open(settings.instance, settings.questionnaire)
        database.private_folder(settings.instance)
        engine = database.open_database(settings.database_url)
        try:
            database.upgrade(engine)
            missing = form_files.recorded(engine, forms.sha256)
            keyring = open_keyring(engine, settings.keyring_file, settings.instance)
            seal_anew(engine, keyring)
            if settings.tryout:
                _refuse_production(engine)
            return cls(settings, engine, keyring, forms, missing)
        finally:
            engine.dispose()


def is_set_up(settings: Settings) -> bool:
    """Whether there is something to open, found out without making anything. Raises CannotStart."""
    if settings.keyring_file.exists():
        return True
    path = database.file_of(settings.database_url)
    if path is not None:
        return path.exists()
    engine = database.open_database(settings.database_url)
    with database.reading(engine) as sql:
        found = bool(database.tables_in(sql))
    engine.dispose()
    return found


def mark_as_production(intake: Installation) -> None:
    """Let the trail say, once, that this installation serves patients: no try-out opens it from then on."""
    if intake.settings.tryout:
        return
    with database.transaction(intake.engine) as sql:
        if not audit.ever(sql, AuditAction.PRODUCTION_BEGUN):
            subject = Subject(Entity.RECORDS)
            audit.record(sql, AuditAction.PRODUCTION_BEGUN, audit.COMMAND_LINE, subject, now=now())


def _refuse_production(engine: Engine) -> None:
    with database.reading(engine) as sql:
        if audit.ever(sql, AuditAction.PRODUCTION_BEGUN):
            raise ProductionDatabase


def current() -> Installation:
    """The installation that the running application serves."""
    return cast(Installation, current_app.extensions["intake"])


def transaction() -> AbstractContextManager[Connection]:
    """A connection that may write, to the application's database (see `records.database.transaction`)."""
    return database.transaction(current().engine)


def reading() -> AbstractContextManager[Connection]:
    """A connection that only reads, to the application's database (see `records.database.reading`)."""
    return database.reading(current().engine)


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The day on the clinic's calendar."""
    return now().astimezone(current().settings.clinic_timezone).date()
