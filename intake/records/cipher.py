"""Sealing: the one place where what is typed becomes unreadable, and readable again.

A blob is ``0x01 | algorithm (1) | key id (8) | nonce (12) | ciphertext and tag`` (security.md 3.1). Its associated data
names where it was made for, so a blob moved to another row, column or revision does not open.
"""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from intake.records.errors import CannotOpen

JsonObject = dict[str, Any]
AssociatedData = tuple[str, ...]
"""What a blob is bound to: table, column, row id, and whatever else it must not be moved from."""

VERSION: Final = 1
KEY_ID_LENGTH: Final = 8
HEADER_LENGTH: Final = 2 + KEY_ID_LENGTH
KEY_LENGTH: Final = 32
NONCE_LENGTH: Final = 12


class Cipher:
    """AES-256-GCM with a fresh random nonce in front."""

    algorithm = 1

    def seal(self, key: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """Give what may be stored."""
        nonce = os.urandom(NONCE_LENGTH)
        return nonce + AESGCM(key).encrypt(nonce, plaintext, aad)

    def unseal(self, key: bytes, sealed: bytes, aad: bytes) -> bytes:
        """Give the plaintext back. Raises CannotOpen."""
        try:
            return AESGCM(key).decrypt(sealed[:NONCE_LENGTH], sealed[NONCE_LENGTH:], aad)
        except (InvalidTag, ValueError):  # ValueError: cut so short that there is no whole nonce or tag
            raise CannotOpen from None


cipher = Cipher()  # a test puts a null cipher here, to prove that it would have found readable text


def new_key() -> bytes:
    """A random 256-bit key."""
    return os.urandom(KEY_LENGTH)


def derive(secret: str, info: bytes) -> bytes:
    """A 256-bit key from a secret of at least 112 random bits by HKDF-SHA256; `info` names the one use of that key."""
    return HKDF(algorithm=SHA256(), length=KEY_LENGTH, salt=None, info=info).derive(secret.encode())


def length_prefixed(*fields: bytes) -> bytes:
    """Fields joined so that no two different lists give the same bytes."""
    return b"".join(len(field).to_bytes(4, "big") + field for field in fields)


def seal(key: bytes, plaintext: bytes, *, key_id: bytes, associated_data: AssociatedData) -> bytes:
    """A blob that opens with this key and this associated data only."""
    header = bytes([VERSION, cipher.algorithm]) + key_id
    return header + cipher.seal(key, plaintext, _aad(header, associated_data))


def unseal(key: bytes, blob: bytes, *, associated_data: AssociatedData) -> bytes:
    """What was sealed. Raises CannotOpen when the key, the associated data or a single bit is another."""
    header = blob[:HEADER_LENGTH]
    if len(header) != HEADER_LENGTH or header[:2] != bytes([VERSION, cipher.algorithm]):
        raise CannotOpen
    return cipher.unseal(key, blob[HEADER_LENGTH:], _aad(header, associated_data))


def written(value: object) -> str:
    """A value of a row as it is bound or signed: a moment in UTC to the microsecond, bytes in hex, nothing as “-”."""
    match value:
        case None:
            return "-"
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case bytes():
            return value.hex()
        case _:
            return f"{value}"


def key_id_of(blob: bytes) -> bytes:
    """The id of the key that a blob says it was sealed with."""
    return blob[2:HEADER_LENGTH]


def seal_document(
    key: bytes, document: JsonObject, *, key_id: bytes, associated_data: AssociatedData, sizes: Sequence[int]
) -> bytes:
    """A JSON object sealed, padded so that its size does not tell which branch of the form was taken: to the first of
    these `sizes` (bytes) that holds it, else to a multiple of the last."""
    # surrogatepass: a lone surrogate must not end in an exception that quotes the answer.
    plaintext = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    # 0x80 and zeros up to the next size (ISO/IEC 7816-4): taken off again without a length field
    whole = len(plaintext) + 1
    size = next((size for size in sizes if size >= whole), whole + -whole % sizes[-1])
    padded = plaintext + b"\x80" + bytes(size - whole)
    return seal(key, padded, key_id=key_id, associated_data=associated_data)


def unseal_document(key: bytes, blob: bytes, *, associated_data: AssociatedData) -> JsonObject:
    """The JSON object that was sealed. Raises CannotOpen."""
    plaintext = unseal(key, blob, associated_data=associated_data)
    document = json.loads(plaintext[: plaintext.rfind(b"\x80")].decode("utf-8", "surrogatepass"))
    if not isinstance(document, dict):
        raise CannotOpen
    return document


def _aad(header: bytes, associated_data: AssociatedData) -> bytes:
    return length_prefixed(b"intake", header, *(field.encode() for field in associated_data))
