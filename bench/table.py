"""The table that a run of the bench ends in."""

from __future__ import annotations

from collections.abc import Sequence

Row = tuple[str, ...]


def show(title: str, head: Row, rows: Sequence[Row]) -> None:
    """Print a table with a title, its columns as wide as what stands in them."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    print(f"\n{title}")
    for row in (head, tuple("-" * width for width in widths), *rows):
        print(
            "  "
            + "  ".join(
                cell.ljust(width) if not at else cell.rjust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        )


def number(value: float, digits: int = 2) -> str:
    """A number for a cell."""
    return f"{value:,.{digits}f}"


def times(ours: float, other: float) -> str:
    """How many times the other ours is."""
    return f"{ours / other:.2f}×" if other else "-"
