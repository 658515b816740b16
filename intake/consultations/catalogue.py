"""Every form there is: those that come with the program, each version by its canonical `url|version`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from intake.consultations.nk_intake.roles import BEFORE_1_2_0
from intake.questionnaire import loader
from intake.questionnaire.loader import QuestionnaireError
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.roles import annotated

SHIPPED: Final = Path(__file__).parent.parent / "questionnaires"
"""The folder of published questionnaires: one file a version, and a published file never changes (decision 0003)."""

NK_INTAKE: Final = "nk-intake"


@dataclass(frozen=True)
class Catalogue:
    """The forms of one installation. `name` is the `id` of the one that new responses get."""

    published: Mapping[str, Questionnaire]
    name: str = NK_INTAKE

    @cached_property
    def active(self) -> Questionnaire:
        """The version that new responses are filled in with: the one of status `active`, the newest if several are."""
        candidates = [one for one in self.published.values() if one.status == "active" and one.id == self.name]
        if not candidates:
            raise QuestionnaireError([f"{SHIPPED.name}/:1: -: no questionnaire {self.name} has the status active"])
        return max(candidates, key=lambda one: tuple(int(part) for part in one.version.split(".")))


@cache
def shipped() -> Catalogue:
    """The forms that come with the program. Raises QuestionnaireError."""
    found = [annotated(loader.load(path), BEFORE_1_2_0) for path in sorted(SHIPPED.glob("*.yaml"))]
    return Catalogue({questionnaire.canonical: questionnaire for questionnaire in found})
