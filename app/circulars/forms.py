"""What a browser may send about circulars."""

from wtforms import BooleanField, SelectField

from app.core.forms import DayField, HufuForm, LineField, TextField
from app.core.i18n import _l, _lp


class CircularForm(HufuForm):
    title = LineField(_lp("circular", "Title"), required=True)
    title_local = LineField(_l("Title in Chinese"))
    from_on = DayField(_l("First day of the period"), required=True)
    to_on = DayField(_l("Last day of the period"), required=True)
    remarks = TextField(_l("Remarks"), most=5_000)
    remarks_local = TextField(_l("Remarks in Chinese"), most=5_000)


class ReadersForm(HufuForm):
    """One way is enough; several add up."""

    person_ref = SelectField(_lp("circular", "Person"))
    department_ref = SelectField(_l("Department"))
    below = BooleanField(_l("with the departments below it"), default=True)
    group_ref = SelectField(_l("Saved group"))
