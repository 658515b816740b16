"""An application of its own on a database of its own, with staff and sent responses: what the tests of the staff's
doors stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from intake.accounts import passwords, staff
from intake.accounts.staff import Role
from intake.answers.document import StoredDocument
from intake.app import create_app
from intake.config import Settings
from intake.consultations import catalogue
from intake.consultations.rules import summarise
from intake.questionnaire.absence import PagesVisited
from intake.questionnaire.enable_when import as_sent
from intake.questionnaire.response import QuestionnaireResponse
from intake.records import audit, changing, drafts, sending, sent, sessions
from intake.records.audit import AuditAction
from intake.records.database import reading, transaction
from intake.records.sessions import SessionKind
from intake.summary.model import SummarySettings
from intake.web.extensions import Installation
from tests.databases import Database
from tests.factories import SENT_ON

PASSWORD = "sturdy lantern orbit 9"
_HASH: list[str] = []


def password_hash() -> str:
    """The hash of PASSWORD, made once: each takes a tenth of a second by design."""
    if not _HASH:
        _HASH.append(passwords.hash_password(PASSWORD))
    return _HASH[0]


@dataclass
class House:
    """One installation and its application."""

    app: Flask
    database: Database
    emails: dict[Role, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where its instance folder stands."""
        return self.database.folder

    @property
    def intake(self) -> Installation:
        """Settings, database, keys."""
        found: Installation = self.app.extensions["intake"]
        return found

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """What a plain SELECT finds."""
        from sqlalchemy import text

        with reading(self.intake.engine) as sql:
            return [tuple(row) for row in sql.execute(text(statement), values)]

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Every statement that is run in the block, begin and commit included as far as we send them ourselves."""
        from sqlalchemy import Engine, event

        ran: list[str] = []

        def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            ran.append(" ".join(statement.split()))

        event.listen(Engine, "before_cursor_execute", hear)
        try:
            yield ran
        finally:
            event.remove(Engine, "before_cursor_execute", hear)

    def add_staff(self, email: str, *roles: Role, name: str = "Dr Okafor") -> None:
        """An account with PASSWORD."""
        with transaction(self.intake.engine) as sql:
            staff.add(sql, email=email, name=name, roles=roles, password_hash=password_hash(), now=datetime.now(UTC))

    def browser(self) -> Browser:
        """A browser that has been nowhere yet."""
        return Browser(self.app.test_client())

    def signed_in(self, *roles: Role, email: str | None = None, name: str = "Dr Okafor") -> Browser:
        """A browser in which somebody with these roles is signed in."""
        email = email or f"{'-'.join(role.value for role in roles)}@example.org"
        if not self.rows("SELECT 1 FROM staff_user WHERE email = :email", email=email):
            self.add_staff(email, *roles, name=name)
        browser = self.browser()
        assert browser.sign_in(email).status_code == 303
        return browser

    def send(
        self, response: QuestionnaireResponse, now: datetime | None = None, way: PagesVisited | None = None
    ) -> str:
        """A patient sends this response, every page saved unless `way` says otherwise; gives its id."""
        questionnaire = catalogue.shipped().version(response.questionnaire)
        moment = now or datetime.now(UTC)
        response = as_sent(questionnaire, response)
        way = way or PagesVisited(done=[page.link_id for page in questionnaire.pages])
        summary = summarise(questionnaire, response, settings=SummarySettings(), today=SENT_ON, way=way)
        name = response.answer("full-name").own_words or ""
        born = response.answer("birth-date").date
        token = sessions.new_token()
        stored = StoredDocument(questionnaire, response, frozenset(way.done or ()), frozenset(way.in_person))
        document = stored.to_sent_document(moment)
        with transaction(self.intake.engine) as sql:
            started = drafts.start(
                sql,
                self.intake.keyring,
                questionnaire=questionnaire.canonical,
                language="en",
                token=token,
                document=document,
                now=moment,
            )
            sessions.open(sql, token, kind=SessionKind.PATIENT, owner=started.id, now=moment)
            sending.complete(
                sql,
                self.intake.keyring,
                started,
                document=document,
                summary=summary.to_document(),
                header={"name": name, "birth_date": born.iso if born else ""},
                now=moment,
            )
        return started.id

    def correct(self, id: str) -> int:
        """The patient of a sent response sends the same once more, as a correction; gives the revision before it."""
        moment, patient = datetime.now(UTC), audit.patient(id)
        with transaction(self.intake.engine) as sql:
            audit.record(sql, AuditAction.VIEW_OWN_COPY, patient, audit.response(id), now=moment)
            found = sent.open(sql, self.intake.keyring, id)
            known = {"questionnaire": found.questionnaire, "language": found.language, "document": found.document}
            draft = drafts.start(
                sql, self.intake.keyring, **known, token=sessions.new_token(), now=moment, corrects=(id, found.revision)
            )
            changing.amend(
                sql,
                self.intake.keyring,
                draft,
                id=id,
                seen=found.revision,
                document=found.document | {"status": "amended", "authored": moment.isoformat()},
                summary=found.summary,
                header={"name": "Amelia Hart", "birth_date": "1992-04-18"},
                now=moment,
            )
        return found.revision

    def reference(self, id: str) -> str:
        """The reference of a response."""
        return str(self.rows("SELECT reference FROM questionnaire_response WHERE id = :id", id=id)[0][0])


@dataclass
class Browser:
    """A client that keeps cookies and posts forms with the token of the page last fetched."""

    client: FlaskClient
    last: str = ""

    def get(self, path: str, **more: Any) -> TestResponse:
        """Fetch a page."""
        answer = self.client.get(path, **more)
        if answer.mimetype == "text/html" and "csrf_token" in answer.text:
            self.last = answer.text
        return answer

    def post(self, path: str, data: Any = None, **more: Any) -> TestResponse:
        """Send a form of the page last fetched."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.last)
        fields = [("csrf_token", found[1])] if found else []
        fields += list(data.items()) if isinstance(data, dict) else list(data or [])
        body: dict[str, list[str]] = {}
        for name, value in fields:
            body.setdefault(name, []).append(value)
        answer = self.client.post(path, data=body, **more)
        if answer.mimetype == "text/html" and "csrf_token" in answer.text:
            self.last = answer.text
        return answer

    def sign_in(self, email: str, password: str = PASSWORD, after: str = "") -> TestResponse:
        """Fill in the sign-in page."""
        path = f"/account/login{after}"
        self.get(path)
        return self.post(path, {"email": email, "password": password})


def build(database: Database, **env: str) -> House:
    """An application on a database; a try-out unless told otherwise."""
    app = create_app(Settings.from_environment({"INTAKE_ENV": "tryout", **database.env, **env}))
    database.engines.append(app.extensions["intake"].engine)
    app.testing = False  # errors are pages here, as they are for people
    return House(app, database)
