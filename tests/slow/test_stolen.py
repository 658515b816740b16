"""Somebody takes the database and the keyring of a served installation, or writes into its database: drafts stay shut,
swaps are noticed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from intake.questionnaire.model import Questionnaire
from intake.records.database import open_database
from intake.records.keyring import open_keyring
from tests.databases import Database, DatabaseIn
from tests.factories import random_response
from tests.records.clinic import Records
from tests.records.test_sealed import blobs_of, opened_by_any
from tests.serving import Server, serving
from tests.walker import Patient, Staff, browser


@dataclass
class Served:
    """An installation with one draft and two sent responses; the patients are still there."""

    server: Server
    draft: Patient
    references: tuple[str, str]
    names: tuple[str, str]

    @property
    def database(self) -> Database:
        """What somebody else writes into."""
        return self.server.database

    def id_of(self, reference: str) -> str:
        """The row of a response."""
        return str(
            self.database.sql(
                "SELECT id FROM questionnaire_response WHERE reference = :reference", reference=reference
            )[0][0]
        )

    def draft_id(self) -> str:
        """The row of the draft."""
        return str(self.database.sql("SELECT id FROM questionnaire_response WHERE status = 'in-progress'")[0][0])


@pytest.fixture(scope="module")
def served(
    database_in: DatabaseIn, tmp_path_factory: pytest.TempPathFactory, questionnaire: Questionnaire
) -> Iterator[Served]:
    names = ("Ottilie Marchbanks", "Perpetua Quill")
    with database_in(tmp_path_factory.mktemp("stolen"), empty=True) as database, serving(database) as server:
        references = []
        for seed, name in enumerate(names):
            with browser(server.base) as client:
                response = random_response(questionnaire, seed, texts=(name,))
                references.append(Patient(client, questionnaire, response).start().to_check().send())
        with browser(server.base) as client:
            draft = Patient(client, questionnaire, random_response(questionnaire, 7)).start().to_check()
            yield Served(server, draft, (references[0], references[1]), names)


def test_database_and_keyring_open_no_draft_but_what_was_sent(served: Served) -> None:
    engine = open_database(served.database.url)
    taken = Records(engine, open_keyring(engine, served.server.instance / "keyring.json"), served.database)
    assert opened_by_any(taken, blobs_of(taken, served.draft_id())) == set()
    assert len(opened_by_any(taken, blobs_of(taken, served.id_of(served.references[0])))) == 1, (
        "its key, by the keyring"
    )
    engine.dispose()


@contextmanager
def swapped(
    database: Database, table: str, column: str, key: str, ids: tuple[str, str], where: str = ""
) -> Iterator[None]:
    """Two rows with their blobs exchanged, as long as the block runs."""

    def exchange() -> None:
        blobs = [database.sql(f"SELECT {column} FROM {table} WHERE {key} = :id {where}", id=id)[0][0] for id in ids]
        for id, blob in zip(ids, reversed(blobs), strict=True):
            changed = database.sql(
                f"UPDATE {table} SET {column} = :blob WHERE {key} = :id {where} RETURNING {key}", blob=blob, id=id
            )
            assert changed == [(id,)]

    exchange()
    yield
    exchange()


PLACES = [
    ("questionnaire_response", "content", "id", ""),
    ("response_summary", "content", "response_id", ""),
    ("data_key", "wrapped", "response_id", "AND holder = 'keyring'"),
]


@pytest.mark.parametrize(("table", "column", "key", "where"), PLACES, ids=lambda value: str(value) or "-")
def test_a_blob_of_another_row_does_not_open(served: Served, table: str, column: str, key: str, where: str) -> None:
    one, other = (served.id_of(reference) for reference in served.references)
    with browser(served.server.base) as client:
        Staff(client).sign_in(served.server.accounts["clinician"])
        address = f"/clinician/responses/{one}"
        assert client.get(address).status_code == 200
        with swapped(served.database, table, column, key, (one, other), where):
            page = client.get(address)
            assert page.status_code == 500
            assert "cannot be opened" in page.text
            assert not any(name in page.text for name in served.names)
        assert client.get(address).status_code == 200


def test_a_row_with_another_rows_header_is_listed_without_a_name(served: Served) -> None:
    ids = (served.id_of(served.references[0]), served.id_of(served.references[1]))
    with browser(served.server.base) as client:
        clinician = Staff(client).sign_in(served.server.accounts["clinician"])
        clinician.get("/clinician/")
        assert all(name in clinician.text for name in served.names)
        with swapped(served.database, "questionnaire_response", "header", "id", ids):
            clinician.get("/clinician/")
            assert not any(name in clinician.text for name in served.names)
            assert all(reference in clinician.text for reference in served.references)


def test_a_draft_with_a_sent_responses_content_does_not_open(served: Served) -> None:
    ids = (served.draft_id(), served.id_of(served.references[0]))
    with swapped(served.database, "questionnaire_response", "content", "id", ids):
        served.draft.get("/check")
        assert served.draft.response.status_code == 500
        assert not any(name in served.draft.response.text for name in served.names)
    served.draft.get("/check")
    assert served.draft.response.status_code == 200
