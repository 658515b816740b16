"""`make mutants`: plants a sample of faults, one at a time, runs the tests that reach each, and names those that nobody
noticed.

A process has all libraries loaded and forks once a fault: the child loads our code with the fault in it and runs tests
until one fails. Which tests reach a function is found out first, in a run without a fault.
"""

from __future__ import annotations

import ast
import gc
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any, Final

import hypothesis
import pytest

from tests.mutants.faults import Fault, faults_in

ROOT: Final = Path(__file__).parents[2]
BUILD: Final = ROOT / "build/mutants"
PURE: Final = ("intake/questionnaire", "intake/answers", "intake/summary", "intake/consultations")
"""The packages that faults are planted into, as far as they exist."""
OURS: Final = tuple(str(ROOT / folder) for folder in PURE)
TESTS: Final = (
    *("questionnaire", "answers", "summary", "consultations", "forms", "fhir"),
    *("exports/test_scenarios.py", "exports/test_codebook.py"),
)
"""The tests that are asked, as far as they exist. Pages, servers and browsers are not: a fault in the heart is for the
heart's own tests to find."""
LIBRARIES: Final = [
    "alembic.command",
    "argon2",
    "bs4",
    "click",
    "cryptography.hazmat.primitives.ciphers.aead",
    "flask",
    "flask_wtf",
    "httpx",
    "jsonschema",
    "markupsafe",
    "psutil",
    "sqlalchemy.orm",
    "sqlalchemy.dialects.sqlite",
    "werkzeug",
    "wtforms",
    "yaml",
]
ENOUGH: Final = 20.0
"""Seconds of tests, by the CPU that they take without a fault, that are tried at most on one fault, the quickest
first."""
SLOW: Final = 3.0
"""A single test that takes longer is not tried."""
QUIET: Final = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "timeout=0", "--tb=line", "-W", "ignore")
"""No limit for one test: whoever watches the process has one for all of them."""


@dataclass(frozen=True)
class Planted:
    """One fault in one file."""

    file: str
    fault: Fault
    source: str

    def __str__(self) -> str:
        line = self.source.splitlines()[self.fault.line - 1].strip()
        return f"{self.file}:{self.fault.line}: {self.fault.words}\n    {line}"


@dataclass
class Reach:
    """Which tests call which function, and how long each test takes; what a run without a fault found."""

    seconds: dict[str, float] = field(default_factory=dict)
    callers: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def tests_for(self, one: Planted) -> list[str]:
        """The tests that call the function of a fault, quickest first; then, within `ENOUGH`, those that call another
        one of its module, and those of its own folder.

        What a module says once, when it is loaded, its own functions use first. Of each file some tests come first.
        """
        own = f"tests/{Path(one.file).parts[1]}/"
        direct = self.callers.get(f"{one.file}:{one.fault.function}", [])
        near = [test for at, tests in self.callers.items() if at.startswith(f"{one.file}:") for test in tests]
        folder = [test for test in self.seconds if test.startswith(own)]
        wanted = [test for tests in (direct, near, folder) for test in self._mixed(tests)]
        chosen: dict[str, None] = {}
        spent = 0.0
        for test in wanted:
            if test not in chosen and self.seconds[test] < SLOW and spent < ENOUGH:
                chosen[test] = None
                spent += self.seconds[test]
        return list(chosen)

    def _mixed(self, tests: Iterable[str]) -> list[str]:
        """The quickest three of each file, then the rest, the quickest first."""
        by_file: dict[str, list[str]] = defaultdict(list)
        for test in sorted(set(tests), key=lambda test: self.seconds[test]):
            by_file[test.partition("::")[0]].append(test)
        first = [test for several in by_file.values() for test in several[:3]]
        rest = [test for several in by_file.values() for test in several[3:]]
        return first + sorted(rest, key=lambda test: self.seconds[test])


class Recorder:
    """A plugin of pytest that notes which of our functions each test calls."""

    def __init__(self) -> None:
        self.reach = Reach()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """One test, its fixtures included."""
        called: set[CodeType] = set()

        def note(frame: FrameType, _event: str, _arg: Any) -> None:
            called.add(frame.f_code)

        began = time.process_time()
        sys.settrace(note)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            self.reach.seconds[item.nodeid] = time.process_time() - began
            for code in called:
                if code.co_filename.startswith(OURS):
                    at = f"{Path(code.co_filename).relative_to(ROOT)}:{code.co_firstlineno}"
                    self.reach.callers[at].append(item.nodeid)


class Loader(importlib.machinery.SourceFileLoader):
    """Loads a module from a changed tree."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self.code = code

    def get_code(self, fullname: str) -> CodeType:
        """The changed code, whatever the file says."""
        return self.code


@dataclass
class Finder(importlib.abc.MetaPathFinder):
    """Finds one module changed, and no other."""

    name: str
    loader: Loader

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The changed module's spec."""
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.loader.path, loader=self.loader)


def everything() -> list[Planted]:
    """Every fault that can be planted, in a fixed order."""
    found = []
    for folder in PURE:
        for file in sorted((ROOT / folder).rglob("*.py")):
            source = file.read_text(encoding="utf-8")
            name = file.relative_to(ROOT).as_posix()
            found += [Planted(name, fault, source) for fault in faults_in(ast.parse(source))]
    return found


def plant(one: Planted) -> None:
    """Let this process load the module with the fault."""
    name = one.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    path = str(ROOT / one.file)
    code = compile(one.fault.planted(ast.parse(one.source)), path, "exec")
    sys.meta_path.insert(0, Finder(name, Loader(name, path, code)))


def child(log: Path, arguments: Sequence[str], one: Planted | None = None, plugin: Recorder | None = None) -> int:
    """Fork a process that runs these tests, and ends with pytest's status; gives its id."""
    if pid := os.fork():
        return pid
    status = 70
    try:
        os.setsid()
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        for number in (1, 2):
            os.dup2(out, number)
        if one is not None:
            plant(one)
        status = int(pytest.main([*QUIET, *arguments], plugins=[plugin] if plugin else []))
        if plugin is not None:
            log.with_suffix(".json").write_text(json.dumps(vars(plugin.reach)), encoding="utf-8")
    finally:
        sys.stdout.flush()
        os._exit(status)


@dataclass
class Children:
    """Forked processes, a few at a time, each with a time after which it is killed."""

    jobs: int
    running: dict[int, tuple[int, float]] = field(default_factory=dict)
    """By process: the number of its task, and when its time is over."""
    ended: dict[int, str] = field(default_factory=dict)
    """By task: pytest's status, or `time`."""

    def add(self, task: int, pid: int, seconds: float) -> None:
        """Watch a process; comes back when there is room for another."""
        self.running[pid] = (task, time.monotonic() + seconds)
        self.wait(self.jobs - 1)

    def wait(self, most: int = 0) -> None:
        """Come back when no more than so many are running."""
        while len(self.running) > most:
            for pid, (task, end) in list(self.running.items()):
                done, status = os.waitpid(pid, os.WNOHANG)
                if done:
                    self.ended[task] = str(os.waitstatus_to_exitcode(status))
                elif time.monotonic() > end:
                    os.killpg(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                    self.ended[task] = "time"
                else:
                    continue
                del self.running[pid]
            time.sleep(0.01)


def reached(jobs: int) -> Reach:
    """The run without a fault. Raises SystemExit if a test fails in it."""
    reach, children = Reach(), Children(jobs)
    folders = [f"tests/{name}" for name in TESTS if (ROOT / "tests" / name).exists()]
    for number, folder in enumerate(reversed(folders)):  # the longest first
        log = BUILD / f"without-a-fault-{number}.log"
        children.add(number, child(log, ["-k", "not postgresql", folder], plugin=Recorder()), 900)
    children.wait()
    for number, status in children.ended.items():
        log = BUILD / f"without-a-fault-{number}.log"
        if status != "0":
            raise SystemExit(f"Without a fault the tests must pass; they ended with {status}: {log.relative_to(ROOT)}")
        found = json.loads(log.with_suffix(".json").read_text(encoding="utf-8"))
        reach.seconds |= found["seconds"]
        for function, tests in found["callers"].items():
            reach.callers[function] += tests
    return reach


def main() -> None:
    """Sample, plant, run, and say what came of it."""
    wanted = int(os.environ.get("MUTANTS") or 400)
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10_000))
    minutes = float(os.environ.get("MINUTES") or 30)
    jobs = int(os.environ.get("JOBS") or min(2, os.cpu_count() or 1))
    end = time.monotonic() + minutes * 60
    prepare()
    every = everything()
    sample = random.Random(seed).sample(every, min(wanted, len(every)))
    print(f"{len(sample)} of {len(every)} faults, SEED={seed}", flush=True)
    reach = reached(jobs)
    print(
        f"{len(reach.seconds)} tests pass without a fault, after {time.monotonic() - end + minutes * 60:.0f} s",
        flush=True,
    )
    children = Children(jobs)
    for number, one in enumerate(sample):
        if time.monotonic() > end:
            break
        tests = reach.tests_for(one)
        limit = 30 + 10 * sum(reach.seconds[test] for test in tests)
        children.add(number, child(BUILD / f"{number}.log", tests, one), limit)
    children.wait()
    report(sample, children.ended, seed)


def prepare() -> None:
    """Load what every child needs, and make hypothesis try the same each time and not look for the smallest example."""
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    os.chdir(ROOT)
    for name in LIBRARIES:
        importlib.import_module(name)
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("mutants", phases=phases, database=None, derandomize=True, deadline=None)
    hypothesis.settings.load_profile("mutants")
    assert not any(name.split(".")[0] == "intake" for name in sys.modules), "our code is loaded by the children alone"
    gc.freeze()


def report(sample: Sequence[Planted], ended: dict[int, str], seed: int) -> None:
    """Those that survived by name, then the score."""
    survived = [number for number, status in sorted(ended.items()) if status == "0"]
    for number in sorted(survived, key=lambda number: (sample[number].file, sample[number].fault.line)):
        print(f"survived: {sample[number]}")
    by_time = sum(status == "time" for status in ended.values())
    killed = len(ended) - len(survived)
    print(
        f"{killed} of {len(ended)} killed ({killed / max(1, len(ended)):.1%}), {by_time} of them by time, "
        f"{len(survived)} survived; SEED={seed}, {len(sample) - len(ended)} not tried"
    )


if __name__ == "__main__":
    main()
