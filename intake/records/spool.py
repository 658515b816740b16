"""A temporary file that nobody can find, read or keep: without a name, sealed, and gone with the process that made
it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from intake.records.errors import SpoolUnusable

CHUNK: Final = 32 * 1024


class SealedSpool:
    """Bytes written once and read once. On disk they are AES-256-GCM chunks under a key that only this object holds.

    A chunk's nonce is its number: the key is used for this one file. Raises SpoolUnusable when the disk takes or gives
    nothing.
    """

    def __init__(self, folder: Path) -> None:
        self._aead = AESGCM(AESGCM.generate_key(bit_length=256))
        self._folder = folder
        self._held = bytearray()
        self._chunks: list[int] = []
        self._file = self._unnamed()

    def write(self, data: bytes) -> None:
        """Add these bytes."""
        self._held += data
        if len(self._held) >= CHUNK:
            self._put()

    def pieces(self) -> Iterator[bytes]:
        """All of it, in order, once; the file is gone behind it."""
        self._put()
        self._file.seek(0)
        for number, length in enumerate(self._chunks):
            yield self._got(number, length)
        self.close()

    def close(self) -> None:
        """Give the room on the disk back."""
        self._file.close()

    def _got(self, number: int, length: int) -> bytes:
        try:
            return self._aead.decrypt(_nonce(number), self._file.read(length), None)
        except (OSError, InvalidTag):
            raise SpoolUnusable(self._folder) from None

    def _put(self) -> None:
        sealed = self._aead.encrypt(_nonce(len(self._chunks)), bytes(self._held), None)
        try:
            whole = self._file.write(sealed) == len(sealed)  # the last that a full disk takes may be a part
        except OSError:
            whole = False
        if not whole:
            raise SpoolUnusable(self._folder)
        self._chunks.append(len(sealed))
        self._held.clear()

    def _unnamed(self) -> BinaryIO:
        """A file of this user's only that has no name from its first moment on, or, where there is none such, its
        second."""
        try:
            # it has no path
            return os.fdopen(os.open(self._folder, os.O_TMPFILE | os.O_RDWR, 0o600), "w+b", buffering=0)
        except (AttributeError, OSError):
            pass
        try:
            return tempfile.TemporaryFile(dir=self._folder, buffering=0)
        except OSError:
            raise SpoolUnusable(self._folder) from None


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
