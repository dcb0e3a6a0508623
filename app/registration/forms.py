"""What a browser may send about registration."""

from typing import Any

from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.forms import HufuForm, LineField, WallTimeField, options
from app.core.i18n import _, _l, _lp, ngettext
from app.registration.queries import SessionPlaces

MOST_PLACES = 1_000_000


class Choices(SelectMultipleField):
    """Check boxes, one for each choice."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, **more)
        self.invalid_choice_message = _l("One of these choices is not offered any more.")


class RegisterForm(HufuForm):
    sessions = Choices(_l("Sessions with places of their own"), choices=[])
    note = LineField(_l("A word to the organizer"), most=500)

    def offer(self, sessions: list[SessionPlaces]) -> None:
        self.sessions.choices = options({each.session.ref: _session_words(each) for each in sessions})


def _session_words(each: SessionPlaces) -> str:
    title = each.session.display_title
    if each.left:
        left = ngettext("%(num)d place left", "%(num)d places left", each.left)
        return _("%(title)s (%(left)s)", title=title, left=left)
    return _("%(title)s (full: you would wait for it)", title=title)


class RegisterOtherForm(RegisterForm):
    person = SelectField(_l("Person"), validators=[InputRequired(_l("Please choose a person."))])


class WithdrawForm(HufuForm):
    reason = LineField(_l("Reason, if you want to tell it"), most=500)


class RemoveForm(HufuForm):
    reason = LineField(_l("Reason"), required=True, most=500)


class CapacityField(IntegerField):
    """A number of places; empty is no limit."""

    def __init__(self, label: Any, **more: Any) -> None:
        limits = NumberRange(0, MOST_PLACES, message=_l("Please give a number from 0 to 1,000,000."))
        super().__init__(label, validators=[Optional(), limits], **more)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        raw = str(valuelist[0]).strip() if valuelist else ""
        if not raw:
            return
        if not raw.removeprefix("-").isdecimal() or len(raw) > 12:
            raise ValueError(_("Please give a number from 0 to 1,000,000."))
        self.data = int(raw)


class CapacityForm(HufuForm):
    capacity = CapacityField(_lp("registration", "Places"))
    reason = LineField(_l("Reason, if fewer than are taken"), most=500)


class ArrangeForm(HufuForm):
    is_open = BooleanField(_l("Registration is open"))
    capacity = CapacityField(_lp("registration", "Places"))
    closes_at = WallTimeField(_l("Closes at"))
    has_waiting_list = BooleanField(_l("When the places are taken, people wait in line"), default=True)
    invited_only = BooleanField(_l("Only invited people can register"))
    reason = LineField(_l("Reason, if fewer than are taken"), most=500)
