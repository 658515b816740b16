"""All that only the form nk-intake knows. Pure."""

from __future__ import annotations

from intake.consultations.nk_intake import checks, counts, needs, page, questions, stories, words
from intake.consultations.rules import Folding, Rules

URL = "https://example.org/fhir/Questionnaire/nk-intake"

RULES = Rules(
    one_page=page.one_page,
    checks=checks.RULES,
    words_question=words.WORDS_FOR_A_LOSS,
    messages=questions.MISSING,
    derived=counts.figures,
    # how an ended pregnancy is written while the group `endings` is off (clinical.md 3.5, decision 0013)
    folding=Folding(
        question="preg-outcome",
        codes=frozenset({"medical-reasons", "ended-by-choice", "other"}),
        code="ended-other",
        words="Ended in one of three ways that are not told apart without the group endings",
        group=counts.ENDINGS,
    ),
    needs=needs.missing_for_rules,
    annotations=dict.fromkeys(("1.0.0", "1.1.0"), questions.BEFORE_1_2_0),
    weeks=frozenset({"preg-weeks", "pregnant-weeks", "preg-scan-weeks"}),
    patient=stories.patient,
)
