"""Makes the installation that the tests of old data stand on, and records what is read from it.

It runs with the code of the version whose data it is to keep, not with today's:

    git worktree add /tmp/earlier COMMIT && cp -r tests/old /tmp/earlier/tests/
    cd /tmp/earlier && PYTHONPATH=. …/.venv/bin/python -m tests.old.record FOLDER

FOLDER is made with the instance (`instance/`), who is in it (`people.json`) and what was read from it. `documents/`
beside FOLDER gets some stored documents as they are under their encryption.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import time_machine
from flask import Flask

from intake.accounts import passwords, staff
from intake.accounts.staff import Role
from intake.app import create_app
from intake.config import Settings
from intake.questionnaire import loader
from intake.records import audit, responses
from intake.records.audit import AuditAction, Entity
from intake.records.database import transaction
from tests.factories import random_response, scenarios
from tests.old import reading
from tests.old.reading import BASE, NOW, PASSWORD, Visitor, keep
from tests.walker import Patient, Staff, browser

HARD_TEXT = "Two lines, the second in “quotes”:\r\n\tÉilís Ní Dhuibhne – 漢字, кириллица, 👩‍👩‍👧, e\u0301 & <b>=1+1</b>"
UNKNOWN, DECLINED = "asked-unknown", "asked-declined"
TELL = {"then": "in-person"}


# -- drafts, each left at another place --------------------------------------------------------------------------------


def only_started(patient: Visitor) -> None:
    """Nothing answered yet."""
    patient.start()


def before_the_birth_date(patient: Visitor) -> None:
    """Comes back by code alone."""
    patient.start().fill(respondent="self").fill(consent="true")


def in_an_entry(patient: Visitor) -> None:
    """In the second entry of a list: its first field answered, the rest of it not."""
    patient.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"})
    patient.fill(**{"pregnancy-count": "2", "loss-count": "1"}).fill(**{"loss-words": "baby"})
    patient.add("pregnancies", **{"preg-outcome": "miscarriage"})
    patient.fill(
        **{
            "preg-ended.month": "3",
            "preg-ended.year": "2019",
            "preg-weeks": "9",
            "preg-notes": HARD_TEXT,
            "preg-loss-tests": "yes",
        }
    ).fill(**{"preg-loss-told": "usual"})
    patient.add("pregnancies", **{"preg-outcome": "live-birth"})


def with_a_notice_waiting(patient: Visitor) -> None:
    """A list that does not fit the counts; its notices stand on the page."""
    patient.begin().fill().fill().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"})
    patient.fill(**{"pregnancy-count": "4", "loss-count": "3"}).fill(**{"loss-words": "baby"})
    patient.add("pregnancies", **{"preg-outcome": "live-birth"}).fill().fill()
    assert patient.notices == ["C-01", "C-02"], f"{patient.path}: {patient.notices}"


def with_a_value_and_a_reason(patient: Visitor) -> None:
    """A number and “I don't know” beside it, both kept."""
    patient.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"})
    patient.fill(**{"pregnancy-count": "2", "pregnancy-count.absent": UNKNOWN, "loss-count.absent": DECLINED})
    patient.fill()


def with_every_reason(patient: Visitor) -> None:
    """The six reasons for no answer, hard texts, and pages not opened yet; part of it told in person."""
    patient.begin(["trying", "pregnancy-loss"]).fill(
        hopes=["other"], **{"hopes.other": "Ein Kind – 子供", "top-questions": HARD_TEXT}
    )
    patient.fill(**{"pregnant-now": "declined"}).go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"})
    patient.fill(**{"pregnancy-count.absent": UNKNOWN, "loss-count.absent": DECLINED}).fill(button=TELL)
    patient.go("page-trying").fill(**{"trying-time": "unknown"}).go("page-life").fill(button=TELL, stress="little")


def at_the_check_page(patient: Visitor) -> None:
    """Every page passed; notices are open."""
    with_a_notice_waiting(patient)
    patient.get("/go-on").to_check()  # type: ignore[attr-defined]


def of_the_first_version(patient: Visitor) -> None:
    """Half way through version 1.0.0."""
    patient.begin(["trying"]).fill(**{"top-questions": HARD_TEXT}).go("page-trying").fill(**{"trying-time": "unknown"})


DRAFTS: dict[str, Callable[[Visitor], None]] = {
    one.__name__: one
    for one in (
        only_started,
        before_the_birth_date,
        in_an_entry,
        with_a_notice_waiting,
        with_a_value_and_a_reason,
        with_every_reason,
        at_the_check_page,
        of_the_first_version,
    )
}
FIRST_VERSION = {of_the_first_version.__name__, "first_version_every_reason", "first_version_random"}

# -- sent responses ----------------------------------------------------------------------------------------------------


def _typed(seed: int) -> Callable[[Flask], tuple[Patient, str]]:
    def walk(app: Flask) -> tuple[Patient, str]:
        response = random_response(loader.active(), seed)
        patient = Patient(browser(BASE, app), loader.active(), response).start().to_check()
        return patient, patient.send()

    return walk


def _scenario(number: int) -> Callable[[Flask], tuple[Patient, str]]:
    def walk(app: Flask) -> tuple[Patient, str]:
        response = scenarios()[number].response(loader.active())
        patient = Patient(browser(BASE, app), loader.active(), response).start().to_check()
        return patient, patient.send()

    return walk


def _walked(steps: Callable[[Visitor], None]) -> Callable[[Flask], tuple[Visitor, str]]:
    def walk(app: Flask) -> tuple[Visitor, str]:
        patient = reading.visitor(app)
        steps(patient)
        return patient, patient.get("/check").send()  # type: ignore[attr-defined]

    return walk


SENT: dict[str, Callable[[Flask], tuple[Any, str]]] = {
    "first_version_random": _typed(3),
    "first_version_every_reason": _walked(lambda patient: of_the_first_version(patient)),
    "every_reason": _walked(with_every_reason),
    "notices_open": _walked(with_a_notice_waiting),
    "value_and_reason": _walked(with_a_value_and_a_reason),
    **{f"scenario_{number + 1}": _scenario(number) for number in (0, 2, 4)},
    **{f"random_{seed}": _typed(seed) for seed in (22, 115)},
}

# -- making it ---------------------------------------------------------------------------------------------------------


@contextmanager
def only(version: str | None) -> Iterator[None]:
    """As long as the block runs no later version is published."""
    if version is None:
        yield
        return
    published = loader.PUBLISHED
    with TemporaryDirectory() as folder:
        name = f"nk-intake-{version}.yaml"
        shutil.copy(published / name, folder)
        loader.PUBLISHED = Path(folder)  # type: ignore[misc]
        loader.published.cache_clear()
        yield
    loader.PUBLISHED = published  # type: ignore[misc]
    loader.published.cache_clear()


def application(folder: Path) -> Flask:
    """A try-out on an instance folder."""
    return create_app(Settings.from_environment({"INTAKE_ENV": "tryout", "INTAKE_INSTANCE": str(folder)}))


def add_staff(app: Flask) -> dict[str, str]:
    """A clinician, an admin, one who is both, one who may not sign in any more."""
    emails = {
        "clinician": [Role.CLINICIAN],
        "admin": [Role.ADMIN],
        "both": [Role.CLINICIAN, Role.ADMIN],
        "gone": [Role.CLINICIAN],
    }
    with transaction(app.extensions["intake"].engine) as sql:
        for name, roles in emails.items():
            kept_hash, email = passwords.hash_password(PASSWORD), f"{name}@example.org"
            staff.add(
                sql,
                email=email,
                name=f"Dr {name.title()}",
                roles=roles,
                password_hash=kept_hash,
                now=NOW - timedelta(days=15),
            )
        staff.set_active(sql, "gone@example.org", False, now=NOW - timedelta(days=14))
    return {name: f"{name}@example.org" for name in emails}


def invite(app: Flask, admin: Staff) -> str:
    """Somebody who was invited and has not chosen a password yet; gives the path of the link."""
    admin.get("/admin/staff/invite")
    form = admin.soup.select_one("main form")
    assert form is not None
    admin.press(form.find("button"), [("email", "invited@example.org"), ("name", "Dr Invited"), ("role", "clinician")])
    return admin.response.text.partition("http://localhost/account/link/")[2].partition("<")[0].strip()


def review(clinician: Staff, reference: str, note: str, *, undo: bool = False) -> None:
    """Mark a response as reviewed, and take the mark back again."""
    path = clinician.open(reference)
    token = clinician.soup.select_one('main [name="csrf_token"]')
    assert token is not None
    clinician.post(f"{path}/review", [("csrf_token", str(token["value"])), ("note", note)])
    if undo:
        clinician.post(f"{path}/review", [("csrf_token", str(token["value"])), ("undo", "1")])
    assert clinician.response.status_code == 200


def make(folder: Path, clock: Any) -> dict[str, Any]:
    """The whole installation; gives who is in it."""
    clock.move_to(NOW - timedelta(days=15))
    app = application(folder)
    people: dict[str, Any] = {"staff": add_staff(app), "drafts": {}, "sent": {}}
    for number, (name, walk) in enumerate(SENT.items()):
        clock.move_to(NOW - timedelta(days=12 - number, minutes=7 * number))
        with only("1.0.0" if name in FIRST_VERSION else None):
            patient, reference = walk(app)
        people["sent"][name] = {"reference": reference, "code": patient.code}
    clock.move_to(NOW - timedelta(minutes=14))
    clinician = reading.staff(app, people["staff"]["clinician"])
    review(clinician, people["sent"]["every_reason"]["reference"], HARD_TEXT)
    review(clinician, people["sent"]["scenario_1"]["reference"], "", undo=True)
    people["invitation"] = invite(app, reading.staff(app, people["staff"]["admin"]))
    for number, (name, steps) in enumerate(DRAFTS.items()):
        clock.move_to(NOW - timedelta(minutes=50 - 5 * number))
        patient = reading.visitor(app)
        with only("1.0.0" if name in FIRST_VERSION else None):
            steps(patient)
        session = patient.client.cookies["intake-patient"]
        people["drafts"][name] = {"code": patient.code, "session": session}
    app.extensions["intake"].engine.dispose()
    with sqlite3.connect(folder / "intake.sqlite3") as sql:
        sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        sql.execute("PRAGMA journal_mode = DELETE")
        sql.execute("VACUUM")
    sql.close()
    return people


def record(app: Flask, people: dict[str, Any], out: Path) -> None:
    """Read everything, then send every draft and read that."""
    clinician = reading.staff(app, people["staff"]["clinician"])
    admin = reading.staff(app, people["staff"]["admin"])
    keep(out / "queue.json", reading.queue(clinician))
    for name, who in people["sent"].items():
        keep(out / "sent" / f"{name}.json", reading.read_response(clinician, who["reference"]))
    for name, wanted in reading.EXPORTS.items():
        (out / f"export-{name}.zip").write_bytes(admin.export(**wanted))
    pages = list(dict.fromkeys(page.link_id for one in loader.published().values() for page in one.pages))
    for name, who in people["drafts"].items():
        by_session = reading.read_draft(reading.with_session(app, who["session"]), pages)
        assert by_session == reading.read_draft(reading.with_code(app, who["code"]), pages), name
        keep(out / "drafts" / f"{name}.json", by_session)
    for name, who in people["drafts"].items():
        keep(out / "drafts-sent" / f"{name}.json", reading.sent_now(app, clinician, who["code"]))


def record_documents(app: Flask, people: dict[str, Any], out: Path) -> None:
    """Some stored documents, and the stored summary of one sent response, as they are under their encryption."""
    intake = app.extensions["intake"]
    with transaction(intake.engine) as sql:
        for name, who in people["drafts"].items():
            found = responses.find_by_code(sql, intake.keyring, who["code"])
            assert found is not None
            keep(out / f"draft-{name}.json", responses.open_with_code(sql, found.id, who["code"]).document)
        for name in ("first_version_every_reason", "every_reason", "notices_open"):
            found = responses.find_by_code(sql, intake.keyring, people["sent"][name]["code"])
            assert found is not None
            whoever = {"agent_id": "record", "agent_name": "record", "role": "operator"}
            audit.record(
                sql, AuditAction.VIEW_ANSWERS, entity_type=Entity.RESPONSE, entity_id=found.id, now=NOW, **whoever
            )
            keep(out / f"sent-{name}.json", responses.read_sent(sql, intake.keyring, found.id).document)
            keep(out / f"summary-{name}.json", responses.read_summary(sql, intake.keyring, found.id))


def main(out: Path) -> None:
    """Make it, and read it from copies."""
    with time_machine.travel(NOW - timedelta(days=15), tick=False) as clock, TemporaryDirectory() as scratch:
        made = Path(scratch) / "made"
        people = make(made, clock)
        clock.move_to(NOW)
        for name, look in (("read", record), ("documents", record_documents)):
            copied = Path(scratch) / name
            shutil.copytree(made, copied)
            app = application(copied)
            look(app, people, out if name == "read" else out.parent / "documents")
            app.extensions["intake"].engine.dispose()
        for file in ("intake.sqlite3", "keyring.json"):
            (out / "instance").mkdir(parents=True, exist_ok=True)
            shutil.copyfile(made / file, out / "instance" / file)
        keep(out / "people.json", people)


if __name__ == "__main__":
    started = datetime.now()
    main(Path(sys.argv[1]).absolute())
    print(f"made in {datetime.now() - started}")
