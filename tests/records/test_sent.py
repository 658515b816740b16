"""Sent responses: read by the clinic, listed, exported, reviewed; altered ones never read as somebody else's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from intake.records import exporting, reviews
from intake.records import sent as sent_responses
from intake.records.audit import Agent
from intake.records.database import reading, transaction
from intake.records.errors import AlreadyReviewed, CannotOpen, NoSuchResponse, NotAudited
from intake.records.exporting import Span
from intake.records.sent import Review, Sent
from intake.records.tables import RESPONSES
from tests.records import clinic
from tests.records.clinic import CANONICAL, FERN, MOSS, NOW, Patient, Records

BLOBS = [
    ("questionnaire_response", "content", "id"),
    ("response_summary", "content", "response_id"),
    ("data_key", "wrapped", "response_id"),
]


@pytest.fixture
def sent(records: Records, patient: Patient) -> Patient:
    clinic.send(records, patient, header={"name": "Siobhán Ní Bhriain", "birth_date": "1988-04-02"})
    return patient


def sql(records: Records, statement: str, **values: object) -> None:
    with transaction(records.engine) as session:
        session.execute(text(statement), values)


def test_a_sent_response_reads_as_it_was_sent_without_its_resume_code(records: Records, sent: Patient):
    got = clinic.sent_of(records, sent.id)
    assert got == Sent(sent.id, sent.reference, CANONICAL, "en", "completed", 2, "new", NOW, NOW, {"answer": "mine"})


def test_the_summary_is_the_one_that_was_stored(records: Records, sent: Patient):
    assert clinic.summary_of(records, sent.id) == {"reference": sent.reference, "of": "mine"}


def test_a_draft_or_a_strange_id_is_no_sent_response(records: Records, noise: list[Patient]):
    for id in [noise[0].id, "0" * 32, ""]:
        with pytest.raises(NoSuchResponse):
            clinic.sent_of(records, id)
        with pytest.raises(NoSuchResponse):
            clinic.summary_of(records, id)


def test_nothing_is_shown_without_an_audit_event_in_the_same_transaction(
    records: Records, sent: Patient, noise: list[Patient]
):
    readers = [
        lambda session: sent_responses.open(session, records.keyring, sent.id),
    ]
    for read in readers:
        with pytest.raises(NotAudited), transaction(records.engine) as session:
            read(session)
        with pytest.raises(NotAudited), transaction(records.engine) as session:
            clinic.seen(session, noise[2].id)  # an event about somebody else does not count
            read(session)


def test_an_event_of_an_earlier_transaction_does_not_count(records: Records, sent: Patient):
    clinic.sent_of(records, sent.id)
    with pytest.raises(NotAudited), transaction(records.engine) as session:
        sent_responses.open(session, records.keyring, sent.id)


@pytest.mark.parametrize(("table", "column", "key"), BLOBS)
def test_contents_swapped_between_two_rows_open_for_neither(
    records: Records, sent: Patient, noise: list[Patient], table: str, column: str, key: str
):
    other = noise[2]
    with transaction(records.engine) as session:
        mine, theirs = (
            session.execute(text(f"SELECT {column} FROM {table} WHERE {key} = :id"), {"id": id}).scalar_one()
            for id in (sent.id, other.id)
        )
        for id, blob in ((sent.id, theirs), (other.id, mine)):
            session.execute(text(f"UPDATE {table} SET {column} = :blob WHERE {key} = :id"), {"id": id, "blob": blob})
    for id in (sent.id, other.id):
        with pytest.raises(CannotOpen):
            clinic.summary_of(records, id)
            clinic.sent_of(records, id)


def test_a_whole_row_moved_to_another_id_does_not_open(records: Records, sent: Patient):
    """Content, summary and key together under another id: still bound to the id they were made for."""
    parts = ("data_key", "response_summary", "resume_code")
    columns = [column.name for column in RESPONSES.c if column.name not in ("id", "reference")]
    with transaction(records.engine) as session:
        for statement in (
            f"INSERT INTO questionnaire_response (id, reference, {', '.join(columns)}) "
            f"SELECT :b, 'elsewhere', {', '.join(columns)} FROM questionnaire_response WHERE id = :a",
            *(f"UPDATE {table} SET response_id = :b WHERE response_id = :a" for table in parts),
        ):
            session.execute(text(statement), {"a": sent.id, "b": "f" * 32})
    with pytest.raises(CannotOpen):
        clinic.sent_of(records, "f" * 32)
    with pytest.raises(CannotOpen):
        clinic.summary_of(records, "f" * 32)


def test_an_older_content_put_back_does_not_open(records: Records, patient: Patient):
    with transaction(records.engine) as session:
        old = session.execute(
            text("SELECT content FROM questionnaire_response WHERE id = :id"), {"id": patient.id}
        ).scalar_one()
    clinic.save(records, patient, {"answer": "newer"})
    sql(records, "UPDATE questionnaire_response SET content = :old WHERE id = :id", old=old, id=patient.id)
    with pytest.raises(CannotOpen):
        clinic.draft_of(records, patient)


@pytest.mark.parametrize(("table", "column", "key"), BLOBS)
def test_one_changed_byte_is_noticed(records: Records, sent: Patient, table: str, column: str, key: str):
    with transaction(records.engine) as session:
        blob = bytearray(
            session.execute(text(f"SELECT {column} FROM {table} WHERE {key} = :id"), {"id": sent.id}).scalar_one()
        )
        blob[len(blob) // 2] ^= 1
        session.execute(
            text(f"UPDATE {table} SET {column} = :blob WHERE {key} = :id"), {"blob": bytes(blob), "id": sent.id}
        )
    with pytest.raises(CannotOpen) as caught:
        clinic.sent_of(records, sent.id)
        clinic.summary_of(records, sent.id)
    assert "mine" not in str(caught.value)


def test_a_missing_summary_or_key_is_noticed(records: Records, sent: Patient):
    sql(records, "DELETE FROM response_summary WHERE response_id = :id", id=sent.id)
    with pytest.raises(CannotOpen):
        clinic.summary_of(records, sent.id)
    sql(records, "DELETE FROM data_key WHERE response_id = :id", id=sent.id)
    with pytest.raises(CannotOpen):
        clinic.sent_of(records, sent.id)


# ---- the queue ----


@pytest.fixture
def many(records: Records) -> list[str]:
    """Twelve sent responses, newest first, of which three share one moment; and a draft."""
    moments = [NOW + timedelta(minutes=n) for n in (0, 1, 2, 3, 3, 3, 4, 5, 6, 7, 8, 9)]
    made = []
    for n, moment in enumerate(moments):
        one = clinic.begin(records, {"answer": n}, now=moment)
        clinic.send(records, one, header={"name": f"Patient {n}", "birth_date": "1990-01-01"}, now=moment)
        made.append((moment, one.id))
    clinic.begin(records)
    return [id for _, id in sorted(made, reverse=True)]


def test_the_queue_is_newest_first_and_holds_no_draft(records: Records, many: list[str]):
    rows = clinic.queue_of(records)
    assert [row.id for row in rows] == many
    assert rows[0].header == {"name": "Patient 11", "birth_date": "1990-01-01"}
    assert rows[0].readable
    assert rows[0].authored_at == NOW + timedelta(minutes=9)


@pytest.mark.parametrize("limit", [1, 2, 5, 12, 50])
def test_the_queue_goes_on_where_a_page_ended(records: Records, many: list[str], limit: int):
    got: list[str] = []
    after = None
    for _ in many:  # a page that brings nothing new would go on for ever
        page = clinic.queue_of(records, after=after, limit=limit)
        assert len(page) <= limit
        got += [row.id for row in page]
        after = page[-1].key if page else after
    assert got == many
    assert clinic.queue_of(records, after=after, limit=limit) == []


def test_the_queue_finds_a_reference_however_it_is_typed(records: Records, sent: Patient, noise: list[Patient]):
    typed = sent.reference.lower().replace("-", " ")
    assert [row.id for row in clinic.queue_of(records, reference=typed)] == [sent.id]
    assert clinic.queue_of(records, reference=noise[0].reference) == []  # a draft's
    assert clinic.queue_of(records, reference="nobody’s") == []


def test_the_queue_shows_new_or_reviewed_ones(records: Records, sent: Patient, noise: list[Patient]):
    reviewed(records, sent, "")
    assert [row.id for row in clinic.queue_of(records, review_status="reviewed")] == [sent.id]
    assert {row.id for row in clinic.queue_of(records, review_status="new")} == {noise[2].id, noise[3].id}


def test_a_row_whose_header_was_altered_is_listed_without_it_and_hides_no_other(
    records: Records, sent: Patient, noise: list[Patient]
):
    sql(records, "UPDATE questionnaire_response SET header = (SELECT header FROM questionnaire_response WHERE id = :a) "
                 "WHERE id = :b",
        a=sent.id, b=noise[2].id)  # fmt: skip
    rows = {row.id: row for row in clinic.queue_of(records)}
    assert (rows[noise[2].id].header, rows[noise[2].id].readable) == ({}, False)
    assert rows[sent.id].header["name"] == "Siobhán Ní Bhriain"
    assert len(rows) == 3


HOW_IT_IS_READ = {
    "sqlite": (("PRAGMA query_only=ON",), "EXPLAIN QUERY PLAN", "TEMP B-TREE"),
    # a dozen rows are read faster from end to end; along the index is asked for as if there were many
    "postgresql": (("SET LOCAL enable_seqscan=off", "SET LOCAL enable_bitmapscan=off"), "EXPLAIN", "Sort"),
}


def test_the_queue_is_read_along_an_index_at_any_depth(records: Records, many: list[str]):
    before, explain, sorting = HOW_IT_IS_READ[records.database.kind]
    with reading(records.engine) as session:
        for statement in before:
            session.execute(text(statement))
        plan = session.execute(
            text(
                f"{explain} SELECT id FROM questionnaire_response WHERE authored_at IS NOT NULL "
                "AND (authored_at, id) < (:at, :id) ORDER BY authored_at DESC, id DESC LIMIT 50"
            ),
            {"at": "2026-11-22 09:33:15.123456", "id": many[5]},
        ).all()
    assert "ix_questionnaire_response_queue" in str(plan)
    assert sorting not in str(plan)


# ---- batches for exports ----


def exported(
    records: Records, *, size: int = 200, cut_off: datetime = datetime(2030, 1, 1, tzinfo=UTC), **bounds: Any
) -> Iterator[Any]:
    return exporting.sent_in_batches(records.engine, records.keyring, Span(cut_off, event=0, **bounds), size=size)


def batches(records: Records, **bounds: object) -> list[str]:
    return [sent.id for sent in exported(records, **bounds)]


@pytest.mark.parametrize("size", [1, 2, 3, 12, 13, 500])
def test_an_export_gives_every_sent_response_once_oldest_first(records: Records, many: list[str], size: int):
    assert batches(records, size=size) == many[::-1]


def test_an_export_gives_answers_and_summary(records: Records, sent: Patient):
    got = {found.id: (found, found.summary) for found in exported(records)}
    assert got[sent.id] == (clinic.sent_of(records, sent.id), clinic.summary_of(records, sent.id))


def test_an_export_begins_at_since_and_ends_before_until(records: Records, many: list[str]):
    since, until = NOW + timedelta(minutes=2), NOW + timedelta(minutes=5)
    assert batches(records, since=since, until=until, size=2) == many[::-1][2:7]


def test_what_is_sent_while_an_export_runs_stays_out_of_it(records: Records, many: list[str]):
    running = exported(records, cut_off=NOW + timedelta(minutes=10), size=2)
    first = next(running)
    late = clinic.begin(records)
    clinic.send(records, late, now=NOW + timedelta(minutes=10))
    assert [first.id] + [sent.id for sent in running] == many[::-1]


def test_a_running_export_holds_up_nobody(records: Records, many: list[str]):
    running = exported(records, size=3)
    next(running)
    assert clinic.save(records, clinic.begin(records), {"answer": "meanwhile"}) == 2
    running.close()


# ---- reviews ----


def reviewed(records: Records, patient: Patient, note: str, by: Agent = MOSS) -> None:
    clinic.review(records, patient.id, note, by)


def review_of(records: Records, patient: Patient) -> Review | None:
    return clinic.sent_of(records, patient.id).review


def test_a_review_is_kept_with_its_note_and_undone_again(records: Records, sent: Patient):
    assert review_of(records, sent) is None
    reviewed(records, sent, "asked about 2019")
    assert review_of(records, sent) == Review("c1", "Dr Moss", NOW, "asked about 2019")
    assert clinic.sent_of(records, sent.id).review_status == "reviewed"
    with transaction(records.engine) as session:
        assert reviews.unreview(session, records.keyring, sent.id, FERN, now=NOW)
    assert review_of(records, sent) is None
    assert clinic.sent_of(records, sent.id).review_status == "new"
    reviewed(records, sent, "again")


def test_a_second_review_says_who_was_first_and_changes_nothing(records: Records, sent: Patient):
    reviewed(records, sent, "first")
    with pytest.raises(AlreadyReviewed) as caught:
        reviewed(records, sent, "second", by=FERN)
    assert caught.value.reviewer_name == "Dr Moss"
    kept = review_of(records, sent)
    assert kept is not None
    assert (kept.reviewer_name, kept.note) == ("Dr Moss", "first")


def test_taking_back_a_review_that_is_not_there_does_nothing(records: Records, sent: Patient):
    with transaction(records.engine) as session:
        assert not reviews.unreview(session, records.keyring, sent.id, MOSS, now=NOW)


def test_a_draft_cannot_be_reviewed(records: Records, noise: list[Patient]):
    with pytest.raises(NoSuchResponse):
        reviewed(records, noise[0], "")
