"""Roles and meanings of nk-intake 1.0.0 and 1.1.0, which were published before a file could say them."""

from __future__ import annotations

from typing import Final

from intake.questionnaire.roles import Annotations, ItemRole, Meaning

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
