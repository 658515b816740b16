"""The patients' door with everything behind it: importing this file registers every page."""

from __future__ import annotations

from intake.patient import check_page, coming_back, questions, sending, too_late
from intake.patient.blueprint import door

__all__ = ["check_page", "coming_back", "door", "questions", "sending", "too_late"]
