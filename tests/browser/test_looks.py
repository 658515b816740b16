"""Every page in every look: no address of the application is left out, and no words of a patient are too long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.sync_api import Browser, Page
from werkzeug.routing import Rule

from intake.consultations import catalogue
from intake.questionnaire.response import QuestionnaireResponse
from tests.browser.desk import Desk
from tests.browser.everything import everything
from tests.browser.looks import LARGE, LOOKS, looked_over
from tests.browser.paper import printed
from tests.browser.walker import Watch, watched
from tests.staffroom import PASSWORD

NO_PAGES = {
    "static": "style sheets",
    "health.healthz": "a word for machines",
    "health.readyz": "a word for machines",
    "accounts.second_factor_picture": "a picture",
    "health.icon": "a picture",
    "patient.resume_code_picture": "a picture",
    "patient.go_on": "leads on to a page of the form",
    "admin.home": "leads on to the export",
    "admin.download": "a file",
    "trail.download": "a file",
    "patient.own_copy_fhir": "a file",
    "clinician.fhir": "a file",
    "clinician.summary": "a file",
    "clinician.text": "a text",
}
"""Addresses that show no page of their own, and what they are."""
ON_PAPER = {
    "patient.check",
    "patient.preview",
    "patient.submitted",
    "patient.own_copy",
    "patient.who_opened",
    "patient.resume_code",
    "clinician.answers",
    "clinician.queue",
    "admin.page",
}
"""Pages that people print, besides the clinician's one page, which has tests of its own."""


@dataclass
class Visitor:
    """Goes to the pages of a patient, or to all others; looks them over and prints some.

    `problems` is what was found, `left` the pages not yet visited.
    """

    desk: Desk
    page: Page
    patient: bool
    left: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.left = {rule.endpoint for rule in self._pages()}
        self.addresses = self.desk.house.app.url_map.bind("127.0.0.1")

    def _pages(self) -> Iterator[Rule]:
        for rule in self.desk.house.app.url_map.iter_rules():
            if (
                "GET" in (rule.methods or ())
                and rule.endpoint.startswith("patient.") == self.patient
                and rule.endpoint not in NO_PAGES
            ):
                yield rule

    def plain_addresses(self) -> list[str]:
        """The pages whose address holds nothing that changes."""
        return [rule.rule for rule in self._pages() if not rule.arguments and rule.endpoint in self.left]

    def go(self, path: str, status: int = 200) -> None:
        """Open an address and look over what is there."""
        answer = self.page.goto(self.desk.base + path)
        assert answer is not None
        assert answer.status == status, f"{answer.status} at {path}"
        assert status != 200 or urlsplit(self.page.url).path == urlsplit(path).path, (
            f"{path} leads on to {self.page.url}"
        )
        self.look(path)

    def look(self, name: str) -> None:
        """Look over the page as it stands."""
        looks = LOOKS if self.patient else [one for one in LOOKS if one is not LARGE]
        self.problems += [f"{name}: {problem}" for problem in looked_over(self.page, looks)]
        path = urlsplit(self.page.url).path
        endpoint = self.addresses.match(path)[0] if self.addresses.test(path) else ""
        if endpoint in self.left & ON_PAPER:
            paper = printed(self.page)
            self.problems += [f"{name}, on paper: {what}" for what in (*paper.lost, *paper.cut)]
        self.left.discard(endpoint)

    def found(self) -> list[str]:
        """What was found, and the pages that nobody went to: a new page needs its visit."""
        return self.problems + [f"not visited: {endpoint}" for endpoint in sorted(self.left)]


def test_every_page_of_a_patient_is_right_in_every_look(desk: Desk, browser: Browser) -> None:
    questionnaire = catalogue.shipped().active
    with watched(browser, desk.base) as watch:
        page, visitor = watch.page, Visitor(desk, watch.page, patient=True)
        for path in ("/", "/privacy", "/help", "/accessibility", "/resume"):
            visitor.go(path)
        visitor.go("/nowhere", 404)
        page.goto(desk.base)
        page.click('[data-action="start"]')
        visitor.look("the code")
        code = page.inner_text("[data-resume-code]")
        response = desk.fill_in(page, everything(questionnaire))
        for each in questionnaire.pages[1:-1]:
            at = f"/questionnaire/{each.link_id}"
            visitor.go(at)
            for rows in each.lists():
                visitor.go(f"{at}/{response.rows(rows.link_id)[0].id}")
        visitor.go(f"{at_a_list(response)}/start")
        visitor.go(f"{at_a_list(response)}/remove")
        page.goto(f"{desk.base}/questionnaire/page-medicines/add?list=medicines")
        visitor.look("a new entry")
        page.goto(f"{desk.base}/questionnaire/page-you")
        page.fill('[name="birth-date.month"]', "13")
        page.click('main form [data-action="continue"]')
        visitor.look("an answer that cannot be accepted")
        visitor.go("/preview")
        visitor.go("/check")
        page.click('[data-action="submit"]')
        visitor.look("sent")
        born = response.answer("birth-date").date
        assert born is not None
        come_back(page, desk.base, code, born.iso)
        for path in ("/sent", "/sent/opened", "/sent/withdraw", "/sent/correct"):
            visitor.go(path)
        page.click('[data-action="correct"]')
        visitor.go("/check")
        visitor.look("a correction")
        page.check('[name="declare"]')
        page.click('[data-action="submit"]')
        visitor.look("a correction that is sent")
        come_back(page, desk.base, code, born.iso)
        visitor.look("what was corrected")
        page.goto(f"{desk.base}/sent/withdraw")
        page.click('[data-action="withdraw"]')
        page.wait_for_url("**/erased")
        visitor.look("erased")
    assert visitor.found() == []


def come_back(page: Page, base: str, code: str, born: str) -> None:
    """By code and date of birth to what was sent."""
    page.goto(f"{base}/resume")
    page.fill("#code", code)
    page.click('main [data-action="continue"]')
    for part, value in zip(("year", "month", "day"), born.split("-"), strict=False):
        page.fill(f'[name="birth-date.{part}"]', value)
    page.click('main [data-action="continue"]')
    page.wait_for_url("**/sent")


def at_a_list(response: QuestionnaireResponse) -> str:
    """The address of the first medicine."""
    return f"/questionnaire/page-medicines/{response.rows('medicines')[0].id}"


def test_every_page_of_the_staff_is_right_in_every_look(desk: Desk, browser: Browser) -> None:
    watch = Watch(desk.page, desk.base)
    visitor = Visitor(desk, desk.page, patient=False)
    page = desk.summary_of(everything(catalogue.shipped().active))
    visitor.look("one page")
    visitor.go(f"{urlsplit(page.url).path}/answers")
    at = urlsplit(page.url).path.removesuffix("/answers")
    visitor.go(f"{at}/versions/{desk.house.correct(at.rpartition('/')[2])}")
    page.goto(desk.base + at)
    visitor.look("one page that was corrected")
    page.goto(f"{desk.base}/admin/staff/invite")
    page.fill('[name="email"]', "w" * 60 + "@example.org")
    page.fill('[name="name"]', "W" * 200)
    page.check('[name="role"][value="clinician"]')
    page.click("main form button")
    visitor.look("the link of an invite")
    link = urlsplit(page.inner_text(".link")).path
    page.click(".back")
    visitor.look("an account")
    with watched(browser, desk.base) as outside:
        visitor.page = outside.page
        visitor.go(link)
        visitor.go("/account/login")
        outside.page.click("main button")
        visitor.look("not signed in")
    visitor.page = page
    second_factor(visitor)
    for path in visitor.plain_addresses():
        visitor.go(path)
        watch.look()
    reference = desk.house.rows("SELECT reference FROM questionnaire_response WHERE authored_at IS NOT NULL")[0][0]
    page.goto(f"{desk.base}/admin/records?reference={reference}")
    visitor.look("one response, for an admin")
    page.click("form[action$='/hold'] button")
    visitor.look("no reason given")
    page.goto(f"{desk.base}/admin/trail?who=nobody@example.org")
    visitor.look("nobody has this email")
    page.goto(f"{desk.base}/clinician/?q=7KQ4M2XD")
    visitor.look("nothing found")
    page.goto(f"{desk.base}/clinician/responses/{'0' * 32}")
    visitor.look("no such response")
    assert visitor.found() == []
    assert [problem for problem in watch.problems if "console error" not in problem] == []


def second_factor(visitor: Visitor) -> None:
    """The pages on which one is set up, its recovery codes shown, and a code asked for; signed in as before after."""
    page = visitor.page
    visitor.go("/account/second-factor/set-up")
    page.click("main form button")
    visitor.look("no code given")
    secret = page.get_attribute("[data-totp-secret]", "data-totp-secret")
    assert secret is not None
    page.fill("#code", pyotp.TOTP(secret).now())
    page.click("main form button")
    visitor.look("recovery codes")
    paper = printed(page)
    visitor.problems += [f"recovery codes, on paper: {what}" for what in (*paper.lost, *paper.cut)]
    code = page.locator("[data-recovery-code]").first.inner_text()
    page.click("nav button")
    page.fill("#email", "okafor@example.org")
    page.fill("#password", PASSWORD)
    page.click("main form button")
    visitor.look("a code is asked for")
    page.click("main form button")
    visitor.look("another code is asked for")
    page.fill("#code", code)
    page.click("main form button")
    visitor.left.discard("accounts.second_factor")


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("<p style='width: 400px'>wide</p>", "wider than the screen"),
        ("<p style='overflow: hidden; height: 3px'>cut</p>", "cut:"),
        ("<p style='color: #bbb'>faint</p>", "dark: contrast"),
        ("<input style='border: 1px solid #ddd; appearance: none'>", "no edge"),
        ("<a href='#' style='outline: none'>no ring</a>", "no focus ring"),
        (
            "<p style='display: flex; flex-direction: column-reverse'><a href='#'>last</a><a href='#'>first</a></p>",
            "before what stands above it",
        ),
        ("<p style='position: sticky; top: 0'>in the way</p>", "stays in the way"),
        ("<p style='transition: color 1s'>moves</p>", "moves:"),
        ("<p style='margin-left: -99px'>out at the left</p>", "right to left: wider"),
        ("<p style='height: 1.2em; overflow: clip'>cut when spaced</p>", "text spaced: cut"),
    ],
)
def test_what_is_wrong_in_a_look_is_seen(browser: Browser, fault: str, seen: str) -> None:
    page = browser.new_page()
    page.set_content(
        f"<!doctype html><html><meta name=color-scheme content='light dark'><style>a {{ outline-offset: 1px }} "
        f"a:focus-visible {{ outline: 3px solid }}</style><body>{fault}</body></html>"
    )
    assert any(seen in problem for problem in looked_over(page))
    page.close()
