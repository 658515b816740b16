"""A clinic's own forms, in the folder `questionnaires` of its installation: which one new responses get, and what is
refused."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from intake.accounts.staff import Role
from intake.config import Settings
from intake.consultations import catalogue
from intake.records.form_files import FormFileChanged
from intake.web.extensions import Installation
from tests.cli.test_commands import PRODUCTION, refused, run
from tests.databases import Database
from tests.questionnaire.forms import CHECK, HEAD, page, question
from tests.staffroom import House, build

TWO = "[{code: x, display: X}, {code: y, display: Y}]"
OWN = HEAD + page("page-a", question("a") + question("b", "choice", answerOption=TWO)) + CHECK
CANONICAL = "https://example.org/fhir/Questionnaire/tiny|1.0.0"


def put(database: Database, text: str = OWN, name: str = "tiny.yaml") -> Path:
    """A file in the clinic's own folder."""
    folder = database.instance / "questionnaires"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


# -- which form --------------------------------------------------------------------------------------------------------


def test_both_folders_are_listed_and_the_form_of_new_responses_is_marked(empty_database: Database) -> None:
    put(empty_database)
    listed = run(empty_database, "questionnaire", "list", INTAKE_QUESTIONNAIRE="tiny").stdout.splitlines()
    assert f"{CANONICAL}\tactive\tnew responses" in listed
    assert [line for line in listed if "new responses" in line] == [f"{CANONICAL}\tactive\tnew responses"]
    assert "https://example.org/fhir/Questionnaire/nk-intake|1.1.0\tactive" in listed
    assert "https://example.org/fhir/Questionnaire/first-visit|1.0.0\tactive" in listed


def test_check_codebook_and_diff_find_a_form_by_its_name(empty_database: Database) -> None:
    put(empty_database)
    assert CANONICAL in run(empty_database, "questionnaire", "check", "tiny.yaml").stdout
    assert "responses.csv,a,a,string" in run(empty_database, "questionnaire", "codebook", "tiny").stdout
    changed = put(empty_database, OWN.replace("text: a\n", "text: Another\n"), "next.txt")
    assert run(empty_database, "questionnaire", "diff", "tiny", str(changed)).stdout == "a: text: “a” → “Another”\n"


def test_the_newest_active_version_is_filled_in(empty_database: Database) -> None:
    for version, status in (("1.9.0", "active"), ("1.10.0", "active"), ("2.0.0", "draft")):
        text = OWN.replace("version: 1.0.0", f"version: {version}").replace("status: active", f"status: {status}")
        put(empty_database, text, f"tiny-{version}.yaml")
    forms = catalogue.open(empty_database.instance, "tiny")
    assert forms.active.version == "1.10.0"
    assert forms.names == ("tiny", "first-visit", "nk-intake")
    assert forms.columns_of("tiny").version == "1.10.0"


def test_a_form_that_is_not_filled_in_any_more_has_the_columns_of_its_newest_version(empty_database: Database) -> None:
    for version in ("1.9.0", "1.10.0"):
        text = OWN.replace("version: 1.0.0", f"version: {version}").replace("status: active", "status: retired")
        put(empty_database, text, f"tiny-{version}.yaml")
    forms = catalogue.open(empty_database.instance)
    assert forms.columns_of("tiny").version == "1.10.0"
    with pytest.raises(catalogue.UnknownForm):
        forms.form("tiny")


def test_the_same_file_twice_is_one_form(empty_database: Database) -> None:
    published = catalogue.SHIPPED / "nk-intake-1.1.0.yaml"
    put(empty_database, published.read_text(encoding="utf-8"), published.name)
    assert catalogue.open(empty_database.instance).active == catalogue.shipped().active


# -- what is refused ---------------------------------------------------------------------------------------------------

WRONG = {
    "a mistake": (OWN.replace("type: string", "type: strong"), "tiny", "tiny.yaml:21: a: type must be one of"),
    "no YAML": ("item: [", "nk-intake", "tiny.yaml:2: -: "),
    "a name that does not exist": (OWN, "no-such-form", "INTAKE_QUESTIONNAIRE: no questionnaire 'no-such-form'"),
    "only a draft": (OWN.replace("status: active", "status: draft"), "tiny", "INTAKE_QUESTIONNAIRE: no questionnaire"),
    "a version that is no number": (OWN.replace("version: 1.0.0", "version: next"), "tiny", "version must be numbers"),
    "a published version with other words": (
        (catalogue.SHIPPED / "first-visit-1.0.0.yaml").read_text(encoding="utf-8").replace("five", "six"),
        "nk-intake",
        "another file is https://example.org/fhir/Questionnaire/first-visit|1.0.0 too",
    ),
    "the url of another form": (
        OWN.replace("Questionnaire/tiny", "Questionnaire/first-visit").replace("1.0.0", "7.0.0"),
        "tiny",
        "all versions of a form have one id and one url",
    ),
    "a version of ours that its rules cannot read": (
        OWN.replace("id: tiny", "id: nk-intake")
        .replace("Questionnaire/tiny", "Questionnaire/nk-intake")
        .replace("version: 1.0.0", "version: 1.9.0"),
        "nk-intake",
        "it is missing",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_with_a_form_is_one_line_and_nothing_is_changed(empty_database: Database, wrong: str) -> None:
    text, name, said = WRONG[wrong]
    put(empty_database, text)
    before = sorted(empty_database.instance.rglob("*"))
    assert said in refused(run(empty_database, "staff", "list", INTAKE_QUESTIONNAIRE=name), 78)
    assert sorted(empty_database.instance.rglob("*")) == before


def test_a_published_file_that_was_edited_is_refused_once_responses_are_bound_to_it(database: Database) -> None:
    file = put(database)
    house = build(database, INTAKE_QUESTIONNAIRE="tiny")
    edited = OWN.replace("text: a\n", "text: Another\n")
    file.write_text(edited, encoding="utf-8")
    build(database, INTAKE_QUESTIONNAIRE="tiny")  # nobody has filled it in: its record follows
    made = run(database, "demo", "--responses", "1", "--seed", "1", INTAKE_QUESTIONNAIRE="tiny")
    assert made.returncode == 0, made.stderr
    file.write_text(OWN, encoding="utf-8")
    assert f"The file of {CANONICAL} was changed" in refused(run(database, "staff", "list"), 78)
    with pytest.raises(FormFileChanged):
        Installation.open(Settings.from_environment(database.env, serving=False))
    file.write_text(edited, encoding="utf-8")
    assert run(database, "staff", "list").returncode == 0
    assert len(house.rows("SELECT sha256 FROM form_file WHERE canonical = :one", one=CANONICAL)) == 1


# -- a file that is gone -----------------------------------------------------------------------------------------------


@pytest.fixture
def house_without_the_file(database: Database) -> House:
    """Responses to the clinic's own form and to ours; then the clinic's file was taken away."""
    file = put(database)
    for name, sent in (("tiny", "0.5"), ("nk-intake", "1")):
        made = run(database, "demo", "--responses", "2", "--seed", "1", "--sent-share", sent, INTAKE_QUESTIONNAIRE=name)
        assert made.returncode == 0, made.stderr
    file.unlink()
    return build(database)


def test_responses_whose_form_is_gone_stay_closed_and_all_else_goes_on(house_without_the_file: House) -> None:
    house = house_without_the_file
    sent = house.rows("SELECT id, questionnaire FROM questionnaire_response WHERE authored_at IS NOT NULL")
    assert len(sent) == 3
    clinician = house.signed_in(Role.CLINICIAN)
    queue = clinician.get("/clinician/").text
    assert queue.count("The file with the questions of this form is missing.") == 1
    for id, canonical in sent:
        page = clinician.get(f"/clinician/responses/{id}/answers")
        assert page.status_code == (500 if canonical == CANONICAL else 200)
        assert ("This form cannot be opened now" in page.text) is (canonical == CANONICAL)


def test_they_are_named_at_a_start_and_by_doctor(
    house_without_the_file: House, capsys: pytest.CaptureFixture[str]
) -> None:
    build(house_without_the_file.database)
    (line,) = capsys.readouterr().err.splitlines()
    assert CANONICAL in line
    done = run(house_without_the_file.database, "doctor", **PRODUCTION)
    assert done.returncode == 0
    assert f"warning: {line}" in done.stderr.splitlines()


def test_a_draft_of_it_has_a_plain_page(database: Database) -> None:
    file = put(database)
    house = build(database, INTAKE_QUESTIONNAIRE="tiny")
    patient = house.browser()
    patient.get("/")
    patient.post("/start")
    file.unlink()
    house.app.extensions["intake"] = build(database).intake
    answer = patient.get("/questionnaire/page-a")
    assert answer.status_code == 500
    assert "This form cannot be opened now" in answer.text
    assert patient.get("/").status_code == 200


def test_an_export_names_them(house_without_the_file: House, tmp_path: Path) -> None:
    out = tmp_path / "out.zip"
    done = run(house_without_the_file.database, "export", str(out))
    assert done.returncode == 1
    told = json.loads(zipfile.ZipFile(out).read("manifest.json"))
    ((reference,),) = house_without_the_file.rows(
        "SELECT reference FROM questionnaire_response WHERE authored_at IS NOT NULL AND questionnaire = :one",
        one=CANONICAL,
    )
    assert (told["form"], told["unreadable"], told["responses"]["written"]) == ("nk-intake", [reference], 2)


# -- an export is of one form ------------------------------------------------------------------------------------------


@pytest.fixture
def house_of_two_forms(database: Database) -> House:
    """Two responses to the example form, three to the clinic's own, whose second version asks one question less."""
    put(database)
    for name, count in (("first-visit", "2"), ("tiny", "3")):
        made = run(
            database, "demo", "--responses", count, "--seed", "1", "--sent-share", "1", INTAKE_QUESTIONNAIRE=name
        )
        assert made.returncode == 0, made.stderr
    shorter = HEAD + page("page-a", question("a") + question("c")) + CHECK
    put(database, shorter.replace("version: 1.0.0", "version: 1.1.0"), "tiny-1.1.0.yaml")
    return build(database, INTAKE_QUESTIONNAIRE="tiny")


def test_an_export_holds_one_form_and_names_what_has_no_column(house_of_two_forms: House) -> None:
    admin = house_of_two_forms.signed_in(Role.ADMIN)
    for name, path, rows in (("tiny", "", 3), ("tiny", "?form=tiny", 3), ("first-visit", "?form=first-visit", 2)):
        files = zipfile.ZipFile(io.BytesIO(admin.get(f"/admin/export.zip{path}").data))
        told = json.loads(files.read("manifest.json"))
        assert (told["form"], told["responses"]["written"], told["unreadable"]) == (name, rows, [])
        assert told["not_in_columns"] == (["responses.csv: b"] if name == "tiny" else [])
        assert ("medicines.csv" in files.namelist()) is (name == "first-visit")


def test_the_page_offers_the_forms_and_an_unknown_one_is_refused(house_of_two_forms: House) -> None:
    admin = house_of_two_forms.signed_in(Role.ADMIN)
    page_of_forms = admin.get("/admin/export").text
    for name in ("tiny", "first-visit", "nk-intake"):
        assert f'name="form" value="{name}"' in " ".join(page_of_forms.split())
    answer = admin.get("/admin/export.zip?form=no-such-form")
    assert answer.status_code == 422
    assert "is not a form here" in answer.text


def test_the_shell_exports_a_form_by_its_name(house_of_two_forms: House, tmp_path: Path) -> None:
    database = house_of_two_forms.database
    out = tmp_path / "out.zip"
    assert run(database, "export", str(out), "--form", "first-visit").returncode == 0
    assert json.loads(zipfile.ZipFile(out).read("manifest.json"))["form"] == "first-visit"
    assert "--form" in refused(run(database, "export", str(tmp_path / "other.zip"), "--form", "no-such-form"), 2)
    assert not (tmp_path / "other.zip").exists()
