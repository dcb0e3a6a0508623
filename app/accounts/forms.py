"""What a browser may send about accounts."""

from wtforms import HiddenField, PasswordField, SelectField
from wtforms.validators import Email, InputRequired, Length

from app.core.forms import HufuForm, LineField, options
from app.core.i18n import LANGUAGES, _l, _lp
from app.core.roles import ROLE_LABELS, Role

NEEDED = InputRequired(_l("Please fill this in."))
SHORT = Length(max=256, message=_l("Please keep this to %(max)d characters."))
ADDRESS = Email(_l("This is not an e-mail address."), check_deliverability=False)


class SignInForm(HufuForm):
    email = LineField(_l("E-mail address"), required=True, most=254)
    password = PasswordField(_l("Password"), validators=[NEEDED, SHORT])
    next = HiddenField()


class ForgottenForm(HufuForm):
    email = LineField(_l("E-mail address"), required=True, most=254, validators=[ADDRESS])


class NewPasswordForm(HufuForm):
    password = PasswordField(_l("New password"), validators=[NEEDED])


class ChangePasswordForm(HufuForm):
    old_password = PasswordField(_l("Present password"), validators=[NEEDED, SHORT])
    password = PasswordField(_l("New password"), validators=[NEEDED])


class SettingsForm(HufuForm):
    name = LineField(_lp("person", "Name"), required=True)
    language = SelectField(_l("Language"), choices=options(LANGUAGES))
    theme = SelectField(
        _l("Appearance"), choices=options({"auto": _l("As the device"), "light": _l("Light"), "dark": _l("Dark")})
    )


class FirstAdministratorForm(HufuForm):
    organization = LineField(_l("Company"), required=True)
    name = LineField(_l("Your name"), required=True)
    email = LineField(_l("E-mail address"), required=True, most=254, validators=[ADDRESS])
    password = PasswordField(_l("Password"), validators=[NEEDED])


class AddressForm(HufuForm):
    email = LineField(_l("New e-mail address"), required=True, most=254, validators=[ADDRESS])


class ConfirmForm(HufuForm):
    """A button that says yes: opening the page of a link does nothing (AN11)."""


class NewAccountForm(HufuForm):
    person = SelectField(_l("Person in the directory"), choices=[])
    name = LineField(_lp("person", "Name"))
    email = LineField(_l("E-mail address"), most=254, validators=[ADDRESS])
    language = SelectField(_l("Language of their mail"), choices=options(LANGUAGES))


class RoleForm(HufuForm):
    role = SelectField(
        _l("Role"), choices=options({role: label for role, label in ROLE_LABELS.items() if role is not Role.MEMBER})
    )


class DisableForm(HufuForm):
    reason = LineField(_l("Reason"), required=True)
