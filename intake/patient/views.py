"""The patients' door with everything behind it: importing this file registers every page."""

from __future__ import annotations

from intake.patient import after_sending, check_page, coming_back, questions, sending, too_late
from intake.patient.blueprint import door

__all__ = ["after_sending", "check_page", "coming_back", "door", "questions", "sending", "too_late"]
