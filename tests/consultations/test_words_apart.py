"""Whose words are whose: what a patient typed stands in the patient's parts only, and our parts match no pattern of
neutrality."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.consultations import catalogue
from intake.consultations.nk_intake.checks import RULES
from intake.consultations.rules import open_checks, summarise
from intake.questionnaire.absence import PagesVisited
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from intake.questionnaire.unseen import can_be_seen
from intake.summary.model import Highlight, HighlightGroup, Summary, SummarySettings
from intake.summary.statement import Author, Part, Sentence, Voice, statement, text_of
from tests.consultations.patients import (
    also_of,
    lines_about_tests,
    lines_of,
    medicines_only,
    reported_tests,
    said,
    summary,
    wants_of,
)
from tests.factories import SENT_ON, random_response
from tests.neutrality.patterns import Text, patterns, scan

RANDOM = range(300)
CANARY = "Zqx"


def sentences(made: Summary) -> Iterator[tuple[str, Sentence]]:
    """Every sentence of a summary, with the rule or linkId that it stands for."""
    yield "name", made.name
    for line in (*made.header, *wants_of(made), *lines_about_tests(made), *lines_of(made), *also_of(made)):
        yield line.link_id or line.label, line.sentence
    yield from ((one.rule, one.sentence) for one in made.highlights)
    yield from ((check.rule, check.sentence) for check in made.checks)
    yield from ((event.kind, event.facts) for event in (*made.timeline.events, *made.timeline.undated))
    for row in reported_tests(made):
        yield from (("immune-tests", cell) for cell in row)


def ours(made: Summary) -> Iterator[Text]:
    """Our parts of a summary, the box and the headings; for what a patient typed stands a gap."""
    for where, parts in sentences(made):
        yield Text(where, "".join(part.text if part.by is Author.OURS else "…" for part in parts))
    if made.box is not None:
        for line in made.box.lines:
            yield Text("box", f"{line.label}: {line.value}")
            yield from (Text("box", f"{part.name} {label}") for part in line.parts for label, _ in part.figures)
        yield from (Text("box", text) for text in (made.box.note, made.box.legend) if text)
    yield from (Text("group", group.heading) for group in made.groups)


def ours_of(questionnaire: Questionnaire, response: QuestionnaireResponse) -> Iterator[Text]:
    """Our parts of a response's summary, and of the notes that its patient reads."""
    yield from ours(summarise(questionnaire, response, settings=SummarySettings(), today=SENT_ON))
    for check in open_checks(questionnaire, response, settings=SummarySettings(viability_weeks=20), today=SENT_ON):
        yield from (Text(check.rule, check.heading), Text(check.rule, text_of(check.patient)))


def test_our_words_match_no_pattern_in_300_random_summaries(questionnaire: Questionnaire) -> None:
    texts = {text for seed in RANDOM for text in ours_of(questionnaire, random_response(questionnaire, seed))}
    rules = {f"H-{number:02}" for number in (*range(1, 31), 32, 33, 34)} | {
        f"C-{number:02}" for number in (1, 2, 3, 4, 7, 9, 11, 12)
    }
    assert rules <= {text.where for text in texts}, "every rule spoke"
    assert [str(finding) for finding in scan(texts)] == []


def test_the_texts_of_every_check_match_no_pattern() -> None:
    texts = [Text(rule.id, text) for rule in RULES for text in (rule.heading, rule.patient, rule.clinician) if text]
    assert len(texts) == 3 * len(RULES) - 2, "two checks are the patient's alone"
    assert [str(finding) for finding in scan(texts)] == []


FORBIDDEN = {
    "N-01": "Patient may have an immune disorder.",
    "N-02": "Diagnosis: lupus.",
    "N-03": "Results consistent with endometritis.",
    "N-04": "Priority: see soon.",
    "N-05": "Losses caused by lupus.",
    "N-06": "NK cells raised.",
    "N-07": "Suitable for NK cell therapy.",
    "N-08": "Steroids improve outcomes.",
    "N-09": "Failed IVF.",
    "N-10": "Nothing to worry about.",
    "N-11": "World-class care.",
    "N-12": "Secondary infertility.",
    "O-01": "Triaged by the program.",
    "O-02": "Detected: an infection.",
    "O-03": "Assessed before the visit.",
    "O-04": "Screening passed.",
}


@pytest.mark.parametrize("pattern", FORBIDDEN)
@pytest.mark.parametrize("by", Author)
def test_a_planted_sentence_is_found_where_it_is_ours(pattern: str, by: Author) -> None:
    made = summary({"stress": "very"})
    planted = Highlight("H-99", (Part("Reports: ", Author.OURS), Part(FORBIDDEN[pattern], by)), (), (), (), "")
    findings = scan(ours(replace(made, groups=(*made.groups, HighlightGroup("To follow up", (planted,))))))
    assert [(finding.pattern, finding.where) for finding in findings] == (
        [(pattern, "H-99")] if by is Author.OURS else []
    )


def test_a_sentence_is_planted_for_every_pattern() -> None:
    assert list(FORBIDDEN) == list(patterns())


# -- the patient's words -----------------------------------------------------------------------------------------------


def parts_with_canary(made: Summary) -> list[tuple[str, Author]]:
    return [(where, part.by) for where, parts in sentences(made) for part in parts if CANARY in part.text]


@pytest.mark.parametrize("seed", range(100))
def test_what_a_patient_types_stands_in_their_parts_only(questionnaire: Questionnaire, seed: int) -> None:
    response = random_response(questionnaire, seed, texts=(f"{CANARY} “x”", f"a {CANARY}"))
    made = summarise(questionnaire, response, settings=SummarySettings(), today=SENT_ON)
    found = parts_with_canary(made)
    assert found, "the name at least was typed"
    assert {by for _, by in found} == {Author.PATIENT}
    rest = made.to_document()["summary"]
    for sentence_keys in ("name", "header", "wants", "groups", "checks", "timeline", "sections", "also"):
        del rest[sentence_keys]
    assert CANARY not in json.dumps(rest), "counts, box and labels hold nothing typed"


def test_the_oracle_finds_a_typed_text_that_was_made_ours() -> None:
    made = summary({"anything-else": CANARY})
    line = next(line for line in lines_of(made) if line.link_id == "anything-else")
    object.__setattr__(line, "sentence", (Part(text_of(line.sentence), Author.OURS),))
    assert ("anything-else", Author.OURS) in parts_with_canary(made)


def test_every_quote_that_opens_closes(questionnaire: Questionnaire) -> None:
    for seed in range(60):
        made = summarise(questionnaire, random_response(questionnaire, seed), settings=SummarySettings(), today=SENT_ON)
        for _, parts in sentences(made):
            assert re.fullmatch(r"[^“”]*(“[^“”]*”[^“”]*)*", text_of(parts)), text_of(parts)


def test_every_highlight_and_check_ends_with_a_full_stop(questionnaire: Questionnaire) -> None:
    for seed in range(100):
        made = summarise(questionnaire, random_response(questionnaire, seed), settings=SummarySettings(), today=SENT_ON)
        for one in (*made.highlights, *made.checks):
            text = text_of(one.sentence)
            assert text.endswith(".")
            assert "  " not in text and " ." not in text.replace(" .", "", text.count("“ .")) and "()" not in text


# -- whatever is typed -------------------------------------------------------------------------------------------------

TYPED = st.text(
    st.one_of(st.sampled_from("“”‘’\"'{}<>&\n\r\t\u00a0\u2003\u2028👩‍👧é .;,"), st.characters(codec="utf-8")),
    min_size=1,
    max_size=900,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    texts=st.lists(TYPED, min_size=1, max_size=6),
    seed=st.integers(0, 10_000),
    weeks=st.integers(20, 28),
    flag=st.booleans(),
)
def test_whatever_is_typed_gives_a_summary(texts: list[str], seed: int, weeks: int, flag: bool) -> None:
    questionnaire = catalogue.shipped().active
    response = random_response(questionnaire, seed, texts=texts)
    options = SummarySettings(viability_weeks=weeks, infection_names=flag, gtpal_line=flag, medical_reasons=not flag)
    made = summarise(questionnaire, response, settings=options, today=SENT_ON, way=PagesVisited([] if flag else None))
    assert Summary.from_document(json.loads(json.dumps(made.to_document()))) == made
    for _, parts in sentences(made):
        for part in parts:
            if part.by is Author.PATIENT:
                assert "“" not in part.text and "”" not in part.text
                assert part.text == " ".join(part.text.split())
        assert all(one.by is not two.by for one, two in pairwise(parts)), "neighbours are by different hands"


@settings(max_examples=150, deadline=None)
@given(text=TYPED)
def test_a_quote_holds_the_text_tidied_and_nothing_else(text: str) -> None:
    made = summary({"anything-else": text, "own-words": text})
    tidy = re.sub(r"\s+", " ", text.translate({ord(sign): " " for sign in "\x1c\x1d\x1e\x1f\x85"})).strip()
    tidy = tidy.replace("“", "‘").replace("”", "’")
    lines = {line.link_id: text_of(line.sentence) for line in (*lines_of(made), *wants_of(made))}
    if not can_be_seen(text):
        assert "anything-else" not in lines and "own-words" not in lines
    else:
        cut = tidy if len(tidy) <= 400 else tidy[:400].rstrip() + " […]"
        assert lines["anything-else"] == f"Adds: “{tidy}”"
        assert lines["own-words"] == f"In their own words: “{cut}”"


@settings(max_examples=100, deadline=None)
@given(text=TYPED)
def test_the_full_answers_hold_the_text_verbatim(text: str) -> None:
    from intake.questionnaire.enable_when import Shown

    questionnaire = catalogue.shipped().active
    response = said({"anything-else": text})
    asked = next(one for one in Shown(questionnaire, response).questions() if one.item.link_id == "anything-else")
    for voice in Voice:
        made = statement(asked, response.answer("anything-else"), voice)
        assert made.lines == (((Part(text, Author.PATIENT),),) if can_be_seen(text) else ())


def test_a_dose_and_a_name_share_one_pair_of_quotes() -> None:
    made: dict[str, Any] = {
        one.rule: text_of(one.sentence) for one in summary(medicines_only("“Iron”", "1 “daily”")).highlights
    }
    assert made["H-24"] == "Lists 1 medicine or supplement: “‘Iron’ 1 ‘daily’”."
