"""What a browser may send about invitations."""

from wtforms import RadioField
from wtforms.validators import InputRequired

from app.core.forms import HufuForm, LineField, TextField, options
from app.core.i18n import _l


class AnswerForm(HufuForm):
    answer = RadioField(
        _l("Do you come?"),
        choices=options({"yes": _l("Yes, I come"), "no": _l("No, I cannot come")}),
        validators=[InputRequired(_l("Please say yes or no."))],
    )
    reason = LineField(_l("If not: why, if you want to tell it"), most=500)


class SendInvitationsForm(HufuForm):
    message = TextField(_l("A word to those invited"), most=2000)
