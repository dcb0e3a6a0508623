"""What a browser may send about many at once."""

from collections.abc import Iterable

from flask_wtf.file import FileRequired
from wtforms import SelectField
from wtforms.validators import Optional

from app.core.forms import HufuForm, LineField, TextField, UploadField, options
from app.core.i18n import _l
from app.people.models import Department
from app.registration.forms import Choices
from app.registration.queries import SessionPlaces


class TableForm(HufuForm):
    file = UploadField(_l("File"), validators=[FileRequired(_l("Please choose a file."))])


class GroupForm(HufuForm):
    name = LineField(_l("What the group is called"), most=100)
    q = LineField(_l("Search by name or address"), most=100)
    department = SelectField(_l("Department"), choices=[], validators=[Optional()])
    lines = TextField(_l("Paste a list"), most=50_000)
    sessions = Choices(_l("Sessions with places of their own"), choices=[])

    def offer(self, departments: Iterable[Department], sessions: list[SessionPlaces]) -> None:
        self.department.choices = options(
            {each.ref: each.display_name for each in departments}, nothing=_l("All departments")
        )
        self.sessions.choices = options({each.session.ref: each.session.display_title for each in sessions})
