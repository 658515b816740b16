"""The forms of the staff's pages: what each field takes, and what is said of what it does not take."""

from __future__ import annotations

from typing import Any, Final

from wtforms import Field
from wtforms.validators import DataRequired, EqualTo, InputRequired, ValidationError

from intake.accounts import passwords, staff
from intake.accounts.passwords import WeakPassword
from intake.accounts.staff import Role, StaffError
from intake.forms.form import Form, LineField

NOT_YOURS: Final = "That is not the password of this account. Try again."


class SignInForm(Form):
    """Email and password. Nothing is asked of them: whatever does not open an account gets one and the same answer."""

    email = LineField()
    password = LineField()


class ConfirmForm(Form):
    """The password of the account that is signed in, once more."""

    password = LineField()


class CodeForm(Form):
    """A code of the second factor, or a recovery code."""

    code = LineField()


class LinkForm(Form):
    """A password, chosen by typing it twice; `about` is what others know of whoever chooses it."""

    about: tuple[str, ...] = ()

    new_password = LineField(
        name="new-password",
        validators=[EqualTo("new_password_again", "Type the new password twice, the same each time.")],
    )
    new_password_again = LineField(name="new-password-again")

    def validate_new_password(self, field: Field) -> None:
        """Long, and hard to guess."""
        try:
            passwords.check_strength(field.data, self.about)
        except WeakPassword as weak:
            raise ValidationError(str(weak)) from None


class PasswordForm(LinkForm):
    """The password of the account, and a different one."""

    present_password = LineField(name="present-password", validators=[InputRequired(NOT_YOURS)])

    def validate_new_password(self, field: Field) -> None:
        """A different one than the present, and as for a link."""
        if field.data == self.present_password.data:
            raise ValidationError("Choose a different password from the one you have.")
        super().validate_new_password(field)


class RolesField(Field):
    """Roles that were ticked; what is no role counts as none."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Everything can be read."""
        self.data = frozenset(role for role in Role if role.value in valuelist)


class RolesForm(Form):
    """The roles of an account. Which it may hold is for `roles` to say, who looks at the account."""

    heading = "account"
    roles = RolesField(name="role", default=frozenset())


class InviteForm(Form):
    """Whom to invite, and with which role."""

    heading = "account"
    email = LineField()
    name = LineField()
    roles = RolesField(name="role", default=frozenset(), validators=[DataRequired("Choose a role.")])

    def validate_email(self, field: Field) -> None:
        """An address as accounts have it."""
        try:
            staff.normalise_email(field.data)
        except StaffError as error:
            raise ValidationError(str(error)) from None
