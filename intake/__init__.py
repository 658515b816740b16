"""A pre-visit questionnaire: patients fill it in at home, a clinician reads it on one page, an admin exports it.

This package imports nothing here, so that `intake.questionnaire` and `intake.summary` can be used alone.
"""

__version__ = "0.8.0"
