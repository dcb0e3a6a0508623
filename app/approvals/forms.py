"""What a browser may send about requests to come."""

from wtforms import RadioField
from wtforms.validators import InputRequired

from app.core.forms import HufuForm, LineField, options
from app.core.i18n import _l
from app.registration.forms import Choices

DECISIONS = {"approve": _l("Approve"), "refuse": _l("Refuse")}


class DecisionForm(HufuForm):
    decision = RadioField(
        _l("Your decision"),
        choices=options(DECISIONS),
        validators=[InputRequired(_l("Please approve or refuse."))],
    )
    comment = LineField(_l("A word to whoever asks"), most=500)


class ManyForm(DecisionForm):
    approval = Choices(_l("People"), choices=[], validate_choice=False)
