"""The database: how it is opened so that an acknowledged answer is never lost, and the two ways to work in it.

`transaction` is for whatever writes, `reading` for what only reads; both give a Connection, and every verb of the
records takes that first, calls it `sql`, and never commits. PostgreSQL promises the same as SQLite (security.md 3.11).
"""

import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    URL,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Table,
    TextClause,
    TypeDecorator,
    bindparam,
    create_engine,
    event,
    insert,
    inspect,
    literal,
    make_url,
    select,
    text,
)
from sqlalchemy import table as table_named
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import DeclarativeBase

from intake.records.errors import (
    CannotStart,
    DatabaseBusy,
    DatabaseFull,
    DatabaseIsNewer,
    DatabaseIsOlder,
    DatabaseUnreachable,
    DatabaseUnsafe,
    DatabaseUnusable,
    FolderUnusable,
    RecordsError,
)

if TYPE_CHECKING:
    from alembic.config import Config

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
PRAGMAS: Final[dict[str, tuple[str, object]]] = {  # name: what is set, and what must be read back
    "busy_timeout": ("10000", 10000),
    "foreign_keys": ("ON", 1),
    "secure_delete": ("ON", 1),
    "synchronous": ("FULL", 2),
    "temp_store": ("MEMORY", 2),
    "trusted_schema": ("OFF", 0),
}
POSTGRESQL_SETTINGS: Final[dict[str, str]] = {  # of every connection of ours; what SQLite's busy_timeout is there
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "5min",  # a program that hangs must not hold its locks for ever
}
POSTGRESQL_LINE: Final = {  # a server that is gone without a word is noticed, rather than waited for
    "connect_timeout": 10,  # seconds
    "tcp_user_timeout": 20_000,  # milliseconds
}
NOTES: Final = "intake_notes"  # under this a connection’s `info` holds the Notes of its transaction
READER: Final = "intake_reader"  # the option of an engine that names the one for `reading`, which has no such option
TURN: Final = "intake_turn"  # the option of an engine on SQLite that holds the turn of its writers in this process
ASK_AGAIN: Final = 0.001  # seconds between two tries at one of SQLite's locks, jittered
PATIENCE: Final = 15.0  # seconds after which a commit is given up: a person waits at the other end
SETUP_LOCK: Final = 0x696E74616B65  # PostgreSQL advisory lock “intake”; SQLite's write lock does the same there
MIGRATIONS: Final = Path(__file__).parent.parent / "migrations"


class Base(DeclarativeBase):
    """What every table of ours is declared on."""

    metadata = MetaData(naming_convention=NAMING)


@dataclass
class Notes:
    """What a transaction notes of itself: what it recorded events about, and what to do once it is committed."""

    recorded: set[object] = field(default_factory=set)
    once_committed: dict[str, Callable[[], None]] = field(default_factory=dict)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware datetimes in, aware UTC out, on SQLite too. Raises ValueError for a datetime without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("Times are kept in UTC: give a datetime with a time zone.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def open_database(url: str, *, named: str = "DATABASE_URL") -> Engine:
    """An engine on the database at `url`, which a complaint calls `named`; SQLite's folder (0700) and file (0600) are
    made when missing. What only reads goes through another one behind it (decision 0035).

    Connects once to see that every promise holds, then closes that connection again, so that a server may fork after
    this call. A process that has used the engine before it forks must call ``engine.dispose()`` first: SQLite's locks
    do not survive a fork. Raises DatabaseUnreachable, DatabaseUnusable, DatabaseUnsafe, FolderUnusable.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):  # a port that is no number is a ValueError
        address = URL.create("none")
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise DatabaseUnusable(
            f"{named} is no database address; write it as sqlite:////path/intake.sqlite3 or "
            f"postgresql+psycopg://user@host/name."
        )
    name = name_of(address)
    try:
        engine = _sqlite(address) if address.get_backend_name() == "sqlite" else _postgresql(address)
        with engine.connect(), _reader(engine).connect():
            pass
    except (DBAPIError, OSError, FolderUnusable) as error:
        if isinstance(error, DBAPIError) and _named(error) is DatabaseBusy:
            raise DatabaseUnreachable(
                f"The database {name} is in use by another program; stop that, then start again."
            ) from error
        raise _not_opened(name, address, error) from error
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise DatabaseUnusable(
            f"The database driver for {name} is not installed; write postgresql+psycopg:// or sqlite://."
        ) from error
    engine.dispose()
    return engine


def _not_opened(name: str, address: URL, error: Exception) -> CannotStart:
    """What hinders: a file, a server that is not there, or one that lets this program not in."""
    if address.get_backend_name() == "sqlite":
        return DatabaseUnusable(
            f"The database {name} cannot be opened; check that it exists and that this user may write it."
        )
    said = str(error.__cause__ or error)
    for sign, what in REFUSALS.items():
        if sign in said:
            return DatabaseUnusable(what.format(name))
    return DatabaseUnreachable(
        f"The database server of {name} does not answer; start it, or check the host and the port in DATABASE_URL."
    )


REFUSALS: Final[dict[str, str]] = {  # by what PostgreSQL says
    "password authentication": "The database {} does not know this user or password; check them in DATABASE_URL.",
    "authentication": "The database {} does not let this user in; check the user in DATABASE_URL and pg_hba.conf.",
    "pg_hba.conf entry": "The database {} does not let this user in; check the user in DATABASE_URL and pg_hba.conf.",
    "does not exist": "The database {} or its user does not exist; make them, or check DATABASE_URL.",
    "no password supplied": "The database {} asks for a password; write it into DATABASE_URL or a .pgpass file.",
}


def file_of(url: str) -> Path | None:
    """The file of an SQLite database, None for another address."""
    try:
        return _file(make_url(url))
    except (ArgumentError, ValueError):
        return None


def _file(address: URL) -> Path | None:
    named = address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:")
    return Path(str(address.database)) if named else None


def make_private(url: str) -> list[str]:
    """See that nobody else may read the file of an SQLite database that is there, as a copy brought back by hand may be
    read; gives a sentence on what was changed, if anything."""
    path = file_of(url)
    if path is None or not path.exists() or not path.stat().st_mode & 0o077 or path.stat().st_uid != os.getuid():
        return []
    path.chmod(0o600)
    return [f"Others on this machine could read the database {path}; now they cannot."]


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A connection that may write: all of it is kept when the block ends, nothing of it when the block raises.

    Takes SQLite's write lock at once (BEGIN IMMEDIATE); on PostgreSQL the verbs lock the row they read, for which they
    ask `may_write`. Either way a response read in it cannot change before it commits. Answers may be acknowledged once
    the block was left. Raises DatabaseBusy, DatabaseFull, DatabaseUnreachable.
    """
    notes = Notes()
    with named_failures(), _in_turn(engine), engine.begin() as sql:
        sql.info[NOTES] = notes
        yield sql
    for act in notes.once_committed.values():
        act()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database and cannot write. Raises DatabaseBusy, DatabaseUnreachable."""
    with named_failures(), _reader(engine).begin() as sql:
        sql.info[NOTES] = Notes()
        yield sql


@contextmanager
def _in_turn(engine: Engine) -> Iterator[None]:
    """One writer of this process at a time asks for SQLite's lock; the others wait without asking. Raises DatabaseBusy.

    Threads that all asked again and again would leave the lock unused between two tries, and take time from its holder.
    """
    turn: threading.Lock | None = engine.get_execution_options().get(TURN)
    if turn is None:
        yield
        return
    if not turn.acquire(timeout=PATIENCE):
        raise DatabaseBusy
    try:
        yield
    finally:
        turn.release()


def notes_of(sql: Connection) -> Notes:
    """What the transaction of this connection has noted so far."""
    notes: Notes = sql.info[NOTES]
    return notes


def keep_at_hand(engine: Engine, **options: Any) -> None:
    """Let every connection of this engine carry these, for whoever works on it."""
    for one in (engine, _reader(engine)):
        one.update_execution_options(**options)


def may_write(sql: Connection) -> bool:
    """Is this a connection of `transaction`?"""
    return READER in sql.get_execution_options()


def _reader(engine: Engine) -> Engine:
    reader: Engine = engine.get_execution_options()[READER]
    return reader


def insert_if_new(sql: Connection, table: Table, row: dict[str, Any]) -> None:
    """Add a row, unless one with its key is there or was added in this very moment; then that one stays as it is."""
    sql.execute(_insert_if_new(table, tuple(row)), row)


@cache
def _insert_if_new(table: Table, names: tuple[str, ...]) -> TextClause:
    # SQLAlchemy has this once for each database, and its module for PostgreSQL takes a start 0.15 s; the words are the
    # same in both
    statement = text(f"{insert(table).compile(column_keys=names)} ON CONFLICT DO NOTHING")
    return statement.bindparams(*(bindparam(name, type_=table.c[name].type) for name in names))


def upgrade(engine: Engine) -> None:
    """Bring the database to this program's tables, or leave it. Raises DatabaseIsNewer and what `transaction` does."""
    with transaction(engine) as sql:
        upgrade_within(sql)


def upgrade_within(connection: Connection) -> None:
    """The same inside a transaction that writes, to be kept if that is. Raises DatabaseIsNewer."""
    from alembic import command  # 0.15 s to import, needed once a start

    one_at_a_time(connection)
    refuse_newer(connection)
    command.upgrade(migrations_config(connection), "head")


def tables_in(connection: Connection) -> set[str]:
    """The names of the tables in the database, ours and others, without the one in which Alembic keeps its version."""
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


def with_rows(connection: Connection, names: Iterable[str]) -> list[str]:
    """Which of these tables hold anything, in order."""
    a_row = {name: select(literal(1)).select_from(table_named(name)).limit(1) for name in sorted(names)}
    return [name for name, query in a_row.items() if connection.scalar(query)]


def migrations_config(connection: Connection) -> "Config":
    """Alembic's configuration for our migrations over an open connection, whose transaction they become part of."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def one_at_a_time(connection: Connection) -> None:
    """Hold back other processes that set up the same database until this transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": SETUP_LOCK})


def journal_mode(version: tuple[int, int, int]) -> str:
    """WAL only where SQLite no longer loses commits in it (3.51.3, 3.50.7, 3.44.6 on; security.md 0.3)."""
    mended = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)
    return "wal" if mended else "truncate"


def private_folder(path: Path) -> None:
    """Make a folder that only this user may enter (0700), unless it is there. Raises FolderUnusable."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FolderUnusable(path) from error


def refuse_newer(connection: Connection) -> None:
    """See that this program knows the version of the tables. Raises DatabaseIsNewer."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(migrations_config(connection)).walk_revisions()}
    if set(MigrationContext.configure(connection).get_current_heads()) - known:
        raise DatabaseIsNewer(
            "The database was made by a newer version of this program; install that version or bring back a backup."
        )


def refuse_older(connection: Connection) -> None:
    """See that the tables are of this version, for what must not bring them up to date. Raises DatabaseIsOlder."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    refuse_newer(connection)
    heads = set(ScriptDirectory.from_config(migrations_config(connection)).get_heads())
    if set(MigrationContext.configure(connection).get_current_heads()) != heads:
        raise DatabaseIsOlder(
            "The database was made by an older version of this program; start this one once, to bring it up to date."
        )


def name_of(address: URL) -> str:
    """What to call a database in a message: without its password, which can stand behind the question mark as well."""
    if address.get_backend_name() == "sqlite":
        return str(address.database or address)
    # a password with an @ that was not escaped stands in what was read as these
    if "@" in f"{address.host}{address.database}":
        return f"{address.drivername}://…"
    return address.set(query={}).render_as_string(hide_password=True)


def _sqlite(address: URL) -> Engine:
    if (path := _file(address)) is not None:
        private_folder(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its journal the same mode
    reader = create_engine(address, hide_parameters=True)
    engine = create_engine(address, hide_parameters=True, execution_options={READER: reader, TURN: threading.Lock()})
    for listened_to, moment, act in (
        (reader, "do_connect", _never_make_a_file),
        (reader, "connect", _set_pragmas),
        (reader, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON").close()),
        (reader, "begin", lambda sql: sql.exec_driver_sql("BEGIN")),
        (engine, "do_connect", _never_make_a_file),
        (engine, "connect", _set_pragmas),
        # a writer asks by itself: SQLite's own waiting sleeps longer and longer, so that whoever came last goes first
        (engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=0").close()),
        (
            engine,
            "begin",
            lambda sql: _ask_until_free(sql, "BEGIN IMMEDIATE", float(PRAGMAS["busy_timeout"][0]) / 1000),
        ),
        # A COMMIT that finds readers in its way leaves the transaction open and can be tried again; no new reader comes
        # in meanwhile. The driver's own commit, which SQLAlchemy calls next, then has nothing left to do.
        (engine, "commit", lambda sql: _ask_until_free(sql, "COMMIT", PATIENCE)),
        (engine, "engine_disposed", lambda _: reader.dispose()),
    ):
        event.listen(listened_to, moment, act)
    return engine


def _never_make_a_file(_dialect: Dialect, _record: object, arguments: list[Any], named: dict[str, Any]) -> None:
    """A connection that is opened while the file is away must not find an empty one, made by SQLite in its place."""
    if arguments[0] != ":memory:" and not named.get("uri"):
        arguments[0], named["uri"] = f"{Path(arguments[0]).absolute().as_uri()}?mode=rw", True


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    """Every promise set and read back; a build of SQLite that silently ignores one is not used."""
    connection.isolation_level = None  # the driver begins nothing by itself; the listeners to “begin” do
    wanted = PRAGMAS | {"journal_mode": (mode := journal_mode(sqlite3.sqlite_version_info), mode)}
    for pragma, (value, expected) in wanted.items():
        connection.execute(f"PRAGMA {pragma}={value}").close()
        got = connection.execute(f"PRAGMA {pragma}").fetchone()
        if got is None or got[0] != expected:
            raise DatabaseUnsafe(
                f"SQLite did not accept “PRAGMA {pragma}={value}”; use a file on a local disk and SQLite 3.40 or newer."
            )


def _ask_until_free(connection: Connection, statement: str, seconds: float) -> None:
    """Do what needs a lock, asking every few milliseconds while another program holds it (decision 0016)."""
    until = time.monotonic() + seconds
    while True:
        try:
            connection.exec_driver_sql(statement)
            return
        except OperationalError as error:
            if _named(error) is not DatabaseBusy or time.monotonic() > until:
                raise
        time.sleep(ASK_AGAIN * random.uniform(0.5, 1.5))  # noqa: S311 - spreads the tries, guards nothing # nosec B311


def _postgresql(address: URL) -> Engine:
    # Eight processes of eight threads each stay within the 100 connections that a server has by default.
    pool = {"pool_pre_ping": True, "pool_size": 8, "max_overflow": 4}
    engine = create_engine(address, hide_parameters=True, connect_args=POSTGRESQL_LINE, **pool)
    event.listen(engine, "connect", _set_up_postgresql)
    event.listen(engine, "begin", _begin_postgresql)
    engine.update_execution_options(**{READER: engine.execution_options()})  # the same connections
    return engine


def _set_up_postgresql(connection: Any, _record: object) -> None:
    """Every setting set, and the promises that are the server's to keep read back."""
    with connection.cursor() as cursor:
        for name, value in POSTGRESQL_SETTINGS.items():
            cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
        cursor.execute("SELECT current_setting('synchronous_commit'), current_setting('server_encoding')")
        durable, encoding = cursor.fetchone()
    connection.commit()
    if durable == "off":
        raise DatabaseUnsafe("PostgreSQL runs with synchronous_commit=off; set it to on for this database.")
    if encoding != "UTF8":
        raise DatabaseUnsafe(f"The database keeps its text as {encoding}; make one with the encoding UTF8.")


def _begin_postgresql(connection: Connection) -> None:
    """What only reads sees one state from its first statement to its last, as on SQLite."""
    if not may_write(connection):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


Failure = Callable[[], RecordsError]
_unreachable: Final[Failure] = partial(
    DatabaseUnreachable,
    "The database cannot be read or written; check that it is there, is whole, and that this user may write it.",
)
SQLITE_FAILURES: Final[dict[int, Failure]] = {  # by SQLite's primary result code
    sqlite3.SQLITE_BUSY: DatabaseBusy,
    sqlite3.SQLITE_LOCKED: DatabaseBusy,
    sqlite3.SQLITE_FULL: DatabaseFull,
    sqlite3.SQLITE_READONLY: _unreachable,  # also: the file was moved away or replaced while it was open
    sqlite3.SQLITE_PERM: _unreachable,
    sqlite3.SQLITE_IOERR: _unreachable,
    sqlite3.SQLITE_CORRUPT: _unreachable,
    sqlite3.SQLITE_CANTOPEN: _unreachable,
    sqlite3.SQLITE_NOTADB: _unreachable,
}
POSTGRESQL_FAILURES: Final[dict[str, Failure]] = {  # by the SQLSTATE, else by its class
    "40": DatabaseBusy,  # two waited for each other
    "55": DatabaseBusy,  # a lock was not had in time
    "53": DatabaseBusy,  # no memory, no connection left
    "53100": DatabaseFull,
    "08": _unreachable,
    "25006": _unreachable,  # a standby, which takes no writes
    "42501": _unreachable,  # this user may not do it
    "57": _unreachable,  # the server stops or starts
    "58": _unreachable,  # its files cannot be read
    "XX": _unreachable,  # its files are damaged
}


def _named(error: DBAPIError) -> Failure | None:
    """The named failure a driver's error stands for, if it is one that can happen to a sound program."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return SQLITE_FAILURES.get(code & 0xFF)
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return POSTGRESQL_FAILURES.get(state) or POSTGRESQL_FAILURES.get(state[:2])
    return _unreachable if error.connection_invalidated or isinstance(error, OperationalError) else None


@contextmanager
def named_failures() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        failure = _named(error)
        if failure is None:
            raise
        raise failure() from error
