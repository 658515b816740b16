"""What the docs list is what there is: settings, commands, types and keys of the YAML, placeholders, export groups; a
decision has its
three paragraphs. What is planted without documentation is caught."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from intake.cli import intake
from intake.questionnaire import loader
from intake.questionnaire.invariants import EXPORT_GROUPS
from intake.questionnaire.model import ItemType
from intake.questionnaire.placeholders import Placeholder

DOCS = Path(__file__).parents[2] / "docs"
CONFIG = Path(__file__).parents[2] / "intake/config.py"


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
    """Every command that the table of commands names, with its row: `intake staff list` · `disable EMAIL` are two of
    `intake staff`."""
    found: dict[str, str] = {}
    table = text_of("interfaces.md").partition("## Commands")[2].partition("\n## ")[0]
    for row in (row for row in table.splitlines() if row.startswith("| `intake ")):
        first, *others = re.findall(r"`([^`]+)`", row.partition(" | ")[0])
        name = " ".join(re.match(r"intake [a-z-]+(?: [a-z][a-z-]*)?", first)[0].split())  # type: ignore[index]
        found[name] = row
        found |= {f"{name.rpartition(' ')[0]} {other.split()[0]}": row for other in others}
    return {name: row for name, row in found.items() if not name.endswith("--version")}


def undocumented_options(name: str, command: click.Command) -> list[str]:
    """The options of a command that its row does not name."""
    row = documented_commands()[name]
    options = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
    return [option for option in options if option not in row]


def test_commands_are_those_that_the_docs_name() -> None:
    assert set(documented_commands()) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_options_of_a_command_stand_in_its_row(name: str) -> None:
    assert undocumented_options(name, COMMANDS[name]) == []


def test_a_command_or_an_option_without_documentation_is_caught() -> None:
    group = click.Group("intake", {**intake.commands, "rewind": click.Command("rewind")})
    assert set(dict(commands(group))) - set(documented_commands()) == {"intake rewind"}
    serve = click.Command("serve", params=[*COMMANDS["intake serve"].params, click.Option(["--faster"])])
    assert undocumented_options("intake serve", serve) == ["--faster"]


# -- settings ----------------------------------------------------------------------------------------------------------


def settings_read(code: str) -> set[str]:
    """The variables that a module names."""
    return set(re.findall(r"\b(?:INTAKE_[A-Z_]+|DATABASE_URL)\b", code))


def settings_named() -> set[str]:
    """The variables of the table of settings."""
    return set(re.findall(r"^\| `(\w+)` \|", text_of("settings.md"), re.MULTILINE))


def test_settings_are_those_that_the_docs_name() -> None:
    code = CONFIG.read_text(encoding="utf-8")
    assert settings_named() == settings_read(code)
    assert settings_read(f'{code}\nread.text("INTAKE_PLANTED")') - settings_named() == {"INTAKE_PLANTED"}


def test_settings_are_read_in_one_place() -> None:
    asks = re.compile(r"\bos\.environ(?:\[|\.get)|\bgetenv\b|from os import .*environ")
    assert [file for file in CONFIG.parent.rglob("*.py") if asks.search(file.read_text(encoding="utf-8"))] == []
    assert asks.search('os.environ.get("INTAKE_PLANTED")')


# -- what an author writes ---------------------------------------------------------------------------------------------


def first_cells(page: str, heading: str) -> list[str]:
    """The first cells of the table under a heading."""
    table = text_of(page).partition(f"## {heading}")[2].partition("\n## ")[0]
    return [row.removeprefix("| ").partition(" | ")[0] for row in table.splitlines() if row.startswith("| `")]


def in_code(cells: list[str]) -> set[str]:
    """What stands in back quotes."""
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


KEYS = {key for key in (*loader.ITEM_KEYS, *loader.OPTION_KEYS) if key.startswith("x-")}
TYPES = {str(kind) for kind in ItemType}
NAMES = {f"{{{name}}}" for name in Placeholder}


@pytest.mark.parametrize(("heading", "there"), [("Items", TYPES), ("Our own keys", KEYS), ("Placeholders", NAMES)])
def test_what_an_author_can_write_is_what_the_docs_name(heading: str, there: set[str]) -> None:
    named = in_code(first_cells("authoring.md", heading))
    assert named == there
    assert {*there, "x-planted"} - named == {"x-planted"}


def test_groups_of_an_export_are_those_that_the_docs_name() -> None:
    rows = re.findall(
        r"^\| `([a-z-]+)` \| ", text_of("interfaces.md").partition("These groups are left out")[2], re.MULTILINE
    )
    assert sorted(rows) == sorted(EXPORT_GROUPS)


@pytest.mark.parametrize("decision", sorted(page.name for page in (DOCS / "decisions").glob("*.md")))
def test_a_decision_says_situation_decision_and_price(decision: str) -> None:
    assert re.findall(r"^\*\*(\w+)\.\*\*", text_of(f"decisions/{decision}"), re.MULTILINE) == [
        "Situation",
        "Decision",
        "Price",
    ]
    assert text_of(f"decisions/{decision}").startswith(f"# {decision[:4]} ")
