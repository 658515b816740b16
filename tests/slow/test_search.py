"""The search itself finds a planted word in every shape."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.slow.search import found_in

WORD = "quoxmarble"
AROUND = [(before, after) for before in (b"", b"a", b"ab", b"abc") for after in (b"", b"z", b"yz", b"xyz")]
HIDDEN = {
    "raw": [before + WORD.encode() + after for before, after in AROUND],
    "hex": [(before + WORD.encode() + after).hex().encode() for before, after in AROUND],
    "HEX": [WORD.encode().hex().upper().encode()],
    "base64": [base64.b64encode(before + WORD.encode() + after) for before, after in AROUND],
    "base64url": [base64.urlsafe_b64encode(before + WORD.encode() + after) for before, after in AROUND],
    "utf-16-le": [f"ab{WORD}cd".encode("utf-16-le")],
    "utf-16-be": [f"ab{WORD}cd".encode("utf-16-be")],
}


@pytest.mark.parametrize("shape", HIDDEN)
def test_a_word_is_found_in_every_shape(tmp_path: Path, shape: str) -> None:
    for number, content in enumerate(HIDDEN[shape]):
        file = tmp_path / "deep" / f"{number}.bin"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"\xff\x00" + content + b"\xff")
        assert any(
            name == f"deep/{number}.bin" and found.startswith(shape) for name, found in found_in(tmp_path, WORD)
        ), content


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(range(256)) * 100)
    assert found_in(tmp_path, WORD) == set()
