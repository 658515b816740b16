"""What every test folder shares."""

from __future__ import annotations

import pytest

from intake.questionnaire import loader
from intake.questionnaire.model import Questionnaire


@pytest.fixture(scope="session")
def questionnaire() -> Questionnaire:
    """The questionnaire that new responses are filled in with."""
    return loader.active()
