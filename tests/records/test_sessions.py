"""Server-side sessions: they open nothing once closed, and end by themselves."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from intake.records import sessions
from intake.records.database import reading, transaction
from intake.records.sessions import LIMITS, SessionKind
from tests.records.clinic import NOW, Patient, Records


def opened(records: Records, kind: SessionKind, owner: str) -> str:
    token = sessions.new_token()
    with transaction(records.engine) as session:
        sessions.open(session, token, kind=kind, owner=owner, now=NOW)
    return token


def found(
    records: Records, token: str, kind: SessionKind = SessionKind.STAFF, after: timedelta = timedelta(0)
) -> sessions.WebSession | None:
    with reading(records.engine) as session:
        return sessions.find(session, token, kind=kind, now=NOW + after)


def test_a_session_is_found_by_its_token(records: Records):
    token = opened(records, SessionKind.STAFF, "u1")
    assert found(records, token) == sessions.WebSession(SessionKind.STAFF, "u1", NOW, NOW, NOW)
    assert found(records, sessions.new_token()) is None
    assert found(records, "") is None


def test_a_patients_token_is_no_staff_token_and_the_other_way_round(records: Records, patient: Patient):
    assert found(records, patient.token, SessionKind.STAFF) is None
    assert found(records, patient.token, SessionKind.PATIENT) is not None
    assert found(records, opened(records, SessionKind.STAFF, "u1"), SessionKind.PATIENT) is None


def test_the_database_does_not_hold_the_token(records: Records, patient: Patient):
    token = opened(records, SessionKind.STAFF, "u1")
    files = b"".join(path.read_bytes() for path in records.folder.iterdir())
    assert token.encode() not in files
    assert patient.token.encode() not in files


@pytest.mark.parametrize("kind", list(SessionKind))
def test_a_session_ends_when_it_is_not_used(records: Records, kind: SessionKind):
    token = opened(records, kind, "o")
    assert found(records, token, kind, LIMITS[kind].idle) is not None
    assert found(records, token, kind, LIMITS[kind].idle + timedelta(seconds=1)) is None


@pytest.mark.parametrize("kind", list(SessionKind))
def test_a_session_in_use_lives_on_until_its_whole_time_is_over(records: Records, kind: SessionKind):
    token = opened(records, kind, "o")
    last = LIMITS[kind].whole
    with transaction(records.engine) as session:
        used = sessions.find(session, token, kind=kind, now=NOW)
        sessions.keep_alive(session, used, token, now=NOW + last)
    assert found(records, token, kind, last) is not None
    assert found(records, token, kind, last + timedelta(seconds=1)) is None


def test_a_clock_set_back_ends_no_session(records: Records):
    assert found(records, opened(records, SessionKind.STAFF, "u1"), after=-timedelta(days=1)) is not None


def test_giving_the_password_again_makes_a_session_fresh(records: Records):
    token = opened(records, SessionKind.STAFF, "u1")
    later = NOW + timedelta(minutes=10)
    with transaction(records.engine) as session:
        opening = sessions.find(session, token, kind=SessionKind.STAFF, now=NOW)
        sessions.keep_alive(session, opening, token, now=later)
    used = found(records, token, after=timedelta(minutes=10))
    assert used is not None
    assert (used.seen_at, used.fresh_at) == (later, NOW)
    with transaction(records.engine) as session:
        sessions.freshen(session, used, token, now=later)
    fresh = found(records, token, after=timedelta(minutes=10))
    assert fresh is not None
    assert fresh.fresh_at == later


def test_a_closed_session_opens_nothing_and_the_others_stay(records: Records):
    one, other = opened(records, SessionKind.STAFF, "u1"), opened(records, SessionKind.STAFF, "u1")
    with transaction(records.engine) as session:
        sessions.close(session, one)
        sessions.close(session, "no such token")
    assert found(records, one) is None
    assert found(records, other) is not None


def test_all_sessions_of_an_account_end_together_and_nobody_elses(records: Records):
    mine, somebodys = (
        [opened(records, SessionKind.STAFF, "u1") for _ in range(3)],
        opened(records, SessionKind.STAFF, "u2"),
    )
    with transaction(records.engine) as session:
        assert sessions.close_all(session, "u1") == 3
    assert [found(records, token) for token in mine] == [None] * 3
    assert found(records, somebodys) is not None


def test_overdue_sessions_are_cleared_with_their_hold_on_the_draft(records: Records, patient: Patient):
    fresh = opened(records, SessionKind.STAFF, "u1")
    later = NOW + LIMITS[SessionKind.PATIENT].idle + timedelta(seconds=1)
    with transaction(records.engine) as session:
        in_use = sessions.find(session, fresh, kind=SessionKind.STAFF, now=NOW)
        sessions.freshen(session, in_use, fresh, now=later)
        assert sessions.close_overdue(session, now=later) == 5  # the patient's and the four others'
        holders = session.scalars(text("SELECT holder FROM data_key WHERE response_id = :id"), {"id": patient.id}).all()
    assert holders == ["code"]
    assert found(records, fresh, after=later - NOW) is not None
