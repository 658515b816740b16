"""Drafts: begun, saved, come back to, and sent exactly once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from intake.records import codes, drafts, erasing, sending, sessions
from intake.records.database import reading, transaction
from intake.records.errors import AlreadySent, CannotOpen, DraftChanged, NoSuchDraft, RowAltered
from intake.records.sessions import LIMITS, SessionKind
from tests.records import clinic
from tests.records.clinic import CANONICAL, NOW, Patient, Records


def stored(records: Records, query: str, **values: object) -> list[tuple[object, ...]]:
    with reading(records.engine) as sql:
        return [tuple(row) for row in sql.execute(text(query), values)]


def test_a_draft_comes_back_as_it_was_begun_with_its_code(records: Records, patient: Patient):
    draft = clinic.draft_of(records, patient)
    assert draft.document == {"answer": "mine", "resume_code": patient.code}
    assert (draft.id, draft.reference, draft.status, draft.revision) == (
        patient.id,
        patient.reference,
        "in-progress",
        1,
    )
    assert (draft.questionnaire, draft.language) == (CANONICAL, "en")
    assert (draft.started_at, draft.saved_at) == (NOW, NOW)


def test_a_save_is_the_next_revision(records: Records, patient: Patient):
    later = NOW + timedelta(minutes=3)
    assert clinic.save(records, patient, {"answer": "changed"}, now=later) == 2
    draft = clinic.draft_of(records, patient)
    assert (draft.document["answer"], draft.revision, draft.saved_at, draft.started_at) == ("changed", 2, later, NOW)


def test_a_draft_is_due_for_erasure_thirty_days_after_its_last_save_or_as_the_clinic_sets(
    records: Records, patient: Patient
):
    assert clinic.draft_of(records, patient).due_for_erasure_on == date(2026, 12, 22)
    clinic.save(records, patient, {}, now=NOW + timedelta(days=2))
    assert clinic.draft_of(records, patient).due_for_erasure_on == date(2026, 12, 24)
    with transaction(records.engine) as sql:
        drafts.save(sql, drafts.open(sql, patient.token, now=NOW), {}, now=NOW, keep_days=5)
    assert clinic.draft_of(records, patient).due_for_erasure_on == date(2026, 11, 27)


def test_two_windows_never_overwrite_each_other_in_silence(records: Records, patient: Patient):
    read_before = clinic.draft_of(records, patient)
    clinic.save(records, patient, {"answer": "from the first window"})
    with pytest.raises(DraftChanged) as caught:
        clinic.save_as_read(records, read_before, {"answer": "from the second"})
    assert clinic.draft_of(records, patient).document["answer"] == "from the first window"
    assert "window;" in str(caught.value)
    assert "second" not in repr(caught.value.__dict__) + str(caught.value)


def test_a_revision_that_was_never_seen_is_stale_too(records: Records, patient: Patient):
    with pytest.raises(DraftChanged):
        clinic.save_as_read(records, replace(clinic.draft_of(records, patient), revision=2), {})


def test_a_draft_opens_for_its_own_session_only(records: Records, patient: Patient, noise: list[Patient]):
    for token in [sessions.new_token(), "", patient.code]:
        for block in (reading, transaction):
            with pytest.raises(NoSuchDraft), block(records.engine) as sql:
                drafts.open(sql, token, now=NOW)
    assert clinic.draft_of(records, noise[0]).id == noise[0].id


def test_a_session_that_was_given_somebody_elses_draft_does_not_open_it(
    records: Records, patient: Patient, noise: list[Patient]
):
    """Whoever writes to the database can name another owner in a session's row, and has no key for it."""
    with transaction(records.engine) as sql:
        sql.execute(
            text("UPDATE web_session SET owner = :id WHERE owner = :theirs"), {"id": patient.id, "theirs": noise[0].id}
        )
    for block in (reading, transaction):
        with pytest.raises(RowAltered), block(records.engine) as sql:
            drafts.open(sql, noise[0].token, now=NOW)


@pytest.mark.parametrize("block", [reading, transaction])
def test_a_session_whose_time_is_over_opens_nothing_and_one_of_staff_neither(
    records: Records, patient: Patient, block: Callable[..., Any]
):
    limits = LIMITS[SessionKind.PATIENT]
    with block(records.engine) as sql:
        assert drafts.open(sql, patient.token, now=NOW + limits.idle).id == patient.id
    for over in (limits.idle * 2 + timedelta(seconds=2), limits.whole + timedelta(seconds=1)):
        with pytest.raises(NoSuchDraft), block(records.engine) as sql:
            drafts.open(sql, patient.token, now=NOW + over)
    with transaction(records.engine) as sql:
        sql.execute(text("UPDATE web_session SET kind = 'staff' WHERE owner = :id"), {"id": patient.id})
    with pytest.raises(RowAltered), block(records.engine) as sql:
        drafts.open(sql, patient.token, now=NOW)


def test_a_transaction_that_writes_notes_once_a_minute_that_the_session_is_in_use(records: Records, patient: Patient):
    def seen_at(after: timedelta, block: Callable[..., Any]) -> timedelta:
        with block(records.engine) as sql:
            told = drafts.open(sql, patient.token, now=NOW + after).session
        with reading(records.engine) as sql:
            kept = sessions.find(sql, patient.token, kind=SessionKind.PATIENT, now=NOW)
        assert told == kept
        return kept.seen_at - NOW

    assert seen_at(timedelta(minutes=5), reading) == timedelta()
    assert seen_at(timedelta(seconds=60), transaction) == timedelta()
    assert seen_at(timedelta(seconds=61), transaction) == timedelta(seconds=61)


def test_a_draft_that_was_erased_while_it_was_open_takes_nothing(records: Records, patient: Patient):
    read_before = clinic.draft_of(records, patient)
    with transaction(records.engine) as sql:
        erasing.erase(sql, patient.id, clinic.MOSS, reason="asked", now=NOW)
    with pytest.raises(NoSuchDraft):
        clinic.save_as_read(records, read_before, {})


def test_the_code_finds_and_opens_the_draft_however_it_is_typed(records: Records, patient: Patient):
    typed = codes.shown(patient.code).lower().replace("0", "o").replace("1", "l").replace("-", " ")
    with reading(records.engine) as sql:
        assert drafts.find_by_code(sql, records.keyring, typed) == drafts.CodeMatch(
            patient.id, "in-progress", clinic.CANONICAL
        )
        assert drafts.open_with_code(sql, patient.id, typed).document["answer"] == "mine"


def test_a_code_nobody_has_finds_nothing(records: Records, patient: Patient):
    with reading(records.engine) as sql:
        assert drafts.find_by_code(sql, records.keyring, codes.new_code()) is None
        assert drafts.find_by_code(sql, records.keyring, "") is None
        assert drafts.find_by_code(sql, records.keyring, patient.code[:-1]) is None


def test_another_persons_code_does_not_open_the_draft(records: Records, patient: Patient, noise: list[Patient]):
    with reading(records.engine) as sql:
        with pytest.raises(CannotOpen):
            drafts.open_with_code(sql, patient.id, noise[0].code)
        with pytest.raises(NoSuchDraft):
            drafts.open_with_code(sql, patient.id, "not a code")


def test_a_new_browser_is_bound_by_the_code(records: Records, patient: Patient):
    other = sessions.new_token()
    with transaction(records.engine) as sql:
        drafts.bind_session(sql, drafts.open_with_code(sql, patient.id, patient.code), other)
        sessions.open(sql, other, kind=SessionKind.PATIENT, owner=patient.id, now=NOW)
    with transaction(records.engine) as sql:
        draft = drafts.open(sql, other, now=NOW)
        assert draft.document["answer"] == "mine"
        assert drafts.save(sql, draft, {"answer": "elsewhere"}, now=NOW).revision == 2
    assert clinic.draft_of(records, patient).document["answer"] == "elsewhere"
    assert clinic.draft_of(records, patient).revision == 2


def test_leaving_closes_the_session_and_the_draft_with_it_but_the_code_still_opens(records: Records, patient: Patient):
    with transaction(records.engine) as sql:
        sessions.close(sql, patient.token)
    with reading(records.engine) as sql:
        with pytest.raises(NoSuchDraft):
            drafts.open(sql, patient.token, now=NOW)
        assert drafts.open_with_code(sql, patient.id, patient.code).revision == 1


def test_sending_gives_the_reference_and_leaves_one_holder(records: Records, patient: Patient):
    assert clinic.send(records, patient) == patient.reference
    assert stored(records, "SELECT holder FROM data_key WHERE response_id = :id", id=patient.id) == [("keyring",)]
    query = "SELECT status, review_status, due_for_erasure_on, revision FROM questionnaire_response WHERE id = :id"
    assert stored(records, query, id=patient.id) == [("completed", "new", None, 2)]


def test_what_was_sent_before_is_not_sent_saved_or_opened_again_and_says_its_reference(
    records: Records, patient: Patient
):
    read_before = clinic.draft_of(records, patient)
    clinic.send(records, patient)

    def again(sql):
        return [
            lambda: drafts.open(sql, patient.token, now=NOW),
            lambda: drafts.open_with_code(sql, patient.id, patient.code),
            *(
                attempt
                for draft in (read_before, replace(read_before, revision=2))
                for attempt in (
                    partial(drafts.save, sql, draft, {}, now=NOW),
                    partial(sending.complete, sql, records.keyring, draft, document={}, summary={}, header={}, now=NOW),
                )
            ),
        ]

    with transaction(records.engine) as sql:
        for attempt in again(sql):
            with pytest.raises(AlreadySent) as caught:
                attempt()
            assert caught.value.reference == patient.reference
    assert clinic.sent_of(records, patient.id).document == {"answer": "mine"}


def test_the_code_still_finds_a_sent_response_but_opens_nothing(records: Records, patient: Patient):
    clinic.send(records, patient)
    with reading(records.engine) as sql:
        assert drafts.find_by_code(sql, records.keyring, patient.code) == drafts.CodeMatch(
            patient.id, "completed", clinic.CANONICAL
        )


def test_a_draft_that_was_changed_in_another_window_is_not_sent_as_it_was(records: Records, patient: Patient):
    read_before = clinic.draft_of(records, patient)
    clinic.save(records, patient, {"answer": "newer"})
    with pytest.raises(DraftChanged):
        clinic.send_as_read(records, read_before, {"answer": "older"})
    assert clinic.draft_of(records, patient).document["answer"] == "newer"


@pytest.mark.parametrize(
    ("table", "when"),
    [
        ("response_summary", "INSERT"),
        ("data_key", "INSERT"),
        ("data_key", "DELETE"),
        ("audit_event", "INSERT"),
        ("questionnaire_response", "UPDATE"),
    ],
)
def test_sending_happens_whole_or_not_at_all(records: Records, patient: Patient, table: str, when: str):
    """Whichever statement of it stops, the draft is still its patient's and nothing of it is the clinic's."""
    with records.database.stopped_at(when, table), pytest.raises(Exception, match="stopped here"):
        clinic.send(records, patient)
    assert clinic.draft_of(records, patient).document["answer"] == "mine"
    assert stored(records, "SELECT count(*) FROM response_summary WHERE response_id = :id", id=patient.id) == [(0,)]
    assert stored(
        records, "SELECT count(*) FROM audit_event WHERE action = 'send' AND entity_id = :id", id=patient.id
    ) == [(0,)]
    assert clinic.send(records, patient) == patient.reference


def test_deleting_a_response_leaves_nothing_of_it(records: Records, patient: Patient):
    clinic.send(records, patient)
    with transaction(records.engine) as sql:
        sql.execute(text("DELETE FROM questionnaire_response WHERE id = :id"), {"id": patient.id})
    for table in ("data_key", "resume_code", "response_summary", "review"):
        assert stored(records, f"SELECT count(*) FROM {table} WHERE response_id = :id", id=patient.id) == [(0,)]


def test_the_document_given_is_left_as_it_is(records: Records):
    document = {"answer": "a"}
    clinic.begin(records, document)
    assert document == {"answer": "a"}
