"""The list of what is delivered is valid CycloneDX, names every package of the lock and nothing else, and comes out the
same each time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.utils import canonicalize_name

import intake
from tests.supply.licences import delivered, licence
from tests.supply.locks import for_this_machine, lock
from tests.supply.sbom import sbom


@pytest.fixture(scope="module")
def made() -> str:
    return sbom()


@pytest.fixture(scope="module")
def told(made: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(made)
    return read


def test_it_names_every_package_of_the_lock_with_its_version_and_nothing_else(told: dict[str, Any]) -> None:
    locked = lock("requirements")
    named = [(canonicalize_name(one["name"]), one["version"]) for one in told["components"]]
    assert sorted(named) == [(name, locked[name].version) for name in for_this_machine(locked)]
    assert [one["purl"] for one in told["components"] if not one["purl"].startswith("pkg:pypi/")] == []


def test_it_names_the_licence_of_every_package(told: dict[str, Any]) -> None:
    said = {
        canonicalize_name(one["name"]): [each.get("expression") or each["license"]["id"] for each in one["licenses"]]
        for one in told["components"]
    }
    assert said == {name: [licence(package)] for name, package in delivered().items()}


def test_it_says_what_it_is_of_and_who_asks_for_what(told: dict[str, Any]) -> None:
    root = told["metadata"]["component"]
    assert (root["name"], root["version"]) == ("intake", intake.__version__)
    asked = {one["ref"].partition("==")[0]: one.get("dependsOn", []) for one in told["dependencies"]}
    assert any(one.startswith("Werkzeug==") for one in asked["Flask"])
    assert any(one.startswith("Flask==") for one in asked[root["bom-ref"]])
    assert not any(one.startswith("Werkzeug==") for one in asked[root["bom-ref"]])


def test_it_is_valid(made: str) -> None:
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(made) is None
    assert validator.validate_str(made.replace('"components"', '"planted"', 1)) is not None


def test_it_comes_out_the_same_and_names_no_folder(made: str, tmp_path: Path) -> None:
    assert sbom() == made
    assert str(tmp_path.parent) not in made
    assert "file:" not in made
