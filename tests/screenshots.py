"""The pages of the design, pictured from a real walk at 360 and 1280 px, light and dark: `make screenshots`.

Usage: python -m tests.screenshots [FOLDER]   (default: build/screenshots)
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.walker import Patient, launch, sign_in, watched
from tests.databases import Sqlite
from tests.factories import scenarios
from tests.serving import Server, serving

NAMES = {
    "questionnaire-page-now": "question",
    "questionnaire-page-health": "tickboxes",
    "questionnaire-page-pregnancies": "list",
    "questionnaire-page-transfers": "list-transfers",
    "questionnaire-page-immune-tests": "list-empty",
    "index": "index",
    "resume-code": "resume-code",
    "check": "check",
    "confirmation": "confirmation",
}
"""Address of a page passed on the walk → name of the picture."""


class Camera:
    """Takes one page at two widths, light and dark, into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken: set[str] = set()

    def take(self, page: Page, name: str) -> None:
        """Picture the whole page as it stands; what is typed stays typed."""
        before = page.viewport_size
        for width in (360, 1280):
            for scheme in ("light", "dark"):
                page.set_viewport_size({"width": width, "height": 800})
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                picture = self.folder / f"{name}-{width}{'-dark' if scheme == 'dark' else ''}.png"
                page.screenshot(path=picture, full_page=True)
                self.taken.add(picture.name)
        page.emulate_media(color_scheme="light")
        if before is not None:
            page.set_viewport_size(before)

    def top(self, page: Page, name: str) -> None:
        """Picture the first screen of a page, for the README (docs/pictures)."""
        before = page.viewport_size
        page.set_viewport_size({"width": 1000, "height": 720})
        page.screenshot(path=self.folder / f"readme-{name}.png")
        if before is not None:
            page.set_viewport_size(before)


def patient_pages(server: Server, browser: Browser, camera: Camera) -> str:
    """The patient's pages of open scenario 2; gives the reference."""
    story = next(scenario for scenario in scenarios() if scenario.id == "open-2")
    answers = story.answers | {"transfer-count": "5"}  # one more than listed: the notice of C-03 is in the design
    with watched(browser, server.base, scripted=False) as watch:
        page = watch.page
        entries = iter(("first-field", "entry"))

        def look(name: str) -> None:
            if name != "check" and page.query_selector("[data-notice]"):
                camera.take(page, "notice")
            elif name in NAMES:
                camera.take(
                    page, NAMES[name]
                )  # of a page passed more than once the last picture stays: the list with its entries
            elif name.startswith("questionnaire-page-transfers-") and (kind := next(entries, None)):
                camera.take(page, kind)

        patient = Patient(watch, answers, look)
        patient.start()
        for name in ("page-who", "page-consent"):
            assert page.url.endswith(name)
            patient.fill(answers)
            patient.act("continue")
        page.fill('[name="birth-date.day"]', "30")
        page.fill('[name="birth-date.month"]', "13")
        page.fill('[name="birth-date.year"]', "1983")
        patient.act("continue")
        camera.take(page, "errors")
        return patient.send()


def staff_pages(server: Server, browser: Browser, camera: Camera, reference: str) -> None:
    """The clinician's and the admin's pages, and the pages for what goes wrong."""
    with watched(browser, server.base, scripted=False) as watch:
        page = watch.page
        page.goto(f"{server.base}/account/login")
        camera.take(page, "sign-in")
        sign_in(watch, server.accounts["clinician"], "/clinician/")
        camera.take(page, "queue")
        page.click(f'a:has-text("{reference}")')
        camera.take(page, "summary")
        camera.top(page, "one-page")
        page.emulate_media(media="print")
        page.pdf(path=camera.folder / "summary.pdf", format="A4", prefer_css_page_size=True)
        page.emulate_media(media="screen")
        page.click('a:has-text("Full answers")')
        camera.take(page, "answers")
    with watched(browser, server.base, scripted=False) as watch:
        sign_in(watch, server.accounts["admin"], "/admin/export")
        camera.take(watch.page, "export")
        camera.top(watch.page, "export")
        watch.page.goto(f"{server.base}/nowhere")
        camera.take(watch.page, "error-404")


def locked_page(server: Server, browser: Browser, camera: Camera) -> None:
    """The page for a fault of ours: another process holds the database for good."""
    with server.database.held(readers_too=True), watched(browser, server.base, scripted=False) as watch:
        watch.page.set_default_timeout(120_000)
        watch.page.goto(f"{server.base}/")
        watch.page.click('[data-action="start"]')
        camera.take(watch.page, "error-500")


def main() -> None:
    """Serve, walk, and picture."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    camera = Camera(folder)
    with (
        tempfile.TemporaryDirectory() as served,
        Sqlite.made(Path(served), empty=True) as database,
        serving(database) as server,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        reference = patient_pages(server, browser, camera)
        staff_pages(server, browser, camera, reference)
        locked_page(server, browser, camera)
        browser.close()
    print(f"{len(camera.taken)} pictures in {folder}")


if __name__ == "__main__":
    main()
