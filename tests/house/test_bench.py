"""The bench measures what is there: its own loop over stored rows opens them as they are sealed today."""

from __future__ import annotations

from bench.exports import pieces, sample
from bench.installation import filled, opened


def test_the_bare_loop_opens_what_is_stored_and_writes_a_zip() -> None:
    with filled(2) as folder:
        intake = opened(folder)
        written = b"".join(pieces("bare", intake, sample(intake)))
        intake.engine.dispose()
    assert written.startswith(b"PK")
    assert written.endswith(b"\0\0")
