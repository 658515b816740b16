"""Every package that is delivered has a licence that is known and goes together with ours, and the page names it."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from tests.supply.licences import ALLOWED, PAGE, READ, UnknownLicence, delivered, is_allowed, licence, page


def test_every_licence_of_what_is_delivered_is_allowed() -> None:
    known = {name: licence(package) for name, package in delivered().items()}
    assert {"flask", "cryptography", "psycopg"} <= set(known)
    assert {name: said for name, said in known.items() if not is_allowed(said)} == {}


def test_the_page_is_what_the_packages_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_nothing_is_allowed_or_read_in_vain() -> None:
    said = " ".join(licence(package) for package in delivered().values()).split()
    assert [one for one in ALLOWED if one not in said] == []
    assert set(READ) <= set(delivered())


def planted(folder: Path, headers: str, text: str = "", name: str = "planted") -> metadata.Distribution:
    """A package that says this of its licence."""
    info = folder / f"{name}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 1\n{headers}\n", encoding="utf-8")
    (info / "LICENSE").write_text(text, encoding="utf-8")
    (info / "RECORD").write_text(f"{info.name}/LICENSE,,\n{info.name}/METADATA,,\n", encoding="utf-8")
    return metadata.Distribution.at(info)


@pytest.mark.parametrize(
    "headers",
    ["", "License: free to use", "License: UNKNOWN", "Classifier: License :: OSI Approved :: BSD License"],
)
def test_a_licence_that_nobody_knows_is_caught(headers: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownLicence, match="planted"):
        licence(planted(tmp_path, headers, "All rights reserved."))


def test_a_licence_that_changed_since_it_was_read_is_caught(tmp_path: Path) -> None:
    with pytest.raises(UnknownLicence, match="jinja2"):
        licence(planted(tmp_path, "License: BSD", "All rights reserved.", name="Jinja2"))


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 OR GPL-3.0-only", True),
        ("MIT AND BSD-3-Clause", True),
        ("GPL-3.0-only", False),
        ("AGPL-3.0-or-later", False),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR Apache-2.0) AND GPL-3.0-only", False),
        ("LicenseRef-Proprietary", False),
    ],
)
def test_what_goes_together_with_ours_and_what_does_not(said: str, allowed: bool, tmp_path: Path) -> None:
    assert is_allowed(licence(planted(tmp_path, f"License-Expression: {said}"))) is allowed
