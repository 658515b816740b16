"""How long the form takes a patient, for each of the acceptance stories. A model, no measurement of people."""

from __future__ import annotations

from bench.table import Row, show
from intake.consultations import catalogue
from intake.patient import consent
from intake.questionnaire.burden import burden
from intake.questionnaire.placeholders import Placeholder
from tests.factories import Scenario, scenarios


def measure() -> None:
    """Print the table."""
    columns = ("", "minutes", "careful reader", "questions", "pages", "words", "taps")
    show("Filling it in (a model: 10.6 s a question)", columns, [_row(case) for case in scenarios()])


def _row(case: Scenario) -> Row:
    form = catalogue.shipped().active
    made = burden(form, case.response(form), {Placeholder.CONSENT_TOPICS: consent.read(None).text})
    return (
        case.id,
        f"{made.minutes:.1f}",
        f"{made.careful_minutes:.1f}",
        f"{made.questions}",
        f"{len(made.views)}",
        f"{made.words:,}",
        f"{made.taps}",
    )
