"""A new wrapping key, and everything wrapped under it, while patients send and clinicians read: nothing is lost."""

from __future__ import annotations

import threading

import pytest

from intake.records import keyring as keyrings
from intake.records import rewrapping
from intake.records.errors import KeyringReadOnly, KeyringWrong
from intake.records.keyring import Keyring, open_keyring, read_keyring
from tests.records import clinic
from tests.records.clinic import Patient, Records

WRITERS = 4


def rotated(records: Records) -> Keyring:
    return keyrings.rotate(records.engine, records.folder / "keyring.json")


def another_process(records: Records) -> Records:
    """The same installation as a program knows it that was started before."""
    return Records(records.engine, read_keyring(records.folder / "keyring.json"), records.database)


def send_one(records: Records, answer: str) -> Patient:
    patient = clinic.begin(records, {"answer": answer})
    clinic.send(records, patient)
    return patient


def test_a_new_key_wraps_what_is_sent_from_now_on_and_the_older_opens_what_it_wrapped(records: Records) -> None:
    first = send_one(records, "first")
    old = records.keyring.active["kek"]
    now = Records(records.engine, rotated(records), records.database)
    second = send_one(now, "second")
    assert rewrapping.counts(records.engine) == {old: 1, now.keyring.active["kek"]: 1}
    assert [clinic.sent_of(now, one.id).document["answer"] for one in (first, second)] == ["first", "second"]


def test_codes_the_trail_and_signed_rows_are_checked_with_the_keys_that_made_them(records: Records) -> None:
    before = {use: id for use, id in records.keyring.active.items() if use != "kek"}
    after = rotated(records)
    assert {use: id for use, id in after.active.items() if use != "kek"} == before


def test_a_program_that_was_started_before_opens_what_the_new_key_wraps(records: Records) -> None:
    older = another_process(records)
    sent = send_one(records, "hers")
    now = Records(records.engine, rotated(records), records.database)
    assert rewrapping.rewrap(records.engine, now.keyring) == (1, [])
    assert older.keyring.active != now.keyring.active
    assert clinic.sent_of(older, sent.id).document["answer"] == "hers"
    assert older.keyring.active == now.keyring.active


def test_rewrapping_goes_on_where_it_was_killed(records: Records, noise: list[Patient]) -> None:
    sent = [send_one(records, f"{n}") for n in range(5)]
    now = Records(records.engine, rotated(records), records.database)
    assert rewrapping.rewrap(records.engine, now.keyring, batch=2) == (7, [])
    assert rewrapping.rewrap(records.engine, now.keyring, batch=2) == (0, [])
    assert rewrapping.unopened(records.engine, now.keyring) == []
    assert rewrapping.counts(records.engine) == {now.keyring.active["kek"]: 7}
    assert [clinic.sent_of(now, one.id).document["answer"] for one in sent] == [f"{n}" for n in range(5)]


def test_a_wrap_that_does_not_open_is_named_and_the_others_go_on(records: Records, noise: list[Patient]) -> None:
    assert records.database is not None
    broken = send_one(records, "broken")
    records.database.sql("UPDATE data_key SET wrapped = :other WHERE response_id = :id", other=b"x" * 60, id=broken.id)
    now = Records(records.engine, rotated(records), records.database)
    assert rewrapping.rewrap(records.engine, now.keyring) == (2, [broken.reference])
    assert rewrapping.unopened(records.engine, now.keyring) == [broken.reference]


def test_nothing_is_lost_while_keys_are_rotated_under_four_writers(records: Records) -> None:
    acknowledged: list[tuple[str, str]] = []
    failed: list[BaseException] = []
    stop = threading.Event()

    def write(name: int, own: Records) -> None:
        number = 0
        while not stop.is_set():
            answer = f"{name}-{number}"
            try:
                acknowledged.append((send_one(own, answer).id, answer))
            except BaseException as error:  # noqa: BLE001 - whatever it is, the test names it
                failed.append(error)
                return
            number += 1

    threads = [threading.Thread(target=write, args=(name, another_process(records))) for name in range(WRITERS)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        while len(acknowledged) % 10 != 9 and not failed:
            stop.wait(0.001)
        now = rotated(records)
        _, closed = rewrapping.rewrap(records.engine, now, batch=7)
        assert closed == []
    stop.set()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(acknowledged) > 4
    reader = Records(records.engine, open_keyring(records.engine, records.folder / "keyring.json"), records.database)
    assert [clinic.sent_of(reader, id).document["answer"] for id, _ in acknowledged] == [one for _, one in acknowledged]


def test_a_keyring_of_before_the_rotation_put_back_is_refused(records: Records) -> None:
    path = records.folder / "keyring.json"
    before = path.read_bytes()
    rotated(records)
    path.write_bytes(before)
    with pytest.raises(KeyringWrong):
        open_keyring(records.engine, path)


def test_a_keyring_that_cannot_be_written_stays_as_it_is(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    path = records.folder / "keyring.json"
    before = path.read_bytes()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(keyrings, "_write_new", refuse)
    with pytest.raises(KeyringReadOnly, match="cannot be written here"):
        rotated(records)
    assert path.read_bytes() == before
