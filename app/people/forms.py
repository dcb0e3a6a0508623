"""What a browser may send about the directory."""

from collections.abc import Iterable
from typing import Any

from flask_wtf.file import FileRequired
from wtforms import IntegerField, SelectField
from wtforms.validators import Email, NumberRange, Optional

from app.core.forms import DayField, HufuForm, LineField, UploadField, options
from app.core.i18n import LANGUAGES, _l, _lp
from app.people.importing import KIND_LABELS
from app.people.models import CLEARANCE_LABELS

ADDRESS = Email(_l("This is not an e-mail address."), check_deliverability=False)
TEAM_ROLE_LABELS = {"commander": _l("Commander"), "deputy": _l("Deputy"), "member": _l("Member")}


class RecordField(SelectField):
    """A choice among records: refs in the browser, records in the act."""

    def __init__(self, label: Any = None, **more: Any) -> None:
        super().__init__(label, choices=[], validators=[Optional()], **more)
        self.records: dict[str, Any] = {}

    def offer(self, records: Iterable[Any], *, nothing: Any, chosen: Any = None) -> None:
        """Fill the choices; a chosen record that is no longer offered stays choosable."""
        self.records = {each.ref: each for each in [*records, *([chosen] if chosen else [])]}
        self.choices = options({ref: _told(each) for ref, each in self.records.items()}, nothing=nothing)

    @property
    def record(self) -> Any:
        return self.records.get(self.data or "")


def _told(record: Any) -> str:
    """In the reader's language, where it is known in both."""
    return getattr(record, "display_name", None) or getattr(record, "display_title", None) or record.label


class DirectoryForm(HufuForm):
    """Shows stored records by their refs, and gives acts the chosen records."""

    def show(self, **chosen: Any) -> None:
        """What stands in the selects before anything was sent."""
        if not self.is_submitted():
            for name, record in chosen.items():
                self[name].data = record.ref if record else ""

    def values(self, *without: str) -> dict[str, Any]:
        told = super().values(*without)
        return {**told, **{each.short_name: each.record for each in self if isinstance(each, RecordField)}}


class PersonForm(DirectoryForm):
    name = LineField(_lp("person", "Name"), required=True)
    name_local = LineField(_lp("person", "Chinese name"))
    email = LineField(_l("E-mail address"), most=254, validators=[ADDRESS])
    employee_no = LineField(_l("Employee number"), most=40)
    phone = LineField(_l("Phone"), most=40)
    language = SelectField(_l("Language of their mail"), choices=options(LANGUAGES))
    department = RecordField(_l("Department"))
    manager = RecordField(_l("Manager"))


class NewPersonForm(PersonForm):
    title = LineField(_lp("person", "Title"))
    title_local = LineField(_lp("person", "Chinese title"))
    from_on = DayField(_l("In position since"))


class PositionForm(DirectoryForm):
    title = LineField(_lp("person", "Title"), required=True)
    title_local = LineField(_lp("person", "Chinese title"))
    department = RecordField(_l("Department"))
    from_on = DayField(_l("From"), required=True)


class PositionChangeForm(HufuForm):
    title = LineField(_lp("person", "Title"), required=True)
    title_local = LineField(_lp("person", "Chinese title"))
    from_on = DayField(_l("From"))
    to_on = DayField(_l("Until"))


class LastDayForm(HufuForm):
    on = DayField(_l("Last day"), required=True)


class AccountLinkForm(DirectoryForm):
    account = RecordField(_l("Account"))


class ClearanceForm(HufuForm):
    clearance = SelectField(_lp("classification", "Reads up to"), choices=options(CLEARANCE_LABELS), coerce=int)


class DepartmentForm(DirectoryForm):
    name = LineField(_l("Name"), required=True)
    name_local = LineField(_l("Chinese name"))
    code = LineField(_l("Code"), most=40)
    parent = RecordField(_l("Belongs to"))
    head = RecordField(_l("Head"))
    valid_from = DayField(_l("Exists from"))


class RenameForm(HufuForm):
    name = LineField(_l("New name"), required=True)
    name_local = LineField(_l("New Chinese name"))
    on = DayField(_l("From"), required=True)


class TeamForm(HufuForm):
    name = LineField(_l("Name"), required=True)
    name_local = LineField(_l("Chinese name"))
    year = IntegerField(
        _l("Year"), validators=[Optional(), NumberRange(1900, 2200, message=_l("Please write a year such as 2027."))]
    )
    place = LineField(_l("Place"), most=100)


class MemberForm(DirectoryForm):
    person = RecordField(_l("Person"))
    role = SelectField(_l("Part"), choices=options(TEAM_ROLE_LABELS), default="member")


class UploadForm(HufuForm):
    kind = SelectField(_l("What the table holds"), choices=options(KIND_LABELS))
    file = UploadField(_l("File"), validators=[FileRequired(_l("Please choose a file."))])
