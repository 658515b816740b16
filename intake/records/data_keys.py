"""A response's own key, and who holds it. What it seals stands in `sealed`.

A draft's key is held by its resume code and its sessions only. Sending takes a new key, held by the keyring only: so a
database of any day and the keyring together open no draft, and dropping the wraps erases a response (security.md 3.1).
"""

import hashlib
from typing import Final

from sqlalchemy import Connection, delete, insert

from intake.records.cipher import AssociatedData, derive, seal, unseal
from intake.records.errors import CannotOpen
from intake.records.keyring import Keyring
from intake.records.tables import DATA_KEYS

CODE: Final = "code"
KEYRING: Final = "keyring"
CODE_KEY_ID: Final = b"code-key"
SESSION_KEY_ID: Final = b"sess-key"
CODE_INFO: Final = b"intake/1 wrap a draft's key by its resume code"
SESSION_INFO: Final = b"intake/1 wrap a draft's key by its session token"

_INSERT: Final = insert(DATA_KEYS)


def token_hash(token: str) -> bytes:
    """What the database knows of a session token: enough to find it (it is 256 random bits), not to use it."""
    return hashlib.sha256(token.encode()).digest()


def session_holder(token: str) -> str:
    """The name under which a session holds a key."""
    return f"session:{token_hash(token).hex()}"


def give_to_code(sql: Connection, response_id: str, data_key: bytes, code: str) -> None:
    """Let the resume code (24 normalised characters) open this response."""
    wrapped = seal(derive(code, CODE_INFO), data_key, key_id=CODE_KEY_ID, associated_data=_wrap(response_id, CODE))
    _give(sql, response_id, CODE, wrapped)


def give_to_session(sql: Connection, response_id: str, data_key: bytes, token: str) -> None:
    """Let the holder of this session token open this response."""
    key, holder = derive(token, SESSION_INFO), session_holder(token)
    wrapped = seal(key, data_key, key_id=SESSION_KEY_ID, associated_data=_wrap(response_id, holder))
    _give(sql, response_id, holder, wrapped)


def give_to_keyring(sql: Connection, response_id: str, data_key: bytes, keyring: Keyring) -> None:
    """Let the clinic open this response."""
    _give(sql, response_id, KEYRING, for_keyring(keyring, response_id, data_key))


def for_keyring(keyring: Keyring, response_id: str, data_key: bytes) -> bytes:
    """The response's key as the keyring holds it: wrapped under the key in use."""
    return keyring.wrap(data_key, associated_data=_wrap(response_id, KEYRING))


def by_code(wrapped: bytes, response_id: str, code: str) -> bytes:
    """The response's key, opened by its resume code. Raises CannotOpen."""
    return unseal(derive(code, CODE_INFO), wrapped, associated_data=_wrap(response_id, CODE))


def by_session(wrapped: bytes, response_id: str, token: str) -> bytes:
    """The response's key, opened by a session token. Raises CannotOpen."""
    return unseal(derive(token, SESSION_INFO), wrapped, associated_data=_wrap(response_id, session_holder(token)))


def by_keyring(wrapped: bytes | None, response_id: str, keyring: Keyring) -> bytes:
    """The response's key, opened by the keyring. Raises CannotOpen, also if the keyring holds none."""
    if wrapped is None:
        raise CannotOpen
    return keyring.unwrap(wrapped, associated_data=_wrap(response_id, KEYRING))


def take_from_session(sql: Connection, response_id: str, token_sha256: bytes) -> None:
    """Take the key from one session; the code and other sessions keep it."""
    holder = f"session:{token_sha256.hex()}"
    sql.execute(delete(DATA_KEYS).where(DATA_KEYS.c.response_id == response_id, DATA_KEYS.c.holder == holder))


def take_from_patient(sql: Connection, response_id: str) -> None:
    """Take the key from the code and every session; the keyring keeps it."""
    sql.execute(delete(DATA_KEYS).where(DATA_KEYS.c.response_id == response_id, DATA_KEYS.c.holder != KEYRING))


def _give(sql: Connection, response_id: str, holder: str, wrapped: bytes) -> None:
    sql.execute(_INSERT, {"response_id": response_id, "holder": holder, "wrapped": wrapped})


def _wrap(response_id: str, holder: str) -> AssociatedData:
    return ("data_key", "wrapped", response_id, holder)
