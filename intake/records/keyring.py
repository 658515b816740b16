"""The keyring: the keys outside the database, in one file of mode 0600 that is made on the very first run only.

Uses: `kek` wraps the keys of sent responses, `pepper` keys the hashes of resume codes and throttle entries, `web` signs
for the web layer. The database holds a check value for each key, so that another keyring is noticed before it writes.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, exists, insert, select

from intake.records.cipher import (
    KEY_ID_LENGTH,
    KEY_LENGTH,
    AssociatedData,
    key_id_of,
    length_prefixed,
    new_key,
    seal,
    unseal,
)
from intake.records.codes import ALPHABET
from intake.records.database import keep_at_hand, one_at_a_time, private_folder, transaction
from intake.records.errors import (
    CannotOpen,
    FolderUnusable,
    KeyringMissing,
    KeyringReadOnly,
    KeyringTooOpen,
    KeyringWrong,
)
from intake.records.tables import CHECKS, RESPONSES

USES: Final = ("kek", "pepper", "web")
AT_HAND: Final = "intake_keyring"  # the option of an engine that holds the keyring it was opened with
TRAIL_HEAD: Final = "trail-head"
ERASURES: Final = "erasures"


@dataclass(frozen=True)
class Key:
    """One key: its id (8 characters), its use, its 32 bytes."""

    id: str
    use: str
    secret: bytes = field(repr=False)

    @property
    def check_value(self) -> bytes:
        """What the database keeps to know this key again; tells nothing about it."""
        return hmac.digest(self.secret, length_prefixed(b"intake key check", self.id.encode()), hashlib.sha256)


@dataclass
class Keyring:
    """All keys by id, and for each use the id of the one in use now; older ones still open what they sealed.

    A key that was added while the program runs (`intake keys rotate`) is read from the file when it is first met.
    """

    keys: Mapping[str, Key]
    active: Mapping[str, str]
    path: Path | None = field(default=None, compare=False)
    """Its file; None while it stands in none."""
    folder: Path | None = field(default=None, compare=False)
    """Where the trail's head and the erasures are noted: the instance folder, outside the database as the keys are."""

    @classmethod
    def new(cls) -> "Keyring":
        """A keyring with one fresh key for each use."""
        made = [Key(_new_key_id(), use, new_key()) for use in USES]
        return cls({key.id: key for key in made}, {key.use: key.id for key in made})

    def wrap(self, data_key: bytes, *, associated_data: AssociatedData) -> bytes:
        """A response's own key, sealed under the active `kek`."""
        kek = self._active("kek")
        return seal(kek.secret, data_key, key_id=kek.id.encode(), associated_data=associated_data)

    def unwrap(self, wrapped: bytes, *, associated_data: AssociatedData) -> bytes:
        """A response's own key back. Raises CannotOpen."""
        id = key_id_of(wrapped).decode("ascii", "replace")
        if id not in self.keys:
            self._read_again()
        key = self.keys.get(id)
        if key is None or key.use != "kek":
            raise CannotOpen
        return unseal(key.secret, wrapped, associated_data=associated_data)

    def rotated(self) -> "Keyring":
        """The same with a new `kek` in use. The other keys stay: codes, the trail and signed rows are checked with the
        key that they were made with."""
        key = Key(_new_key_id(), "kek", new_key())
        return replace(self, keys={**self.keys, key.id: key}, active={**self.active, "kek": key.id})

    def _read_again(self) -> None:
        if self.path is not None:
            with suppress(KeyringWrong, KeyringTooOpen):
                there = _read(self.path)
                self.keys, self.active = there.keys, there.active

    def mac(self, purpose: str, *values: str) -> bytes:
        """A keyed hash (32 bytes) under the pepper; the same values under another purpose give another hash."""
        message = length_prefixed(purpose.encode(), *(value.encode("utf-8", "surrogatepass") for value in values))
        return hmac.digest(self._active("pepper").secret, message, hashlib.sha256)

    @property
    def trail_head(self) -> Path | None:
        """The file that names the newest event of the trail (`chain`)."""
        return self.folder and self.folder / TRAIL_HEAD

    @property
    def erasures(self) -> Path | None:
        """The file that names what was erased. There is one once the installation is sealed as of 0.5."""
        return self.folder and self.folder / ERASURES

    @property
    def web_secret(self) -> bytes:
        """The secret of the web layer (Flask's SECRET_KEY)."""
        return self._active("web").secret

    def _active(self, use: str) -> Key:
        return self.keys[self.active[use]]


def at_hand(sql: Connection) -> Keyring:
    """The keyring that the database of this connection was opened with."""
    keyring: Keyring = sql.get_execution_options()[AT_HAND]
    return keyring


def open_keyring(engine: Engine, path: Path, folder: Path | None = None) -> Keyring:
    """The keyring at `path`, proved to belong to this (upgraded) database; made now if this is the very first run. From
    then on it is `at_hand` wherever somebody works on that database. `folder` is the instance folder, where it does not
    stand itself.

    Processes that start at once agree on one. Raises KeyringMissing, KeyringTooOpen, KeyringWrong, FolderUnusable.
    """
    with transaction(engine) as sql:
        one_at_a_time(sql)
        checks = {row.key_id: row.check_value for row in sql.execute(select(CHECKS))}
        holds_responses = bool(sql.scalar(select(exists().select_from(RESPONSES))))
        if not path.exists():
            if checks or holds_responses:
                raise KeyringMissing(
                    f"The keyring {path} is missing, and what is stored opens with no other; put its backup back there."
                )
            _create(path)
        keyring = read_keyring(path, folder)
        known = {key.id: key.check_value for key in keyring.keys.values()}
        fits = all(hmac.compare_digest(known.get(key_id, b""), value) for key_id, value in checks.items())
        if not fits or (holds_responses and not checks):
            raise KeyringWrong(
                f"The keyring {path} does not belong to this database; "
                "put the one back that this database was used with."
            )
        for key_id in known.keys() - checks.keys():
            sql.execute(insert(CHECKS), {"key_id": key_id, "check_value": known[key_id]})
    keep_at_hand(engine, **{AT_HAND: keyring})
    return keyring


def read_keyring(path: Path, folder: Path | None = None) -> Keyring:
    """The keyring at `path`, as it stands there. Raises KeyringMissing, KeyringTooOpen, KeyringWrong."""
    if not path.exists():
        raise KeyringMissing(f"There is no keyring at {path}; put its backup there.")
    return replace(_read(path), folder=folder or path.parent)


def rotate(engine: Engine, path: Path, folder: Path | None = None) -> Keyring:
    """Add a key that wraps from now on to the keyring of this database, and write it whole or not at all. What older
    keys wrapped opens as before. Raises KeyringReadOnly and what `open_keyring` does."""
    with transaction(engine) as sql:
        one_at_a_time(sql)
        keyring = _read(path).rotated()
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            _write_new(draft, keyring)
            draft.replace(path)
            _sync_folder(path.parent)
        except OSError as error:
            raise KeyringReadOnly(path) from error
        finally:
            with suppress(OSError):
                draft.unlink()
    return open_keyring(engine, path, folder)


def _create(path: Path) -> None:
    """Write a new keyring whole or not at all: a complete file is linked to its name, by whoever is first."""
    private_folder(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write_new(draft, Keyring.new())
        with suppress(FileExistsError):  # another process was first: its keyring is read next
            path.hardlink_to(draft)
    except OSError as error:
        raise FolderUnusable(path.parent) from error
    finally:
        with suppress(OSError):
            draft.unlink()
    _sync_folder(path.parent)


def _write_new(path: Path, keyring: Keyring) -> None:
    """A new file of mode 0600, on the disk when this ends. Raises OSError."""
    # a mode and O_EXCL are needed
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(_to_json(keyring))
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> Keyring:
    try:
        if path.stat().st_mode & 0o077:
            raise KeyringTooOpen(f"Others on this machine may read the keyring {path}; run “chmod 600 {path}”.")
        keyring = _from_json(path.read_bytes())
    except OSError as error:
        raise KeyringWrong(
            f"The keyring {path} cannot be read by this user; give it to the user who runs this program."
        ) from error
    if keyring is None:
        raise KeyringWrong(f"The keyring {path} is damaged; put its backup back there.")
    return replace(keyring, path=path)


def _to_json(keyring: Keyring) -> bytes:
    keys = {key.id: {"use": key.use, "key": base64.b64encode(key.secret).decode()} for key in keyring.keys.values()}
    return json.dumps({"version": 1, "active": dict(keyring.active), "keys": keys}, indent=2).encode() + b"\n"


def _from_json(written: bytes) -> Keyring | None:
    """The keyring that was written, or None if this is none. Never an exception: it would carry keys."""
    try:
        read = json.loads(written)
        keys = {
            id: Key(id, entry["use"], base64.b64decode(entry["key"], validate=True))
            for id, entry in read["keys"].items()
        }
        active = {use: str(read["active"][use]) for use in USES}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
        return None
    sound = all(len(key.secret) == KEY_LENGTH and len(key.id) == KEY_ID_LENGTH for key in keys.values())
    fits = all(id in keys and keys[id].use == use for use, id in active.items())
    return Keyring(keys, active) if sound and fits else None


def _new_key_id() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(KEY_ID_LENGTH))
