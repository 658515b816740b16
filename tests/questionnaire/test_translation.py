"""A form's words in another language: whole, marked with what they translate, and named where they are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from intake.cli.questionnaire import questionnaire
from intake.consultations import catalogue
from intake.questionnaire import translation
from intake.questionnaire.loader import QuestionnaireError
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.translation import Translation, mark_of, texts_of

FORM = catalogue.SHIPPED / "nk-intake-1.2.0.yaml"
LANGUAGES = ("es", "fr")
Change = Callable[[str], str]


@pytest.fixture(scope="module")
def form() -> Questionnaire:
    return catalogue.load(FORM)


def written(language: str) -> str:
    return FORM.with_suffix(f".{language}.yaml").read_text(encoding="utf-8")


def read(text: str, form: Questionnaire) -> Translation:
    return translation.read(text, "form.es.yaml", form)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_form_has_its_translation_which_is_a_draft(language: str, form: Questionnaire) -> None:
    found = read(written(language), form)
    assert found.problems == ()
    assert found.texts.keys() == dict(texts_of(form)).keys()
    assert (found.language, found.status) == (language, "draft")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_in_that_language_asks_the_same(language: str, form: Questionnaire) -> None:
    there = translation.translated(form, read(written(language), form))
    assert there.language == language
    assert there.title != form.title
    assert there.canonical == form.canonical
    for here, item in zip(form.walk(), there.walk(), strict=True):
        assert (item.link_id, item.type, item.enable_when) == (here.link_id, here.type, here.enable_when)
        assert [option.code for option in item.options] == [option.code for option in here.options]
    assert len({item.text for item in there.walk()} & {item.text for item in form.walk()}) < 20


def test_a_text_that_is_missing_or_out_of_date_is_named_and_stays_english(form: Questionnaire) -> None:
    text = written("es")
    source = form.item("full-name").text
    line = next(n for n, one in enumerate(text.splitlines(), 1) if mark_of(source) in one)
    stale = text.replace(f'"{mark_of(source)}"', '"00000000"')
    found = read(stale, form)
    assert found.problems == (
        f"form.es.yaml:{line}: full-name: text is out of date: {source!r} has the mark {mark_of(source)}",
    )
    assert translation.translated(form, found).item("full-name").text == source
    gone = "\n".join(one for one in text.splitlines() if mark_of(source) not in one)
    assert read(gone, form).problems == (f"form.es.yaml:{line - 1}: full-name: text is missing: {source!r}",)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace("|1.2.0", "|1.1.0", 1), "form.es.yaml:1: -: questionnaire must be "),
        (lambda text: text.replace("status: draft", "status: signed"), "a status of draft or active"),
        (lambda text: text.replace("  full-name:", "  fullname:", 1), "fullname: the form has no text here"),
        (lambda text: text.replace("    x-label:", "    x-lable:", 1), "the form has no x-lable here"),
        (lambda text: text.replace("{value}", "{valor}", 1), "must have the placeholders of"),
        (lambda text: text.replace('    text: ["', '    text: ["", "', 1), "needs a mark and a text, as in ["),
        (lambda text: f"{text}  nobody: asked\n", "nobody: the form has no  here"),
        (lambda text: f"{text}\n  - :", "cannot be read as YAML"),
    ],
)
def test_what_is_no_translation_of_the_form_is_refused(change: Change, says: str, form: Questionnaire) -> None:
    with pytest.raises(QuestionnaireError, match=r"form\.es\.yaml") as caught:
        read(change(written("es")), form)
    assert says in str(caught.value)


def test_the_check_names_what_is_missing_and_the_program_does_not_take_it_for_a_form(tmp_path: Path) -> None:
    own, beside = tmp_path / FORM.name, tmp_path / "nk-intake-1.2.0.es.yaml"
    own.write_bytes(FORM.read_bytes())
    beside.write_text(written("es").replace(mark_of("Welcome"), "00000000"), encoding="utf-8")
    (tmp_path / "nk-intake-1.2.yaml").touch()  # no form of which 1.2.0 is a translation
    assert translation.files_beside(own) == [beside]
    assert translation.files_beside(tmp_path / "nk-intake-1.2.yaml") == []
    assert (translation.is_translation(beside), translation.is_translation(own)) == (True, False)
    done = CliRunner().invoke(questionnaire, ["check", str(own)])
    assert done.exit_code == 1
    assert "es: 1421 of 1422 texts, draft." in done.stdout
    assert "nk-intake-1.2.0.es.yaml:10: page-welcome: text is out of date: 'Welcome'" in done.stderr
