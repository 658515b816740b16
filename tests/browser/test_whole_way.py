"""One story from all sides of the counter, in a real browser with JavaScript and without."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.walker import Patient, sign_in, watched
from tests.factories import scenarios
from tests.serving import Server

STORY = next(scenario for scenario in scenarios() if scenario.id == "open-2")


@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_patient_sends_a_clinician_reads_an_admin_exports(
    server: Server, browser: Browser, scripted: bool, tmp_path: Path
) -> None:
    with watched(browser, server.base, scripted=scripted) as watch:
        patient = Patient(watch, STORY.answers)
        patient.start()
        reference = patient.send()
        assert "We will use your words: “pregnancy loss”." in watch.page.inner_text("main")
        assert watch.problems == []
        assert len(watch.seen) > 25

    with watched(browser, server.base, scripted=scripted, width=1280) as watch:
        sign_in(watch, server.accounts["clinician"], f"/clinician/?q={reference}")
        watch.page.goto(f"{server.base}/clinician/?q={reference}")
        watch.look()
        watch.page.click(f'a:has-text("{reference}")')
        watch.look()
        read = watch.page.inner_text("main")
        for _, sentence in STORY.highlights:
            assert sentence in read
        assert "Siobhán Ní Bhriain" in read
        watch.page.click('a:has-text("Full answers")')
        watch.look()
        assert "Penicillin, rash" in watch.page.inner_text("main")
        watch.page.go_back()
        watch.page.fill('[name="note"]', "Read before the visit.")
        watch.page.click('button:has-text("Mark as reviewed")')
        watch.look()
        assert "Read before the visit." in watch.page.inner_text("main")
        assert watch.problems == []

    with watched(browser, server.base, scripted=scripted, width=1280) as watch:
        sign_in(watch, server.accounts["admin"], "/admin/export")
        watch.page.goto(f"{server.base}/admin/export")
        watch.look()
        for box in watch.page.query_selector_all('[name="include"]'):
            box.check()
        watch.page.fill('[name="reason"]', "Audit of the try-out.")
        watch.page.check('[name="for"][value="programs"]')
        with watch.page.expect_download() as download:
            watch.page.click('button:has-text("Make the export")')
        download.value.save_as(tmp_path / "export.zip")
        assert watch.problems == []
    with zipfile.ZipFile(tmp_path / "export.zip") as exported:
        rows = list(csv.DictReader(io.StringIO(exported.read("responses.csv").decode(), newline="")))
    assert [row["full-name"] for row in rows if row["reference"] == reference] == ["Siobhán Ní Bhriain"]
