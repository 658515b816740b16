"""The trail: complete, in order, part of the deed, and never changed afterwards."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from intake.records import audit, reviews
from intake.records.audit import Agent, AuditAction, Entity, Outcome, Subject
from intake.records.database import reading, transaction
from tests.records import clinic
from tests.records.clinic import FERN, MOSS, NOW, Records


def trail(records: Records) -> list[tuple[str, ...]]:
    query = "SELECT action, agent_id, agent_name, role, entity_type, entity_id, outcome FROM audit_event ORDER BY n"
    with reading(records.engine) as session:
        return [tuple(row) for row in session.execute(text(query))]


def test_a_response_leaves_its_trail_from_start_to_review(records: Records):
    patient = clinic.begin(records)
    clinic.save(records, patient, {"answer": 1})
    clinic.send(records, patient)
    clinic.sent_of(records, patient.id)
    with transaction(records.engine) as session:
        reviews.review(session, records.keyring, patient.id, MOSS, note="", now=NOW)
        reviews.unreview(session, records.keyring, patient.id, FERN, now=NOW)
    about = ("QuestionnaireResponse", patient.id, "done")
    by_patient = (patient.id, "patient", "patient")
    assert trail(records) == [
        ("start", *by_patient, *about),
        ("send", *by_patient, *about),
        ("view-answers", "c1", "Dr Moss", "clinician", *about),
        ("review", "c1", "Dr Moss", "clinician", *about),
        ("unreview", "c2", "Dr Fern", "clinician", *about),
    ]


def test_a_deed_that_was_not_done_leaves_no_event(records: Records):
    with pytest.raises(ZeroDivisionError), transaction(records.engine) as session:
        clinic.listed(session)
        _ = 1 // 0
    assert trail(records) == []


def test_what_was_declined_is_told_apart(records: Records):
    with transaction(records.engine) as session:
        nobody, account = Agent("", "", ""), Subject(Entity.ACCOUNT, "u1")
        audit.record(session, AuditAction.SIGN_IN_DECLINED, nobody, account, outcome=Outcome.DECLINED, now=NOW)
    assert trail(records) == [("sign-in-declined", "", "", "", "account", "u1", "declined")]


@pytest.mark.parametrize(
    "change",
    ["UPDATE audit_event SET agent_name = 'x'", "DELETE FROM audit_event", "DELETE FROM audit_event WHERE n = 1"],
)
def test_the_trail_can_only_grow(records: Records, change: str):
    clinic.begin(records)
    before = trail(records)
    with pytest.raises(DBAPIError, match="never changed"), transaction(records.engine) as session:
        session.execute(text(change))
    assert trail(records) == before
    assert len(before) == 1


def test_every_action_has_its_own_word():
    words = [action.value for action in AuditAction]
    assert len(set(words)) == len(words)
    assert {
        "start",
        "send",
        "sign-in",
        "sign-in-declined",
        "sign-out",
        "list",
        "export-begun",
        "export-ended",
        "account-added",
        "password-reset",
    } <= set(words)
