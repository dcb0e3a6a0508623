"""What a browser may send in a negotiation."""

from app.core.forms import DayField, HufuForm, TextField
from app.core.i18n import _l
from app.requirements.forms import AssignmentForm


class TermsForm(HufuForm):
    """What can be negotiated: words, date, resources."""

    deliverable = TextField(_l("What is to be delivered"), required=True, most=2000)
    criteria = TextField(
        _l("Accepted when"), required=True, most=4000, description=_l("One criterion a line. Each will need evidence.")
    )
    due_on = DayField(_l("Due on"), required=True)
    resources = TextField(_l("Resources"), most=2000, description=_l("People, money, rooms: what it takes."))
    words = TextField(_l("Why"), most=2000)

    validate_criteria = AssignmentForm.validate_criteria
