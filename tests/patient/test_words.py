"""Numbers by country, and the clinic's own text on consent."""

from __future__ import annotations

from pathlib import Path

import pytest
from markupsafe import Markup

from intake import config
from intake.answers.document import StoredDocument
from intake.consultations import catalogue
from intake.patient import consent
from intake.patient.consent import ProseBlock
from intake.patient.texts import FILLED, PlaceholderWords, blocks_of, fill
from intake.questionnaire.placeholders import Placeholder
from intake.questionnaire.values import Answer, Coding
from intake.web.help_now import COUNTRIES, ELSEWHERE, country_of

TEXT = "Call {emergency_number}, or {crisis_line}."


@pytest.mark.parametrize(
    ("code", "words", "numbers"),
    [
        (
            "GB",
            "Call 999 (or 112), or Samaritans on 116 123, NHS 111 (mental health option), "
            "or in Northern Ireland Lifeline on 0808 808 8000.",
            ["999", "112", "116123", "111", "08088088000"],
        ),
        ("IE", "Call 112 or 999, or Samaritans on 116 123, or text 50808.", ["112", "999", "116123"]),
        ("US", "Call 911, or 988 (call or text).", ["911", "988"]),
        (
            "CA",
            "Call 911, or 988 (call or text); in French also 1 866 277-3553 (1 866 APPELLE).",
            ["911", "988", "1866277-3553"],
        ),
        ("MX", "Call 911, or Línea de la Vida on 800 911 2000.", ["911", "8009112000"]),
        ("other", "Call the emergency number where you are, or a crisis line where you are.", []),
    ],
)
def test_each_country_has_its_numbers_and_each_number_is_a_link(code: str, words: str, numbers: list[str]) -> None:
    filled = fill(TEXT, PlaceholderWords(country_of(code, "MX")))
    assert filled.striptags() == words
    assert [part.split('"')[0] for part in filled.split('href="tel:')[1:]] == numbers


def test_a_clinic_and_a_patient_can_name_every_country_whose_numbers_are_known() -> None:
    assert set(COUNTRIES) == set(config.COUNTRIES)
    assert set(COUNTRIES) <= set(catalogue.shipped().active.item("country").option_by_code)


def test_before_the_country_is_answered_the_clinics_counts() -> None:
    assert country_of("", "IE") is country_of(None, "IE")
    assert country_of(None, "IE").emergency == "[112] or [999]"
    assert country_of(None, None) is ELSEWHERE


def test_the_clinics_own_crisis_line_stands_in_its_own_country_alone() -> None:
    own = "the Harbour line on [0800 100 100]"
    assert [country_of(code, "GB", own).crisis for code in ("GB", "IE", "other")] == [
        own,
        "Samaritans on [116 123], or text 50808",
        "a crisis line where you are",
    ]
    assert country_of(None, "GB", own).crisis == own
    assert country_of("GB", "GB", own).emergency == "[999] (or [112])"


def test_a_text_of_several_lines_is_paragraphs_and_lists_each_line_filled() -> None:
    text = "Call {maternity_contact} now if you:\n- bleed\n- have <pain>\nElse read on.\n"
    assert blocks_of(text, PlaceholderWords(country_of("IE", None))) == (
        ProseBlock("paragraph", ("Call your maternity or early pregnancy unit now if you:",)),
        ProseBlock("list", ("bleed", Markup("have &lt;pain&gt;"))),
        ProseBlock("paragraph", ("Else read on.",)),
    )


def test_every_placeholder_has_its_words() -> None:
    assert set(FILLED) == set(Placeholder)


def test_what_a_patient_chose_is_never_read_for_placeholders() -> None:
    own = {
        "visit-reasons": Answer((Coding("pregnancy-loss"),)),
        "ever-pregnant": Answer((Coding("me"),)),
        "loss-count": Answer((1,)),
        "loss-words": Answer(("{crisis_line} [999] <b>",)),
    }
    draft = StoredDocument.new(catalogue.shipped().active)
    draft = draft.changed(response=draft.response.with_answers(own))
    assert (
        fill("About {loss_words}.", PlaceholderWords(COUNTRIES["GB"], draft=draft))
        == "About “<bdi>{crisis_line} [999] &lt;b&gt;</bdi>”."
    )


def test_words_round_a_number_are_escaped() -> None:
    assert "<b>" not in fill("<b>{emergency_number}", PlaceholderWords(ELSEWHERE))


def test_the_clinics_own_text_replaces_ours_and_has_its_own_version(tmp_path: Path) -> None:
    file = tmp_path / "consent.md"
    file.write_text("## Who\n\nWe read it,\nyou and I.\n\n- one\n- two\n", encoding="utf-8")
    text = consent.read(file)
    assert text.blocks == (
        ProseBlock("heading", ("Who",)),
        ProseBlock("paragraph", ("We read it, you and I.",)),
        ProseBlock("list", ("one", "two")),
    )
    assert text.version != consent.read(None).version


@pytest.mark.parametrize(
    "topic",
    [
        "Your clinic runs it",
        "What we ask, and why",
        "A clinic administrator can export",
        "No one watches it live",
        "encrypted",
        "to see, correct, take back or delete your answers",
        "Share about a partner or your family only what they are happy with",
        "If you answer for someone else",
        "stop at any time",
        "The health privacy law",
        "in which country",
        "can sometimes ask for health records",
        "HIV, or drugs",
        "If you are not happy",
    ],
)
def test_our_text_on_consent_covers_each_topic(topic: str) -> None:
    assert topic in " ".join(line for block in consent.read(None).blocks for line in block.lines)
