"""What an author is told of a new version: one line for each thing that changed, and nothing of what did not."""

from __future__ import annotations

import re

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


def test_a_question_that_moved_and_codes_that_came_first_are_said() -> None:
    options = "\n    - {code: a, display: A}\n    - {code: b, display: B}"
    old = tiny(
        page("page-a", question("x", "choice", repeats="true", answerOption=options)), page("page-b", question("y"))
    )
    new = tiny(
        page("page-a", question("z")),
        page(
            "page-b", question("y") + question("x", "choice", repeats="true", answerOption=options, x_exclusive="[b]")
        ),
    )
    assert list(differences(old, new)) == [
        ("z", "added (string): “z”"),
        ("x", "x-exclusive: none → b"),
        ("x", "moved from page-a to page-b"),
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


# -- the newest version, by what clinical.md section 7 says that changed -----------------------------------------------

QUESTIONS_ADDED = {
    *("preg-born-alive", "preg-complications", "preg-scan-weeks", "preg-loss-care", "cycle", "womb-operations"),
    *("transfers-who", "transfer-carrier", "transfer-collected", "infection-hospital", "clot-detail"),
    "cell-therapy-detail",
}
QUESTIONS_CUT = {"tests-told", "supplements-asked", "med-kind"}
OPTIONS = {
    "preg-outcome": ({"neonatal-death", "mixed"}, set()),
    "transfer-result": ({"neonatal-death"}, set()),
    "preg-weeks-band": ({"w20-21", "w22-23"}, {"w20-23"}),
    "fertility-treatments": ({"donor-egg", "donor-sperm", "donor-embryo"}, {"donor"}),
    "preg-conception": ({"home"}, set()),
    "transfer-pgt": ({"tested-unclear"}, set()),
    "infection-status": ({"controlled"}, set()),
    "autoimmune-activity": ({"treated"}, set()),
    "cancer-status": ({"not-started", "back"}, set()),
    "infection-name": ({"skin-boils", "ear", "gut", "mouth-thrush"}, set()),
    "health-checklist": ({"organs"}, set()),
    "test-told": ({"expected", "finding"}, set()),
    "access-needs": ({"chaperone", "clinician-gender"}, set()),
    "pregnant-care": ({"unknown"}, set()),
    "test-kind": (
        {
            *("antiphospholipid", "clotting", "thyroid", "vitamin-d", "chromosomes-me", "chromosomes-partner"),
            *("womb-scan", "sperm"),
        },
        set(),
    ),
}
"""Options added, and options cut, of each question that has other ones."""


def nk_intake(version: str) -> Questionnaire:
    return next(
        one for one in catalogue.shipped().published.values() if (one.id, one.version) == ("nk-intake", version)
    )


def test_the_newest_version_adds_and_cuts_what_its_authors_say() -> None:
    said = list(differences(nk_intake("1.1.0"), nk_intake("1.2.0")))
    added = {link_id for link_id, what in said if what.startswith("added (") and "(display)" not in what}
    cut = {link_id for link_id, what in said if what.startswith("removed (")}
    assert (added, cut) == (QUESTIONS_ADDED, QUESTIONS_CUT)
    options: dict[str, tuple[set[str], set[str]]] = {}
    for link_id, what in said:
        if found := re.match(r"option (\S+) (added|removed): ", what):
            options.setdefault(link_id, (set(), set()))[found[2] == "removed"].add(found[1])
    assert options == OPTIONS


def test_the_newest_version_is_as_long_as_its_authors_say() -> None:
    counted = {}
    for version in ("1.1.0", "1.2.0"):
        form = nk_intake(version)
        rows = {form.list_of(item.link_id) is not None: 0 for item in form.walk()}
        for item in form.walk():
            rows[form.list_of(item.link_id) is not None] += item.is_question
        counted[version] = (rows[False], rows[True], len(form.pages))
    assert counted == {"1.1.0": (67, 39, 26), "1.2.0": (71, 44, 26)}
