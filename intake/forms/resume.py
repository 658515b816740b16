"""The form that opens a saved form again."""

from __future__ import annotations

from wtforms.validators import DataRequired

from intake.forms.form import Form, LineField


class ResumeForm(Form):
    """The resume code. The date of birth that may be asked for with it is a question like any other."""

    code = LineField(validators=[DataRequired("Type your code")])
