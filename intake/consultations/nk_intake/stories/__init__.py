"""Patients who do not exist, for the demo: each a story that hangs together, from how it began to what they take now.

All is told on one fixed day, so that the same chance always tells the same.
"""

from __future__ import annotations

import random

from intake.consultations.nk_intake.stories import past, present
from intake.consultations.nk_intake.stories.story import Story
from intake.questionnaire import synthetic
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.synthetic import Patient

CHAPTERS = (
    *(past.live, present.introduce, past.tell_pregnancies, past.tell_treatment),
    *(present.tell_health, present.tell_tests, present.tell_medicines, present.speak),
)
"""What is told, in this order; a later one knows what those before it said."""


def patient(questionnaire: Questionnaire, chance: random.Random, *, sent: bool) -> Patient:
    """One patient's form, filled in as people do: some of it left blank, put off to the visit, or not reached."""
    story = Story(questionnaire, chance)
    for tell in CHAPTERS:
        tell(story)
    return synthetic.patient(questionnaire, chance, sent=sent, told=story)
