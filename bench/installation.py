"""An installation in a temporary folder, filled by `intake demo`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from intake.cli.demo import Plan, keep_batch, made_in_batches
from intake.config import Settings
from intake.web.extensions import Installation


def opened(folder: Path) -> Installation:
    """The try-out in this folder, on SQLite there or on the database of `DATABASE_URL`."""
    environment = {
        "INTAKE_ENV": "tryout",
        "INTAKE_INSTANCE": str(folder),
        "DATABASE_URL": os.environ.get("BENCH_DATABASE_URL", ""),
    }
    return Installation.open(Settings.from_environment(environment, serving=False))


@contextmanager
def filled(sent: int) -> Iterator[Path]:
    """A folder with this many sent responses, gone when the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        intake = opened(Path(folder))
        plan = Plan(1, sent, 0, datetime.now(UTC), intake.settings)
        for batch in made_in_batches(plan, processes=os.cpu_count() or 1):
            keep_batch(intake, batch)
        intake.engine.dispose()
        yield Path(folder)
