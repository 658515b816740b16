"""The words that a patient chose for a loss, and the questionnaire's texts with them in place of `{loss_words}`."""

from __future__ import annotations

from typing import Final

from intake.questionnaire.enable_when import Shown
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.placeholders import Placeholder, with_texts_filled
from intake.questionnaire.response import QuestionnaireResponse
from intake.summary.statement import Sentence, Voice, in_words, sentence, text_of

LINK_ID: Final = "loss-words"
NO_PREFERENCE: Final = "no-preference"
"""The answer that asks for no words in particular."""
OURS: Final = "pregnancy loss"
"""What we say until words are chosen."""


def loss_words(questionnaire: Questionnaire, response: QuestionnaireResponse) -> Sentence:
    """The words that were chosen, as they stand in a sentence: “loss of my baby”, not “Loss of my baby”.

    Empty if none were, or any would do (clinical.md 2.1, Words).
    """
    if LINK_ID not in questionnaire.by_link_id:
        return ()
    answer = Shown(questionnaire, response).answer(LINK_ID)
    return in_words(questionnaire.item(LINK_ID), answer, Voice.CLINICIAN, without=(NO_PREFERENCE,), quotes=False)


def in_a_text(chosen: Sentence) -> Sentence:
    """What stands for `{loss_words}`: the words chosen, in quotes, or ours."""
    return sentence("“", chosen, "”") if chosen else sentence(OURS)


def worded(questionnaire: Questionnaire, response: QuestionnaireResponse) -> Questionnaire:
    """The questionnaire as this patient reads it: `{loss_words}` of titles, questions and help filled in."""
    if not questionnaire.holds_placeholders:  # asked at every request of a patient
        return questionnaire
    return with_texts_filled(
        questionnaire, {Placeholder.LOSS_WORDS: text_of(in_a_text(loss_words(questionnaire, response)))}
    )
