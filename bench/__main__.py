"""Run all of it: `python -m bench`, or some: `python -m bench exports desk`. BENCH_ROWS says how many responses are
exported (2,000)."""

from __future__ import annotations

import os
import sys

from bench import desk, exports, filling, reading, sign_ins, steps

PARTS = {
    "steps": steps.measure,
    "exports": exports.measure,
    "desk": desk.measure,
    "reading": reading.measure,
    "filling": filling.measure,
    "sign-ins": sign_ins.measure,
}


def main(names: list[str]) -> None:
    """Measure these parts, all if none are named, and say how busy the machine was."""
    if unknown := [name for name in names if name not in PARTS]:
        sys.exit(f"{unknown[0]} is no part of the bench; there are {', '.join(PARTS)}.")
    print(f"{os.cpu_count()} processors; load before: {os.getloadavg()[0]:.1f}")
    for name in names or PARTS:
        PARTS[name]()
    print(
        f"\nLoad after: {os.getloadavg()[0]:.1f}. Ratios of one run count; a number alone says how busy the "
        f"machine was."
    )


if __name__ == "__main__":
    main(sys.argv[1:])
