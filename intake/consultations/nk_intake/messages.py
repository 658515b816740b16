"""What nk-intake says where a required answer is missing, in plainer words than the sentence for the type has."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

MISSING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "respondent": "Choose who is filling in this form",
        "respondent-name": "Write your name",
        "respondent-relationship": "Choose how you know the patient, or write it",
        "respondent-permission": "Choose whether the patient knows and agrees",
        "consent": "Tick the box if you agree. Without it we cannot take your answers",
        "full-name": "Write the patient’s full name",
        "birth-date": "Type the patient’s date of birth",
        "country": "Choose where you live now",
        "visit-reasons": "Choose at least one thing you would like to talk about",
        "declare": "Tick the box to send your answers",
        "preg-outcome": "Choose how this pregnancy ended, or that you would rather not say",
        "transfer-result": "Choose what happened after this transfer, or that you would rather not say",
        "infection-name": "Choose which infection it is, or that you would rather not say",
        "autoimmune-condition": "Choose which condition it is, or that you would rather not say",
        "test-kind": "Choose which test it was, or that you do not know",
        "med-name": "Write what it is called",
    }
)
"""By linkId. Pages of questions hand it to `ParsedPage.with_missing`."""
