"""`make licences`: writes docs/security/licences.md, the licence of every package that is delivered.

Packages that say their licence in words of SPDX are believed. What others say is not exact enough (“BSD” is several
licences): somebody read the licence that they carry, and `READ` keeps what it was and by which words it is known.
"""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path
from typing import Final

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.supply.locks import ROOT, for_this_machine, lock

PAGE: Final = ROOT / "docs/security/licences.md"

ALLOWED: Final = {
    "MIT": "keep the notice",
    "MIT-0": "nothing is asked for",
    "BSD-3-Clause": "keep the notice; no advertising with the authors' names",
    "Apache-2.0": "our own",
    "PSF-2.0": "keep the notice",
    "ZPL-2.1": "keep the notice; say what was changed",
    "LGPL-3.0-only": "used as it comes, as a library that anybody may exchange; none of its files is in ours",
}
"""The licences that go together with handing out the whole under Apache-2.0, and what each asks for."""

NO_NAMES: Final = "Neither the name of the copyright holder nor the names of its contributors"
FREE: Final = "Permission is hereby granted, free of charge"

READ: Final = {
    "flask-wtf": ("BSD-3-Clause", NO_NAMES),
    "itsdangerous": ("BSD-3-Clause", NO_NAMES),
    "jinja2": ("BSD-3-Clause", NO_NAMES),
    "segno": ("BSD-3-Clause", NO_NAMES),
    "wtforms": ("BSD-3-Clause", NO_NAMES),
    "waitress": ("ZPL-2.1", "Zope Public License (ZPL) Version 2.1"),
    "blinker": ("MIT", FREE),
    "zxcvbn": ("MIT", FREE),
}
"""Licences that somebody read, and words of theirs that must still stand in the package's own licence."""


class UnknownLicence(Exception):
    """Nobody knows under which licence a package is handed out."""


def licence(package: metadata.Distribution) -> str:
    """The licence of a package as an SPDX expression. Raises UnknownLicence."""
    name = canonicalize_name(package.metadata["Name"])
    for said in ("License-Expression", "License"):
        try:
            return canonicalize_license_expression(package.metadata.get(said) or "")
        except InvalidLicenseExpression:
            continue
    read, words = READ.get(name, ("", ""))
    if words and words in " ".join(own_licence(package).split()):
        return read
    raise UnknownLicence(f"{name}: what is its licence? Read it, then add it to READ")


def own_licence(package: metadata.Distribution) -> str:
    """The text of the licence that a package carries."""
    files = [file for file in package.files or [] if re.match(r"(?i)licen[cs]e|copying", file.name)]
    return "\n".join(Path(str(package.locate_file(file))).read_text(encoding="utf-8") for file in files)


def is_allowed(expression: str) -> bool:
    """Of licences to choose from one is enough; of such as hold together each must be allowed. What has brackets is for
    somebody to read."""
    return "(" not in expression and any(
        all(one in ALLOWED for one in choice.split(" AND ")) for choice in expression.split(" OR ")
    )


def delivered() -> dict[str, metadata.Distribution]:
    """The packages that the program runs with."""
    return {name: metadata.distribution(name) for name in for_this_machine(lock("requirements"))}


def asked_for_by(packages: dict[str, metadata.Distribution]) -> dict[str, list[str]]:
    """Who asks for each package: others, or nobody but us."""
    found: dict[str, list[str]] = {name: [] for name in packages}
    for name, package in packages.items():
        for one in map(Requirement, package.requires or []):
            wanted = canonicalize_name(one.name)
            if wanted in found and (one.marker is None or one.marker.evaluate({"extra": "binary"})):
                found[wanted].append(name)
    return found


def page() -> str:
    packages = delivered()
    askers = asked_for_by(packages)
    rows = [f"| {name} | {licence(one)} | {', '.join(askers[name]) or '–'} |" for name, one in packages.items()]
    allowed = [f"| {name} | {asks} |" for name, asks in ALLOWED.items()]
    return "\n".join(
        [
            "# Licences of what is delivered",
            "",
            "Written by `make licences` from the packages themselves. Versions stand in `requirements.lock`.",
            "",
            "| package | licence | other packages that ask for it |",
            "|---|---|---|",
            *rows,
            "",
            "Some wheels hold compiled libraries besides. cryptography: OpenSSL (Apache-2.0). psycopg-binary:",
            "libpq (PostgreSQL), OpenSSL, Kerberos (MIT), OpenLDAP (OLDAP-2.8), Cyrus SASL (BSD, with attribution),",
            "and libcrypt and libkeyutils of the system it was built on (LGPL-2.1-or-later). No test looks into them.",
            "",
            "## What is allowed",
            "",
            "A package under another licence makes a test fail until somebody has thought about it.",
            "",
            "| licence | what it asks for |",
            "|---|---|",
            *allowed,
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
