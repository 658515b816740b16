"""A clinic whose pages are looked at: one application on SQLite, served from this process, as looks do not depend on
the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from intake.accounts.staff import Role
from intake.answers.document import Agreement, StoredDocument
from intake.consultations import catalogue
from intake.patient import consent
from intake.questionnaire.response import QuestionnaireResponse
from intake.records import drafts
from intake.records.database import transaction
from tests.databases import Sqlite
from tests.factories import Scenario
from tests.staffroom import PASSWORD, House, build


@dataclass
class Desk:
    """The application, where it is served, and a page on which somebody with every role is signed in."""

    house: House
    base: str
    page: Page

    def summary_of(self, scenario: Scenario) -> Page:
        """Have a patient send this, and open it as a clinician."""
        sent = self.house.send(scenario.response(catalogue.shipped().active))
        self.page.goto(f"{self.base}/clinician/responses/{sent}")
        return self.page

    def fill_in(self, page: Page, scenario: Scenario) -> QuestionnaireResponse:
        """Put these answers into the form that is open in this browser, as if every page had been saved."""
        token = next(one["value"] for one in page.context.cookies() if one["name"].endswith("intake-patient"))
        now = datetime.now(UTC)
        with transaction(self.house.intake.engine) as sql:
            stored = drafts.open(sql, token, now=now)
            draft = replace(
                StoredDocument.from_document(stored.document, catalogue.shipped().active),
                response=scenario.response(catalogue.shipped().active),
                done=frozenset(one.link_id for one in catalogue.shipped().active.pages),
                agreement=Agreement(consent.read(None).version, now, "en"),
            )
            drafts.save(sql, stored, draft.to_document(), now=now)
        return draft.response


@contextmanager
def open_desk(folder: Path, browser: Browser) -> Iterator[Desk]:
    """Serve for as long as the block runs."""
    with Sqlite.made(folder) as database:
        house = build(
            database,
            INTAKE_CLINIC_NAME="Harbour Clinic",
            INTAKE_CLINIC_CONTACT="+44 20 5550 0100",
            INTAKE_CLINIC_COUNTRY="GB",
        )
        house.add_staff("okafor@example.org", *Role)
        server = make_server("127.0.0.1", 0, house.app, threaded=True)
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        context = browser.new_context(
            base_url=f"http://127.0.0.1:{server.port}", viewport={"width": 1280, "height": 800}
        )
        page = context.new_page()
        page.goto("/account/login")
        page.fill('[name="email"]', "okafor@example.org")
        page.fill('[name="password"]', PASSWORD)
        page.click("main button")
        yield Desk(house, f"http://127.0.0.1:{server.port}", page)
        context.close()
        server.shutdown()
        thread.join()
