"""What a browser may send about attendance."""

from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from app.attendance.models import STATUS_LABELS, MarkStatus
from app.core.forms import HufuForm, LineField, TextField, options
from app.core.i18n import _l, _lp

# Substituted follows from the substitution itself: it is nothing to say by hand.
SAYABLE = {key: label for key, label in STATUS_LABELS.items() if key != MarkStatus.SUBSTITUTED}


class CorrectForm(HufuForm):
    mark = SelectField(
        _lp("attendance", "Attendance"), choices=options(SAYABLE), validators=[InputRequired(_l("Please choose one."))]
    )
    minutes = IntegerField(
        _l("Minutes late, or gone before the end"),
        validators=[Optional(), NumberRange(1, 1440, message=_l("Please give a number from 1 to 1,440."))],
    )
    reason = LineField(_l("Why the record is corrected"), required=True, most=300)


class MarkManyForm(HufuForm):
    mark = SelectField(
        _lp("attendance", "Attendance"), choices=options(SAYABLE), validators=[InputRequired(_l("Please choose one."))]
    )
    reason = LineField(_l("Why"), required=True, most=300)


class TickForm(HufuForm):
    lines = TextField(
        _l("Numbers of the signed lines"), most=2000, description=_l("Such as 1-30, 33. Or tick the lines below.")
    )


class HereForm(HufuForm):
    ticket = LineField("", most=300)
