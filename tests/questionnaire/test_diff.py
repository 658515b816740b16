"""What an author is told of a new version: one line for each thing that changed, and nothing of what did not."""

from __future__ import annotations

import pytest

from intake.consultations import catalogue
from intake.questionnaire.diff import differences
from intake.questionnaire.model import Questionnaire
from tests.questionnaire.forms import page, question, tiny

TEXT = (catalogue.SHIPPED / "nk-intake-1.2.0.yaml").read_text(encoding="utf-8")

CHANGES: dict[str, tuple[str, str, list[str]]] = {
    "a text": (
        "text: Are you pregnant now?",
        "text: Are you pregnant today?",
        ["pregnant-now: text: “Are you pregnant now?” → “Are you pregnant today?”"],
    ),
    "a title": (
        "title: Before your visit",
        "title: Before you come",
        ["-: title: “Before your visit” → “Before you come”"],
    ),
    "a page's title": ("text: Daily life", "text: Your days", ["page-life: text: “Daily life” → “Your days”"]),
    "help that is gone": (
        "            x-help: We ask everyone. Your answer is not scored.\n",
        "",
        ["stress: x-help: “We ask everyone. Your answer is not scored.” → none"],
    ),
    "an option's words": (
        "display: Vapes",
        "display: Vape pens",
        ["substances: option vape: display: “Vapes” → “Vape pens”"],
    ),
    "an option's code": (
        "code: quite",
        "code: much",
        ["stress: option much added: “Quite a lot”", "stress: option quite removed: “Quite a lot”"],
    ),
    "the clinician's words": (
        "x-short: help with hearing",
        "x-short: hearing aid",
        ["access-needs: option hearing: x-short: “help with hearing” → “hearing aid”"],
    ),
    "what must be answered": (
        "x-label: Stress, past month",
        "x-label: Stress, past month\n            x-more: true",
        ["stress: x-more: false → true"],
    ),
    "the longest text": ("maxLength: 500", "maxLength: 400", ["allergies-detail: maxLength: 500 → 400"]),
    "a linkId": (
        "linkId: support-now",
        "linkId: support-today",
        [
            "support-today: added (display): “If you feel very low or unsafe, please don't wait for your visit. Call "
            "{emergency_number}, or {crisis_line}.”",
            "support-now: removed (display): “If you feel very low or unsafe, please don't wait for your visit. Call "
            "{emergency_number}, or {crisis_line}.”",
        ],
    ),
}


def changed(old: str, new: str) -> list[str]:
    assert old in TEXT
    first, second = (
        catalogue.read(text.encode(), "diff.yaml")
        for text in (TEXT, TEXT.replace(old, new, 1).replace("version: 1.2.0", "version: 1.3.0"))
    )
    return [f"{link_id}: {what}" for link_id, what in differences(first, second)]


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_one_line(name: str) -> None:
    old, new, lines = CHANGES[name]
    assert changed(old, new) == lines


def test_conditions_are_told_in_one_line() -> None:
    old = (
        "            enableWhen:\n              - question: allergies\n                operator: '='\n              "
        " "
        " answerCoding: 'yes'\n"
    )
    assert changed(old, old.replace("'yes'", "not-sure")) == [
        "allergies-detail: enableWhen: “allergies = yes” → “allergies = not-sure”"
    ]
    assert changed(old, "") == ["allergies-detail: enableWhen: “allergies = yes” → none"]


def test_what_becomes_required_is_said() -> None:
    old = "            text: Are you allergic to any medicine, food or anything else?\n            required: false\n"
    assert changed(old, old.replace("false", "true")) == ["allergies: required: false → true"]


def test_an_order_that_changed_is_said_once() -> None:
    old = (
        "              - code: little\n                display: A little\n              - code: quite\n             "
        " "
        "  display: Quite a lot\n"
    )
    new = (
        "              - code: quite\n                display: Quite a lot\n              - code: little\n          "
        " "
        "     display: A little\n"
    )
    assert changed(old, new) == ["stress: the order of its options changed"]


def test_what_an_option_means_is_said() -> None:
    def form(means: str) -> Questionnaire:
        options = f"[{{code: mail, display: Mail, x-means: {means}}}, {{code: any, display: Any way}}]"
        return tiny(page("page-a", question("how", "choice", x_role="contact-safe", answerOption=options)))

    assert list(differences(form("reach-by-email"), form("reach-by-phone"))) == [
        ("how", "option mail: x-means: reach-by-email → reach-by-phone")
    ]


def test_a_version_differs_from_itself_in_nothing() -> None:
    assert changed("version: 1.2.0", "version: 1.2.0") == []


def test_several_codes_stand_in_one_line() -> None:
    options = "\n    - {code: a, display: A}\n    - {code: b, display: B}\n    - {code: c, display: C}"
    one, two = (
        tiny(page("page-a", question("x", "choice", repeats="true", answerOption=options, x_exclusive=exclusive)))
        for exclusive in ("[a]", "[a, b]")
    )
    assert list(differences(one, two)) == [("x", "x-exclusive: a → a, b")]
