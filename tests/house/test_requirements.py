"""The table of security requirements and the hazard log are held to the code: every row in its place, every file and
every test that they name there, and a reason in words where there is no test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click
import pytest

from intake.cli import intake

ROOT = Path(__file__).parents[2]
REQUIREMENTS = (ROOT / "docs/security/requirements.md").read_text(encoding="utf-8")
HAZARDS = (ROOT / "docs/safety/hazard-log.md").read_text(encoding="utf-8")

ROWS = 80
CELLS = ("source", "requirement", "where", "shown by")
FIELDS = ("Cause", "Effect", "At first", "Controls", "Tests", "Left over", "Owner")
SEVERITIES = ("minor", "significant", "considerable", "major", "catastrophic")
LIKELIHOODS = ("very low", "low", "medium", "high", "very high")
OFFICER = "the clinic's clinical safety officer"
OWNERS = (OFFICER, "the program")
UNSIGNED = "No named clinical safety reviewer has read or signed this log."

_CODE = re.compile(r"`([^`]+)`")
_TEST = re.compile(r"(?P<file>tests/[\w/]+\.py)::(?P<name>\w+)")
_REASON = re.compile(r"\*\*(?P<kind>not met|partly|no test)\*\*: (?P<words>[^`]{20,})")
_LINK = re.compile(r"\]\((?P<file>[^)#]+\.md)")


# -- what a page names -------------------------------------------------------------------------------------------------


@cache
def functions_of(file: str) -> frozenset[str]:
    """The test functions of a file, none if there is no such file."""
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def named_files(text: str) -> list[str]:
    """Whatever stands in back quotes and is written like a file of ours."""
    paths = (code.partition("::")[0] for code in _CODE.findall(text))
    ours = ("intake/", "docs/", "tests/")
    return [
        path for path in paths if path.startswith(ours) or path in ("requirements.lock", "setup.cfg", "pyproject.toml")
    ]


def named_tests(text: str) -> list[tuple[str, str]]:
    """The tests in back quotes, as file and name."""
    found = (_TEST.fullmatch(code) for code in _CODE.findall(text))
    return [(one["file"], one["name"]) for one in found if one]


def is_missing(text: str) -> Iterator[str]:
    """The files and tests that a text names and that are not there, and what is a test by half."""
    yield from (f"no file {path}" for path in named_files(text) if not (ROOT / path).is_file())
    yield from (f"no test {file}::{name}" for file, name in named_tests(text) if name not in functions_of(file))
    yield from (f"not a test: {code}" for code in _CODE.findall(text) if "::" in code and not _TEST.fullmatch(code))


# -- the table of requirements -----------------------------------------------------------------------------------------


def rows_of(page: str) -> list[tuple[str, list[str]]]:
    """The number of each row of the table, and its other cells."""
    table = page.partition("\n|---|---|---|---|---|\n")[2]
    rows = [row.strip("| ").split(" | ") for row in table.splitlines() if row.startswith("|")]
    return [(row[0], row[1:]) for row in rows]


def what_is_wrong(page: str) -> list[str]:
    """Everything that the table of requirements does not keep to."""
    rows = rows_of(page)
    numbers = [number for number, _ in rows]
    wanted = [str(number) for number in range(1, ROWS + 1)]
    wrong = [] if numbers == wanted else [f"the rows are not 1 to {ROWS} in order"]
    for number, cells in rows:
        if len(cells) != len(CELLS) or not all(cells):
            wrong.append(f"{number}: not {len(CELLS)} cells with something in each")
            continue
        *_, where, shown = cells
        wrong += [f"{number}: {missing}" for cell in (where, shown) for missing in is_missing(cell)]
        if not named_files(where):
            wrong.append(f"{number}: no file that meets it")
        reason = _REASON.search(shown)
        if not named_tests(shown) and (reason is None or reason["kind"] == "partly"):
            wrong.append(f"{number}: neither a test nor a reason")
        if (
            reason
            and reason["kind"] == "no test"
            and not any((ROOT / "docs/security" / link["file"]).is_file() for link in _LINK.finditer(shown))
        ):
            wrong.append(f"{number}: no page to look at instead of a test")
    return wrong


def test_every_requirement_is_in_its_place_and_names_what_shows_it() -> None:
    assert what_is_wrong(REQUIREMENTS) == []


def planted(page: str, old: str, new: str) -> str:
    """A copy of a page with one piece of it replaced."""
    assert old in page, "there is something to replace"
    return page.replace(old, new, 1)


ROW_26 = next(row for row in REQUIREMENTS.splitlines() if row.startswith("| 26 |"))
ROW_67 = next(row for row in REQUIREMENTS.splitlines() if row.startswith("| 67 |"))
ROW_56 = next(row for row in REQUIREMENTS.splitlines() if row.startswith("| 56 |"))
TEST_OF_26 = "test_files_and_other_kinds_of_bodies_are_not_taken"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (f"{ROW_26}\n", "", "the rows are not 1 to 80 in order"),
        (f"{ROW_26}\n", f"{ROW_26}\n{ROW_26}\n", "the rows are not 1 to 80 in order"),
        ("| 26 |", "| 27 |", "the rows are not 1 to 80 in order"),
        (TEST_OF_26, f"{TEST_OF_26}_any_more", f"26: no test tests/web/test_limits.py::{TEST_OF_26}_any_more"),
        (TEST_OF_26, "test_none[here]", "26: not a test: tests/web/test_limits.py::test_none[here]"),
        (TEST_OF_26, "named_files", "26: no test tests/web/test_limits.py::named_files"),
        (f"`tests/web/test_limits.py::{TEST_OF_26}`", "see there", "26: neither a test nor a reason"),
        (
            f"`tests/web/test_limits.py::{TEST_OF_26}`",
            "**partly**: some of it, as we believe, and nobody looked",
            "26: neither a test nor a reason",
        ),
        (f"`tests/web/test_limits.py::{TEST_OF_26}`", "**not met**: why", "26: neither a test nor a reason"),
        (ROW_26, ROW_26.replace("web/limits.py", "web/uploads.py", 1), "26: no file intake/web/uploads.py"),
        (ROW_26, ROW_26.replace("`intake/web/limits.py`", "everywhere"), "26: no file that meets it"),
        (ROW_26, ROW_26.replace("There is no upload; a form with files is refused.", ""), "26: not 4 cells"),
        (ROW_67, ROW_67.partition(" **not met**")[0] + " |", "67: not 4 cells"),
        (ROW_56, ROW_56.replace("assets.md#", "nowhere.md#"), "56: no page to look at instead of a test"),
    ],
    ids=range(14),
)
def test_a_fault_that_is_planted_in_the_table_is_named(old: str, new: str, said: str) -> None:
    assert [wrong for wrong in what_is_wrong(planted(REQUIREMENTS, old, new)) if wrong.startswith(said)]


# -- the hazard log ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hazard:
    """One entry of the log, by its heading; the fields in the order that they stand in."""

    id: str
    fields: dict[str, str]


def hazards_of(page: str) -> list[Hazard]:
    """Every entry of the log."""
    parts = re.split(r"^### (HZ-\d+) .+$", page.partition("\n## Signature")[0], flags=re.MULTILINE)[1:]
    found = zip(parts[::2], parts[1::2], strict=True)
    return [Hazard(id, dict(re.findall(r"^- \*\*([\w ]+):\*\* (.*)$", text, re.MULTILINE))) for id, text in found]


def what_is_wrong_with_hazards(page: str) -> list[str]:
    """Everything that the hazard log does not keep to."""
    hazards = hazards_of(page)
    wrong = [] if UNSIGNED in page else ["it is not said that nobody has signed"]
    if [one.id for one in hazards] != [f"HZ-{number:02}" for number in range(1, len(hazards) + 1)]:
        wrong.append("the entries are not in order")
    for one in hazards:
        if tuple(one.fields) != FIELDS or not all(one.fields.values()):
            wrong.append(f"{one.id}: not each of {', '.join(FIELDS)}")
            continue
        severity, _, likelihood = one.fields["At first"].partition(" × ")
        if severity not in SEVERITIES or likelihood not in LIKELIHOODS:
            wrong.append(f"{one.id}: not a severity × a likelihood")
        if not named_files(one.fields["Controls"]):
            wrong.append(f"{one.id}: no file that controls it")
        if not named_tests(one.fields["Tests"]):
            wrong.append(f"{one.id}: no test")
        if not one.fields["Left over"].startswith(LIKELIHOODS_LEFT):
            wrong.append(f"{one.id}: what is left over does not begin with how likely it is")
        if not one.fields["Owner"].startswith(OWNERS):
            wrong.append(f"{one.id}: no owner")
        wrong += [f"{one.id}: {missing}" for text in one.fields.values() for missing in is_missing(text)]
    return wrong


LIKELIHOODS_LEFT = tuple(sorted(LIKELIHOODS, key=len, reverse=True))
SEEDED = {
    "An answer that was acknowledged is lost",
    "One patient's answers are shown as another's",
    "An answer to a question that was closed again is read as current",
    "Day and month are swapped",
    "A number is read in another unit",
    "Blank is read as no",
    "An older state of the answers is read",
    "A text is cut",
    "The patient does not understand the language of the form",
    "Somebody in a crisis writes it into the form, and nobody reads it",
}
"""The hazards that the log began with: none of them is ever taken out."""


def test_every_hazard_names_what_controls_it_and_tests_that_show_it() -> None:
    assert what_is_wrong_with_hazards(HAZARDS) == []
    headings = re.findall(r"^### HZ-\d+ (.+)$", HAZARDS, re.MULTILINE)
    assert [seed for seed in SEEDED if not any(heading.startswith(seed) for heading in headings)] == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (UNSIGNED, "Signed by everybody.", "it is not said that nobody has signed"),
        ("### HZ-02 ", "### HZ-03 ", "the entries are not in order"),
        ("**Left over:**", "**Leftover:**", "HZ-01: not each of"),
        ("considerable × medium", "bad × often", "HZ-01: not a severity × a likelihood"),
        (
            "test_no_acknowledged_answer_is_lost_and_saving_goes_on",
            "test_nothing",
            "HZ-01: no test tests/cli/test_restart",
        ),
        ("intake/records/database.py", "intake/records/nowhere.py", "HZ-01: no file intake/records/nowhere.py"),
        ("**Left over:** very low", "**Left over:** nothing", "HZ-01: what is left over"),
        ("**Owner:** the clinic's clinical safety officer", "**Owner:** somebody", "HZ-01: no owner"),
    ],
    ids=range(8),
)
def test_a_fault_that_is_planted_in_the_log_is_named(old: str, new: str, said: str) -> None:
    assert [wrong for wrong in what_is_wrong_with_hazards(planted(HAZARDS, old, new)) if wrong.startswith(said)]


def test_a_hazard_without_tests_is_named() -> None:
    bare = re.sub(r"^- \*\*Tests:\*\* .*$", "- **Tests:** none yet", HAZARDS, count=1, flags=re.MULTILINE)
    assert what_is_wrong_with_hazards(bare) == ["HZ-01: no test"]


# -- commands ----------------------------------------------------------------------------------------------------------

PAPERS = sorted(page for folder in ("security", "safety", "privacy") for page in (ROOT / "docs" / folder).glob("*.md"))


def no_such_commands(text: str) -> list[str]:
    """What a page has as a command of ours, and the program has not."""
    wrong = []
    for code in _CODE.findall(text):
        program, *words = code.split()
        if program != "intake":
            continue
        command: click.Command | None = intake
        while isinstance(command, click.Group) and words and not words[0].startswith("--"):
            command = command.commands.get(words.pop(0))
        options = [] if command is None else [option for one in command.params for option in one.opts]
        asked = [word for word in words if word.startswith("--") and word not in ("--version", "--help")]
        if command is None or set(asked) - set(options):
            wrong.append(code)
    return wrong


@pytest.mark.parametrize("page", PAPERS, ids=lambda page: page.name)
def test_the_commands_that_a_paper_tells_are_there(page: Path) -> None:
    assert no_such_commands(page.read_text(encoding="utf-8")) == []


def test_a_command_that_is_not_there_is_named() -> None:
    assert no_such_commands("`intake staff disable EMAIL`, `intake audit list --who EMAIL --since DAY`") == []
    assert no_such_commands("`intake audit query REF`") == ["intake audit query REF"]
    assert no_such_commands("`intake staff disable --for-good`") == ["intake staff disable --for-good"]
