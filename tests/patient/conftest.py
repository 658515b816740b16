"""Patients at an application of their own, on a real database in a fresh folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.patient.visitor import Visitor
from tests.staffroom import House
from tests.walker import browser


@pytest.fixture
def visit(house: House) -> Iterator[Callable[[], Visitor]]:
    """Makes a patient with a browser of her own."""
    clients = []

    def make() -> Visitor:
        clients.append(browser("http://localhost", house.app))
        return Visitor(clients[-1])

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def visitor(visit: Callable[[], Visitor]) -> Visitor:
    """One patient who has opened nothing yet."""
    return visit()
