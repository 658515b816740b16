"""Many at once: one sending, no lost save, nobody's answers under somebody else's name."""

import multiprocessing
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from intake.records import drafts
from intake.records.database import open_database, reading, transaction
from intake.records.drafts import DraftHandle
from intake.records.errors import AlreadySent, DraftChanged
from intake.records.keyring import open_keyring
from tests.records import clinic
from tests.records.clinic import NOW, Patient, Records


def press_send(records: Records, patient: Patient, draft: DraftHandle | None = None) -> tuple[str, str]:
    """What one press of “send” ends in, and the reference it tells. With `draft`, it was read before the press."""
    try:
        if draft is None:
            return "sent", clinic.send(records, patient)
        return "sent", clinic.send_as_read(records, draft, draft.document)
    except AlreadySent as already:
        return "already", already.reference


def rows_about(records: Records, patient: Patient) -> list[int]:
    queries = (
        "FROM response_summary WHERE response_id",
        "FROM data_key WHERE response_id",
        "FROM audit_event WHERE action = 'send' AND entity_id",
    )
    with reading(records.engine) as session:
        return [
            session.execute(text(f"SELECT count(*) {query} = :id"), {"id": patient.id}).scalar_one()
            for query in queries
        ]


@pytest.mark.parametrize("read_before", [False, True])
def test_twenty_presses_at_once_send_once_and_all_tell_the_same_reference(
    records: Records, noise: list[Patient], read_before: bool
):
    for round in range(5):
        patient = clinic.begin(records, {"answer": round})
        draft = clinic.draft_of(records, patient) if read_before else None
        together = Barrier(20)

        def press(_: int, patient: Patient = patient, draft: DraftHandle | None = draft, together: Barrier = together):
            together.wait()
            return press_send(records, patient, draft)

        with ThreadPoolExecutor(20) as pool:
            outcomes = list(pool.map(press, range(20)))
        assert sorted(outcomes) == [("already", patient.reference)] * 19 + [("sent", patient.reference)]
        assert rows_about(records, patient) == [1, 1, 1]
        assert clinic.sent_of(records, patient.id).document == {"answer": round}


def in_a_process(url: str, folder: str, patients: list[Patient], meet: Any, told: Any) -> None:
    engine = open_database(url)
    records = Records(engine, open_keyring(engine, Path(folder) / "keyring.json"))
    meet.wait()
    told.put([press_send(records, patient) for patient in patients])
    engine.dispose()


def test_presses_from_several_processes_send_once(records: Records):
    patients = [clinic.begin(records, {"answer": n}) for n in range(10)]
    spawn = multiprocessing.get_context("spawn")
    meet, told = spawn.Barrier(4), spawn.Queue()
    processes = [
        spawn.Process(target=in_a_process, args=(records.database.url, str(records.folder), patients, meet, told))
        for _ in range(4)
    ]
    for process in processes:
        process.start()
    outcomes = [told.get(timeout=90) for _ in processes]
    for process in processes:
        process.join()
    told.close()
    told.join_thread()
    for n, patient in enumerate(patients):
        ends = sorted(outcome[n] for outcome in outcomes)
        assert ends == [("already", patient.reference)] * 3 + [("sent", patient.reference)]
        assert rows_about(records, patient) == [1, 1, 1]


def test_of_many_read_and_written_again_none_is_lost(records: Records):
    patient = clinic.begin(records, {"count": 0})

    def add_one(_: int) -> None:
        with transaction(records.engine) as sql:
            draft = drafts.open(sql, patient.token, now=NOW)
            drafts.save(sql, draft, draft.document | {"count": draft.document["count"] + 1}, now=NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_one, range(200)))
    draft = clinic.draft_of(records, patient)
    assert (draft.document["count"], draft.revision) == (200, 201)


def test_two_windows_in_any_order_agree_with_a_model(records: Records, patient: Patient):
    """Five hundred random steps of three windows: a save is taken if and only if its window saw the newest revision."""
    chance = random.Random(20261122)
    model = {"revision": 1, "answer": "mine"}
    windows = [clinic.draft_of(records, patient)] * 3
    taken = 0
    for step in range(500):
        window = chance.randrange(3)
        if chance.random() < 0.5:
            windows[window] = clinic.draft_of(records, patient)
            continue
        try:
            with transaction(records.engine) as sql:
                windows[window] = drafts.save(sql, windows[window], {"answer": step}, now=NOW)
            model = {"revision": model["revision"] + 1, "answer": step}
            taken += 1
        except DraftChanged:
            assert windows[window].revision != model["revision"]
        draft = clinic.draft_of(records, patient)
        assert {"revision": draft.revision, "answer": draft.document["answer"]} == model
    assert 0 < taken < 250


def test_everybodys_answers_stay_under_their_own_name(records: Records):
    patients = [clinic.begin(records) for _ in range(40)]

    def fill_in(patient: Patient) -> None:
        for page in range(5):
            clinic.save(records, patient, {f"page {page}": patient.id})
        clinic.send(records, patient, header={"name": patient.id, "birth_date": ""})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(fill_in, patients))
    for patient in patients:
        assert clinic.sent_of(records, patient.id).document == {f"page {page}": patient.id for page in range(5)}
    assert {row.id: row.header["name"] for row in clinic.queue_of(records)} == {
        patient.id: patient.id for patient in patients
    }
