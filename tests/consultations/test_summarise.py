"""The whole summary: where each answer stands on the page, its JSON, and that it is kept exactly."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from intake.consultations.rules import summarise
from intake.questionnaire.model import Questionnaire
from intake.summary.document import UnreadableDocument
from intake.summary.model import LabelledLine, Summary, SummarySettings
from intake.summary.statement import text_of
from tests.consultations.patients import (
    DECLINED,
    UNKNOWN,
    also_of,
    lines_about_tests,
    lines_of,
    own,
    pregnancies,
    pregnancy,
    reported_tests,
    said,
    summary,
    transfer,
    transfers,
    wants_of,
)
from tests.factories import SENT_ON, random_response, scenarios

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "summary.schema.json").read_text(encoding="utf-8"))
REFERENCE = "7KQ4-M2XD"
SEEDS = range(120)


def texts(lines: tuple[LabelledLine, ...]) -> dict[str | None, str]:
    return {line.link_id: text_of(line.sentence) for line in lines}


def random_summary(questionnaire: Questionnaire, seed: int, **settings: Any) -> Summary:
    return summarise(
        questionnaire, random_response(questionnaire, seed), settings=SummarySettings(**settings), today=SENT_ON
    )


# -- header, wants, tests ----------------------------------------------------------------------------------------------


def test_the_header() -> None:
    made = summary(
        {
            "full-name": " Siobhán  “Shiv” Ní Bhriain",
            "address-as": "Shiv, she/her",
            "country": "IE",
            "respondent": "self",
        }
    )
    assert text_of(made.name) == "Siobhán ‘Shiv’ Ní Bhriain"
    assert [part.by.value for part in made.name] == ["patient"]
    assert [(line.label, text_of(line.sentence)) for line in made.header] == [
        ("Called", "Shiv, she/her"),
        ("Date of birth", "15 Jun 1990"),
        ("Age on the day of sending", "36"),
    ]


def test_what_the_patient_wants_with_long_quotes_cut() -> None:
    made = summary(
        {
            "visit-reasons": ["nk-therapy", "trying"],
            "hopes": [own("“peace”"), "listened"],
            "top-questions": "Why?\nWhen?",
            "own-words": "a" * 500,
            "nk-knowledge": "none",
            "nk-goals": ["safety", "what"],
        }
    )
    assert list(texts(wants_of(made)).items()) == [
        ("hopes", "Would like: To be listened to and feel supported; “‘peace’”"),
        ("top-questions", "Wants to ask: “Why? When?”"),
        ("own-words", f"In their own words: “{'a' * 400} […]”"),
        ("nk-knowledge", "Has heard about NK cells: Nothing yet"),
        ("nk-goals", "About NK cell therapy, wants to know: what it is and how it is given; safety and side effects"),
    ]


def test_the_table_of_tests_and_its_lines() -> None:
    made = summary(
        {
            "tests-had": ["thyroid", "nk-blood"],
            "immune-tests": [
                {
                    "test-kind": own("CD57"),
                    "test-date": "2024-06",
                    "test-told": "declined",
                    "test-value": "12  %",
                    "test-place": "Leeds",
                },
                {"test-kind": "ana", "test-date": UNKNOWN},
            ],
        }
    )
    assert [[text_of(cell) for cell in row] for row in reported_tests(made)] == [
        ["“CD57”", "Jun 2024", "prefers not to say", "“12 %”", "“Leeds”"],
        ["ANA or other antibodies", "", "", "", ""],
    ]
    assert texts(lines_about_tests(made)) == {
        "tests-had": "Thyroid tests; NK cell blood test",
    }


# -- section 7 ---------------------------------------------------------------------------------------------------------

LINES = [
    ({"phone": "+44  1 “2”"}, "phone", None),
    ({}, "email", None),
    ({}, "consent", None),
    ({"contact-safe": "any"}, "contact-safe", None),
    ({"contact-safe": "email-only"}, "contact-safe", None),
    ({"access-needs": ["none"]}, "access-needs", None),
    ({"access-needs": ["hearing"]}, "access-needs", None),
    ({"access-needs": ["none", "hearing"]}, "access-needs", "Asks for: help with hearing; No, thank you"),
    ({"access-needs": ["interpreter"], "language": "Irish"}, "language", None),
    ({"pregnant-now": "no"}, "pregnant-now", None),
    ({"pregnant-now": "declined"}, "pregnant-now", None),
    ({"pregnant-now": "yes"}, "pregnant-now", None),
    ({"pregnant-now": "yes", "pregnant-weeks": 9}, "pregnant-weeks", None),
    ({"pregnant-now": "yes", "pregnant-care": "yes"}, "pregnant-care", "Pregnancy care in place: Yes"),
    ({"pregnant-now": "yes", "pregnant-care": "not-yet"}, "pregnant-care", None),
    ({"ever-pregnant": "me"}, "ever-pregnant", "Ever pregnant: yes"),
    ({"ever-pregnant": "no"}, "ever-pregnant", None),
    (pregnancies(pregnancy("molar"), pregnancy_count=1), "pregnancy-count", None),
    (pregnancies(pregnancy("molar"), pregnancy_count=2), "pregnancy-count", None),
    ({"ever-pregnant": "me", "loss-count": 0}, "loss-count", None),
    (
        {"ever-pregnant": "me", "loss-count": 1, "loss-words": "no-preference"},
        "loss-words",
        None,
    ),
    ({"ever-pregnant": "me", "loss-count": 1, "loss-words": own("Bean")}, "loss-words", None),
    (transfers(transfer("negative"), transfer_count=1), "transfer-count", None),
    ({"trying-time": "1-2y"}, "trying-time", "Reports trying for: 1 year, but less than 3 years"),
    ({"trying-time": "unknown"}, "trying-time", None),
    ({"told-findings": ["no-cause"]}, "told-findings", "Reports being told of: tests done, no cause found"),
    (
        {"told-findings": ["no-cause", "tubes"]},
        "told-findings",
        "Reports being told of: tests done, no cause found; blocked or damaged tubes",
    ),
    ({"health-checklist": ["cancer", "not-sure"]}, "health-checklist", "Reports: Cancer; not sure"),
    ({"health-checklist": ["not-sure"]}, "health-checklist", None),
    ({"health-checklist": ["other"], "other-health": "Leg"}, "other-health", None),
    ({"health-checklist": ["weak-immune"], "weak-immune-why": ["born"]}, "weak-immune-why", None),
    (
        {"health-checklist": ["weak-immune"], "infection-courses": "always"},
        "infection-courses",
        "Reports medicine for infection in 12 months: takes it all the time",
    ),
    ({"health-checklist": ["cancer"], "cancer-type": "a “b”"}, "cancer-type", None),
    (
        {"visit-reasons": ["infection"], "tried-result": "mixed"},
        "tried-result",
        "as the patient sees it: some helped and some did not",
    ),
    ({"visit-reasons": ["infection"], "tried-result": "mixed", "tried-treatments": "x"}, "tried-result", None),
    ({"visit-reasons": ["nk-therapy"], "cell-question": "nk"}, "cell-question", "Question is about: NK cells"),
    ({"visit-reasons": ["nk-therapy"], "cell-question": "stem"}, "cell-question", None),
    ({"takes-now": ["otc"]}, "takes-now", "Reports taking: medicines bought without a prescription"),
    ({"takes-now": ["none"]}, "takes-now", None),
    ({"takes-now": ["supplements"], "supplements": ["none"]}, "supplements", None),
    ({"takes-now": ["supplements"], "supplements": ["iron"]}, "supplements", None),
    ({"allergies": "yes", "allergies-detail": "x"}, "allergies-detail", None),
    ({"family-history": ["cancer"], "family-detail": "Aunt\n“Jo”"}, "family-detail", "Family details: “Aunt ‘Jo’”"),
    ({"family-history": ["none"]}, "family-history", None),
    ({"family-history": ["none", "cancer"]}, "family-history", "Reports in the family: cancer; None of these"),
    ({"stress": "very"}, "stress", "Reports feeling stressed: Very"),
    ({"body-strain": [own("a “fall”"), "sleep"]}, "body-strain", "Reports strain: Poor sleep; “a ‘fall’”"),
    ({"habits": ["relaxing"]}, "habits", "Reports in a usual week: Something that helps them relax"),
    ({"substances": ["drugs", "tobacco"]}, "substances", "Reports use of: Tobacco; Cannabis or other drugs"),
    ({"support": ["have"]}, "support", "Would like: has the support they need"),
    ({"support": ["have", "written"]}, "support", "Would like: has the support they need; something to read"),
    ({"support": ["written"]}, "support", None),
    ({"private-talk": "no"}, "private-talk", None),
    ({"private-talk": "yes"}, "private-talk", None),
    ({"anything-else": " " + "x" * 600}, "anything-else", f"Adds: “{'x' * 600}”"),
    ({"respondent": "together", "respondent-name": "Jo", "respondent-relationship": "carer"}, "respondent-name", None),
    (
        {"respondent": "other", "respondent-permission": "agrees"},
        "respondent-permission",
        None,
    ),
    ({"respondent": "other", "respondent-permission": "legal"}, "respondent-permission", None),
]


@pytest.mark.parametrize(("answers", "link_id", "text"), LINES)
def test_an_answer_has_a_line_unless_it_stands_elsewhere(
    answers: dict[str, Any], link_id: str, text: str | None
) -> None:
    assert texts(lines_of(summary(answers))).get(link_id) == text


@pytest.mark.parametrize("seed", SEEDS)
def test_every_answered_stand_alone_question_stands_on_the_page(questionnaire: Questionnaire, seed: int) -> None:
    from intake.summary.patient_answers import PatientAnswers

    made = random_summary(questionnaire, seed)
    reading = PatientAnswers(questionnaire, random_response(questionnaire, seed))
    answered = {link_id for link_id, answer in reading.response.answers.items() if answer.answered}
    in_lines = [
        line.link_id
        for line in (*made.header, *wants_of(made), *lines_about_tests(made), *lines_of(made), *also_of(made))
        if line.link_id
    ]
    assert len(in_lines) == len(set(in_lines)), "no answer has two lines"
    told = {link_id for one in made.highlights for link_id in one.tells}
    listed = {one.link_id for one in (*made.not_answered.unknown, *made.not_answered.declined)}
    shown = {"tests-had"} if reported_tests(made) else set()
    shown |= {"egg-collections", "embryos-stored", "transfers-who"} if made.box else set()
    assert answered <= {"full-name", *shown, *in_lines, *told, *listed}
    assert not told & {line.link_id for line in lines_of(made)}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_highlight_tells_what_it_says_it_tells(questionnaire: Questionnaire, seed: int) -> None:
    """Where a highlight stands for an option's whole answer, each of its options' words stands in it."""
    from intake.summary.patient_answers import PatientAnswers

    implied = {
        "respondent",
        "private-talk",
        "pregnant-now",
        "allergies",
        "ever-pregnant",
        "told-findings",
        "takes-now",
        "trying-time",
    }
    implied |= {"pregnant-care", "respondent-permission", "weak-immune-why", "cell-question", "nk-goals"}
    reading = PatientAnswers(questionnaire, random_response(questionnaire, seed))
    for one in random_summary(questionnaire, seed).highlights:
        for link_id in set(one.tells) - implied:
            if questionnaire.item(link_id).is_choice and reading.answer(link_id).answered:
                said_in_words = _bare(text_of(reading.words(link_id)))
                assert said_in_words in _bare(text_of(one.sentence))


def _bare(text: str) -> str:
    return text.replace("“", "").replace("”", "")


def test_hidden_answers_are_nowhere() -> None:
    hidden = {
        "tried-treatments": "CANARY",
        "allergies-detail": "CANARY",
        "other-health": "CANARY",
        "language": "CANARY",
    }
    assert "CANARY" not in json.dumps(
        summary(
            hidden, {"visit-reasons": ["other"], "loss-words": own("CANARY")}, {"health-checklist": ["none"]}
        ).to_document()
    )


def test_an_ending_by_choice_is_never_named(questionnaire: Questionnaire) -> None:
    rows = pregnancies(
        *(pregnancy("ended-by-choice", weeks=weeks, notes="note", ended="2020") for weeks in (8, 30)),
        pregnancy_count=5,
        loss_count=9,
    )
    made = json.dumps(summary(rows).to_document()) + json.dumps(summary(rows).as_json(REFERENCE))
    for seed in range(40):
        made += json.dumps(random_summary(questionnaire, seed).to_document())
    assert "choice" not in made.replace('"by choice', "!").lower().replace("treatment choices", "").replace(
        "choices after other treatment", ""
    ).replace("what choices", "")
    assert "abortion" not in made.lower()


# -- JSON --------------------------------------------------------------------------------------------------------------


def test_summary_json_of_a_patient_in_full() -> None:
    made = summary(
        pregnancies(
            pregnancy("miscarriage", ended="2020-03", weeks=9, conception="no-treatment", loss_tests="no"),
            pregnancy_count=2,
            loss_count=1,
        ),
        {"allergies": "no", "takes-now": ["none"], "pregnant-now": "declined", "trying-time": "unknown"},
    ).as_json(REFERENCE)
    blank = made["not_answered"].pop("blank")
    assert blank[0] == {"linkId": "contact-safe", "label": "Safe contact"}
    assert made == {
        "reference": REFERENCE,
        "questionnaire": "https://example.org/fhir/Questionnaire/nk-intake|1.2.0",
        "highlights": [
            {"rule": "H-07", "text": "Reports no allergies."},
            {"rule": "H-08", "text": "Reports 1 pregnancy loss: 1 miscarriage."},
            {"rule": "H-24", "text": "Reports taking no medicines or supplements."},
            {"rule": "H-30", "text": "Stated 2 pregnancies, listed 1."},
        ],
        "counts": {
            "gtpal": "G1 (stated 2) T0+ P0+ A1+ L0+",
            "para": "G1 (stated 2) P0+1 (at least)",
            "not_placed": 0,
            "unlisted": 1,
            "losses": {
                "total": 1,
                "by_kind": {"miscarriage": 1},
                "by_weeks": {"before-10": 1, "10-to-13": 0, "14-to-23": 0, "24-or-later": 0, "not-given": 0},
                "seen_on_scan": {"yes": 0, "no": 0, "not-said": 1},
            },
            "stated": {"pregnancies": 2, "losses": 1},
            "age": 36,
            "viability_weeks": 20,
        },
        "timeline": [
            {
                "date": "2020-03",
                "kind": "Pregnancy",
                "outcome": "miscarriage",
                "weeks": "9 weeks",
                "details": "without treatment, chromosome test: no",
                "facts": "miscarriage, 9 weeks, without treatment, chromosome test: no",
            }
        ],
        "undated": [],
        "checks": [{"rule": "C-01", "text": "Stated 2 pregnancies, listed 1."}],
        "not_answered": {
            "unknown": [{"linkId": "trying-time", "label": "Trying for"}],
            "declined": [{"linkId": "pregnant-now", "label": "Pregnant now"}],
            "in_person": [],
            "not_reached": [],
        },
    }


def test_summary_json_keeps_to_its_schema(questionnaire: Questionnaire) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    validator.check_schema(SCHEMA)
    made = [
        summarise(questionnaire, case.response(questionnaire), settings=SummarySettings(), today=SENT_ON)
        for case in scenarios()
    ]
    made += [random_summary(questionnaire, seed) for seed in SEEDS]
    made += [
        random_summary(
            questionnaire, seed, viability_weeks=24, gtpal_line=False, medical_reasons=False, infection_names=False
        )
        for seed in SEEDS
    ]
    for one in made:
        validator.validate(one.as_json(REFERENCE))


@pytest.mark.parametrize(
    "fault",
    [
        lambda made: made.pop("checks"),
        lambda made: made["counts"].update(gtpal="G1 T0"),
        lambda made: made["counts"].update(score=3),
        lambda made: made["timeline"].append({"date": None, "kind": "Pregnancy", "facts": ""}),
        lambda made: made["not_answered"].pop("in_person"),
        lambda made: made["highlights"].append({"rule": "X-1", "text": "x"}),
    ],
)
def test_the_schema_finds_what_does_not_keep_to_it(fault: Any) -> None:
    made = summary(pregnancies(pregnancy("molar", ended="2020"))).as_json(REFERENCE)
    fault(made)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(made, SCHEMA, cls=jsonschema.Draft202012Validator)


# -- kept exactly ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_a_stored_summary_is_read_back_exactly(questionnaire: Questionnaire, seed: int) -> None:
    made = random_summary(questionnaire, seed)
    stored = json.loads(json.dumps(made.to_document(), ensure_ascii=False))
    read = Summary.from_document(stored)
    assert read == made
    assert read.to_document() == stored == made.to_document()
    assert read.as_json(REFERENCE) == made.as_json(REFERENCE)


@pytest.mark.parametrize(
    "fault",
    [
        lambda stored: stored.update(format=2),
        lambda stored: stored.pop("format"),
        lambda stored: stored.pop("summary"),
        lambda stored: stored["summary"].pop("sections"),
        lambda stored: stored["summary"].update(more=1),
        lambda stored: stored["summary"]["name"][0].append("more"),
        lambda stored: stored["summary"].update(name=[["Ada Example"], 7]),
        lambda stored: stored["summary"].update(name=7),
        lambda stored: stored["summary"]["header"][0].pop(),
        lambda stored: stored["summary"]["header"][0].append("more"),
        lambda stored: stored["summary"]["header"].append("none"),
        lambda stored: stored["summary"]["box"].__setitem__(3, [["Losses", 0, "indent"]]),
        lambda stored: stored["summary"].update(groups="none"),
        lambda stored: stored["summary"].update(counts=None),
    ],
)
def test_a_changed_document_is_refused_without_a_word_of_its_content(fault: Any) -> None:
    stored = summary().to_document()
    fault(stored)
    with pytest.raises(UnreadableDocument) as refused:
        Summary.from_document(stored)
    assert "Ada" not in str(refused.value)


def test_the_same_answers_give_the_same_summary() -> None:
    answers = (pregnancies(pregnancy("molar"), pregnancy("declined")), {"hopes": ["listened"]})
    assert summary(*answers) == summary(*answers)


def test_a_line_says_its_beginning_once_as_its_label() -> None:
    made = summary(
        {
            "stress": "very",
            "pregnancy-count": "1",
            "ever-pregnant": "me",
            "visit-reasons": ["trying"],
            "health-checklist": ["hormones"],
        }
    )
    lines = {
        line.link_id: (line.label, text_of(line.value), text_of(line.sentence))
        for line in (*wants_of(made), *lines_of(made))
    }
    assert lines["stress"] == ("Reports feeling stressed", "Very", "Reports feeling stressed: Very")
    assert lines["visit-reasons"][:2] == ("Wants to talk about", "Trying for a pregnancy")
    assert lines["ever-pregnant"][:2] == ("Ever pregnant", "yes")
    assert lines["health-checklist"][0] == "Health checklist"


def test_it_needs_neither_flask_nor_sqlalchemy() -> None:
    code = (
        "import sys, intake.consultations.rules, intake.consultations.nk_intake; print(sorted({'flask', "
        "'sqlalchemy', 'wtforms', 'jinja2'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_draft_with_nothing_in_it_has_a_summary(questionnaire: Questionnaire) -> None:
    from intake.questionnaire.response import QuestionnaireResponse

    made = summarise(
        questionnaire, QuestionnaireResponse(questionnaire.canonical), settings=SummarySettings(), today=SENT_ON
    )
    assert [text_of(one.sentence) for one in made.highlights] == [
        "Allergies: not answered.",
        "Medicines and supplements: not answered.",
    ]
    assert made.counts == {"gtpal": "not asked", "para": "not asked", "viability_weeks": 20}
    assert made.name == ()


def test_a_helper_without_a_name_yet_is_someone_else() -> None:
    made = summary({"respondent": "other", "respondent-permission": DECLINED})
    assert text_of(made.highlights[0].sentence) == "Form filled in by someone else, not by the patient."


def test_said_builds_what_the_form_would(questionnaire: Questionnaire) -> None:
    assert said().answer("consent").values == (True,)
