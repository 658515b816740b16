"""What the docs list is what there is: commands, keys of the YAML, words of the export groups; a decision has its three paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from intake.cli import intake
from intake.questionnaire import loader
from intake.questionnaire.invariants import EXPORT_GROUPS

DOCS = Path(__file__).parents[2] / "docs"


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def commands(group: click.Group, before: str = "intake") -> Iterator[tuple[str, click.Command]]:
    """Every command with the words that call it."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command


COMMANDS = dict(commands(intake))


def documented_commands() -> dict[str, str]:
    """Every command that the table of commands names, with its row: `intake staff list` · `disable EMAIL` are two of `intake staff`."""
    found: dict[str, str] = {}
    table = text_of("interfaces.md").partition("## Commands")[2].partition("\n## ")[0]
    for row in (row for row in table.splitlines() if row.startswith("| `intake ")):
        first, *others = re.findall(r"`([^`]+)`", row.partition(" | ")[0])
        name = " ".join(re.match(r"intake [a-z-]+(?: [a-z][a-z-]*)?", first)[0].split())  # type: ignore[index]
        found[name] = row
        found |= {f"{name.rpartition(' ')[0]} {other.split()[0]}": row for other in others}
    return {name: row for name, row in found.items() if not name.endswith("--version")}


def test_commands_are_those_that_the_docs_name() -> None:
    assert set(documented_commands()) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_options_of_a_command_stand_in_its_row(name: str) -> None:
    row = documented_commands()[name]
    options = [option for parameter in COMMANDS[name].params for option in parameter.opts if option.startswith("--")]
    assert [option for option in options if option not in row] == []


def test_keys_of_the_yaml_are_those_that_the_docs_name() -> None:
    read = {*loader._ITEM_KEYS, *loader._OPTION_KEYS}
    rows = re.findall(r"^\| (`x-[^|]*) \|", text_of("authoring.md"), re.MULTILINE)
    assert set(re.findall(r"x-[a-z-]+", " ".join(rows))) == {key for key in read if key.startswith("x-")}


def test_groups_of_an_export_are_those_that_the_docs_name() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| ", text_of("interfaces.md").partition("These groups are left out")[2], re.MULTILINE)
    assert sorted(rows) == sorted(EXPORT_GROUPS)


@pytest.mark.parametrize("decision", sorted(page.name for page in (DOCS / "decisions").glob("*.md")))
def test_a_decision_says_situation_decision_and_price(decision: str) -> None:
    assert re.findall(r"^\*\*(\w+)\.\*\*", text_of(f"decisions/{decision}"), re.MULTILINE) == ["Situation", "Decision", "Price"]
    assert text_of(f"decisions/{decision}").startswith(f"# {decision[:4]} ")
