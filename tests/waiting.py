"""Waiting for what happens in its own time: looked at again and again until it holds, never for a fixed while."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(holds: Callable[[], bool], seconds: float = 60, what: str = "it did not happen in time") -> None:
    """Come back once this holds. Raises AssertionError if it does not within so many seconds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.02)
