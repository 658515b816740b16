"""How a command opens the installation: the settings it needs, without what only serving asks for."""

from __future__ import annotations

from intake.config import Settings
from intake.web.extensions import Installation


def open_intake() -> Installation:
    """The installation of this environment. Raises SettingsError and CannotStart, which end it with status 78."""
    return Installation.open(Settings.from_environment(serving=False))
