"""The six reasons for no answer: each question gets exactly one, by what was asked, reached, ticked and said."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from intake.questionnaire.absence import Absence, Absences, NoAnswer, PagesVisited
from intake.questionnaire.enable_when import Shown
from intake.questionnaire.model import Item, Questionnaire
from intake.questionnaire.response import Entry, QuestionnaireResponse
from intake.questionnaire.values import AbsentReason, Answer, Coding

TRYING = {"visit-reasons": Answer((Coding("trying"),))}
PAGE = "page-trying"
SAVED = PagesVisited(done=(PAGE,))


def absences(
    questionnaire: Questionnaire, answers: dict[str, Answer], way: PagesVisited, rows: tuple[Entry, ...] = ()
) -> Absences:
    entries = MappingProxyType({"infections": rows} if rows else {})
    response = QuestionnaireResponse(questionnaire.canonical, answers=MappingProxyType(answers), entries=entries)
    return Absences(Shown(questionnaire, response), way)


def reason_of(found: Absences, item: Item) -> NoAnswer | None:
    """Why an item outside lists has no answer, of all that is told; None if nothing is."""
    reasons = [one.reason for one in found.every(not_asked=True) if one.item is item and one.entry is None]
    assert len(reasons) <= 1
    return reasons[0] if reasons else None


@pytest.mark.parametrize(
    ("reason", "answers", "way"),
    [
        (NoAnswer.NOT_ASKED, {}, PagesVisited()),
        (NoAnswer.NOT_REACHED, TRYING, PagesVisited(done=())),
        (NoAnswer.LEFT_BLANK, TRYING, SAVED),
        (NoAnswer.LEFT_BLANK, TRYING, PagesVisited()),
        (NoAnswer.ASKED_UNKNOWN, TRYING | {"trying-time": Answer((Coding("unknown"),))}, SAVED),
        (NoAnswer.ASKED_DECLINED, TRYING | {"trying-time": Answer((Coding("declined"),))}, SAVED),
        (NoAnswer.IN_PERSON, TRYING, PagesVisited(done=(PAGE,), in_person=(PAGE,))),
        (
            NoAnswer.ASKED_DECLINED,
            TRYING | {"trying-time": Answer((Coding("declined"),))},
            PagesVisited(done=(PAGE,), in_person=(PAGE,)),
        ),
    ],
)
def test_one_question_has_each_of_the_six_reasons_in_its_turn(
    questionnaire: Questionnaire, reason: NoAnswer, answers: dict[str, Answer], way: PagesVisited
) -> None:
    assert reason_of(absences(questionnaire, answers, way), questionnaire.item("trying-time")) is reason


def test_an_answer_has_no_reason_wherever_its_page_is_told(questionnaire: Questionnaire) -> None:
    item = questionnaire.item("trying-time")
    given = Answer(
        (next(Coding(option.code) for option in item.options if option.code not in ("unknown", "declined")),)
    )
    found = absences(questionnaire, TRYING | {"trying-time": given}, PagesVisited(done=(PAGE,), in_person=(PAGE,)))
    assert reason_of(found, item) is None


def test_i_dont_know_among_other_options_is_an_answer_only(questionnaire: Questionnaire) -> None:
    item = questionnaire.item("told-findings")
    both = Answer((Coding(item.options[0].code), Coding("unknown")))
    assert reason_of(absences(questionnaire, TRYING | {"told-findings": both}, SAVED), item) is None


def test_a_tick_kept_beside_a_number_is_a_reason_beside_its_value(questionnaire: Questionnaire) -> None:
    both = Answer((3,), AbsentReason.ASKED_UNKNOWN)
    answers = TRYING | {"fertility-treatments": Answer((Coding("ivf"),)), "egg-collections": both}
    found = absences(questionnaire, answers, PagesVisited())
    assert reason_of(found, questionnaire.item("egg-collections")) is NoAnswer.ASKED_UNKNOWN


def test_a_list_without_entries_has_the_reason_of_its_page_and_one_with_entries_none(
    questionnaire: Questionnaire,
) -> None:
    rows, asked = questionnaire.item("infections"), {"health-checklist": Answer((Coding("infection"),))}
    page = questionnaire.page_of("infections").link_id
    without = absences(questionnaire, asked, PagesVisited(done=(page,), in_person=(page,)))
    assert reason_of(without, rows) is NoAnswer.IN_PERSON
    entry = Entry("a", MappingProxyType({"infection-name": Answer((Coding("hiv"),))}))
    with_one = absences(questionnaire, asked, PagesVisited(done=(page,)), (entry,))
    assert reason_of(with_one, rows) is None
    assert Absence(questionnaire.item("infection-since"), entry, NoAnswer.LEFT_BLANK) in list(with_one.every())


def test_every_question_is_told_once_and_what_was_not_asked_only_if_wanted(questionnaire: Questionnaire) -> None:
    found = absences(questionnaire, TRYING, PagesVisited(done=(PAGE,)))
    places = [(absence.item.link_id, absence.entry) for absence in found.every(not_asked=True)]
    standalone = [
        item.link_id
        for item in questionnaire.walk()
        if item.is_question and questionnaire.list_of(item.link_id) is None
    ]
    wanted = {*standalone, *(rows.link_id for rows in questionnaire.lists)} - {"visit-reasons"}
    assert len(places) == len(set(places)) and {name for name, _ in places} == wanted
    assert [name for name, _ in places] == [item.link_id for item in questionnaire.walk() if item.link_id in wanted]
    asked = list(found.every())
    assert asked and NoAnswer.NOT_ASKED not in {absence.reason for absence in asked}
