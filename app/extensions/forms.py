"""What a browser may send about more time."""

from app.core.forms import DayField, HufuForm, TextField
from app.core.i18n import _l


class AskForm(HufuForm):
    new_due_on = DayField(_l("Until when"), required=True)
    reason = TextField(_l("Why it takes longer"), required=True, most=2000)


class GrantForm(HufuForm):
    reason = TextField(_l("What you want to say to it"), most=2000)


class RefusalForm(HufuForm):
    reason = TextField(_l("Reason"), required=True, most=2000)
