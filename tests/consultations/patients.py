"""Patients for the summary's tests: a few answers on top of what every response holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from intake.consultations import catalogue
from intake.consultations.rules import summarise
from intake.questionnaire.absence import PagesVisited
from intake.questionnaire.response import QuestionnaireResponse
from intake.summary.model import LabelledLine, Section, Summary, SummarySettings
from intake.summary.statement import Sentence, text_of
from tests.factories import SENT_ON, as_answer

UNKNOWN = {"absent": "asked-unknown"}
DECLINED = {"absent": "asked-declined"}
REQUIRED = {
    "respondent": "self",
    "consent": "true",
    "full-name": "Ada Example",
    "birth-date": "1990-06-15",
    "country": "GB",
    "email": "ada@example.org",
    "visit-reasons": ["trying"],
    "declare": "true",
}
"""What everyone answers; `trying` opens the fertility path."""
PREGNANT_BEFORE = {"ever-pregnant": "me"}
IMMUNE = {"visit-reasons": ["nk-results"]}
IVF = {"fertility-treatments": ["ivf"]}


def own(text: str) -> dict[str, str]:
    """Own words of an open choice."""
    return {"other": text}


def said(*answers: Mapping[str, Any]) -> QuestionnaireResponse:
    """A response with these answers (later ones win) on top of REQUIRED. Entries have the ids `pregnancies-1` and so
    on."""
    questionnaire = catalogue.shipped().active
    response = QuestionnaireResponse(questionnaire.canonical)
    merged: dict[str, Any] = {**REQUIRED}
    for more in answers:
        merged |= more
    for link_id, written in merged.items():
        item = questionnaire.item(link_id)
        if item.is_rows:
            for number, row in enumerate(written, 1):
                fields = {name: as_answer(questionnaire.item(name), value) for name, value in row.items()}
                response = response.with_entry(link_id, f"{link_id}-{number}", fields)
        elif written is not None:
            response = response.with_answers({link_id: as_answer(item, written)})
    return response


def summary(
    *answers: Mapping[str, Any],
    today: date = SENT_ON,
    done: list[str] | None = None,
    in_person: Sequence[str] = (),
    **settings: Any,
) -> Summary:
    """The summary of `said(*answers)`."""
    way = PagesVisited(done, in_person)
    return summarise(
        catalogue.shipped().active, said(*answers), settings=SummarySettings(**settings), today=today, way=way
    )


def section(made: Summary, heading: str) -> Section:
    """The section with that heading; without one, one that holds nothing."""
    return next((one for one in made.sections if one.heading == heading), Section(heading))


def wants_of(made: Summary) -> tuple[LabelledLine, ...]:
    """The lines of what the patient wants."""
    assert made.wants is not None
    return made.wants.lines


def reported_tests(made: Summary) -> tuple[tuple[Sentence, ...], ...]:
    """The rows of the table of tests."""
    table = section(made, "Tests").table
    return table.rows if table else ()


def lines_about_tests(made: Summary) -> tuple[LabelledLine, ...]:
    """The lines under that table."""
    return section(made, "Tests").lines


def lines_of(made: Summary) -> tuple[LabelledLine, ...]:
    """The lines of what stands nowhere else."""
    return section(made, "Health, medicines, family, daily life").lines


def also_of(made: Summary) -> tuple[LabelledLine, ...]:
    """The lines of what was answered besides."""
    return made.also.lines if made.also else ()


def highlights(rule: str, *answers: Mapping[str, Any], **settings: Any) -> list[str]:
    """The lines of one rule."""
    return [text_of(one.sentence) for one in summary(*answers, **settings).highlights if one.rule == rule]


def pregnancies(*rows: Mapping[str, Any], ever: str = "me", **more: Any) -> dict[str, Any]:
    """Answers with these rows of `pregnancies`; keywords are linkIds with `_` for `-`."""
    return {
        "ever-pregnant": ever,
        "pregnancies": list(rows),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


def pregnancy(outcome: str, **fields: Any) -> dict[str, Any]:
    """One row; keywords are linkIds without `preg-` and with `_` for `-`."""
    return {"preg-outcome": outcome, **{f"preg-{name.replace('_', '-')}": value for name, value in fields.items()}}


def transfers(*rows: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Answers with these rows of `transfers`."""
    return {**IVF, "transfers": list(rows), **{name.replace("_", "-"): value for name, value in more.items()}}


def transfer(result: str, **fields: Any) -> dict[str, Any]:
    """One row; keywords are linkIds without `transfer-` and with `_` for `-`."""
    return {
        "transfer-result": result,
        **{f"transfer-{name.replace('_', '-')}": value for name, value in fields.items()},
    }


def medicines_only(name: str, dose: str) -> dict[str, Any]:
    """Answers with one medicine listed."""
    return {"takes-now": ["prescribed"], "medicines": [{"med-name": name, "med-dose": dose}]}
