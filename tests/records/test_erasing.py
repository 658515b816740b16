"""What must go is gone, and what must stay stays: erasing, holds, dates that are over, and a clock that is wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from intake.records import erasing, purging
from intake.records.database import reading, transaction
from intake.records.errors import ErasedBefore, FolderUnusable, NoSuchReference, UnderLegalHold
from tests.records import clinic
from tests.records.clinic import MOSS, NOW, Patient, Records

DAY = timedelta(days=1)
OWNED = ("data_key", "resume_code", "response_summary", "review")


@pytest.fixture
def sent(records: Records, noise: list[Patient]) -> Patient:
    patient = clinic.begin(records, {"answer": "mine"})
    clinic.send(records, patient)
    clinic.review(records, patient.id, "read")
    return patient


def erase(records: Records, id: str, now: datetime = NOW) -> None:
    with transaction(records.engine) as sql:
        erasing.erase(sql, id, MOSS, reason="she asked", now=now)


def rows_of(records: Records, id: str) -> int:
    """How many rows of all tables are of one response."""
    counts = ["SELECT count(*) FROM questionnaire_response WHERE id = :id"]
    counts += [f"SELECT count(*) FROM {table} WHERE response_id = :id" for table in OWNED]
    with reading(records.engine) as sql:
        return sum(sql.scalar(text(count), {"id": id}) for count in counts)


def purge(records: Records, now: datetime, *, days: int | None = None, count_only: bool = False) -> purging.Purge:
    return purging.purge(records.engine, now=now, retention_days=days, count_only=count_only)


def goes_on(records: Records, until: datetime) -> None:
    """Somebody uses the clinic every few days until then."""
    moment = NOW
    while moment < until:
        clinic.begin(records, now=moment)
        moment += 3 * DAY


# -- one response ------------------------------------------------------------------------------------------------------


def test_an_erased_response_leaves_nothing_but_its_tombstone(
    records: Records, sent: Patient, noise: list[Patient]
) -> None:
    assert rows_of(records, sent.id) > 4
    erase(records, sent.id)
    assert rows_of(records, sent.id) == 0
    assert rows_of(records, noise[2].id) > 3
    with reading(records.engine) as sql:
        last = sql.execute(text("SELECT action, entity_id, detail FROM audit_event ORDER BY n DESC LIMIT 1")).one()
    assert tuple(last) == ("erase", sent.id, f"{sent.reference}; she asked")


def test_an_erased_reference_is_told_from_one_that_never_was(records: Records, sent: Patient) -> None:
    erase(records, sent.id)
    with reading(records.engine) as sql:
        with pytest.raises(ErasedBefore, match="2026-11-22"):
            erasing.by_reference(sql, sent.reference.lower())
        with pytest.raises(NoSuchReference):
            erasing.by_reference(sql, "0000-0000")
        with pytest.raises(NoSuchReference):
            erasing.by_reference(sql, "not a reference")


def test_a_line_outside_the_database_names_what_was_erased_and_nothing_else(
    records: Records, sent: Patient, noise: list[Patient]
) -> None:
    erase(records, sent.id)
    path = records.keyring.erasures
    assert path is not None
    assert erasing.was_erased(records.keyring, path, [sent.id, noise[2].id]) == [sent.id]
    assert sent.id not in path.read_text()
    assert sent.reference not in path.read_text()


def test_nothing_is_erased_if_the_line_cannot_be_written(records: Records, sent: Patient) -> None:
    path = records.keyring.erasures
    assert path is not None
    path.mkdir()
    with pytest.raises(FolderUnusable):
        erase(records, sent.id)
    assert rows_of(records, sent.id) > 4


def test_a_held_response_is_not_erased_until_it_is_released(records: Records, sent: Patient) -> None:
    with transaction(records.engine) as sql:
        erasing.hold(sql, sent.id, MOSS, reason="a complaint", now=NOW)
    with pytest.raises(UnderLegalHold):
        erase(records, sent.id)
    assert rows_of(records, sent.id) > 4
    with transaction(records.engine) as sql:
        erasing.release(sql, sent.id, MOSS, reason="settled", now=NOW)
    erase(records, sent.id)
    assert rows_of(records, sent.id) == 0


# -- what is due -------------------------------------------------------------------------------------------------------


def test_the_first_purge_counts_and_the_next_days_erases(records: Records, noise: list[Patient]) -> None:
    after = NOW + 31 * DAY
    goes_on(records, after)
    first = purge(records, after)
    assert (first.drafts, first.sent, "tomorrow" in first.why_not) == (3, 0, True)
    assert rows_of(records, noise[0].id) > 0
    assert "tomorrow" in purge(records, after + DAY / 2).why_not
    done = purge(records, after + DAY)
    assert (done.drafts, done.sent, done.why_not) == (3, 0, "")
    assert [rows_of(records, one.id) for one in noise[:2]] == [0, 0]
    assert all(rows_of(records, one.id) > 0 for one in noise[2:])


def test_a_dry_run_counts_and_erases_nothing(records: Records, noise: list[Patient]) -> None:
    after = NOW + 31 * DAY
    goes_on(records, after)
    for _ in range(3):
        found = purge(records, after, count_only=True)
        after += DAY
        assert found.drafts >= 2
    assert rows_of(records, noise[0].id) > 0


def test_a_draft_lives_through_its_last_day(records: Records, noise: list[Patient]) -> None:
    last_day = NOW + 30 * DAY
    goes_on(records, last_day)
    purge(records, last_day - DAY)
    assert purge(records, last_day).drafts == 0
    assert rows_of(records, noise[0].id) > 0


def test_sent_responses_go_only_after_the_time_that_the_clinic_set(
    records: Records, sent: Patient, noise: list[Patient]
) -> None:
    after = NOW + 41 * DAY
    goes_on(records, after)
    with transaction(records.engine) as sql:
        erasing.hold(sql, noise[2].id, MOSS, reason="a complaint", now=after)
    purge(records, after - DAY, days=40)
    assert purge(records, after).sent == 0
    done = purge(records, after, days=40)
    assert (done.sent, done.held) == (2, 1)
    assert rows_of(records, sent.id) == 0
    assert rows_of(records, noise[2].id) > 0


def test_a_clock_that_jumps_ten_years_erases_nothing(records: Records, sent: Patient, noise: list[Patient]) -> None:
    purge(records, NOW)
    jumped = NOW + 3650 * DAY
    for at in (jumped, jumped + DAY, jumped + 2 * DAY):
        found = purge(records, at, days=40)
        assert "older than this machine's clock" in found.why_not
    assert all(rows_of(records, one.id) > 0 for one in (sent, *noise))


def test_work_under_a_clock_that_jumped_leaves_a_day_to_notice(records: Records, noise: list[Patient]) -> None:
    purge(records, NOW)
    jumped = NOW + 3650 * DAY
    clinic.begin(records, now=jumped)
    assert "tomorrow" in purge(records, jumped).why_not
    assert rows_of(records, noise[0].id) > 0


def test_what_is_purged_stands_in_the_file_of_erasures(records: Records, noise: list[Patient]) -> None:
    after = NOW + 31 * DAY
    goes_on(records, after)
    purge(records, after)
    purge(records, after + DAY)
    path = records.keyring.erasures
    assert path is not None
    assert erasing.was_erased(records.keyring, path, [one.id for one in noise]) == [one.id for one in noise[:2]]


def test_a_purge_runs_once_a_day(records: Records, noise: list[Patient]) -> None:
    assert purging.is_due(records.engine, NOW)
    purge(records, NOW)
    assert not purging.is_due(records.engine, NOW + DAY / 2)
    assert purging.is_due(records.engine, NOW + DAY)
