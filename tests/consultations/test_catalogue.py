"""The catalogue: the forms of both folders, each version once, and what stands against that."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.consultations import catalogue
from intake.consultations.catalogue import FormMissing, UnknownForm
from intake.questionnaire.loader import QuestionnaireError
from tests.questionnaire.forms import CHECK, HEAD, page, question

OWN = HEAD + page("page-a", question("a")) + CHECK


def put(instance: Path, text: str, name: str) -> None:
    folder = instance / catalogue.OWN_FOLDER
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def refused(instance: Path) -> list[str]:
    with pytest.raises(QuestionnaireError) as caught:
        catalogue.open(instance)
    return caught.value.problems


def test_a_clinics_own_form_stands_beside_the_shipped_ones(tmp_path: Path) -> None:
    put(tmp_path, OWN, "tiny.yaml")
    forms = catalogue.open(tmp_path, "tiny")
    assert (forms.active.id, forms.names[0]) == ("tiny", "tiny")
    assert set(catalogue.shipped().published) < set(forms.published)


def test_the_same_file_twice_is_one_version_and_a_file_that_differs_is_refused(tmp_path: Path) -> None:
    put(tmp_path, OWN, "one.yaml")
    put(tmp_path, OWN, "two.yaml")
    assert catalogue.open(tmp_path, "tiny").active.version == "1.0.0"
    put(tmp_path, OWN.replace("title: Tiny", "title: Other"), "two.yaml")
    (line,) = refused(tmp_path)
    assert line.startswith("two.yaml:1: -: another file is https://example.org/fhir/Questionnaire/tiny|1.0.0 too")


def test_two_forms_of_one_url_are_refused(tmp_path: Path) -> None:
    put(tmp_path, OWN, "one.yaml")
    put(tmp_path, OWN.replace("id: tiny", "id: other").replace("version: 1.0.0", "version: 2.0.0"), "two.yaml")
    (line,) = refused(tmp_path)
    assert "one id and one url" in line


def test_a_name_that_there_is_not_says_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownForm, match=r"INTAKE_QUESTIONNAIRE: no questionnaire 'gone' .*first-visit, nk-intake"):
        catalogue.open(tmp_path, "gone")


def test_a_version_without_a_file_is_named() -> None:
    with pytest.raises(FormMissing, match=r"no file of the form x\|1"):
        catalogue.shipped().version("x|1")


def test_the_newest_active_version_is_filled_in_and_gives_the_columns(tmp_path: Path) -> None:
    for version, status in (("1.9.0", "active"), ("1.10.0", "active"), ("2.0.0", "retired")):
        text = OWN.replace("version: 1.0.0", f"version: {version}").replace("status: active", f"status: {status}")
        put(tmp_path, text, f"{version}.yaml")
    forms = catalogue.open(tmp_path, "tiny")
    assert (forms.active.version, forms.columns_of("tiny").version) == ("1.10.0", "1.10.0")
