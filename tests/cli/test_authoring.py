"""`intake questionnaire`: the author's tools, as they are called."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from intake.consultations import catalogue
from tests.cli.test_commands import refused, run

FILE = catalogue.SHIPPED / "nk-intake-1.2.0.yaml"
URL = "https://example.org/fhir/Questionnaire/nk-intake"


@pytest.fixture
def next_version(tmp_path: Path) -> Path:
    """A file of the next version, one text changed."""
    file = tmp_path / "next.yaml"
    text = FILE.read_text(encoding="utf-8").replace("version: 1.2.0", "version: 1.3.0")
    file.write_text(text.replace("text: Daily life", "text: Your days"), encoding="utf-8")
    return file


def test_diff_names_what_changed_and_its_status_says_whether_anything_did(tmp_path: Path, next_version: Path) -> None:
    found = run(tmp_path, "questionnaire", "diff", "1.2.0", str(next_version))
    assert (found.returncode, found.stdout, found.stderr) == (1, "page-life: text: “Daily life” → “Your days”\n", "")
    same = run(tmp_path, "questionnaire", "diff", "1.2.0", str(FILE))
    assert (same.returncode, same.stdout, same.stderr) == (0, "", "")
    published = run(tmp_path, "questionnaire", "diff", "1.0.0", "1.1.0").stdout.splitlines()
    assert published
    assert all(line.endswith(": x-in-person: false → true") for line in published)


def test_diff_of_what_cannot_be_read_is_status_2(tmp_path: Path) -> None:
    assert "neither a file nor a published version (1.0.0, 1.1.0, 1.2.0)" in refused(
        run(tmp_path, "questionnaire", "diff", "1.0.0", "9.9.9"), 2
    )
    broken = tmp_path / "broken.yaml"
    broken.write_text("id: x\n", encoding="utf-8")
    assert refused(run(tmp_path, "questionnaire", "diff", "1.0.0", str(broken)), 2).startswith(
        "broken.yaml:1: -: the questionnaire needs"
    )


@pytest.mark.parametrize(
    ("version", "number"),
    [
        ("1.0.0", "1.0.0"),
        ("1.1.0", "1.1.0"),
        ("1.2.0", "1.2.0"),
        (str(FILE), "1.2.0"),
        ("https://example.org/fhir/Questionnaire/nk-intake|1.0.0", "1.0.0"),
    ],
)
def test_the_codebook_of_a_version_is_that_of_an_export_with_every_group(
    tmp_path: Path, version: str, number: str
) -> None:
    rows = list(csv.DictReader(io.StringIO(run(tmp_path, "questionnaire", "codebook", version).stdout)))
    assert list(rows[0]) == ["file", "column", "linkId", "type", "text", "code", "display"]
    questions = {item.link_id for item in catalogue.shipped().version(f"{URL}|{number}").walk() if item.is_question}
    assert {row["linkId"] for row in rows if row["type"] != "left-out"} >= questions
    assert ("substances", "vape", "Vapes") in {(row["linkId"], row["code"], row["display"]) for row in rows}


def test_check_says_what_the_summary_would_miss_where_it_should_stand(tmp_path: Path) -> None:
    file = tmp_path / "poorer.yaml"
    text = FILE.read_text(encoding="utf-8")
    file.write_text(text.replace("code: no-cause", "code: nothing-found"), encoding="utf-8")
    line = next(number for number, row in enumerate(text.splitlines(), 1) if row.strip() == "- linkId: told-findings")
    wrong = run(tmp_path, "questionnaire", "check", str(file))
    assert wrong.returncode == 1
    assert (
        f"poorer.yaml:{line}: told-findings: the summary reads the option no-cause, and it is missing"
        in wrong.stderr.splitlines()
    )


@pytest.mark.parametrize("file", catalogue.form_files(catalogue.SHIPPED), ids=lambda file: file.stem)
def test_check_says_about_how_long_a_form_takes_after_what_it_holds(tmp_path: Path, file: Path) -> None:
    found = run(tmp_path, "questionnaire", "check", str(file))
    assert (found.returncode, found.stderr) == (0, "")
    holds, *stories = (line for line in found.stdout.splitlines() if not line.endswith(" texts, draft."))
    assert holds.endswith(" questions.")
    said = re.compile(
        r"(\w+): (\d+) minutes \(a careful reader: (\d+)\), (\d+) questions, (\d+) pages, [\d,]+ words, \d+ taps"
    )
    read = [said.fullmatch(line) for line in stories]
    assert [one and one[1] for one in read] == ["light", "usual", "heavy"]
    minutes = [int(one[2]) for one in read if one]
    assert minutes == sorted(minutes)
    assert run(tmp_path, "questionnaire", "check", str(file)).stdout == found.stdout


def test_a_longer_text_on_consent_takes_a_careful_reader_longer(tmp_path: Path) -> None:
    file = tmp_path / "consent.txt"
    file.write_text("word " * 2000, encoding="utf-8")
    form = str(FILE)
    ours = run(tmp_path, "questionnaire", "check", form).stdout
    theirs = run(tmp_path, "questionnaire", "check", form, INTAKE_CLINIC_CONSENT_FILE=str(file)).stdout
    assert careful(theirs) > careful(ours) + 5


def careful(said: str) -> int:
    """The careful reader's minutes of the light story."""
    return int(re.findall(r"a careful reader: (\d+)", said)[0])
