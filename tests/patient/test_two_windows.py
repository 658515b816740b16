"""Two windows that save in the same moment: whoever comes second works on what the first one left, and nothing is
lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from intake.patient import current_draft, questions
from tests.patient.visitor import Visitor

Overtake = Callable[[int], None]


@pytest.fixture
def overtake(monkeypatch: pytest.MonkeyPatch, visitor: Visitor, visit: Callable[[], Visitor]) -> Overtake:
    """Lets another window of the same browser save an email address between the reading and the writing of a save, so
    often."""
    real = questions.take_step
    visitor.begin()
    other = visit()
    other.client.cookies.update(visitor.client.cookies)
    left: list[str] = []

    def take(*arguments: Any) -> Any:
        outcome = real(*arguments)
        if left:
            address, held = left.pop(), left.copy()
            left.clear()  # the other window is overtaken by nobody
            other.go("page-contact").fill(email=address)
            left.extend(held)
        return outcome

    monkeypatch.setattr(questions, "take_step", take)
    return lambda times: left.extend(f"window{number}@example.org" for number in range(times))


def test_a_save_that_was_overtaken_is_worked_out_again_and_both_are_kept(overtake: Overtake, visitor: Visitor) -> None:
    visitor.go("page-you")
    overtake(1)
    visitor.fill(**{"full-name": "Amelia Hart-Núñez"})
    assert visitor.path == "/questionnaire/page-contact"
    assert visitor.value("email") == ["window0@example.org"]
    assert visitor.go("page-you").value("full-name") == ["Amelia Hart-Núñez"]


def test_a_save_that_is_overtaken_again_and_again_is_not_acknowledged(overtake: Overtake, visitor: Visitor) -> None:
    visitor.go("page-you")
    overtake(current_draft.ATTEMPTS)
    visitor.fill(**{"full-name": "Amelia Hart-Núñez"})
    assert visitor.status == 409
    assert visitor.go("page-you").value("full-name") == ["Amelia Hart"]


def test_an_entrys_first_field_that_another_window_changed_stays_where_this_one_left_it_alone(visitor: Visitor) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill()
    visitor.add("pregnancies", **{"preg-outcome": "miscarriage"})
    start = f"{visitor.path}/start"
    stale = visitor.get(start).sent({})  # type: ignore[attr-defined]
    visitor.get(start).fill(**{"preg-outcome": "ectopic"}).post(start, stale)  # type: ignore[attr-defined]
    assert visitor.status == 200
    assert visitor.errors == []
    assert visitor.get(start).value("preg-outcome") == ["ectopic"]  # type: ignore[attr-defined]


def test_windows_that_change_different_questions_of_a_page_are_merged(visitor: Visitor) -> None:
    visitor.begin().go("page-reason").fill(**{"own-words": "first"}).go("page-reason")
    stale = visitor.sent({"visit-reasons": ["infection"]})
    visitor.go("page-reason").fill(**{"own-words": "second"})
    visitor.post("/questionnaire/page-reason", stale)
    assert visitor.status == 200
    visitor.go("page-reason")
    assert (visitor.value("own-words"), visitor.value("visit-reasons")) == (["second"], ["infection"])
    assert visitor.find(choose="mine") is None
