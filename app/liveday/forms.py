"""What a browser may send about the live day."""

from wtforms import BooleanField, HiddenField
from wtforms.validators import Length

from app.core.forms import HufuForm, TextField
from app.core.i18n import _l
from app.events.forms import NumberField


class PutOffForm(HufuForm):
    """`seen` is the programme's version that the preview showed."""

    minutes = NumberField(_l("Minutes"), description=_l("With a minus sign: back towards the plan."))
    room = HiddenField(validators=[Length(max=16)])
    seen = HiddenField(validators=[Length(max=9)])
    cut = BooleanField(_l("Shorten what follows so that hard stops hold"))
    reason = TextField(
        _l("Why it has to be"), most=500, description=_l("Needed where something breaks that must not. It is kept in the log.")
    )  # fmt: skip
