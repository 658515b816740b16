"""One patient's answers as the rules see them: of shown questions only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from intake.questionnaire.absence import PagesVisited
from intake.questionnaire.enable_when import Shown
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import Entry, QuestionnaireResponse
from intake.questionnaire.values import NO_ANSWER, Answer
from intake.summary.statement import Sentence, Voice, in_words, option_words

NOT_KNOWN = frozenset({"none", "unknown", "not-sure", "declined"})
"""An answer is known if it is there and is none of these (clinical.md 3.6, Answers)."""


EVERYWHERE = PagesVisited()
"""Nothing is known of a patient's way: every page counts as reached, and none as left to the visit."""


class PatientAnswers:
    """Short questions to one response. Answers of hidden questions are not there (clinical.md 3.6, Answers).

    An entry of a list is there once its first field has an answer (docs/interfaces.md, Hooks in the pages).
    """

    def __init__(
        self, questionnaire: Questionnaire, response: QuestionnaireResponse, way: PagesVisited = EVERYWHERE
    ) -> None:
        self.questionnaire = questionnaire
        self.way = way
        self.shown = Shown(questionnaire, _with_first_fields(questionnaire, response)).without_hidden()
        self.response = self.shown.response

    def answer(self, link_id: str, entry: Entry | None = None) -> Answer:
        """What was said; no answer if the question is hidden or was left blank."""
        return self.response.answer(link_id, entry)

    def code(self, link_id: str, entry: Entry | None = None) -> str | None:
        """The code of the option chosen, None without one."""
        return next(iter(self.answer(link_id, entry).codes), None)

    def has(self, link_id: str, *codes: str) -> bool:
        """Whether any of these options of a stand-alone question was chosen."""
        return self.answer(link_id).has(codes)

    def number(self, link_id: str, entry: Entry | None = None) -> int | None:
        """The whole number given, None without one."""
        return self.answer(link_id, entry).number

    def rows(self, list_link_id: str) -> tuple[Entry, ...]:
        """The entries of a list, as listed."""
        return self.response.rows(list_link_id)

    def is_shown(self, link_id: str) -> bool:
        """Whether the stand-alone item is on this patient's form."""
        item = self.questionnaire.by_link_id.get(link_id)
        return item is not None and self.shown.is_shown(item)

    def told_in_person(self, page: str, link_id: str) -> bool:
        """Whether the patient left this page to the visit, and this stand-alone item of it is on her form."""
        return page in self.way.in_person and self.is_shown(link_id)

    def words(
        self,
        link_id: str,
        entry: Entry | None = None,
        *,
        without: Collection[str] = (),
        quotes: bool = True,
        limit: int | None = None,
        voice: Voice = Voice.CLINICIAN,
    ) -> Sentence:
        """The answer in words, empty without one; the keywords are those of `in_words`."""
        answer = self.answer(link_id, entry)
        if not answer.answered:
            return ()
        return in_words(self.questionnaire.item(link_id), answer, voice, without=without, quotes=quotes, limit=limit)

    def known(self, link_id: str, entry: Entry | None = None) -> Sentence:
        """The answer in words if it is known, else empty."""
        return self.words(link_id, entry, without=NOT_KNOWN)

    def option(self, link_id: str, code: str, voice: Voice = Voice.CLINICIAN) -> str:
        """One option of a question in words."""
        return option_words(self.questionnaire.item(link_id), code, voice)


def age_on(birth: date, day: date) -> int:
    """Whole years of life on a day. A birthday of 29 February is kept on 1 March."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _with_first_fields(questionnaire: Questionnaire, response: QuestionnaireResponse) -> QuestionnaireResponse:
    entries = {}
    for name, rows in response.entries.items():
        first = questionnaire.item(name).items[0].link_id
        entries[name] = tuple(row for row in rows if row.answers.get(first, NO_ANSWER).answered)
    return replace(response, entries=MappingProxyType(entries))
