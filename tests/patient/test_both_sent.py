"""A value and a tick, or “None of these” and something else, sent together: shown again with both, asked once, and both
kept if wanted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from bs4 import BeautifulSoup

from intake.accounts.staff import Role
from tests.patient.test_check import line
from tests.patient.visitor import Visitor
from tests.staffroom import House

Fields = dict[str, str | Sequence[str]]


@dataclass(frozen=True)
class Case:
    """One question, how to come to it, what is sent, and what each reader sees of it."""

    question: str
    way: str
    sent: Fields
    notice: str
    check_page: str
    full_answers: str
    stored: tuple[str, ...]


UNKNOWN, DECLINED = "asked-unknown", "asked-declined"
DONT_KNOW, NOT_SAY = "I don't know", "I'd rather not say"

CASES = {
    "a number and “I don't know”": Case(
        "pregnancy-count",
        "pregnancies-intro",
        {"pregnancy-count": "2", "pregnancy-count.absent": UNKNOWN},
        "both",
        f"2\n{DONT_KNOW}",
        "2\ndoes not know",
        ('"valueInteger": 2', UNKNOWN),
    ),
    "a number and “I'd rather not say”": Case(
        "loss-count",
        "pregnancies-intro",
        {"loss-count": "0", "loss-count.absent": DECLINED},
        "both",
        f"0\n{NOT_SAY}",
        "0\nprefers not to say",
        ('"valueInteger": 0', DECLINED),
    ),
    "a text and “I'd rather not say”": Case(
        "cancer-type",
        "more-health",
        {"cancer-type": "lymphoma, 2019", "cancer-type.absent": DECLINED},
        "both",
        f"lymphoma, 2019\n{NOT_SAY}",
        "lymphoma, 2019\nprefers not to say",
        ('"valueString": "lymphoma, 2019"', DECLINED),
    ),
    "a date of an entry and “I don't know”": Case(
        "preg-ended",
        "pregnancy",
        {"preg-ended.month": "3", "preg-ended.year": "2019", "preg-ended.absent": UNKNOWN},
        "both",
        f"Mar 2019\n{DONT_KNOW}",
        "Mar 2019\ndoes not know",
        ('"valueDate": "2019-03"', UNKNOWN),
    ),
    "a number of an entry and “I don't know”": Case(
        "preg-weeks",
        "pregnancy",
        {"preg-weeks": "9", "preg-weeks.absent": UNKNOWN},
        "both",
        f"9\n{DONT_KNOW}",
        "9\ndoes not know",
        ('"valueInteger": 9', UNKNOWN),
    ),
    "a text of an entry and “I don't know”": Case(
        "med-dose",
        "medicine",
        {"med-dose": "5 mg", "med-dose.absent": UNKNOWN},
        "both",
        f"5 mg\n{DONT_KNOW}",
        "5 mg\ndoes not know",
        ('"valueString": "5 mg"', UNKNOWN),
    ),
    "“None of these” and another option": Case(
        "health-checklist",
        "health",
        {"health-checklist": ["none", "clots"]},
        "C-10",
        "A blood clot\nNone of these",
        "A blood clot\nNone of these",
        ('"code": "clots"', '"code": "none"'),
    ),
    "“None of these” and own words": Case(
        "immune-medicines",
        "immune-medicines",
        {"immune-medicines": ["none"], "immune-medicines.other": "a drip"},
        "C-10",
        "None of these\na drip",
        "None of these\na drip",
        ('"code": "none"', '"valueString": "a drip"'),
    ),
    "two options of which each stands alone": Case(
        "family-history",
        "family",
        {"family-history": ["none", "declined"]},
        "C-10",
        f"None of these\n{NOT_SAY}",
        "None of these\nprefers not to say",
        ('"code": "none"', '"code": "declined"'),
    ),
    "an option of an entry that stands alone and own words": Case(
        "transfer-medicines",
        "transfer",
        {"transfer-medicines": ["none"], "transfer-medicines.other": "a patch"},
        "C-10",
        "None of these\na patch",
        "None of these\na patch",
        ('"code": "none"', '"valueString": "a patch"'),
    ),
    "two options of an entry": Case(
        "preg-donor",
        "pregnancy",
        {"preg-donor": ["donor-egg", "unknown"]},
        "C-10",
        f"Donor egg\n{DONT_KNOW}",
        "donor egg\ndoes not know",
        ('"code": "donor-egg"', '"code": "unknown"'),
    ),
}


def come_to(visitor: Visitor, way: str) -> None:
    """To the page or the entry that asks."""
    visitor.begin()
    if way in ("pregnancies-intro", "pregnancy"):
        visitor.go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"})
        if way == "pregnancy":
            visitor.fill().add("pregnancies", **{"preg-outcome": "miscarriage"}).fill(**{"preg-conception": "ivf"})
    elif way == "transfer":
        visitor.go("page-treatment").fill(**{"fertility-treatments": "ivf"}).go("page-transfers")
        visitor.add("transfers", **{"transfer-result": "negative"})
    elif way == "medicine":
        visitor.go("page-medicines").fill(**{"takes-now": "prescribed"}).add("medicines", **{"med-name": "Aspirin"})
    elif way == "more-health":
        visitor.go("page-health").fill(**{"health-checklist": "cancer"}).go("page-more-health")
    else:
        visitor.go(f"page-{way}")


def standing(visitor: Visitor, fields: Fields) -> dict[str, list[str]]:
    """What stands in these controls."""
    return {name: sorted(set(visitor.value(name)) - {"other"}) for name in fields}


@pytest.mark.parametrize("name", CASES)
def test_both_are_shown_asked_about_once_and_kept(visitor: Visitor, house: House, name: str) -> None:
    case = CASES[name]
    come_to(visitor, case.way)
    place = visitor.path
    both = {control: sorted([value] if isinstance(value, str) else value) for control, value in case.sent.items()}
    visitor.fill(**case.sent)
    assert (visitor.path, visitor.notices, visitor.errors) == (place, [case.notice], [])
    assert standing(visitor, case.sent) == both
    visitor.press(visitor.find(action="continue"))
    assert visitor.path != place

    visitor.get(place)
    assert (visitor.notices, standing(visitor, case.sent)) == ([], both)
    assert visitor.fill().path != place, "asked once"

    visitor.get("/check")
    assert line(visitor, case.question) == case.check_page
    visitor.send()
    [(id,)] = house.rows("SELECT id FROM questionnaire_response WHERE status = 'completed'")
    clinician = house.signed_in(Role.CLINICIAN)
    written = json.dumps(clinician.get(f"/clinician/responses/{id}.json").json, ensure_ascii=False)
    assert [part for part in case.stored if part not in written] == []
    page = clinician.get(f"/clinician/responses/{id}/answers").text.replace("<br>", "\n")
    found = BeautifulSoup(page, "html.parser").select_one(f'[data-answer="{case.question}"] dd')
    assert found is not None
    assert found.get_text() == case.full_answers


@pytest.mark.parametrize("name", [name for name in CASES if CASES[name].notice == "both"])
def test_the_tick_taken_back_leaves_the_value(visitor: Visitor, name: str) -> None:
    case = CASES[name]
    come_to(visitor, case.way)
    place = visitor.path
    visitor.fill(**case.sent).fill(**{f"{case.question}.absent": []})
    assert visitor.path != place
    visitor.get("/check")
    assert "both" not in visitor.notices
    assert line(visitor, case.question) == case.check_page.splitlines()[0]


def test_a_value_that_cannot_be_read_beside_a_tick_keeps_both_on_the_page(visitor: Visitor) -> None:
    come_to(visitor, "pregnancy")
    visitor.fill(
        **{"preg-ended.day": "31", "preg-ended.month": "2", "preg-ended.year": "2019", "preg-ended.absent": UNKNOWN}
    )
    assert visitor.errors == ["Check the day: February 2019 has 28 days"]
    assert (visitor.value("preg-ended.day"), visitor.value("preg-ended.absent")) == (["31"], [UNKNOWN])


def test_two_ticks_cannot_both_be_the_reason(visitor: Visitor) -> None:
    come_to(visitor, "pregnancies-intro")
    visitor.fill(**{"pregnancy-count.absent": [UNKNOWN, DECLINED]})
    assert visitor.errors == ["Tick one of the two, not both"]
    assert visitor.value("pregnancy-count.absent") == [UNKNOWN, DECLINED]


def test_one_of_several_options_and_own_words_are_shown_again_with_both(visitor: Visitor) -> None:
    come_to(visitor, "pregnancies-intro")
    visitor.fill(**{"loss-count": "1", "loss-words": "baby", "loss-words.other": "Bean"})
    assert visitor.errors == ["Choose one answer: one from the list, or “Something else” with your own words"]
    assert (visitor.value("loss-words"), visitor.value("loss-words.other")) == (["baby"], ["Bean"])


def test_saved_for_later_with_both_it_is_asked_when_continue_is_pressed(visitor: Visitor) -> None:
    come_to(visitor, "pregnancies-intro")
    visitor.fill(button={"then": "later"}, **{"pregnancy-count": "2", "pregnancy-count.absent": UNKNOWN})
    assert visitor.path == "/resume-code"
    visitor.go("page-pregnancies-intro")
    assert standing(visitor, {"pregnancy-count": "", "pregnancy-count.absent": ""}) == {
        "pregnancy-count": ["2"],
        "pregnancy-count.absent": [UNKNOWN],
    }
    assert visitor.fill().notices == ["both"]
