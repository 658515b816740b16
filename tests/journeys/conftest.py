"""A real server with a clinician and an admin; patients come by HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from tests.databases import DatabaseIn
from tests.serving import Server, serving
from tests.walker import Patient, Staff, browser


@pytest.fixture(scope="session")
def server(database_in: DatabaseIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A try-out on a fresh instance folder."""
    with database_in(tmp_path_factory.mktemp("served"), empty=True) as database, serving(database) as running:
        yield running


@pytest.fixture
def patient(server: Server, questionnaire: Questionnaire) -> Iterator[Callable[[QuestionnaireResponse], Patient]]:
    """Makes a patient, in a browser of her own, who will type this response."""
    clients = []

    def make(response: QuestionnaireResponse) -> Patient:
        clients.append(browser(server.base))
        return Patient(clients[-1], questionnaire, response)

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def clinician(server: Server) -> Iterator[Staff]:
    """The clinician, signed in."""
    with browser(server.base) as client:
        yield Staff(client).sign_in(server.accounts["clinician"])


@pytest.fixture
def admin(server: Server) -> Iterator[Staff]:
    """The admin, signed in."""
    with browser(server.base) as client:
        yield Staff(client).sign_in(server.accounts["admin"])
