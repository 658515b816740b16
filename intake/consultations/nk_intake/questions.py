"""What the program knows of nk-intake's questions: the sentence for a required one without an answer, in plainer words
than the one for its type, and the roles of versions that were published before a file could say them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from intake.questionnaire.roles import Annotations, ItemRole, Meaning

MISSING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "respondent": "Choose who is filling in this form",
        "respondent-name": "Write your name",
        "respondent-relationship": "Choose how you know the patient, or write it",
        "respondent-permission": "Choose whether the patient knows and agrees",
        "consent": "Tick the box if you agree. Without it we cannot take your answers",
        "full-name": "Write the full name",
        "birth-date": "Type the date of birth",
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

BEFORE_1_2_0: Final = Annotations(
    roles={
        "full-name": ItemRole.NAME,
        "birth-date": ItemRole.BIRTH_DATE,
        "address-as": ItemRole.ADDRESS_AS,
        "email": ItemRole.EMAIL,
        "phone": ItemRole.PHONE,
        "country": ItemRole.COUNTRY,
        "respondent": ItemRole.RESPONDENT,
        "consent": ItemRole.CONSENT,
        "contact-safe": ItemRole.CONTACT_SAFE,
    },
    meanings={
        "respondent": {"other": Meaning.HELPER},
        "contact-safe": {
            "any": Meaning.REACH_ANY_WAY,
            "email-only": Meaning.REACH_BY_EMAIL,
            "phone-messages": Meaning.REACH_BY_PHONE,
            "phone-no-messages": Meaning.REACH_BY_PHONE_WITHOUT_MESSAGES,
        },
    },
)
