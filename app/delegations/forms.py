"""What a browser may send about delegations."""

from collections.abc import Sequence

from wtforms import SelectField
from wtforms.validators import InputRequired

from app.core.forms import DayField, HufuForm, LineField, UploadField, options, record_options
from app.core.i18n import _l
from app.events.models import Event
from app.people.models import Person


class DelegationForm(HufuForm):
    principal_ref = SelectField(_l("In whose place"), validators=[InputRequired(_l("Please choose somebody."))])
    deputy_ref = SelectField(_l("Who may sign"), validators=[InputRequired(_l("Please choose somebody."))])
    event_ref = SelectField(_l("For which gathering"))
    from_on = DayField(_l("From"), required=True)
    to_on = DayField(_l("Until"), required=True)
    reason = LineField(_l("Why"), required=True, description=_l("For example: away on business that week."))
    file = UploadField(_l("The paper that gives it"))

    def __init__(
        self, people: Sequence[Person], *, principal: Person | None = None, events: Sequence[Event] = ()
    ) -> None:
        super().__init__()
        self.people = {each.ref: each for each in people if principal is None or each.id != principal.id}
        self.events = {each.ref: each for each in events}
        self.deputy_ref.choices = record_options(self.people.values(), nothing=_l("choose somebody"))
        if principal is None:
            self.principal_ref.choices = record_options(self.people.values(), nothing=_l("choose somebody"))
            del self.event_ref
        else:
            del self.principal_ref
            self.event_ref.choices = options(
                {each.ref: each.display_title for each in events}, nothing=_l("Everywhere")
            )
