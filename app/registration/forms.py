"""What a browser may send about registration."""

from collections.abc import Collection
from typing import Any

from wtforms import BooleanField, IntegerField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.forms import HufuForm, LineField, WallTimeField, options
from app.core.i18n import _, _l, _lp, ngettext
from app.registration.models import Approver, Substitutes
from app.registration.queries import SessionPlaces
from app.registration.services import MOST_DAYS, MOST_HOURS

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


class SessionsForm(HufuForm):
    sessions = Choices(_l("Sessions with places of their own"), choices=[])

    def offer(self, sessions: list[SessionPlaces], mine: Collection[str]) -> None:
        words = {
            each.session.ref: each.session.display_title if each.session.ref in mine else _session_words(each)
            for each in sessions
        }
        self.sessions.choices = options(words)


class OfferForm(HufuForm):
    answer = RadioField(
        _l("Do you take the place?"),
        choices=options({"yes": _l("Yes, I come"), "no": _l("No, it can go to the next")}),
        validators=[InputRequired(_l("Please say yes or no."))],
    )
    reason = LineField(_l("If not: why, if you want to tell it"), most=500)


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


class WholeField(IntegerField):
    """A whole number between two others."""

    def __init__(self, label: Any, least: int, most: int, **more: Any) -> None:
        super().__init__(label, **more)
        self.least, self.most = least, most
        self.render_kw = {"min": least, "max": most}

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:  # not sent: it stays as it is
            return
        raw = str(valuelist[0]).strip()
        if not raw.isascii() or not raw.isdecimal() or len(raw) > 9 or not self.least <= int(raw) <= self.most:
            raise ValueError(_("Please give a number from %(least)d to %(most)d.", least=self.least, most=self.most))
        self.data = int(raw)


class CapacityForm(HufuForm):
    capacity = CapacityField(_lp("registration", "Places"))
    reason = LineField(_l("Reason, if fewer than are taken"), most=500)


APPROVERS = {
    Approver.NOBODY: _l("Nobody: whoever registers has a place at once"),
    Approver.MANAGER: _l("The line manager"),
    Approver.ORGANIZER: _l("The organizer"),
}
SUBSTITUTES = {
    Substitutes.NOBODY: _l("Nobody"),
    Substitutes.DEPARTMENT: _l("Somebody of the same department"),
    Substitutes.ANYBODY: _l("Anybody in the company"),
}


class ArrangeForm(HufuForm):
    is_open = BooleanField(_l("Registration is open"))
    opens_at = WallTimeField(_l("Opens at"))
    closes_at = WallTimeField(_l("Closes at"))
    capacity = CapacityField(_lp("registration", "Places"))
    reason = LineField(_l("Reason, if fewer than are taken"), most=500)
    has_waiting_list = BooleanField(_l("When the places are taken, people wait in line"), default=True)
    offer_hours = WholeField(_l("Hours in which an offered place has to be taken"), 0, MOST_HOURS, default=0)
    invited_only = BooleanField(_l("Only invited people can register"))
    approver = SelectField(_l("Who approves registrations"), choices=options(APPROVERS), default=Approver.NOBODY)
    approval_days = WholeField(_l("Days until the organizer decides instead"), 1, MOST_DAYS, default=3)
    pending_holds = BooleanField(_l("Whoever waits for approval holds a place meanwhile"), default=True)
    changes_until = WallTimeField(_l("Answers can be changed until"))
    reconfirm_hours = WholeField(
        _l("Hours to say again that one comes, after the time has changed"), 0, MOST_HOURS, default=48
    )
    substitutes = SelectField(
        _l("Whom somebody with a place may send instead"), choices=options(SUBSTITUTES), default=Substitutes.DEPARTMENT
    )
    substitutes_approved = BooleanField(_l("The line manager has to agree to the substitute"))
