"""Looks for words on the disk in every shape in which something might have kept them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path


def shapes(word: str) -> dict[str, bytes]:
    """A word as it stands in a file: as it is, in base64 wherever it begins, in hex, in UTF-16."""
    raw = word.encode()
    found = {"raw": raw, "hex": raw.hex().encode(), "HEX": raw.hex().upper().encode()}
    found |= {"utf-16-le": word.encode("utf-16-le"), "utf-16-be": word.encode("utf-16-be")}
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + raw)
        # Characters at both ends depend on what stands beside the word as well: only those of the word alone are looked
        # for.
        own = whole[-(-before * 8 // 6) : len(whole) - (4 if (before + len(raw)) % 3 else 0)]
        found |= {f"base64+{before}": own, f"base64url+{before}": own.translate(bytes.maketrans(b"+/", b"-_"))}
    return found


def found_in(folder: Path, word: str) -> set[tuple[str, str]]:
    """Files in a folder, and below, that hold the word, with the shape in which they do. Letters of any case count."""
    wanted = shapes(word)
    return {
        (path.relative_to(folder).as_posix(), shape)
        for path, content in _files(folder)
        for shape, bytes_ in wanted.items()
        if bytes_ in content
    }


def _files(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(folder.rglob("*")):
        try:
            if path.is_file():
                yield path, path.read_bytes()
        except FileNotFoundError:  # a journal that was there a moment ago
            continue
