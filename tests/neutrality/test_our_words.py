"""No text of ours diagnoses, scores, ranks, advises, promises or blames: in four places, and what is planted there is
found."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from intake.consultations import catalogue
from intake.questionnaire.model import Questionnaire
from tests.factories import random_response, scenarios
from tests.fhir.patients import patient
from tests.neutrality.patterns import FORBIDDEN, Text, allowed, patterns, scan
from tests.neutrality.places import PACKAGE, in_code, in_questionnaires, in_summaries, in_summary, in_templates, in_text


def test_there_is_a_forbidden_sentence_for_every_pattern() -> None:
    assert list(FORBIDDEN) == list(patterns())


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_white_space_and_capitals_hide_no_sentence(pattern: str) -> None:
    hidden = FORBIDDEN[pattern].upper().replace(" ", "\n   ")
    assert pattern in [finding.pattern for finding in scan([Text("somewhere", hidden)])]


def test_exceptions_hold_only_at_their_place() -> None:
    assert allowed(), "the patterns' file names exceptions"
    for pattern, where in allowed():
        assert not [finding for finding in scan([Text(where, FORBIDDEN[pattern])]) if finding.pattern == pattern]
        assert [
            finding for finding in scan([Text(f"{where}-elsewhere", FORBIDDEN[pattern])]) if finding.pattern == pattern
        ]


# -- our words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("place", "at_least"), [(in_questionnaires, 1000), (in_templates, 100), (in_code, 500)])
def test_our_words_are_neutral(place: Callable[[], Iterable[Text]], at_least: int) -> None:
    texts = list(place())
    assert len(texts) > at_least, "the texts were found"
    assert [str(finding) for finding in scan(texts)] == []


def test_summaries_of_the_six_cases_are_neutral(questionnaire: Questionnaire) -> None:
    texts = list(in_summaries(questionnaire, (case.response(questionnaire) for case in scenarios())))
    assert {"H-04", "H-07", "H-24"} <= {text.where for text in texts}
    assert [str(finding) for finding in scan(texts)] == []


ALLOWED_IN_A_TEXT = (
    "Not checked, not a diagnosis.",  # the summary's foot
    "tests were done and no cause was found",  # H-14
    "tests done, no cause found",  # told-findings
)


def test_texts_to_paste_are_neutral(questionnaire: Questionnaire) -> None:
    ours = (patient(questionnaire, seed, texts=("Xyzzy",)) for seed in range(200))
    texts = {text for one in ours for text in in_text(questionnaire, one.response, one.way)}
    assert len(texts) > 1000, "the texts were found"
    words = {text.words for text in texts}
    for allowed_here in ALLOWED_IN_A_TEXT:
        assert any(allowed_here in line for line in words)
        words = {line.replace(allowed_here, "") for line in words}
    assert [str(finding) for finding in scan(Text("elsewhere", line) for line in words)] == []


# -- what is planted is found ------------------------------------------------------------------------------------------

YAML = "nk-intake-1.2.0.yaml"


def planted(file: Path, old: str, new: str) -> None:
    """The file with one piece of it replaced."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def copied(part: str, to: Path) -> Path:
    """A copy of a part of the package."""
    return Path(shutil.copytree(PACKAGE / part, to / part, ignore=shutil.ignore_patterns("__pycache__")))


WAYS_INTO_THE_QUESTIONNAIRE = {
    "text: What is your name?": 'text: "{}"',
    "x-help: The name of the person who is helping or answering.": 'x-help: "{}"',
    "display: I am their carer": 'display: "{}"',
    "x-short: help with hearing": 'x-short: "{}"',
    "x-label: Helper's name": 'x-label: "{}"',
    "x-phrase: 'Helper: {value}'": 'x-phrase: "{} {{value}}"',
    "x-add-label: Add another pregnancy": 'x-add-label: "{}"',
    "title: Before your visit": 'title: "{}"',
}


@pytest.mark.parametrize("old", WAYS_INTO_THE_QUESTIONNAIRE)
@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_a_sentence_planted_in_the_questionnaire_is_found(tmp_path: Path, pattern: str, old: str) -> None:
    folder = copied("questionnaires", tmp_path)
    planted(folder / YAML, old, WAYS_INTO_THE_QUESTIONNAIRE[old].format(FORBIDDEN[pattern]))
    assert pattern in [finding.pattern for finding in scan(in_questionnaires(folder))]


WAYS_INTO_A_TEMPLATE = {
    "a paragraph": "<p>{}</p>",
    "a line with a link in it": "<p>{first} <a href='/'>{rest}</a></p>",
    "what a screen reader says": '<nav aria-label="{}"></nav>',
    "a text inside an expression": '{{{{ "{}" if True else "" }}}}',
    "a macro's argument": '{{{{ note("{}") }}}}',
    "the page's title": "{{% block title %}}{}{{% endblock %}}",
}


@pytest.mark.parametrize("way", WAYS_INTO_A_TEMPLATE)
@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_a_sentence_planted_in_a_template_is_found(tmp_path: Path, pattern: str, way: str) -> None:
    folder = copied("templates", tmp_path)
    first, _, rest = FORBIDDEN[pattern].partition(" ")
    words = WAYS_INTO_A_TEMPLATE[way].format(FORBIDDEN[pattern], first=first, rest=rest)
    (folder / "patient" / "planted.html").write_text('{% extends "layouts/page.html" %}\n' + words, encoding="utf-8")
    assert pattern in [finding.pattern for finding in scan(in_templates(folder))]


WAYS_INTO_THE_CODE = {
    "a constant": ("planted.py", "WORDS = {text!r}\n"),
    "an exception": ("planted.py", "def do() -> None:\n    raise ValueError({text!r})\n"),
    "a text with something filled in": (
        "planted.py",
        "def say(name: str) -> str:\n    return f'{{name}}: {text_in_f}'\n",
    ),
    "the help of a command": ("planted.py", "@click.command()\ndef do() -> None:\n    {text!r}\n"),
    "the agreement": ("planted.md", "{text}\n"),
    "a style sheet": ("planted.css", '@page {{ @bottom-left {{ content: "{text}"; }} }}\n'),
}


@pytest.mark.parametrize("way", WAYS_INTO_THE_CODE)
@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_a_sentence_planted_in_a_message_is_found(tmp_path: Path, pattern: str, way: str) -> None:
    folder = copied("forms", tmp_path)
    name, words = WAYS_INTO_THE_CODE[way]
    text = FORBIDDEN[pattern]
    (folder / name).write_text(words.format(text=text, text_in_f=text.replace("'", "\\'")), encoding="utf-8")
    assert pattern in [finding.pattern for finding in scan(in_code(folder))]


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_a_sentence_planted_in_a_generated_summary_is_found(tmp_path: Path, pattern: str) -> None:
    folder = copied("questionnaires", tmp_path)
    planted(
        folder / YAML, "x-short: place to wait away from babies and pregnant people", f'x-short: "{FORBIDDEN[pattern]}"'
    )
    questionnaire = catalogue.load(folder / YAML)
    case = next(case for case in scenarios() if "quiet-wait" in case.answers.get("access-needs", ()))
    findings = scan(in_summary(questionnaire, case.response(questionnaire)))
    assert (pattern, "H-04") in [(finding.pattern, finding.where) for finding in findings]
    lines = in_text(questionnaire, case.response(questionnaire), None)
    assert pattern in [finding.pattern for finding in scan(Text("elsewhere", line.words) for line in lines)]


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_what_a_patient_types_is_theirs_to_say(questionnaire: Questionnaire, pattern: str) -> None:
    texts = [
        text
        for seed in range(10)
        for text in in_summary(questionnaire, random_response(questionnaire, seed, texts=(FORBIDDEN[pattern],)))
    ]
    assert [str(finding) for finding in scan(texts)] == []
