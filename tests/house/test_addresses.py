"""Every address that the application answers stands in docs/interfaces.md, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask

from intake.app import create_app
from intake.config import Settings

DOCS = Path(__file__).parents[2] / "docs/interfaces.md"


def without_names(address: str) -> str:
    """An address with its variables unnamed."""
    return re.sub(r"<[^>]*>", "<>", address)


def documented() -> set[tuple[str, str]]:
    """Methods and addresses of the table of addresses."""
    table = DOCS.read_text(encoding="utf-8").partition("## Addresses")[2].partition("\n## ")[0]
    rows = [row.split(" | ")[0] for row in table.splitlines() if row.startswith("| `")]
    tokens = [token for row in rows for token in re.findall(r"`((?:GET |POST )+)(/[^`?]*)`", row)]
    return {(method, without_names(address)) for methods, address in tokens for method in methods.split()}


def application(folder: Path) -> Flask:
    """An application that opens nothing: its addresses are known without a database."""
    return create_app(Settings(instance=folder, database_url=f"sqlite:///{folder}/intake.sqlite3", env="tryout"))


def answered(app: Flask) -> set[tuple[str, str]]:
    """Methods and addresses of the application."""
    return {
        (method, without_names(rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or ()) & {"GET", "POST"}
    }


def test_addresses_are_those_that_the_docs_name(tmp_path: Path) -> None:
    assert documented() == answered(application(tmp_path / "instance"))


def test_an_address_without_documentation_is_caught(tmp_path: Path) -> None:
    app = application(tmp_path / "instance")
    app.add_url_rule("/planted/<id>", "planted", lambda id: id, methods=["POST"])
    assert answered(app) - documented() == {("POST", "/planted/<>")}
