"""The patients' door with everything behind it: importing this file registers every page."""

from __future__ import annotations

from intake.patient import coming_back, questions, sending, standing
from intake.patient.door import door

__all__ = ["coming_back", "door", "questions", "sending", "standing"]
