"""An installation from before 0.5 is sealed anew once, a killed one goes on, and afterwards nothing of the old kind is
believed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from intake.records import chain, data_keys, sealing_anew, sessions
from intake.records.cipher import seal_document
from intake.records.database import reading, transaction
from intake.records.errors import CannotOpen, RowAltered
from intake.records.sealed import CONTENT, FIRST_KEY_ID, HEADER, NOTE, SUMMARY, Part
from intake.records.sessions import SessionKind
from intake.records.tables import DATA_KEYS, EVENTS, RESPONSES, REVIEWS, SESSIONS, SUMMARIES
from intake.records.verify import verify
from tests.records import clinic
from tests.records.clinic import NOW, Patient, Records

SENT = 5


@pytest.fixture
def sent(records: Records, noise: list[Patient], monkeypatch: pytest.MonkeyPatch) -> list[Patient]:
    """Five sent responses, one of them reviewed, two drafts and open sessions, all as version 0.4 kept them."""
    monkeypatch.setattr(sealing_anew, "BATCH", 2)
    patients = [clinic.begin(records, {"answer": f"{n}"}) for n in range(SENT)]
    for one in patients:
        clinic.send(records, one, header={"name": one.reference, "birth_date": ""})
    clinic.review(records, patients[0].id, "call her")
    as_before(records)
    return patients


def as_before(records: Records) -> None:
    """What is kept, in the shape of version 0.4: bound to less, nothing signed, no note and no erasures outside."""
    with transaction(records.engine) as sql, sealing_anew._events_open(sql):
        for row in sql.execute(select(RESPONSES).where(RESPONSES.c.authored_at.is_not(None))).all():
            wrapped = sql.scalar(
                select(DATA_KEYS.c.wrapped).where(DATA_KEYS.c.response_id == row.id, DATA_KEYS.c.holder == "keyring")
            )
            key = data_keys.by_keyring(wrapped, row.id, records.keyring)
            values = {"content": first(CONTENT, key, row.content, row), "header": first(HEADER, key, row.header, row)}
            sql.execute(update(RESPONSES).where(RESPONSES.c.id == row.id).values(**values))
            summary = sql.scalar(select(SUMMARIES.c.content).where(SUMMARIES.c.response_id == row.id))
            sealed = first(SUMMARY, key, summary, row)
            sql.execute(update(SUMMARIES).where(SUMMARIES.c.response_id == row.id).values(content=sealed))
            review = sql.execute(select(REVIEWS).where(REVIEWS.c.response_id == row.id)).one_or_none()
            if review is not None:
                note = first(NOTE, key, review.note, {**review._asdict(), "id": row.id})
                sql.execute(update(REVIEWS).where(REVIEWS.c.response_id == row.id).values(note=note))
        sql.execute(update(EVENTS).values(mac=None))
        sql.execute(update(SESSIONS).values(mac=None))
    for path in (records.keyring.erasures, records.keyring.trail_head):
        assert path is not None
        path.unlink(missing_ok=True)


def first(part: Part, key: bytes, blob: bytes, row: Any) -> bytes:
    """A part sealed as it was before 0.5."""
    document = part.unseal(key, blob, row)
    bound = part._associated_data(part.first_bound_to, row)
    return seal_document(key, document, key_id=FIRST_KEY_ID, associated_data=bound, sizes=(1024,))


def readable(records: Records, patients: list[Patient]) -> list[str]:
    """The answers of those that open."""
    found = []
    for one in patients:
        try:
            found.append(clinic.sent_of(records, one.id).document["answer"])
            clinic.summary_of(records, one.id)
        except CannotOpen:
            continue
    return found


def is_whole(records: Records) -> bool:
    assert records.keyring.trail_head is not None
    with reading(records.engine) as sql:
        return verify(sql, records.keyring, chain.noted(records.keyring.trail_head)).fault is None


def test_everything_opens_afterwards_and_the_trail_is_whole(records: Records, sent: list[Patient]) -> None:
    sealing_anew.seal_anew(records.engine, records.keyring)
    assert readable(records, sent) == [f"{n}" for n in range(SENT)]
    assert {row.readable for row in clinic.queue_of(records)} == {True}
    assert clinic.sent_of(records, sent[0].id).review is not None
    with reading(records.engine) as sql:
        assert sessions.find(sql, sent[0].token, kind=SessionKind.PATIENT, now=NOW) is not None
    assert is_whole(records)


def test_without_it_nothing_of_before_is_believed(records: Records, sent: list[Patient]) -> None:
    """The rows are truly of the old kind, and the seals truly looked at."""
    assert readable(records, sent) == []
    with reading(records.engine) as sql, pytest.raises(RowAltered):
        sessions.find(sql, sent[0].token, kind=SessionKind.PATIENT, now=NOW)
    assert not is_whole(records)


@pytest.mark.parametrize("killed_at", range(SENT + 1))
def test_a_killed_one_goes_on(
    records: Records, sent: list[Patient], monkeypatch: pytest.MonkeyPatch, killed_at: int
) -> None:
    done, real = [], sealing_anew._seal_response

    def killed(*given: Any) -> None:
        if len(done) == killed_at:
            raise KeyboardInterrupt
        done.append(given)
        real(*given)

    monkeypatch.setattr(sealing_anew, "_seal_response", killed)
    with pytest.raises(KeyboardInterrupt):
        sealing_anew.seal_anew(records.engine, records.keyring)
    monkeypatch.setattr(sealing_anew, "_seal_response", real)
    clinic.begin(records)  # somebody works on between
    sealing_anew.seal_anew(records.engine, records.keyring)
    assert readable(records, sent) == [f"{n}" for n in range(SENT)]
    assert is_whole(records)


def test_a_row_of_the_old_kind_put_there_afterwards_is_refused_at_every_start(
    records: Records, sent: list[Patient]
) -> None:
    with reading(records.engine) as sql:
        old = sql.execute(select(RESPONSES.c.content, RESPONSES.c.header).where(RESPONSES.c.id == sent[1].id)).one()
    sealing_anew.seal_anew(records.engine, records.keyring)
    assert records.database is not None
    for name, blob in (("content", old.content), ("header", old.header)):
        records.database.sql(f"UPDATE questionnaire_response SET {name} = :b WHERE id = :id", b=blob, id=sent[1].id)
    records.database.sql("UPDATE web_session SET mac = NULL")
    sealing_anew.seal_anew(records.engine, records.keyring)  # the next start
    assert readable(records, sent) == ["0", "2", "3", "4"]
    with reading(records.engine) as sql, pytest.raises(RowAltered):
        sessions.find(sql, sent[0].token, kind=SessionKind.PATIENT, now=NOW)


def test_one_that_is_damaged_stays_closed_and_hinders_no_other(records: Records, sent: list[Patient]) -> None:
    assert records.database is not None
    records.database.sql(
        "UPDATE response_summary SET content = :other WHERE response_id = :id", other=b"x" * 80, id=sent[2].id
    )
    sealing_anew.seal_anew(records.engine, records.keyring)
    assert readable(records, sent) == ["0", "1", "3", "4"]
