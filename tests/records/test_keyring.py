"""The keyring is made once, read by its owner only, and belongs to one database."""

import json
import multiprocessing
import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from intake.records import keyring
from intake.records.database import open_database, transaction, upgrade
from intake.records.errors import CannotOpen, CannotStart, FolderUnusable, KeyringMissing, KeyringTooOpen, KeyringWrong
from intake.records.keyring import Keyring, open_keyring
from tests.databases import Database, DatabaseIn
from tests.records import clinic
from tests.records.clinic import Records


@pytest.fixture
def path(records: Records) -> Path:
    return records.folder / "keyring.json"


def files_in(folder: Path) -> list[str]:
    """The names of what stands there, without what SQLite keeps beside its database."""
    return sorted(name for name in os.listdir(folder) if not name.endswith(("-journal", "-wal", "-shm")))


def test_the_first_start_makes_a_keyring_and_the_next_reads_the_same(records: Records, path: Path):
    assert open_keyring(records.engine, path) == records.keyring
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {name for name in files_in(path.parent) if name != "intake.sqlite3"} == {"keyring.json"}


def test_every_use_has_its_own_key(records: Records):
    keys = list(records.keyring.keys.values())
    assert sorted(key.use for key in keys) == ["kek", "pepper", "web"]
    assert len({key.secret for key in keys}) == 3
    assert all(len(key.secret) == 32 for key in keys)


def test_keys_are_not_shown_when_a_keyring_is_printed(records: Records):
    shown = repr(records.keyring) + str(records.keyring)
    assert all(repr(key.secret) not in shown and key.secret.hex() not in shown for key in records.keyring.keys.values())


def test_a_missing_keyring_is_not_made_anew_once_there_is_a_response(records: Records, path: Path):
    clinic.begin(records)
    with transaction(records.engine) as session:
        session.execute(text("DELETE FROM key_check"))
    path.unlink()
    with pytest.raises(KeyringMissing, match="put its backup back"):
        open_keyring(records.engine, path)
    assert not path.exists()


def test_a_missing_keyring_is_not_made_anew_once_a_keyring_was_used(records: Records, path: Path):
    path.unlink()
    with pytest.raises(KeyringMissing):
        open_keyring(records.engine, path)
    assert not path.exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
def test_a_keyring_that_others_may_read_is_not_used(records: Records, path: Path, mode: int):
    path.chmod(mode)
    with pytest.raises(KeyringTooOpen, match="chmod 600"):
        open_keyring(records.engine, path)


def test_another_databases_keyring_is_not_used(records: Records, path: Path, database_in: DatabaseIn, tmp_path: Path):
    with database_in(tmp_path / "other") as other:
        engine = open_database(other.url)
        open_keyring(engine, other.instance / "keyring.json")
        engine.dispose()
        shutil.copy2(other.instance / "keyring.json", path)
    with pytest.raises(KeyringWrong, match="does not belong"):
        open_keyring(records.engine, path)


def test_a_keyring_with_one_changed_key_is_not_used(records: Records, path: Path):
    written = json.loads(path.read_text())
    for key_id in written["keys"]:
        changed = json.loads(path.read_text())
        changed["keys"][key_id]["key"] = changed["keys"][key_id]["key"][::-1].lstrip("=").ljust(44, "=")
        path.write_text(json.dumps(changed))
        with pytest.raises(KeyringWrong):
            open_keyring(records.engine, path)
        path.write_text(json.dumps(written))
    assert open_keyring(records.engine, path) == records.keyring


def test_a_keyring_is_not_trusted_when_the_check_values_were_taken_out_of_a_used_database(records: Records, path: Path):
    clinic.begin(records)
    with transaction(records.engine) as session:
        session.execute(text("DELETE FROM key_check"))
    with pytest.raises(KeyringWrong):
        open_keyring(records.engine, path)


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[]",
        "null",
        '{"keys": {}}',
        '{"keys": [], "active": {}}',
        '{"keys": {"a": 1}, "active": {}}',
        "\x00\xff",
        "[" * 100_000,
    ],
)
def test_a_damaged_keyring_is_one_named_line(records: Records, path: Path, damage: str):
    path.write_text(damage)
    with pytest.raises(KeyringWrong, match=r"^The keyring \S* is damaged; put its backup back there\.$"):
        open_keyring(records.engine, path)


def test_a_folder_that_takes_no_keyring_is_one_named_line(records: Records):
    with pytest.raises(FolderUnusable, match=r"^Nothing can be written into /proc/self;[^\n]*\.$"):
        keyring._create(Path("/proc/self/keyring.json"))


def test_every_complaint_about_a_keyring_ends_a_start():
    assert all(issubclass(named, CannotStart) for named in (KeyringMissing, KeyringTooOpen, KeyringWrong))


def test_a_first_start_that_died_before_the_database_knew_the_keyring_goes_on_with_it(records: Records, path: Path):
    with transaction(records.engine) as session:
        session.execute(text("DELETE FROM key_check"))
    assert open_keyring(records.engine, path) == records.keyring


def test_a_key_wrapped_under_an_unknown_or_other_key_does_not_open(records: Records):
    place = ("table", "column", "row")
    with pytest.raises(CannotOpen):
        records.keyring.unwrap(Keyring.new().wrap(b"k" * 32, associated_data=place), associated_data=place)
    assert (
        records.keyring.unwrap(records.keyring.wrap(b"k" * 32, associated_data=place), associated_data=place)
        == b"k" * 32
    )


def test_a_keyed_hash_depends_on_key_purpose_and_every_value(records: Records):
    mac = records.keyring.mac
    hashes = {mac("a", "b", "c"), mac("a", "bc"), mac("ab", "c"), mac("a", "b"), Keyring.new().mac("a", "b", "c")}
    assert len(hashes) == 5


def first_start(url: str, path: str, meet: "multiprocessing.synchronize.Barrier") -> str:
    engine: Engine = open_database(url)
    meet.wait()
    upgrade(engine)
    keyring = open_keyring(engine, Path(path))
    engine.dispose()
    return keyring.web_secret.hex()


def start_in_a_process(url: str, path: str, meet, told) -> None:
    told.put(first_start(url, path, meet))


def test_processes_that_start_at_the_same_moment_agree_on_one_keyring(empty_database: Database):
    spawn = multiprocessing.get_context("spawn")
    meet, told = spawn.Barrier(4), spawn.Queue()
    url, path = empty_database.url, str(empty_database.instance / "keyring.json")
    processes = [spawn.Process(target=start_in_a_process, args=(url, path, meet, told)) for _ in range(4)]
    for process in processes:
        process.start()
    secrets = [told.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    told.close()
    told.join_thread()
    assert len(set(secrets)) == 1
    assert {name for name in files_in(empty_database.instance) if name != "intake.sqlite3"} == {"keyring.json"}


def test_keyrings_made_at_the_same_moment_for_one_path_are_one_whatever_the_database(tmp_path: Path):
    """The file alone decides who was first, also when no database lock orders the makers."""
    from intake.records.keyring import _create, _read

    path = tmp_path / "k/keyring.json"
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: _create(path), range(16)))
    assert _read(path).active.keys() == {"kek", "pepper", "web"}
    assert os.listdir(tmp_path / "k") == ["keyring.json"]
