"""Whoever writes the database, and has no keys, gets nowhere: what was rolled back, swapped or forged is refused."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from intake.records import cipher, data_keys, erasing, sessions
from intake.records.database import reading, transaction
from intake.records.errors import CannotOpen, RowAltered
from intake.records.sealed import CONTENT
from intake.records.sessions import SessionKind
from tests.records import clinic
from tests.records.clinic import NOW, Patient, Records

FIELDS = "reference, status, revision, content, header, review_status, authored_at, questionnaire, language, started_at"


@pytest.fixture
def sent(records: Records, noise: list[Patient]) -> Patient:
    patient = clinic.begin(records, {"answer": "first"})
    clinic.save(records, patient, {"answer": "second"})
    return patient


def row_of(records: Records, id: str) -> dict[str, object]:
    with reading(records.engine) as sql:
        found = sql.execute(text(f"SELECT {FIELDS} FROM questionnaire_response WHERE id = :id"), {"id": id}).one()
        return found._asdict()


def put(records: Records, id: str, **values: object) -> None:
    """Another program writes into the row."""
    assert records.database is not None
    for name, value in values.items():
        records.database.sql(f"UPDATE questionnaire_response SET {name} = :value WHERE id = :id", value=value, id=id)


def unreadable(records: Records) -> set[str]:
    return {row.reference for row in clinic.queue_of(records) if not row.readable}


def refused(records: Records, id: str) -> bool:
    try:
        clinic.sent_of(records, id)
    except CannotOpen:
        return True
    return False


def test_older_answers_put_back_after_sending_are_refused(records: Records, sent: Patient) -> None:
    older = row_of(records, sent.id)
    clinic.send(records, sent)
    assert not refused(records, sent.id)
    put(records, sent.id, content=older["content"], revision=older["revision"])
    assert refused(records, sent.id)
    assert unreadable(records) == {sent.reference}


def test_swapped_references_are_refused_and_named_on_the_queue(
    records: Records, sent: Patient, noise: list[Patient]
) -> None:
    clinic.send(records, sent)
    other = noise[2]
    put(records, sent.id, reference="0000-0000")
    put(records, other.id, reference=sent.reference)
    put(records, sent.id, reference=other.reference)
    assert unreadable(records) == {sent.reference, other.reference}
    assert refused(records, sent.id)
    assert refused(records, other.id)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("review_status", "reviewed"),
        ("language", "fr"),
        ("questionnaire", "https://example.org/questionnaire|0.9.0"),
        ("authored_at", "2026-01-01 00:00:00.000000"),
        ("started_at", "2026-01-01 00:00:00.000000"),
        ("revision", 1),
        ("status", "amended"),
    ],
)
def test_a_row_that_says_something_else_than_when_it_was_sent_is_refused(
    records: Records, sent: Patient, name: str, value: object
) -> None:
    clinic.send(records, sent)
    put(records, sent.id, **{name: value})
    assert refused(records, sent.id)
    assert unreadable(records) == {sent.reference}


def test_a_review_taken_back_by_an_older_row_is_refused(records: Records, sent: Patient) -> None:
    clinic.send(records, sent)
    before = row_of(records, sent.id)
    clinic.review(records, sent.id, "call her")
    assert not refused(records, sent.id)
    put(records, sent.id, header=before["header"], review_status=before["review_status"])
    assert records.database is not None
    records.database.sql("DELETE FROM review WHERE response_id = :id", id=sent.id)
    assert refused(records, sent.id)
    assert unreadable(records) == {sent.reference}


def test_an_erased_response_put_back_from_an_older_copy_is_refused(records: Records, sent: Patient) -> None:
    clinic.send(records, sent)
    assert records.database is not None
    tables = ("questionnaire_response", "data_key", "resume_code", "response_summary")
    kept = {}
    for table in tables:
        key = "id" if table == tables[0] else "response_id"
        with reading(records.engine) as sql:
            rows = sql.execute(text(f"SELECT * FROM {table} WHERE {key} = :id"), {"id": sent.id}).all()
            kept[table] = [row._asdict() for row in rows]
    with transaction(records.engine) as sql:
        erasing.erase(sql, sent.id, clinic.MOSS, reason="she asked", now=NOW)
    for table, rows in kept.items():
        for row in rows:
            names = ", ".join(row)
            records.database.sql(f"INSERT INTO {table} ({names}) VALUES (:{', :'.join(row)})", **row)
    assert refused(records, sent.id)
    assert unreadable(records) == {sent.reference}


def test_a_review_under_another_name_is_refused(records: Records, sent: Patient) -> None:
    clinic.send(records, sent)
    clinic.review(records, sent.id, "call her")
    assert records.database is not None
    records.database.sql("UPDATE review SET reviewer_name = 'Dr Nobody' WHERE response_id = :id", id=sent.id)
    assert refused(records, sent.id)


def test_what_was_refused_on_the_queue_stands_in_the_trail(records: Records, sent: Patient) -> None:
    clinic.send(records, sent)
    put(records, sent.id, review_status="reviewed")
    clinic.queue_of(records)
    with reading(records.engine) as sql:
        last = sql.execute(text("SELECT action, detail, agent_name FROM audit_event ORDER BY n DESC LIMIT 1")).one()
    assert tuple(last) == ("not-opened", sent.reference, "Dr Moss")


def test_a_sent_row_sealed_as_before_0_5_is_refused(records: Records, sent: Patient) -> None:
    clinic.send(records, sent)
    row = row_of(records, sent.id)
    with reading(records.engine) as sql:
        wrapped = sql.scalar(text("SELECT wrapped FROM data_key WHERE response_id = :id"), {"id": sent.id})
    key = data_keys.by_keyring(bytes(wrapped), sent.id, records.keyring)
    first = cipher.seal_document(
        key,
        {"answer": "older"},
        key_id=b"data-key",
        associated_data=("questionnaire_response", "content", sent.id, str(row["revision"])),
        sizes=(1024,),
    )
    with pytest.raises(CannotOpen):
        CONTENT.unseal(key, first, row | {"id": sent.id})
    put(records, sent.id, content=first)
    assert refused(records, sent.id)


def test_a_draft_sealed_as_before_0_5_opens_and_is_sealed_anew_at_its_next_save(
    records: Records, sent: Patient
) -> None:
    row = clinic.draft_of(records, sent)
    place = ("questionnaire_response", "content", sent.id, str(row.revision))
    first = cipher.seal_document(row.data_key, row.document, key_id=b"data-key", associated_data=place, sizes=(1024,))
    put(records, sent.id, content=first)
    assert clinic.draft_of(records, sent).document["answer"] == "second"
    clinic.save(records, sent, {"answer": "third"})
    assert cipher.key_id_of(bytes(row_of(records, sent.id)["content"])) == b"data-k02"  # type: ignore[arg-type]


def test_sending_takes_a_new_key_and_the_drafts_own_opens_nothing_of_it(records: Records, sent: Patient) -> None:
    draft = clinic.draft_of(records, sent)
    clinic.send(records, sent)
    row = row_of(records, sent.id) | {"id": sent.id}
    with pytest.raises(CannotOpen):
        CONTENT.unseal(draft.data_key, bytes(row["content"]), row)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", list(SessionKind))
def test_a_session_that_somebody_put_into_the_database_opens_nothing(
    records: Records, sent: Patient, kind: SessionKind
) -> None:
    token = sessions.new_token()
    row = {"token": data_keys.token_hash(token), "kind": kind.value, "owner": sent.id, "at": NOW.replace(tzinfo=None)}
    assert records.database is not None
    for mac in ("NULL", "(SELECT mac FROM web_session LIMIT 1)"):
        records.database.sql(
            "INSERT INTO web_session (token_sha256, kind, owner, created_at, seen_at, fresh_at, mac) "
            f"VALUES (:token, :kind, :owner, :at, :at, :at, {mac})",
            **row,
        )
        with pytest.raises(RowAltered), reading(records.engine) as sql:
            sessions.find(sql, token, kind=kind, now=NOW)
        records.database.sql("DELETE FROM web_session WHERE token_sha256 = :token", token=row["token"])


def test_a_session_whose_time_somebody_made_longer_opens_nothing(records: Records, sent: Patient) -> None:
    assert records.database is not None
    records.database.sql("UPDATE web_session SET seen_at = '2031-01-01', created_at = '2031-01-01'")
    with pytest.raises(RowAltered), transaction(records.engine) as sql:
        sessions.find(sql, sent.token, kind=SessionKind.PATIENT, now=NOW)
