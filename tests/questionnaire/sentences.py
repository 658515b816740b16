"""Every sentence that an author reads about a form that is not sound, as one file for the eye.

`python -m tests.questionnaire.sentences` writes it anew from the wrong forms of `test_loader`; whoever does so has read
what changed.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from intake.questionnaire import invariants
from tests.factories import CONTENT

FILE: Final = CONTENT / "sentences_for_authors.json"


def read() -> dict[str, list[str]]:
    """The approved sentences of each wrong form, by its name."""
    sentences: dict[str, list[str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return sentences


def of_the_rules() -> Iterator[str]:
    """Each sentence that the invariants of items can say, with `…` for what is filled in."""
    tree = ast.parse(Path(invariants.__file__).read_text(encoding="utf-8"))
    table = next(
        node.value for node in tree.body if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "OF_AN_ITEM"
    )
    assert isinstance(table, ast.Tuple)
    said = [row.elts[1] for row in table.elts if isinstance(row, ast.Tuple)]
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name not in ("head_is_sound", "problems_of"):
            yields = [node.value for node in ast.walk(function) if isinstance(node, ast.Yield) and node.value]
            said += [node.elts[1] if isinstance(node, ast.Tuple) else node for node in yields]
    for node in said:
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        words = (part.value if isinstance(part, ast.Constant) else "…" for part in parts)
        yield "".join(map(str, words)).replace("{item.type}", "…").replace("{{value}}", "{value}")


if __name__ == "__main__":
    from tests.questionnaire.test_loader import WRONG, of_page

    found = {name: of_page(items) for name, (items, _) in WRONG.items()}
    FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
