"""The words that a patient chose for a loss: what stands in a text for `{loss_words}` (clinical.md 2.1, Words)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from intake.questionnaire.enable_when import Shown
from intake.questionnaire.model import Item, Questionnaire
from intake.questionnaire.placeholders import Placeholder
from intake.questionnaire.response import QuestionnaireResponse
from intake.summary.statement import Sentence, Voice, filled, in_words, sentence

OURS: Final = "pregnancy loss"
"""What we say until words are chosen."""


@dataclass(frozen=True, slots=True)
class WordsQuestion:
    """The question in which a patient chooses words, and the code of its answer that asks for none in particular."""

    link_id: str
    no_preference: str

    def chosen(self, questionnaire: Questionnaire, response: QuestionnaireResponse) -> Sentence:
        """The words that were chosen, as they stand in a sentence: “loss of my baby”, not “Loss of my baby”.

        Empty if none were, or any would do.
        """
        item = questionnaire.by_link_id.get(self.link_id)
        if item is None:
            return ()
        answer = Shown(questionnaire, response).answer(self.link_id)
        return in_words(item, answer, Voice.CLINICIAN, without=(self.no_preference,), quotes=False)


def in_a_text(chosen: Sentence) -> Sentence:
    """What stands for `{loss_words}`: the words chosen, in quotes, or ours."""
    return sentence("“", chosen, "”") if chosen else sentence(OURS)


def question_text(item: Item, chosen: Sentence) -> Sentence:
    """A question as the patient read it."""
    return filled(item.text, **{Placeholder.LOSS_WORDS: in_a_text(chosen)})
