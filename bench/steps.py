"""A questionnaire over real HTTP, ours beside the floor: processor time, the length of a step, memory, and what a first
visit loads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from statistics import median, quantiles
from time import perf_counter
from typing import Final

from bench.serving import APPS, Served, served
from bench.table import number, show, times
from bench.walking import Walker

ROUNDS: Final = 5
WALKS: Final = {1: 3, 8: 1}
"""How many whole questionnaires each client walks in a round, by the number of clients."""
CLIENTS: Final = 8
LISTS: Final = 3
ENTRIES: Final = 4
"""How many lists at least are shown where lists are walked, and how many entries each gets."""


@dataclass
class Cost:
    """What walks at one app took, round by round."""

    cpu: list[float] = field(default_factory=list)
    walks: list[float] = field(default_factory=list)
    steps: list[float] = field(default_factory=list)

    @property
    def p95(self) -> float:
        """The step that 95 in 100 do not outlast, in seconds."""
        return quantiles(self.steps, n=20)[-1]


def measure() -> None:
    """Print both tables."""
    with served("ours") as ours, served("floor") as floor:
        servers = dict(zip(APPS, (ours, floor), strict=True))
        for server in servers.values():
            _walks(server, 1)  # the first requests compile templates
        one, many = _rounds(servers, 1), _rounds(servers, CLIENTS)
        memory = {app: server.memory() for app, server in servers.items()}
        listed = _lists(ours)
        loads = [(path, *_first_load(ours, path)) for path in ("/", "/resume", "the first questions")]
    rows = [_row("processor ms a step, 1 client", one, lambda cost: median(cost.cpu) * 1000)]
    rows += [_row("step, median ms, 1 client", one, lambda cost: median(cost.steps) * 1000)]
    rows += [_row("step, p95 ms, 1 client", one, lambda cost: cost.p95 * 1000)]
    rows += [_row(f"steps a second, {CLIENTS} clients", many, lambda cost: median(cost.walks))]
    rows += [_row(f"step, median ms, {CLIENTS} clients", many, lambda cost: median(cost.steps) * 1000)]
    rows += [_row(f"step, p95 ms, {CLIENTS} clients", many, lambda cost: cost.p95 * 1000)]
    rows += [
        (
            "memory MB (PSS, 2 workers)",
            number(memory["ours"], 0),
            number(memory["floor"], 0),
            times(memory["ours"], memory["floor"]),
        )
    ]
    show("A questionnaire, page by page", ("", "ours", "floor raw", "ours / floor"), rows)
    show("First load", ("page", "requests", "kB"), loads)
    show("Processor ms a step of ours", ("plain page", "in a list", "list / plain page"), [listed])


def _lists(server: Served) -> tuple[str, str, str]:
    """What a step costs on plain pages, and in lists: what walks with entries take beyond walks without, up to the
    check page, which draws all of them."""
    took: dict[int, list[tuple[float, int]]] = {0: [], ENTRIES: []}
    for _ in range(ROUNDS):
        for entries, costs in took.items():
            with closing(Walker(server.port, LISTS)) as walker:
                before = server.cpu()
                for _ in range(WALKS[1]):
                    walker.walk(entries, until="/check")
                costs.append((server.cpu() - before, len(walker.steps)))
    (plain, steps), (all_of_it, all_steps) = (
        (median(cpu for cpu, _ in costs) * 1000, costs[0][1]) for costs in took.values()
    )
    in_list = (all_of_it - plain) / (all_steps - steps)
    return number(plain / steps), number(in_list), times(in_list, plain / steps)


def _row(name: str, costs: dict[str, Cost], read: Callable[[Cost], float]) -> tuple[str, ...]:
    ours, floor = (read(costs[app]) for app in APPS)
    return name, number(ours), number(floor), times(ours, floor)


def _rounds(servers: dict[str, Served], clients: int) -> dict[str, Cost]:
    """Rounds in turn, so that whatever else the machine does meets both."""
    costs = {app: Cost() for app in servers}
    for _ in range(ROUNDS):
        for app, server in servers.items():
            before, began = server.cpu(), perf_counter()
            steps = _walks(server, clients)
            costs[app].steps += steps
            costs[app].cpu.append((server.cpu() - before) / len(steps))
            costs[app].walks.append(len(steps) / (perf_counter() - began))
    return costs


def _walks(server: Served, clients: int) -> list[float]:
    with ThreadPoolExecutor(clients) as pool:
        return [step for steps in pool.map(_one_client, [(server.port, WALKS[clients])] * clients) for step in steps]


def _one_client(walks: tuple[int, int]) -> list[float]:
    port, count = walks
    with closing(Walker(port)) as walker:
        for _ in range(count):
            walker.walk()
        return walker.steps


def _first_load(server: Served, path: str) -> tuple[str, str]:
    """How many requests a first visit to a page makes, and how many kB it brings."""
    with closing(Walker(server.port)) as walker:
        if path.startswith("/"):
            sizes = [len(walker.open(path))]
        else:
            walker.open("/")
            walker.press("start")
            walker.press("continue")
            sizes = [len(walker.text.encode())]
        sizes += [len(walker.fetch(part)) for part in walker.parts()]
    return str(len(sizes)), number(sum(sizes) / 1000, 1)
