"""Drafts: begun, saved, come back to, and sent exactly once."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from intake.records import codes, responses, sessions
from intake.records.database import reading, transaction
from intake.records.errors import AlreadySent, CannotOpen, DraftChanged, NoSuchDraft
from tests.records import clinic
from tests.records.clinic import CANONICAL, NOW, Patient, Records


def stored(records: Records, query: str, **values: object) -> list[tuple[object, ...]]:
    with reading(records.engine) as session:
        return [tuple(row) for row in session.execute(text(query), values)]


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
    with transaction(records.engine) as session:
        responses.save_draft(session, patient.id, patient.token, {}, seen_revision=2, now=NOW, keep_days=5)
    assert clinic.draft_of(records, patient).due_for_erasure_on == date(2026, 11, 27)


def test_two_windows_never_overwrite_each_other_in_silence(records: Records, patient: Patient):
    clinic.save(records, patient, {"answer": "from the first window"})
    with pytest.raises(DraftChanged) as caught, transaction(records.engine) as session:
        responses.save_draft(
            session, patient.id, patient.token, {"answer": "from the second"}, seen_revision=1, now=NOW
        )
    assert clinic.draft_of(records, patient).document["answer"] == "from the first window"
    assert "window;" in str(caught.value)
    assert "second" not in repr(caught.value.__dict__) + str(caught.value)


def test_a_revision_that_was_never_seen_is_stale_too(records: Records, patient: Patient):
    with pytest.raises(DraftChanged), transaction(records.engine) as session:
        responses.save_draft(session, patient.id, patient.token, {}, seen_revision=2, now=NOW)


def test_a_draft_opens_for_its_own_session_only(records: Records, patient: Patient, noise: list[Patient]):
    for token in [noise[0].token, sessions.new_token(), "", patient.code]:
        with pytest.raises(NoSuchDraft), reading(records.engine) as session:
            responses.open_draft(session, patient.id, token)
        with pytest.raises(NoSuchDraft), transaction(records.engine) as session:
            responses.save_draft(session, patient.id, token, {}, seen_revision=1, now=NOW)


def test_missing_and_forbidden_say_the_same(records: Records, patient: Patient, noise: list[Patient]):
    said = set()
    for id in [patient.id, "0" * 32, ""]:
        with pytest.raises(NoSuchDraft) as caught, reading(records.engine) as session:
            responses.open_draft(session, id, noise[0].token)
        said.add(str(caught.value))
    assert len(said) == 1


def test_the_code_finds_and_opens_the_draft_however_it_is_typed(records: Records, patient: Patient):
    typed = codes.shown(patient.code).lower().replace("0", "o").replace("1", "l").replace("-", " ")
    with reading(records.engine) as session:
        assert responses.find_by_code(session, records.keyring, typed) == responses.Found(patient.id, "in-progress")
        assert responses.open_with_code(session, patient.id, typed).document["answer"] == "mine"


def test_a_code_nobody_has_finds_nothing(records: Records, patient: Patient):
    with reading(records.engine) as session:
        assert responses.find_by_code(session, records.keyring, codes.new_code()) is None
        assert responses.find_by_code(session, records.keyring, "") is None
        assert responses.find_by_code(session, records.keyring, patient.code[:-1]) is None


def test_another_persons_code_does_not_open_the_draft(records: Records, patient: Patient, noise: list[Patient]):
    with reading(records.engine) as session:
        with pytest.raises(CannotOpen):
            responses.open_with_code(session, patient.id, noise[0].code)
        with pytest.raises(NoSuchDraft):
            responses.open_with_code(session, patient.id, "not a code")


def test_a_new_browser_is_bound_by_the_code(records: Records, patient: Patient):
    other = sessions.new_token()
    with transaction(records.engine) as session:
        responses.bind_session(session, patient.id, patient.code, other)
    with transaction(records.engine) as session:
        assert responses.open_draft(session, patient.id, other).document["answer"] == "mine"
        assert responses.save_draft(session, patient.id, other, {"answer": "elsewhere"}, seen_revision=1, now=NOW) == 2
    assert clinic.draft_of(records, patient).document["answer"] == "elsewhere"
    assert clinic.draft_of(records, patient).revision == 2


def test_leaving_closes_the_session_and_the_draft_with_it_but_the_code_still_opens(records: Records, patient: Patient):
    with transaction(records.engine) as session:
        sessions.close(session, patient.token)
    with reading(records.engine) as session:
        with pytest.raises(NoSuchDraft):
            responses.open_draft(session, patient.id, patient.token)
        assert responses.open_with_code(session, patient.id, patient.code).revision == 1


def test_sending_gives_the_reference_and_leaves_one_holder(records: Records, patient: Patient):
    assert clinic.send(records, patient) == patient.reference
    assert stored(records, "SELECT holder FROM data_key WHERE response_id = :id", id=patient.id) == [("keyring",)]
    query = "SELECT status, review_status, due_for_erasure_on, revision FROM questionnaire_response WHERE id = :id"
    assert stored(records, query, id=patient.id) == [("completed", "new", None, 2)]


def test_what_was_sent_before_is_not_sent_saved_or_opened_again_and_says_its_reference(
    records: Records, patient: Patient
):
    clinic.send(records, patient)

    def again(session):
        return [
            lambda: responses.open_draft(session, patient.id, patient.token),
            lambda: responses.save_draft(session, patient.id, patient.token, {}, seen_revision=2, now=NOW),
            lambda: responses.open_with_code(session, patient.id, patient.code),
            lambda: responses.bind_session(session, patient.id, patient.code, "t"),
            lambda: responses.complete(
                session,
                records.keyring,
                patient.id,
                patient.token,
                document={},
                summary={},
                header={},
                seen_revision=2,
                now=NOW,
            ),
        ]

    with transaction(records.engine) as session:
        for attempt in again(session):
            with pytest.raises(AlreadySent) as caught:
                attempt()
            assert caught.value.reference == patient.reference
    assert clinic.sent_of(records, patient.id).document == {"answer": "mine"}


def test_the_code_still_finds_a_sent_response_but_opens_nothing(records: Records, patient: Patient):
    clinic.send(records, patient)
    with reading(records.engine) as session:
        assert responses.find_by_code(session, records.keyring, patient.code) == responses.Found(
            patient.id, "completed"
        )


def test_a_draft_that_was_changed_in_another_window_is_not_sent_as_it_was(records: Records, patient: Patient):
    clinic.save(records, patient, {"answer": "newer"})
    with pytest.raises(DraftChanged), transaction(records.engine) as session:
        responses.complete(
            session,
            records.keyring,
            patient.id,
            patient.token,
            document={"answer": "older"},
            summary={},
            header={},
            seen_revision=1,
            now=NOW,
        )
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
    with transaction(records.engine) as session:
        session.execute(text("DELETE FROM questionnaire_response WHERE id = :id"), {"id": patient.id})
    for table in ("data_key", "resume_code", "response_summary", "review"):
        assert stored(records, f"SELECT count(*) FROM {table} WHERE response_id = :id", id=patient.id) == [(0,)]


def test_the_document_given_is_left_as_it_is(records: Records):
    document = {"answer": "a"}
    clinic.begin(records, document)
    assert document == {"answer": "a"}
