"""What every form of the program is: a Flask-WTF form whose fields hold what was wrong with them, in our sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms import DateField, StringField
from wtforms.validators import DataRequired, ValidationError


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be accepted: the field, the control that the error summary links to, and the sentence to show."""

    field: str
    control: str
    sentence: str


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF carries no types
    """A form that was sent, or is to be shown. CSRFProtect has checked the token of what was sent (`web.limits`).

    `heading` is the id that a problem of the form as a whole links to.
    """

    heading: ClassVar = "main"

    class Meta:
        """No translations of WTForms' own sentences: every sentence that is shown is one of ours."""

        def get_translations(self, _form: object) -> None:
            """None, also outside a request."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The first thing that is wrong with each field, in order, then what is wrong with the form as a whole."""
        wrong = (field for field in self if field.errors)
        found = (Problem(field.name, getattr(field, "wrong", field.name), str(field.errors[0])) for field in wrong)
        return (*found, *(Problem("", self.heading, str(sentence)) for sentence in self.form_errors))

    def refuse(self, sentence: str, name: str = "") -> None:
        """Put what only the work itself could find beside the field of this name, or beside none."""
        field = next((field for field in self if field.name == name), None)
        if field is None:
            self.form_errors.append(sentence)
        else:
            field.errors = [*field.errors, sentence]


class LineField(StringField):
    """A line of text, an empty one if nothing was sent."""

    data: str

    def process_data(self, value: Any) -> None:
        """What stands in it before anything is sent."""
        self.data = value or ""


class DayField(DateField):
    """A day as a browser's date box sends it, or none."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Raises ValidationError for what is no day."""
        try:
            super().process_formdata([text.strip() for text in valuelist])
        except ValueError:
            raise ValidationError("Write the day as year-month-day, such as 2026-03-01.") from None

    def pre_validate(self, _form: object) -> None:
        """Near enough to be counted from."""
        if self.data and not 1900 < self.data.year < 9000:
            raise ValidationError("Write a day between 1901 and 8999.")


class ResumeForm(Form):
    """The resume code. The date of birth that may be asked for with it is a question like any other."""

    code = LineField(validators=[DataRequired("Type your code")])
