"""The locks as they are read by whoever asks what is installed: names, versions, markers, hashes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


class Pin(NamedTuple):
    """One version of one package, and the hashes of all files that its index has of it."""

    requirement: Requirement
    version: str
    hashes: tuple[str, ...]

    @property
    def is_for_this_machine(self) -> bool:
        return self.requirement.marker is None or self.requirement.marker.evaluate()


def pins(text: str) -> list[tuple[str, Pin]]:
    """Every pin of a lock with its name, in order. Raises ValueError for a line that is none."""
    found = []
    rows = re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    for row in filter(None, rows):
        named, *hashes = row.split(" --hash=")
        requirement = Requirement(named)
        versions = [one.version for one in requirement.specifier if one.operator == "=="]
        if len(versions) != 1 or len(requirement.specifier) != 1 or requirement.url:
            raise ValueError(f"no one version: {row}")
        found.append(
            (canonicalize_name(requirement.name), Pin(requirement, versions[0], tuple(map(str.strip, hashes))))
        )
    return found


def lock(name: str) -> dict[str, Pin]:
    """A lock by the names of its packages: `requirements`, `requirements-test`, `requirements-build`."""
    return dict(pins((ROOT / f"{name}.lock").read_text(encoding="utf-8")))


def for_this_machine(locked: dict[str, Pin]) -> Iterable[str]:
    """The names of what is installed here: some packages are for another system alone."""
    return sorted(name for name, pin in locked.items() if pin.is_for_this_machine)
