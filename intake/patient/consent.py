"""What is agreed to before the questions: the clinic's own text or ours, and its version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

DEFAULT: Final = Path(__file__).with_name("consent.md")


@dataclass(frozen=True, slots=True)
class ProseBlock:
    """One piece of a text: a `heading`, a `paragraph` (one line) or a `list` (a line a point)."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The text as it is shown, and the version that is kept with the agreement."""

    blocks: tuple[ProseBlock, ...]
    version: str

    @property
    def text(self) -> str:
        """All of it, a line each."""
        return "\n".join(line for block in self.blocks for line in block.lines)


@cache
def read(file: Path | None) -> ConsentText:
    """The clinic's text (INTAKE_CLINIC_CONSENT_FILE), else ours: paragraphs, `## ` headings, `- ` lists.

    Read once: a changed file is seen at the next start. The version is the first 12 hex digits of the text's SHA-256.
    Raises OSError, UnicodeDecodeError.
    """
    text = (file or DEFAULT).read_text(encoding="utf-8")
    return ConsentText(tuple(_blocks(text)), hashlib.sha256(text.encode()).hexdigest()[:12])


def _blocks(text: str) -> Iterator[ProseBlock]:
    for part in (part.strip() for part in text.split("\n\n")):
        lines = [line.strip() for line in part.splitlines()]
        if part.startswith("## "):
            yield ProseBlock("heading", (part[3:],))
        elif part.startswith("- "):
            yield ProseBlock("list", tuple(line[2:] for line in lines if line.startswith("- ")))
        elif part:
            yield ProseBlock("paragraph", (" ".join(lines),))
