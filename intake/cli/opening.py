"""How a command opens the installation: the settings it needs, without what only serving asks for."""

from __future__ import annotations

from intake.config import Settings
from intake.consultations import catalogue
from intake.records.errors import NoInstallation
from intake.web.extensions import Installation, is_set_up


def open_intake(*, may_make: bool = False, may_make_tryout: bool = False) -> Installation:
    """The installation of this environment; `may_make` and `may_make_tryout` are for the commands that begin one.

    Raises SettingsError, QuestionnaireError and CannotStart, which end it with status 78: a mistyped folder must not
    become another installation with keys of its own.
    """
    settings = Settings.from_environment(serving=False)
    if not (may_make or (may_make_tryout and settings.tryout) or is_set_up(settings)):
        catalogue.open(settings.instance, settings.questionnaire)  # a form with a mistake is said first
        raise NoInstallation(settings.instance)
    return Installation.open(settings)
