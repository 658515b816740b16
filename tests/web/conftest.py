"""An application of its own for every test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.staffroom import House, build


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A try-out in a fresh folder."""
    return build(tmp_path)
