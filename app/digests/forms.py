"""What a browser may send about reminders."""

from typing import Any

from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from app.core.forms import HufuForm
from app.core.i18n import _l
from app.digests.services import FARTHEST


def _days(label: Any) -> IntegerField:
    limits = NumberRange(1, FARTHEST, message=_l("Please give a number of days from 1 to %(max)s."))
    return IntegerField(label, validators=[InputRequired(_l("Please give a number of days.")), limits])


class UrgingForm(HufuForm):
    days_before = _days(_l("Before the date: working days"))
    repeat_after = _days(_l("While it is late or silent: again after so many working days"))
    head_after = _days(_l("The head of the department is told after working days"))
    supervisor_after = _days(_l("The supervisor is told after working days"))


class NewsForm(HufuForm):
    wants_news = BooleanField(_l("Tell me also what others did to what I carry or verify"))
