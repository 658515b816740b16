"""A backup: every row of one moment in one file, checked as a whole, and brought back into an empty installation.

The file is a zip of JSON lines, one member a table, and a manifest under a keyed MAC. What patients typed stands in it
sealed as in the database; the keyring is never in it, and without the keyring nobody makes one that is believed.
"""

import base64
import hashlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, Final
from zipfile import BadZipFile, ZipFile

from sqlalchemy import Connection, Engine, Table, insert, select, text

import intake
from intake.records import audit, chain, data_keys, erasing, sent
from intake.records.audit import COMMAND_LINE, AuditAction, Entity, Subject
from intake.records.chain import Head
from intake.records.cipher import key_id_of
from intake.records.database import (
    Base,
    keep_at_hand,
    migrations_config,
    name_of,
    open_database,
    reading,
    refuse_newer,
    tables_in,
    transaction,
    upgrade_within,
    with_rows,
)
from intake.records.errors import (
    BackupDamaged,
    BackupOfAnother,
    CannotOpen,
    CannotRestore,
    DatabaseIsNewer,
    ErasuresMissing,
)
from intake.records.keyring import AT_HAND, Keyring
from intake.records.sealed import FIRST_KEY_ID, KEY_ID
from intake.records.sealing_anew import begin_erasures
from intake.records.tables import DATA_KEYS, EVENTS, IN_PROGRESS, RESPONSES
from intake.records.verify import verify as verify_trail

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Report:
    """What a backup holds, and what is wrong in it."""

    made_at: str
    rows: int
    sent: int
    drafts: int
    wrong: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """In one line."""
        return f"{self.rows} rows of {self.made_at}: {self.sent} sent responses, {self.drafts} drafts"


# -- making one --------------------------------------------------------------------------------------------------------


def create(engine: Engine, keyring: Keyring, out: Path, *, now: datetime) -> Report:
    """Write a backup of this moment to a file that is not there yet, whole or not at all; people go on working.

    Raises OSError where the file cannot be written, and what `reading` does.
    """
    part = out.with_name(f".{out.name}.part")
    try:
        # a mode is needed
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with _snapshot(engine, out.parent) as source, reading(source) as sql:
                report = _write(sql, keyring, file, now)
            file.flush()
            os.fsync(file.fileno())
        part.rename(out)
    finally:
        with suppress(OSError):
            part.unlink()
    return report


@contextmanager
def _snapshot(engine: Engine, folder: Path) -> Iterator[Engine]:
    """What stays as it is while it is read. On SQLite a reader would hold up every commit: so its file is copied in one
    go, and read at leisure. What patients typed is sealed in the copy too."""
    if engine.dialect.name != "sqlite":
        yield engine
        return
    copied = folder / f".{os.getpid()}-{os.urandom(4).hex()}.snapshot"
    os.close(os.open(copied, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    snapshot = None
    try:
        source, target = sqlite3.connect(str(engine.url.database), timeout=15), sqlite3.connect(copied)
        try:
            source.backup(target)
        finally:
            source.close()
            target.close()
        snapshot = open_database(f"sqlite:///{copied}")
        yield snapshot
    finally:
        if snapshot is not None:
            snapshot.dispose()
        for left in folder.glob(f"{copied.name}*"):
            left.unlink()


def _write(sql: Connection, keyring: Keyring, file: IO[bytes], now: datetime) -> Report:
    tables: dict[str, Any] = {}
    with ZipFile(file, "w", allowZip64=True) as archive:
        for table in Base.metadata.sorted_tables:
            with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as member:
                tables[table.name] = _write_table(sql, table, member)
        head = sql.execute(select(EVENTS.c.n, EVENTS.c.mac).order_by(EVENTS.c.n.desc()).limit(1)).one_or_none()
        manifest = {
            "format": FORMAT,
            "intake": intake.__version__,
            "revision": sql.scalar(text("SELECT version_num FROM alembic_version")),
            "made_at": now.isoformat(timespec="seconds"),
            "tables": tables,
            "head": {"n": head.n if head else 0, "mac": (head.mac or b"").hex() if head else ""},
        }
        sealed = {"manifest": manifest, "mac": _mac(keyring, manifest)}
        archive.writestr(MANIFEST, json.dumps(sealed, indent=1))
    drafts = select(RESPONSES.c.id).where(RESPONSES.c.status == IN_PROGRESS)
    count = len(sql.execute(drafts).all())
    rows = sum(table["rows"] for table in tables.values())
    return Report(str(manifest["made_at"]), rows, tables["questionnaire_response"]["rows"] - count, count)


def _write_table(sql: Connection, table: Table, member: IO[bytes]) -> dict[str, Any]:
    digest, count = hashlib.sha256(), 0
    with sql.execute(select(table).execution_options(yield_per=BATCH)) as rows:
        for row in rows:
            line = json.dumps([_to_json(value) for value in row], ensure_ascii=False).encode() + b"\n"
            digest.update(line)
            member.write(line)
            count += 1
    return {"columns": [column.name for column in table.c], "rows": count, "sha256": digest.hexdigest()}


# -- looking at one ----------------------------------------------------------------------------------------------------


def verify(path: Path, keyring: Keyring, folder: Path) -> Report:
    """See that a backup is whole: bring it into a database of its own in a temporary folder, open every sent response,
    look at every draft's seal, follow the trail. Raises BackupDamaged, BackupOfAnother, DatabaseIsNewer."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".verify-") as place:
        engine = open_database(f"sqlite:///{place}/backup.sqlite3")
        try:
            manifest = _bring(path, engine, keyring)
            return _look(engine, keyring, manifest)
        finally:
            engine.dispose()


def _look(engine: Engine, keyring: Keyring, manifest: dict[str, Any]) -> Report:
    wrong, opened, drafts = [], 0, 0
    with reading(engine) as sql:
        verdict = verify_trail(sql, keyring, _head(manifest))
        if verdict.fault is not None:
            wrong.append(f"event {verdict.fault.n} of the trail {verdict.fault.what}")
        held = set(sql.scalars(select(DATA_KEYS.c.response_id).where(DATA_KEYS.c.holder == data_keys.CODE)))
        for row in sql.execute(select(RESPONSES.c.id, RESPONSES.c.content).where(RESPONSES.c.status == IN_PROGRESS)):
            drafts += 1
            if row.id not in held or key_id_of(row.content) not in (KEY_ID, FIRST_KEY_ID):
                wrong.append(f"the draft {row.id} is not sealed as one is")
        for id, reference in sql.execute(select(RESPONSES.c.id, RESPONSES.c.reference).where(sent.IS_SENT)).all():
            try:
                sent.check(sql, keyring, id)
                opened += 1
            except CannotOpen:
                wrong.append(f"the sent response {reference} does not open")
    rows = sum(table["rows"] for table in manifest["tables"].values())
    return Report(manifest["made_at"], rows, opened, drafts, tuple(wrong))


# -- bringing one back -------------------------------------------------------------------------------------------------


def restore(path: Path, engine: Engine, keyring: Keyring, *, without_erasures: bool, now: datetime) -> Report:
    """Bring a backup into an empty database, whole or not at all, and erase again what was erased since it was made.

    Raises ErasuresMissing if there is no file of erasures and that was not allowed, CannotRestore, BackupDamaged,
    BackupOfAnother, DatabaseIsNewer.
    """
    erasures, note = keyring.erasures, keyring.trail_head
    assert erasures is not None, "it stands in the instance folder"
    assert note is not None, "it stands in the instance folder"
    if not erasures.exists() and not without_erasures:
        raise ErasuresMissing(erasures)
    keep_at_hand(engine, **{AT_HAND: keyring})
    noted = chain.noted(note)

    def erase_and_record(sql: Connection, manifest: dict[str, Any]) -> None:
        if not erasures.exists():
            begin_erasures(erasures)
        for id in erasing.was_erased(keyring, erasures, list(sql.scalars(select(RESPONSES.c.id)))):
            erasing.erase_again(sql, id, now=now)
        before = noted.n if noted else "-"
        detail = f"backup of {manifest['made_at']}, up to event {_head(manifest).n}; noted before: {before}"
        audit.record(sql, AuditAction.RESTORED, COMMAND_LINE, Subject(Entity.RECORDS), detail=detail, now=now)
        note.unlink(missing_ok=True)  # the newest event is this one, however many came after the backup elsewhere

    manifest = _bring(path, engine, keyring, erase_and_record)
    return _look(engine, keyring, manifest | {"head": {"n": 0, "mac": ""}})


def _bring(
    path: Path,
    engine: Engine,
    keyring: Keyring,
    finish: Callable[[Connection, dict[str, Any]], None] = lambda *_: None,
) -> dict[str, Any]:
    """Every row of a backup into an empty database, in one transaction, in which `finish` has the last word: nothing
    of a backup is ever there without what it does. Gives the manifest."""
    try:
        with ZipFile(path) as archive, transaction(engine) as sql:
            manifest = _manifest(archive, keyring)
            _refuse_filled(sql, name_of(engine.url))
            _upgrade_to(sql, manifest["revision"])
            for table in Base.metadata.sorted_tables:
                if told := manifest["tables"].get(table.name):
                    with archive.open(f"{table.name}.jsonl") as member:
                        _read_table(sql, table, told, member)
            upgrade_within(sql)
            finish(sql, manifest)
            return manifest
    except (BadZipFile, KeyError, ValueError, TypeError, EOFError) as error:
        raise BackupDamaged(path) from error
    except OSError as error:
        raise CannotRestore(f"{path} cannot be read: {error.strerror}.") from error


def _manifest(archive: ZipFile, keyring: Keyring) -> dict[str, Any]:
    """The manifest, if it is of this keyring and of a program no newer than this one."""
    sealed = json.loads(archive.read(MANIFEST))
    manifest: dict[str, Any] = sealed["manifest"]
    if manifest["format"] > FORMAT:
        raise DatabaseIsNewer("The backup was made by a newer version of this program; install that version.")
    if _mac(keyring, manifest) != sealed["mac"]:
        raise BackupOfAnother
    return manifest


def _upgrade_to(sql: Connection, revision: str) -> None:
    """The tables as they were when the backup was made."""
    from alembic import command
    from alembic.script import ScriptDirectory

    config = migrations_config(sql)
    if revision not in {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}:
        raise DatabaseIsNewer("The backup was made by a newer version of this program; install that version.")
    refuse_newer(sql)
    command.upgrade(config, revision)


def _refuse_filled(sql: Connection, name: str) -> None:
    filled = with_rows(sql, tables_in(sql))
    if filled:
        raise CannotRestore(
            f"The database {name} is not empty (there is the table {filled[0]}); restore into an empty installation."
        )


def _read_table(sql: Connection, table: Table, told: dict[str, Any], member: IO[bytes]) -> None:
    digest, count, batch = hashlib.sha256(), 0, []
    columns = told["columns"]
    for line in member:
        digest.update(line)
        count += 1
        batch.append(dict(zip(columns, map(_from_json, json.loads(line)), strict=True)))
        if len(batch) == BATCH:
            sql.execute(insert(table), batch)
            batch = []
    if batch:
        sql.execute(insert(table), batch)
    if (count, digest.hexdigest()) != (told["rows"], told["sha256"]):
        raise ValueError(table.name)


# -- values ------------------------------------------------------------------------------------------------------------


def _to_json(value: Any) -> Any:
    match value:
        case bytes():
            return {"b": base64.b64encode(value).decode()}
        case datetime():
            return {"t": value.isoformat()}
        case date():
            return {"d": value.isoformat()}
        case _:
            return value


def _from_json(value: Any) -> Any:
    match value:
        case {"b": written}:
            return base64.b64decode(written)
        case {"t": written}:
            return datetime.fromisoformat(written)
        case {"d": written}:
            return date.fromisoformat(written)
        case _:
            return value


def _mac(keyring: Keyring, manifest: dict[str, Any]) -> str:
    return keyring.mac("backup manifest", json.dumps(manifest, sort_keys=True)).hex()


def _head(manifest: dict[str, Any]) -> Head:
    return Head(manifest["head"]["n"], bytes.fromhex(manifest["head"]["mac"]))
