"""The few linkIds that this door itself looks at: for words that depend on an answer, and for coming back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from intake.questionnaire.model import Questionnaire

RESPONDENT: Final = "respondent"
FULL_NAME: Final = "full-name"
BIRTH_DATE: Final = "birth-date"
COUNTRY: Final = "country"
CONTACT_SAFE: Final = "contact-safe"
CONSENT: Final = "consent"
HELPER: Final = "other"
"""The answer to `respondent` of somebody who fills the form in for the patient."""
NEEDED: Final = (RESPONDENT, FULL_NAME, BIRTH_DATE, COUNTRY, CONTACT_SAFE, CONSENT)


def missing_for_patients(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    """(linkId, what is wrong) for each of these that a questionnaire does not ask."""
    for link_id in NEEDED:
        if link_id not in questionnaire.by_link_id:
            yield link_id, "the patients' pages read this item, and it is missing"
