"""The log: one JSON line an event, on stderr, that never holds what a person typed.

No path values, no query, no body, no cookie: a request is named by its route's template. An exception is its type and
the line it was raised at; its message is left out, as messages quote what they stumble over (security.md 3.8).
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Final

log: Final = logging.getLogger("intake")
_OURS: Final = str(Path(__file__).parents[1])


class JsonLines(logging.Formatter):
    """Writes the event's name and the fields given on purpose, no arguments or messages of other libraries."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        written: dict[str, object] = {
            "utc": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            # other libraries write what they stumbled over into their messages: of theirs only the place is kept
            "event": str(record.msg) if record.name == log.name else f"{record.module}.{record.funcName}",
        }
        written |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1] is not None:
            written["exception"] = place_of(record.exc_info[1])
        return json.dumps(written, ensure_ascii=True)


def configure() -> None:
    """Send the log of this process to stderr, whatever its host had set up for the loggers of all."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    log.setLevel(logging.INFO)
    sys.excepthook = _last_words


def event(name: str, level: int = logging.INFO, **fields: object) -> None:
    """Write one event with its fields; what is given here must never be what a person typed."""
    log.log(level, name, extra={"fields": fields})


def place_of(error: BaseException) -> str:
    """An exception as “Type at file:line”, the innermost line of ours, with the types it arose from; no message."""
    chain: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(chain) < 5:
        chain.append(f"{type(seen).__name__} at {_line(seen)}")
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return " from ".join(chain)


def _line(error: BaseException) -> str:
    frames = extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(_OURS)] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"


def _last_words(_kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    event("stopped", logging.CRITICAL, exception=place_of(error.with_traceback(trace)))
