"""What a browser may send about gatherings."""

from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.forms import DayField, HufuForm, LineField, TextField, options
from app.core.i18n import _, _l
from app.core.roles import ROLE_LABELS
from app.events.models import AUDIENCE_LABELS, KIND_LABELS
from app.events.roles import GIVEN_HERE

CHOSEN = InputRequired(_l("Please choose somebody."))


class NumberField(IntegerField):
    """A whole number that may be left empty."""

    def __init__(self, label: object = None, **more: object) -> None:
        super().__init__(label, validators=[Optional()], **more)  # type: ignore[arg-type]

    def process_formdata(self, valuelist: list[str]) -> None:
        raw = (valuelist[0] if valuelist else "").strip()
        self.data = None
        if not raw:
            return
        if len(raw) > 9 or not raw.removeprefix("-").isascii() or not raw.removeprefix("-").isdigit():
            raise ValueError(_("Please give a whole number."))
        self.data = int(raw)


class NewEventForm(HufuForm):
    title = LineField(_l("Title"), required=True)
    kind = SelectField(_l("Kind"), choices=options(KIND_LABELS))
    starts_on = DayField(_l("First day"), required=True)
    ends_on = DayField(_l("Last day"), description=_l("Leave it empty if it is one day."))
    city = LineField(_l("Place"), most=100, description=_l("The city; the house can be added later."))
    audience = SelectField(_l("Who may see it"), choices=options(AUDIENCE_LABELS), default="internal")


class SettingsForm(HufuForm):
    """`previous` and `host` hold refs."""

    title = LineField(_l("Title"), required=True)
    title_local = LineField(_l("Title in Chinese"))
    kind = SelectField(_l("Kind"), choices=options(KIND_LABELS))
    audience = SelectField(_l("Who may see it"), choices=options(AUDIENCE_LABELS))
    starts_on = DayField(_l("First day"), required=True)
    ends_on = DayField(_l("Last day"), required=True)
    time_zone = LineField(
        _l("Time zone"),
        required=True,
        most=60,
        render_kw={"list": "zones", "autocomplete": "off"},
        description=_l("As in the IANA list, such as Asia/Shanghai."),
    )
    city = LineField(_l("City"), most=100)
    city_local = LineField(_l("City in Chinese"), most=100)
    venue = LineField(_l("House"))
    venue_local = LineField(_l("House in Chinese"))
    description = TextField(_l("What it is about"), most=4000)
    description_local = TextField(_l("What it is about, in Chinese"), most=4000)
    host = SelectField(_l("Host organisation"))
    previous = SelectField(_l("Previous edition"))
    moves_along = BooleanField(
        _l("When the first day changes, the programme moves along"),
        default=True,
        description=_l(
            "Sessions, items and the end of registration move by as many days, at the same hours. When people and rooms "
            "can be had stays as it is."
        ),
    )


class RehearsalForm(HufuForm):
    """`let_go` holds the refs of the held mails that leave when the rehearsal ends."""

    let_go = SelectMultipleField(
        _l("Mails that leave after all"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("The others are gone with the rehearsal, as if they had never been written."),
    )


class CancellationForm(HufuForm):
    reason = LineField(
        _l("Reason"), required=True, most=500, description=_l("Everybody who planned to come reads this sentence.")
    )


PART_LABELS = {
    "presiding_leader": _l("Presiding leader"),
    "speaker": _l("Speaker"),
    "guest": _l("Guest"),
}


class PartForm(HufuForm):
    person = SelectField(_l("Person"), validators=[CHOSEN])
    role = SelectField(_l("Takes part as"), choices=options(PART_LABELS))
    position_title = LineField(
        _l("Position at that time"), description=_l("Leave it empty to take it from the directory.")
    )
    position_title_local = LineField(_l("Position in Chinese"))


class GroupForm(HufuForm):
    category = LineField(_l("Who they are"), required=True, description=_l("Such as: department directors."))
    category_local = LineField(_l("In Chinese"))
    headcount = NumberField(_l("How many"), description=_l("Leave it empty if it is not stated."))


class RoleForm(HufuForm):
    person = SelectField(_l("Person"), validators=[CHOSEN])
    role = SelectField(_l("Role"), choices=options({role: ROLE_LABELS[role] for role in GIVEN_HERE}))
