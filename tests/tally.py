"""Says in one line what a test run came to, and lets no skipped or expected-to-be-broken test pass unseen.

Reads the JUnit report that pytest writes: `python -m tests.tally build/tests.xml`.
"""

import sys
from pathlib import Path
from xml.etree import ElementTree


def tally(report: Path) -> dict[str, int]:
    """Counts of a JUnit report: tests passed, failed (errors of set-up included), skipped (xfail included)."""
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    total, failed, skipped = (
        sum(int(suite.attrib[name]) for suite in suites for name in names)
        for names in (("tests",), ("failures", "errors"), ("skipped",))
    )
    return {"passed": total - failed - skipped, "failed": failed, "skipped": skipped}


def main() -> int:
    report = Path(sys.argv[1])
    if not report.exists():
        print("The tests did not run to their end: there is no report.")
        return 1
    counts = tally(report)
    print(", ".join(f"{count} {word}" for word, count in counts.items()))
    return 1 if counts["skipped"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
