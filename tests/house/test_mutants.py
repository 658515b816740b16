"""The faults of `make mutants`: what each changes, that every one is a program, and that the disk stays as it is."""

from __future__ import annotations

import ast
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.__main__ import Reach, everything
from tests.mutants.faults import faults_in

ROOT = Path(__file__).parents[2]


def planted_in(source: str) -> set[str]:
    """What a piece of code can become."""
    tree = ast.parse(source)
    return {ast.unparse(fault.planted(tree)) for fault in faults_in(tree)}


WORDS = "def f():\n    '''Words.'''\n    "


@pytest.mark.parametrize(
    ("code", "becomes"),
    [
        ("a < b", {"a <= b", "a >= b"}),
        ("x = a and (not b)", {"x = a or not b", "x = a and b"}),
        ("x = {'k': v, 'l': w}", {"x = {'l': w}", "x = {'k': v}", "x = {'kX': v, 'l': w}", "x = {'k': v, 'lX': w}"}),
        ("x = [a, b]", {"x = [a]", "x = [b]"}),
        ("f(a, quotes=False)", {"pass", "f(a)", "f(a, quotes=True)"}),
        ("x = [a for a in b if a]", {"x = [a for a in b]"}),
        ("x = any(a)", {"x = all(a)"}),
        ("raise ValueError('words')", {"pass"}),
        ("x: tuple[int, str] = (a, b)", {"x: tuple[int, str] = (a,)", "x: tuple[int, str] = (b,)"}),
        ("def f():\n    '''Words.'''\n    return 1", {WORDS + "return None", WORDS + "return 2"}),
    ],
)  # fmt: skip
def test_what_a_piece_of_code_becomes(code: str, becomes: set[str]) -> None:
    found = {one.replace('"""', "'''") for one in planted_in(code)}
    if code.startswith("a <"):
        found.discard("pass")
    assert found == becomes


def test_every_fault_is_a_program_that_differs() -> None:
    every = everything()
    assert len(every) > 2000
    for one in random.Random(7).sample(every, 200):
        tree = ast.parse(one.source)
        changed = one.fault.planted(tree)
        compile(changed, one.file, "exec")
        assert ast.dump(changed) != ast.dump(tree), one


def test_the_quickest_tests_that_call_a_function_come_first_and_a_slow_one_never() -> None:
    one = next(one for one in everything() if one.file == "intake/questionnaire/values.py" and one.fault.function)
    here, folder = f"{one.file}:{one.fault.function}", "tests/questionnaire/test_values.py"
    seconds = {f"{folder}::a": 0.2, f"{folder}::b": 0.1, f"{folder}::c": 9.0, f"{folder}::d": 0.01}
    reach = Reach(seconds, {here: [f"{folder}::a", f"{folder}::b", f"{folder}::c"]})
    assert reach.tests_for(one) == [f"{folder}::b", f"{folder}::a", f"{folder}::d"]


WITH_A_FAULT = """
import ast, sys
from tests.mutants import __main__ as run
one = next(one for one in run.everything() if one.file.endswith("values.py") and one.fault.words == "returns None"
           and "def iso" in one.source.splitlines()[one.fault.function])
run.plant(one)
from intake.questionnaire.values import PartialDate
print(PartialDate(2021, 3).iso)
"""


def test_a_planted_fault_is_in_its_process_alone() -> None:
    source = ROOT / "intake/questionnaire/values.py"
    before = source.read_bytes()
    done = subprocess.run([sys.executable, "-c", WITH_A_FAULT], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "None"
    assert source.read_bytes() == before
