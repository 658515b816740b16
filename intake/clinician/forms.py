"""The form of a review."""

from __future__ import annotations

from typing import Final

from wtforms import BooleanField
from wtforms.validators import Length

from intake.forms.fields import kept_text
from intake.forms.form import Form, LineField

NOTE_LENGTH: Final = 4000


class ReviewForm(Form):
    """A note for colleagues, which may be empty; or `undo`, the button that takes the mark away again."""

    note = LineField(
        filters=[lambda typed: kept_text(typed).strip()],
        validators=[Length(max=NOTE_LENGTH, message=f"Shorten the note to {NOTE_LENGTH:,} characters.")],
    )
    undo = BooleanField(false_values=())
