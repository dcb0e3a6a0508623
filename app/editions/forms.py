"""What a browser may send to make one gathering from another."""

from typing import Any

from wtforms import BooleanField, SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.forms import DayField, HufuForm, LineField, TextField, UploadField, options
from app.core.i18n import _l, _lp
from app.editions.building import Parts
from app.editions.recurrence import EVERY_LABELS
from app.editions.template import MOST_BYTES
from app.events.forms import NumberField
from app.events.models import AUDIENCE_LABELS


def _switch(label: Any, **more: Any) -> BooleanField:
    return BooleanField(label, default=True, **more)


class CloneForm(HufuForm):
    """`is_next` and the switches of `Parts`."""

    title = LineField(_l("Title"), required=True)
    title_local = LineField(_l("Title in Chinese"))
    starts_on = DayField(
        _l("First day"), required=True, description=_l("Everything moves along by the same number of days.")
    )
    is_next = _switch(_l("It is the next edition of this gathering"))
    agenda = _switch(_l("Sessions and agenda"))
    rooms = _switch(_l("Place and rooms"))
    tracks = _switch(_l("Tracks"))
    speakers = _switch(
        _l("Chairs and speakers"), description=_l("Named again, and asked again: old answers do not count.")
    )
    deliverables = _switch(_l("What speakers are to bring in"))
    registration = _switch(_l("How registration works, and how many places there are"))
    roles = _switch(_l("Roles of those who work on it"))
    texts = _switch(_l("What it is about"))

    @property
    def parts(self) -> Parts:
        return Parts(**{name: bool(self._fields[name].data) for name in Parts().names})


class FromTemplateForm(HufuForm):
    title = LineField(_l("Title"), required=True)
    starts_on = DayField(_l("First day"), required=True)
    city = LineField(_l("Place"), most=100, description=_l("The city; the house can be added later."))
    audience = SelectField(_l("Who may see it"), choices=options(AUDIENCE_LABELS))


class KeepForm(HufuForm):
    name = LineField(
        _lp("thing", "Name"),
        required=True,
        most=100,
        description=_l("A name that is there already gets a new edition."),
    )
    name_local = LineField(_l("Name in Chinese"), most=100)
    about = LineField(_l("What it is for"), most=500)


class ImportForm(HufuForm):
    """Either a file or its text: what was looked at is sent again as text."""

    file = UploadField(_l("File"), render_kw={"accept": ".json,application/json"})
    content = TextField(
        _l("Or its text"), most=MOST_BYTES, description=_l("JSON, as a template is exported here or elsewhere.")
    )


class SeriesForm(HufuForm):
    """`base` is empty, template:<key> or event:<ref>; `days` the days of the rule that are kept."""

    title = LineField(
        _l("Title"),
        required=True,
        description=_l("{year} and {month} become those of each day."),
    )
    title_local = LineField(_l("Title in Chinese"))
    base = SelectField(_l("In the shape of"))
    audience = SelectField(_l("Who may see it"), choices=options(AUDIENCE_LABELS), default="internal")
    starts_on = DayField(_l("First day"), required=True)
    every = SelectField(_l("How often"), choices=options(EVERY_LABELS), default="month_by_weekday")
    count = NumberField(_l("How many times"), description=_l("At most 60. Or say until when:"))
    until = DayField(_l("Until"))
    days = SelectMultipleField(
        _l("Days"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        choices=[],
        description=_l("Take away the ticks of exceptions."),
    )
