"""Every address that the application answers stands in docs/interfaces.md, and no other."""

from __future__ import annotations

import re
from pathlib import Path

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


def answered(folder: Path) -> set[tuple[str, str]]:
    """Methods and addresses of the application."""
    app = create_app(Settings(instance=folder, database_url=f"sqlite:///{folder}/intake.sqlite3", env="tryout"))
    return {(method, without_names(rule.rule)) for rule in app.url_map.iter_rules() for method in (rule.methods or ()) & {"GET", "POST"}}


def test_addresses_are_those_that_the_docs_name(tmp_path: Path) -> None:
    assert documented() == answered(tmp_path / "instance")
