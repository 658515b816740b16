"""A backup is of one moment, whole or refused, and never brings back what was erased; people work on meanwhile."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import Engine, select

from intake.records import backup, chain, erasing
from intake.records.database import Base, open_database, reading, transaction
from intake.records.errors import (
    BackupDamaged,
    BackupOfAnother,
    CannotRestore,
    DatabaseIsNewer,
    ErasuresMissing,
    KeyringMissing,
)
from intake.records.keyring import open_keyring, read_keyring
from intake.records.verify import verify as verify_trail
from tests.databases import Database, DatabaseIn
from tests.records import clinic
from tests.records.clinic import MOSS, NOW, Patient, Records


@pytest.fixture
def lived(records: Records, noise: list[Patient]) -> Records:
    """Drafts, sent responses, a review, and a file of erasures."""
    clinic.review(records, noise[2].id, "read")
    assert records.keyring.erasures is not None
    records.keyring.erasures.touch()
    return records


@pytest.fixture
def other(database_in: DatabaseIn, tmp_path: Path) -> Iterator[Database]:
    """An empty installation."""
    with database_in(tmp_path / "other", empty=True) as database:
        database.instance.mkdir(parents=True, exist_ok=True)
        yield database


def create(records: Records, name: str = "backup.zip") -> Path:
    out = records.folder / name
    backup.create(records.engine, records.keyring, out, now=NOW)
    return out


def brought_to(other: Database, lived: Records, *, erasures: bool = True) -> Engine:
    """What an operator puts into the folder by hand first."""
    shutil.copy(lived.folder / "keyring.json", other.instance / "keyring.json")
    if erasures:
        shutil.copy(lived.folder / "erasures", other.instance / "erasures")
    engine = open_database(other.url)
    other.engines.append(engine)
    return engine


def restore(path: Path, other: Database, lived: Records, **how: bool) -> Records:
    engine = brought_to(other, lived, erasures=how.get("erasures", True))
    keyring = read_keyring(other.instance / "keyring.json")
    without = how.get("without_erasures", False)
    backup.restore(path, engine, keyring, without_erasures=without, now=NOW + timedelta(days=1))
    return Records(engine, open_keyring(engine, other.instance / "keyring.json"), other)


def content(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with reading(engine) as sql:
        return {table.name: sorted(map(tuple, sql.execute(select(table)))) for table in Base.metadata.sorted_tables}


def test_every_row_comes_back_and_work_goes_on(lived: Records, noise: list[Patient], other: Database) -> None:
    before = content(lived.engine)
    path = create(lived)
    assert path.stat().st_mode & 0o777 == 0o600
    again = restore(path, other, lived)
    after = content(again.engine)
    assert after.pop("audit_event")[:-1] == before.pop("audit_event")  # and that it was restored
    assert after == before
    assert clinic.save(again, noise[0], {"more": "there"}) == 2
    assert clinic.send(again, noise[0]) == noise[0].reference
    assert {row.readable for row in clinic.queue_of(again)} == {True}
    with reading(again.engine) as sql:
        head = again.keyring.trail_head
        assert head is not None
        assert verify_trail(sql, again.keyring, chain.noted(head)).fault is None


def test_a_backup_says_what_is_in_it_and_no_key_is(lived: Records) -> None:
    path = create(lived)
    report = backup.verify(path, lived.keyring, lived.folder)
    assert (report.sent, report.drafts, report.wrong) == (2, 2, ())
    written = path.read_bytes()
    for key in lived.keyring.keys.values():
        assert key.secret not in written
    assert not list(lived.folder.glob(".*"))  # nothing was left lying beside it


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def torn(path: Path) -> None:
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + b"\0" * 50 + whole[middle + 50 :])


def rewritten(path: Path, change: Callable[[str, bytes], bytes]) -> None:
    with ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with ZipFile(path, "w") as archive:
        for name, held in files.items():
            archive.writestr(name, change(name, held))


def without_a_line(path: Path) -> None:
    rewritten(path, lambda name, held: held.split(b"\n", 1)[1] if name == "data_key.jsonl" else held)


def manifest_changed(path: Path) -> None:
    def change(name: str, held: bytes) -> bytes:
        return held.replace(b'"made_at": "2026', b'"made_at": "2027') if name == backup.MANIFEST else held

    rewritten(path, change)


def newer(path: Path) -> None:
    def change(name: str, held: bytes) -> bytes:
        if name != backup.MANIFEST:
            return held
        sealed = json.loads(held)
        sealed["manifest"]["format"] = backup.FORMAT + 1
        return json.dumps(sealed).encode()

    rewritten(path, change)


@pytest.mark.parametrize(
    ("spoil", "refused"),
    [
        (cut, BackupDamaged),
        (torn, BackupDamaged),
        (lambda path: path.write_bytes(b""), BackupDamaged),
        (without_a_line, BackupDamaged),
        (manifest_changed, BackupOfAnother),
        (newer, DatabaseIsNewer),
        (os.unlink, CannotRestore),
    ],
)
def test_what_is_no_whole_backup_is_refused_and_nothing_is_changed(
    lived: Records, other: Database, spoil: Callable[[Path], object], refused: type[Exception]
) -> None:
    path = create(lived)
    spoil(path)
    with pytest.raises(refused):
        backup.verify(path, lived.keyring, lived.folder)
    with pytest.raises(refused):
        restore(path, other, lived)
    assert not any(other.sql(f"SELECT 1 FROM {name}") for name in other.tables())


def test_a_backup_of_another_keyring_is_refused(lived: Records, other: Database, tmp_path: Path) -> None:
    path = create(lived)
    engine = brought_to(other, lived)
    (other.instance / "keyring.json").unlink()
    with pytest.raises(KeyringMissing):
        read_keyring(other.instance / "keyring.json")
    strange = Records(engine, lived.keyring.new())
    with pytest.raises(BackupOfAnother):
        backup.verify(path, strange.keyring, tmp_path)


def test_a_backup_goes_into_an_empty_database_only(lived: Records, other: Database) -> None:
    path = create(lived)
    engine = restore(path, other, lived).engine
    with pytest.raises(CannotRestore, match="not empty"):
        backup.restore(path, engine, lived.keyring, without_erasures=False, now=NOW)


# -- what was erased ---------------------------------------------------------------------------------------------------


def test_what_was_erased_since_is_not_brought_back(lived: Records, noise: list[Patient], other: Database) -> None:
    path = create(lived)
    for one in (noise[0], noise[2]):
        with transaction(lived.engine) as sql:
            erasing.erase(sql, one.id, MOSS, reason="asked", now=NOW)
    again = restore(path, other, lived)
    ids = {row[0] for row in other.sql("SELECT id FROM questionnaire_response")}
    assert ids == {noise[1].id, noise[3].id}
    assert {row.id for row in clinic.queue_of(again)} == {noise[3].id}


def test_a_restore_that_is_killed_before_it_erased_again_leaves_nothing(
    lived: Records, noise: list[Patient], other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = create(lived)
    with transaction(lived.engine) as sql:
        erasing.erase(sql, noise[2].id, MOSS, reason="asked", now=NOW)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(erasing, "erase_again", killed)
        restore(path, other, lived)
    assert not any(other.sql(f"SELECT 1 FROM {name}") for name in other.tables())
    assert noise[2].id not in {row.id for row in clinic.queue_of(restore(path, other, lived))}


def test_without_the_file_of_erasures_a_backup_is_refused_unless_that_is_said(lived: Records, other: Database) -> None:
    path = create(lived)
    with pytest.raises(ErasuresMissing, match="--no-erasures"):
        restore(path, other, lived, erasures=False)
    assert not any(other.sql(f"SELECT 1 FROM {name}") for name in other.tables())
    again = restore(path, other, lived, erasures=False, without_erasures=True)
    assert len(clinic.queue_of(again)) == 2
    assert (other.instance / "erasures").exists()
