"""What a browser may send about substitutes."""

from wtforms import RadioField
from wtforms.validators import InputRequired

from app.assistants.forms import ColleagueField
from app.core.forms import HufuForm, LineField, options
from app.core.i18n import _l, _lp


class SubstituteForm(HufuForm):
    person = ColleagueField(_l("Who comes instead"))
    reason = LineField(_l("Reason, if you want to tell it"), most=500)


class SendForm(SubstituteForm):
    reason = LineField(_l("Reason"), required=True, most=500)


class ComeForm(HufuForm):
    """The answer of whoever is asked to come."""

    answer = RadioField(
        _l("Do you come?"),
        choices=options({"yes": _l("Yes, I come"), "no": _l("No, I cannot come")}),
        validators=[InputRequired(_l("Please say yes or no."))],
    )
    comment = LineField(_l("If not: why, if you want to tell it"), most=500)


class AgreeForm(HufuForm):
    """The answer of whoever has to agree."""

    answer = RadioField(
        _l("Do you agree?"),
        choices=options({"yes": _lp("substitution", "I agree"), "no": _lp("substitution", "I do not agree")}),
        validators=[InputRequired(_l("Please say yes or no."))],
    )
    comment = LineField(_l("If not: why, if you want to tell it"), most=500)
