"""The few linkIds that this door itself looks at: for words that depend on an answer, and for coming back."""

from __future__ import annotations

from typing import Final

RESPONDENT: Final = "respondent"
FULL_NAME: Final = "full-name"
BIRTH_DATE: Final = "birth-date"
COUNTRY: Final = "country"
CONTACT_SAFE: Final = "contact-safe"
CONSENT: Final = "consent"
HELPER: Final = "other"
"""The answer to `respondent` of somebody who fills the form in for the patient."""
